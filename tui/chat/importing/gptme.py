"""gptme's logs: a folder a chat, `conversation.jsonl` in it, and each other branch in `branches/`.

Tool calls are text, `@tool(id): {…}`; their results are `system` lines. `user` lines that begin with `<system>` are the
program's, and so is what is hidden. Times have no zone, and lines are not in their order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec.structs import replace

from tui.chat.importing.source import NotReadError, Source, Tell, read_file
from tui.chat.importing.talk import Called, Said, Talk
from tui.chat.importing.value import (
    attached,
    count_of,
    image_of,
    list_of,
    seconds_of,
    table_of,
    text_of,
    without_thoughts,
)
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.usage import Usage

_CALL = re.compile(r"^@(?P<name>[\w.-]+)(?:\((?P<id>[^)]*)\))?: (?=\{)", re.MULTILINE)


def knows(source: Source) -> bool:
    """Whether a file is the log of a chat of gptme."""
    is_log = PurePosixPath(source.name).name == "conversation.jsonl" or "branches/" in source.name
    first = table_of(source.first) if source.kind == "lines" else {}
    return (is_log or "timestamp" in first) and {"role", "content"} <= set(first) and first.get("role") in _ROLES


_ROLES = ("system", "user", "assistant", "tool")


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The one chat in a folder; the branches of it belong to it."""
    within = PurePosixPath(source.name)
    folder = within.parent.name or source.path.parent.name
    if folder == "branches" and within.name != "conversation.jsonl":
        return
    tell.expect(1)
    yield source.label, partial(_talk, source, folder, tell)


def _talk(source: Source, name: str, tell: Tell) -> Talk:
    offset = _offset(source)
    said: dict[str, Said] = {}
    leaf = _add(said, list(_lines(source, tell)), offset, tell)
    folder = source.name.rpartition("/")[0]
    for other in source.place.names():
        if other.startswith(f"{folder}/branches/" if folder else "branches/") and other.endswith(".jsonl"):
            branch = Source(other, source.path, other, source.place, partial(source.place.read, other))
            _add(said, list(_lines(branch, tell)), offset, tell)
    times = [one.at for one in said.values() if one.at]
    return Talk(
        name,
        list(said.values()),
        title=re.sub(r"^\d{4}-\d\d-\d\d-", "", name).replace("-", " "),
        created_at=min(times, default=0.0),
        updated_at=max(times, default=0.0),
        leaf=leaf,
    )


def _lines(source: Source, tell: Tell) -> Iterator[Mapping[str, Any]]:
    try:
        for _, line in source.lines():
            yield table_of(line)
    except NotReadError as error:
        tell.problem(source.label, f"{error}; what stands before that is taken")


def _add(said: dict[str, Said], lines: list[Mapping[str, Any]], offset: float | None, tell: Tell) -> str | None:
    """Add the messages of a branch: as long as they are the same as those of another, they are the same."""
    above: str | None = None
    for line in lines:
        key = json.dumps([above, line.get("role"), line.get("content"), line.get("timestamp")], ensure_ascii=False)
        name = f"{hash(key):x}"
        if name not in said:
            said[name] = _said(name, above, line, offset, tell)
        above = name
    return above


def _said(name: str, above: str | None, line: Mapping[str, Any], offset: float | None, tell: Tell) -> Said:
    role, text = text_of(line.get("role")), text_of(line.get("content"))
    stamp = text_of(line.get("timestamp"))
    at = seconds_of(stamp, is_local=offset is None)
    if offset is not None and at and not re.search(r"(Z|[+-]\d\d:?\d\d)\Z", stamp):
        at += offset
    metadata = table_of(line.get("metadata"))
    call_id = text_of(line.get("call_id"))
    if line.get("hide") or (role == "user" and text.startswith("<system>")):
        return Said(name, "hidden", above)
    if role == "user":
        text, images = _with_files(text, line, tell)
        return Said(name, "user", above, text, images=images, at=at)
    if role == "assistant":
        return _reply(Said(name, "assistant", above, at=at), text, metadata)
    if call_id or metadata.get("tool") or (above is not None and not line.get("pinned")):
        result = ToolResultPart(call_id or text_of(metadata.get("tool")) or "tool", text)
        return Said(name, "tool", above, results=(result,), at=at)
    return Said(name, "system", above, text)


def _with_files(text: str, line: Mapping[str, Any], tell: Tell) -> tuple[str, tuple[ImagePart, ...]]:
    names, images = [], []
    for each in list_of(line.get("files")):
        path = Path(text_of(each))
        try:
            image = image_of(read_file(path), path.name)
        except NotReadError:
            image = None
            tell.left_out("a file that is only a path, and not there")
        if image is not None:
            images.append(image)
        else:
            names.append(path.name)
    return attached(text, names), tuple(images)


def _reply(said: Said, content: str, metadata: Mapping[str, Any]) -> Said:
    text, thoughts = without_thoughts(content)
    text, calls = _calls(text)
    usage, timings = table_of(metadata.get("usage")), table_of(metadata.get("timings"))
    first, rest = count_of(timings.get("ttft_ms")), count_of(timings.get("gen_ms"))
    provider, _, model = text_of(metadata.get("model")).rpartition("/")
    put, cached = count_of(usage.get("input_tokens")), count_of(usage.get("cache_read_tokens"))
    return replace(
        said,
        text=text,
        thoughts=thoughts,
        calls=calls,
        model=text_of(metadata.get("served_model")) or model,
        endpoint="" if provider == "local" else provider,
        latency=None if first is None else first / 1000,
        duration=None if first is None or rest is None else (first + rest) / 1000,
        usage=Usage(
            input=put,
            output=count_of(usage.get("output_tokens")),
            reasoning=count_of(usage.get("reasoning_tokens")),
            cached=cached,
            cost_usd=metadata["cost"] if isinstance(metadata.get("cost"), float) else None,
        )
        if usage
        else None,
    )


def _calls(text: str) -> tuple[str, tuple[Called, ...]]:
    """A text without the calls that stand in it, and these."""
    calls: list[Called] = []
    prose: list[str] = []
    at = 0
    for match in _CALL.finditer(text):
        if match.start() < at:
            continue
        try:
            _, end = json.JSONDecoder(strict=False).raw_decode(text, match.end())
        except (ValueError, RecursionError):
            continue
        calls.append(Called(match["id"] or f"call_{len(calls)}", match["name"], text[match.end() : end]))
        prose.append(text[at : match.start()])
        at = end
    if not calls:
        return text, ()
    return ("".join(prose) + text[at:]).strip(), tuple(calls)


def _offset(source: Source) -> float | None:
    """How far the times of a chat are from UTC in seconds, by the log of events, which has the same ones with a zone."""
    folder = source.name.rpartition("/")[0]
    events = f"{folder}/events.jsonl" if folder else "events.jsonl"
    try:
        first = json.loads(source.place.read(events).splitlines()[0])
        stamp = table_of(table_of(table_of(first.get("payload")).get("message"))).get("timestamp")
    except (NotReadError, ValueError, IndexError, AttributeError):
        return None
    here, there = seconds_of(first.get("ts")), seconds_of(stamp)
    return round((here - there) / 900) * 900.0 if here and there else None
