"""A long tape in a file: read through while any of it is shown, and never held whole."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.chat.fold import play_in_turns
from tui.chat.recording import Recording, recorded_conversation
from tui.chat.tape_lines import TapeLines
from tui.domain.error import ConfigError
from tui.domain.tape import Tape
from tui.domain.turn import TurnState

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation
    from tui.domain.delta import Delta
    from tui.domain.straight import Straight
    from tui.domain.turn import Turn
    from tui.net.watch import Patience


class TapeFile(Recording):
    """The exchange in a long file, a JSON line a read; see `Replies`.

    Attributes:
        lines: The lines of the file.
    """

    def __init__(self, lines: TapeLines) -> None:
        """Show what has been read of these lines."""
        super().__init__()
        self.lines = lines

    async def stream(
        self,
        turn: Turn,
        patience: Patience | None = None,
        prepare: Callable[[], Awaitable[None]] | None = None,
        straight: Straight | None = None,
    ) -> AsyncGenerator[Delta, None]:
        """Read to the end, and give what comes of it."""
        del patience, prepare, straight
        try:
            async for delta in play_in_turns(self._tapes[turn.id], turn, self.lines.read_through()):
                yield delta
        finally:
            if not turn.state.is_over:
                turn.end(TurnState.STOPPED)

    def tape(self, turn: Turn) -> Tape:
        """All of it."""
        del turn
        return self.lines.tape()

    def tape_since(self, turn: Turn, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of the file, whether the turn has come so far or not."""
        tape, first = self._tapes[turn.id], row or 0
        reads = self.lines.piece(first)
        return replace(tape, request=tape.request if row is None else None, reads=reads), first + len(reads)

    def stretches(self, turn: Turn) -> Sequence[tuple[int, float]]:
        """Stretches of the file, up to a line that does not end."""
        del turn
        _count(self.lines)
        return self.lines.stretches


def open_tape_file(program: ChatProgram, file: TapeFile, title: str) -> Conversation:
    """The conversation that a long tape tells, at its one turn, of which nothing has come yet."""
    conversation = recorded_conversation(program, file.lines.begun, title, lambda: file.lines.at)
    conversation.replies = file
    Thread(target=_count, args=(file.lines,), daemon=True).start()
    file.add(conversation, file.lines.begun)
    return conversation


def _count(lines: TapeLines) -> None:
    """Count the lines; whoever reads as far as one that does not end tells it."""
    with suppress(ConfigError, OSError):
        lines.index()
