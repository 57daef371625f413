"""The command line. Each command imports what it needs and no more: `rillet ask` never imports Textual."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def run(arguments: Sequence[str]) -> int:
    """Run a command line.

    Returns:
        The exit code.
    """
    from tui.cli.parser import parse_words

    args = parse_words(arguments)
    from tui.domain.error import RilletError

    try:
        command: Callable[[argparse.Namespace], int] = args.command
        return command(args)
    except RilletError as error:
        from tui.cli.outcome import exit_code_of_error
        from tui.wire.printable import printable

        for words in filter(None, (error.message, error.hint)):
            sys.stderr.write(f"rillet: {printable(words)}\n")
        return exit_code_of_error(error)
    except BrokenPipeError:
        from tui.cli.exit_code import ExitCode

        # The reader went away: leave quietly, and do not let Python flush into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    except KeyboardInterrupt:
        from tui.cli.exit_code import ExitCode

        return ExitCode.STOPPED
