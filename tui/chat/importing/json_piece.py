"""JSON in the files of other programs, a value at a time; also what is whole of JSON that is not."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from tui.wire.json_text import clean


def is_json(line: bytes) -> bool:
    """Whether a line is a whole value."""
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def decode_piece(raw: Any) -> Any:
    """The value of a piece of JSON; one that was read slowly is a value already."""
    if not isinstance(raw, msgspec.Raw):
        return raw
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return clean(json.loads(bytes(raw).decode("utf-8", "replace"), strict=False))


def read_slowly(data: bytes) -> tuple[list[Any], str]:
    """What is whole of JSON that is not, and where it ends to be."""
    text = data.decode("utf-8", "replace")
    decoder = json.JSONDecoder(strict=False)
    at = len(text) - len(text.lstrip())
    is_array = text[at : at + 1] == "["
    values: list[Any] = []
    at += is_array
    try:
        while True:
            at = _skip(text, at, ",")
            if is_array and text[at : at + 1] == "]":
                return values, _describe_rest(text, at + 1)
            value, end = decoder.raw_decode(text, at)
            values.append(clean(value))
            if not is_array:
                return values, _describe_rest(text, end)
            at = end
    except json.JSONDecodeError as error:
        is_end = error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg
        return values, _place(text, error.pos if not is_end else len(text), is_end=is_end)
    except RecursionError:
        return values, _place(text, at, is_end=False)


def _describe_rest(text: str, at: int) -> str:
    rest = _skip(text, at)
    return "" if rest == len(text) else _place(text, rest, is_end=False)


def _place(text: str, at: int, *, is_end: bool) -> str:
    line = text.count("\n", 0, at) + 1
    byte = len(text[:at].encode())
    return f"the JSON {'is cut' if is_end else 'is damaged'} at line {line:,}, byte {byte:,}"


def _skip(text: str, at: int, more: str = "") -> int:
    while at < len(text) and (text[at].isspace() or text[at] in more):
        at += 1
    return at
