"""Group S: frames that are wrong, and other ways of writing the same ones."""

from __future__ import annotations

from tests.server.good import say
from tests.server.scenario import Ask, scenario, stream
from tests.server.speech import frame
from tests.server.step import Answer, recut

# -- frames that are wrong


def spoiled(ask: Ask, *frames: bytes) -> Answer:
    """A good reply with these frames in its middle."""
    good = say(ask)
    middle = len(good) // 2
    return stream([*good[:middle], *frames, *good[middle:]])


@scenario("deep-json", group="S")
def deep_json(ask: Ask) -> Answer:
    """A frame of 100,000 brackets in the middle."""
    return spoiled(ask, frame("[" * 100_000 + "]" * 100_000))


@scenario("huge-int", group="S")
def huge_int(ask: Ask) -> Answer:
    """A frame with an integer of 5,000 digits in the middle."""
    return spoiled(ask, frame('{"created":' + "9" * 5000 + ',"choices":[]}'))


@scenario("nan", group="S")
def nan(ask: Ask) -> Answer:
    """A frame with NaN and Infinity in the middle."""
    return spoiled(ask, frame('{"created":NaN,"choices":[],"x":-Infinity}'))


@scenario("not-json", group="S")
def not_json(ask: Ask) -> Answer:
    """A frame in the middle that is no JSON; `count=` (1) of them."""
    return spoiled(ask, *[frame("{this is not json")] * int(ask.option("count", 1)))


@scenario("nulls", group="S")
def nulls(ask: Ask) -> Answer:
    """Frames in which everything is null."""
    return spoiled(
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
    return spoiled(
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
    return spoiled(
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
