"""Greedy line breaking of styled runs."""

from __future__ import annotations

import re
from functools import cache

from tui.typeset.line import (
    SOFT_HYPHEN,
    Line,
    Run,
    clusters,
    hyphenated,
    line_room,
    line_width,
    measure_for,
    room_clusters,
    room_of,
)

Place = tuple[int, int, str]
"""Where a row begins and ends in the text, and its seam: what stood between it and the next row."""

# The spaces a row may be broken at: not the no-break ones, which Python counts among white space.
_SPACES = " \t\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u200b\u205f\u3000"
_GLUE = "\u00a0\u2007\u202f\u2060"
# Between characters of these scripts a line may break anywhere but before closing marks and after opening ones.
_WIDE = (
    "\u2e80-\u2fff\u3005-\u3007\u3021-\u302d\u3031-\u303f\u3040-\u3098\u309b-\u312f\u31a0-\u31bf\u31f0-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9d\U00020000-\U0003ffff"
)
_VARIANTS = "\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"
_OPENING = "\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\u301a\u301d\uff08\uff3b\uff5b\uff5f\uff62"
# A line may break behind these, and not before them; so between syllables of Tibetan and words of Ethiopic, too.
_CLOSING = (
    "\u3001\u3002\u3005\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301b\u301c\u301e\u301f\u303b\u309b-\u309e\u30fb-\u30fe"
    "\uff01\uff05\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3d\uff5d\uff5e\uff60\uff61\uff63-\uff65\uff70\uff9e\uff9f"
    "\u2025\u2026\u0f0b\u1361"
)
# Marks that Latin text has too: beside a wide character they open or close, beside a letter they belong to its word.
_MAY_OPEN = r"(\[{\u2018\u201c\u00ab\u2039"
_MAY_CLOSE = r"!),.:;?\]}%\u2019\u201d\u00bb\u203a\u00b0\u2103"
_LETTERS = f"[^{_SPACES}{_WIDE}{_OPENING}{_CLOSING}{SOFT_HYPHEN}]"
_BEHIND = rf"(?:[{_CLOSING}]|[{_MAY_CLOSE}]+(?=[{_SPACES}{_WIDE}{_OPENING}{_CLOSING}]|\Z))*"
_UNIT = (
    rf"(?:[{_OPENING}]|{_LETTERS}*[{_MAY_OPEN}](?=[{_WIDE}{_OPENING}]))*"
    rf"(?:[{_WIDE}][{_VARIANTS}]*|{_LETTERS}+|[{_OPENING}]|[{_CLOSING}]){_BEHIND}{SOFT_HYPHEN}?"
)


@cache
def _words() -> re.Pattern[str]:
    """What a line may be broken between; compiled when the first text that is not ASCII comes."""
    return re.compile(rf"({_UNIT})([{_SPACES}]*)|([{_SPACES}]+)")


@cache
def _glued_words() -> re.Pattern[str]:
    """The same for a text with no-break spaces."""
    glue = rf"(?:(?:(?=[{_GLUE}])|(?<=[{_GLUE}])){_UNIT})*"
    return re.compile(rf"({_UNIT}{glue})([{_SPACES}]*)|([{_SPACES}]+)")


def wrap(runs: list[Run], width: int) -> list[tuple[Line, str]]:
    """Break runs into rows of at most `width` cells, each with its seam.

    The seam is a newline, a space, or nothing where a word had to be cut. Spaces at the end of a row
    are not part of it; a soft hyphen is, and shows there.
    """
    if len(runs) == 1:
        text, style = runs[0]
        return [
            (shown_end([(text[start:end], style)] if start < end else [], seam), seam)
            for start, end, seam in break_text(text, width)
        ]
    return slice_runs(runs, break_text("".join([piece for piece, _ in runs]), width))


@cache
def _behind_number() -> re.Pattern[str]:
    """The space between a number and what it counts."""
    return re.compile(r"(?<=\d) (?=[^\s\d])")


def wrap_told(runs: list[Run], width: int) -> list[tuple[Line, str]]:
    """The same for what rillet itself says: no number is parted from its unit, or from what it counts."""
    return slice_runs(runs, break_told("".join([piece for piece, _ in runs]), width))


def break_told(text: str, width: int) -> list[Place]:
    """Where the rows of such a text are."""
    return break_text(_behind_number().sub("\u00a0", text), width)


def told_rows(text: str, width: int) -> list[str]:
    """Such a text as rows, whatever space is in it; none where there is nothing to say."""
    words = " ".join(text.split())
    return [words[start:end] for start, end, _ in break_told(words, width)] if words else []


def break_text(text: str, width: int) -> list[Place]:
    """Where the rows of a text are; there is always at least one."""
    width = max(1, width)
    rows: list[Place] = []
    at = 0
    for paragraph in text.split("\n"):
        if paragraph.isascii():
            _break_ascii(paragraph, at, width, rows)
        else:
            _break_wide(paragraph, at, width, rows)
        at += len(paragraph) + 1
    return rows


def _break_ascii(text: str, offset: int, width: int, rows: list[Place]) -> None:
    """Append the rows of one line of ASCII."""
    start = 0
    length = len(text.rstrip())
    while length - start > width:
        end = start + width
        if text[end] == " ":
            cut = end
        else:
            cut = text.rfind(" ", start, end)
            if cut <= start or not text[start:cut].strip():
                # A word longer than a row. Space before it stays with it: it is an indent.
                rows.append((offset + start, offset + end, ""))
                start = end
                continue
        last = start + len(text[start:cut].rstrip())
        begin, start = start, cut
        while start < length and text[start] == " ":
            start += 1
        rows.append((offset + begin, offset + last, text[last:start]))
    rows.append((offset + start, offset + max(start, length), "\n"))


def _break_wide(text: str, offset: int, width: int, rows: list[Place]) -> None:
    """Append the rows of one line of any text."""
    length = len(text.rstrip(_SPACES))
    measure = measure_for(text)
    if measure(text[:length]) <= width:
        rows.append((offset, offset + length, "\n"))
        return
    start = end = 0  # of the row: `end` is where its last word ends that it may end with
    used = 0
    rest = before_rest = 0  # what stands behind that word begins here, and so many cells from the row's beginning
    words = _glued_words() if any(glue in text for glue in _GLUE) else _words()
    for match in words.finditer(text, 0, length):
        word, space, indent = match.groups("")
        begin = match.start()
        cells = measure(word)
        while end > start and used + cells > width:
            rows.append((offset + start, offset + end, text[end:rest]))
            start, used = rest, used - before_rest
            if start < begin:  # a soft hyphen stands before the word, for which there is room now
                end, rest, before_rest = begin, begin, used
        if used >= width and not text[start:begin].strip(_SPACES):  # nothing but space so far
            start, used = begin, 0
        if used + cells > width:
            at = begin
            for piece, piece_cells in room_clusters(word, width):
                if used and used + piece_cells > width:
                    last = at - (text[at - 1] == SOFT_HYPHEN)  # there is no room for a hyphen
                    rows.append((offset + start, offset + last, text[last:at]))
                    start, used = at, 0
                at += len(piece)
                used += piece_cells
        else:
            used += cells
        may_end = bool(word) and (used < width or word[-1] != SOFT_HYPHEN)
        if may_end:
            end = begin + len(word)
        if space or indent:
            used += measure(space or indent)
        if may_end:
            rest, before_rest = match.end(), used
    rows.append((offset + start, offset + length, "\n"))


def slice_runs(runs: list[Run], places: list[Place]) -> list[tuple[Line, str]]:
    """Cut styled runs at the rows' places."""
    rows: list[tuple[Line, str]] = []
    index = 0
    base = 0  # where runs[index] begins
    for start, end, seam in places:
        line: Line = []
        while index < len(runs) and base + len(runs[index][0]) <= start:
            base += len(runs[index][0])
            index += 1
        at, here = index, base
        while at < len(runs) and here < end:
            piece, style = runs[at]
            part = piece[max(0, start - here) : end - here]
            if part:
                line.append((part, style))
            here += len(piece)
            at += 1
        rows.append((shown_end(line, seam), seam))
    return rows


def shown_end(line: Line, seam: str) -> Line:
    """The row with the hyphen that shows where a word was broken behind a soft one."""
    return hyphenated(line) if not seam and line and line[-1][0].endswith(SOFT_HYPHEN) else line


def fold(runs: list[Run], width: int) -> list[Line]:
    """Cut runs without newlines every `width` cells, wherever that is; at least one row."""
    rows: list[Line] = []
    line: Line = []
    used = 0
    for text, style in runs:
        if text.isascii():
            at = 0
            while used + len(text) - at > width:
                end = at + width - used
                if end > at:
                    line.append((text[at:end], style))
                rows.append(line)
                line, used, at = [], 0, end
            if at < len(text):
                line.append((text[at:], style))
                used += len(text) - at
            continue
        pending = ""
        for piece, cells in room_clusters(text, width):
            if used and used + cells > width:
                if pending:
                    line.append((pending, style))
                rows.append(line)
                line, used, pending = [], 0, ""
            pending += piece
            used += cells
        if pending:
            line.append((pending, style))
    rows.append(line)
    return rows


def crop(line: Line, left: int, width: int) -> Line:
    """The part of a line from a cell on, at most so many cells wide; half of a wide character is a space."""
    cropped: Line = []
    at, room = -left, width
    for text, style in line:
        piece = ""
        for cluster, cells in clusters(text):
            begin, at = at, at + cells
            if at <= 0:
                continue
            most = room_of(cluster) if begin >= 0 else at
            if room < most:
                room = 0
                break
            piece += cluster if begin >= 0 else " " * at
            room -= most
        if piece:
            cropped.append((piece, style))
        if room <= 0:
            break
    return cropped


def pad(line: Line, width: int, align: str = "left", extra: int = 0) -> Line:
    """The line made as wide as a column, which a terminal may draw wider by `extra` cells."""
    space = width - line_width(line)
    for text, _ in line:
        if not text.isascii():
            space = min(space, width + extra - line_room(line))
            break
    if space <= 0:
        return line
    if align == "right":
        return [(" " * space, ""), *line]
    if align == "center" and space > 1:
        return [(" " * (space // 2), ""), *line, (" " * (space - space // 2), "")]
    return [*line, (" " * space, "")]
