"""Asking one question of the doctor, with all that came of it kept."""

from __future__ import annotations

import time
from contextlib import aclosing

from msgspec import Struct
from msgspec.structs import replace

from tui.chat.check import Finding, Stream, check, take_apart
from tui.chat.doctor.question import Question
from tui.domain.delta import ReasoningDelta, TextDelta, ToolCallDelta
from tui.domain.endpoint import Deadlines, Endpoint, Secret
from tui.domain.endpoint_word import DialectName
from tui.domain.error import RilletError
from tui.domain.request import Request
from tui.domain.tape import Tape
from tui.domain.turn import Prompt, Turn, TurnState, ending_of
from tui.net.client import Client
from tui.net.exchange import exchange
from tui.net.retry import PAUSES, Pauses

_CONNECT_SECONDS = 5.0
_LOOKED_AT_BYTES = 1_000_000
_SILENCE = 0.8
"""The share of the time of a question that may pass in silence: that it was silent says more than that time was up."""


class Answer(Struct):
    """What came of one question.

    Attributes:
        pieces: How many the arguments of the first call came in.
        stream: The answer taken apart; `None` where none came.
        findings: What there is to say about it.
        is_whole: Whether it was taken apart to its end, which was a good one.
    """

    question: Question
    dialect: DialectName
    tape: Tape
    turn: Turn
    error: RilletError | None = None
    pieces: int = 0
    seconds: float = 0.0
    stream: Stream | None = None
    findings: list[Finding] = []
    is_whole: bool = False

    @property
    def status(self) -> int | None:
        """The status it was answered with; `None` where no answer came."""
        return self.tape.response.status if self.tape.response is not None else None

    @property
    def is_over(self) -> bool:
        """Whether it ended well, or was refused: asking on may tell more."""
        return self.error is None or (self.status or 0) >= 300


def _shorten(tape: Tape) -> bool:
    """Keep of a tape what can be looked at quickly; whether that is all of it."""
    size = 0
    for number, read in enumerate(tape.reads):
        size += len(read.data)
        if size > _LOOKED_AT_BYTES:
            tape.reads = tape.reads[:number]
            return False
    return True


async def ask(
    client: Client,
    endpoint: Endpoint,
    key: Secret | None,
    question: Question,
    request: Request,
    *,
    seconds: float,
    pauses: Pauses = PAUSES,
) -> Answer:
    """Ask, and wait for the end or for the time to be up; a question about cancelling hangs up at the first token."""
    silence = seconds * _SILENCE
    limits = Deadlines(
        connect=min(silence, _CONNECT_SECONDS), first_byte=silence, quiet=silence, alive=silence, whole_turn=seconds
    )
    endpoint = replace(endpoint, deadlines=limits)
    tape = Tape(endpoint.dialect, request.model, endpoint.name)
    turn = Turn(
        Prompt(question.prompt), id="doctor", model=request.model, dialect=endpoint.dialect, schema=request.schema
    )
    answer = Answer(question, endpoint.dialect, tape, turn)
    began = time.monotonic()
    deltas = exchange(
        client,
        endpoint,
        key,
        request,
        recorder=tape,
        timing=turn.timing,
        retries=0,
        pauses=pauses,
        joins=False,
        falls_back=False,
    )
    try:
        async with aclosing(deltas):
            async for delta in deltas:
                turn.apply(delta)
                answer.pieces += isinstance(delta, ToolCallDelta) and delta.index == 0 and bool(delta.arguments)
                if question.kind == "cancel" and isinstance(delta, (TextDelta, ReasoningDelta, ToolCallDelta)):
                    turn.end(TurnState.STOPPED)
                    break
    except RilletError as error:
        answer.error = error
    answer.seconds = time.monotonic() - began
    if not turn.state.is_over:
        turn.end(ending_of(answer.error), answer.error)
    turn.timing.ended_at = time.monotonic()
    has_all = _shorten(tape)
    if tape.response is not None:
        answer.stream, answer.findings = take_apart(tape, tape.response), check(tape)
        answer.is_whole = has_all and answer.error is None
    return answer
