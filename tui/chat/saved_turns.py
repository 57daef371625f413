"""Where the turns of a session are read that are not in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Protocol

from tui.domain.extent import Extent
from tui.domain.turn import Turn


class SavedTurns(Protocol):
    """The turns of a session as they are saved; every method raises `StoreError` where they cannot be read."""

    def of_session(self, session_id: str, *, below: int = sys.maxsize, most: int = -1) -> list[Turn]:
        """The newest turns, at most so many, oldest first."""

    def of_ids(self, turn_ids: Sequence[str]) -> list[Turn]:
        """Those of the turns that there are."""

    def outline(self, session_id: str) -> Iterator[tuple[int, int, bool]]:
        """The number of every turn, oldest first, that of the turn that it follows (0: none), and whether it is an aside."""

    def following(self, session_id: str, turn_id: str) -> list[tuple[int, str]]:
        """The numbers and ids of the turns that follow directly on one, without asides, oldest first."""

    def extents(self, session_id: str, turn_ids: Sequence[str]) -> dict[str, Extent]:
        """How much is written in turns; those that cannot be read are not among them."""

    def longest(self, turn_ids: Sequence[str]) -> float:
        """How long that of the turns took that took longest, in seconds; 0 where none says how long it took."""

    def calling(self, turn_ids: Sequence[str]) -> set[str]:
        """Those of the turns that asked for calls of tools."""

    def said(self, session_id: str, turn_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """What was asked in turns, and what was replied; those that cannot be read are not among them."""

    def may_say(self, session_id: str, words: str) -> set[str] | None:
        """The turns without which none holds these words; `None` where that is not known, or they are many."""
