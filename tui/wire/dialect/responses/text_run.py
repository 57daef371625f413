"""A run of text: frames that add to the same part, each right after the one before, as nine in ten do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tui.domain.delta import Delta, TextDelta
from tui.wire.dialect.responses.output_item import Part
from tui.wire.numbered_shape import NumberedShape
from tui.wire.text_frame import TextEvent, read_text_record


class TextRun:
    """The part that the last text went to, and what goes on with it.

    Attributes:
        latest: The item, the two places in it, and the part; `None` where the last event was no text.
        sequence: The number of the last event that had one.
        last_data: What that event said.
    """

    def __init__(self, room: Callable[[], int], grow: Callable[[list[str], int], Iterable[Delta]]) -> None:
        """`room` tells how many characters more a reply may have; `grow` counts texts of a part in, and gives them."""
        self.latest: tuple[str, int, int, Part] | None = None
        self.sequence: int | None = None
        self.last_data = ""
        self._room, self._grow = room, grow
        self._seen: tuple[TextEvent, Part, bytes] | None = None

    def part_of(self, event: TextEvent, ahead: int = 0) -> Part | None:
        """The part that a text adds to, if it is the very one that the last one added to, and comes right after it, or so many frames later."""
        if self.latest is None:
            return None
        item_id, output_index, content_index, part = self.latest
        sequence, is_here = event.sequence_number, (item_id, output_index, content_index)
        is_next = sequence is None or self.sequence is None or sequence == self.sequence + 1 + ahead
        return part if is_next and (event.item_id, event.output_index, event.content_index) == is_here else None

    def take(self, event: TextEvent, part: Part, data: str) -> TextDelta:
        """Add a text to its part."""
        if event.sequence_number is not None:
            self.sequence = event.sequence_number
            self.last_data = data
        part.fragments.append(event.delta)
        return TextDelta(event.delta, part.number, message=part.message)

    def learn(self, frame: bytes, text: str) -> NumberedShape | None:
        """See `NumberedRun`."""
        return NumberedShape.of(frame, text, self.sequence)

    def take_all(self, texts: list[str], last: bytes) -> Iterator[Delta]:
        """See `NumberedRun`."""
        if self.latest is None:
            return iter(())
        part = self.latest[3]
        part.fragments += texts
        if self.sequence is not None:
            self.sequence += len(texts)
            self.last_data = last.rstrip(b"\n").partition(b"data: ")[2].decode()
        return iter(self._grow(texts, part.number))

    def peek(self, data: bytes, ahead: int = 0) -> str:
        """See `Decoder.peek`."""
        seen = read_text_record(data)
        if seen is None:
            return ""
        text, part = seen[0].delta, self.part_of(seen[0], ahead)
        self._seen = None if part is None else (seen[0], part, seen[1])
        return text if part is not None and len(text) <= self._room() else ""

    def take_seen(self, texts: list[str]) -> TextDelta | None:
        """Take what was peeked at last, if it is that text."""
        if self._seen is None or texts != [self._seen[0].delta]:
            return None
        (event, part, record), self._seen = self._seen, None
        return self.take(event, part, record.decode())
