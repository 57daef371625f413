"""Rules about events of Responses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.chat.checking.identity import IdentityRules
from tui.chat.checking.note import Notes
from tui.chat.checking.text import TextRules
from tui.wire.sse import Frame

_ENDS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
_MEMBERS = frozenset(
    (
        *(
            "type",
            "sequence_number",
            "response",
            "item",
            "part",
            "delta",
            "text",
            "arguments",
            "item_id",
            "output_index",
        ),
        *("content_index", "summary_index", "annotation", "annotation_index", "logprobs", "obfuscation", "refusal"),
        *("code", "message", "param", "error", "partial_image_b64", "partial_image_index", "size", "quality", "name"),
        *("background", "output_format", "input", "transcript", "call_id", "status"),
    )
)
_LONG = 120


class ResponsesRules:
    """Follows the events of one reply."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._identity = IdentityRules(notes)
        self._is_first = True
        self._end = ""
        self._items: dict[int, str] = {}
        self._closed: set[int] = set()
        self._call_ids: dict[str, int] = {}
        self._text = TextRules(notes)
        self._has_calls = False

    def feed(self, frame: Frame, value: Any, number: int) -> None:
        """Take an event."""
        del frame
        if not isinstance(value, dict) or not isinstance(type_ := value.get("type"), str):
            return
        notes = self._notes
        if self._is_first:
            self._is_first = False
            if type_ not in ("response.created", "error", "response.queued") and "keepalive" not in type_:
                notes.add("no-start", f"the first event is “{type_[:40]}”", number)
        if self._end and type_ not in _ENDS:
            notes.add("finish-early", f"“{self._end}” came before frame {number + 1}, which goes on", number)
        if (unknown := [name for name in value if name not in _MEMBERS]) and type_.startswith("response."):
            notes.add("unknown-field", ", ".join(f"“{name[:40]}”" for name in unknown[:3]), number)
        if isinstance(response := value.get("response"), dict):
            self._identity.feed(response.get("id"), response.get("model"), response.get("created_at"), number)
        if type_ in _ENDS:
            if self._end and self._end != type_:
                notes.add("finish-twice", f"“{self._end}”, then “{type_}”", number)
            self._end = type_
        self._take_item(type_, value, number)
        if type_ == "response.output_text.delta" and isinstance(delta := value.get("delta"), str):
            self._text.feed(delta, number)
        elif type_.startswith("response.reasoning") and type_.endswith(".delta") and self._text.count:
            notes.add("reasoning-late", f"frame {number + 1}", number)

    @property
    def is_finished(self) -> bool:
        """Whether an event said how it ends."""
        return bool(self._end)

    def take_text(self, text: str, number: int) -> None:
        """Take an event that is known to bring this text, and to be like the one before it in all else."""
        self._text.feed(text, number)

    def take_texts(self, texts: Sequence[str], number: int) -> None:
        """Take some of them, from one of a number on."""
        self._text.feed_all(texts, number)

    def _take_item(self, type_: str, value: dict[str, Any], number: int) -> None:
        notes, index = self._notes, value.get("output_index")
        if not isinstance(index, int):
            return
        if type_ == "response.output_item.added":
            if index > len(self._items) and index not in self._items:
                notes.add("index-gap", f"item {index} came where {len(self._items)} was due", number)
            item = value.get("item")
            kind = str(item.get("type")) if isinstance(item, dict) else ""
            self._items[index] = kind
            if isinstance(item, dict) and kind == "function_call":
                self._take_call(item, index, number)
        elif type_ == "response.output_item.done":
            self._closed.add(index)
        elif index not in self._items and self._items:
            notes.add("block-order", f"item {index} was written to, and never added", number)

    def _take_call(self, item: dict[str, Any], index: int, number: int) -> None:
        self._has_calls = True
        id_, name = item.get("call_id"), item.get("name")
        if not id_:
            self._notes.add("call-no-id", f"item {index}", number)
        elif self._call_ids.setdefault(str(id_), index) != index:
            self._notes.add("call-id-twice", f"“{str(id_)[:40]}”", number)
        if not name:
            self._notes.add("call-no-name", f"item {index}", number)

    def close(self) -> None:
        """What can be told at the end."""
        if self._end == "response.completed" and (left := sorted(set(self._items) - self._closed)):
            self._notes.add("block-order", f"item {left[0]} was added, and never done")
        if self._text.count == 1 and self._text.size > _LONG:
            self._notes.add("one-delta", f"{self._text.size:,} characters came in one frame")
