"""The one door for JSON off the wire: whatever comes in, a value comes out or a `FrameError`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import msgspec

from tui.domain.error import FrameError
from tui.domain.lazy_pattern import LazyPattern
from tui.wire.limit import LIMITS

_DIGITS = bytes(ord("0") if chr(code).isdigit() and code < 0x80 else code for code in range(256))
_LONG_INTEGER = b"0" * (LIMITS.integer_digits + 1)
_decode = msgspec.json.Decoder().decode

LONG = 1024
"""Members of a list from which on it is long, and is written in pieces."""

_PIECE = 128
"""Members in such a piece."""


class OddJsonError(FrameError):
    """It is JSON, but with something no reply needs: NaN, a number out of bounds, too deep a nesting."""


def parse_json(text: str) -> Any:
    """Parse JSON into a value that can be stored again: bounded, and valid Unicode.

    A lone surrogate becomes U+FFFD. Control characters inside strings are let through.

    Raises:
        OddJsonError: If it goes beyond the limits or holds NaN or infinity.
        FrameError: If it is not JSON.
    """
    value, is_clean = parse_raw_json(text)
    return value if is_clean else clean(value)


def parse_raw_json(text: str) -> tuple[Any, bool]:
    """The same, with lone surrogates left in: they may be one half of a pair that was cut in two.

    Returns:
        The value, and whether its strings are known to be free of lone surrogates.

    Raises:
        OddJsonError: If it goes beyond the limits or holds NaN or infinity.
        FrameError: If it is not JSON.
    """
    try:
        raw = text.encode()
        if _LONG_INTEGER in raw.translate(_DIGITS):
            return _parse_slowly(text), False
        value = _decode(raw)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return _parse_slowly(text), False
    # Depth is at most the number of opening brackets: nearly every chunk is cleared by two counts.
    if raw.count(b"{") + raw.count(b"[") > LIMITS.json_depth:
        _check_depth(value)
    return value, True


def clean(value: Any) -> Any:
    """A JSON value with every lone surrogate in it replaced by U+FFFD, and every pair joined."""
    match value:
        case str():
            return clean_text(value)
        case dict():
            return {clean_text(key): clean(member) for key, member in value.items()}
        case list():
            return [clean(member) for member in value]
        case _:
            return value


def clean_text(text: str) -> str:
    """A string with every lone surrogate replaced by U+FFFD, and every pair joined."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def write_json(value: Any) -> str:
    """Write a value as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write_json_in_pieces(value: Any) -> Iterator[str]:
    """The same text in pieces, where a list in it is long: in a thread, nothing else runs while a piece is written."""
    if isinstance(value, dict) and any(map(is_long, value.values())) and all(isinstance(key, str) for key in value):
        opening = "{"
        for key, each in value.items():
            yield f"{opening}{write_json(key)}:"
            yield from write_json_in_pieces(each)
            opening = ","
        yield "}"
    elif is_long(value):
        opening = "["
        for at in range(0, len(value), _PIECE):
            yield opening + write_json(value[at : at + _PIECE])[1:-1]
            opening = ","
        yield "]"
    else:
        yield write_json(value)


def is_long(value: Any) -> bool:
    """Whether it takes a while to write a list, or to walk through it."""
    return isinstance(value, list) and len(value) > LONG


def write_shown_json(value: Any, indent: int | None = None) -> str:
    """Write a value as JSON that breaks no line and drives no terminal, whatever its strings say."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=False, separators=separators, indent=indent)
    # JSON itself escapes only what is below U+0020.
    if text.isascii() and "\x7f" not in text:
        return text
    return _UNSEEN.sub(lambda match: json.dumps(match[0])[1:-1], text)


_UNSEEN = LazyPattern(
    "[\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Controls, separators of lines, changes of direction, half pairs, and what shows nothing at all."""


def _parse_slowly(text: str) -> Any:
    # msgspec refuses lone surrogates and control characters, and cannot count digits: the standard
    # library's parser says what is really the matter.
    try:
        value = json.loads(text, strict=False, parse_int=_integer, parse_float=_number, parse_constant=_constant)
    except RecursionError as error:
        raise OddJsonError("the JSON is nested too deeply") from error
    except ValueError as error:
        raise FrameError(f"this is not JSON: {_excerpt(text)}") from error
    _check_depth(value)
    return value


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > LIMITS.integer_digits:
        raise OddJsonError(f"an integer of more than {LIMITS.integer_digits} digits")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise OddJsonError("a number out of bounds")
    return number


def _constant(word: str) -> float:
    raise OddJsonError(f"{word} where JSON has no such number")


def _check_depth(value: Any) -> None:
    if not isinstance(value, dict | list):
        return
    level = [value]
    for _ in range(LIMITS.json_depth):
        level = [
            member
            for outer in level
            for member in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(member, dict | list)
        ]
        if not level:
            return
    raise OddJsonError(f"the JSON is nested more than {LIMITS.json_depth} deep")


def _excerpt(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
