"""Key codes: one press of a key, in any of the forms that terminals give it, as Textual's event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual.events import Key
from textual.keys import _character_to_key

from tui.domain.lazy_pattern import LazyPattern
from tui.ui.terminal.layout import key_at

SHIFT, ALT, CTRL = 1, 2, 4
_MODIFIERS = ((ALT, "alt"), (CTRL, "ctrl"), (16, "hyper"), (32, "meta"), (SHIFT, "shift"), (8, "super"))
_COMMANDS = CTRL | 8 | 16 | 32
"""Modifiers with which a key types nothing."""

_RELEASED = 3
_OTHER_KEY = 27
"""The number under which xterm tells a key that has no other."""

_NAMES = {8: "backspace", 9: "tab", 13: "enter", 27: "escape", 127: "backspace"}
_BYTES = {"backspace": "\x7f", "enter": "\r", "escape": "\x1b", "tab": "\t"}
_SILENT = LazyPattern("(left|right|iso|media)_|(caps|num|scroll)_lock|.*_volume")
"""Keys that do nothing by themselves, and are told by some terminals."""

_SAME = {"ctrl+left_square_bracket": "escape"}
"""Keys that were always one byte, by the names that a terminal which tells them apart gives them."""

_KEYPAD = {"decimal": ".", "divide": "/", "multiply": "*", "subtract": "-", "add": "+", "equal": "=", "separator": ","}


def typed(character: str) -> Iterator[Key]:
    """A key that was sent as the character it types, or as a control character."""
    if "\x80" <= character <= "\x9f":
        return
    keys = ANSI_SEQUENCES_KEYS.get(character)
    if isinstance(keys, tuple):
        yield Key(str(keys[0].value), character)
    else:
        yield Key(_character_to_key(character), character)


def with_alt(character: str) -> Iterator[Key]:
    """Alt with a key, as terminals have always sent it: Esc, then the key."""
    if character == "\t":
        yield Key("shift+tab", None)  # the Linux console
    elif character in "\r\n":
        yield Key("alt+enter", None)
    elif character < " ":  # Esc that a multiplexer held back until the next key came
        yield Key("escape", "\x1b")
        yield from typed(character)
    else:
        yield from press(ord(character), ALT)


def legacy(sequence: str) -> Iterator[Key]:
    """A key in a form that CSI has no rule for: `O` with a letter, the Linux console's, rxvt's Shift."""
    bits = ALT if sequence.startswith("\x1b\x1b") else 0
    body = sequence.lstrip("\x1b")
    number, end = body[1:-1], body[-1]
    if body == "OM":  # konsole's Shift+Enter; nobody asked for the codes of a keypad
        yield _named("enter", bits | SHIFT)
    elif body[0] == "O" and (number or end in "ABCDFHPQRS"):
        yield from csi(f"1;{number or 1}{end}", bits)
    elif body[0] == "O" and end in "abcd":
        yield _named(FUNCTIONAL_KEYS[f"1{end.upper()}"], bits | CTRL)
    elif end == "$":
        yield from csi(f"{number};2~", bits)
    else:
        yield from _from_table(body, bits)


def csi(body: str, bits: int = 0) -> Iterator[Key]:
    """A key as CSI writes it: the forms of xterm, rxvt and of the kitty protocol.

    Args:
        body: What stands behind CSI.
        bits: Modifiers that are known already.
    """
    codes, end = body[:-1], body[-1]
    if re.fullmatch("[0-9:;]*", codes) is None:
        return
    fields = [[int(number or 0) for number in field.split(":")] for field in codes.split(";")] + [[0], [0]]
    code, *others = fields[0]
    modifiers, *kind = fields[1]
    bits |= max(1, modifiers) - 1
    if kind[:1] == [_RELEASED]:
        return
    if end == "~" and code == _OTHER_KEY and fields[2] != [0]:
        yield from press(fields[2][0], bits)
    elif end == "u":
        yield from press(code or 1, bits, others, fields[2])
    elif end in "^@" and (name := FUNCTIONAL_KEYS.get(f"{code}~")):
        yield _named(name, bits | (CTRL if end == "^" else CTRL | SHIFT))
    elif end in "abcd" and not codes:
        yield _named(FUNCTIONAL_KEYS[f"1{end.upper()}"], bits | SHIFT)
    elif end == "Z":
        yield _named("tab", bits | SHIFT)
    elif name := FUNCTIONAL_KEYS.get(f"{code or (1 if end != '~' else 0)}{end}"):
        yield _named(name, bits)
    else:
        yield from _from_table(f"[{body}", bits)


def press(code: int, bits: int, others: Sequence[int] = (), text: Sequence[int] = ()) -> Iterator[Key]:
    """A key by the number of its character.

    Args:
        code: The key without Shift, in the layout in use; or a key that types nothing.
        bits: The modifiers that are held.
        others: The same key with Shift, and in the layout of a US keyboard; 0 where it is not told.
        text: What it types, if that is told.
    """
    name = FUNCTIONAL_KEYS.get(f"{code}u") or _NAMES.get(code, "")
    if _SILENT.match(name):
        return
    own = _KEYPAD.get(name, name[:1]) if name in _KEYPAD or len(name) == 1 else _character(code)
    name = "" if own else name
    shifted, on_us = ([_character(other) for other in others] + ["", ""])[:2]
    types = "".join(_character(number) for number in text)
    if bits & ALT and types in {own, own.upper(), shifted}:
        types = ""  # some terminals tell the letter beside Alt
    if not types and not bits & (ALT | _COMMANDS) and own:
        types = (shifted or own.upper()) if bits & SHIFT else own
    if types and not bits & _COMMANDS:
        for character in types:
            yield Key(_character_to_key(character), character)
    elif name:
        yield _named(name, bits)
    elif own:
        if not own.isascii() and on_us.isascii():
            own = on_us or key_at(own) or own
        elif bits & SHIFT and shifted and not shifted.isalpha():
            own, bits = shifted, bits & ~SHIFT
        if own.isupper():
            own, bits = own.lower(), bits | SHIFT
        yield _named(_character_to_key(own), bits)


def _named(name: str, bits: int) -> Key:
    held = "".join(f"{modifier}+" for bit, modifier in _MODIFIERS if bits & bit)
    key = _SAME.get(held + name, held + name)
    return Key(key, _BYTES.get(key))


def _from_table(body: str, bits: int) -> Iterator[Key]:
    keys = ANSI_SEQUENCES_KEYS.get(f"\x1b{body}")
    if isinstance(keys, str):
        yield from typed(keys)
    elif isinstance(keys, tuple) and len(keys) == 1:
        yield Key(f"alt+{keys[0].value}" if bits & ALT else str(keys[0].value), None)


def _character(number: int) -> str:
    """The character of a number, if it has one that can be typed."""
    is_character = number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
    return chr(number) if is_character and chr(number).isprintable() else ""
