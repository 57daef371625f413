"""The turns of a session as a tree: its outline is known, and what was said is read from the disk as it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Self
from weakref import WeakValueDictionary

from tui.chat.outline import Outline
from tui.chat.saved_turns import SavedTurns
from tui.domain.error import StoreError
from tui.domain.extent import Extent, asked_in, extent_of
from tui.domain.turn import Turn

NEWEST = 32
"""So many turns are read when a session is opened: more than a screenful."""

AT_ONCE = 48
"""So many turns are read by one statement, in some 10 ms, or 30 where the processor is busy."""

OUTLINED = 1024
"""So many turns of an outline are read between two looks at the time: some milliseconds."""

MEASURED = 64
"""So many turns are measured where the size of all that stand above one is asked, in some 10 ms."""

SURVEYED = 1024
"""So many turns are looked through by one statement for what is told of few, in some 10 ms."""

RECENT = 256
"""So many of the turns that were read last stay in memory though nobody else holds them."""


class TurnTree:
    """Every branch of a conversation, and where in it one stands.

    Turns that can be read again are held for a while only: a long session is no longer in memory than what is looked at. As
    long as anybody holds a turn, it is the same object for all.

    Attributes:
        head: The id of the turn the conversation stands at.
        unreadable: Why the turns above one that cannot be read are left out; empty when none are.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.head: str | None = None
        self.unreadable = ""
        self._turns: WeakValueDictionary[str, Turn] = WeakValueDictionary()
        self._held: dict[str, Turn] = {}
        self._recent: dict[str, Turn] = {}
        self._newest: Turn | None = None
        self._saved: SavedTurns | None = None
        self._session_id = ""
        self._lost: set[str] = set()
        self._outline: Outline | None = Outline()
        self._outlining: tuple[Outline, Iterator[tuple[int, int, bool]]] | None = None
        self._usual: tuple[str, float] = "", 0.0  # characters of a turn above this one, on an average

    @classmethod
    def reading(cls, saved: SavedTurns, session_id: str) -> Self:
        """A tree of saved turns: the newest are read now, the others when they are asked for.

        Raises:
            StoreError: If the newest cannot be read.
        """
        tree = cls()
        tree._saved, tree._session_id, tree._outline = saved, session_id, None
        tree._hold(saved.of_session(session_id, most=NEWEST))
        return tree

    @property
    def outline(self) -> Outline:
        """Which turn follows which, in the whole session."""
        self.read_outline(lambda: True)
        return self._outline or Outline(self._session_id)

    def read_outline(self, has_time: Callable[[], bool]) -> bool:
        """Read the outline on as long as there is time; whether all of it is known. Of a long session that takes a while."""
        if self._outline is not None:
            return True
        if self._outlining is None:
            saved = iter(()) if self._saved is None else self._saved.outline(self._session_id)
            self._outlining = Outline(self._session_id), saved
        outline, saved = self._outlining
        try:
            while some := [*islice(saved, OUTLINED)]:
                outline.take_saved(some)
                if not has_time():
                    return False
        except StoreError as error:
            outline = Outline(self._session_id)
            self.unreadable = error.message
        self._outline, self._outlining = outline, None
        for turn in self.known:
            outline.add(turn.id, turn.number, turn.parent, is_aside=turn.standing == "aside")
        return True

    @property
    def known(self) -> list[Turn]:
        """The turns that are in memory, of every branch, in the order in which they were begun."""
        return sorted(self._turns.values(), key=lambda turn: turn.number)

    @property
    def newest(self) -> Turn | None:
        """The turn that was begun last."""
        return self._newest

    @property
    def newest_said(self) -> Turn | None:
        """The same, but for those that were asked beside the conversation."""
        said = (turn for turn in self._held.values() if turn.standing != "aside")
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
        self._hold(turns)
        if self._outline is not None:
            for turn in turns:
                self._outline.add(turn.id, turn.number, turn.parent, is_aside=turn.standing == "aside")

    def tell_standing(self, turn: Turn) -> None:
        """A turn stands otherwise than it did: as an aside it is no branch."""
        if self._outline is not None:
            self._outline.set_aside(turn.id, is_aside=turn.standing == "aside")

    def find_known(self, turn_id: str) -> Turn | None:
        """A turn by its id, if it is in memory."""
        return self._turns.get(turn_id)

    def rename(self, turn: Turn, earlier: str) -> None:
        """A turn has another id than it had."""
        turns = self.known
        self._turns = WeakValueDictionary({other.id: other for other in turns})
        self._held = {other.id: other for other in self._held.values()}
        for other in turns:
            other.parent = turn.id if other.parent == earlier else other.parent
        if self._outline is not None:
            self._outline.rename(earlier, turn.id, turn.number)
        self.head = turn.id if self.head == earlier else self.head

    def find(self, turn_id: str | None) -> Turn | None:
        """A turn by its id, read now if it is not in memory."""
        return None if turn_id is None else self._turns.get(turn_id) or self._read([turn_id]).get(turn_id)

    def fetch(self, turn_ids: Sequence[str]) -> list[Turn]:
        """Turns by their ids, without those that cannot be read."""
        return [*self._fetch(turn_ids).values()]

    def path(self, head: str | None) -> list[Turn]:
        """The turns from the root to one, oldest first."""
        return [*self.up(head)][::-1]

    def up(self, head: str | None) -> Iterator[Turn]:
        """The turns from one up to the root, as far as they can be read; they are read as one goes."""
        turn = self.find(head)
        most = NEWEST
        while turn is not None:
            yield turn
            above = self.above(turn, most)
            yield from reversed(above[1:])
            turn, most = above[0] if above else None, AT_ONCE

    def newest_path(self) -> list[Turn]:
        """The end of the path to the head: those that are in memory, and a few at least."""
        path: dict[str, Turn] = {}
        turn = self.find(self.head)
        while turn is not None and turn.id not in path:
            path[turn.id] = turn
            parent = turn.parent
            turn = None if parent is None else self.find(parent) if len(path) < NEWEST else self._turns.get(parent)
        return [*path.values()][::-1]

    def above(self, turn: Turn, most: int) -> list[Turn]:
        """The turns right above one, at most so many, oldest first; none where it is a root."""
        return self._as_far([*islice(self.outline.above(turn.id), most)])[::-1]

    def toward_head(self, turn: Turn, most: int) -> list[Turn]:
        """The turns right below one on the way to the head, at most so many, oldest first; none where it is the head."""
        return self._as_far(self.outline.toward(turn.id, self.head, most)) if self.head is not None else []

    def extents_above(self, turn_id: str, most: int) -> list[Extent]:
        """How much is written in the turns right above one, at most so many, oldest first; none where it is a root."""
        return self._extents([*islice(self.outline.above(turn_id), most)])[::-1]

    def extents_toward_head(self, turn_id: str, most: int) -> list[Extent]:
        """The same of those right below one on the way to the head."""
        return self._extents(self.outline.toward(turn_id, self.head, most)) if self.head is not None else []

    def size_above(self, turn_id: str) -> tuple[int, float]:
        """How many turns stand above one, and about how many characters: those right above are measured, the others taken to be alike.

        While the outline is not known, all older turns are taken to stand above, and to be like those in memory: nobody waits.
        """
        if self._outline is None and (turn := self._turns.get(turn_id)) is not None:
            return turn.number - 1, (turn.number - 1) * _usual_size([extent_of(each) for each in self.known])
        if self._usual[0] != turn_id:
            self._usual = turn_id, _usual_size(self.extents_above(turn_id, MEASURED))
        count = self.outline.count_above(turn_id)
        return count, count * self._usual[1]

    def said(self, turn_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """What was asked in turns, and what was replied, by their ids."""
        in_memory = {each: turn for each in turn_ids if (turn := self._turns.get(each)) is not None}
        said: dict[str, tuple[str, str]] = {}
        if self._saved is not None and (missing := [each for each in turn_ids if each not in in_memory]):
            try:
                said = self._saved.said(self._session_id, missing)
            except StoreError as error:
                self.unreadable = error.message
        return said | {each: (asked_in(turn), turn.text) for each, turn in in_memory.items()}

    def may_say(self, words: str) -> set[str] | None:
        """The turns without which none holds these words; `None` where all must be looked through."""
        if self._saved is None:
            return None
        may: set[str] | None = None
        with suppress(StoreError):
            may = self._saved.may_say(self._session_id, words)
        return None if may is None else may | {*self._turns}  # what is in memory may not be on the disk yet

    def longest(self, turn_ids: Sequence[str]) -> Iterator[float]:
        """How long the turns took that took longest, in seconds: of some of them with each step, the last first."""
        for asked in _from_end(turn_ids):
            in_memory = [turn for each in asked if (turn := self._turns.get(each)) is not None]
            longest = [turn.timing.duration or 0.0 for turn in in_memory]
            if self._saved is not None:
                with suppress(StoreError):
                    longest.append(self._saved.longest(asked))
            yield max(longest, default=0.0)

    def last_calling(self) -> Iterator[Turn | None]:
        """Find the last turn on the path that asked for calls of tools, looking through some turns with each step.

        A step gives `None` where there is none among them, and the first that gives a turn is the last one. What is in
        memory is looked through first.
        """
        near = self.newest_path()
        yield next((turn for turn in reversed(near) if turn.tool_calls), None)
        while not self.read_outline(lambda: False):
            yield None
        above = self.outline.above(near[0].id) if near else iter(())
        while asked := [*islice(above, SURVEYED)]:
            calling = {each for each in asked if (turn := self._turns.get(each)) is not None and turn.tool_calls}
            if self._saved is not None:
                with suppress(StoreError):
                    calling |= self._saved.calling(asked)
            turns = (self.find(each) for each in asked if each in calling)
            yield next((turn for turn in turns if turn is not None and turn.tool_calls), None)

    def is_on_path(self, turn: Turn) -> bool:
        """Whether a turn is the head, or above it."""
        head = self.head
        return head is not None and (turn.id == head or bool(self.outline.toward(turn.id, head, 1)))

    @property
    def everything(self) -> list[Turn]:
        """Every turn of every branch, in the order in which they were begun."""
        every = self._fetch([*self.outline])
        return sorted(every.values(), key=lambda turn: turn.number)

    def siblings(self, turn: Turn) -> list[Turn]:
        """The turns that answer the same point, this one included, oldest first."""
        return [*self._fetch(self.outline.siblings(turn.id)).values()]

    def place(self, turn: Turn) -> tuple[int, int]:
        """Which of how many answers to the same point a turn is; none of them is read for that."""
        if self._outline is None and self._saved is not None and turn.parent is not None:
            return self._place_below(self._saved, turn, turn.parent)
        siblings = self.outline.siblings(turn.id)
        return (siblings.index(turn.id) + 1, len(siblings)) if siblings else (1, 1)

    def _place_below(self, saved: SavedTurns, turn: Turn, parent: str) -> tuple[int, int]:
        """The same, while the outline is not known: what shows first does not wait for that of a long session."""
        if turn.standing == "aside":
            return 1, 1
        numbers = {each.id: each.number for each in self.known if each.parent == parent and each.standing != "aside"}
        with suppress(StoreError):
            numbers |= {turn_id: number for number, turn_id in saved.following(self._session_id, parent)}
        beside = sorted(numbers, key=numbers.__getitem__)
        return (beside.index(turn.id) + 1, len(beside)) if turn.id in beside else (1, 1)

    @property
    def may_branch(self) -> bool:
        """Whether a turn of the path has siblings."""
        return self.outline.forks(self.head)

    def below(self, turn: Turn) -> list[Turn]:
        """The turns that follow directly on one, oldest first."""
        return [*self._fetch(self.outline.below(turn.id)).values()]

    def _as_far(self, turn_ids: Sequence[str]) -> list[Turn]:
        """Turns by their ids, up to the first that cannot be read."""
        turns = self._fetch(turn_ids)
        end = next((at for at, each in enumerate(turn_ids) if each not in turns), len(turn_ids))
        return [turns[each] for each in turn_ids[:end]]

    def _extents(self, turn_ids: Sequence[str]) -> list[Extent]:
        """The extents of turns, up to the first that cannot be read."""
        extents = {each: extent_of(turn) for each in turn_ids if (turn := self._turns.get(each)) is not None}
        missing = [each for each in turn_ids if each not in extents and each not in self._lost]
        if missing and self._saved is not None:
            try:
                extents |= self._saved.extents(self._session_id, missing)
            except StoreError as error:
                self.unreadable = error.message
        end = next((at for at, each in enumerate(turn_ids) if each not in extents), len(turn_ids))
        if end < len(turn_ids):
            self.find(turn_ids[end])  # which says why
        return [extents[each] for each in turn_ids[:end]]

    def _fetch(self, turn_ids: Iterable[str]) -> dict[str, Turn]:
        """Turns by their ids, in the same order, read where they are not in memory; without those that cannot be read."""
        asked = [*turn_ids]
        turns = {each: turn for each in asked if (turn := self._turns.get(each)) is not None}
        turns |= self._read([each for each in asked if each not in turns])
        return {each: turns[each] for each in asked if each in turns}

    def _read(self, turn_ids: Sequence[str]) -> dict[str, Turn]:
        """Read turns that are not in memory; one that cannot be read is not tried again."""
        if (saved := self._saved) is None:
            return {}
        read: dict[str, Turn] = {}
        missing = [each for each in turn_ids if each not in self._lost]
        for start in range(0, len(missing), AT_ONCE):
            asked = missing[start : start + AT_ONCE]
            try:
                turns = saved.of_ids(asked)
            except StoreError:
                turns = [turn for each in asked for turn in self._read_one(saved, each)]
            self._turns.update((turn.id, turn) for turn in turns)
            read |= {turn.id: turn for turn in turns}
        self._recent |= {each: read[each] for each in [*read][-RECENT:]}
        while len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]
        return read

    def _read_one(self, saved: SavedTurns, turn_id: str) -> list[Turn]:
        try:
            return saved.of_ids([turn_id])
        except StoreError as error:
            self.unreadable = error.message
            self._lost.add(turn_id)
            return []

    def _hold(self, turns: Iterable[Turn]) -> None:
        """Keep turns in memory for good: the newest, and those that are not on the disk as they stand."""
        for turn in turns:
            self._turns[turn.id] = self._held[turn.id] = turn
            if self._newest is None or turn.number >= self._newest.number:
                self._newest = turn


def _usual_size(extents: Sequence[Extent]) -> float:
    """Characters of a turn, on an average."""
    return sum([each.asked + each.replied for each in extents]) / len(extents) if extents else 0.0


def _from_end(turn_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Some of the turns at a time, the last first."""
    for end in range(len(turn_ids), 0, -SURVEYED):
        yield turn_ids[max(0, end - SURVEYED) : end]
