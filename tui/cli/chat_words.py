"""The words of the chat's command line, read without argparse, which takes a twentieth of the start."""

from __future__ import annotations

import argparse  # loaded when something is wrong with the words
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from msgspec import Struct

from tui.cli.option import add_chat_options


class _Option(Struct, frozen=True):
    """One option, as `add_argument` is told of it."""

    dest: str
    action: str
    read: Callable[[str], Any]
    choices: Sequence[str]


class _Options:
    """Takes the options as a parser would."""

    def __init__(self) -> None:
        self.by_name: dict[str, _Option] = {}
        self.values: dict[str, Any] = {}

    def add_argument(
        self,
        *names: str,
        dest: str = "",
        action: str = "store",
        type: Callable[[str], Any] = str,  # noqa: A002  # argparse's word
        choices: Sequence[str] = (),
        default: Any = None,
        **_shown: str | None,
    ) -> None:
        """Add an option."""
        option = _Option(dest or names[0].lstrip("-").replace("-", "_"), action, type, choices)
        self.by_name |= dict.fromkeys(names, option)
        self.values[option.dest] = False if action == "store_true" and default is None else default


def run_chat(args: argparse.Namespace) -> int:
    """The command that the words ask for."""
    from tui.cli.command import chat

    return chat.chat(args)


def read_words(words: Sequence[str]) -> argparse.Namespace | None:
    """Read the words as argparse would; `command` in what is read is the function to run.

    Returns:
        `None` where they ask for anything but the chat, or might, or are wrong.
    """
    options = _Options()
    add_chat_options(options)
    values = options.values | {"command": run_chat}
    rest = iter(words)
    for word in rest:
        name, equals, text = word.partition("=") if word.startswith("--") else (word, "", "")
        option = options.by_name.get(name)
        if option is None or (equals and option.action == "store_true"):
            return None
        if option.action == "store_true":
            values[option.dest] = True
            continue
        if not equals:
            text = next(rest, "-")
            if text.startswith("-"):
                return None
        try:
            value = option.read(text)
        except (ValueError, TypeError, argparse.ArgumentTypeError):  # the parser has the words for it
            return None
        if option.choices and value not in option.choices:
            return None
        values[option.dest] = [*values[option.dest], value] if option.action == "append" else value
    return cast("argparse.Namespace", SimpleNamespace(**values))  # has all that commands ask of one
