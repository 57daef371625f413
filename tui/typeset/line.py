"""What a painted line is made of, and how wide it is."""

from __future__ import annotations

from rich.cells import cell_len, split_graphemes

Run = tuple[str, str]
"""A piece of text and its style: style keys joined with "+", a link's or image's target always last."""

Line = list[Run]
"""One row of the page, left to right; never wider than the width it was made for."""

LINK = "link:"
IMAGE = "image:"
_REGIONAL = range(0x1F1E6, 0x1F200)


def line_text(line: Line) -> str:
    """The characters of a line without their styles."""
    return "".join([text for text, _ in line])


def width_of(text: str) -> int:
    """How many cells `text` takes in a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def line_width(line: Line) -> int:
    """How many cells a line takes."""
    return sum([len(text) if text.isascii() else cell_len(text) for text, _ in line])


def clusters(text: str) -> list[tuple[str, int]]:
    """The text cut where a reader sees one character end: each piece with its width in cells."""
    if text.isascii():
        return [(character, 1) for character in text]
    found: list[tuple[str, int]] = []
    is_half_flag = False
    for start, end, cells in split_graphemes(text)[0]:
        piece = text[start:end]
        if ord(piece[0]) in _REGIONAL:
            if is_half_flag:
                before, width = found[-1]
                found[-1] = (before + piece, width + cells)
                is_half_flag = False
                continue
            is_half_flag = True
        else:
            is_half_flag = False
        found.append((piece, cells))
    return found


def join_styles(outer: str, inner: str) -> str:
    """Both styles at once; the inner one's target wins and stays last."""
    if not outer or not inner:
        return outer or inner
    outer_keys, outer_target = _split(outer)
    inner_keys, inner_target = _split(inner)
    parts = [part for part in (outer_keys, inner_keys, inner_target or outer_target) if part]
    return "+".join(parts)


def _split(style: str) -> tuple[str, str]:
    for mark in (LINK, IMAGE):
        at = style.find(mark)
        if at >= 0:
            return style[:at].rstrip("+"), style[at:]
    return style, ""


def style_keys(style: str) -> list[str]:
    """The plain keys of a style; a target stands in the list as "link" or "image"."""
    keys, target = _split(style)
    found = keys.split("+") if keys else []
    if target:
        found.append(target.partition(":")[0])
    return found


def style_target(style: str) -> str:
    """The address a style leads to, or nothing."""
    return _split(style)[1].partition(":")[2]
