"""Searching what was asked and answered."""

from __future__ import annotations

import re

from msgspec import Struct

from tui.store.connection import Row, Table

# Private-use characters: no text worth finding holds them, and FTS5 passes them through.
_OPEN, _CLOSE = "\U000ff001", "\U000ff002"
_HIT = "SELECT turn.session_id, turn.id, session.title, turn.created_at, "
_JOIN = """ FROM found JOIN turn ON turn.key = found.rowid JOIN session ON session.id = turn.session_id
    WHERE session.deleted_at IS NULL AND """


class Hit(Struct, frozen=True):
    """A turn in which words were found.

    `excerpt` is the text around them, `spans` where in it they are; `created_at` is the wall clock's.
    """

    session_id: str
    turn_id: str
    title: str
    created_at: float
    excerpt: str
    spans: tuple[tuple[int, int], ...]


class SearchTable(Table):
    """The index over prompts and replies."""

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """The turns that hold all these words, or their beginnings, in prompt and reply; best first.

        Where no words are found, the text is looked for as it stands: languages that put no space between
        words have no beginnings to find.

        Raises:
            StoreError: If the index cannot be read.
        """
        rows: list[Row] = []
        if match := _match(text):
            rows = self._connection.rows(
                f"{_HIT} snippet(found, -1, ?, ?, '…', 24) {_JOIN} found MATCH ? ORDER BY rank LIMIT ?",
                _OPEN,
                _CLOSE,
                match,
                limit,
            )
        if not rows and (wanted := text.strip()):
            rows = self._connection.rows(
                f"""{_HIT} CASE WHEN instr(found.prompt, ?1) THEN
                        substr(found.prompt, max(1, instr(found.prompt, ?1) - 60), 200)
                        ELSE substr(found.reply, max(1, instr(found.reply, ?1) - 60), 200) END
                    {_JOIN} (instr(found.prompt, ?1) OR instr(found.reply, ?1)) ORDER BY turn.key DESC LIMIT ?2""",
                wanted,
                limit,
            )
            rows = [(*row[:4], str(row[4]).replace(wanted, f"{_OPEN}{wanted}{_CLOSE}")) for row in rows]
        return [_hit(row) for row in rows]

    def _sessions_saying(self, text: str) -> set[str]:
        """The sessions that `search` would find something in."""
        rows: list[Row] = []
        if match := _match(text):
            rows = self._connection.rows(f"SELECT DISTINCT turn.session_id {_JOIN} found MATCH ?", match)
        if not rows and (wanted := text.strip()):
            rows = self._connection.rows(
                f"SELECT DISTINCT turn.session_id {_JOIN} (instr(found.prompt, ?1) OR instr(found.reply, ?1))", wanted
            )
        return {str(session_id) for (session_id,) in rows}


def _match(text: str) -> str:
    """An FTS5 expression for all words of a text, or their beginnings; empty where it holds none."""
    return " ".join(f'"{word}"*' for word in re.findall(r"\w+", text))


def _hit(row: Row) -> Hit:
    session_id, turn_id, title, created_at, marked = row
    excerpt, spans = "", []
    for piece in re.split(f"({_OPEN}[^{_CLOSE}]*{_CLOSE})", marked):
        shown = piece.strip(_OPEN + _CLOSE)
        if piece.startswith(_OPEN):
            spans.append((len(excerpt), len(excerpt) + len(shown)))
        excerpt += shown
    return Hit(session_id, turn_id, title, created_at, excerpt, tuple(spans))
