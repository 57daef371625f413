"""`rillet replay`: a tape, played."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui.cli.opening import (
    check_terminal,
    mend_settings,
    open_program,
    run_async,
    write_utf8,
)
from tui.cli.option import Commands, positive
from tui.domain.error import SettingsError


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("replay", help="play a tape, at its own pace")
    parser.set_defaults(command=replay)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--speed", type=positive, default=1.0, metavar="N", help="times as fast; 0 for at once")
    parser.add_argument("--events", action="store_true", help="print JSON lines instead of opening the screen")


def replay(args: argparse.Namespace) -> int:
    """`rillet replay`: a tape, on the screen or as JSON lines."""
    from tui.cli.recorded import open_tape
    from tui.cli.tape import read_tape, replay_events

    if args.events:
        tape = read_tape(args.file)
        write_utf8()
        return run_async(replay_events(tape, args.speed))
    shown = open_tape(args.file)
    check_terminal("rillet replay --events FILE")
    from tui.ui.entry import run_replay

    try:
        program = open_program(args)
    except SettingsError as error:
        program = mend_settings(args, error)
    return run_replay(program, shown, args.speed)
