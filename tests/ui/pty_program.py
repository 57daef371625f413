"""What the pty tests run: the screen, with a program that answers without a network."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tui.ui.lean import import_textual

import_textual()

from tests.ui.fake import FakeProgram  # noqa: E402
from tui.chat.conversation import Conversation  # noqa: E402
from tui.domain.delta import TextDelta  # noqa: E402


class Endless(FakeProgram):
    """Answers for ever, a word at a time."""

    async def exchange(self, request, turn, recorder, patience, clock):
        number = 0
        while True:
            yield TextDelta(f"word{number} ")
            number += 1
            await asyncio.sleep(0.01)

    async def close(self):
        turns = self.conversation.turns
        Path(os.environ["HOME"], "saved").write_text(" ".join(f"{turn.state} {turn.text}" for turn in turns))


def main() -> int:
    if "nohup" in sys.argv:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from tui.ui.app import RilletApp

    program = Endless()
    program.conversation = Conversation(program, "xai", "grok-4")
    app = RilletApp(program, program.conversation)
    if "crash" in sys.argv:

        def fail() -> None:
            key = "sk-local-value-123456"
            raise ZeroDivisionError(len(key) // 0)

        app.call_later(lambda: app.set_timer(0.3, fail))
    app.run()
    return app.return_code or 0


sys.exit(main())
