"""Group S: how replies end, or fail inside the stream."""

from __future__ import annotations

import json

from tests.server.frame_fault import spoiled
from tests.server.good import TEXT, say, words_of
from tests.server.scenario import Ask, scenario, stream
from tests.server.speech import ResponsesSpeech, frame
from tests.server.step import Answer, At, json_answer, text_answer

# -- endings


def _marked(ask: Ask) -> list[bytes]:
    """The frames of a good chat reply; for Responses the ordinary frames and a `[DONE]`."""
    return say(ask) if ask.dialect == "chat" else [*say(ask), b"data: [DONE]\n\n"]


def _joined(*frames: bytes) -> bytes:
    """The end and what comes after it, in one piece: after the end nobody reads on for long."""
    return b"".join(frames)


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
    """More text after the finish reason: it belongs to the reply, or comes after the end of a Responses one."""
    frames = say(ask)
    if ask.dialect == "responses":
        return stream([*frames[:-1], _joined(frames[-1], *frames[3:5])])
    return stream([*frames[:-2], *frames[3:5], *frames[-2:]])


@scenario("after-done", group="S")
def after_done(ask: Ask) -> Answer:
    """More text after `[DONE]`."""
    frames = _marked(ask)
    return stream([*frames[:-2], _joined(*frames[-2:], *frames[3:5])])


@scenario("twice-done", group="S")
def twice_done(ask: Ask) -> Answer:
    """`[DONE]` twice."""
    frames = _marked(ask)
    return stream([*frames[:-2], _joined(*frames[-2:], frames[-1])])


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
    return spoiled(ask, other, other)


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
    if not isinstance(speech, ResponsesSpeech):
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
