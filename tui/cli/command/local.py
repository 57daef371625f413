"""`rillet local`: the small built-in model."""

from __future__ import annotations

import argparse
import sys

from tui.cli.option import Commands


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("local", help="the small built-in model")
    locals_ = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, what in (
        ("install", "fetch its weights (93 MB)"),
        ("status", "say whether it can run"),
        ("remove", "delete its weights"),
        ("path", "say where its weights are"),
    ):
        locals_.add_parser(name, help=what).set_defaults(command=local, action=name)


def local(args: argparse.Namespace) -> int:
    """`rillet local`: the built-in model."""
    from tui.cli.local import run as run_local
    from tui.store.path import data_dir

    return run_local(args.action, data_dir(), sys.stderr)
