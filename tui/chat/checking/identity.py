"""Rules about who answers: the id, the model and the time of creation stay what they are."""

from __future__ import annotations

from typing import Any

from tui.chat.checking.note import Notes


class IdentityRules:
    """Compares what the frames of one reply say of themselves."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._known: dict[str, Any] = {}

    def feed(self, id_: Any, model: Any, created: Any, number: int) -> None:
        """Take what a frame says; what it leaves out, or leaves empty, says nothing."""
        for code, value in (("id-changes", id_), ("model-changes", model), ("created-changes", created)):
            if not value or not isinstance(value, str | int):
                continue
            before = self._known.setdefault(code, value)
            if before != value:
                self._notes.add(code, f"from “{str(before)[:40]}” to “{str(value)[:40]}”", number)
                self._known[code] = value
