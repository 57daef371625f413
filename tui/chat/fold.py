"""Folding a tape: a recorded exchange, through the same decoder as a live one, to the turn that was shown."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator

from msgspec.structs import replace

from tui.domain.delta import Delta
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import (
    BrokenError,
    ConfigError,
    ConnectError,
    FrameError,
    LimitError,
    RefusedError,
    RilletError,
    TruncatedError,
)
from tui.domain.joining import join_deltas
from tui.domain.tape import Read, Tape
from tui.domain.timing import Timing
from tui.domain.turn import Turn, TurnState, ending_of
from tui.net.address import host_of
from tui.wire.dialect import Dialect, dialect_named, is_dialect
from tui.wire.limit import TAPE_LIMITS
from tui.wire.printable import printable_line
from tui.wire.reply import Reply
from tui.wire.token_limit import token_limit_of

AT_ONCE = 0.008
"""Seconds for which a tape is played before others have their turn."""


def play(
    tape: Tape, turn: Turn, *, ends_reads: bool = False, reads: Iterable[Read] | None = None
) -> Iterator[tuple[float, Delta | None]]:
    """Play a tape into a turn, one read after the other: those of the tape, or the ones that are given.

    A delta is already in the turn when it is yielded; when the iterator ends, the turn has ended as the
    exchange did.

    Yields:
        When, in seconds since the request was sent, and the delta; `None` for a read that held none, and with
        `ends_reads` after every read, whose deltas are joined then.
    """
    turn.timing = timing = Timing(sent_at=0.0)
    at = 0.0
    error: RilletError | None = None
    kind = tape.end.kind if tape.end else "eof"
    try:
        if tape.response is not None:
            dialect = _dialect_of(tape)
            request = tape.request
            host, limit = (host_of(request.url), token_limit_of(request.body)) if request else ("", None)
            reply = Reply(dialect, tape.response, limits=TAPE_LIMITS, host=host, token_limit=limit)
            timing.head_at = tape.response.at
            for read in tape.reads if reads is None else reads:
                if reply.is_done:  # the live exchange listened no further
                    break
                at = timing.read_at = read.at
                is_empty = True
                for delta in _joined(reply.feed(read.data)) if ends_reads else reply.feed(read.data):
                    is_empty = False
                    timing.saw(delta, at)
                    turn.apply(delta)
                    yield at, delta
                if is_empty or ends_reads:
                    yield at, None
            at = tape.end.at if tape.end else at
            error = None if reply.has_finished else _told_error(tape)
            if kind not in ("stopped", "limit"):
                for delta in reply.close(clean=kind in ("eof", "refused")):
                    timing.saw(delta, timing.read_at or at)
                    turn.apply(delta)
                    yield at, delta
        elif kind != "stopped":
            error = _told_error(tape) or ConnectError("No answer came.")
    except RilletError as problem:
        is_vague = isinstance(problem, (BrokenError, TruncatedError))
        error = error if error is not None and is_vague else problem
        if isinstance(error, RefusedError) and tape.end is not None and tape.end.message:
            # Where the key had come from is in what was said then, and not in what was sent.
            error.message = tape.end.message
    timing.ended_at = tape.end.at if tape.end else at
    if tape.response is not None and tape.response.is_supposed and not timing.ended_at:
        timing.sent_at = None  # nobody knows when what of it came
    turn.end(TurnState.STOPPED if kind == "stopped" and error is None else ending_of(error), error)


def _joined(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """The deltas of one read, joined; then the error with which they end."""
    came: list[Delta] = []
    fault: RilletError | None = None
    try:
        for delta in deltas:
            came.append(delta)  # noqa: PERF402  those before an error count
    except RilletError as error:
        fault = error
    yield from join_deltas(came)
    if fault is not None:
        raise fault


def _dialect_of(tape: Tape) -> Dialect:
    """The dialect of a tape; older ones of the first kind do not name it.

    Raises:
        ConfigError: If it is one that this version does not speak.
    """
    name = tape.dialect or DIALECT_NAMES[0]
    if not is_dialect(name):
        raise ConfigError(
            f"The tape is in a dialect that this version of rillet does not speak: {printable_line(name)[:80]}.",
            f"It speaks {', '.join(DIALECT_NAMES)}.",
        )
    return dialect_named(name)


def fold(tape: Tape, turn: Turn) -> Turn:
    """Play a tape to its end at once; returns the turn."""
    for _ in play(tape, turn):
        pass
    return turn


async def play_at_pace(tape: Tape, turn: Turn, speed: float) -> AsyncGenerator[tuple[float, Delta], None]:
    """Play a tape at its own pace times `speed`; 0 means as fast as it goes.

    Yields:
        When, in seconds of the tape, and the delta.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    began = loop.time()
    for at, delta in play(tape, turn):
        ahead = at / speed - (loop.time() - began) if speed > 0 else 0.0
        if ahead > 0:
            await asyncio.sleep(ahead)
        if delta is not None:
            yield at, delta


async def play_in_turns(tape: Tape, turn: Turn, reads: Iterator[Read] | None = None) -> AsyncGenerator[Delta, None]:
    """Play a tape as fast as it goes, so that others have their turn meanwhile; all reads that are given are taken.

    Yields:
        The deltas, those of a while joined.
    """
    import asyncio
    from time import monotonic

    until = monotonic() + AT_ONCE
    came: list[Delta] = []
    for _, delta in play(tape, turn, reads=reads):
        if delta is not None:
            came.append(delta)
        if monotonic() >= until:
            for joined in join_deltas(came):
                yield joined
            came.clear()
            await asyncio.sleep(0)
            until = monotonic() + AT_ONCE
    for joined in join_deltas(came):
        yield joined
    for _ in reads or ():  # what came after the end of the reply
        if monotonic() >= until:
            await asyncio.sleep(0)
            until = monotonic() + AT_ONCE


def turn_for(tape: Tape, turn: Turn) -> Turn:
    """A fresh turn with the same question, for a tape to be played into."""
    return replace(
        Turn(turn.opening),
        id=turn.id,
        number=turn.number,
        parent=turn.parent,
        model=tape.model or turn.model,
        endpoint=tape.endpoint or turn.endpoint,
        dialect=tape.dialect or turn.dialect,
        schema=turn.schema,
    )


def _told_error(tape: Tape) -> RilletError | None:
    """An end that the bytes alone do not tell: a broken connection, a clock that ran out, a crash of ours, a limit."""
    if tape.end is None:
        return None
    message = tape.end.message
    match tape.end.kind:
        case "reset":
            return (
                BrokenError(message, "Try again.")
                if tape.reads and message
                else ConnectError(message or "No answer came.")
            )
        case "quiet" if not tape.reads:
            return ConnectError(message)
        case "quiet" | "interrupted":
            return TruncatedError(message or "Interrupted.")
        case "limit":
            return LimitError(message, limit="tape")
        case "refused" if message:  # what was no HTTP left no bytes; of any other refusal the bytes tell more
            return FrameError(message, "Try again.")
        case _:
            return None
