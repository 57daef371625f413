"""`rillet import`: the chats of other programs."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from tui.cli.option import Commands

_LOOKED_AT = 8192
"""Bytes of a file that tell whether it holds a curl command: its address comes early."""


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
        help="a file, a folder, a zip file, a program whose files are looked for, or curl '...' (curl FILE, curl -): a request as a conversation",
    )
    parser.add_argument("--scan", action="store_true", help="list the chats of other programs on this machine")
    parser.add_argument("--json", action="store_true", help="print JSON")


def import_chats(args: argparse.Namespace) -> int:
    """`rillet import`: chats of other programs, put among one's own, or listed."""
    from tui.cli import importing

    if args.files and (args.files[0] == "curl" or args.files[0].lstrip().startswith("curl ")):
        return _open_curl(args, _curl_words(args.files))
    if len(args.files) == 1 and (text := _curl_in(Path(args.files[0]))):
        return _open_curl(args, text)
    if args.scan:
        return importing.list_found(as_json=args.json)
    return importing.import_files(args.files, as_json=args.json)


def _open_curl(args: argparse.Namespace, text: str) -> int:
    """A curl command opened as a conversation: what was said as turns, its prompt as the draft."""
    from tui.chat.curl_command import read_curl
    from tui.cli.opening import check_terminal, open_program

    request = read_curl(text)
    check_terminal()
    from tui.chat.request_import import open_request
    from tui.ui.entry import run_app

    program = open_program(args)
    conversation = open_request(program, request)
    program.notices += request.left_out
    return run_app(program, conversation, theme=getattr(args, "theme", None))


def _curl_words(files: Sequence[str]) -> str:
    """The command: quoted, in words that the shell has taken the quotes from, in a file or on standard input."""
    from tui.domain.error import ConfigError

    first, *rest = files
    if rest == ["-"]:
        from tui.cli.recorded import piped_text

        text = piped_text("rillet import curl - < FILE")
    elif len(rest) == 1 and _is_file(Path(rest[0])):
        text = _text_of(Path(rest[0]))
    else:
        text = first if first != "curl" else rest[0] if len(rest) == 1 else shlex.join(rest)
    if not text.strip():
        raise ConfigError("no curl command is given", "Put it into quotes: rillet import curl 'https://… -d {…}'")
    return text if first != "curl" or not _has_address_first(text) else f"curl {text}"


def _curl_in(path: Path) -> str:
    """The curl command that a file holds; empty where it holds none."""
    from tui.chat.curl_command import is_curl

    if not _is_file(path) or path.suffix == ".zip":
        return ""
    try:
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT).decode("utf-8-sig", errors="replace")
    except OSError:  # told by whoever would read chats from it
        return ""
    return _text_of(path) if is_curl(start) else ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a command is no name of one: it may be too long
        return False


def _text_of(path: Path) -> str:
    from tui.domain.error import ConfigError

    try:
        return path.read_text("utf-8-sig", errors="replace")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error


def _has_address_first(text: str) -> bool:
    """Whether the word “curl” stands before a text already: it begins with an address, or an option."""
    return re.match(r"\s*['\"]?(?:-|\S*://|\S+[:/]\S)", text) is not None
