"""`rillet open`: a raw stream, a tape or an HTTP archive, on the screen."""

from __future__ import annotations

import argparse

from tui.cli.opening import check_terminal, mend_settings, open_program
from tui.cli.option import Commands
from tui.domain.error import SettingsError


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("open", help="show a raw stream, a tape or a HAR on the screen, while it comes")
    parser.set_defaults(command=open_file)
    parser.add_argument("file", metavar="FILE", help="- for standard input")


def open_file(args: argparse.Namespace) -> int:
    """`rillet open`: what was recorded, as a conversation, with its wire."""
    check_terminal("rillet tape check FILE, or rillet replay --events FILE")
    from tui.cli.reading import told_while_read

    with told_while_read(args.file):
        from tui.cli.recorded import open_recorded
        from tui.ui.entry import run_recording

        recorded = open_recorded(args.file)
    try:
        program = open_program(args)
    except SettingsError as error:
        program = mend_settings(args, error)
    return run_recording(program, recorded, args.file)
