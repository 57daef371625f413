"""`rillet mcp`: MCP servers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tui.cli.opening import (
    open_program,
    run_async,
)
from tui.cli.option import Commands, positive


def add(commands: Commands) -> None:
    """Add it to the command line."""
    mcp = commands.add_parser("mcp", help="MCP servers: list, test, add, remove, import")
    mcps = mcp.add_subparsers(title="commands", metavar="COMMAND", required=True)
    mcps.add_parser("list", help="the servers that are set up").set_defaults(command=mcp_list)
    test_parser = mcps.add_parser("test", help="start one, and say what came of it")
    test_parser.set_defaults(command=mcp_test)
    test_parser.add_argument("name", metavar="NAME")
    test_parser.add_argument(
        "--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here"
    )
    add_parser = mcps.add_parser("add", help="add one, in a file beside the settings; options before NAME")
    add_parser.set_defaults(command=mcp_add)
    add_parser.add_argument(
        "--env", metavar="NAME[=VALUE]", action="append", default=[], help="a variable for it; without a value, yours"
    )
    add_parser.add_argument(
        "--header", metavar="NAME:VALUE", action="append", default=[], help="goes with every request"
    )
    add_parser.add_argument("--key-env", metavar="NAME", default="", help="the variable that holds its bearer token")
    add_parser.add_argument(
        "--key-command", metavar="COMMAND", default="", help="a command that prints its bearer token"
    )
    add_parser.add_argument("--cwd", metavar="DIR", default="", help="the directory it runs in")
    add_parser.add_argument(
        "--only", metavar="TOOL", action="append", default=[], help="offer this tool, and no others"
    )
    add_parser.add_argument("--timeout", metavar="SECONDS", type=positive, default=0.0, help="for an answer")
    add_parser.add_argument("--start-timeout", metavar="SECONDS", type=positive, default=0.0, help="for its start")
    add_parser.add_argument("name", metavar="NAME")
    add_parser.add_argument("target", metavar="URL | -- COMMAND", nargs=argparse.REMAINDER)
    remove_parser = mcps.add_parser("remove", help="take away one that was added")
    remove_parser.set_defaults(command=mcp_remove)
    remove_parser.add_argument("name", metavar="NAME")
    import_parser = mcps.add_parser("import", help="add those of another program: mcpServers in a JSON file")
    import_parser.set_defaults(command=mcp_import)
    import_parser.add_argument("file", metavar="FILE", help="- for standard input")


def mcp_list(args: argparse.Namespace) -> int:
    """`rillet mcp list`: the servers that are set up."""
    from tui.cli.mcp import list_servers

    return list_servers(open_program(args).settings, args.config, sys.stdout)


def mcp_test(args: argparse.Namespace) -> int:
    """`rillet mcp test`: one server, started by hand."""
    from tui.cli.mcp import test_server
    from tui.cli.person import ShellPerson

    program = open_program(args)

    async def main() -> int:
        try:
            program.person = ShellPerson(sys.stderr)
            return await test_server(await program.tools(), args.name, sys.stdout, sys.stderr)
        finally:
            await program.close()

    return run_async(main())


def mcp_add(args: argparse.Namespace) -> int:
    """`rillet mcp add`: one more server."""
    from tui.cli.mcp import add_server

    more = {
        "key_env": args.key_env,
        "key_command": args.key_command,
        "cwd": args.cwd,
        "only": args.only,
        "timeout": args.timeout,
        "start_timeout": args.start_timeout,
    }
    print(add_server(args.config, args.name, args.target, env=args.env, headers=args.header, more=more))
    return 0


def mcp_remove(args: argparse.Namespace) -> int:
    """`rillet mcp remove`: one that was added, taken away."""
    from tui.cli.mcp import drop_server

    print(drop_server(args.config, open_program(args).settings, args.name))
    return 0


def mcp_import(args: argparse.Namespace) -> int:
    """`rillet mcp import`: the servers of another program."""
    from tui.cli.mcp import import_servers
    from tui.wire.printable import printable_line

    for sentence in import_servers(args.config, args.file):
        print(printable_line(sentence))
    return 0
