"""Claude's export: `conversations.json`, in a zip file or unpacked.

Messages stand under one another by `parent_message_uuid`; in older exports that is missing, and their order counts. Which
branch was shown last is not told, unless it is: then it is `current_leaf_message_uuid`. `text` repeats `content` without
calls. Files are not in the export, but the text that was read from them is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace

from tui.chat.importing.source import NotReadError, Source, Tell
from tui.chat.importing.talk import Block, Called, Said, Talk, in_a_row, split
from tui.chat.importing.value import (
    arguments_of,
    attached,
    list_of,
    result_text,
    seconds_of,
    table_of,
    tables_of,
    text_of,
)
from tui.domain.message import ToolResultPart


def knows(source: Source) -> bool:
    """Whether a file holds conversations of Claude, or is the list of the parts of an export."""
    if source.kind != "json":
        return False
    return isinstance(table_of(source.first).get("chat_messages"), list) or _is_manifest(source)


def _is_manifest(source: Source) -> bool:
    name = source.name.rpartition("/")[2]
    return name.startswith("manifest-") and name.endswith(".json") and b"http" in source.content


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The conversations in a file."""
    if _is_manifest(source):
        words = "it only lists where the parts of the export are: download those, and import them"
        tell.problem(source.label, words)
        return
    for place, value in source.items(tell):
        yield place, partial(_talk, value, tell)


def _talk(give: Callable[[], Any], tell: Tell) -> Talk:
    value = give()
    if not isinstance(value, Mapping) or not isinstance(value.get("chat_messages"), list):
        raise NotReadError("it is no conversation: it has no “chat_messages”")
    messages = tables_of(value["chat_messages"])
    ids = {text_of(message.get("uuid")) for message in messages}
    has_tree = any(text_of(message.get("parent_message_uuid")) in ids for message in messages)
    model = text_of(value.get("model"))
    said: list[Said] = []
    for number, message in enumerate(messages):
        whole = Said(
            text_of(message.get("uuid")) or str(number),
            "user" if message.get("sender") in ("human", "user") else "assistant",
            text_of(message.get("parent_message_uuid")) or None,
            at=seconds_of(message.get("created_at")),
            model=text_of(message.get("model")) or model,
            was_stopped=message.get("stop_reason") == "user_canceled",
        )
        said += _pieces(whole, message, tell)
    return Talk(
        text_of(value.get("uuid")) or (said[0].id if said else ""),
        said if has_tree else in_a_row(said),
        title=text_of(value.get("name")),
        model=model,
        created_at=seconds_of(value.get("created_at")),
        updated_at=seconds_of(value.get("updated_at")),
        leaf=text_of(value.get("current_leaf_message_uuid")) or None,
        is_pinned=bool(value.get("is_starred")),
    )


def _pieces(whole: Said, message: Mapping[str, Any], tell: Tell) -> list[Said]:
    content = tables_of(message.get("content"))
    blocks = [block for each in content if (block := _block(each)) is not None]
    if not any(block.text for block in blocks) and (text := text_of(message.get("text"))) and not blocks:
        blocks.append(Block(text=text))
    if whole.role == "assistant":
        citations = tuple(cited for each in content for cited in _citations(each))
        if not blocks:
            return [replace(whole, citations=citations)]
        *before, last = split(whole, blocks)
        return [*before, replace(last, citations=citations)]
    texts = [block.text for block in blocks if block.text]
    for each in tables_of(message.get("attachments")):
        name, held = text_of(each.get("file_name")), text_of(each.get("extracted_content"))
        if held:
            texts.append(f"[attached: {name}]\n{held}" if name else held)
        elif name:
            texts.append(f"[attached: {name}]")
    files = (*tables_of(message.get("files_v2")), *tables_of(message.get("files")))
    names = list(dict.fromkeys(text_of(each.get("file_name")) for each in files))
    if names:
        tell.left_out("a file that Claude does not put into its export")
    return [replace(whole, text=attached("\n\n".join(texts), names))]


def _block(each: Mapping[str, Any]) -> Block | None:
    match each.get("type"):
        case "text":
            return Block(text=text_of(each.get("text")))
        case "thinking":
            return Block(thought=text_of(each.get("thinking")))
        case "tool_use" | "server_tool_use":
            call = Called(text_of(each.get("id")), text_of(each.get("name")) or "tool", arguments_of(each.get("input")))
            return Block(call=call)
        case "tool_result":
            held = each.get("content")
            if isinstance(held, list) and any(not isinstance(table_of(one).get("text"), str) for one in held):
                held = [one for one in list_of(held) if isinstance(table_of(one).get("text"), str)] or held
            call_id = text_of(each.get("tool_use_id")) or text_of(each.get("name")) or "tool"
            return Block(result=ToolResultPart(call_id, result_text(held), is_error=bool(each.get("is_error"))))
    return None


def _citations(each: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for cited in tables_of(each.get("citations")):
        details = table_of(cited.get("details")) or cited
        if url := text_of(details.get("url")):
            yield url, text_of(cited.get("title")) or text_of(details.get("title"))
