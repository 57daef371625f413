"""`rillet decode`: a raw stream, as JSON lines."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tui.cli.opening import write_utf8
from tui.cli.option import Commands
from tui.domain.endpoint_word import DIALECT_NAMES


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("decode", help="decode a raw stream to JSON lines")
    parser.set_defaults(command=decode)
    parser.add_argument(
        "file", metavar="FILE", nargs="?", default="-", help="where it is; else, and for -, standard input"
    )
    parser.add_argument("--dialect", choices=["sse", *DIALECT_NAMES, "auto"], default="auto")


def decode(args: argparse.Namespace) -> int:
    """`rillet decode`: a raw stream, from a file or standard input, as JSON lines."""
    from tui.cli.decode import decode as decode_stream
    from tui.domain.error import ConfigError
    from tui.wire.printable import printable_line

    write_utf8()

    def put(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    if args.file == "-":
        return decode_stream(sys.stdin.fileno(), args.dialect, put)
    try:
        with Path(args.file).open("rb", buffering=0) as file:
            return decode_stream(file.fileno(), args.dialect, put)
    except OSError as error:
        if error.filename is None:  # it was standard output that could not be written
            raise
        raise ConfigError(f"cannot read {printable_line(args.file)}: {error.strerror}") from error
