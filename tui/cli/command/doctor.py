"""`rillet doctor`: how an endpoint streams, and what this machine is like."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from tui.cli.opening import write_utf8
from tui.cli.option import Commands
from tui.domain.endpoint_word import DIALECT_NAMES

if TYPE_CHECKING:
    from tui.chat.doctor.card import Card
    from tui.cli.exit_code import ExitCode


def add(commands: Commands) -> None:
    """Add it to the command line."""
    doctor_ = commands.add_parser("doctor", help="how an endpoint streams, and what is odd about it or this machine")
    doctor_.set_defaults(command=doctor)
    doctor_.add_argument(
        "target",
        metavar="URL|NAME",
        nargs="?",
        default="",
        help="the endpoint; without one, only this machine is told of",
    )
    doctor_.add_argument("--json", action="store_true", help="print the report as JSON")
    doctor_.add_argument("--schema", action="store_true", help="print the JSON Schema of the report")
    doctor_.add_argument(
        "--dialect", choices=DIALECT_NAMES, action="append", default=argparse.SUPPRESS, help="ask in this one only"
    )
    doctor_.add_argument("--model", "-m", metavar="ID", default=argparse.SUPPRESS, help="the model to ask")


def doctor(args: argparse.Namespace) -> int:
    """`rillet doctor`: the report of an endpoint and of this machine."""
    import json

    import msgspec

    from tui.chat.doctor.card import report_schema
    from tui.cli.doctor import make_report, report_lines
    from tui.cli.exit_code import ExitCode
    from tui.cli.machine import machine_facts
    from tui.wire.json_text import clean, write_shown_json

    if args.schema:
        write_utf8()
        print(json.dumps(report_schema(), indent=2))
        return ExitCode.COMPLETE
    card, code = _examine(args) if args.target else (None, ExitCode.COMPLETE)
    report = make_report(card, machine_facts(getattr(args, "config", None)))
    if args.json:
        write_utf8()
        print(write_shown_json(clean(msgspec.to_builtins(report)), indent=2))
    else:
        for line in report_lines(report):
            print(line)
    return code


def _examine(args: argparse.Namespace) -> tuple[Card, ExitCode]:
    """The card of the endpoint that is meant: one of the settings by its name, or a URL for this run."""
    import asyncio

    from tui.chat.opening import open_program
    from tui.cli.doctor import examine

    config, model = getattr(args, "config", None), getattr(args, "model", None)
    asked = getattr(args, "dialect", None) or DIALECT_NAMES
    dialects = (asked,) if isinstance(asked, str) else tuple(dict.fromkeys(asked))
    is_url = any(mark in args.target for mark in ("://", ":", "/", "."))
    program = open_program(
        os.environ,
        config=config,
        gguf=getattr(args, "gguf", None),
        saves=False,
        endpoint=None if is_url else args.target,
        base_url=args.target if is_url else None,
        model=model,
        needs_model=False,
    )

    async def main() -> tuple[Card, ExitCode]:
        try:
            return await examine(program, program.default_endpoint, model or "", dialects, sys.stderr)
        finally:
            await program.close()

    return asyncio.run(main())
