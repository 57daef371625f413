"""`rillet replay`: a tape, played."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.opening import (
    check_terminal,
    mend_settings,
    open_program,
    run_async,
    write_utf8,
)
from tui.cli.option import Commands, positive
from tui.domain.error import SettingsError

if TYPE_CHECKING:
    from tui.chat.archive_file import ArchiveFile
    from tui.chat.tape_file import TapeFile
    from tui.domain.tape import Tape


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("replay", help="play a tape, at its own pace")
    parser.set_defaults(command=replay)
    parser.add_argument("tape", metavar="FILE|SESSION.TURN")
    parser.add_argument("--speed", type=positive, default=1.0, metavar="N", help="times as fast; 0 for at once")
    parser.add_argument("--events", action="store_true", help="print JSON lines instead of opening the screen")


def replay(args: argparse.Namespace) -> int:
    """`rillet replay`: a tape, on the screen or as JSON lines."""
    from tui.cli.command.tape import is_file, opened_tape
    from tui.cli.reading import told_while_read
    from tui.cli.recorded import open_tape, shown_while_read
    from tui.cli.tape import replay_events

    if args.events:
        with opened_tape(args, args.tape) as tape:
            write_utf8()
            return run_async(replay_events(tape, args.speed))
    if is_file(args.tape):
        with told_while_read(args.tape):
            shown = open_tape(Path(args.tape))
        return _show(args, shown)
    with opened_tape(args, args.tape) as tape:
        return _show(args, shown_while_read(tape))


def _show(args: argparse.Namespace, shown: TapeFile | ArchiveFile | Tape) -> int:
    check_terminal("rillet replay --events FILE")
    from tui.ui.entry import run_replay

    try:
        program = open_program(args)
    except SettingsError as error:
        program = mend_settings(args, error)
    return run_replay(program, shown, args.speed)
