"""`rillet decode`: a raw stream, as JSON lines."""

from __future__ import annotations

import argparse
import sys

from tui.cli.opening import (
    write_utf8,
)
from tui.cli.option import Commands
from tui.domain.endpoint_word import DIALECT_NAMES


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("decode", help="decode a raw stream from standard input to JSON lines")
    parser.set_defaults(command=decode)
    parser.add_argument("--dialect", choices=["sse", *DIALECT_NAMES, "auto"], default="auto")


def decode(args: argparse.Namespace) -> int:
    """`rillet decode`: a raw stream from standard input, as JSON lines."""
    from tui.cli.decode import decode as decode_stream

    write_utf8()

    def put(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    return decode_stream(sys.stdin.fileno(), args.dialect, put)
