"""Rules about frames, whatever they say."""

from __future__ import annotations

from typing import Any

from tui.chat.checking.note import Notes
from tui.domain.error import FrameError
from tui.wire.dialect import Dialect
from tui.wire.json_text import parse_raw_json
from tui.wire.sse import Frame

LARGE = 64 << 10
"""Bytes of the fixed buffers that line readers have."""
LONG_TEXT = 12
"""Characters from which on a text that comes again is no accident."""
_TEXTS = ("text", "thinking", "arguments", "refusal")


class FrameRules:
    """Looks at each frame: is it JSON, does it come twice, does anything follow the end."""

    def __init__(self, dialect: Dialect, notes: Notes) -> None:
        self._dialect = dialect
        self._notes = notes
        self._before: Frame | None = None
        self._is_done = False
        self._has_done = False

    @property
    def has_done(self) -> bool:
        """Whether `[DONE]` came."""
        return self._has_done

    def feed(self, frame: Frame, number: int) -> Any:
        """Take a frame; its JSON, or `None` where there is none to look at."""
        notes, data = self._notes, frame.data.strip()
        if len(frame.data) > LARGE:
            notes.add("large-frame", f"frame {number + 1} has {len(frame.data):,} characters", number)
        if data == "[DONE]":
            if self._has_done:
                notes.add("done-twice", "", number)
            self._has_done = self._is_done = True
            return None
        if self._is_done and data:
            notes.add("after-done", f"frame {number + 1} came after [DONE]", number)
        if not data:
            notes.add("empty-data", f"frame {number + 1} is empty", number)
            return None
        value = self._parsed(frame, data, number)
        if frame == self._before and self._says_much(value):
            notes.add("repeated-frame", f"frame {number + 1} is the one before it once more", number)
        self._before = frame
        return value

    def pass_by(self, frame: Frame) -> None:
        """Take a frame that is known to be like the one before it in all but its text."""
        self._before = frame

    @property
    def is_done(self) -> bool:
        """Whether the stream said that it is over."""
        return self._is_done

    def _says_much(self, value: Any) -> bool:
        """Whether a frame says more than a word, which a model may well say twice, or is numbered."""
        if not isinstance(value, dict):
            return False
        kind, gist = self._dialect.describes(value)
        return "sequence_number" in value or (kind in _TEXTS and len(gist) >= LONG_TEXT)

    def _parsed(self, frame: Frame, data: str, number: int) -> Any:
        try:
            value, is_clean = parse_raw_json(data)
        except FrameError:
            if data.strip("[]").lower() in ("done", "eof", "end"):
                self._notes.add("done-word", f"the end is marked by “{data[:20]}”", number)
            else:
                self._notes.add("not-json", f"frame {number + 1} is “{data[:40]}”", number)
            return None
        if not is_clean and any("\ud800" <= letter <= "\udfff" for text in _strings(value) for letter in text):
            self._notes.add("lone-surrogate", f"frame {number + 1}", number)
        if isinstance(value, dict) and isinstance(type_ := value.get("type"), str):
            if frame.event not in ("message", type_):
                self._notes.add("event-name", f"“{frame.event[:40]}” is called “{type_[:40]}” inside", number)
        elif self._dialect.name != "chat" and isinstance(value, dict):
            self._notes.add("no-type", f"frame {number + 1}", number)
        return value


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for member in value.values() for text in _strings(member)]
    if isinstance(value, list):
        return [text for member in value for text in _strings(member)]
    return []
