"""The way in from the command line: nothing above this imports Textual."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.chat.program import Program
    from tui.domain.tape import Tape

ESCAPE_MS = "25"
"""How long Esc waits to be told from a sequence, in milliseconds; Textual's own 100 would be felt at every stop."""


def run_app(program: Program, conversation: Conversation, *, theme: str | None = None) -> int:
    """Show a conversation until the person leaves.

    Returns:
        The exit code.
    """
    os.environ.setdefault("ESCDELAY", ESCAPE_MS)  # read once, when Textual is imported
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from tui.ui.app import RilletApp

    app = RilletApp(program, conversation, theme=theme)
    app.run(mouse=program.settings.mouse)
    return app.return_code or 0


def run_replay(program: Program, tape: Tape, speed: float) -> int:
    """Show a tape as it was: the conversation that it recorded, streamed again at its pace.

    Returns:
        The exit code.
    """
    os.environ.setdefault("ESCDELAY", ESCAPE_MS)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from tui.ui.app import RilletApp
    from tui.ui.replay import Replay

    replay = Replay(program, tape, speed)
    app = RilletApp(program, replay, begin=replay.begin())
    app.run(mouse=program.settings.mouse)
    return app.return_code or 0
