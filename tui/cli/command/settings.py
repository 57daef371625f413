"""`rillet settings`: those there are, their schema, and where each that is set comes from."""

from __future__ import annotations

import argparse
import os

from tui.cli.opening import write_utf8
from tui.cli.option import Commands


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("settings", help="the settings: where each comes from, all defaults, their schema")
    parser.set_defaults(command=settings, form="origin")
    forms = parser.add_mutually_exclusive_group()
    for name, words in (
        ("origin", "each value that is set, and where (this is done without an option)"),
        ("default", "a settings file with every setting and its default"),
        ("schema", "the JSON Schema of the settings file, for an editor"),
    ):
        forms.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=words)


def settings(args: argparse.Namespace) -> int:
    """`rillet settings`: the settings in one of three forms."""
    import json

    from tui.cli.exit_code import ExitCode
    from tui.cli.settings import default_lines, origin_lines, schema
    from tui.store.path import choices_path, settings_path
    from tui.store.settings import load_choices, read_settings

    write_utf8()
    config = getattr(args, "config", None)
    if args.form == "default":
        lines = list(default_lines())
    elif args.form == "schema":
        lines = [json.dumps(schema(), indent=2)]
    else:
        path = config or settings_path()
        read_settings(path, must_exist=config is not None)  # a mistake is told before anything is
        lines = list(origin_lines(path, choices_path(), load_choices(choices_path()), os.environ))
    for line in lines:
        print(line)
    return ExitCode.COMPLETE
