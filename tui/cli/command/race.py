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
        dest="lanes",
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
    from tui.chat.race import Lane, lane_record, parse_lanes, run_rounds
    from tui.cli.ask import read_prompt
    from tui.domain.error import ConfigError
    from tui.domain.turn import Turn, TurnState
    from tui.page.race_lines import race_heading, race_line
    from tui.page.stat_lines import plain
    from tui.wire.json_text import write_shown_json
    from tui.wire.printable import printable_line

    prompt = read_prompt(args.prompt)
    if not prompt:
        raise ConfigError("there is no prompt", "Give one with --prompt, or on standard input.")
    if not args.model and args.lanes:
        args.model = args.lanes[0].partition("@")[0] or None
    program = open_program(args)
    lanes = parse_lanes(args.lanes, program, program.default_endpoint)
    conversation = begin_conversation(program, args)
    conversation.runs_tools = False

    def tell(lane: Lane, turn: Turn) -> None:
        if turn.error is not None:
            print(f"rillet: {printable_line(f'{lane.word}: {turn.error.message}')}", file=sys.stderr)

    async def main() -> int:
        try:
            await run_rounds(conversation, lanes, prompt, args.runs, tell)
        finally:
            await program.close()
        return 0

    run_async(main())
    write_utf8()
    if args.json:
        for lane in lanes:
            print(write_shown_json(lane_record(lane)))
    else:
        width = max(40, max(len(lane.word) for lane in lanes) + 2)
        print(plain(race_heading(width)))
        for lane in lanes:
            print(plain(race_line(lane_record(lane), width)))
    is_whole = all(turn.state is TurnState.COMPLETE for lane in lanes for turn in lane.turns)
    return ExitCode.COMPLETE if is_whole else ExitCode.INCOMPLETE
