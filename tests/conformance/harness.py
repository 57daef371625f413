"""The conformance cases, and how each is played: its bytes in any cut, through the wire alone."""

import base64
import json
from pathlib import Path

from tui.domain.error import RilletError
from tui.domain.tape import Head
from tui.domain.turn import Prompt, Turn, ending_of
from tui.domain.turn_record import turn_record
from tui.wire.dialect import dialect_named
from tui.wire.reply import Reply
from tui.wire.sse import FrameReader

CASES = [json.loads(path.read_text("utf-8")) for path in sorted((Path(__file__).parent / "cases").glob("*.json"))]


def reads_of(case):
    """The body as the reads it came in."""
    return [unpack(piece) for piece in case["body_chunks"]]


def unpack(piece):
    if isinstance(piece, str):
        return piece.encode()
    if "b64" in piece:
        return base64.b64decode(piece["b64"])
    return piece["text"].encode() * piece["repeat"]


def cut(body, size):
    """The same bytes in reads of another size."""
    return [body[start : start + size] for start in range(0, len(body), size)]


def head_of(case):
    return Head(case["http"]["status"], {name.lower(): value for name, value in case["http"]["headers"].items()})


def play(dialect, head, reads, *, clean=True, secrets=(), token_limit=None):
    """Fold the reads of one response into a turn, and end it as it ends."""
    turn = Turn(Prompt("hi"))
    error = None
    reply = Reply(dialect_named(dialect), head, secrets=secrets, token_limit=token_limit)
    try:
        for read in reads:
            for delta in reply.feed(read):
                turn.apply(delta)
            if reply.is_done:
                break
        for delta in reply.close(clean=clean):
            turn.apply(delta)
    except RilletError as caught:
        error = caught
    turn.end(ending_of(error), error)
    return turn


def result(case, reads):
    """What a case came to, in the keys that its expectation names."""
    if case["dialect"] == "sse":
        reader = FrameReader()
        frames = [frame for read in reads for frame in reader.feed(read)]
        return {"events": [{"event": frame.event, "data": frame.data, "id": frame.id} for frame in frames]}
    clean = case["body_end"] == "eof"
    secrets, limit = ("sk-SECRET0123456789abcdef",), case.get("token_limit")
    return turn_record(play(case["dialect"], head_of(case), reads, clean=clean, secrets=secrets, token_limit=limit))
