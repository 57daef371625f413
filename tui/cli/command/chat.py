"""`rillet`: the screen."""

from __future__ import annotations

import argparse
import gc

from tui.cli.opening import (
    begin_conversation,
    check_terminal,
    mend_settings,
    open_program,
)
from tui.domain.error import SettingsError


def chat(args: argparse.Namespace) -> int:
    """`rillet`: the screen."""
    check_terminal()
    gc.disable()  # imports make no garbage worth a look; `tui.ui.start.warm` switches it on again
    from concurrent.futures import ThreadPoolExecutor

    import tui.chat.opening  # noqa: F401  # before the thread: two threads should not import the same things
    from tui.chat.conversation import Conversation
    from tui.ui.entry import import_screen, run_app

    with ThreadPoolExecutor(1) as beside:  # the disk can be waited for while the screen is being loaded
        opening = beside.submit(open_program, args)
        import_screen()
        try:
            program = opening.result()
        except SettingsError as error:
            program = mend_settings(args, error)
    if args.session or args.goes_on:
        session_id = program.database.find_session(args.session) if args.session else program.database.last_session()
        conversation = Conversation.reopen(program, session_id) if session_id else begin_conversation(program, args)
        if args.model or args.endpoint or args.base_url:
            conversation.set_model(program.default_endpoint, program.default_model)
        if args.system is not None:
            conversation.set_system(args.system)
    else:
        conversation = begin_conversation(program, args)
    return run_app(program, conversation, theme=args.theme)
