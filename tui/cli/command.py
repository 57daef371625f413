"""The commands: each puts together what it needs, does it, and returns the exit code."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Coroutine
from contextlib import closing, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.domain.error import SettingsError

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.chat.program import Program
    from tui.domain.turn import Turn
    from tui.store.database import Database


def _program(args: argparse.Namespace) -> Program:
    from tui.chat.opening import open_program

    return open_program(
        os.environ,
        config=getattr(args, "config", None),
        gguf=getattr(args, "gguf", None),
        roots=getattr(args, "root", []),
        saves=not getattr(args, "no_save", False),
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
    conversation.effort = getattr(args, "effort", None) or ""
    return conversation


def _database(args: argparse.Namespace) -> Database:
    """The saved sessions, for commands that only read them: nothing is moved, and what is wrong is told."""
    from tui.chat.opening import open_to_read

    del args  # they need no settings: a mistake in those keeps nobody from what is saved
    database = open_to_read()
    _tell_notes(database)
    return database


def _tell_notes(database: Database) -> None:
    from tui.domain.error import StoreError
    from tui.wire.printable import printable_line

    notes = [database.notice] if database.notice else []
    with suppress(StoreError):
        notes += [note for note in database.notes() if note not in notes]
    for note in notes:
        print(f"rillet: {printable_line(note)}", file=sys.stderr)


def _mended(args: argparse.Namespace, error: SettingsError) -> Program:
    """The program, once its settings can be used: a screen says what is wrong with them, and waits.

    Raises:
        SettingsError: If the person leaves instead.
    """
    from tui.chat.opening import forget_choice
    from tui.ui.start.waiting import wait_for_settings

    while True:
        answer = wait_for_settings(error, getattr(args, "theme", None))
        if answer == "quit":
            raise error
        if answer == "forget":
            forget_choice()
        try:
            return _program(args)
        except SettingsError as problem:
            error = problem


def _run_async(main: Coroutine[Any, Any, int]) -> int:
    import asyncio

    return asyncio.run(main)


def _check_terminal() -> None:
    from tui.domain.error import ConfigError

    if not sys.stdout.isatty():
        raise ConfigError("the screen needs a terminal", "Without one, use: rillet ask PROMPT")
    name = os.environ.get("TERM", "")
    if name.lower() in ("dumb", "unknown"):
        raise ConfigError(f"the screen cannot be drawn with TERM={name}", "Here, use: rillet ask PROMPT")


def _write_utf8() -> None:
    """JSON is UTF-8, whatever the terminal speaks."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")


def chat(args: argparse.Namespace) -> int:
    """`rillet`: the screen."""
    _check_terminal()
    gc.disable()  # imports make no garbage worth a look; `tui.ui.start.warm` switches it on again
    from concurrent.futures import ThreadPoolExecutor

    import tui.chat.opening  # noqa: F401  # before the thread: two threads should not import the same things
    from tui.chat.conversation import Conversation
    from tui.ui.entry import import_screen, run_app

    with ThreadPoolExecutor(1) as beside:  # the disk can be waited for while the screen is being loaded
        opening = beside.submit(_program, args)
        import_screen()
        try:
            program = opening.result()
        except SettingsError as error:
            program = _mended(args, error)
    if args.session or args.goes_on:
        session_id = program.database.find_session(args.session) if args.session else program.database.last_session()
        conversation = Conversation.reopen(program, session_id) if session_id else _conversation(program, args)
        if args.model or args.endpoint or args.base_url:
            conversation.set_model(program.default_endpoint, program.default_model)
        if args.system is not None:
            conversation.set_system(args.system)
    else:
        conversation = _conversation(program, args)
    return run_app(program, conversation, theme=args.theme)


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
    program = _program(args)
    conversation = _conversation(program, args)
    if args.events:
        _write_utf8()
    program.joins_deltas = not args.events  # there each delta is told as the endpoint cut it
    printer = EventPrinter(sys.stdout, sys.stderr) if args.events else Printer(sys.stdout, sys.stderr)
    with suppress(StoreError):
        program.notices += [note for note in program.database.notes() if note not in program.notices]
    for notice in program.notices:
        printer.warn(notice)
    if images and (blindness := program.blindness(conversation.endpoint, conversation.model)):
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
                from tui.chat.structure import find_schema, structure_problem

                schema = conversation.schema = find_schema(args.schema, program.settings.schemas)
                conversation.keeps_schema = True

                def check(turn: Turn) -> str:
                    return structure_problem(turn, schema)

            return await ask_once(conversation, prompt, printer, rounds, check, images=images)
        finally:
            await program.close()

    return _run_async(main())


def decode(args: argparse.Namespace) -> int:
    """`rillet decode`: a raw stream from standard input, as JSON lines."""
    from tui.cli.decode import decode as decode_stream

    _write_utf8()

    def put(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    return decode_stream(sys.stdin.fileno(), args.dialect, put)


def replay(args: argparse.Namespace) -> int:
    """`rillet replay`: a tape, on the screen or as JSON lines."""
    from tui.cli.tape import read_tape, replay_events
    from tui.domain.error import ConfigError

    if args.speed < 0:
        raise ConfigError("--speed cannot be negative", "1 is the tape's own pace, 0 is at once.")
    tape = read_tape(args.file)
    if args.events:
        _write_utf8()
        return _run_async(replay_events(tape, args.speed))
    _check_terminal()
    from tui.ui.entry import run_replay

    try:
        program = _program(args)
    except SettingsError as error:
        program = _mended(args, error)
    return run_replay(program, tape, args.speed)


def tape_list(args: argparse.Namespace) -> int:
    """`rillet tape list`: the recorded turns."""
    from tui.cli.tape import list_tapes

    with closing(_database(args)) as database:
        for line in list_tapes(database):
            print(line)
    return 0


def tape_show(args: argparse.Namespace) -> int:
    """`rillet tape show`: one recording, read by read."""
    from tui.cli.tape import find_turn, show_tape, tape_of

    with closing(_database(args)) as database:
        for line in show_tape(tape_of(database, find_turn(database, args.turn))):
            print(line)
    return 0


def tape_check(args: argparse.Namespace) -> int:
    """`rillet tape check`: what is wrong with a recorded stream."""
    from tui.cli.tape import check_lines, find_turn, read_tape, tape_of

    path = Path(args.tape)
    if path.is_file() or path.suffix in (".tape", ".jsonl") or len(path.parts) > 1:
        tape = read_tape(path)
    else:
        with closing(_database(args)) as database:
            tape = tape_of(database, find_turn(database, args.tape))
    lines, code = check_lines(tape)
    for line in lines:
        print(line)
    return code


def tape_prune(args: argparse.Namespace) -> int:
    """`rillet tape prune`: recordings that need not be kept are dropped, and the disk has their room again."""
    from tui.chat.opening import open_database
    from tui.domain.error import ConfigError, StoreError
    from tui.domain.quantity import describe_size
    from tui.store.keep import parse_keep
    from tui.store.path import settings_path
    from tui.store.settings import read_settings

    words = args.keep or read_settings(args.config or settings_path(), must_exist=args.config is not None).tapes.keep
    keep = parse_keep(words)
    if keep is None:
        raise ConfigError(f"“{words}” does not say how long", "For example: “30 days”, “500 MB”, “all”.")
    with closing(open_database()) as database:
        _tell_notes(database)
        if database.is_memory:
            raise StoreError(database.why_unsaved, "Nothing was dropped.")
        tapes, _ = database.upkeep.prune(keep)
        freed = database.upkeep.shrink()
    print(f"{tapes:,} recordings dropped, {describe_size(max(0, freed))} given back")
    return 0


def backup_list(args: argparse.Namespace) -> int:
    """`rillet backup list`: the copies that were made, one a day."""
    from datetime import datetime

    from tui.domain.quantity import describe_size
    from tui.store.backup import backups
    from tui.store.path import database_path

    del args
    for each in backups(database_path()):
        when = datetime.fromtimestamp(each.at).astimezone().strftime("%Y-%m-%d %H:%M")
        print(f"{each.name}  {when}  {describe_size(each.size_bytes):>10}")
    return 0


def backup_restore(args: argparse.Namespace) -> int:
    """`rillet backup restore`: a copy takes the place of the sessions file, which is kept."""
    from tui.store.backup import restore
    from tui.store.path import database_path

    aside = restore(database_path(), args.name)
    print(f"restored {args.name}; the file that was there is {aside.name}")
    return 0


def recover(args: argparse.Namespace) -> int:
    """`rillet recover`: the whole file is looked through, and mended; what was told of it is taken as read."""
    from tui.chat.opening import open_database
    from tui.domain.error import StoreError
    from tui.store.opening import find_damage
    from tui.store.path import database_path

    del args
    if database_path().is_file():
        find_damage(database_path())  # it is noted beside the file, and seen to when that is opened
    with closing(open_database()) as database:
        if database.is_memory:
            raise StoreError(database.why_unsaved, "Nothing was mended.")
        notes = database.notes()
        for note in notes or ["The sessions file is whole."]:
            print(note)
        database.confirm_notes()
    return 0


def tape_export(args: argparse.Namespace) -> int:
    """`rillet tape export`: one recording to a file."""
    from tui.cli.tape import find_turn, tape_of, write_tape

    with closing(_database(args)) as database:
        write_tape(tape_of(database, find_turn(database, args.turn)), args.file)
    return 0


def sessions_list(args: argparse.Namespace) -> int:
    """`rillet sessions`: the saved conversations."""
    from datetime import datetime

    from tui.domain.quantity import describe_size
    from tui.wire.printable import printable_line

    with closing(_database(args)) as database:
        rows = database.deleted_sessions() if args.deleted else database.sessions(args.find)
    for row in rows:
        at = row.updated_at if row.deleted_at is None else row.deleted_at
        when = datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
        size = describe_size(row.size_bytes)
        turns = "turn " if row.turns == 1 else "turns"
        print(f"{row.id}  {when}  {row.turns:>4} {turns} {size:>10}  {printable_line(row.title)}")
    return 0


def sessions_restore(args: argparse.Namespace) -> int:
    """`rillet sessions restore`: a deleted conversation, had back."""
    from tui.chat.opening import open_database
    from tui.domain.error import StoreError
    from tui.wire.printable import printable_line

    with closing(open_database()) as database:
        _tell_notes(database)
        if database.is_memory:
            raise StoreError(database.why_unsaved, "Nothing was restored.")
        session_id = database.find_session(args.session, is_deleted=True)
        database.undelete_session(session_id)
        title = database.session(session_id).title
    print(f"restored {session_id}  {printable_line(title)}")
    return 0


def local(args: argparse.Namespace) -> int:
    """`rillet local`: the built-in model."""
    from tui.cli.local import run as run_local
    from tui.store.path import data_dir

    return run_local(args.action, data_dir(), sys.stderr)


def tools_list(args: argparse.Namespace) -> int:
    """`rillet tools list`: the tools that are set up."""
    from tui.cli.person import ShellPerson
    from tui.cli.tool import list_tools

    program = _program(args)

    async def main() -> int:
        try:
            program.person = ShellPerson(sys.stderr)
            return await list_tools(await program.tools(), sys.stdout, sys.stderr)
        finally:
            await program.close()

    return _run_async(main())


def tools_test(args: argparse.Namespace) -> int:
    """`rillet tools test`: one tool, run by hand."""
    from tui.cli.person import ShellPerson
    from tui.cli.tool import try_tool

    program = _program(args)

    async def main() -> int:
        try:
            program.person = ShellPerson(sys.stderr)
            return await try_tool(await program.tools(), args.name, args.arguments, sys.stdout, sys.stderr)
        finally:
            await program.close()

    return _run_async(main())


def mcp_list(args: argparse.Namespace) -> int:
    """`rillet mcp list`: the servers that are set up."""
    from tui.cli.mcp import list_servers

    return list_servers(_program(args).settings, args.config, sys.stdout)


def mcp_test(args: argparse.Namespace) -> int:
    """`rillet mcp test`: one server, started by hand."""
    from tui.cli.mcp import test_server
    from tui.cli.person import ShellPerson

    program = _program(args)

    async def main() -> int:
        try:
            program.person = ShellPerson(sys.stderr)
            return await test_server(await program.tools(), args.name, sys.stdout, sys.stderr)
        finally:
            await program.close()

    return _run_async(main())


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

    print(drop_server(args.config, _program(args).settings, args.name))
    return 0


def mcp_import(args: argparse.Namespace) -> int:
    """`rillet mcp import`: the servers of another program."""
    from tui.cli.mcp import import_servers
    from tui.wire.printable import printable_line

    for sentence in import_servers(args.config, args.file):
        print(printable_line(sentence))
    return 0


def paths(args: argparse.Namespace) -> int:
    """`rillet paths`: where the files are."""
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
