"""LM Studio's `EPOCHMS.conversation.json`. A chat has no id but the name of its file; a message may have several versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from msgspec.structs import replace

from tui.chat.importing.source import Folder, NotReadError, Source, Tell, read_file
from tui.chat.importing.talk import Block, Called, Said, Talk, split
from tui.chat.importing.value import (
    arguments_of,
    attached,
    count_of,
    image_of,
    result_text,
    seconds_of,
    table_of,
    tables_of,
    text_of,
    without_thoughts,
)
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.usage import Usage

_FINISHES = {
    "eosFound": "stop",
    "stopStringFound": "stop",
    "maxPredictedTokensReached": "length",
    "contextLengthReached": "context_length",
    "toolCalls": "tool_calls",
}


def knows(source: Source) -> bool:
    """Whether a file is a conversation of LM Studio."""
    if source.kind != "json":
        return False
    first = table_of(source.first)
    message = next(iter(tables_of(first.get("messages"))), None)
    is_named = source.name.endswith(".conversation.json") and "messages" in first
    return is_named or (message is not None and isinstance(message.get("versions"), list))


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The conversation in the file."""
    for place, value in source.items(tell):
        yield place, partial(_talk, value, source, tell)


def _talk(give: Callable[[], Any], source: Source, tell: Tell) -> Talk:
    value = give()
    if not isinstance(value, Mapping):
        raise NotReadError("it is no conversation")
    said: list[Said] = []
    leaf: str | None = None
    for number, message in enumerate(tables_of(value.get("messages"))):
        versions = tables_of(message.get("versions"))
        chosen = count_of(message.get("currentlySelected")) or 0
        above, leaf = leaf, None
        for version, each in enumerate(versions):
            name = f"{number}.{version}"
            said += _said(name, above, each, source, tell)
            leaf = name if version == chosen or leaf is None else leaf
        leaf = leaf if leaf is not None else above
    name = PurePosixPath(source.name).name
    times = (seconds_of(value.get(key)) for key in ("assistantLastMessagedAt", "userLastMessagedAt"))
    created = seconds_of(value.get("createdAt")) or seconds_of(name.partition(".")[0])
    return Talk(
        name.removesuffix(".conversation.json").removesuffix(".json"),
        said,
        title=text_of(value.get("name")),
        system=text_of(value.get("systemPrompt")) or _system(value),
        model=text_of(table_of(value.get("lastUsedModel")).get("identifier")),
        created_at=created,
        updated_at=max(created, *times),
        leaf=leaf,
        is_pinned=bool(value.get("pinned")),
    )


def _system(value: Mapping[str, Any]) -> str:
    fields = tables_of(table_of(value.get("perChatPredictionConfig")).get("fields"))
    return next((text_of(each.get("value")) for each in fields if each.get("key") == "llm.prediction.systemPrompt"), "")


def _said(name: str, above: str | None, version: Mapping[str, Any], source: Source, tell: Tell) -> list[Said]:
    content = tables_of(version.get("content"))
    if version.get("role") == "user":
        text = "\n\n".join(filter(None, (text_of(part.get("text")) for part in content)))
        images, names = _files(content, source, tell)
        return [Said(name, "user", above, attached(text, names), images=images)]
    if version.get("role") == "system":
        return [Said(name, "system", above, "\n\n".join(text_of(part.get("text")) for part in content))]
    whole = Said(name, "assistant", above, model=text_of(table_of(version.get("senderInfo")).get("senderName")))
    blocks: list[Block] = []
    for step in tables_of(version.get("steps")) or [version]:
        if step.get("type") in ("contentBlock", "singleStep"):
            blocks += _blocks(step)
            whole = _with_figures(whole, table_of(step.get("genInfo")))
    return split(whole, blocks) if blocks else [whole]


def _blocks(step: Mapping[str, Any]) -> Iterator[Block]:
    is_thought = table_of(step.get("style")).get("type") == "thinking"
    for part in tables_of(step.get("content")):
        match part.get("type"):
            case "text" if is_thought:
                yield Block(thought=text_of(part.get("text")).strip())
            case "text":
                text, thoughts = without_thoughts(text_of(part.get("text")))
                yield from (Block(thought=thought) for thought in thoughts)
                yield Block(text=text)
            case "toolCallRequest":
                call_id = text_of(part.get("toolCallRequestId")) or str(part.get("callId", ""))
                held = part.get("parameters", part.get("arguments"))
                yield Block(call=Called(call_id, text_of(part.get("name")), arguments_of(held)))
            case "toolCallResult":
                call_id = text_of(part.get("toolCallRequestId")) or str(part.get("toolCallId", part.get("callId", "")))
                yield Block(result=ToolResultPart(call_id, result_text(part.get("content", part.get("result")))))


def _with_figures(said: Said, info: Mapping[str, Any]) -> Said:
    """A reply with what one of its steps took; what several took is added up."""
    stats = table_of(info.get("stats"))
    model = text_of(info.get("identifier")) or text_of(info.get("indexedModelIdentifier"))
    if not stats:
        return replace(said, model=model or said.model)
    before = said.usage or Usage()
    put, out, total = (
        count_of(stats.get(key)) for key in ("promptTokensCount", "predictedTokensCount", "totalTokensCount")
    )
    rate, latency, seconds = (stats.get(key) for key in ("tokensPerSecond", "timeToFirstTokenSec", "totalTimeSec"))
    duration = float(seconds) + (said.duration or 0.0) if isinstance(seconds, int | float) else said.duration
    reason = text_of(stats.get("stopReason"))
    return replace(
        said,
        model=model or said.model,
        usage=Usage(
            input=put if put is not None else before.input,
            output=out if before.output is None or out is None else out + before.output,
            total=total if total is not None else before.total,
            rate=float(rate) if isinstance(rate, int | float) else None,
        ),
        latency=said.latency
        if said.latency is not None
        else (float(latency) if isinstance(latency, int | float) else None),
        duration=duration,
        finish=_FINISHES.get(reason, "" if reason == "userStopped" else reason),
        was_stopped=reason == "userStopped",
    )


def _files(content: list[Mapping[str, Any]], source: Source, tell: Tell) -> tuple[tuple[ImagePart, ...], list[str]]:
    """What was sent along: images where LM Studio still keeps them, the names of everything else."""
    images, names = [], []
    home = next((above for above in source.path.parents if above.name in (".lmstudio", "lm-studio")), None)
    for part in content:
        if part.get("type") != "file":
            continue
        identifier = text_of(part.get("fileIdentifier"))
        name = text_of(part.get("name")) or identifier.partition(" - ")[2] or identifier
        image = None
        if part.get("fileType") == "image" and home is not None and isinstance(source.place, Folder):
            try:
                image = image_of(read_file(home / "user-files" / PurePosixPath(identifier).name), name)
            except NotReadError:
                tell.left_out("an image that LM Studio does not keep any more")
        if image is not None:
            images.append(image)
        else:
            names.append(name)
    return tuple(images), names
