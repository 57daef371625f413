"""Frames read by a shape come out as the exact way reads them, whatever stands between and however it is cut."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.stream import STREAM
from tui.domain.error import RilletError
from tui.wire.dialect import dialect_named
from tui.wire.frame_shape import FrameShape
from tui.wire.limit import Limits
from tui.wire.reply import Reply

ODD = [
    b": ping\n\n",
    b"data: [DONE]\n\n",
    b"data: {\n\n",
    b"event: x\ndata: 1\n\n",
    b"\n\n",
    b"\n",
    b"id: 7\n\n",
    b"data: \n\n",
    b"garbage\n\n",
    b'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}],"id":"c","model":"m"}\n\n',
    b'data: {"choices":[{"index":1,"delta":{"content":"b"}}],"id":"c","model":"m"}\n\n',
    b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\n',
]
TEXTS = st.one_of(
    st.sampled_from(["word", " ", "", "\n", 'say "x"', "\\", "\\u0041", "é", "😀", "\u200b", "\xa0", "\x7f", "\x00"]),
    st.text(max_size=6),
    st.sampled_from(["\ud83d", "\ude00"]),
)


def chat_frame(text, *, raw=False):
    chunk = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": text}}], "fp": "x" * 40}
    return b"data: " + json.dumps(chunk, ensure_ascii=not raw).encode("utf-8", "replace") + b"\n\n"


def messages_frame(text, *, raw=False):
    event = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}, "p": "x" * 40}
    data = json.dumps(event, ensure_ascii=not raw).encode("utf-8", "replace")
    return b"event: content_block_delta\ndata: " + data + b"\n\n"


START = (
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text"}}\n\n'
)
FRAMES = {"chat": (chat_frame, b""), "messages": (messages_frame, START)}


def read(dialect, reads, *, exactly, limits):
    """Every delta of a stream, and the words of the error it ended with."""
    reply = Reply(dialect_named(dialect), STREAM, limits=limits)
    if exactly:
        reply._decoder.has_shapes = False
        reply._decoder.peek = lambda _data, _ahead: ""
    return outcome(reply, (reply.take(data) for data in reads))


def outcome(reply, steps):
    """What a reply comes to that is taken in steps, each its deltas and what was wrong."""
    deltas, error = [], ""
    try:
        for came, problem in steps:
            deltas += came
            if problem is not None:
                raise problem
            if reply.is_done:
                break
        deltas += reply.close()
    except RilletError as problem:
        error = f"{type(problem).__name__}: {problem.message}"
    # After an error nobody asks how many comments stood behind it in the same read.
    return deltas, error, reply._decoder.has_finished, 0 if error else reply.comments


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["chat", "messages"]),
    st.lists(st.one_of(TEXTS, TEXTS, TEXTS, st.sampled_from(ODD)), max_size=30),
    st.booleans(),
    st.sampled_from([0, 0, 1, 7, 130, 700, 100_000]),
    st.sampled_from([Limits(), Limits(reply_chars=12), Limits(line_bytes=90, frame_bytes=120)]),
)
def test_it_is_the_same_as_the_exact_way(dialect, pieces, raw, size, limits):
    frame, start = FRAMES[dialect]
    frames = [start, *(piece if isinstance(piece, bytes) else frame(piece, raw=raw) for piece in pieces)]
    body = b"".join(frames)
    # mostly a frame comes in a read of its own
    reads = [body[at : at + size] for at in range(0, len(body), size)] if size else [each for each in frames if each]
    assert read(dialect, reads, exactly=False, limits=limits) == read(dialect, reads, exactly=True, limits=limits)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["chat", "messages"]),
    st.lists(st.one_of(TEXTS, TEXTS, TEXTS, st.sampled_from(ODD)), max_size=30),
    st.booleans(),
    st.integers(1, 6),
    st.sampled_from([Limits(), Limits(reply_chars=12), Limits(line_bytes=90, frame_bytes=120)]),
)
def test_reads_that_are_taken_together_come_out_as_they_would_one_by_one(dialect, pieces, raw, together, limits):
    frame, start = FRAMES[dialect]
    pieces = [start, *(piece if isinstance(piece, bytes) else frame(piece, raw=raw) for piece in pieces)]
    reads = [piece for piece in pieces if piece]
    reply = Reply(dialect_named(dialect), STREAM, limits=limits)

    def take(group):
        if (texts := reply.texts_of(group)) and (came := reply.take_texts(texts, group)):
            assert len(came) == len(group)
            return came, None
        timed, problem = reply.take_timed([(0.0, data) for data in group])
        return [delta for delta, _ in timed], problem

    told = outcome(reply, (take(reads[at : at + together]) for at in range(0, len(reads), together)))
    assert told == read(dialect, reads, exactly=True, limits=limits)


def test_a_line_that_ends_is_taken_by_its_text_too():
    reply = Reply(dialect_named("chat"), STREAM)
    for data in map(chat_frame, ("one", " two")):  # by which the shape is learnt
        assert reply.take(data)[1] is None
    assert reply.texts_of([*map(chat_frame, (" three", ".\n", 'a "b"', "é"))]) == [" three", ".\n", 'a "b"', "é"]
    assert reply.texts_of([chat_frame("x"), b": ping\n\n"]) == []


@pytest.mark.parametrize("dialect", ["chat", "messages"])
def test_what_is_alike_is_read_by_its_shape(dialect, monkeypatch):
    frame, start = FRAMES[dialect]
    words = [f"w{number}\n" if number % 7 == 0 else f"w{number} " for number in range(200)]
    taken = []
    split = FrameShape.split
    monkeypatch.setattr(FrameShape, "split", lambda self, data: taken.append(split(self, data)) or taken[-1])
    body = start + b"".join(map(frame, words))
    reads = [body[at : at + 4096] for at in range(0, len(body), 4096)]
    found, *_ = read(dialect, reads, exactly=False, limits=Limits())
    assert "".join(getattr(delta, "text", "") for delta in found) == "".join(words)
    assert sum(len(texts) for texts, _ in taken) > 150


def test_a_key_that_comes_twice_or_is_escaped_is_no_shape():
    assert FrameShape.of(b'data: {"content":"a","x":{"content":"a"}}', b"content", "a") is None
    assert FrameShape.of(b'data: {"content":"a","x":"\\n"}', b"content", "a") is None
    assert FrameShape.of(b'data: {"content":"b"}', b"content", "a") is None


RESPONSE = (
    b'data: {"type":"response.created","response":{"id":"r","model":"m"},"sequence_number":0}\n\n',
    b'data: {"type":"response.output_item.added","output_index":0,"item":{"id":"m0","type":"message"},"sequence_number":1}\n\n',
    b'data: {"type":"response.output_item.added","output_index":1,"item":{"id":"m1","type":"message"},"sequence_number":2}\n\n',
)
DONE = b'data: {"type":"response.completed","response":{"id":"r","model":"m","status":"completed"}}\n\n'


def events(pieces, *, raw, named):
    """Frames of the Responses dialect: texts in their order, some of them again, late, for another item or without a number."""
    number = len(RESPONSE) - 1
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        text, fault = piece
        number += {"again": 0, "gap": 2}.get(fault, 1)
        item = 1 if fault == "other" else 0
        event = {"type": "response.output_text.delta", "item_id": f"m{item}", "output_index": item, "content_index": 0}
        event |= {"delta": text, "logprobs": [], "obfuscation": "x" * (number % 5)}
        event |= {} if fault == "unnumbered" else {"sequence_number": number}
        data = json.dumps(event, ensure_ascii=not raw).encode("utf-8", "replace")
        frame = (b"event: response.output_text.delta\n" if named else b"") + b"data: " + data + b"\n\n"
        yield from (frame, frame) if fault == "twice" else (frame,)


FAULTS = st.sampled_from(["", "", "", "", "again", "twice", "gap", "other", "unnumbered"])


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.one_of(st.tuples(TEXTS, FAULTS), st.tuples(TEXTS, FAULTS), st.sampled_from([*ODD, DONE])), max_size=30),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, 0, 7, 300]),
    st.sampled_from([Limits(), Limits(reply_chars=12), Limits(line_bytes=150, frame_bytes=200)]),
)
def test_events_that_are_looked_at_first_are_the_same_as_the_exact_way(pieces, raw, named, size, limits):
    frames = [*RESPONSE, *events(pieces, raw=raw, named=named)]
    body = b"".join(frames)
    reads = [body[at : at + size] for at in range(0, len(body), size)] if size else frames
    found = read("responses", reads, exactly=False, limits=limits)
    assert found == read("responses", reads, exactly=True, limits=limits)


def test_texts_of_responses_are_known_as_such_without_being_taken():
    reply = Reply(dialect_named("responses"), STREAM)
    frames = [*RESPONSE, *events([("one ", ""), ("two ", ""), ("three", "")], raw=False, named=True)]
    for frame in frames[:4]:  # the first text says which part the others go to
        reply.take(frame)
    assert reply.are_alike(frames[4:])
    assert not reply.are_alike(frames[:3:-1]), "in another order"
    for frame, text in zip(frames[4:], ("two ", "three"), strict=True):
        assert reply.text_of(frame) == text
        assert [delta.text for delta in reply.take_texts(reply.texts_of([frame]), [frame])] == [text]
    assert not reply.text_of(frames[-1]), "it came already"
