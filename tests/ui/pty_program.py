"""What the pty tests run: the screen, with a program that answers without a network."""

import asyncio
import fcntl
import os
import signal
import struct
import sys
import termios
from pathlib import Path

from tui.ui.start.textual_import import import_textual

import_textual()

from tests.ui.fake import FakeProgram  # noqa: E402
from tui.chat.conversation import Conversation  # noqa: E402
from tui.domain.delta import FinishDelta, TextDelta, ToolCallDelta  # noqa: E402
from tui.tools.definition import Output, Tool  # noqa: E402
from tui.tools.registry import Registry  # noqa: E402


class Endless(FakeProgram):
    """Answers for ever, a word at a time."""

    conversation: Conversation

    async def exchange(self, request, turn, recorder, patience, clock, straight=None):
        number = 0
        while True:
            yield TextDelta(f"word{number} ")
            number += 1
            await asyncio.sleep(0.01)

    async def close(self):
        turns = self.conversation.turns
        Path(os.environ["HOME"], "saved").write_text(
            " ".join(f"{turn.state} {turn.text} {turn.error}" for turn in turns)
        )


PIECES = (
    "Some words of a paragraph that is wrapped, **bold** and `code`, and more words. ",
    "\n\n- an item\n- another item\n\n",
    "```python\nfor number in range(10):\n    print(number)\n```\n\n",
    "| a | b |\n| --- | --- |\n| one | two |\n\n",
    "日本語の文章 👩‍👩‍👧 ",
)


class Flood(Endless):
    """Answers as fast as it is read."""

    async def exchange(self, request, turn, recorder, patience, clock, straight=None):
        number = 0
        while True:
            yield TextDelta(f"word{number} {PIECES[number % len(PIECES)]}")
            number += 1
            await asyncio.sleep(0)


class Calling(Endless):
    """Calls a tool that leaves a file behind, then thanks."""

    async def exchange(self, request, turn, recorder, patience, clock, straight=None):
        if turn.parent is None:
            yield ToolCallDelta(0, "call_1", "leave", "{}")
            yield FinishDelta("tool_calls")
        else:
            yield TextDelta("Thank you.")
            yield FinishDelta("stop")

    async def offer(self, app):
        async def leave(_arguments):
            Path(os.environ["HOME"], "left").touch()
            return Output("left")

        tool = Tool("leave", "Leaves a file.", {"type": "object"}, "command", leave)
        self.registry = Registry([tool])
        await app.screen.runner.tools.load()
        app.screen.runner.tools.offer([tool.name])


def change_back_while_looked_at() -> None:
    """A window of 40 columns becomes 80 again between the moment its size is read and the moment that is told."""
    look = os.get_terminal_size

    def look_and_change(fileno=1):
        size = look(fileno)
        if size.columns == 40:
            fcntl.ioctl(fileno, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        return size

    os.get_terminal_size = look_and_change


def main() -> int:
    if "hasty" in sys.argv:
        change_back_while_looked_at()
    if "nohup" in sys.argv:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from tui.ui.app import RilletApp

    Path(os.environ["HOME"], "pid").write_text(str(os.getpid()))
    program = Flood() if "flood" in sys.argv else Calling() if "calls" in sys.argv else Endless()
    program.conversation = Conversation(program, "xai", "grok-4")
    app = RilletApp(program, program.conversation)
    if "crash" in sys.argv:

        def fail() -> None:
            key = "sk-local-value-123456"
            raise ZeroDivisionError(len(key) // 0)

        app.call_later(lambda: app.set_timer(0.3, fail))
    if isinstance(program, Calling):
        app.call_later(lambda: app.call_later(program.offer, app))
    app.run()
    return app.return_code or 0


sys.exit(main())
