"""The entries of an HTTP archive, one after the other: of a file of any length one entry is held."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from tui.domain.error import ConfigError
from tui.domain.quantity import describe_size

PIECE_BYTES = 1 << 20
"""Bytes that are read at once."""
MOST_ENTRY_BYTES = 256 << 20
"""So long may an entry be, or what stands before the first."""
_DEEPEST = 500
"""How deep an entry may be nested."""
_LOG, _ENTRIES = 2, 3
"""How deep the members of the log stand, and its entries."""

_MARK = re.compile(rb'["{}\[\]]')
_REST_OF_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_BEFORE = re.compile(rb'"entries"\s*:\s*\Z')
_BEFORE_BYTES = 80
_QUOTE, _BACKSLASH = b'"\\'


class _Nesting:
    """Follows how JSON is nested as it comes.

    Attributes:
        depth: How many objects and arrays are open.
        at: How far it was followed.
    """

    def __init__(self) -> None:
        self.depth = self.at = 0
        self._is_in_string = False

    def next_bracket(self, data: bytearray) -> int | None:
        """The next bracket, which `at` stands behind then; `None` where there is none in what has come."""
        while self.at < len(data):
            if self._is_in_string:
                match = _REST_OF_STRING.match(data, self.at)
                self.at = match.end() if match is not None else self.at
                if self.at == len(data) or data[self.at] == _BACKSLASH:
                    return None
                self._is_in_string = False
                self.at += 1
            elif (mark := _MARK.search(data, self.at)) is None:
                self.at = len(data)
            else:
                self.at = mark.end()
                sign = data[self.at - 1]
                if sign != _QUOTE:
                    self.depth += 1 if sign in b"{[" else -1
                    return sign
                self._is_in_string = True
        return None


def entries_of(read: Callable[[int], bytes], name: str) -> Iterator[Any]:
    """The members of `log.entries`; `read` gives the next bytes, no more than so many.

    Raises:
        ConfigError: If this is no archive; the message says where.
    """
    nesting, held = _Nesting(), bytearray()
    place = count = last = 0
    begins: int | None = None
    has_begun = is_over = False
    while piece := read(PIECE_BYTES):
        held += piece.removeprefix(b"\xef\xbb\xbf") if not place and not held else piece
        while (sign := nesting.next_bracket(held)) is not None:
            at, depth = nesting.at, nesting.depth
            if not 0 <= depth <= _DEEPEST:
                words = "it is nested too deeply" if depth > 0 else f"a bracket too many at byte {place + at:,}"
                raise ConfigError(f"{name} is not a HAR: {words}")
            if is_over or depth > _ENTRIES + 1:
                continue
            if not has_begun:
                if sign == ord("[") and depth == _ENTRIES and _BEFORE.search(held[max(0, at - _BEFORE_BYTES) : at - 1]):
                    has_begun, last = True, at
            elif depth == _ENTRIES + 1 and begins is None:
                _check_between(held[last : at - 1], name, count + 1)
                begins = at - 1
            elif depth == _ENTRIES and begins is not None:
                count += 1
                entry = bytes(memoryview(held)[begins:at])
                del held[:at]
                place, nesting.at, last, begins = place + at, 0, 0, None
                value = _entry(entry, name, count)
                del entry
                yield value
                del value
            elif depth == _LOG:
                _check_between(held[last : at - 1], name, count + 1)
                is_over = True
        keep = begins if begins is not None else last if has_begun and not is_over else nesting.at - _BEFORE_BYTES
        keep = max(0, keep)
        del held[:keep]
        place, nesting.at, last = place + keep, nesting.at - keep, max(0, last - keep)
        begins = None if begins is None else 0
        if len(held) > MOST_ENTRY_BYTES:
            what = f"entry {count + 1}" if has_begun else "what stands before its entries"
            raise ConfigError(f"{name}: {what} is larger than {describe_size(MOST_ENTRY_BYTES)}")
    if nesting.depth or not place + len(held):
        within = f", within entry {count + 1}" if begins is not None else ""
        raise ConfigError(f"{name} is not a HAR: it ends at byte {place + len(held):,}{within}")
    if not has_begun:
        raise ConfigError(f"{name} is not a HAR: it has no log.entries")


def _check_between(data: bytearray, name: str, number: int) -> None:
    """Between entries a comma stands, and nothing else."""
    if data.strip(b" \t\r\n,"):
        raise ConfigError(f"{name}: entry {number} cannot be read: it is no object")


def _entry(data: bytes, name: str, number: int) -> Any:
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        pass  # half a character is one to the other reader
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: entry {number} cannot be read: {error}") from error
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: entry {number} cannot be read: {error}") from error
