"""The outline of a session: which turn follows which, without what was said in them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence


class Outline:
    """Every turn by its id and number, and the one that it follows. One that was asked aside follows it, and is no branch."""

    def __init__(self, turns: Iterable[tuple[str, int, str | None, bool]] = ()) -> None:
        """Take turns as ids, each with its number, the id of the turn above (`None` where it is a root), and whether it is an aside."""
        self._asides: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._above: dict[str, str | None] = {}
        self._below: dict[str | None, list[str]] = {}
        self._way: list[str] = []
        self._at: dict[str, int] = {}
        for turn_id, number, parent, is_aside in turns:
            self.add(turn_id, number, parent, is_aside=is_aside)

    def __contains__(self, turn_id: str) -> bool:
        return turn_id in self._above

    def __iter__(self) -> Iterator[str]:
        return iter(self._above)

    def add(self, turn_id: str, number: int, parent: str | None, *, is_aside: bool = False) -> None:
        """Take a turn; one that is known already stays where it is."""
        if turn_id not in self._above:
            self._above[turn_id], self._numbers[turn_id] = parent, number
            if is_aside:
                self._asides.add(turn_id)
            else:
                self._put_below(turn_id)

    def _put_below(self, turn_id: str) -> None:
        insort(self._below.setdefault(self._above[turn_id], []), turn_id, key=self._numbers.__getitem__)

    def set_aside(self, turn_id: str, *, is_aside: bool) -> None:
        """Let a turn that is known be an aside, or a branch."""
        if turn_id in self._above and is_aside != (turn_id in self._asides):
            if is_aside:
                self._asides.add(turn_id)
                self._below[self._above[turn_id]].remove(turn_id)
            else:
                self._asides.discard(turn_id)
                self._put_below(turn_id)

    def rename(self, earlier: str, turn_id: str, number: int) -> None:
        """A turn has another id and another number than it had."""
        turns, numbers, asides = [*self._above.items()], self._numbers | {turn_id: number}, self._asides
        self._above, self._below, self._numbers, self._way, self._asides = {}, {}, {}, [], set()
        for each, above in turns:
            now = turn_id if each == earlier else each
            self.add(now, numbers[now], turn_id if above == earlier else above, is_aside=each in asides)

    def above(self, turn_id: str) -> Iterator[str]:
        """The turns above one, the nearest first. Whatever a file says, nobody is his own ancestor."""
        passed = {turn_id}
        at = self._above.get(turn_id)
        while at is not None and at in self._above and at not in passed:
            yield at
            passed.add(at)
            at = self._above[at]

    def siblings(self, turn_id: str) -> Sequence[str]:
        """The turns that answer the same point, this one included, oldest first; an aside is alone."""
        if turn_id in self._asides:
            return (turn_id,)
        return self._below.get(self._above.get(turn_id), ()) if turn_id in self._above else ()

    def below(self, turn_id: str) -> Sequence[str]:
        """The turns that follow directly on one, oldest first."""
        return self._below.get(turn_id, ())

    def newest_below(self, turn_id: str) -> str:
        """The end of the newest branch that goes through a turn."""
        passed = {turn_id}
        while below := [each for each in self._below.get(turn_id, ()) if each not in passed]:
            turn_id = below[-1]
            passed.add(turn_id)
        return turn_id

    def toward(self, turn_id: str, end: str, most: int) -> list[str]:
        """The turns right below one on the way to another, at most so many, the nearest first; none where it is not on it."""
        if not self._way or self._way[-1] != end:
            self._way = [end, *self.above(end)][::-1]
            self._at = {each: at for at, each in enumerate(self._way)}
        at = self._at.get(turn_id)
        return [] if at is None else self._way[at + 1 : at + 1 + most]

    def forks(self, end: str | None) -> bool:
        """Whether any turn on the way to one has siblings."""
        forked = {above for above, below in self._below.items() if len(below) > 1}
        if not forked or end is None or end not in self._above:
            return False
        return any(self._above[each] in forked for each in (end, *self.above(end)))
