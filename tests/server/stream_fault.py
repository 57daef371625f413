"""Group S: everything that goes wrong in a stream, except in its tool calls."""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from collections.abc import Iterator
from typing import Any

from tests.server.good import TEXT, say, words_of
from tests.server.scenario import Ask, scenario, stream
from tests.server.speech import ChatSpeech, ResponsesSpeech, frame, unnumbered
from tests.server.step import Answer, At, End, Pause, Step, first_bytes, json_answer, recut, text_answer

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


@scenario("huge-reply", group="S")
def huge_reply(ask: Ask) -> Answer:
    """N megabytes (9) of text, properly finished."""
    speech = ask.speech()
    frames = [*speech.start(), *speech.text("Once ")]
    frames += [unnumbered(data) for data in speech.text("y" * 4095 + " ")] * int(ask.number(9) * 256)
    return stream([*frames, *speech.finish(), *speech.done()])


# -- frames that are wrong


def _spoiled(ask: Ask, *frames: bytes) -> Answer:
    good = say(ask)
    middle = len(good) // 2
    return stream([*good[:middle], *frames, *good[middle:]])


@scenario("deep-json", group="S")
def deep_json(ask: Ask) -> Answer:
    """A frame of 100,000 brackets in the middle."""
    return _spoiled(ask, frame("[" * 100_000 + "]" * 100_000))


@scenario("huge-int", group="S")
def huge_int(ask: Ask) -> Answer:
    """A frame with an integer of 5,000 digits in the middle."""
    return _spoiled(ask, frame('{"created":' + "9" * 5000 + ',"choices":[]}'))


@scenario("nan", group="S")
def nan(ask: Ask) -> Answer:
    """A frame with NaN and Infinity in the middle."""
    return _spoiled(ask, frame('{"created":NaN,"choices":[],"x":-Infinity}'))


@scenario("not-json", group="S")
def not_json(ask: Ask) -> Answer:
    """A frame in the middle that is no JSON; `count=` (1) of them."""
    return _spoiled(ask, *[frame("{this is not json")] * int(ask.option("count", 1)))


@scenario("nulls", group="S")
def nulls(ask: Ask) -> Answer:
    """Frames in which everything is null."""
    return _spoiled(
        ask,
        frame("null"),
        frame({"id": None, "choices": None, "usage": None, "error": None, "type": None, "delta": None, "item": None}),
        frame({"choices": [None]}),
        frame({"choices": [{"index": None, "delta": None, "finish_reason": None}]}),
        frame({"type": "response.output_text.delta", "delta": None, "item_id": None}),
    )


@scenario("wrong-types", group="S")
def wrong_types(ask: Ask) -> Answer:
    """Frames in which everything has the wrong type."""
    return _spoiled(
        ask,
        frame("7"),
        frame('"text"'),
        frame([1, 2]),
        frame({"choices": "x", "usage": 7}),
        frame({"choices": [{"index": "a", "delta": [], "finish_reason": 0}]}),
        frame({"choices": [{"index": 0, "delta": {"content": {"a": 1}, "tool_calls": "no"}}]}),
        frame({"type": 7, "delta": 7}),
        frame({"type": "response.output_text.delta", "delta": 7, "output_index": "x"}),
        frame({"type": "response.output_item.added", "item": "no", "output_index": -1}),
    )


@scenario("blank-events", group="S")
def blank_events(ask: Ask) -> Answer:
    """Frames without data, and blank lines, everywhere."""
    return stream([b"\n\nid: 7\n\nevent: ping\n\nretry: 10\n\ndata:\n\n" + data for data in say(ask)])


@scenario("dup-keys", group="S")
def dup_keys(ask: Ask) -> Answer:
    """A frame in the middle with keys twice."""
    return _spoiled(
        ask, frame('{"choices":[],"choices":[{"index":0,"index":0,"delta":{},"delta":{}}],"type":"","type":"x"}')
    )


@scenario("bad-utf8", group="S")
def bad_utf8(ask: Ask) -> Answer:
    """Bytes in the text that are no UTF-8."""
    return stream([data.replace(b"quick", b"qu\xff\xfe\xc3(ck") for data in say(ask)])


@scenario("lone-surrogate", group="S")
def lone_surrogate(ask: Ask) -> Answer:
    """Half a surrogate pair, escaped."""
    return stream([data.replace(b"quick", rb"qu\ud800ck") for data in say(ask)])


@scenario("nul", group="S")
def nul(ask: Ask) -> Answer:
    """NUL characters in the text."""
    return stream([data.replace(b"quick", rb"qu\u0000ck") for data in say(ask)])


# -- other ways of writing the same thing


@scenario("split", group="S")
def split(ask: Ask) -> Answer:
    """The same bytes, N at a time (1)."""
    return Answer(recut(say(ask), int(ask.number(1))))


@scenario("bom", group="S")
def bom(ask: Ask) -> Answer:
    """A byte order mark first."""
    return stream([b"\xef\xbb\xbf", *say(ask)])


@scenario("cr", group="S")
def cr(ask: Ask) -> Answer:
    """Lines end in CR."""
    return stream([data.replace(b"\n", b"\r") for data in say(ask)])


@scenario("crlf", group="S")
def crlf(ask: Ask) -> Answer:
    """Lines end in CRLF."""
    return stream([data.replace(b"\n", b"\r\n") for data in say(ask)])


@scenario("line-separators", group="S")
def line_separators(ask: Ask) -> Answer:
    """U+2028, U+2029 and U+0085 in the text."""
    return stream(say(ask, "The\u2028quick\u2029brown\u0085fox."))


@scenario("latin-1", group="S")
def latin_1(ask: Ask) -> Answer:
    """A head that claims another charset than UTF-8."""
    headers = {"content-type": "text/event-stream; charset=iso-8859-1"}
    return Answer(say(ask, "Füchse über Hunde …"), headers=headers)


@scenario("no-space", group="S")
def no_space(ask: Ask) -> Answer:
    """No space after the colon."""
    return stream([data.replace(b"data: ", b"data:", 1) for data in say(ask)])


@scenario("event-fields", group="S")
def event_fields(ask: Ask) -> Answer:
    """Every frame has an id, a retry and an unknown field."""
    return stream([b"id: 1\nretry: 5\nfoo: bar\n" + data for data in say(ask)])


@scenario("comments", group="S")
def comments(ask: Ask) -> Answer:
    """Comments between and inside the frames."""
    return stream([b": keep-alive\n\n: inside\n" + data for data in say(ask)])


# -- endings


def _marked(ask: Ask) -> list[bytes]:
    """The frames of a good chat reply; for Responses the ordinary frames and a `[DONE]`."""
    return say(ask) if ask.dialect == "chat" else [*say(ask), b"data: [DONE]\n\n"]


@scenario("no-done", group="S")
def no_done(ask: Ask) -> Answer:
    """A finish reason, and no `[DONE]`."""
    return stream(_marked(ask)[:-1])


@scenario("done-no-newline", group="S")
def done_no_newline(ask: Ask) -> Answer:
    """`data: [DONE]` without a line end."""
    frames = _marked(ask)
    return stream([*frames[:-1], frames[-1].rstrip()])


@scenario("no-finish", group="S")
def no_finish(ask: Ask) -> Answer:
    """Everything but the finish signal, and a clean end."""
    speech = ask.speech()
    frames = [*speech.start(), *(data for word in words_of(TEXT) for data in speech.text(word))]
    return stream(frames)


@scenario("after-finish", group="S")
def after_finish(ask: Ask) -> Answer:
    """More text after the finish reason."""
    frames = say(ask)
    return stream([*frames, *frames[3:5]] if ask.dialect == "responses" else [*frames[:-2], *frames[3:5], *frames[-2:]])


@scenario("after-done", group="S")
def after_done(ask: Ask) -> Answer:
    """More text after `[DONE]`."""
    frames = _marked(ask)
    return stream([*frames, *frames[3:5]])


@scenario("twice-done", group="S")
def twice_done(ask: Ask) -> Answer:
    """`[DONE]` twice."""
    frames = _marked(ask)
    return stream([*frames, frames[-1]])


@scenario("bad-finish", group="S")
def bad_finish(ask: Ask) -> Answer:
    """A finish reason nobody knows, with markup in it."""
    if ask.dialect == "responses":
        return stream([data.replace(b'"max_output_tokens"', b'"[/] tired"') for data in say(ask, reason="length")])
    return stream(say(ask, reason="[/] tired"))


@scenario("length", group="S")
def length(ask: Ask) -> Answer:
    """Cut at the token limit."""
    return stream(say(ask, reason="length"))


@scenario("filtered", group="S")
def filtered(ask: Ask) -> Answer:
    """Stopped by a content filter."""
    return stream(say(ask, reason="content_filter"))


@scenario("empty", group="S")
def empty(ask: Ask) -> Answer:
    """A proper reply that says nothing."""
    speech = ask.speech()
    return stream([*speech.start(), *speech.finish(), *speech.done()])


@scenario("empty-body", group="S")
def empty_body(ask: Ask) -> Answer:
    """200 and an event stream without a byte."""
    return Answer([])


@scenario("usage", group="S")
def usage(ask: Ask) -> Answer:
    """Usage in a chunk without choices (the good reply has it too)."""
    return stream(say(ask))


@scenario("no-usage", group="S")
def no_usage(ask: Ask) -> Answer:
    """No usage at all."""
    return stream(say(ask, usage=False))


@scenario("other-choice", group="S")
def other_choice(ask: Ask) -> Answer:
    """A second choice talks in between."""
    speech = ask.speech()
    if isinstance(speech, ResponsesSpeech):
        return stream(say(ask))
    other = frame({"id": "x", "choices": [{"index": 1, "delta": {"content": "WRONG"}, "finish_reason": "stop"}]})
    return _spoiled(ask, other, other)


@scenario("id-changes", group="S")
def id_changes(ask: Ask) -> Answer:
    """Another response id in every frame."""
    key = b'"id":"5f0b7a52' if ask.dialect == "chat" else b'"item_id":"msg_'
    return stream([data.replace(key, key + b"%d-" % number) for number, data in enumerate(say(ask))])


# -- errors inside


def _broken_off(ask: Ask, *frames: bytes) -> Answer:
    good = say(ask)
    return stream([*good[: len(good) // 2], *frames])


ERROR = {"message": "The server had an error while processing your request", "type": "server_error", "code": "internal"}


@scenario("error-object", group="S")
def error_object(ask: Ask) -> Answer:
    """An error object in the middle, and the end."""
    return _broken_off(ask, frame({"error": ERROR} if ask.dialect == "chat" else {"type": "error", "error": ERROR}))


@scenario("error-event", group="S")
def error_event(ask: Ask) -> Answer:
    """`event: error` in the middle, and the end."""
    value = {"error": ERROR} if ask.dialect == "chat" else {"type": "error", **ERROR, "param": None}
    return _broken_off(ask, frame(value, "error"))


@scenario("error-string", group="S")
def error_string(ask: Ask) -> Answer:
    """An error that is a string."""
    return _broken_off(ask, frame({"error": "the model fell over", "code": "The service is currently unavailable"}))


@scenario("error-first", group="S")
def error_first(ask: Ask) -> Answer:
    """An error object before anything else."""
    return stream([frame({"error": ERROR} if ask.dialect == "chat" else {"type": "error", "error": ERROR})])


@scenario("json", group="S")
def json_(ask: Ask) -> Answer:
    """The whole reply as one JSON object: the wish to stream was ignored."""
    return json_answer(ask.speech().whole(TEXT))


@scenario("json-error", group="S")
def json_error(ask: Ask) -> Answer:
    """200 and a JSON error, as xAI sends it when the first token does not come."""
    return json_answer(
        {"code": "The service is currently unavailable", "error": "Timed out waiting for first token"},
    )


@scenario("html-200", group="S")
def html_200(ask: Ask) -> Answer:
    """200 and a web page."""
    return text_answer(
        "<!doctype html><html><head><title>Hotel Login</title></head><body>WiFi</body></html>", 200, "text/html"
    )


# -- Responses only (the chat dialect gets its nearest likeness)


@scenario("missing-completed", group="S")
def missing_completed(ask: Ask) -> Answer:
    """No terminal event."""
    return stream(say(ask)[:-1]) if ask.dialect == "responses" else no_finish(ask)


@scenario("sequence-gap", group="S")
def sequence_gap(ask: Ask) -> Answer:
    """Sequence numbers with a gap, and one frame twice."""
    frames = say(ask)
    if ask.dialect == "chat":
        return stream(frames)
    jumped = [data.replace(b'"sequence_number":', b'"sequence_number":1') for data in frames[8:]]
    return stream([*frames[:8], *jumped])


@scenario("failed", group="S")
def failed(ask: Ask) -> Answer:
    """`response.failed` in the middle."""
    speech = ask.speech()
    if isinstance(speech, ChatSpeech):
        return error_object(ask)
    error = {"code": "server_error", "message": ERROR["message"]}
    envelope = {**speech.envelope("failed"), "error": error}
    return _broken_off(ask, frame({"type": "response.failed", "response": envelope}, "response.failed"))


@scenario("incomplete", group="S")
def incomplete(ask: Ask) -> Answer:
    """`response.incomplete` (chat: finish reason `length`)."""
    return length(ask)


@scenario("done-differs", group="S")
def done_differs(ask: Ask) -> Answer:
    """The text at the end is not the text of the deltas."""
    frames = say(ask)
    if ask.dialect == "chat":
        return stream(frames)
    old, new = json.dumps(TEXT).encode()[1:-1], b"The final text wins."
    return stream([data.replace(old, new) for data in frames])


@scenario("late-usage", group="S")
def late_usage(ask: Ask) -> Answer:
    """The frames after the finish reason come N milliseconds (50) late."""
    frames = say(ask)
    tail = 2 if ask.dialect == "chat" else 1
    return Answer([*frames[:-tail], At(ask.number(50) / 1000), *frames[-tail:]])
