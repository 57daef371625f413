"""Open WebUI: what its users export, and its `webui.db`.

Messages are a tree by `parentId`; `childrenIds` may be stale. A chat that is imported there gets a new id, but its
messages keep theirs, so it is known by the first of them. Thoughts and calls stand in the text as `<details>`, or beside
it as blocks. Times are seconds, or milliseconds.
"""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace

from tui.chat.importing.source import NotReadError, Source, Tell, rows
from tui.chat.importing.talk import Block, Called, Said, Talk, in_a_row, split
from tui.chat.importing.value import (
    arguments_of,
    attached,
    count_of,
    image_of,
    json_of,
    list_of,
    result_text,
    seconds_of,
    table_of,
    tables_of,
    text_of,
    without_thoughts,
)
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.usage import Usage

_DETAILS = re.compile(r"<details\b(?P<about>[^>]*)>(?P<inner>.*?)</details>\n?", re.DOTALL)
_ABOUT = re.compile(r'([\w-]+)="([^"]*)"')
_SUMMARY = re.compile(r"\s*<summary>.*?</summary>\s*", re.DOTALL)


def knows(source: Source) -> bool:
    """Whether a file is an export of Open WebUI, or its database."""
    if source.kind == "json":
        first = table_of(source.first)
        chat = table_of(first.get("chat")) or first
        return isinstance(table_of(chat.get("history")).get("messages"), dict) or (
            "chat" in first and isinstance(chat.get("messages"), list)
        )
    return {"id", "chat", "title"} <= source.tables.get("chat", frozenset())


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The chats in a file."""
    if source.kind == "json":
        for place, value in source.items(tell):
            yield place, partial(_exported, value, tell)
        return
    with source.connect() as raw:
        more = "created_at updated_at archived pinned meta"
        chats = list(rows(raw, "chat", "id", "title", "ORDER BY id"))
        tell.expect(len(chats))
        has_rows = "chat_message" in source.tables
        for chat in chats:
            place = f"{source.label}, chat {chat['id']}"
            yield (
                place,
                partial(_kept, raw, chat["id"], more, has_rows=has_rows, tell=tell),
            )


def _exported(give: Callable[[], Any], tell: Tell) -> Talk:
    return _talk(table_of(give()), tell)


def _kept(raw: sqlite3.Connection, chat_id: str, more: str, *, has_rows: bool, tell: Tell) -> Talk:
    """A chat of the database; since 2026, its messages are rows of their own, named by the chat and their own id."""
    row = dict(next(rows(raw, "chat", "id title chat", more, "WHERE id = ?", chat_id)))
    row["chat"], row["meta"] = table_of(json_of(row["chat"])), table_of(json_of(row["meta"]))
    if has_rows:
        columns = "parent_id content output model_id files sources error usage done created_at"
        held = {}
        for each in rows(
            raw, "chat_message", "id chat_id role", columns, "WHERE chat_id = ? ORDER BY created_at", chat_id
        ):
            for name in ("content", "output", "files", "sources", "error", "usage"):
                value = json_of(each[name])
                each[name] = each[name] if value is None else value
            name = text_of(each["id"]).removeprefix(f"{chat_id}-")
            held[name] = {
                **each,
                "parentId": each["parent_id"],
                "model": each["model_id"],
                "timestamp": each["created_at"],
            }
        if held:
            history = table_of(row["chat"].get("history"))
            row["chat"] = {**row["chat"], "history": {**history, "messages": held}}
    return _talk(row, tell)


def _talk(row: Mapping[str, Any], tell: Tell) -> Talk:
    chat = table_of(row.get("chat")) or row
    history = table_of(chat.get("history"))
    messages = table_of(history.get("messages"))
    said: list[Said] = []
    if messages:
        ordered = sorted(messages.items(), key=lambda each: seconds_of(table_of(each[1]).get("timestamp")))
        for name, message in ordered:
            said += _said(name, table_of(message), tell)
    else:
        legacy = tables_of(chat.get("messages"))
        if not legacy and not isinstance(chat.get("messages"), list):
            raise NotReadError("it is no chat: it has no messages")
        for number, message in enumerate(legacy):
            said += _said(text_of(message.get("id")) or str(number), message, tell)
        if not any(message.get("parentId") for message in legacy):
            said = in_a_row(said)
    first = next((one.id for one in said if one.above is None), "")
    tags = [text_of(tag) for tag in list_of(table_of(row.get("meta")).get("tags")) or list_of(chat.get("tags"))]
    system = text_of(table_of(chat.get("params")).get("system")) or text_of(chat.get("system"))
    return Talk(
        first.partition("/")[0] if len(first) > 8 else text_of(row.get("id")) or first,
        said,
        title=text_of(row.get("title")) or text_of(chat.get("title")),
        system=system,
        model=next((text_of(each) for each in list_of(chat.get("models"))), ""),
        created_at=seconds_of(row.get("created_at")) or seconds_of(chat.get("timestamp")),
        updated_at=seconds_of(row.get("updated_at")),
        leaf=text_of(history.get("currentId")) or None,
        is_pinned=bool(row.get("pinned")),
        is_archived=bool(row.get("archived")),
        tags=tuple(filter(None, tags)),
    )


def _said(name: str, message: Mapping[str, Any], tell: Tell) -> list[Said]:
    role = text_of(message.get("role"))
    above = text_of(message.get("parentId")) or None
    text, images = _content(message.get("content"))
    names = []
    for file in tables_of(message.get("files")):
        url = text_of(file.get("url"))
        image = image_of(url, text_of(file.get("name"))) if file.get("type") == "image" else None
        if image is not None:
            images.append(image)
        else:
            if file.get("type") == "image":
                tell.left_out("an image that is kept elsewhere in Open WebUI")
            names.append(text_of(file.get("name")) or url.rpartition("/")[2])
    at = seconds_of(message.get("timestamp"))
    if role == "user":
        return [Said(name, "user", above, attached(text, names), images=tuple(images), at=at)]
    if role == "system":
        return [Said(name, "system", above, text)]
    if role != "assistant":
        return [Said(name, "hidden", above)]
    error = message.get("error")
    failure = text_of(error) or text_of(table_of(error).get("content")) or ("failed" if error is True else "")
    whole = Said(
        name,
        "assistant",
        above,
        images=tuple(images),
        citations=tuple(_citations(message)),
        model=text_of(message.get("model")) or text_of(message.get("modelName")),
        at=at,
        usage=_usage(table_of(message.get("usage")) or table_of(table_of(message.get("info")).get("usage"))),
        error=failure,
        was_stopped=message.get("done") in (False, 0) and not failure,
    )
    blocks = [block for item in tables_of(message.get("output")) for block in _output(item)]
    if not any(block.text for block in blocks):
        blocks += _in_text(text)
    if not blocks:
        return [whole]
    said = split(whole, blocks)
    if said[-1].role == "tool" and len(said) > 1:
        told_of = {key: getattr(whole, key) for key in ("usage", "citations", "images", "error", "was_stopped")}
        said[-2] = replace(said[-2], **told_of)
    return said


def _content(content: Any) -> tuple[str, list[ImagePart]]:
    if not isinstance(content, list):
        return text_of(content), []
    texts, images = [], []
    for part in tables_of(content):
        if "text" in part:
            texts.append(text_of(part["text"]))
        elif (image := image_of(text_of(table_of(part.get("image_url")).get("url")))) is not None:
            images.append(image)
    return "\n\n".join(filter(None, texts)), images


def _in_text(text: str) -> Iterator[Block]:
    """The blocks of a text in which thoughts and calls stand as HTML."""
    at = 0
    for match in _DETAILS.finditer(text):
        about = {key: html.unescape(value) for key, value in _ABOUT.findall(match["about"])}
        block = list(_detail(about, match["inner"]))
        if not block:
            continue
        if before := text[at : match.start()].strip():
            yield Block(text=before)
        yield from block
        at = match.end()
    plain, thoughts = without_thoughts(text[at:])
    yield from (Block(thought=thought) for thought in thoughts)
    if rest := (plain.strip() if at else plain):
        yield Block(text=rest)


def _detail(about: Mapping[str, str], inner: str) -> Iterator[Block]:
    if about.get("type") in ("reasoning", "code_interpreter"):
        lines = html.unescape(_SUMMARY.sub("", inner, count=1)).strip().splitlines()
        yield Block(thought="\n".join(re.sub(r"^> ?", "", line) for line in lines))
    elif about.get("type") == "tool_calls":
        call_id = about.get("id") or about.get("name", "tool")
        arguments = json_of(about.get("arguments"))  # JSON text in JSON text
        yield Block(call=Called(call_id, about.get("name", "tool"), arguments_of(arguments)))
        if about.get("done") != "false":
            result = json_of(about.get("result", ""))
            yield Block(
                result=ToolResultPart(call_id, result_text(about.get("result", "") if result is None else result))
            )


def _output(item: Mapping[str, Any]) -> Iterator[Block]:
    match item.get("type"):
        case "message":
            text, _ = _content(item.get("content"))
            yield Block(text=text)
        case "reasoning":
            parts = tables_of(item.get("content")) or tables_of(item.get("summary"))
            yield Block(thought="\n\n".join(filter(None, (text_of(part.get("text")) for part in parts))))
        case "function_call":
            call_id = text_of(item.get("call_id"))
            yield Block(call=Called(call_id, text_of(item.get("name")), arguments_of(item.get("arguments"))))
        case "function_call_output":
            yield Block(result=ToolResultPart(text_of(item.get("call_id")), result_text(item.get("output"))))


def _citations(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in tables_of(message.get("sources")):
        source = table_of(each.get("source"))
        url = text_of(source.get("url")) or text_of(source.get("name"))
        if url.startswith(("http://", "https://")):
            yield url, text_of(source.get("name"))


def _usage(usage: Mapping[str, Any]) -> Usage | None:
    if not usage:
        return None
    counts = {
        "input": ("input_tokens", "prompt_tokens", "prompt_eval_count"),
        "output": ("output_tokens", "completion_tokens", "eval_count"),
        "total": ("total_tokens",),
    }
    fields: dict[str, Any] = {
        name: next((count for key in keys if (count := count_of(usage.get(key))) is not None), None)
        for name, keys in counts.items()
    }
    details = table_of(usage.get("output_tokens_details")) or table_of(usage.get("completion_tokens_details"))
    return Usage(**fields, reasoning=count_of(details.get("reasoning_tokens")))
