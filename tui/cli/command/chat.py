"""`rillet`: the screen."""

from __future__ import annotations

import argparse
import gc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from tui.cli.opening import (
    can_draw,
    check_terminal,
    mend_settings,
    open_conversation,
    open_program,
    run_async,
)
from tui.domain.error import SettingsError

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.chat.program import Program
    from tui.ui.start.early.screen import EarlyScreen


def chat(args: argparse.Namespace) -> int:
    """`rillet`: the screen."""
    if args.web:
        return _serve(args.web_port)
    if args.plain or (sys.stdout.isatty() and not can_draw()):
        return _chat_plainly(args)
    early: EarlyScreen | None = getattr(args, "early", None)
    try:
        return _chat(args, early)
    finally:
        if early is not None:  # before a word is said that would be lost on its screen
            early.leave()


def _serve(port: int) -> int:
    """The screen in a browser: the same words, without those that ask for that."""
    from tui.domain.error import ConfigError

    try:
        from tui.ui.web.server import serve
    except ImportError as error:
        raise ConfigError(
            f"the screen in a browser needs the extra “web” ({error.name} is missing)",
            "Install it: pip install 'rillet[web]'",
        ) from error
    return serve(without_web(sys.argv[1:]), port)


def without_web(words: list[str]) -> list[str]:
    """A command line without what asks for a browser."""
    rest: list[str] = []
    at = 0
    while at < len(words):
        if words[at] == "--web-port":
            at += 1
        elif words[at] != "--web" and not words[at].startswith("--web-port="):
            rest.append(words[at])
        at += 1
    return rest


def _chat_plainly(args: argparse.Namespace) -> int:
    from tui.cli.plain.chat import PlainChat
    from tui.cli.plain.person import PlainPerson
    from tui.cli.plain.terminal import LineTerminal

    program = open_program(args)
    terminal = LineTerminal(sys.stdin, sys.stdout)
    program.person = PlainPerson(terminal)
    plain_chat = PlainChat(program, open_conversation(program, args), terminal)

    async def main() -> int:
        try:
            await plain_chat.run()
        finally:
            await program.close()
        return 0

    return run_async(main())


def _chat(args: argparse.Namespace, early: EarlyScreen | None) -> int:
    check_terminal()
    gc.disable()  # imports make no garbage worth a look; `tui.ui.start.warm` switches it on again
    from concurrent.futures import ThreadPoolExecutor

    import tui.chat.conversation
    import tui.chat.opening  # noqa: F401  # before the thread: two threads should not import the same things
    from tui.ui.entry import import_screen, run_app

    with ThreadPoolExecutor(1) as beside:  # the disk can be waited for while the screen is being loaded
        opening = beside.submit(_open, args, early)
        import_screen()
        try:
            program, conversation = opening.result()
        except SettingsError as error:
            from tui.ui.start.typed import Typed

            typed = Typed()
            if early is not None:
                early.leave()
                typed.read(early.read_so_far())
                early = None
            program = mend_settings(args, error, typed)
            conversation = open_conversation(program, args)
            typed.keep(program.database, conversation)
    return run_app(program, conversation, theme=args.theme, early=early)


def _open(args: argparse.Namespace, early: EarlyScreen | None) -> tuple[Program, Conversation]:
    """The program and the conversation; the first frame is told what was being written there."""
    from tui.domain.error import StoreError

    program = open_program(args, tell=early.say if early is not None else None)
    conversation = open_conversation(program, args)
    if early is not None:
        with suppress(StoreError):
            early.show_draft(program.database.prompts.draft(conversation.session.id))
    return program, conversation
