"""`rillet keys`: what this terminal sends for each key."""

from __future__ import annotations

import argparse
import sys

from tui.cli.option import Commands
from tui.domain.error import ConfigError, SettingsError


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("keys", help="show what this terminal sends for each key, and what it does")
    parser.set_defaults(command=keys)


def keys(args: argparse.Namespace) -> int:
    """`rillet keys`: a line for each key, until Ctrl+C is pressed twice."""
    from tui.store.path import settings_path
    from tui.store.settings import read_settings
    from tui.ui.action.keymap import DEFAULT, read_keymap
    from tui.ui.drawing import describe_drawing
    from tui.ui.terminal.key_report import report_keys

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError("keys are pressed in a terminal", "Run it in one, without a pipe.")
    keymap = DEFAULT
    try:
        settings = read_settings(args.config or settings_path(), must_exist=args.config is not None)
        keymap, _ = read_keymap(settings.keymap)
    except SettingsError as error:
        print(f"rillet: {error.message}", file=sys.stderr)

    def put(line: str) -> None:
        sys.stdout.write(line + "\r\n")
        sys.stdout.flush()

    report_keys(keymap, put, sys.stdin.fileno(), describe_drawing)
    return 0
