"""The turns of a session as a tree, read from the disk as far as they are asked for."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Self

from tui.domain.error import StoreError
from tui.domain.turn import Turn

NEWEST = 32
"""So many turns are read when a session is opened: more than a screenful."""

AT_ONCE = 128
"""So many are read at a time of those before."""

Read = Callable[[int, int], Sequence[Turn]]
"""Gives the newest turns whose number is below one, at most so many, oldest first; raises `StoreError`."""


class TurnTree:
    """Every branch of a conversation, and where in it one stands.

    Attributes:
        head: The id of the turn the conversation stands at.
        unreadable: Why the turns before those that were read are left out; empty when none are.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.head: str | None = None
        self.unreadable = ""
        self._turns: dict[str, Turn] = {}
        self._read: Read | None = None
        self._read_from = sys.maxsize

    @classmethod
    def reading(cls, read: Read) -> Self:
        """A tree of saved turns: the newest are read now, the others when they are asked for.

        Raises:
            StoreError: If the newest cannot be read.
        """
        tree = cls()
        tree._read = read
        tree._take(read(sys.maxsize, NEWEST))
        return tree

    @property
    def known(self) -> list[Turn]:
        """The turns that have been read, of every branch."""
        return list(self._turns.values())

    @property
    def newest(self) -> Turn | None:
        """The turn that was begun last."""
        return next(reversed(self._turns.values()), None)

    @property
    def next_number(self) -> int:
        """One more than the number of any turn."""
        return self.newest.number + 1 if self.newest is not None else 1

    def add(self, turn: Turn) -> None:
        """Take a turn that was begun now."""
        self._turns[turn.id] = turn

    def take(self, turns: Sequence[Turn]) -> None:
        """Take turns that somebody else has begun, or how they have ended, each in its place."""
        if turns:
            self._turns |= {turn.id: turn for turn in turns}
            self._turns = dict(sorted(self._turns.items(), key=lambda item: item[1].number))

    def find_known(self, turn_id: str) -> Turn | None:
        """A turn by its id, if it has been read already."""
        return self._turns.get(turn_id)

    def rename(self, turn: Turn, earlier: str) -> None:
        """A turn has another id than it had."""
        self._turns = {other.id: other for other in self._turns.values()}
        for other in self._turns.values():
            other.parent = turn.id if other.parent == earlier else other.parent
        self.head = turn.id if self.head == earlier else self.head

    def find(self, turn_id: str | None) -> Turn | None:
        """A turn by its id, read now if it has not been."""
        if turn_id is None:
            return None
        while (turn := self._turns.get(turn_id)) is None and self._read_more():
            pass
        return turn

    def path(self, head: str | None) -> list[Turn]:
        """The turns from the root to one, oldest first."""
        turn = self.find(head)
        return [*self.above(turn, sys.maxsize), turn] if turn is not None else []

    def newest_path(self) -> list[Turn]:
        """The end of the path to the head: those that have been read already."""
        path: dict[str, Turn] = {}
        at = self.head
        while at is not None and at not in path and (turn := self._turns.get(at)) is not None:
            path[at] = turn
            at = turn.parent
        return [*path.values()][::-1]

    def above(self, turn: Turn, most: int) -> list[Turn]:
        """The turns right above one, at most so many, oldest first; none where it is a root."""
        path: dict[str, Turn] = {}
        at = turn.parent
        while at is not None and len(path) < most and (above := self.find(at)) is not None:
            if at in path or above is turn:  # whatever a file says, nobody is his own ancestor
                break
            path[at] = above
            at = above.parent
        return [*path.values()][::-1]

    @property
    def everything(self) -> list[Turn]:
        """Every turn of every branch, in the order in which they were begun."""
        while self._read_more():
            pass
        return [*self._turns.values()]

    def siblings(self, turn: Turn) -> list[Turn]:
        """The turns that answer the same point, this one included, oldest first."""
        return [other for other in self.everything if other.parent == turn.parent]

    def known_siblings(self, turn: Turn) -> list[Turn]:
        """The same, as far as they have been read already."""
        return [other for other in self._turns.values() if other.parent == turn.parent]

    @property
    def may_branch(self) -> bool:
        """Whether a turn of the path has siblings; as long as not all turns have been read, it may have."""
        if self._read is not None:
            return True
        parents = Counter(turn.parent for turn in self._turns.values())
        return any(parents[turn.parent] > 1 for turn in self.newest_path())

    def below(self, turn: Turn) -> list[Turn]:
        """The turns that follow directly on one, oldest first: they were begun after it, so they have been read."""
        return [other for other in self._turns.values() if other.parent == turn.id and other is not turn]

    def _read_more(self) -> bool:
        """Read some of the turns that have not been; whether there were any."""
        if self._read is None:
            return False
        try:
            turns = self._read(self._read_from, AT_ONCE)
        except StoreError as error:
            turns, self.unreadable = [], error.message
        self._take(turns)
        return bool(turns)

    def _take(self, turns: Sequence[Turn]) -> None:
        self._turns = {turn.id: turn for turn in turns} | self._turns
        self._read_from = turns[0].number if turns else 0
        if self._read_from <= 1:
            self._read = None
