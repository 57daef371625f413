"""`rillet import`: the chats of other programs."""

from __future__ import annotations

import argparse

from tui.cli.option import Commands


def add(commands: Commands) -> None:
    """Add it to the command line."""
    add_import(commands)


def add_import(commands: Commands) -> None:
    """Add it to the command line, or to `rillet sessions`."""
    parser = commands.add_parser("import", help="take over the chats of other programs")
    parser.set_defaults(command=import_chats)
    parser.add_argument(
        "files", metavar="FILE", nargs="*", help="a file, a folder, a zip file, or a program whose files are looked for"
    )
    parser.add_argument("--scan", action="store_true", help="list the chats of other programs on this machine")
    parser.add_argument("--json", action="store_true", help="print JSON")


def import_chats(args: argparse.Namespace) -> int:
    """`rillet import`: chats of other programs, put among one's own, or listed."""
    from tui.cli import importing

    if args.scan:
        return importing.list_found(as_json=args.json)
    return importing.import_files(args.files, as_json=args.json)
