"""The command line. Each command imports what it needs and no more: `rillet ask` never imports Textual."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from tui import __version__

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.chat.program import Program
    from tui.domain.turn import Turn
    from tui.store.database import Database

EXAMPLES = """\
examples:
  rillet                                    chat, full screen
  rillet --continue                         go on where you left off
  rillet ask "Why is the sky blue?"         one answer to standard output
  git diff | rillet ask "Review this"       with standard input joined to the prompt
  rillet ask --events "Hi"                  the stream as JSON lines
  curl -N ... | rillet decode               decode a raw stream
  rillet local install                      fetch the small model in the box

exit codes: 0 complete, 1 the endpoint failed, 2 usage or settings, 3 key refused or missing,
            4 network, 5 incomplete (length, filter, truncated, limit), 130 stopped
"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors name the nearest right word."""

    _words: Sequence[str] = ()

    def parse_words(self, words: Sequence[str]) -> argparse.Namespace:
        """Parse a whole command line."""
        self._words = words
        return self.parse_args(words)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and leave with 2."""
        from tui.wire.printable import printable_line

        self.exit(2, f"rillet: {printable_line(self._explain(message))}\n{self.format_usage()}")

    def _explain(self, message: str) -> str:
        import re
        from difflib import get_close_matches

        options = self._all_options()
        # What follows an unknown option is taken for a command, and was not meant as one.
        unknown = [word for word in self._words if word.startswith("--") and not _is_option(word, options)]
        if "argument COMMAND" in message and unknown:
            message = f"unrecognized arguments: {unknown[0]}"
        if (choice := re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)) is not None:
            wrong, right = choice[1], re.findall(r"[\w-]+", choice[2])
        elif "unrecognized arguments" in message:
            wrong = next((word for word in message.split() if word.startswith("-")), "").partition("=")[0]
            right = options
        else:
            return message
        near = get_close_matches(wrong, right, 1)
        return f"{message}; did you mean {near[0]}?" if near else message

    def _all_options(self) -> list[str]:
        """The options of this parser and of every command below it."""
        options: list[str] = []
        for action in self._actions:
            options += action.option_strings
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # it has no public name
                options += [option for parser in action.choices.values() for option in parser._all_options()]  # noqa: SLF001  # our own class
        return list(dict.fromkeys(options))


def _is_option(word: str, options: Sequence[str]) -> bool:
    name = word.partition("=")[0]
    return word == "--" or any(option.startswith(name) for option in options)


def run(arguments: Sequence[str]) -> int:
    """Run a command line.

    Returns:
        The exit code.
    """
    parser = _parser()
    args = parser.parse_words(arguments)
    from tui.domain.error import RilletError

    try:
        command: Callable[[argparse.Namespace], int] = args.command
        return command(args)
    except RilletError as error:
        from tui.chat.exit_code import exit_code_of_error
        from tui.wire.printable import printable

        sys.stderr.write(f"rillet: {printable(error.message)}\n")
        if error.hint:
            sys.stderr.write(f"rillet: {printable(error.hint)}\n")
        return exit_code_of_error(error)
    except BrokenPipeError:
        # The reader went away: leave quietly, and do not let Python flush into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130


def _parser() -> Parser:
    parser = Parser(
        prog="rillet",
        description="A terminal chat for streaming language-model APIs, in which you can see the stream.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"rillet {__version__}")
    parser.set_defaults(command=_chat)
    _add_endpoint_options(parser)
    parser.add_argument("--continue", dest="goes_on", action="store_true", help="open the last session")
    parser.add_argument("--session", metavar="ID", help="open a saved session (the first letters of its id will do)")
    parser.add_argument("--theme", metavar="NAME", help="use a theme for this run")
    parser.add_argument("--gguf", metavar="FILE", type=Path, help="use this GGUF file as the model in the box")
    parser.add_argument("--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    ask = commands.add_parser("ask", help="ask once, and stream the answer to standard output")
    ask.set_defaults(command=_ask)
    ask.add_argument("prompt", nargs="?", metavar="PROMPT")
    _add_endpoint_options(ask, again=True)
    ask.add_argument("--schema", metavar="FILE", help="the answer must be JSON that follows this JSON Schema")
    ask.add_argument("--events", action="store_true", help="print JSON lines, one for each delta")
    ask.add_argument("--tool", metavar="NAME", action="append", default=[], help="offer this tool")
    ask.add_argument("--approve", metavar="NAME", action="append", default=[], help="run this tool without asking")
    ask.add_argument("--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here")
    ask.add_argument("--gguf", metavar="FILE", type=Path, help="use this GGUF file as the model in the box")

    decode = commands.add_parser("decode", help="decode a raw stream from standard input to JSON lines")
    decode.set_defaults(command=_decode)
    decode.add_argument("--dialect", choices=["sse", "chat", "responses", "auto"], default="auto")

    replay = commands.add_parser("replay", help="play a tape, at its own pace")
    replay.set_defaults(command=_replay)
    replay.add_argument("file", type=Path, metavar="FILE")
    replay.add_argument("--speed", type=float, default=1.0, metavar="N", help="times as fast; 0 for at once")
    replay.add_argument("--events", action="store_true", help="print JSON lines instead of opening the screen")

    tape = commands.add_parser("tape", help="what the wire said: list, show, check, export")
    tapes = tape.add_subparsers(title="commands", metavar="COMMAND", required=True)
    tapes.add_parser("list", help="the recorded turns").set_defaults(command=_tape_list)
    show = tapes.add_parser("show", help="one recording, read by read")
    show.set_defaults(command=_tape_show)
    show.add_argument("turn", metavar="SESSION.TURN")
    check = tapes.add_parser("check", help="what is wrong with a recorded stream, or worth knowing about it")
    check.set_defaults(command=_tape_check)
    check.add_argument("tape", metavar="FILE|SESSION.TURN")
    export = tapes.add_parser("export", help="one recording to a file, without its key")
    export.set_defaults(command=_tape_export)
    export.add_argument("turn", metavar="SESSION.TURN")
    export.add_argument("file", type=Path, metavar="FILE")

    sessions = commands.add_parser("sessions", help="saved conversations")
    sessions.set_defaults(command=_sessions_list)
    sessions.add_argument("--find", metavar="TEXT", default="", help="only those that say this")

    local = commands.add_parser("local", help="the small model in the box")
    locals_ = local.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, what in (
        ("install", "fetch its weights (93 MB)"),
        ("status", "say whether it can run"),
        ("remove", "delete its weights"),
        ("path", "say where its weights are"),
    ):
        locals_.add_parser(name, help=what).set_defaults(command=_local, action=name)

    tools = commands.add_parser("tools", help="the tools a model may be given")
    tools.set_defaults(command=_tools_list)
    tools_ = tools.add_subparsers(title="commands", metavar="COMMAND")
    tools_.add_parser("list", help="every tool that is set up").set_defaults(command=_tools_list)
    test = tools_.add_parser("test", help="run one tool by hand")
    test.set_defaults(command=_tools_test)
    test.add_argument("name", metavar="NAME")
    test.add_argument("arguments", metavar="JSON", nargs="?", default="{}")
    test.add_argument("--root", metavar="DIR", type=Path, action="append", default=[], help="let tools read here")

    commands.add_parser("paths", help="where rillet keeps its files").set_defaults(command=_paths)
    return parser


def _add_endpoint_options(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """The options that say whom to ask; given after a command they override those given before it."""
    default = argparse.SUPPRESS if again else None
    parser.add_argument("--endpoint", metavar="NAME", default=default, help="one of the settings, or xai, or local")
    parser.add_argument("--base-url", metavar="URL", default=default, help="an endpoint for this run only")
    parser.add_argument("--dialect", choices=["chat", "responses"], default=default, help="the API spoken there")
    parser.add_argument("--model", "-m", metavar="ID", default=default)
    parser.add_argument("--system", metavar="TEXT", default=default, help="the system prompt")
    parser.add_argument(
        "--no-save", action="store_true", default=argparse.SUPPRESS if again else False, help="keep nothing on disk"
    )
    parser.add_argument("--config", metavar="FILE", type=Path, default=default, help="another settings file")


# -- putting the program together ---------------------------------------------------------------------


def _program(args: argparse.Namespace, *, is_strict: bool) -> Program:
    from tui.chat.opening import open_program

    return open_program(
        os.environ,
        config=getattr(args, "config", None),
        gguf=getattr(args, "gguf", None),
        roots=getattr(args, "root", []),
        saves=not getattr(args, "no_save", False),
        is_strict=is_strict,
        endpoint=getattr(args, "endpoint", None),
        base_url=getattr(args, "base_url", None),
        dialect=getattr(args, "dialect", None),
        model=getattr(args, "model", None),
    )


def _conversation(program: Program, args: argparse.Namespace) -> Conversation:
    from tui.chat.conversation import Conversation

    conversation = Conversation(program, program.default_endpoint, program.default_model)
    if args.system is not None:
        conversation.system = args.system
    return conversation


def _database(args: argparse.Namespace) -> Database:
    """The saved sessions, for commands that only read them."""
    return _program(args, is_strict=False).database


# -- commands --------------------------------------------------------------------------------------------


def _run_async(main: Coroutine[Any, Any, int]) -> int:
    import asyncio

    return asyncio.run(main)


def _chat(args: argparse.Namespace) -> int:
    if not sys.stdout.isatty():
        from tui.domain.error import ConfigError

        raise ConfigError("the screen needs a terminal", "Without one, use: rillet ask PROMPT")
    gc.disable()  # imports make no garbage worth a look; `tui.ui.warming` switches it on again
    from tui.chat.conversation import Conversation
    from tui.ui.entry import run_app

    program = _program(args, is_strict=False)
    if args.session or args.goes_on:
        session_id = program.database.find_session(args.session) if args.session else program.database.last_session()
        conversation = Conversation.reopen(program, session_id) if session_id else _conversation(program, args)
        if args.model or args.endpoint or args.base_url:
            conversation.set_model(program.default_endpoint, program.default_model)
    else:
        conversation = _conversation(program, args)
    return run_app(program, conversation, theme=args.theme)


def _ask(args: argparse.Namespace) -> int:
    from tui.chat.ask import EventPrinter, Printer, ask, read_prompt
    from tui.domain.error import ConfigError

    prompt = read_prompt(args.prompt)
    if not prompt:
        raise ConfigError("there is no prompt", "Give one as an argument, or on standard input.")
    program = _program(args, is_strict=True)
    conversation = _conversation(program, args)
    program.joins_deltas = not args.events  # there each delta is told as the endpoint cut it
    printer = EventPrinter(sys.stdout, sys.stderr) if args.events else Printer(sys.stdout, sys.stderr)
    for notice in program.notices:
        printer.warn(notice)

    async def main() -> int:
        try:
            rounds = None
            if args.tool or args.approve:
                from tui.chat.headless import headless_rounds

                rounds = await headless_rounds(program, conversation, args.tool, args.approve)
            check = None
            if args.schema:
                from tui.chat.structure import find_schema, structure_problem

                schema = conversation.schema = find_schema(args.schema, program.settings.schemas)
                conversation.keeps_schema = True

                def check(turn: Turn) -> str:
                    return structure_problem(turn, schema)

            return await ask(conversation, prompt, printer, rounds, check)
        finally:
            await program.close()

    return _run_async(main())


def _decode(args: argparse.Namespace) -> int:
    from tui.chat.decode import decode

    def put(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    return decode(sys.stdin.fileno(), args.dialect, put)


def _replay(args: argparse.Namespace) -> int:
    from tui.chat.tape_file import read_tape, replay_events
    from tui.domain.error import ConfigError

    if args.speed < 0:
        raise ConfigError("--speed cannot be negative", "1 is the tape's own pace, 0 is at once.")
    tape = read_tape(args.file)
    if args.events:
        return _run_async(replay_events(tape, args.speed))
    from tui.ui.entry import run_replay

    return run_replay(_program(args, is_strict=False), tape, args.speed)


def _tape_list(args: argparse.Namespace) -> int:
    from tui.chat.tape_file import list_tapes

    with closing(_database(args)) as database:
        for line in list_tapes(database):
            print(line)
    return 0


def _tape_show(args: argparse.Namespace) -> int:
    from tui.chat.tape_file import find_turn, show_tape, tape_of

    with closing(_database(args)) as database:
        for line in show_tape(tape_of(database, find_turn(database, args.turn))):
            print(line)
    return 0


def _tape_check(args: argparse.Namespace) -> int:
    from tui.chat.check import check_lines
    from tui.chat.tape_file import find_turn, read_tape, tape_of

    path = Path(args.tape)
    if path.is_file() or path.suffix in (".tape", ".jsonl") or len(path.parts) > 1:
        tape = read_tape(path)
    else:
        database = _database(args)
        tape = tape_of(database, find_turn(database, args.tape))
    lines, code = check_lines(tape)
    for line in lines:
        print(line)
    return code


def _tape_export(args: argparse.Namespace) -> int:
    from tui.chat.tape_file import find_turn, tape_of, write_tape

    with closing(_database(args)) as database:
        write_tape(tape_of(database, find_turn(database, args.turn)), args.file)
    return 0


def _sessions_list(args: argparse.Namespace) -> int:
    from datetime import datetime

    from tui.wire.printable import printable_line

    with closing(_database(args)) as database:
        rows = database.sessions(args.find)
    for row in rows:
        when = datetime.fromtimestamp(row.updated_at).astimezone().strftime("%Y-%m-%d %H:%M")
        size = f"{row.size_bytes / 1024:,.0f} KB"
        print(f"{row.id}  {when}  {row.turns:>4} turns {size:>10}  {printable_line(row.title)}")
    return 0


def _local(args: argparse.Namespace) -> int:
    from tui.local.command import run as run_local
    from tui.store.path import data_dir

    return run_local(args.action, data_dir(), sys.stderr)


def _tools_list(args: argparse.Namespace) -> int:
    from tui.chat.tool_command import print_tools

    return _run_async(print_tools(_program(args, is_strict=True)))


def _tools_test(args: argparse.Namespace) -> int:
    from tui.chat.tool_command import try_tool

    return _run_async(try_tool(_program(args, is_strict=True), args.name, args.arguments))


def _paths(args: argparse.Namespace) -> int:
    from tui.store.path import cache_dir, data_dir, database_path, settings_path, state_dir

    del args
    for name, path in (
        ("settings", settings_path()),
        ("sessions", database_path()),
        ("models", data_dir() / "models"),
        ("state", state_dir()),
        ("cache", cache_dir()),
    ):
        print(f"{name:<9} {path}")
    return 0
