"""A replay: a tape, shown as the conversation that it recorded, at its pace."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.chat.conversation import Conversation
from tui.chat.fold import play_at_pace
from tui.chat.recording import AT_ONCE, recorded_conversation, stretches_of, turn_of
from tui.domain.delta import Delta
from tui.domain.error import ConfigError
from tui.domain.tape import Tape
from tui.domain.turn import Turn

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.domain.straight import Straight
    from tui.domain.turn import Opening, Standing
    from tui.net.watch import Patience


class Replay:
    """One turn, streamed from a tape at `speed` times its own pace; see `Replies`. Nothing is asked."""

    def __init__(self, conversation: Conversation, tape: Tape, speed: float) -> None:
        """Play a tape into a conversation."""
        self._conversation = conversation
        self._tape = tape
        self._speed = speed
        self._played = 0
        self._is_over = False
        self._began: float | None = None
        self._at = 0.0

    @property
    def at(self) -> float:
        """How far it has come, in seconds since the request: where nothing came, time goes on all the same."""
        if self._began is None or self._is_over or not self._speed:
            return self._at
        return max(self._at, (time.monotonic() - self._began) * self._speed)

    def start(self) -> Turn:
        """The turn from its beginning."""
        self._played, self._is_over, self._began, self._at = 0, False, None, 0.0
        return turn_of(self._conversation, self._tape, "replay", 1)

    def begin(
        self, opening: Opening, parent: str | None, earlier: Turn | None = None, *, standing: Standing = ""
    ) -> Turn:
        """Play it again, where the same is asked again; it answers nothing else."""
        del parent, standing
        if earlier is not None and opening is earlier.opening:
            return self.start()
        raise ConfigError(
            "this is a replay: it cannot be asked anything",
            "{chat.retry} plays it again; {chat.new} begins a conversation.",
        )

    async def stream(
        self,
        turn: Turn,
        patience: Patience | None = None,
        prepare: Callable[[], Awaitable[None]] | None = None,
        straight: Straight | None = None,
    ) -> AsyncGenerator[Delta, None]:
        """Play the tape into the turn."""
        del patience, prepare, straight
        self._began = time.monotonic()
        async with aclosing(play_at_pace(self._tape, turn, self._speed)) as played:
            async for at, delta in played:
                self._at = at
                self._play_to(at)
                yield delta
        self._play_to(math.inf)
        self._is_over = True

    def _play_to(self, at: float) -> None:
        """What came until then can be seen on the wire."""
        reads = self._tape.reads
        while self._played < len(reads) and reads[self._played].at <= at:
            self._played += 1

    def tape(self, turn: Turn) -> Tape:
        """The tape that is played."""
        del turn
        return self._tape

    def tape_since(self, turn: Turn, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of the tape, as far as it was played."""
        del turn
        tape, first = self._tape, row or 0
        last = min(first + AT_ONCE, self._played)
        request = tape.request if row is None else None
        end = tape.end if self._is_over else None
        return replace(tape, request=request, reads=tape.reads[first:last], end=end), last

    def is_whole(self, turn: Turn) -> bool:
        """Whether all of the tape was played."""
        del turn
        return self._is_over

    def stretches(self, turn: Turn) -> Sequence[tuple[int, float]]:
        """Stretches of the tape, once all of it was played."""
        del turn
        return stretches_of(self._tape) if self._is_over else ()

    def survey(self, turn: Turn) -> bytes | None:
        """None is kept: how much of the tape there is changes."""
        del turn
        return None

    def keep_survey(self, turn: Turn, survey: bytes) -> None:
        """None is kept."""

    def interrupt(self, why: str) -> None:
        """A tape ends as it ends."""


def open_replay(program: ChatProgram, tape: Tape, speed: float) -> Conversation:
    """The conversation that a tape recorded, at its one turn, of which nothing was played yet."""
    conversation = recorded_conversation(program, tape, "replay", lambda: replay.at)
    conversation.replies = replay = Replay(conversation, tape, speed)
    replay.start()
    return conversation
