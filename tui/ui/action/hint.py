"""Hints: keys and what they do, as lines that can be clicked; a click runs the action that the hint names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.widget import Widget

from tui.page.line import Line
from tui.ui.action.keymap import DEFAULT, Keymap
from tui.ui.action.table import BY_ID

GAP = ("   ", "")


class Hint(NamedTuple):
    """Actions whose keys stand together before one word; by itself an id stands for its own short word."""

    ids: tuple[str, ...]
    word: str


Hints = Sequence[str | Hint]
"""What a line of hints is made of."""


def hint_line(hints: Hints, keymap: Keymap) -> Line:
    """Keys and words of these actions; one that has no key is left out."""
    line: Line = []
    for one in hints:
        hint = one if isinstance(one, Hint) else Hint((one,), BY_ID[one].short)
        keys = [(keymap.name(each), f"key@{each}") for each in hint.ids if keymap.keys(each)]
        if not keys:
            continue
        line += [GAP] if line else []
        is_tight = all(len(name) == 1 for name, _ in keys)
        for at, key in enumerate(keys):
            line += [(" ", "muted")] if at and not is_tight else []
            line.append(key)
        line.append((f" {hint.word}", f"muted@{hint.ids[0]}"))
    return line


def keymap_of(widget: Widget) -> Keymap:
    """The keymap in use."""
    return getattr(widget.app, "keys", DEFAULT)
