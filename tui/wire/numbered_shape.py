"""Numbered shapes: frames that differ in a text, in a number that goes up by one, and in what was added to hide their length.

What the endpoints of the Responses dialect send is this, mostly. Such frames are read as their texts, as those of a `FrameShape` are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from tui.domain.delta import Delta
from tui.domain.lazy_pattern import LazyPattern

_NUMBER = LazyPattern(rb'"sequence_number": ?(0|[1-9]\d{0,14})(?=[,}])')
_PADDING = LazyPattern(rb'"obfuscation": ?"([^"\\\x00-\x1f]*)"')
_TEXT = rb'([^"\\\x00-\x1f]+)'
_END = b"\n\n"


class NumberedRun(Protocol):
    """What a dialect has whose frames are numbered: it reads those that follow on a text in one go."""

    def learn(self, frame: bytes, text: str) -> NumberedShape | None:
        """The shape of frames like the one that brought this text, which was taken last; `None` where that is not to be seen."""

    def take_all(self, texts: list[str], last: bytes) -> Iterator[Delta]:
        """Take the texts of frames that fit that shape, as the frames would be taken; `last` is the last of them.

        Raises:
            LimitError: If the reply has grown beyond a limit; what fits is given first.
        """


class NumberedShape:
    """What stands around the text, the number and the padding of a frame.

    Attributes:
        last: What the last frame said that was read, without the blank line.
    """

    def __init__(self, pattern: re.Pattern[bytes], text: int, number: int, sequence: int | None) -> None:
        """Take a pattern of a frame, which groups of it are the text and the number, and the number of the frame before."""
        self._pattern, self._text, self._number = pattern, text, number
        self._sequence = sequence
        self.last = b""

    @classmethod
    def of(cls, record: bytes, text: str, sequence: int | None) -> NumberedShape | None:
        """The shape of a frame's bytes, without the blank line, that brought a text and had this number.

        `None` where that is not to be seen without a doubt: a member comes twice, or something is escaped.
        """
        said = text.encode("utf-8", "surrogatepass")
        spans: list[tuple[int, int, bytes]] = []
        for head in (b'"delta":"', b'"delta": "'):
            at = record.find(head + said + b'"')
            if at >= 0:
                spans.append((at + len(head), at + len(head) + len(said), _TEXT))
        numbers, paddings = [*_NUMBER.finditer(record)], [*_PADDING.finditer(record)]
        is_seen = (
            len(spans) == 1
            and b"\\" not in record
            and record.count(b'"delta"') == 1
            and record.count(b'"sequence_number"') == len(numbers) <= 1
            and record.count(b'"obfuscation"') == len(paddings) <= 1
            and [int(each[1]) for each in numbers] == ([] if sequence is None else [sequence])
        )
        if not is_seen:
            return None
        start = spans[0][0]
        spans += [(*each.span(1), rb"(0|[1-9]\d{0,14})") for each in numbers]
        spans += [(*each.span(1), rb'[^"\\\x00-\x1f]*') for each in paddings]
        spans.sort()
        pattern, at = b"", 0
        for begin, end, form in spans:
            if begin < at:
                return None  # one stands in another
            pattern += re.escape(record[at:begin]) + form
            at = end
        groups = [begin for begin, _, form in spans if form.startswith(b"(")]
        number = next((groups.index(each.start(1)) + 1 for each in numbers), 0)
        pattern += re.escape(record[at:] + _END)
        return cls(re.compile(pattern), groups.index(start) + 1, number, sequence)

    def split(self, data: bytes) -> list[str]:
        """The texts of the frames that fit, from the beginning of the data on; the next data follows the last of them."""
        return [*self._texts(data)]

    def _texts(self, data: bytes) -> Iterator[str]:
        end = 0
        for match in self._pattern.finditer(data):
            if match.start() != end:
                return
            try:
                text = match[self._text].decode()
            except UnicodeDecodeError:
                return
            if self._sequence is not None:
                if int(match[self._number]) != self._sequence + 1:
                    return
                self._sequence += 1
            self.last = match[0]
            end = match.end()
            yield text
