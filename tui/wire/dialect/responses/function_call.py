"""Function calls of the Responses dialect: told in an item, in fragments, and whole again at the end; and approvals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from tui.domain.delta import ToolCallDelta
from tui.domain.error import LimitError
from tui.domain.quantity import describe_size
from tui.wire.dialect.responses.output_item import OutputItem
from tui.wire.json_text import write_json
from tui.wire.limit import Limits


def tell_call(item: OutputItem, members: Mapping[str, Any], limits: Limits) -> Iterator[ToolCallDelta]:
    """Take what an item or a `.done` event says of a call: what is new of it, and arguments where they differ.

    Raises:
        LimitError: If the arguments are too long; what fits is given first.
    """
    call_id = "" if item.call_id else _word(members.get("call_id"))
    name = "" if item.name else _word(members.get("name"))
    item.call_id, item.name = item.call_id or call_id, item.name or name
    arguments = members.get("arguments")
    text = (
        arguments if isinstance(arguments, str) else write_json(arguments) if isinstance(arguments, dict | list) else ""
    )
    streamed = item.arguments.text
    replaces = bool(text and streamed and text != streamed)
    text = "" if text == streamed else text
    if replaces:
        item.size = 0
        item.arguments.fragments.clear()
    if call_id or name or text:
        yield from grow_arguments(item, text, limits, ToolCallDelta(item.call_index, call_id, name, replaces=replaces))


def tell_approval(item: OutputItem, members: Mapping[str, Any], limits: Limits) -> Iterator[ToolCallDelta]:
    """Take what an item says of a call at an MCP server that the endpoint asks to be allowed; its answer names its id.

    Raises:
        LimitError: If the arguments are too long; what fits is given first.
    """
    asked = {"call_id": members.get("id"), "name": members.get("name"), "arguments": members.get("arguments")}
    for delta in tell_call(item, asked, limits):
        yield replace(delta, server=_word(members.get("server_label")) or "an MCP server")


def grow_arguments(
    item: OutputItem, text: str, limits: Limits, head: ToolCallDelta | None = None
) -> Iterator[ToolCallDelta]:
    """Take a fragment of a call's arguments; `head` holds what else is to be said with it.

    Raises:
        LimitError: If the arguments are too long; what fits is given first.
    """
    most = limits.arguments_chars
    fits = text[: max(0, most - item.size)]
    item.size += len(text)
    item.arguments.fragments.append(fits)
    if head is None:
        yield ToolCallDelta(item.call_index, arguments=fits)
    else:
        yield ToolCallDelta(head.index, head.id, head.name, fits, replaces=head.replaces)
    if item.size > most:
        raise LimitError(
            f"The arguments of the tool call {item.name[:80]!r} grew beyond {describe_size(most)}.",
            "The call is not run; try again.",
            limit="arguments",
        )


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
