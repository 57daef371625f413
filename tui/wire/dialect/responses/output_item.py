"""Output items of the Responses dialect, and which of them an event means.

Servers number items by id, by output index, by both, inconsistently, or not at all: a known id is followed
first, then the output index, then the item of the right kind that was opened last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from tui.domain.delta import ReasoningDelta, RefusalDelta, TextDelta
from tui.domain.error import LimitError
from tui.wire.limit import Limits

APPROVAL = "mcp_approval_request"
"""The type of an item with which the endpoint asks whether it may call a tool of an MCP server."""
CALLS = frozenset({"function_call", APPROVAL})
"""The types of items that somebody here must answer."""

Prose = type[TextDelta | ReasoningDelta | RefusalDelta]
PartKey = tuple[Prose, str, int]
"""What a part is made of, the list of its item that it stands in, and its place there."""


class Written(Struct):
    """A string that came in fragments."""

    fragments: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it."""
        if len(self.fragments) > 1:
            self.fragments[:] = ["".join(self.fragments)]
        return self.fragments[0] if self.fragments else ""


class Part(Written):
    """One part of a message or of reasoning; `number` is its place among all parts of its kind, `message` its message's."""

    number: int = 0
    message: int = 0


class OutputItem(Struct):
    """One output item as far as known.

    `call_index` counts function calls, `message` messages; `state` is what is known of a tool that the endpoint runs itself.
    """

    index: int
    type: str
    is_implied: bool = False
    is_done: bool = False
    parts: dict[PartKey, Part] = field(default_factory=dict)
    call_index: int = -1
    message: int = 0
    call_id: str = ""
    name: str = ""
    arguments: Written = field(default_factory=Written)
    size: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    told: int = 0

    @property
    def is_server_tool(self) -> bool:
        """Whether it stands for a tool that the endpoint runs itself."""
        return is_server_tool(self.type)


def is_server_tool(type_: str) -> bool:
    """Whether an item type stands for a tool that the endpoint runs itself: every call but a function call."""
    return type_ not in CALLS and (type_.endswith("_call") or type_.startswith("mcp_"))


class ItemTable:
    """The items of one reply, in order of appearance."""

    def __init__(self, limits: Limits) -> None:
        """Start empty."""
        self._limits = limits
        self.items: list[OutputItem] = []
        self._by_id: dict[str, OutputItem] = {}
        self._by_place: dict[int, OutputItem] = {}
        self._last: dict[str, OutputItem] = {}
        self._part_counts: dict[Prose, int] = {}
        self._calls = self._messages = 0

    def open(self, item: Mapping[str, Any], place: Any = None, *, is_implied: bool = False) -> OutputItem:
        """Open an item that was announced, or is implied by an event that speaks of it.

        Raises:
            LimitError: If there are too many.
        """
        type_ = _word(item.get("type")) or "unknown"
        placeholder = self._by_id.get(_word(item.get("id")))
        if placeholder is not None and placeholder.is_implied and placeholder.type == type_:
            placeholder.is_implied = False
            return placeholder
        self._count(len(self.items), self._limits.items, "items", "more than {} output items")
        opened = OutputItem(len(self.items), type_, is_implied)
        if type_ in CALLS:
            self._count(self._calls, self._limits.calls, "calls", "more than {} tool calls")
            opened.call_index = self._calls
            self._calls += 1
        elif type_ == "message":
            opened.message = self._messages
            self._messages += 1
        self.items.append(opened)
        for name in ("id", "call_id"):
            if known_as := _word(item.get(name)):
                self._by_id[known_as] = opened
        if isinstance(place, int):
            self._by_place[place] = opened
        self._last[type_] = opened
        return opened

    def find(self, event: Mapping[str, Any], type_: str) -> OutputItem:
        """Find the item that an event speaks of; if it was never announced it is opened now."""
        item_id, place = event.get("item_id"), event.get("output_index")
        item = self._by_id.get(item_id) if isinstance(item_id, str) else None
        if item is None or not _fits(item, type_):
            item = self._by_place.get(place) if isinstance(place, int) else None
            if item is None or not _fits(item, type_):
                item = self._last.get(type_)
        if item is None:
            item = self.open({"type": type_, "id": item_id}, place, is_implied=True)
        return item

    def match(self, item: Mapping[str, Any], place: Any = None) -> OutputItem | None:
        """Find what was known of an item that is now told whole."""
        type_ = _word(item.get("type"))
        for name in ("id", "call_id"):
            match = self._by_id.get(_word(item.get(name)))
            if match is not None and match.type == type_:
                return match
        match = self._by_place.get(place) if isinstance(place, int) else None
        if match is None or match.type != type_:
            match = self._last.get(type_)
        return None if match is None or match.type != type_ or match.is_done else match

    def part(self, item: OutputItem, key: PartKey) -> Part:
        """The part of an item under a key, numbered when it is new.

        Raises:
            LimitError: If there are too many parts.
        """
        part = item.parts.get(key)
        if part is None:
            kind = key[0]
            number = self._part_counts.get(kind, 0)
            self._count(number, self._limits.items, "items", "more than {} parts")
            self._part_counts[kind] = number + 1
            part = item.parts[key] = Part(number=number, message=item.message)
        return part

    @staticmethod
    def _count(have: int, most: int, limit: str, what: str) -> None:
        if have >= most:
            raise LimitError(f"The endpoint sent {what.format(most)}.", "No call is run; try again.", limit=limit)


def _fits(item: OutputItem, type_: str) -> bool:
    # xAI tells of its searches under one name and announces them under another.
    return item.type == type_ or (item.is_server_tool and is_server_tool(type_))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
