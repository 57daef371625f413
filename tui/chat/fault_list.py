"""Faults: what does not work as the settings want it, marked on the screen until somebody has read it."""

from __future__ import annotations

from collections.abc import Iterable


class FaultList:
    """Sentences, each once, in the order in which they were found."""

    def __init__(self) -> None:
        """Hold none."""
        self._unread: dict[str, bool] = {}

    def add(self, faults: Iterable[str]) -> bool:
        """Take what was found; whether any of it is new."""
        fresh = [fault for fault in faults if fault not in self._unread]
        self._unread |= dict.fromkeys(fresh, True)
        return bool(fresh)

    @property
    def unread(self) -> list[str]:
        """What nobody has read yet."""
        return [fault for fault, is_unread in self._unread.items() if is_unread]

    def confirm(self) -> None:
        """All of it was read; what is found once more is not told again."""
        self._unread = dict.fromkeys(self._unread, False)
