"""Greedy line breaking of styled runs."""

from __future__ import annotations

import re

from tui.typeset.line import Line, Run, clusters, width_of

# A word with the space after it. Between ideographs a line may break anywhere but before closing marks.
_WIDE = "\u2e80-\u2fff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CLOSING = "\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\uff09\u3009\u300b\u300d\u300f\u3011\u3015\u2019\u201d\u30fc"
_WORD = re.compile(rf"[{_WIDE}][{_CLOSING}]*\s*|[^\s{_WIDE}]+[{_CLOSING}]*\s*|\s+")


def wrap(runs: list[Run], width: int) -> list[tuple[Line, str]]:
    """Break runs into rows of at most `width` cells.

    Each row comes with its seam, what stood between it and the next: a newline, a space, or nothing
    where a word had to be cut. Spaces at a break are part of the seam, not of the row.
    """
    width = max(1, width)
    text = "".join([piece for piece, _ in runs])
    rows: list[tuple[int, int, str]] = []
    at = 0
    for paragraph in text.split("\n"):
        _break_one(paragraph, at, width, rows)
        at += len(paragraph) + 1
    return _slice(runs, rows)


def _break_one(text: str, offset: int, width: int, rows: list[tuple[int, int, str]]) -> None:
    """Append the rows of one line of text: start, end, seam."""
    is_ascii = text.isascii()
    if (len(text) if is_ascii else width_of(text)) <= width:
        rows.append((offset, offset + len(text), "\n"))
        return
    start = 0
    used = 0
    for match in _WORD.finditer(text):
        word = match.group()
        solid = word.rstrip()
        cells = len(solid) if is_ascii else width_of(solid)
        begin = match.start()
        if used and solid and used + cells > width:
            end = len(text[start:begin].rstrip()) + start
            rows.append((offset + start, offset + end, " " if end < begin else ""))
            start, used = begin, 0
        if cells > width:
            for piece, piece_cells in clusters(solid):
                if used and used + piece_cells > width:
                    rows.append((offset + start, offset + begin, ""))
                    start, used = begin, 0
                begin += len(piece)
                used += piece_cells
            used += len(word) - len(solid)
        else:
            used += cells + len(word) - len(solid)
    rows.append((offset + start, offset + len(text), "\n"))


def _slice(runs: list[Run], rows: list[tuple[int, int, str]]) -> list[tuple[Line, str]]:
    """Cut styled runs at the rows' character offsets."""
    out: list[tuple[Line, str]] = []
    index = 0
    base = 0  # where runs[index] begins
    for start, end, seam in rows:
        line: Line = []
        while index < len(runs) and base + len(runs[index][0]) <= start:
            base += len(runs[index][0])
            index += 1
        at = index
        here = base
        while at < len(runs) and here < end:
            piece, style = runs[at]
            part = piece[max(0, start - here) : end - here]
            if part:
                line.append((part, style))
            here += len(piece)
            at += 1
        out.append((line, seam))
    return out
