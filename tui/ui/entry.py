"""The way in from the command line: nothing above this imports Textual."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from tui.net.quick_loop import QuickLoop
from tui.ui.start.textual_import import import_textual

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.chat.archive_file import ArchiveFile
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation
    from tui.chat.incoming import Source
    from tui.chat.tape_file import TapeFile
    from tui.domain.tape import Tape
    from tui.ui.app import RilletApp
    from tui.ui.start.early.screen import EarlyScreen


def import_screen() -> None:
    """Load everything that the first paint needs."""
    import_textual()
    import tui.ui.app
    import tui.ui.screen.chat  # noqa: F401  # for their effect


def run_app(
    program: ChatProgram, conversation: Conversation, *, theme: str | None = None, early: EarlyScreen | None = None
) -> int:
    """Show a conversation until the person leaves; its screen takes the place of the first frame, if there is one.

    Returns:
        The exit code.
    """
    import_textual()
    from tui.ui.app import RilletApp

    app = RilletApp(program, conversation, theme=theme, early=early)
    _run(app, program)
    if not app.return_code and (session_id := app.last_session) is not None:
        print(f"resume with: rillet --session {session_id}", file=sys.stderr)  # noqa: T201  # the screen is gone
    return app.return_code or 0


def run_replay(program: ChatProgram, tape: Tape | TapeFile | ArchiveFile, speed: float) -> int:
    """Show a tape as it was: the conversation that it recorded, played again beside its wire; a long one is read on behind.

    Returns:
        The exit code.
    """
    import_textual()
    from tui.chat.archive_file import ArchiveFile, open_archive_file
    from tui.chat.recording import open_recording
    from tui.chat.tape_file import TapeFile, open_tape_file
    from tui.ui.app import RilletApp

    if isinstance(tape, TapeFile):
        replay = open_tape_file(program, tape, "replay")
        app = RilletApp(program, replay, begin=replay.head, plays=speed)
    elif isinstance(tape, ArchiveFile):
        replay = open_archive_file(program, tape, "replay")
        app = RilletApp(program, replay, begin=replay.head, plays=speed)
    else:
        app = RilletApp(program, open_recording(program, [tape], "replay"), plays=speed)
    _run(app, program)
    return app.return_code or 0


def run_recording(program: ChatProgram, recorded: Source | TapeFile | ArchiveFile | Sequence[Tape], title: str) -> int:
    """Show exchanges of a file, or a raw stream while it comes.

    Returns:
        The exit code.
    """
    import_textual()
    from tui.chat.archive_file import ArchiveFile, open_archive_file
    from tui.chat.incoming import Source, open_incoming
    from tui.chat.recording import open_recording
    from tui.chat.tape_file import TapeFile, open_tape_file
    from tui.ui.app import RilletApp
    from tui.wire.printable import printable_line

    if isinstance(recorded, Source):
        incoming = open_incoming(program, recorded)
        app = RilletApp(program, incoming, begin=incoming.head)
    elif isinstance(recorded, TapeFile):
        played = open_tape_file(program, recorded, printable_line(title))
        app = RilletApp(program, played, begin=played.head)
    elif isinstance(recorded, ArchiveFile):
        played = open_archive_file(program, recorded, printable_line(title))
        app = RilletApp(program, played, begin=played.head)
    else:
        app = RilletApp(program, open_recording(program, recorded, printable_line(title)))
    _run(app, program)
    return app.return_code or 0


def _run(app: RilletApp, program: ChatProgram) -> None:
    """Run an app on an event loop of its own."""
    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        runner.run(app.run_async(mouse=program.settings.mouse))
