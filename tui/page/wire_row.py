"""The rows of the wire log: what reads brought, cut into items, and an item put into words."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise

from msgspec import Struct

from tui.domain.error import LimitError, RilletError
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.tape import Head, Read
from tui.page.frame_kind import describe_frame
from tui.page.framing import PREVIEW_CHARS, Framing
from tui.page.oddity import Oddity
from tui.wire.sse import Begun, Frame

_COMMENT = LazyPattern(rb"[\r\n]:")


class WireRow(Struct, frozen=True):
    """One thing that the wire said: a frame, keep-alives, the head, or the end."""

    at: float
    gap: float
    kind: str
    tone: str
    size_bytes: int
    preview: str
    text: str = ""
    """All of it, where that is no frame."""
    frame: int = -1
    """Its number among the frames, from 0 on; -1 for anything else, and where the tape was not read so far."""
    odd: tuple[Oddity, ...] = ()
    """What is odd about it."""
    said: Frame | None = None
    reads: tuple[int, int] = (0, 0)
    """The numbers of the first and the last read that brought it."""
    attempt: int = 0
    """Its number, from 1 on, where it stands for an attempt that came to nothing."""


class Item(Struct, frozen=True, gc=False):
    """What a row shows, before it is put into words: a frame, else keep-alives, or a fault after which nothing is framed."""

    at: float
    gap: float
    number: int
    frame: Frame | None
    size_bytes: int
    first: int
    last: int
    fault: tuple[str, str] | None = None


def row_of(item: Item, odd: tuple[Oddity, ...] = ()) -> WireRow:
    """An item in words."""
    frame, reads = item.frame, (item.first, item.last)
    if item.fault is not None:
        kind, words = item.fault
        return WireRow(item.at, item.gap, kind, "error", item.size_bytes, words, words, odd=odd, reads=reads)
    if frame is None:
        return WireRow(item.at, item.gap, "comment", "muted", item.size_bytes, "keep-alive", odd=odd, reads=reads)
    kind, tone, preview = describe_frame(frame)
    size = len(frame.data) if frame.data.isascii() else len(frame.data.encode(errors="replace"))
    return WireRow(item.at, item.gap, kind, tone, size, preview[:PREVIEW_CHARS], "", item.number, odd, frame, reads)


class Mark(Struct):
    """How the cutting stands somewhere: how many frames came before, when the last did, and in which read the next begins."""

    frames: int
    before: float
    began: int
    begun: Begun | None = None
    cutter: Cutter | None = None
    """One that stands there, where few bytes do not say how the framing stands."""

    def resumed(self, head: Head) -> Cutter:
        """A cutter that stands there, in a body after this head."""
        if self.cutter is None:
            return Cutter(Framing(head, self.begun), self.frames, self.before, self.began)
        return self.cutter.mark.cutter or self.cutter


class Cutter:
    """Cuts reads into items, from any place of a tape on.

    Attributes:
        framing: How the framing stands.
        frames: How many frames came before the next; -1 where nobody knows.
        before: When the item before came.
        began: The number of the read in which the next item begins.
        is_broken: Whether nothing more can be framed.
    """

    __slots__ = ("_comments", "before", "began", "frames", "framing", "is_broken")

    def __init__(self, framing: Framing, frames: int = 0, before: float = 0.0, began: int = 0) -> None:
        """Start where the framing stands."""
        self.framing, self.frames, self.before, self.began = framing, frames, before, began
        self.is_broken = False
        self._comments = framing.comments

    @property
    def mark(self) -> Mark:
        """How it stands."""
        begun = None if self.is_broken else self.framing.begun
        other = None
        if begun is None:
            other = Cutter(deepcopy(self.framing), self.frames, self.before, self.began)
            other.is_broken = self.is_broken
        return Mark(self.frames, self.before, self.began, begun, other)

    @property
    def stands_plain(self) -> bool:
        """Whether it stands where a frame may begin, and nothing but bytes is needed to cut what follows."""
        return not self.is_broken and self.framing.stands_plain

    def pass_by(self, frames: int, before: float, began: int) -> None:
        """So many frames were cut by somebody else, the last of which came then; the next begins in this read."""
        self.framing.pass_by()
        self.frames, self.before, self.began = (self.frames + frames if self.frames >= 0 else -1), before, began

    def feed(self, read: Read, number: int, data: bytes | None = None) -> list[Item]:
        """The items that a read completes, of which this is the number; with `data`, a part of it."""
        data = read.data if data is None else data
        if not self.is_broken and (frame := self.framing.feed_whole(data)) is not None:
            frames, gap, began = self.frames, read.at - self.before, self.began
            self.frames = frames + 1 if frames >= 0 else frames
            self.before, self.began = read.at, number + 1
            return [Item(read.at, gap, frames, frame, 0, began, number)]
        items: list[Item] = []
        try:
            if b"\n:" in data or b"\r:" in data or data.startswith(b":"):
                starts = [0, *(match.end() - 1 for match in _COMMENT.finditer(data)), len(data)]
                for start, end in pairwise(starts):
                    self._feed(data[start:end], read.at, number, items)
            else:
                self._feed(data, read.at, number, items)
        except RilletError as error:
            self.is_broken = True
            kind = "limit" if isinstance(error, LimitError) else "broken"
            fault = (kind, error.message)
            items.append(Item(read.at, read.at - self.before, -1, None, len(data), number, number, fault))
            self.before = read.at
        if self.framing.is_between_frames:
            self.began = number + 1
        return items

    def _feed(self, data: bytes, at: float, number: int, items: list[Item]) -> None:
        """Take bytes in which a comment stands at most at the beginning."""
        if self.is_broken:
            return
        framing = self.framing
        for frame in framing.feed(data):
            if framing.comments > self._comments:
                items.append(self._comment(data, at, number))
            frames = self.frames
            if frames >= 0:
                self.frames = frames + 1
            items.append(Item(at, at - self.before, frames, frame, 0, self.began, number))
            self.before, self.began = at, number
        if framing.comments > self._comments:
            items.append(self._comment(data, at, number))
        if framing.is_between_frames:
            self.began = number

    def _comment(self, data: bytes, at: float, number: int) -> Item:
        self._comments = self.framing.comments
        gap, self.before = at - self.before, at
        return Item(at, gap, -1, None, len(data.splitlines()[0]) if data else 0, number, number)
