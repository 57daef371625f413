"""Turns as they are looked through: what was said in them, read from their rows without making the turns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from tui.store.connection import Connection, Row
from tui.store.fold import Wanted, fold, pieces
from tui.store.said import DAMAGE, Part, join_parts, parts_of, read_asked, read_record, read_replied
from tui.store.string_pool import digest_of, long_texts


class Spoken:
    """A turn as it is looked through.

    Attributes:
        row: Its session's id, its own, opening and reply, as they are saved, and what else was read of it.
        title: Its session's.
        texts_by_digest: What of its long texts was read.
    """

    def __init__(self, row: Row) -> None:
        """Nothing of its long texts was read yet."""
        self.row = row
        self.title = ""
        self.texts_by_digest: Mapping[tuple[str, str], str] = {}
        self._parts: list[Part] = []
        with suppress(*DAMAGE):  # what is damaged is not found
            self._parts = parts_of(read_record(row[2], read_asked), read_record(row[3], read_replied) if row[3] else {})

    def digests(self) -> Iterator[str]:
        """Those of its long texts that are looked through."""
        for _, values in self._parts:
            for value in values:
                if not isinstance(value, str) and (digest := digest_of(value)) is not None:
                    yield digest

    @cached_property
    def texts(self) -> list[str]:
        """All that is looked through; nothing where it is damaged."""
        with suppress(*DAMAGE):
            return join_parts(self._parts, self._whole)
        return []

    def pieces(self) -> set[str]:
        """What an index holds of it."""
        return pieces(fold(text) for text in self.texts)

    def says(self, wanted: Wanted) -> bool:
        """Whether the words are in it."""
        return wanted.is_in(fold(text) for text in self.texts)

    def _whole(self, value: Any) -> Any:
        digest = digest_of(value)
        return value if digest is None else self.texts_by_digest[self.row[0], digest]


def spoken(connection: Connection, rows: Sequence[Row]) -> list[Spoken]:
    """Turns, each given by its session's id, its own, opening and reply, as they are saved; their long texts read at once."""
    turns = [Spoken(row) for row in rows]
    asked = {(turn.row[0], digest) for turn in turns for digest in turn.digests()}
    texts_by_digest = long_texts(connection, asked)
    for turn in turns:
        turn.texts_by_digest = texts_by_digest
    return turns
