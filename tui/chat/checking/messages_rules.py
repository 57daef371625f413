"""Rules about events of Messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.chat.checking.note import Notes
from tui.chat.checking.text import TextRules
from tui.domain.finish import describe_finish
from tui.wire.sse import Frame

_KNOWN_STOPS = frozenset(("end_turn", "tool_use", "stop_sequence", "max_tokens", "pause_turn", "refusal"))
_MEMBERS = {
    "message_start": {"type", "message"},
    "content_block_start": {"type", "index", "content_block"},
    "content_block_delta": {"type", "index", "delta"},
    "content_block_stop": {"type", "index"},
    "message_delta": {"type", "delta", "usage", "context_management"},
    "message_stop": {"type", "amazon-bedrock-invocationMetrics"},
    "ping": {"type"},
}
_LONG = 120


class MessagesRules:
    """Follows the events of one reply."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._is_first = True
        self._is_over = False
        self._stop = ""
        self._open: dict[int, str] = {}
        self._count = 0
        self._ids: dict[str, int] = {}
        self._text = TextRules(notes)
        self._has_calls = False
        self._usage = 0

    def feed(self, frame: Frame, value: Any, number: int) -> None:
        """Take an event."""
        del frame
        if not isinstance(value, dict) or not isinstance(type_ := value.get("type"), str):
            return
        notes = self._notes
        if self._is_first and type_ != "ping":
            self._is_first = False
            if type_ not in ("message_start", "error", "message"):
                notes.add("no-start", f"the first event is “{type_[:40]}”", number)
        if self._is_over and type_ in _MEMBERS and type_ != "ping":
            notes.add("after-done", f"frame {number + 1} came after message_stop", number)
        members = _MEMBERS.get(type_)
        if members is not None and (unknown := [name for name in value if name not in members]):
            notes.add("unknown-field", ", ".join(f"“{name[:40]}”" for name in unknown[:3]), number)
        index = value.get("index")
        match type_:
            case "content_block_start" if isinstance(index, int):
                self._open_block(index, value.get("content_block"), number)
            case "content_block_delta" if isinstance(index, int):
                self._take_delta(index, value.get("delta"), number)
            case "content_block_stop" if isinstance(index, int):
                if self._open.pop(index, None) is None:
                    notes.add("block-order", f"block {index} was closed, and never opened", number)
            case "message_delta":
                self._take_stop(value, number)
            case "message_stop":
                self._is_over = True

    @property
    def is_finished(self) -> bool:
        """Whether a stop reason came."""
        return bool(self._stop) or self._is_over

    def take_text(self, text: str, number: int) -> None:
        """Take an event that is known to bring this text, and to be like the one before it in all else."""
        self._text.feed(text, number)

    def take_texts(self, texts: Sequence[str], number: int) -> None:
        """Take some of them, from one of a number on."""
        self._text.feed_all(texts, number)

    def _open_block(self, index: int, block: Any, number: int) -> None:
        notes = self._notes
        if index in self._open:
            notes.add("block-order", f"block {index} was opened twice", number)
        if index > self._count:
            notes.add("index-gap", f"block {index} came where {self._count} was due", number)
        self._count = max(self._count, index + 1)
        block = block if isinstance(block, dict) else {}
        self._open[index] = str(block.get("type"))
        if block.get("type") == "thinking" and self._text.count:
            notes.add("reasoning-late", f"frame {number + 1}", number)
        if block.get("type") != "tool_use":
            return
        self._has_calls = True
        id_ = block.get("id")
        if not id_:
            notes.add("call-no-id", f"block {index}", number)
        elif self._ids.setdefault(str(id_), index) != index:
            notes.add("call-id-twice", f"“{str(id_)[:40]}”", number)
        if not block.get("name"):
            notes.add("call-no-name", f"block {index}", number)

    def _take_delta(self, index: int, delta: Any, number: int) -> None:
        if index not in self._open:
            self._notes.add("block-order", f"block {index} was written to, and is not open", number)
        if self._stop:
            self._notes.add("finish-early", f"“{self._stop}” came before frame {number + 1}, which goes on", number)
        if isinstance(delta, dict) and delta.get("type") == "text_delta" and isinstance(text := delta.get("text"), str):
            self._text.feed(text, number)

    def _take_stop(self, value: dict[str, Any], number: int) -> None:
        notes, delta, usage = self._notes, value.get("delta"), value.get("usage")
        count = usage.get("output_tokens") if isinstance(usage, dict) else None
        if isinstance(count, int):
            if count < self._usage:
                notes.add("usage-shrinks", f"{count:,} tokens came out, after {self._usage:,}", number)
            self._usage = max(self._usage, count)
        reason = delta.get("stop_reason") if isinstance(delta, dict) else None
        if not isinstance(reason, str) or not reason:
            return
        if self._stop and reason != self._stop:
            notes.add("finish-twice", f"“{self._stop}”, then “{reason[:40]}”", number)
        if reason not in _KNOWN_STOPS and not describe_finish(reason).is_cut:
            notes.add("unknown-finish", f"“{reason[:40]}”", number)
        self._stop = reason

    def close(self) -> None:
        """What can be told at the end."""
        notes = self._notes
        if self._is_over and self._open:
            notes.add("block-order", f"block {min(self._open)} was opened, and never closed")
        if self._text.count == 1 and self._text.size > _LONG:
            notes.add("one-delta", f"{self._text.size:,} characters came in one frame")
        if self._stop == "tool_use" and not self._has_calls:
            notes.add("finish-mismatch", "the stop reason is “tool_use”, and no call came")
        elif self._stop == "end_turn" and self._has_calls:
            notes.add("finish-mismatch", "calls came, and the stop reason is “end_turn”")
