"""`rillet models`: what an endpoint offers, with prices and what each can do."""

from __future__ import annotations

import argparse
import sys

from tui.cli.opening import open_program, run_async, write_utf8
from tui.cli.option import Commands


def add(commands: Commands) -> None:
    """Add it to the command line."""
    listing = commands.add_parser("models", help="the models that an endpoint offers, with prices and what they can do")
    listing.set_defaults(command=models)
    default = argparse.SUPPRESS
    listing.add_argument("--endpoint", metavar="NAME", default=default, help="one of the settings, or xai, or local")
    listing.add_argument("--base-url", metavar="URL", default=default, help="an endpoint for this run only")
    listing.add_argument("--json", action="store_true", help="print them as JSON")


def models(args: argparse.Namespace) -> int:
    """`rillet models`: the list of one endpoint."""
    from tui.cli.models import list_models

    args.no_save = True  # nothing of it is kept
    program = open_program(args, needs_model=False)
    if args.json:
        write_utf8()

    async def main() -> int:
        try:
            return list_models(await program.models(program.default_endpoint), sys.stdout, as_json=args.json)
        finally:
            await program.close()

    return run_async(main())
