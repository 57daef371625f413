"""Faults: what does not work as the settings want it, marked on the screen until somebody has read it."""

from __future__ import annotations

from collections.abc import Iterable


class FaultList:
    """Sentences, each once, in the order in which they were found."""

    def __init__(self) -> None:
        """Hold none."""
        self._unread: dict[str, bool] = {}
        self._passing: set[str] = set()

    def add(self, faults: Iterable[str]) -> bool:
        """Take what was found; whether any of it is new."""
        fresh = [fault for fault in faults if fault not in self._unread]
        self._unread |= dict.fromkeys(fresh, True)
        return bool(fresh)

    def renew(self, standing: Iterable[str]) -> None:
        """Take those faults that can pass, as they stand now: what has passed need not be read any more."""
        now = tuple(standing)
        passed = self._passing.difference(now)
        self._unread = {
            fault: is_unread for fault, is_unread in self._unread.items() if not (is_unread and fault in passed)
        }
        self._passing = set(now)
        self.add(now)

    @property
    def unread(self) -> list[str]:
        """What nobody has read yet."""
        return [fault for fault, is_unread in self._unread.items() if is_unread]

    def confirm(self) -> None:
        """All of it was read; what is found once more is not told again."""
        self._unread = dict.fromkeys(self._unread, False)
