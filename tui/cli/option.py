"""Options that several commands take."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from math import inf, isfinite
from pathlib import Path
from typing import Any, Protocol

from tui.domain.endpoint_word import DIALECT_NAMES, EFFORTS
from tui.domain.option import OPTIONS


class Options(Protocol):
    """Where options are added: a parser of argparse, or what reads the chat's without it."""

    def add_argument(self, *names: str, **options: Any) -> object:
        """Add an option."""


class Commands(Protocol):
    """Where a command is added; argparse has no public name for it."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002  # argparse's word
        """Add a command."""
        ...


def whole(least: int, most: float = inf) -> Callable[[str], int]:
    """Reads a whole number within bounds, for argparse."""

    def read(text: str) -> int:
        bounds = f"from {least} to {most:g}" if isfinite(most) else f"of at least {least}"
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise argparse.ArgumentTypeError(f"“{text}” is no whole number {bounds}")
        return number

    return read


NEW_FILE = "else, and for -, standard output"
"""What is said of an argument that `new_file` reads."""


def new_file(text: str) -> Path | None:
    """Reads the name of a file to write, for argparse; `None` for standard output."""
    return None if text == "-" else Path(text)


def positive(text: str) -> float:
    """Reads a number that is not negative, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not isfinite(number) or number < 0:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of at least 0")
    return number


port = whole(0, 65535)
"""Reads the number of a port; 0 has the system choose one."""


def add_chat_options(parser: Options) -> None:
    """The options of the chat, which may stand before a command too."""
    add_endpoint_options(parser)
    add_session_options(parser)
    parser.add_argument("--plain", action="store_true", help="line by line, without a screen: for screen readers")
    parser.add_argument("--web", action="store_true", help="show the screen in a browser on this machine")
    parser.add_argument("--web-port", metavar="N", type=port, default=0, help="serve it there; any free port otherwise")
    parser.add_argument("--theme", metavar="NAME", help="use a theme for this run")
    parser.add_argument("--gguf", metavar="FILE", type=Path, help="use this GGUF file as the built-in model")
    parser.add_argument("--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here")


def add_session_options(parser: Options, *, again: bool = False) -> None:
    """The options that say which conversation goes on; see `add_endpoint_options`."""
    parser.add_argument(
        "--continue",
        dest="goes_on",
        action="store_true",
        default=argparse.SUPPRESS if again else False,
        help="go on with the last session",
    )
    parser.add_argument(
        "--session",
        metavar="ID",
        default=argparse.SUPPRESS if again else None,
        help="go on with a saved session (the first letters of its id will do)",
    )


def add_endpoint_options(parser: Options, *, again: bool = False) -> None:
    """The options that say whom to ask; given after a command they override those given before it."""
    default = argparse.SUPPRESS if again else None
    parser.add_argument("--endpoint", metavar="NAME", default=default, help="one of the settings, or xai, or local")
    parser.add_argument("--base-url", metavar="URL", default=default, help="an endpoint for this run only")
    parser.add_argument("--dialect", choices=DIALECT_NAMES, default=default, help="the API spoken there")
    parser.add_argument("--model", "-m", metavar="ID", default=default)
    parser.add_argument(
        "--effort", choices=EFFORTS, default=default, help="how hard the model thinks, where it can be told"
    )
    for row in OPTIONS:
        if row.name != "budget":  # it asks a person
            name = "NAME" if row.kind == "word" else "YES|NO" if row.kind == "yes or no" else row.kind.upper()
            parser.add_argument(
                f"--{row.slash}",
                metavar=name.replace("NUMBER", "N").replace("WHOLE", "N"),
                dest=row.name,
                default=default,
                help=row.about,
            )
    parser.add_argument(
        "--server-tool",
        metavar="NAME",
        action="append",
        default=argparse.SUPPRESS if again else [],
        help="let the endpoint run this tool of its own",
    )
    parser.add_argument("--preset", metavar="NAME", default=default, help="begin with a preset of the settings")
    parser.add_argument("--system", metavar="TEXT", default=default, help="the system prompt of this conversation")
    parser.add_argument(
        "--no-save", action="store_true", default=argparse.SUPPRESS if again else False, help="keep nothing on disk"
    )
    parser.add_argument("--config", metavar="FILE", type=Path, default=default, help="another settings file")
