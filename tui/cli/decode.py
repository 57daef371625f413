"""`rillet decode`: a raw stream on standard input, as curl prints it, decoded to JSON lines while it arrives."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Literal

from tui.cli.event import delta_event, event_line, turn_event
from tui.cli.exit_code import ExitCode
from tui.cli.outcome import exit_code_of_turn
from tui.domain.delta import Delta
from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.domain.error import LimitError, RilletError
from tui.domain.tape import Head
from tui.domain.timing import Timing
from tui.domain.turn import Prompt, Turn, ending_of
from tui.wire.dialect import dialect_named
from tui.wire.limit import Limits
from tui.wire.recognition import Recogniser
from tui.wire.reply import Reply
from tui.wire.sse import Frame, FrameReader

READ_SIZE = 65536


def decode(descriptor: int, dialect: DialectName | Literal["sse", "auto"], put: Callable[[str], None]) -> int:
    """Decode what can be read from a file descriptor until it ends.

    Args:
        descriptor: Where the bytes come from.
        dialect: What they are: a dialect, `sse` for frames alone, or `auto`, which tells by the first frame.
        put: Takes each line, without its line end.

    Returns:
        The exit code.
    """
    reads = iter(lambda: os.read(descriptor, READ_SIZE), b"")
    if dialect == "sse":
        return _decode_frames(reads, put)
    if dialect == "auto":
        head, recognised = _recognise(reads)
        return _decode_reply(head, reads, recognised, put)
    return _decode_reply(b"", reads, dialect, put)


def _decode_frames(reads: Iterator[bytes], put: Callable[[str], None]) -> int:
    reader = FrameReader(Limits())
    try:
        for data in reads:
            for frame in reader.feed(data):
                put(_frame_line(frame))
        # A frame that was begun and never ended is discarded, as the standard says; nothing can follow `[DONE]`.
        if (last := reader.close()) is not None and last.data.strip() == "[DONE]":
            put(_frame_line(last))
    except LimitError as error:
        put(event_line({"type": "error", **error.record()}))
        return ExitCode.INCOMPLETE
    return ExitCode.COMPLETE


def _frame_line(frame: Frame) -> str:
    return event_line({"event": frame.event, "data": frame.data, "id": frame.id})


def _decode_reply(head: bytes, reads: Iterator[bytes], dialect: DialectName, put: Callable[[str], None]) -> int:
    began = time.monotonic()
    turn = Turn(Prompt(""), dialect=dialect, timing=Timing(sent_at=began))
    reply = Reply(dialect_named(dialect), Head(200, {}))
    error: RilletError | None = None

    def take(deltas: Iterator[Delta]) -> None:
        for delta in deltas:
            now = time.monotonic()
            turn.apply(delta)
            turn.timing.saw(delta, now)
            if (event := delta_event(delta, now - began)) is not None:
                put(event_line(event))

    try:
        if head:
            take(reply.feed(head))
        for data in reads:
            take(reply.feed(data))
        take(reply.close())
    except RilletError as problem:
        error = problem
    turn.timing.ended_at = time.monotonic()
    turn.end(ending_of(error), error)
    put(event_line(turn_event(turn)))
    return exit_code_of_turn(turn)


def _recognise(reads: Iterator[bytes]) -> tuple[bytes, DialectName]:
    """Read until the first frame tells which dialect this is; returns what was read, and the dialect."""
    recogniser = Recogniser()
    for data in reads:
        if (name := recogniser.feed(data)) is not None:
            return recogniser.head, name
        if len(recogniser.head) > READ_SIZE:
            break
    return recogniser.head, recogniser.close() or DIALECT_NAMES[0]
