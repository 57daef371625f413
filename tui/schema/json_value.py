"""JSON values: parsed strictly, frozen, and written in one canonical form.

What is shown for approval and what runs must be one thing, so arguments are parsed once, frozen, and
every text of them is made from the frozen value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any, TypeGuard

DEPTH = 64
INTEGER_DIGITS = 20


class JsonError(ValueError):
    """Where a text stops being JSON. `offset` counts characters from 0, `line` and `column` from 1."""

    def __init__(self, message: str, text: str, offset: int) -> None:
        """Find the line and the column."""
        self.message = message
        self.offset = offset
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - text.rfind("\n", 0, offset)
        super().__init__(f"{message} (line {self.line}, column {self.column})")


def parse_frozen(text: str) -> Any:
    """Parse JSON into values that cannot change: mappings are read-only, arrays are tuples.

    Refused beside what is no JSON: a key given twice (which one would run?), NaN and infinities, integers
    of more than 20 digits, more than 64 levels. Lone surrogates become U+FFFD.

    Raises:
        JsonError: With the place of the fault.
    """
    if (depth_at := _too_deep_at(text)) is not None:
        raise JsonError(f"more than {DEPTH} levels deep", text, depth_at)
    try:
        value = json.loads(
            text, object_pairs_hook=_pairs, parse_int=_integer, parse_float=_number, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        raise JsonError(_MESSAGES.get(error.msg, error.msg[:1].lower() + error.msg[1:]), text, error.pos) from error
    except _RefusedError as error:
        raise JsonError(error.args[0], text, max(text.find(error.args[1]), 0)) from error
    return freeze(value)


def freeze(value: Any) -> Any:
    """A copy of a JSON value that cannot change; lone surrogates become U+FFFD."""
    if isinstance(value, Mapping):
        return MappingProxyType({_clean(key): freeze(inner) for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(inner) for inner in value)
    return _clean(value) if isinstance(value, str) else value


def thaw(value: Any) -> Any:
    """The same value as plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: thaw(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [thaw(inner) for inner in value]
    return value


def canonical(value: Any) -> str:
    """The one text of a JSON value: sorted keys, no spaces; equal values have equal texts."""
    return json.dumps(thaw(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def indented(value: Any) -> str:
    """A JSON value on several lines, in the order it came."""
    return json.dumps(thaw(value), ensure_ascii=False, indent=2, allow_nan=False)


def digest(value: Any) -> str:
    """The SHA-256 of a value's canonical text, in hex."""
    return sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether a value is a JSON array, frozen or not."""
    return isinstance(value, list | tuple)


_MESSAGES = {
    "Expecting value": "a value is missing",
    "Extra data": "something follows the value",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing",
    "Expecting ',' delimiter": "a comma is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Unterminated string starting at": "a string does not end",
}


class _RefusedError(Exception):
    """Valid JSON that is refused: a sentence, and the text to point at."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _RefusedError(f"the key “{twice}” is given twice", json.dumps(twice))
    return members


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > INTEGER_DIGITS:
        raise _RefusedError(f"an integer of more than {INTEGER_DIGITS} digits", text)
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _RefusedError("a number too large to hold", text)
    return number


def _constant(text: str) -> float:
    raise _RefusedError(f"{text} is not JSON", text)


def _clean(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _too_deep_at(text: str) -> int | None:
    """Where nesting passes the limit; counted before parsing, which would overflow the stack."""
    if text.count("[") + text.count("{") <= DEPTH:
        return None
    depth, in_string, is_escaped = 0, False, False
    for at, char in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif in_string:
            is_escaped = char == "\\"
            in_string = char != '"'
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            if depth > DEPTH:
                return at
        elif char in "]}":
            depth -= 1
    return None
