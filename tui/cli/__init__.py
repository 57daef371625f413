"""The command line. Each command imports what it needs and no more: `rillet ask` never imports Textual."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from tui.ui.start.early.screen import EarlyScreen

LATE = (
    "ssl",  # asyncio would load it for TLS, which not every endpoint wants
    "asyncio.sslproto",
    "argparse",
    "base64",
    "difflib",
    "html",  # a table of two thousand names
    "ipaddress",
    "json",
    "linecache",
    "locale",
    "mimetypes",
    "msgspec.inspect",
    "msgspec.msgpack",
    "msgspec.toml",
    "msgspec.yaml",
    "platform",
    "pygments.filters",
    "pygments.lexers",  # a list of all of them; see `typeset.lexer.USUAL`
    "shutil",
    "tempfile",
    "textual.pilot",
    "textwrap",
    "tokenize",
    "typing_extensions",
    "unicodedata",  # a megabyte, of which a text in ASCII needs nothing
)
"""Modules that are imported all over, by libraries too, and hardly ever used before the first prompt."""


def run(arguments: Sequence[str], early: EarlyScreen | None = None) -> int:
    """Run a command line.

    Args:
        arguments: The words after the program's name.
        early: The first frame, if it is on the screen already.

    Returns:
        The exit code.
    """
    try:
        if list(arguments) == ["--version"]:  # asked by scripts: it needs no parser of all commands
            from tui import __version__

            _open_streams()
            _need_output()
            sys.stdout.write(f"rillet {__version__}\n")
            code = 0
        else:
            code = _run(arguments, early)
        sys.stdout.flush()
    except OutputClosedError:
        sys.stderr.write("rillet: standard output is closed: there is nowhere to write to\n")
        from tui.cli.exit_code import ExitCode

        return ExitCode.USAGE
    except BrokenPipeError:
        from tui.cli.exit_code import ExitCode

        _drop_output()  # the reader went away: leave quietly
        return ExitCode.BROKEN_PIPE
    except OSError as error:
        if error.filename is not None:  # a file's, and no command leaves that untold
            raise
        from tui.cli.exit_code import ExitCode

        _drop_output()
        sys.stderr.write(f"rillet: standard output takes nothing more: {error.strerror or error}\n")
        return ExitCode.FAILED
    except KeyboardInterrupt:
        from tui.cli.exit_code import ExitCode

        return ExitCode.STOPPED
    return code


def _run(arguments: Sequence[str], early: EarlyScreen | None) -> int:
    from tui.cli.late_module import import_late
    from tui.cli.lent import lend_all

    import_late(*LATE)
    lend_all()
    _open_streams()
    args = _parse(arguments, early)
    args.early = early
    from tui.cli.loading import raise_at_interrupt
    from tui.domain.error import RilletError

    _need_output()
    if not (getattr(args, "loads_on", False) or getattr(args, "plain", False)):  # until `run_async`
        raise_at_interrupt()
    command: Callable[[argparse.Namespace], int] = args.command
    try:
        return command(args)
    except RilletError as error:
        from tui.cli.outcome import exit_code_of_error
        from tui.wire.printable import printable

        for words in filter(None, (error.message, error.hint)):
            sys.stderr.write(f"rillet: {printable(words)}\n")
        return exit_code_of_error(error)


def _parse(arguments: Sequence[str], early: EarlyScreen | None) -> argparse.Namespace:
    from tui.cli.chat_words import read_words

    args = read_words(arguments)
    if args is not None:
        return args
    from tui.cli.parser import parse_words

    try:
        return parse_words(arguments, before_error=early.leave if early is not None else None)
    except SystemExit:  # help, or what is wrong with the words: a help that nobody could be given is no success
        if sys.stdout is not None:
            sys.stdout.flush()
        raise


class OutputClosedError(Exception):
    """Standard output is closed."""


def _open_streams() -> None:
    """See that there are streams to read from and to complain to, and that they take every character, whatever their encoding."""
    if sys.stdin is None:  # closed: nothing comes from it, and no file that is opened later takes its place
        nothing = os.open(os.devnull, os.O_RDONLY)
        if nothing:
            os.dup2(nothing, 0)
            os.close(nothing)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if sys.stderr is None:  # closed: there is nobody to tell
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _need_output() -> None:
    """See that there is a standard output.

    Raises:
        OutputClosedError: If there is nowhere to write to.
    """
    if sys.stdout is None:
        raise OutputClosedError


def _drop_output() -> None:
    """Let nothing be written any more, by Python's own flush at the end either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
