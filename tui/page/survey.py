"""A survey: what reading a whole long tape told, kept beside it, so that it need not be read through again to be shown."""

from __future__ import annotations

import zlib
from functools import cache
from typing import NamedTuple, Protocol

import msgspec
from msgspec import Struct

from tui.chat.checking.note import Notes
from tui.chat.checking.rule import RULES
from tui.domain.error import StoreError
from tui.domain.tape import TapeEnd
from tui.page.opened import OpenedPoint
from tui.page.origin import Brought
from tui.page.time_parts import Gathered
from tui.page.wire_row import Mark, WireRow
from tui.page.wire_rows import Stretch
from tui.wire.sse import Begun

FORM = 2
"""Counts the forms that surveys have had."""


class Place(NamedTuple):
    """Where a stretch begins: its first read, the rows and the frames before it, and how the cutting stands there."""

    read: int
    start: int
    frames: int
    before: float
    began: int
    begun: Begun


class Survey(Struct):
    """What is known of a tape that was read through."""

    reads: int
    end: TapeEnd | None
    size_bytes: int
    frames: int
    places: list[Place]
    timeline: Gathered
    notes: Notes
    brought: Brought
    tail: list[WireRow]
    opened: list[OpenedPoint] = []
    """Where it can be opened, if it is compressed."""

    @property
    def stretches(self) -> list[Stretch]:
        """Its stretches; the last stands behind all reads."""
        return [
            Stretch(place.read, Mark(place.frames, place.before, place.began, place.begun), place.start)
            for place in self.places
        ]


class Shelf(Protocol):
    """Where the survey of one tape is kept."""

    def survey(self) -> bytes | None:
        """The one that is kept there, in any form; `None` for none.

        Raises:
            StoreError: If it cannot be read.
        """

    def keep_survey(self, survey: bytes) -> None:
        """Keep one, in the place of any other.

        Raises:
            StoreError: If it cannot be kept.
        """


def places_of(stretches: list[Stretch]) -> list[Place] | None:
    """Where stretches begin; `None` where few bytes do not say how the cutting stands there."""
    places: list[Place] = []
    for stretch in stretches:
        mark = stretch.mark
        if mark.begun is None:
            return None
        places.append(Place(stretch.read, stretch.start, mark.frames, mark.before, mark.began, mark.begun))
    return places


def pack_survey(survey: Survey) -> bytes:
    """A survey as bytes, after a line that says what made them."""
    return _made_by() + zlib.compress(msgspec.msgpack.encode(survey), 1)


def survey_on(shelf: Shelf, reads: int, end: TapeEnd | None) -> Survey | None:
    """The survey that is kept of a tape with so many reads and this end; `None` where there is none that can be read."""
    try:
        return unpack_survey(shelf.survey(), reads, end)
    except StoreError:
        return None


def unpack_survey(packed: bytes | None, reads: int, end: TapeEnd | None) -> Survey | None:
    """The survey of a tape with so many reads and this end; `None` where what was kept is none of it, or was made otherwise."""
    if packed is None or not packed.startswith(_made_by()):
        return None
    try:
        survey = msgspec.msgpack.decode(zlib.decompress(packed[len(_made_by()) :]), type=Survey)
    except (zlib.error, msgspec.MsgspecError):
        return None
    is_of_it = survey.reads == reads and survey.end == end and survey.places and survey.places[-1].read == reads
    return survey if is_of_it and RULES.keys() >= survey.notes.examples.keys() else None


@cache
def _made_by() -> bytes:
    """The form, and the version of rillet: another may look for other things in a tape, or cut it otherwise."""
    from tui import __version__

    return f"{FORM} {__version__}\n".encode()
