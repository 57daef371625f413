"""What the commands share: the program, a conversation, what is saved, and the streams they write to."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from tui.domain.error import ConfigError, SettingsError

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.chat.program import Program
    from tui.store.database import Database
    from tui.ui.start.typed import Typed


LONG_SECONDS = 1.0
"""What takes longer than so many seconds is told."""


def open_program(
    args: argparse.Namespace, *, needs_model: bool = True, tell: Callable[[str], None] | None = None
) -> Program:
    """The program, as the command line says; `tell` says what takes long, else standard error."""
    from tui.chat import opening

    return opening.open_program(
        os.environ,
        config=getattr(args, "config", None),
        gguf=getattr(args, "gguf", None),
        roots=getattr(args, "root", []),
        saves=not getattr(args, "no_save", False),
        endpoint=getattr(args, "endpoint", None),
        base_url=getattr(args, "base_url", None),
        dialect=getattr(args, "dialect", None),
        model=getattr(args, "model", None),
        needs_model=needs_model,
        tell=tell or tell_once(),
    )


def tell_once() -> Callable[[str], None]:
    """What says on standard error, once, that something takes longer than a moment."""
    began: list[float] = []

    def tell(words: str) -> None:
        began.append(time.monotonic())
        if began[0] and began[-1] - began[0] > LONG_SECONDS:
            began[0] = 0.0
            print(f"rillet: {words} …", file=sys.stderr, flush=True)

    return tell


def begin_conversation(program: Program, args: argparse.Namespace) -> Conversation:
    """A new conversation, as the command line says."""
    from tui.chat.conversation import Conversation

    conversation = Conversation(program, program.default_endpoint, program.default_model)
    if args.preset is not None:
        from tui.chat.preset import use_preset

        use_preset(program, conversation, args.preset, keeps_model=bool(args.model or args.endpoint or args.base_url))
    set_sheet(program, conversation, args)
    return conversation


def set_sheet(program: Program, conversation: Conversation, args: argparse.Namespace) -> None:
    """What the command line sets of a conversation's sheet.

    Raises:
        ConfigError: If an option cannot be what it is set to.
    """
    from tui.domain.option import OPTIONS

    if args.system is not None:
        conversation.session.set_system(args.system)
    if args.dialect is not None:
        conversation.session.set_dialect(args.dialect)
    if args.effort:
        conversation.session.set_effort(args.effort)
    given = {row.name: row.read(text) for row in OPTIONS if (text := getattr(args, row.name, None)) is not None}
    if given:
        conversation.session.set_options(**given)
    if args.server_tool:
        endpoint = program.endpoints[conversation.sheet.endpoint]
        if unknown := [name for name in args.server_tool if name not in endpoint.server_tools]:
            names = ", ".join(endpoint.server_tools) or "none"
            raise ConfigError(f"{endpoint.name} has no tool of its own “{unknown[0]}”", f"It has: {names}.")
        conversation.sheet.server_tools = tuple(args.server_tool)
        conversation.session.save_sheet()


def open_conversation(program: Program, args: argparse.Namespace) -> Conversation:
    """The saved conversation that the command line names, or a new one."""
    from tui.chat.conversation import Conversation

    if args.session or args.goes_on:
        session_id = program.database.sessions.find(args.session) if args.session else program.database.sessions.last()
        conversation = Conversation.reopen(program, session_id) if session_id else begin_conversation(program, args)
        if args.model or args.endpoint or args.base_url:
            conversation.session.set_model(program.default_endpoint, program.default_model)
        set_sheet(program, conversation, args)
    else:
        conversation = begin_conversation(program, args)
    return conversation


def open_saved(args: argparse.Namespace) -> Database:
    """The saved sessions, for commands that only read them: nothing is moved, and what is wrong is told."""
    from tui.chat.saved import open_to_read

    del args  # they need no settings: a mistake in those keeps nobody from what is saved
    database = open_to_read(tell_once())
    tell_notes(database)
    return database


def tell_notes(database: Database) -> None:
    """Say on standard error what happened to the sessions file."""
    from tui.domain.error import StoreError
    from tui.wire.printable import printable_line

    notes = [database.notice] if database.notice else []
    with suppress(StoreError):
        notes += [note for note in database.notes() if note not in notes]
    for note in notes:
        print(f"rillet: {printable_line(note)}", file=sys.stderr)


def mend_settings(args: argparse.Namespace, error: SettingsError, typed: Typed | None = None) -> Program:
    """The program, once its settings can be used: a screen says what is wrong with them, waits, and takes what is typed.

    Raises:
        SettingsError: If the person leaves instead.
    """
    from tui.chat.opening import forget_choice
    from tui.chat.settings_file import SettingsFile
    from tui.store.path import settings_path
    from tui.ui.start.typed import Typed
    from tui.ui.start.waiting import wait_for_settings

    typed = typed or Typed()
    while True:
        # Looked at before it is read: what is mended in between is seen.
        file = SettingsFile((getattr(args, "config", None) or settings_path()).absolute())
        try:
            return open_program(args)
        except SettingsError as problem:
            error = problem
        answer = wait_for_settings(error, getattr(args, "theme", None), file.has_changed, typed)
        if answer == "quit":
            if typed.line:
                print(f"rillet: what was typed meanwhile: {typed.line}", file=sys.stderr)
            raise error
        if answer == "forget":
            forget_choice()


def run_async(main: Coroutine[Any, Any, int]) -> int:
    """Run a command that waits, to its exit code."""
    import asyncio

    from tui.cli.loading import raise_at_interrupt

    raise_at_interrupt()
    return asyncio.run(main)


def check_terminal(otherwise: str = "rillet ask PROMPT, or rillet --plain") -> None:
    """See that a screen can be drawn; `otherwise` is what does without one.

    Raises:
        ConfigError: If there is no terminal, or one without a screen.
    """
    from tui.domain.error import ConfigError

    if is_in_page():
        return
    if not sys.stdout.isatty():
        raise ConfigError("the screen needs a terminal", f"Without one, use: {otherwise}")
    if not can_draw():
        name = os.environ.get("TERM", "")
        raise ConfigError(f"the screen cannot be drawn with TERM={name}", f"Here, use: {otherwise}")


def is_in_page() -> bool:
    """Whether a page shows the screen, and no terminal."""
    return os.environ.get("TEXTUAL_DRIVER") == "tui.ui.web.driver:WebDriver"


def can_draw() -> bool:
    """Whether this kind of terminal has a screen that can be drawn on."""
    return os.environ.get("TERM", "").lower() not in ("dumb", "unknown")


def write_utf8() -> None:
    """JSON is UTF-8, whatever the terminal speaks."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
