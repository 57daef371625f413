"""`rillet tools`: the tools a model may be given."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tui.cli.opening import (
    open_program,
    run_async,
)
from tui.cli.option import Commands


def add(commands: Commands) -> None:
    """Add it to the command line."""
    tools = commands.add_parser("tools", help="the tools a model may be given")
    tools.set_defaults(command=tools_list)
    tools_ = tools.add_subparsers(title="commands", metavar="COMMAND")
    tools_.add_parser("list", help="every tool that is set up").set_defaults(command=tools_list)
    test = tools_.add_parser("test", help="run one tool by hand")
    test.set_defaults(command=tools_test)
    test.add_argument("name", metavar="NAME")
    test.add_argument("arguments", metavar="JSON", nargs="?", default="{}")
    test.add_argument("--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here")


def tools_list(args: argparse.Namespace) -> int:
    """`rillet tools list`: the tools that are set up."""
    from tui.cli.person import ShellPerson
    from tui.cli.tool import list_tools

    program = open_program(args)

    async def main() -> int:
        try:
            program.person = ShellPerson(sys.stderr)
            return await list_tools(await program.tools(), sys.stdout, sys.stderr)
        finally:
            await program.close()

    return run_async(main())


def tools_test(args: argparse.Namespace) -> int:
    """`rillet tools test`: one tool, run by hand."""
    from tui.cli.person import ShellPerson
    from tui.cli.tool import try_tool

    program = open_program(args)

    async def main() -> int:
        try:
            program.person = ShellPerson(sys.stderr)
            return await try_tool(await program.tools(), args.name, args.arguments, sys.stdout, sys.stderr)
        finally:
            await program.close()

    return run_async(main())
