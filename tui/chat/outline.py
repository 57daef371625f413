"""The outline of a session: which turn follows which, without what was said in them.

A session may have a hundred thousand turns. What is known of each stands in arrays, a few bytes a turn, by its place: the
order in which it was told. What few turns have stands in dictionaries.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

_NONE = -1
"""The place of the turn above a root, and of what follows a turn that nothing follows."""

_STRAY = -2
"""The place of a turn above that nothing is known of."""


class Outline:
    """Every turn by its id and number, and the one that it follows. One that was asked aside follows it, and is no branch."""

    def __init__(self, session_id: str = "", turns: Iterable[tuple[int, int, bool]] = ()) -> None:
        """Take the saved turns of a session, oldest first: the number of each, that of the turn above (0: none), and whether it is an aside."""
        self._session_id = session_id
        self._numbers = array("q")
        self._above = array("i")
        self._first_below = array("i")
        self._asides: set[int] = set()
        self._names: dict[int, str] = {}  # of turns that are not named for their numbers
        self._places: dict[str, int] = {}  # of turns that were told later
        self._forks: dict[int, list[int]] = {}  # below the turns that more than one follows, oldest first
        self._strays: dict[str, list[int]] = {}  # by the turn above, which is not known
        self._way = array("i")
        self._at = array("i")
        self._depth = array("i")  # so many turns stand above each; empty where that is not known any more
        self._saved = 0
        self.take_saved(turns)

    def take_saved(self, turns: Iterable[tuple[int, int, bool]]) -> None:
        """Take more of the saved turns, all newer than those before, and before any that is added."""
        for number, above, is_aside in turns:
            place = len(self._numbers)
            self._numbers.append(number)
            self._above.append(
                _NONE if not 0 < above < number else above - 1 if number == place + 1 else self._place_of_number(above)
            )
            self._deepen(self._above[place])
            self._first_below.append(_NONE)
            if is_aside:
                self._asides.add(place)
            else:
                self._hang(place)
        self._saved = len(self._numbers)

    def __contains__(self, turn_id: str) -> bool:
        return self._place(turn_id) is not None

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return map(self._id, range(len(self._numbers)))

    def add(self, turn_id: str, number: int, parent: str | None, *, is_aside: bool = False) -> None:
        """Take a turn; one that is known already stays where it is."""
        if turn_id in self:
            return
        place, above = len(self._numbers), _NONE if parent is None else self._place(parent)
        self._places[turn_id] = place
        if turn_id != self._usual_id(number):
            self._names[place] = turn_id
        if above is None and parent is not None:
            self._strays.setdefault(parent, []).append(place)
        self._put(number, _STRAY if above is None else above, is_aside=is_aside)
        if turn_id in self._strays:
            self._way = array("i")
            self._at = array("i")
            self._depth = array("i")
        for stray in self._strays.pop(turn_id, ()):
            self._above[stray] = place
            if stray not in self._asides:
                self._hang(stray)

    def set_aside(self, turn_id: str, *, is_aside: bool) -> None:
        """Let a turn that is known be an aside, or a branch."""
        place = self._place(turn_id)
        if place is not None and is_aside != (place in self._asides):
            if is_aside:
                self._asides.add(place)
                self._unhang(place)
            else:
                self._asides.discard(place)
                self._hang(place)

    def rename(self, earlier: str, turn_id: str, number: int) -> None:
        """A turn has another id and another number than it had."""
        place = self._place(earlier)
        if place is None:
            return
        is_branch = place not in self._asides
        if is_branch:
            self._unhang(place)
        self._places.pop(earlier, None)
        self._places[turn_id], self._numbers[place] = place, number
        self._names.pop(place, None)
        if turn_id != self._usual_id(number):
            self._names[place] = turn_id
        if is_branch:
            self._hang(place)

    def links(self) -> Iterator[tuple[str, str | None]]:
        """Every turn, in the order of their numbers, and the one above it; `None` where nothing is known of that."""
        for place in sorted(range(len(self._numbers)), key=self._numbers.__getitem__):
            above = self._above[place]
            yield self._id(place), None if above < 0 else self._id(above)

    def above(self, turn_id: str) -> Iterator[str]:
        """The turns above one, the nearest first. Whatever a file says, nobody is his own ancestor."""
        return map(self._id, self._places_above(self._place(turn_id)))

    def count_above(self, turn_id: str) -> int:
        """How many turns stand above one."""
        place = self._place(turn_id)
        if place is not None and self._depth:
            return self._depth[place]
        return sum(1 for _ in self._places_above(place))

    def siblings(self, turn_id: str) -> Sequence[str]:
        """The turns that answer the same point, this one included, oldest first; an aside is alone."""
        place = self._place(turn_id)
        if place is None:
            return ()
        if place in self._asides:
            return (turn_id,)
        return [self._id(each) for each in self._beside(place)]

    def forks_above(self, turn_id: str) -> Iterator[str]:
        """Of a turn and those above it, those that answer the same point as others, the nearest first."""
        last = self._place(turn_id)
        for place in () if last is None else chain((last,), self._places_above(last)):
            above = self._above[place]
            if (above == _STRAY or above in self._forks) and place not in self._asides and len(self._beside(place)) > 1:
                yield self._id(place)

    def below(self, turn_id: str) -> Sequence[str]:
        """The turns that follow directly on one, oldest first."""
        place = self._place(turn_id)
        return [] if place is None else [self._id(each) for each in self._below(place)]

    def newest_below(self, turn_id: str) -> str:
        """The end of the newest branch that goes through a turn."""
        place = self._place(turn_id)
        if place is None:
            return turn_id
        for _ in range(len(self._numbers)):
            if not (below := self._below(place)):
                break
            place = below[-1]
        return self._id(place)

    def toward(self, turn_id: str, end: str, most: int) -> list[str]:
        """The turns right below one on the way to another, at most so many, the nearest first; none where it is not on it."""
        last, place = self._place(end), self._place(turn_id)
        if last is None or place is None:
            return []
        self._lead_to(last)
        at = self._at[place]
        return [] if at == _NONE else [self._id(each) for each in self._way[at + 1 : at + 1 + most]]

    def forks(self, end: str | None) -> bool:
        """Whether any turn on the way to one has siblings."""
        last = None if end is None else self._place(end)
        forked = [above for above, below in self._forks.items() if len(below) > 1]
        strays = [place for beside in self._strays.values() for place in beside if len(self._beside(place)) > 1]
        if last is None or not (forked or strays):
            return False
        self._lead_to(last)
        root = self._above[self._way[0]]
        is_forked = any(
            above == root or (above != last and above >= 0 and self._at[above] != _NONE) for above in forked
        )
        return is_forked or any(self._at[stray] != _NONE for stray in strays)

    def _lead_to(self, last: int) -> None:
        """Know the way from a root to a turn: nearly always it goes on where the one before has ended."""
        self._at.extend([_NONE] * (len(self._numbers) - len(self._at)))
        if self._way and self._way[-1] == last:
            return
        if not self._way or self._above[last] != self._way[-1]:
            for each in self._way:
                self._at[each] = _NONE
            self._way = array("i", [last, *self._places_above(last)])[::-1]
            for at, each in enumerate(self._way):
                self._at[each] = at
        else:
            self._at[last] = len(self._way)
            self._way.append(last)

    # --- places ----------------------------------------------------------------------------------------------------

    def _usual_id(self, number: int) -> str:
        return f"{self._session_id}.{number}"

    def _id(self, place: int) -> str:
        return self._names.get(place) or self._usual_id(self._numbers[place])

    def _place(self, turn_id: str) -> int | None:
        if (place := self._places.get(turn_id)) is not None:
            return place
        of, _, digits = turn_id.rpartition(".")
        if of != self._session_id or not (digits.isascii() and digits.isdecimal()):
            return None
        place = self._place_of_number(int(digits), self._saved)
        return None if place == _NONE or self._id(place) != turn_id else place

    def _place_of_number(self, number: int, end: int | None = None) -> int:
        """Where the turn of a number stands among those that were told in the order of their numbers."""
        end = len(self._numbers) if end is None else end
        if number <= end and self._numbers[number - 1] == number:
            return number - 1  # as nearly always
        place = bisect_left(self._numbers, number, 0, end)
        return place if place < end and self._numbers[place] == number else _NONE

    def _places_above(self, place: int | None) -> Iterator[int]:
        for _ in range(len(self._numbers)):  # no longer, whatever a file says
            place = _NONE if place is None else self._above[place]
            if place < 0:
                return
            yield place

    def _below(self, place: int) -> Sequence[int]:
        """The places of what follows a turn, or, of `_NONE`, of the roots."""
        if (fork := self._forks.get(place)) is not None:
            return fork
        first = self._first_below[place] if place >= 0 else _NONE
        return () if first == _NONE else (first,)

    def _beside(self, place: int) -> Sequence[int]:
        above = self._above[place]
        if above != _STRAY:
            return self._below(above)
        lost = next((strays for strays in self._strays.values() if place in strays), [])
        return sorted((each for each in lost if each not in self._asides), key=self._numbers.__getitem__)

    def _put(self, number: int, above: int, *, is_aside: bool) -> None:
        place = len(self._numbers)
        self._numbers.append(number)
        self._above.append(above)
        self._deepen(above)
        self._first_below.append(_NONE)
        if is_aside:
            self._asides.add(place)
        else:
            self._hang(place)

    def _deepen(self, above: int) -> None:
        """Know how many turns stand above the one at the next place."""
        if len(self._depth) == len(self._above) - 1:
            self._depth.append(self._depth[above] + 1 if above >= 0 else 0)

    def _hang(self, place: int) -> None:
        """Let a turn follow the one above it."""
        above = self._above[place]
        if above == _STRAY:
            return
        if above == _NONE or above in self._forks:
            insort(self._forks.setdefault(above, []), place, key=self._numbers.__getitem__)
        elif (first := self._first_below[above]) == _NONE:
            self._first_below[above] = place
        else:
            self._forks[above] = sorted((first, place), key=self._numbers.__getitem__)

    def _unhang(self, place: int) -> None:
        above = self._above[place]
        if (fork := self._forks.get(above)) is not None:
            fork.remove(place)
        elif above >= 0:
            self._first_below[above] = _NONE
