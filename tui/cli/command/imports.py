"""`rillet import`: the chats of other programs."""

from __future__ import annotations

import argparse
import re
import shlex

from tui.cli.option import Commands


def add(commands: Commands) -> None:
    """Add it to the command line."""
    add_import(commands)


def add_import(commands: Commands) -> None:
    """Add it to the command line, or to `rillet sessions`."""
    parser = commands.add_parser("import", help="take over the chats of other programs")
    parser.set_defaults(command=import_chats)
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="a file, a folder, a zip file, a program whose files are looked for, or curl '...': a request as a conversation",
    )
    parser.add_argument("--scan", action="store_true", help="list the chats of other programs on this machine")
    parser.add_argument("--json", action="store_true", help="print JSON")


def import_chats(args: argparse.Namespace) -> int:
    """`rillet import`: chats of other programs, put among one's own, or listed."""
    from tui.cli import importing

    if args.files and (args.files[0] == "curl" or args.files[0].lstrip().startswith("curl ")):
        return _open_curl(args)
    if args.scan:
        return importing.list_found(as_json=args.json)
    return importing.import_files(args.files, as_json=args.json)


def _open_curl(args: argparse.Namespace) -> int:
    """A curl command opened as a conversation: what was said as turns, its prompt as the draft."""
    from tui.chat.curl_command import read_curl
    from tui.cli.opening import check_terminal, open_program
    from tui.domain.error import ConfigError

    first, *rest = args.files
    # Quoted as a whole it is one word; else the shell has taken the quotes away.
    text = first if first != "curl" else rest[0] if len(rest) == 1 else shlex.join(rest)
    if not text:
        raise ConfigError("no curl command is given", "Put it into quotes: rillet import curl 'https://… -d {…}'")
    request = read_curl(text if first != "curl" or not _has_address_first(text) else f"curl {text}")
    check_terminal()
    from tui.chat.request_import import open_request
    from tui.ui.entry import run_app

    program = open_program(args)
    conversation = open_request(program, request)
    program.notices += request.left_out
    return run_app(program, conversation, theme=getattr(args, "theme", None))


def _has_address_first(text: str) -> bool:
    """Whether the word “curl” stands before a text already: it begins with an address, or an option."""
    return re.match(r"\s*['\"]?(?:-|\S*://|\S+[:/]\S)", text) is not None
