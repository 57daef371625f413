"""`rillet race`: the same prompt to several models at once."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tui.cli.exit_code import ExitCode
from tui.cli.opening import begin_conversation, open_program, run_async, write_utf8
from tui.cli.option import Commands, whole


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("race", help="the same prompt to up to four models at once, and how each did")
    parser.set_defaults(command=race)
    parser.add_argument("--prompt", metavar="TEXT", help="else standard input")
    parser.add_argument(
        "--model",
        "-m",
        dest="columns",
        metavar="MODEL[@ENDPOINT[:DIALECT]]",
        action="append",
        default=[],
        help="one that runs; up to four",
    )
    parser.add_argument("--runs", type=whole(1), default=1, metavar="N", help="how often each is asked")
    parser.add_argument("--json", action="store_true", help="print a JSON line for each")
    parser.add_argument("--endpoint", metavar="NAME", default=argparse.SUPPRESS, help="asked where none is named")
    parser.add_argument("--base-url", metavar="URL", default=argparse.SUPPRESS, help="an endpoint for this run only")
    parser.add_argument("--system", metavar="TEXT", default=argparse.SUPPRESS, help="the system prompt")
    parser.add_argument("--no-save", action="store_true", default=argparse.SUPPRESS, help="keep nothing on disk")
    parser.add_argument("--config", metavar="FILE", type=Path, default=argparse.SUPPRESS, help="another settings file")


def race(args: argparse.Namespace) -> int:
    """`rillet race`: a table with medians and spread; each answer is a branch of a saved conversation."""
    from tui.chat.race import Column, column_record, make_ready, parse_columns, run_rounds
    from tui.cli.ask import read_prompt
    from tui.domain.error import ConfigError
    from tui.domain.turn import Turn, TurnState
    from tui.page.race_lines import race_lines
    from tui.page.stat_lines import plain
    from tui.wire.json_text import write_shown_json
    from tui.wire.printable import printable_line

    prompt = read_prompt(args.prompt)
    if not prompt:
        raise ConfigError("there is no prompt", "Give one with --prompt, or on standard input.")
    if not args.model and args.columns:
        args.model = args.columns[0].partition("@")[0] or None
    program = open_program(args)
    columns = parse_columns(args.columns, program, program.default_endpoint)
    conversation = begin_conversation(program, args)
    conversation.runs_tools = False

    def tell(column: Column, turn: Turn) -> None:
        if turn.error is not None:
            print(f"rillet: {printable_line(f'{column.name}: {turn.error.message}')}", file=sys.stderr)

    async def main() -> int:
        make_ready(program, columns)
        try:
            await run_rounds(conversation, columns, prompt, args.runs, tell)
        finally:
            await program.close()
        return 0

    run_async(main())
    write_utf8()
    if args.json:
        for column in columns:
            print(write_shown_json(column_record(column)))
    else:
        for line in race_lines([column_record(column) for column in columns]):
            print(plain(line))
    is_whole = all(turn.state is TurnState.COMPLETE for column in columns for turn in column.turns)
    return ExitCode.COMPLETE if is_whole else ExitCode.INCOMPLETE
