"""Live replies: the turns of a conversation are sent to endpoints, and what comes is recorded."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from tui.chat.caution import Caution
from tui.chat.recorder import TapeRecorder
from tui.domain.delta import Delta, IdentityDelta
from tui.domain.error import RilletError, StoreBusyError, StreamError
from tui.domain.session import title_from_prompt
from tui.domain.straight import Straight
from tui.domain.tape import SentRequest, Tape
from tui.domain.timing import Timing
from tui.domain.turn import Opening, Prompt, Standing, Summary, Turn, TurnState, ending_of
from tui.wire.printable import mask_keys, printable_line

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.replies import Talk
    from tui.net.watch import Patience

_LONGEST_REASON = 300


class LiveReplies:
    """Asks endpoints. A prompt is on disk before it is sent, and every read is recorded; see `Replies`."""

    def __init__(self, program: ChatProgram, talk: Talk, clock: Callable[[], float]) -> None:
        """Ask for one conversation."""
        self._program = program
        self._talk = talk
        self._clock = clock
        self._caution = Caution(program, talk)
        self._interruption: StreamError | None = None

    def begin(
        self, opening: Opening, parent: str | None, earlier: Turn | None = None, *, standing: Standing = ""
    ) -> Turn:
        """Begin a turn. When this returns, it is on disk, or owed to it."""
        self._caution.check(opening)
        sheet, session = self._talk.sheet, self._talk.session
        turn = Turn(opening, parent=parent, model=sheet.model, endpoint=sheet.endpoint, standing=standing)
        turn.schema = None if standing or isinstance(opening, Summary) else sheet.take_schema(opening, earlier)
        turn.system = sheet.system
        turn.dialect = sheet.asked.dialect
        if not session.title and isinstance(opening, Prompt):
            session.title = title_from_prompt(opening.text)
        session.add(turn)
        return turn

    async def stream(
        self,
        turn: Turn,
        patience: Patience | None = None,
        prepare: Callable[[], Awaitable[None]] | None = None,
        straight: Straight | None = None,
    ) -> AsyncGenerator[Delta, None]:
        """Send a turn, and fold the reply into it as it arrives."""
        session = self._talk.session
        state: TurnState = TurnState.FAILED
        error: RilletError | None = None
        turn.timing = Timing(begun_at=self._clock())
        recorder = TapeRecorder(self._program.database, session.id_on_disk(turn), self._program.lose_disk)
        is_prepared = False
        try:
            if prepare is not None:
                await prepare()
            is_prepared = True
            await session.wait_for_disk()
            recorder.turn_id = session.id_on_disk(turn)
            request = await self._talk.requests.send(turn)
            turn.offered = frozenset(tool.name for tool in request.tools)
            exchange = self._program.exchange(
                request, turn, recorder, patience, self._clock, straight=_into(turn, straight)
            )
            async with aclosing(exchange) as deltas:
                async for delta in deltas:
                    turn.apply(delta)
                    if isinstance(delta, IdentityDelta) and delta.dialect:
                        if self._talk.sheet.dialect not in (None, delta.dialect):  # that was not spoken there after all
                            session.set_dialect(None)
                        if session.id_on_disk(turn):
                            session.owed.save(lambda: self._program.database.turns.set_dialect(turn))
                    yield delta
            state = TurnState.COMPLETE
        except RilletError as problem:
            state, error = ending_of(problem), problem
        except GeneratorExit:
            state, error = TurnState.STOPPED, self._interruption
            raise
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # else something that was waited for was given up
                state, error = TurnState.STOPPED, self._interruption
            raise
        finally:
            if state is TurnState.FAILED and error is None:  # no reply of the endpoint, and nobody's wish
                error = _fault_of(sys.exc_info()[1], is_prepared=is_prepared)
            self._end(turn, state, error, recorder)

    def _end(self, turn: Turn, state: TurnState, error: RilletError | None, recorder: TapeRecorder) -> None:
        """End a turn, and save all of it, or owe it to a busy disk."""
        owed = self._talk.session.owed
        if turn.timing.ended_at is None:  # nothing was sent
            turn.timing.ended_at = self._clock()
        has_begun = turn.timing.first_delta_at is not None
        turn.end(state, error)
        recorder.flush()
        owed.owe_ending(turn)
        owed.owe(_tape_of(turn), lambda: self._write_tape(recorder, turn))
        if turn.images and not self._program.database.is_memory:
            from tui.chat.made_image import keep_images

            owed.save(lambda: keep_images(turn))
        if state is TurnState.STOPPED and not has_begun:
            self._program.free(turn.endpoint)

    def _write_tape(self, recorder: TapeRecorder, turn: Turn) -> None:
        """Write down what is left of a tape; one of a turn that is not saved waits for that."""
        recorder.turn_id = self._talk.session.id_on_disk(turn)
        recorder.flush()
        if recorder.is_behind:
            raise StoreBusyError

    def interrupt(self, why: str) -> None:
        """Say why the reply that runs is about to be stopped."""
        self._interruption = StreamError(why)

    def tape(self, turn: Turn) -> Tape:
        """What the wire said in a turn, as far as it was written down."""
        return self._program.database.tapes.tape(turn.id)

    def tape_since(self, turn: Turn, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of a turn's tape while it grows."""
        return self._program.database.tapes.tape_since(turn.id, row)

    def request(self, turn: Turn) -> SentRequest | None:
        """All that was sent in a turn."""
        return self._program.database.tapes.request(turn.id)

    async def gather_request(self, turn: Turn) -> SentRequest | None:
        """The same in steps."""
        steps = self._program.database.tapes.requesting(turn.id)
        while True:
            try:
                next(steps)
            except StopIteration as last:
                request: SentRequest | None = last.value
                return request
            await asyncio.sleep(0)

    def is_whole(self, turn: Turn) -> bool:
        """Whether no more will be written of a turn's tape: its end may be owed to a busy disk for a while."""
        return turn.state.is_over and not self._talk.session.owed.lacks(_tape_of(turn))

    def stretches(self, turn: Turn) -> Sequence[tuple[int, float]]:
        """The stretches that the tape of a turn is kept in."""
        return self._program.database.tapes.stretches(turn.id)

    def survey(self, turn: Turn) -> bytes | None:
        """What was kept about the tape of a turn."""
        return self._program.database.tapes.survey(turn.id)

    def keep_survey(self, turn: Turn, survey: bytes) -> None:
        """Keep it beside the tape."""
        with self._program.database.impatient():
            self._program.database.tapes.keep_survey(turn.id, survey)


def _tape_of(turn: Turn) -> str:
    """What the tape of a turn is called while it is owed."""
    return f"tape {id(turn)}"


def _into(turn: Turn, straight: Straight | None) -> Straight | None:
    """The same way, through the turn."""
    if straight is None:
        return None
    take = straight.take

    def fold(delta: Delta) -> None:
        turn.apply(delta)
        take(delta)

    return Straight(straight.wait, fold)


def _fault_of(fault: BaseException | None, *, is_prepared: bool) -> StreamError:
    """What to say of a fault that no floor has put into words: before the request it is that of what it needs."""
    name = type(fault).__name__ if fault is not None else "no reason"
    if is_prepared:
        return StreamError(f"rillet itself failed: {name}", "Try again.")
    if isinstance(fault, asyncio.CancelledError):
        return StreamError("Nothing was sent: the tools were given up while they were made ready.", "Try again.")
    said = printable_line(mask_keys(str(fault)))[:_LONGEST_REASON].rstrip(".")
    reason = f"{said} ({name})" if said else name
    return StreamError(f"Nothing was sent, for the tools could not be made ready: {reason}.", "Try again; see /tools.")
