"""The entries of a page: those near the reader stand in memory, of the others little more than their size is known."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import overload

from tui.domain.extent import Extent
from tui.domain.turn import Turn
from tui.page.entry import Entry

Make = Callable[[str], Sequence[Entry]]
"""Makes the two entries of a turn that is known by its id: what was asked, and the reply."""


class Sketches:
    """The two entries of each of some turns, one below another: ids, characters, and rows that stand there at any width."""

    __slots__ = ("_estimated", "chars", "ids", "rows")

    def __init__(self, extents: Sequence[Extent] = (), width: int = 0) -> None:
        """Sketch turns; at a width that is told, how high they are is estimated now: of very many together that takes long."""
        self.ids = [each.turn_id for each in extents for _ in range(2)]
        self.chars = array("I", chain.from_iterable((each.asked, each.replied) for each in extents))
        self.rows = array("I", chain.from_iterable((each.asked_rows, each.reply_rows) for each in extents))
        self._estimated = (width, self._estimate(0, len(self), width) if width else array("i"))

    def __len__(self) -> int:
        return len(self.ids)

    def forget_estimates(self) -> None:
        """Let go of what was estimated: it has been taken."""
        self._estimated = (0, array("i"))

    @classmethod
    def blank(cls, count: int) -> Sketches:
        """What stands for entries that cannot be made again."""
        blank = cls()
        blank.ids, blank.chars, blank.rows = [""] * count, array("I", [0]) * count, array("I", [0]) * count
        return blank

    def estimates(self, first: int, last: int, width: int) -> array[int]:
        """About how high some are at a width."""
        at, heights = self._estimated
        return heights[first:last] if at == width and width else self._estimate(first, last, width)

    def _estimate(self, first: int, last: int, width: int) -> array[int]:
        width = max(1, width)
        both = zip(self.rows[first:last], self.chars[first:last], strict=True)
        return array("i", [rows + chars // width for rows, chars in both])

    def add(self, below: Sketches) -> None:
        """Put others below these."""
        (width, heights), (other, more) = self._estimated, below._estimated
        if other and (width == other or not len(self)):
            heights.extend(more)
            self._estimated = other, heights
        else:
            self.forget_estimates()
        self.ids += below.ids
        self.chars += below.chars
        self.rows += below.rows


class Entries(Sequence[Entry]):
    """Entries by their numbers. One that is only sketched is made when it is asked for.

    Attributes:
        make: Makes entries of turns that are sketched; without it nothing is sketched.
    """

    def __init__(self, on_wake: Callable[[int, Entry], object]) -> None:
        """Start empty; `on_wake` is told of an entry that was sketched, as soon as it is made."""
        self.make: Make | None = None
        self._on_wake = on_wake
        self._live: dict[int, Entry] = {}  # by the number that each had before others were put above
        self._shift = 0
        self._sketches = Sketches()

    def __len__(self) -> int:
        return len(self._sketches.ids)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        entry = self._live.get(index - self._shift)
        return entry if entry is not None else self._wake(index)

    def __setitem__(self, index: int, entry: Entry) -> None:
        self._live[index - self._shift] = entry
        self._sketches.ids[index] = ""  # it is not what could be read again

    def __iter__(self) -> Iterator[Entry]:
        return (self[index] for index in range(len(self)))

    def clear(self) -> None:
        """Forget every entry."""
        self._live.clear()
        self._sketches = Sketches()
        self._shift = 0

    # --- what stands in memory -------------------------------------------------------------------------------------

    def find_live(self, index: int) -> Entry | None:
        """An entry, if it stands in memory."""
        return self._live.get(index - self._shift)

    @property
    def live(self) -> Iterator[tuple[int, Entry]]:
        """Those that stand in memory, by their numbers, in no order."""
        return ((key + self._shift, entry) for key, entry in self._live.items())

    def turn_id(self, index: int) -> str:
        """The id of the turn of an entry that can be made again; empty for any other."""
        return self._sketches.ids[index]

    def is_reply(self, index: int) -> bool:
        """Whether an entry that can be made again is a reply: the other one of its turn stands above it."""
        return (
            index > 0 and bool(self._sketches.ids[index]) and self._sketches.ids[index - 1] == self._sketches.ids[index]
        )

    def sketch(self, index: int) -> bool:
        """Let go of an entry that can be made again as it is; whether it was one."""
        entry = self.find_live(index)
        if entry is None or not self._sketches.ids[index] or entry.is_touched or entry.is_growing:
            return False
        del self._live[index - self._shift]
        return True

    def index_of(self, turn: Turn) -> int | None:
        """The first entry of a turn."""
        last = len(self) - 1
        entry = self.find_live(last)
        if entry is not None and entry.turn is turn:
            before = self.find_live(last - 1)
            return last - 1 if before is not None and before.turn is turn else last
        live = min((index for index, entry in self.live if entry.turn is turn), default=None)
        if turn.id and turn.id in self._sketches.ids:
            at = self._sketches.ids.index(turn.id)
            return at if live is None else min(at, live)
        return live

    def _wake(self, index: int) -> Entry:
        if not (0 <= index < len(self)) or self.make is None:
            raise IndexError(index)
        entry = self.make(self._sketches.ids[index])[self.is_reply(index)]
        self._live[index - self._shift] = entry
        self._on_wake(index, entry)
        return entry

    # --- more of them ------------------------------------------------------------------------------------------------

    def extend(self, entries: Sequence[Entry]) -> None:
        """Put entries below all others."""
        self._live.update(enumerate(entries, len(self) - self._shift))
        self._sketches.add(Sketches.blank(len(entries)))

    def extend_sketches(self, sketches: Sketches) -> None:
        """Put entries that are only sketched below all others."""
        sketches.forget_estimates()
        self._sketches.add(sketches)

    def prepend_sketches(self, sketches: Sketches) -> None:
        """Put entries that are only sketched above all others, which are so many further down from now on."""
        self._shift += len(sketches)
        sketches.forget_estimates()
        sketches.add(self._sketches)
        self._sketches = sketches

    def estimates(self, first: int, last: int, width: int) -> array[int]:
        """About how high entries are at a width; those that stand in memory know it themselves."""
        return self._sketches.estimates(first, last, width)
