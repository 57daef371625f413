"""The turns of a session as a tree: its outline is known, and what was said is read from the disk as it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Protocol, Self

from tui.chat.outline import Outline
from tui.domain.error import StoreError
from tui.domain.turn import Turn

NEWEST = 32
"""So many turns are read when a session is opened: more than a screenful."""

AT_ONCE = 512
"""So many turns are read by one statement."""


class SavedTurns(Protocol):
    """The turns of a session as they are saved; every method raises `StoreError` where they cannot be read."""

    def of_session(self, session_id: str, *, below: int = sys.maxsize, most: int = -1) -> list[Turn]:
        """The newest turns, at most so many, oldest first."""

    def of_ids(self, turn_ids: Sequence[str]) -> list[Turn]:
        """Those of the turns that there are."""

    def outline(self, session_id: str) -> list[tuple[str, int, str | None, bool]]:
        """The id and number of every turn, oldest first, the id of the turn that it follows, and whether it is an aside."""


class TurnTree:
    """Every branch of a conversation, and where in it one stands.

    Attributes:
        head: The id of the turn the conversation stands at.
        unreadable: Why the turns above one that cannot be read are left out; empty when none are.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.head: str | None = None
        self.unreadable = ""
        self._turns: dict[str, Turn] = {}
        self._newest: Turn | None = None
        self._saved: SavedTurns | None = None
        self._session_id = ""
        self._lost: set[str] = set()
        self._outline: Outline | None = Outline()

    @classmethod
    def reading(cls, saved: SavedTurns, session_id: str) -> Self:
        """A tree of saved turns: the newest are read now, the others when they are asked for.

        Raises:
            StoreError: If the newest cannot be read.
        """
        tree = cls()
        tree._saved, tree._session_id, tree._outline = saved, session_id, None
        tree._know(saved.of_session(session_id, most=NEWEST))
        return tree

    @property
    def outline(self) -> Outline:
        """Which turn follows which, in the whole session."""
        if self._outline is None:
            rows: Sequence[tuple[str, int, str | None, bool]] = ()
            try:
                rows = self._saved.outline(self._session_id) if self._saved is not None else ()
            except StoreError as error:
                self.unreadable = error.message
            self._outline = Outline(rows)
            for turn in self._turns.values():
                self._outline.add(turn.id, turn.number, turn.parent, is_aside=turn.standing == "aside")
        return self._outline

    @property
    def known(self) -> list[Turn]:
        """The turns that have been read, of every branch."""
        return list(self._turns.values())

    @property
    def newest(self) -> Turn | None:
        """The turn that was begun last."""
        return self._newest

    @property
    def newest_said(self) -> Turn | None:
        """The same, but for those that were asked beside the conversation."""
        said = (turn for turn in self._turns.values() if turn.standing != "aside")
        return max(said, key=lambda turn: turn.number, default=None)

    @property
    def next_number(self) -> int:
        """One more than the number of any turn."""
        return self._newest.number + 1 if self._newest is not None else 1

    def add(self, turn: Turn) -> None:
        """Take a turn that was begun now."""
        self.take([turn])

    def take(self, turns: Sequence[Turn]) -> None:
        """Take turns that were begun here or elsewhere, or how they have ended."""
        self._know(turns)
        if self._outline is not None:
            for turn in turns:
                self._outline.add(turn.id, turn.number, turn.parent, is_aside=turn.standing == "aside")

    def tell_standing(self, turn: Turn) -> None:
        """A turn stands otherwise than it did: as an aside it is no branch."""
        if self._outline is not None:
            self._outline.set_aside(turn.id, is_aside=turn.standing == "aside")

    def find_known(self, turn_id: str) -> Turn | None:
        """A turn by its id, if it has been read already."""
        return self._turns.get(turn_id)

    def rename(self, turn: Turn, earlier: str) -> None:
        """A turn has another id than it had."""
        self._turns = {other.id: other for other in self._turns.values()}
        for other in self._turns.values():
            other.parent = turn.id if other.parent == earlier else other.parent
        if self._outline is not None:
            self._outline.rename(earlier, turn.id, turn.number)
        self.head = turn.id if self.head == earlier else self.head

    def find(self, turn_id: str | None) -> Turn | None:
        """A turn by its id, read now if it has not been."""
        if turn_id is None:
            return None
        if turn_id not in self._turns:
            self._read([turn_id])
        return self._turns.get(turn_id)

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
        return self._as_far([*islice(self.outline.above(turn.id), most)])[::-1]

    def toward_head(self, turn: Turn, most: int) -> list[Turn]:
        """The turns right below one on the way to the head, at most so many, oldest first; none where it is the head."""
        return self._as_far(self.outline.toward(turn.id, self.head, most)) if self.head is not None else []

    def is_on_path(self, turn: Turn) -> bool:
        """Whether a turn is the head, or above it."""
        head = self.head
        return head is not None and (turn.id == head or bool(self.outline.toward(turn.id, head, 1)))

    @property
    def everything(self) -> list[Turn]:
        """Every turn of every branch, in the order in which they were begun."""
        self._read(self.outline)
        return sorted(self._turns.values(), key=lambda turn: turn.number)

    def siblings(self, turn: Turn) -> list[Turn]:
        """The turns that answer the same point, this one included, oldest first."""
        return self._all_of(self.outline.siblings(turn.id))

    def place(self, turn: Turn) -> tuple[int, int]:
        """Which of how many answers to the same point a turn is; none of them is read for that."""
        siblings = self.outline.siblings(turn.id)
        return (siblings.index(turn.id) + 1, len(siblings)) if siblings else (1, 1)

    @property
    def may_branch(self) -> bool:
        """Whether a turn of the path has siblings."""
        return self.outline.forks(self.head)

    def below(self, turn: Turn) -> list[Turn]:
        """The turns that follow directly on one, oldest first."""
        return self._all_of(self.outline.below(turn.id))

    def _all_of(self, turn_ids: Sequence[str]) -> list[Turn]:
        self._read(turn_ids)
        return [self._turns[each] for each in turn_ids if each in self._turns]

    def _as_far(self, turn_ids: Sequence[str]) -> list[Turn]:
        """Turns by their ids, up to the first that cannot be read."""
        self._read(turn_ids)
        end = next((at for at, each in enumerate(turn_ids) if each not in self._turns), len(turn_ids))
        return [self._turns[each] for each in turn_ids[:end]]

    def _read(self, turn_ids: Iterable[str]) -> None:
        """Read those of the turns that have not been; one that cannot be is not tried again."""
        if (saved := self._saved) is None:
            return
        missing = [each for each in turn_ids if each not in self._turns and each not in self._lost]
        for start in range(0, len(missing), AT_ONCE):
            asked = missing[start : start + AT_ONCE]
            try:
                self._know(saved.of_ids(asked))
            except StoreError:
                for each in asked:
                    self._read_one(saved, each)

    def _read_one(self, saved: SavedTurns, turn_id: str) -> None:
        try:
            self._know(saved.of_ids([turn_id]))
        except StoreError as error:
            self.unreadable = error.message
            self._lost.add(turn_id)

    def _know(self, turns: Iterable[Turn]) -> None:
        for turn in turns:
            self._turns[turn.id] = turn
            if self._newest is None or turn.number >= self._newest.number:
                self._newest = turn
