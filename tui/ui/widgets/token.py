"""The token at the cursor that can be completed: a command's name, a file behind `@`, the path or the word behind a command."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from tui.domain.lazy_pattern import LazyPattern
from tui.ui.action.table import COMMANDS

Kind = Literal["command", "file", "path", "value"]

_TAKE_WORDS = ("race",)
"""Commands that take several words: the last one is what is being written."""
_MENTION = LazyPattern(r'(?:^|(?<=[\s(\[]))@(?:"([^"]*)|(\S*))$')
"""Behind a quotation mark blanks belong to the path."""


class Token(Struct, frozen=True):
    """What is being written: its kind, its text, and the column at which it begins, its sign included.

    `command` is the command behind which a value stands.
    """

    kind: Kind
    text: str
    start: int
    command: str = ""


def token_at(line: str, column: int, *, is_only_line: bool) -> Token | None:
    """The token that ends at the cursor, if there is one."""
    before = line[:column]
    if is_only_line and before.startswith("/") and not before.startswith("//"):
        name, space, rest = before[1:].partition(" ")
        if not space:
            return Token("command", name, 0)
        if any(action.slash == name and "FILE" in action.argument for action in COMMANDS):
            start = len(before) - len(rest.lstrip())
            return Token("path", rest.lstrip(), start)
        word = rest.rpartition(" ")[2] if name in _TAKE_WORDS else rest
        return Token("value", word, len(before) - len(word), name)
    if (mention := _MENTION.search(before)) is not None:
        return Token("file", mention[2] if mention[1] is None else mention[1], mention.start())
    return None
