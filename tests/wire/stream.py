"""Short ways to make a stream and to see what became of it."""

import json

from tests.conformance.harness import play
from tui.domain.tape import Head
from tui.domain.turn_record import turn_record
from tui.wire.dialect import dialect_named
from tui.wire.reply import Reply

STREAM = Head(200, {"content-type": "text/event-stream"})


def frame(value):
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n"


def chunk(finish=None, **delta):
    return frame({"id": "c1", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def call(index=None, call_id=None, name=None, arguments=None, **more):
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    fragment = {key: value for key, value in (("index", index), ("id", call_id)) if value is not None}
    return {**fragment, "function": function, **more}


DONE = frame(b"[DONE]")


def chat(*pieces, clean=True, head=STREAM):
    return turn_record(play("chat", head, [b"".join(pieces)], clean=clean))


def chat_turn(*pieces, clean=True, head=STREAM):
    return play("chat", head, [b"".join(pieces)], clean=clean)


def event(name, **fields):
    return frame({"type": f"response.{name}", **fields})


def responses(*pieces, clean=True, head=STREAM):
    return turn_record(play("responses", head, [b"".join(pieces)], clean=clean))


def responses_turn(*pieces, head=STREAM):
    return play("responses", head, [b"".join(pieces)])


def completed(**response):
    return event("completed", response={"id": "r1", "model": "m", "status": "completed", "output": [], **response})


def deltas(dialect, body, size=None, **options):
    """Every delta of a stream, and the error it ended with."""
    reply = Reply(dialect_named(dialect), STREAM, **options)
    found = []
    size = size or max(1, len(body))
    try:
        for start in range(0, len(body), size):
            found += reply.feed(body[start : start + size])
        found += reply.close()
    except Exception as error:
        return found, error
    return found, None
