"""Text that runs from right to left: the order in which a row is shown, by the Unicode bidirectional algorithm (UAX 9).

Rows are kept, searched and copied in the order they are read in; only on the way to the terminal are they put in the
order they are seen in. Controls of direction never come this far (they are shown as signs), so each row is one run at
the level of its paragraph. Code, formulas and addresses stand in it as if isolated, and stay left to right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Literal

from msgspec import Struct

from tui.typeset.line import IMAGE, LINK, Line, clusters, finder, style_keys, style_target

Bidi = Literal["visual", "runs", "words", "off"]
"""What the terminal wants: every row in the order it is seen in, for it has no bidi of its own; runs from right to left
in the order they are read in, for it turns those itself; only words so; or nothing done at all."""

BidiSetting = Literal["auto", "visual", "runs", "words", "off"]
"""What the user may say: one of these, or that it is to be found out."""

RTL = "rtl:"
"""Begins the style of an empty run at the end of a row that is read from right to left; its width follows."""

_LOOKED_AT = 300  # characters of a paragraph in which its direction is looked for
_ISOLATED = ("code", "math", "fence-head")
_MIRRORS = "()[]{}<>«»‹›≤≥≪≫⟨⟩⌈⌉⌊⌋「」『』《》〈〉【】〔〕▌▐⎛⎞⎜⎟⎝⎠⎡⎤⎢⎥⎣⎦"
_MIRROR = {mark: _MIRRORS[at ^ 1] for at, mark in enumerate(_MIRRORS)}
_BRACKETS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "⟨": "⟩",
    "「": "」",
    "『": "』",
    "《": "》",
    "〈": "〉",
    "【": "】",
    "〔": "〕",
}
_CLOSING = {closing: opening for opening, closing in _BRACKETS.items()}
_IN_CODE = frozenset(("R", "AL", "NSM", "WS"))  # of code only words of such letters are turned
_MOST_BRACKETS = 63
_NEUTRAL = frozenset(("B", "S", "WS", "ON", "BN", ""))


@cache
def _rightward() -> Callable[[str], bool]:
    """Finds letters of the scripts that are written from right to left."""
    return finder("\u05be-\u08ff\ufb1d-\ufdff\ufe70-\ufefc", "\U00010800-\U00010fff\U0001e800-\U0001efff")


@cache
def _left_alone() -> re.Pattern[str]:
    """What says nothing about the direction of the paragraph that it stands in."""
    return re.compile(r"\A\[[ xX]\]|(`+).*?(?:\1|$)|\]\([^)\s]*\)?|\w+://\S+|<[^<>]*>|\$[^$\n]+\$", re.DOTALL)


@cache
def _signs() -> re.Pattern[str]:
    """Signs for what cannot be shown: `<2 hidden>`, `<RLO>`."""
    return re.compile(r"(<(?:[0-9]+ (?:hidden|marks)|[A-Z]{2,3}|[0-9A-F]{2})>)")


def has_rtl(text: str) -> bool:
    """Whether anything in a text is written from right to left."""
    return not text.isascii() and _rightward()(text)


def is_rtl(text: str) -> bool:
    """Whether a paragraph is read from right to left: its first letter says so; code and addresses do not count."""
    return _begins_rtl(text[:_LOOKED_AT])


@lru_cache(256)  # the beginning of a paragraph is looked at whenever it grows
def _begins_rtl(text: str) -> bool:
    if not has_rtl(text):
        return False
    for character in _left_alone().sub(" ", text):
        if (kind := unicodedata.bidirectional(character)) in ("L", "R", "AL"):
            return kind != "L"
    return False


def choose_bidi(setting: BidiSetting, environ: Mapping[str, str]) -> Bidi:
    """What this terminal wants, where the user did not say."""
    if setting != "auto":
        return setting
    if environ.get("KITTY_WINDOW_ID") or environ.get("TERM", "").endswith("kitty"):
        return "words"
    vte = environ.get("VTE_VERSION", "")
    has_own = (
        (vte.isdigit() and int(vte) >= 5800)
        or "KONSOLE_VERSION" in environ
        or "MLTERM" in environ
        or environ.get("TERM_PROGRAM") in ("Apple_Terminal", "mintty")
        or environ.get("TERM", "").startswith(("putty", "mlterm"))
    )
    return "runs" if has_own else "visual"


class Piece(Struct, frozen=True):
    """What is moved as one: a character as a reader sees one, or something isolated."""

    text: str
    style: str
    cell: int
    """Where it begins in the row as it is read."""
    cells: int
    kind: str
    """Its bidirectional class."""
    inside: tuple[Shown, ...] = ()
    """Of something isolated, its pieces as they are seen."""


class Shown(Struct, frozen=True):
    """A piece in its place, left to right."""

    piece: Piece
    level: int
    """Odd where it is read from right to left."""


def row_end(line: Line) -> tuple[bool, int]:
    """Whether a row is read from right to left, and in how many cells it is set."""
    if line and line[-1][1].startswith(RTL):
        return True, int(line[-1][1].removeprefix(RTL))
    return False, 0


def arrange(line: Line, *, is_rtl: bool, bidi: Bidi) -> Line:
    """A row as it is to be written from left to right."""
    if bidi == "off" or (bidi == "runs" and not is_rtl):  # then the terminal finds the same order itself
        return line
    shown = seen(line, is_rtl=is_rtl)
    runs: Line = []
    for text, style in _visual(shown) if bidi == "visual" else _turned(shown, only_words=bidi == "words"):
        if runs and runs[-1][1] == style:
            runs[-1] = (runs[-1][0] + text, style)
        else:
            runs.append((text, style))
    return runs


def cell_as_read(line: Line, cell: int, *, is_rtl: bool) -> int:
    """The cell of a row as it is read that is seen in a cell of the row as it is shown."""
    at = 0
    for one in seen(line, is_rtl=is_rtl):
        if at <= cell < at + one.piece.cells:
            return one.piece.cell
        at += one.piece.cells
    return at if cell >= at else 0


def seen(line: Line, *, is_rtl: bool) -> list[Shown]:
    """The pieces of a row from left to right as they are seen."""
    flat: list[Shown] = []
    for one in _order(_pieces(line), 1 if is_rtl else 0):
        flat += one.piece.inside or (one,)
    return flat


def _pieces(line: Line) -> list[Piece]:
    pieces: list[Piece] = []
    isolated: list[Piece] = []
    cell = 0
    for text, style in line:
        keys = style_keys(style)
        # Of an address that is broken over rows, each part too.
        is_alone = any(key in _ISOLATED for key in keys) or (
            (LINK in style or IMAGE in style) and text.strip() in style_target(style)
        )
        is_code = any(key in ("code", "fence") for key in keys)
        for part, is_sign in [(text, False)] if is_alone or "<" not in text else _parts(text):
            if isolated and not is_alone:
                pieces.append(_isolate(isolated))
                isolated = []
            into = isolated if is_alone or is_sign else pieces
            for cluster, cells in clusters(part):
                kind = "S" if "rule" in keys else unicodedata.bidirectional(cluster[0])
                if is_code and kind not in _IN_CODE:
                    kind = "L"
                into.append(Piece(cluster, style, cell, cells, kind))
                cell += cells
    if isolated:
        pieces.append(_isolate(isolated))
    return pieces


def _parts(text: str) -> list[tuple[str, bool]]:
    """A text in parts, and whether each is a sign that stands for what cannot be shown."""
    return [(part, bool(number % 2)) for number, part in enumerate(_signs().split(text)) if part]


def _isolate(pieces: list[Piece]) -> Piece:
    """Pieces that are read from left to right whatever stands around them."""
    cells = sum([piece.cells for piece in pieces])
    return Piece("", "", pieces[0].cell, cells, "ON", tuple(_order(pieces, 0)))


def _order(pieces: Sequence[Piece], base: int) -> list[Shown]:
    """The pieces from left to right (L1, L2)."""
    levels = find_levels([piece.kind for piece in pieces], [piece.text for piece in pieces], base)
    shown = [Shown(piece, level) for piece, level in zip(pieces, levels, strict=True)]
    for level in range(max(levels, default=0), 0, -1):
        at = 0
        while at < len(shown):
            if shown[at].level < level:
                at += 1
                continue
            end = at
            while end < len(shown) and shown[end].level >= level:
                end += 1
            shown[at:end] = shown[at:end][::-1]
            at = end
    return shown


def find_levels(kinds: Sequence[str], texts: Sequence[str], base: int) -> list[int]:
    """The level of each character of a paragraph without controls (rules W1 to L1)."""
    own = "R" if base else "L"
    resolved = _weak(list(kinds), own)
    _pair_brackets(resolved, kinds, texts, own)
    _neutral(resolved, own)
    levels = [
        base + (kind != "R") if base else {"L": 0, "R": 1}.get(kind, 2) for kind in resolved
    ]  # I1, I2: numbers and the other direction stand one level further in
    is_trailing = True
    for at in range(len(kinds) - 1, -1, -1):
        if kinds[at] in ("S", "B"):
            levels[at], is_trailing = base, True
        elif kinds[at] in ("WS", "BN") and is_trailing:
            levels[at] = base
        else:
            is_trailing = False
    return levels


def _weak(kinds: list[str], own: str) -> list[str]:
    strong = before = own
    for at, kind in enumerate(kinds):  # W1 to W3
        if kind == "NSM":
            kinds[at] = before
        elif kind == "EN" and strong == "AL":
            kinds[at] = "AN"
        elif kind in ("L", "R", "AL"):
            strong = kind
        before = kinds[at]
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for at in range(1, len(kinds) - 1):  # W4
        left, right = kinds[at - 1], kinds[at + 1]
        if left == right and ((kinds[at] == "ES" and left == "EN") or (kinds[at] == "CS" and left in ("EN", "AN"))):
            kinds[at] = left
    at = 0
    while at < len(kinds):  # W5
        end = at
        while end < len(kinds) and kinds[end] == "ET":
            end += 1
        if end > at and ((at and kinds[at - 1] == "EN") or (end < len(kinds) and kinds[end] == "EN")):
            kinds[at:end] = ["EN"] * (end - at)
        at = end + 1
    strong = own
    for at, kind in enumerate(kinds):  # W6, W7
        if kind in ("ES", "ET", "CS"):
            kinds[at] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"
    return kinds


def _side(kind: str) -> str:
    """The direction a resolved character counts for among neutrals; nothing for a neutral."""
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else ""


def _pair_brackets(resolved: list[str], kinds: Sequence[str], texts: Sequence[str], own: str) -> None:
    """Give brackets the direction of what they hold (N0)."""
    pairs: list[tuple[int, int]] = []
    open_at: list[int] = []
    for at, text in enumerate(texts):
        if kinds[at] != "ON":
            continue
        if text in _BRACKETS:
            if len(open_at) >= _MOST_BRACKETS:
                break
            open_at.append(at)
        elif text in _CLOSING:
            for index in range(len(open_at) - 1, -1, -1):
                if texts[open_at[index]] == _CLOSING[text]:
                    pairs.append((open_at[index], at))
                    del open_at[index:]
                    break
    for begin, end in sorted(pairs):
        sides = {_side(kind) for kind in resolved[begin + 1 : end]} - {""}
        if own in sides:
            resolved[begin] = resolved[end] = own
        elif sides:
            before = next((side for kind in reversed(resolved[:begin]) if (side := _side(kind))), own)
            resolved[begin] = resolved[end] = before if before in sides else own


def _neutral(resolved: list[str], own: str) -> None:
    """Give what has no direction that of both its neighbours, or the paragraph's (N1, N2)."""
    at = 0
    while at < len(resolved):
        end = at
        while end < len(resolved) and resolved[end] in _NEUTRAL:
            end += 1
        if end > at:
            left = _side(resolved[at - 1]) if at else own
            right = _side(resolved[end]) if end < len(resolved) else own
            resolved[at:end] = [left if left == right else own] * (end - at)
        at = end + 1


def _visual(shown: Iterable[Shown]) -> Line:
    """The text of pieces as they are seen."""
    return [
        (_MIRROR.get(one.piece.text, one.piece.text) if one.level % 2 else one.piece.text, one.piece.style)
        for one in shown
    ]


def _turned(shown: Sequence[Shown], *, only_words: bool) -> Line:
    """The same for a terminal that turns runs from right to left, or the words in them, itself."""
    runs: Line = []
    at = 0
    while at < len(shown):
        end = at
        while end < len(shown) and _turns(shown[end], only_words=only_words):
            end += 1
        while end > at and shown[end - 1].piece.kind not in ("R", "AL", "EN", "AN", "NSM"):
            end -= 1
        start = at
        while start < end and shown[start].piece.kind not in ("R", "AL", "EN", "AN", "NSM"):
            start += 1
        runs += _visual(shown[at:start])
        if end > start:
            runs += [(one.piece.text, one.piece.style) for one in sorted(shown[start:end], key=_cell)]
        else:
            end = max(end, start)
        if end == at:
            runs += _visual(shown[at : at + 1])
            end = at + 1
        at = end
    return runs


def _turns(one: Shown, *, only_words: bool) -> bool:
    if only_words:
        return one.piece.kind in ("R", "AL", "NSM") and one.level % 2 == 1
    return one.level % 2 == 1 or (one.level > 0 and one.piece.kind in ("EN", "AN"))


def _cell(one: Shown) -> int:
    return one.piece.cell
