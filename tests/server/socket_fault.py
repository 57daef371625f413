"""Group S: connections that break, stall, lie about their length, or bring too much."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Iterator
from typing import Any

from tests.server.good import say
from tests.server.scenario import Ask, scenario, stream
from tests.server.speech import unnumbered
from tests.server.step import Answer, End, Pause, Step, first_bytes, recut

# -- how the connection behaves


def _cut_at(ask: Ask, default: int, *after: Step) -> list[Step]:
    return [*first_bytes(say(ask), int(ask.number(default))), *after]


@scenario("reset", group="S")
def reset(ask: Ask) -> Answer:
    """RST after N bytes (400) of the body."""
    return Answer(_cut_at(ask, 400, End.RESET))


@scenario("cut", group="S")
def cut(ask: Ask) -> Answer:
    """FIN after N bytes (400), without the chunked terminator."""
    return Answer(_cut_at(ask, 400, End.CUT))


@scenario("short", group="S")
def short(ask: Ask) -> Answer:
    """A clean end after N bytes (400)."""
    return Answer(_cut_at(ask, 400))


@scenario("stall", group="S")
def stall(ask: Ask) -> Answer:
    """Silence after N bytes (400), the connection held open; with `seconds=`, the rest after so long."""
    steps = _cut_at(ask, 400)
    if "seconds" not in ask.options:
        return Answer([*steps, End.HOLD])
    whole = b"".join(say(ask))
    return Answer([*steps, Pause(ask.option("seconds", 1)), whole[int(ask.number(400)) :]])


@scenario("stall-head", group="S")
def stall_head(ask: Ask) -> Answer:
    """No answer at all, the connection held open; with `seconds=`, the answer after so long."""
    if "seconds" in ask.options:
        return Answer([Pause(ask.option("seconds", 1)), _raw_http(ask)], status=0, framing="close")
    return Answer([End.HOLD], status=0)


def _raw_http(ask: Ask) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n" + b"".join(say(ask))


@scenario("stall-body", group="S")
def stall_body(ask: Ask) -> Answer:
    """A head, then silence."""
    return Answer([End.HOLD])


@scenario("drip", group="S")
def drip(ask: Ask) -> Answer:
    """One byte every N milliseconds (100)."""
    pause = Pause(ask.number(100) / 1000)
    return Answer(itertools.chain.from_iterable((byte, pause) for byte in recut(say(ask), 1)))


@scenario("pings", group="S")
def pings(ask: Ask) -> Answer:
    """Half a reply, then comments for ever, every N milliseconds (50)."""
    frames, pause = say(ask), Pause(ask.number(50) / 1000)
    return Answer(itertools.chain(frames[: len(frames) // 2], itertools.cycle((b": ping\n\n", pause))))


@scenario("pings-first", group="S")
def pings_first(ask: Ask) -> Answer:
    """`count=` (5) comments every N milliseconds (50), then the reply."""
    pings_ = [b": OPENROUTER PROCESSING\n\n", Pause(ask.number(50) / 1000)] * int(ask.option("count", 5))
    return Answer([*pings_, *say(ask)])


@scenario("hold", group="S")
def hold(ask: Ask) -> Answer:
    """A whole reply, and then the connection is held open."""
    return Answer([*say(ask), End.HOLD])


@scenario("hold-finish", group="S")
def hold_finish(ask: Ask) -> Answer:
    """A finish reason without `[DONE]` or the terminal event's successor, and then the connection is held open."""
    frames = say(ask)
    return Answer([*(frames[:-1] if ask.dialect == "chat" else frames), End.HOLD])


@scenario("half-chunk", group="S")
def half_chunk(ask: Ask) -> Answer:
    """FIN in the middle of an HTTP chunk."""
    body = b"".join(say(ask))[:600]
    return _raw(b"%x\r\n%b" % (len(body) + 500, body), End.CUT)


@scenario("bad-chunk", group="S")
def bad_chunk(ask: Ask) -> Answer:
    """A chunk size that is no number."""
    body = b"".join(say(ask))[:600]
    return _raw(b"%x\r\n%b\r\nzz not a size\r\n" % (len(body), body), End.HOLD)


def _raw(*steps: Step) -> Answer:
    return Answer(steps, 200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"}, "raw")


@scenario("length-long", group="S")
def length_long(ask: Ask) -> Answer:
    """The whole reply, then FIN short of the `content-length` that was promised."""
    return _of_length(ask, 1000)


@scenario("length-short", group="S")
def length_short(ask: Ask) -> Answer:
    """A `content-length` that is less than what is sent."""
    return _of_length(ask, -900)


def _of_length(ask: Ask, more: int) -> Answer:
    body = b"".join(say(ask))
    headers = {"content-type": "text/event-stream", "content-length": str(len(body) + more)}
    return Answer([body, End.CUT], 200, headers, "raw")


@scenario("garbage", group="S")
def garbage(ask: Ask) -> Answer:
    """Bytes that are not HTTP."""
    return Answer([b"\x16\x03\x01\x02\x00 this is not HTTP at all\r\n\r\n", End.CUT], status=0, framing="raw")


@scenario("close", group="S")
def close(ask: Ask) -> Answer:
    """Hangs up without an answer."""
    return Answer([End.CUT], status=0, framing="raw")


@scenario("reset-head", group="S")
def reset_head(ask: Ask) -> Answer:
    """RST without an answer."""
    return Answer([End.RESET], status=0, framing="raw")


@scenario("drop-reused", group="S")
def drop_reused(ask: Ask) -> Answer:
    """Answers the first request of a connection, and hangs up on the second without a byte."""
    return close(ask) if ask.reused else stream(say(ask))


# -- compression


@scenario("gzip", group="S")
def gzip_(ask: Ask) -> Answer:
    """Compressed, though it was asked not to."""
    return _zipped([gzip.compress(b"".join(say(ask)))])


@scenario("gzip-corrupt", group="S")
def gzip_corrupt(ask: Ask) -> Answer:
    """Compressed, and damaged in the middle."""
    data = bytearray(gzip.compress(b"".join(say(ask))))
    data[len(data) // 2 : len(data) // 2 + 20] = b"\xff" * 20
    return _zipped([bytes(data)])


@scenario("gzip-bomb", group="S")
def gzip_bomb(ask: Ask) -> Answer:
    """N megabytes (256) of nothing, a thousandth of it on the wire."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b"\0" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    head = gzip.compress(b"")[:10]
    return _zipped(itertools.chain([head], itertools.repeat(block, int(ask.number(256)))))


@scenario("gzip-comments", group="S")
def gzip_comments(ask: Ask) -> Answer:
    """Comments for ever, compressed as far as they can be."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b":\n\n" * 300_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return _zipped(itertools.chain([gzip.compress(b"")[:10]], itertools.repeat(block)))


def _zipped(steps: Any) -> Answer:
    return Answer(steps, 200, {"content-type": "text/event-stream", "content-encoding": "gzip"})


# -- too much of it


@scenario("huge-line", group="S")
def huge_line(ask: Ask) -> Answer:
    """One line of N megabytes (10)."""
    return Answer(itertools.chain([b"data: "], itertools.repeat(b"x" * 65536, int(ask.number(10) * 16)), [b"\n\n"]))


@scenario("endless-line", group="S")
def endless_line(ask: Ask) -> Answer:
    """A line that never ends."""
    return Answer(itertools.chain([b"data: "], itertools.repeat(b"x" * 65536)))


@scenario("endless-frame", group="S")
def endless_frame(ask: Ask) -> Answer:
    """Data lines without the blank line that would end the frame."""
    return Answer(itertools.repeat(b"data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" * 1000))


@scenario("endless", group="S")
def endless(ask: Ask) -> Answer:
    """Text for ever, as fast as it is read; `size=` characters (40) a delta."""
    speech, word = ask.speech(), "x" * (int(ask.option("size", 40)) - 1) + " "
    start = [*speech.start(), *speech.text("Once ")]
    return Answer(itertools.chain(start, _batched(unnumbered(speech.text(word)[0]))))


def _batched(data: bytes) -> Iterator[bytes]:
    return itertools.repeat(data * max(1, 16384 // len(data)))


@scenario("endless-empty", group="S")
def endless_empty(ask: Ask) -> Answer:
    """Empty deltas for ever, every N milliseconds (10)."""
    speech = ask.speech()
    start = [*speech.start(), *speech.text("Once ")]
    return Answer(
        itertools.chain(start, itertools.cycle((*map(unnumbered, speech.text("")), Pause(ask.number(10) / 1000))))
    )


@scenario("endless-comments", group="S")
def endless_comments(ask: Ask) -> Answer:
    """Comments for ever, as fast as they are read."""
    speech = ask.speech()
    return Answer(
        itertools.chain(
            [*speech.start(), *speech.text("Once ")], itertools.repeat((b": " + b"x" * 1000 + b"\n\n") * 60)
        )
    )


@scenario("endless-nothing", group="S")
def endless_nothing(ask: Ask) -> Answer:
    """Frames that say nothing, for ever, as fast as they are read."""
    speech = ask.speech()
    nothing = b'data:{"choices":[]}\n\n' if ask.dialect == "chat" else b'data:{"type":"x"}\n\n'
    return Answer(itertools.chain([*speech.start(), *speech.text("Once ")], itertools.repeat(nothing * 3000)))


@scenario("huge-reply", group="S")
def huge_reply(ask: Ask) -> Answer:
    """N megabytes (9) of text, properly finished."""
    speech = ask.speech()
    frames = [*speech.start(), *speech.text("Once ")]
    frames += [unnumbered(data) for data in speech.text("y" * 4095 + " ")] * int(ask.number(9) * 256)
    return stream([*frames, *speech.finish(), *speech.done()])
