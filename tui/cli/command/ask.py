"""`rillet ask`: one prompt, the reply to standard output."""

from __future__ import annotations

import argparse
import gc
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.opening import (
    open_conversation,
    open_program,
    run_async,
    write_utf8,
)
from tui.cli.option import Commands, add_endpoint_options, add_session_options

if TYPE_CHECKING:
    from tui.domain.turn import Turn


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("ask", help="ask once, and stream the answer to standard output")
    parser.set_defaults(command=ask, loads_on=True)
    parser.add_argument("prompt", nargs="?", metavar="PROMPT")
    add_endpoint_options(parser, again=True)
    add_session_options(parser, again=True)
    parser.add_argument(
        "--image", metavar="FILE", action="append", default=[], help="an image that goes with the prompt"
    )
    parser.add_argument("--schema", metavar="FILE", help="the answer must be JSON that follows this JSON Schema")
    parser.add_argument(
        "--compact", action="store_true", help="where the context fills, have the earlier turns summarised first"
    )
    parser.add_argument("--events", action="store_true", help="print JSON lines, one for each delta")
    parser.add_argument("--tool", metavar="NAME", action="append", default=[], help="offer this tool")
    parser.add_argument(
        "--approve",
        metavar="NAME",
        action="append",
        default=[],
        help="run this tool without asking, or SERVER:TOOL that the endpoint calls",
    )
    parser.add_argument(
        "--elicit",
        choices=["decline", "defaults"],
        default="decline",
        help="what MCP servers ask meanwhile: decline it, or answer with the values they propose",
    )
    parser.add_argument("--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here")
    parser.add_argument("--gguf", metavar="FILE", type=Path, help="use this GGUF file as the built-in model")


def ask(args: argparse.Namespace) -> int:
    """`rillet ask`: one prompt, the reply to standard output."""
    gc.disable()  # imports make no garbage worth a look; what comes of the reply switches it on again
    from tui.cli.ask import EventPrinter, Printer, read_prompt
    from tui.cli.ask import ask as ask_once
    from tui.domain.error import ConfigError, StoreError

    prompt = read_prompt(args.prompt)
    if not prompt:
        raise ConfigError("there is no prompt", "Give one as an argument, or on standard input.")
    images = []
    if args.image:
        from tui.chat.image import read_image

        images = [read_image(place) for place in args.image]
    program = open_program(args)
    conversation = open_conversation(program, args)
    if args.events:
        write_utf8()
    program.joins_deltas = not args.events  # there each delta is told as the endpoint cut it
    printer = EventPrinter(sys.stdout, sys.stderr) if args.events else Printer(sys.stdout, sys.stderr)
    with suppress(StoreError):
        program.notices += [note for note in program.database.notes() if note not in program.notices]
    for notice in program.notices:
        printer.warn(notice)
    if images and (blindness := program.blindness(conversation.sheet.endpoint, conversation.sheet.model)):
        printer.warn(blindness)

    async def main() -> int:
        try:
            rounds = None
            if args.tool or args.approve:
                from tui.chat.headless import headless_rounds
                from tui.cli.person import ShellPerson

                program.person = ShellPerson(sys.stderr, args.elicit)
                rounds = await headless_rounds(program, conversation, args.tool, args.approve, printer.result)
            check = None
            if args.schema:
                from tui.chat.structure import describe_problem, find_schema, judge

                schema = conversation.sheet.schema = find_schema(args.schema, program.settings.schemas)
                conversation.sheet.keeps_schema = True

                def check(turn: Turn) -> str:
                    verdict = judge(turn, schema)
                    if verdict.unjudged:
                        printer.warn(f"not judged of the schema: {verdict.not_judged}")
                    return describe_problem(verdict)

            return await ask_once(conversation, prompt, printer, rounds, check, images=images, compacts=args.compact)
        finally:
            await program.close()

    return run_async(main())
