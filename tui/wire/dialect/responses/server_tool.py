"""Tools that the endpoint runs itself (web search, code, files, MCP): how they progress. Never run here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tui.domain.delta import ServerToolDelta
from tui.domain.lazy_pattern import LazyPattern
from tui.wire.dialect.responses.output_item import OutputItem

TOOL_EVENT = LazyPattern(
    r"response\.(?P<tool>\w+?_call|mcp_list_tools)"
    r"(?:_(?P<field>code|arguments|input|output|output_content|command|operation_diff))?\.(?P<verb>\w+)"
)
"""The type of an event of such a tool: which tool, which field of it if any, and what happens."""


def tell_item(item: OutputItem, members: Mapping[str, Any]) -> ServerToolDelta:
    """Take what an item says of the tool."""
    item.state = {**item.state, **members}
    return ServerToolDelta(item.index, item.state)


def tell_progress(item: OutputItem, event: Mapping[str, Any], match: re.Match[str]) -> ServerToolDelta | None:
    """Take an event of the tool; `None` where there is nothing to show yet.

    A field that grows by fragments is told again when it has grown by a sixteenth: telling the whole of it
    with each fragment would be quadratic.
    """
    field, verb = match["field"], match["verb"]
    if field is None:
        if verb == "partial_image":
            return None
        item.state = {**item.state, "type": item.type, "status": verb}
    elif verb == "delta":
        fragment = event.get("delta")
        item.arguments.fragments.append(fragment if isinstance(fragment, str) else "")
        item.size += len(item.arguments.fragments[-1])
        if item.size - item.told <= item.told // 16:
            return None
        item.told = item.size
        item.state = {**item.state, "type": item.type, field: item.arguments.text}
    else:
        whole = next(
            (content for name in (field, "text") if (content := event.get(name)) is not None), item.arguments.text
        )
        item.arguments.fragments.clear()
        item.size = item.told = 0
        item.state = {**item.state, "type": item.type, field: whole}
    return ServerToolDelta(item.index, item.state)
