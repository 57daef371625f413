"""`rillet paths`: where the files are."""

from __future__ import annotations

import argparse

from tui.cli.option import Commands


def add(commands: Commands) -> None:
    """Add it to the command line."""
    commands.add_parser("paths", help="where rillet keeps its files").set_defaults(command=paths)


def paths(args: argparse.Namespace) -> int:
    """`rillet paths`: where the files are."""
    from tui.store.path import cache_dir, data_dir, database_path, settings_path, state_dir

    del args
    for name, path in (
        ("settings", settings_path()),
        ("sessions", database_path()),
        ("models", data_dir() / "models"),
        ("state", state_dir()),
        ("cache", cache_dir()),
    ):
        print(f"{name:<9} {path}")
    return 0
