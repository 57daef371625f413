import gzip
import json
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.harness import play
from tests.wire.stream import DONE, STREAM, chat, chunk, deltas, frame
from tui.domain.delta import OddityDelta
from tui.domain.error import (
    BrokenError,
    EndpointError,
    FrameError,
    LimitError,
    RefusedError,
    RilletError,
    TruncatedError,
)
from tui.domain.tape import Head
from tui.wire.dialect import dialect_named
from tui.wire.reply import Reply

GOOD = chunk(content="Hel") + b": ping\n\n" + chunk(content="lo") + chunk("stop") + DONE


def head(media="text/event-stream", status=200, **more):
    return Head(status, {"content-type": media, **{name.replace("_", "-"): value for name, value in more.items()}})


def error_of(body, head, clean=True, secrets=(), size=None):
    size = size or max(1, len(body))
    return play(
        "chat", head, [body[n : n + size] for n in range(0, len(body), size)], clean=clean, secrets=secrets
    ).error


def test_a_stream_is_known_under_other_media_types():
    for media in (
        "text/event-stream; charset=latin-1",
        "TEXT/EVENT-STREAM",
        "text/plain",
        "application/octet-stream",
        "application/json",
        "",
    ):
        assert chat(GOOD, head=head(media))["text"] == "Hello", media
    assert chat(b"\xef\xbb\xbf\r\n" + GOOD, head=Head(200, {}))["text"] == "Hello"


def test_the_end_is_told_as_soon_as_it_is_known():
    reply = Reply(dialect_named("chat"), STREAM)
    list(reply.feed(GOOD[: -len(DONE)]))
    assert (reply.has_finished, reply.is_done, reply.comments) == (True, False, 1)
    list(reply.feed(DONE))
    assert reply.is_done
    assert list(reply.close()) == []


@pytest.mark.parametrize("cut_off", range(1, len(GOOD), 11))
def test_a_reply_that_breaks_off_keeps_every_whole_frame(cut_off):
    body = GOOD[:cut_off]
    frames = body.count(b"\n\n")
    expected = "Hello" if frames >= 3 else "Hel" if frames >= 1 else ""
    broken = play("chat", STREAM, [body], clean=False)
    assert broken.text == expected
    is_finished = frames >= 4
    assert (broken.state == "complete") == is_finished
    assert is_finished or isinstance(broken.error, BrokenError)
    ended = play("chat", STREAM, [body])
    assert ended.text.startswith(expected)
    assert ended.state == ("complete" if ended.finish_reason else "truncated")


@pytest.mark.parametrize("tail", [b"", b"\n", b"\r", b"\r\n"])
def test_the_last_frame_needs_no_blank_line(tail):
    assert chat(chunk(content="a"), b"data: [DONE]" + tail)["state"] == "complete"
    assert chat(chunk(content="a"), b"data: [DONE]" + tail, clean=False)["state"] == "complete"
    assert chat(chunk(content="a"), chunk("stop")[:-2] + tail)["finish_reason"] == "stop"
    assert chat(chunk(content="a"), chunk("stop")[:-2] + tail, clean=False)["state"] == "failed"


def test_a_break_after_the_end_is_only_mentioned():
    turn = play("chat", STREAM, [GOOD], clean=False)
    assert turn.state == "complete"
    assert isinstance(turn.oddities[-1], OddityDelta)


@pytest.mark.parametrize(
    ("body", "media", "kind", "error", "says"),
    [
        (b"", "text/event-stream", "empty", TruncatedError, "no reply"),
        (b": ping\n\n" * 5, "text/event-stream", "empty", TruncatedError, "no reply"),
        (b"", "application/json", "empty", TruncatedError, "no reply"),
        (b'{"code":"c","error":"boom"}', "application/json", "stream", EndpointError, "boom"),
        (b'[{"error":{"message":"boom"}}]', "application/json", "stream", EndpointError, "boom"),
        (b'{"error":{"message":"boom"}}', "text/event-stream", "stream", EndpointError, "boom"),
        (b'{"error":{"message":"boom"}}\n\ndata: [DONE]\n\n', "text/event-stream", "stream", EndpointError, "boom"),
        (b'error: {"message":"boom"}\n\ndata: [DONE]\n\n', "text/event-stream", "stream", EndpointError, "boom"),
        (b"{}", "application/json", "protocol", FrameError, "not a reply"),
        (b'{"a":', "application/json", "protocol", FrameError, "neither"),
        (
            b"<!doctype html><title>Log\x1b in</title><p>1.2.3.4",
            "text/html",
            "protocol",
            FrameError,
            "HTML page (“Log␛ in”)",
        ),
        (b"\n <html><body>1.2.3.4", "text/event-stream", "protocol", FrameError, "HTML page,"),
        (b"Bad gateway sk-0123456789abcdef", "text/plain", "protocol", FrameError, "Bad gateway sk-***"),
    ],
)
def test_a_body_that_is_no_stream_is_what_it_is(body, media, kind, error, says):
    for size in (None, 1):
        caught = error_of(body, head(media), size=size)
        assert isinstance(caught, error)
        assert caught.kind == kind
        assert says in caught.message
        assert "1.2.3.4" not in caught.message


def test_an_error_in_the_old_field_of_llama_cpp_keeps_the_text():
    got = chat(chunk(content="a"), b'error: {"code":400,"message":"boom"}\n\n', DONE)
    assert (got["text"], got["state"]) == ("a", "failed")


def test_a_whole_reply_that_is_cut_is_no_reply():
    body = json.dumps({"choices": [{"message": {"content": "hi"}}]}).encode()
    assert isinstance(error_of(body[:-1], head("application/json"), clean=False), BrokenError)
    assert isinstance(error_of(body[:-1], head("application/json")), FrameError)
    assert error_of(body, head("application/json"), clean=False) is None


def test_a_whole_reply_without_framing_in_a_stream_is_a_reply():
    body = json.dumps({"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}, indent=1).encode()
    assert chat(body)["text"] == "hi"
    assert chat(body, b"\n\n", DONE)["finish_reason"] == "stop"
    assert chat(chunk(content="a"), body)["state"] == "truncated"


def pack(data, wbits):
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(GOOD)),
        ("X-GZIP", gzip.compress(GOOD[:50]) + gzip.compress(GOOD[50:]) + b"\0\0"),
        ("deflate", pack(GOOD, 15)),
        ("deflate", pack(GOOD, -15)),
        ("identity", GOOD),
    ],
)
def test_a_compressed_reply_is_opened(encoding, body, size):
    turn = play("chat", head(content_encoding=encoding), [body[n : n + size] for n in range(0, len(body), size)])
    assert (turn.text, turn.state) == ("Hello", "complete")


def test_a_compressed_reply_that_is_cut_or_damaged_keeps_what_came():
    packer = zlib.compressobj(wbits=31)
    begun = packer.compress(chunk(content="Hel")) + packer.flush(zlib.Z_SYNC_FLUSH)
    cut = play("chat", head(content_encoding="gzip"), [begun])
    assert (cut.text, cut.error.kind) == ("Hel", "truncated")
    damaged = play("chat", head(content_encoding="gzip"), [begun, b"\xff" * 40])
    assert (damaged.text, damaged.error.kind) == ("Hel", "protocol")


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_a_compression_that_was_not_asked_for_is_named(encoding):
    assert encoding in error_of(b"x", head(content_encoding=encoding)).message
    refused = error_of(b"x", head(status=500, content_encoding=encoding))
    assert (refused.kind, refused.status) == ("server", 500)


@pytest.mark.parametrize("filling", [b"\n", b": x\n\n", b"x", b'data: {"choices":[]}\n\n'])
def test_a_bomb_is_refused_with_little_memory(filling):
    bomb = gzip.compress(filling * ((4 << 20) // len(filling)))
    tracemalloc.start()
    started = time.process_time()
    try:
        error = error_of(bomb, head(content_encoding="gzip"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(error, LimitError)
    assert peak < 20 << 20
    assert time.process_time() - started < 5


def test_an_error_body_is_read_as_far_as_it_may_be():
    reply = Reply(dialect_named("chat"), head("text/plain", 500))
    assert reply.is_refusal
    assert list(reply.feed(b"boom " * 10_000)) == []
    assert not reply.is_done
    assert list(reply.feed(b"boom " * 10_000)) == []
    assert reply.is_done
    with pytest.raises(RefusedError, match="boom") as caught:
        list(reply.close())
    assert len(caught.value.message) < 1200


def test_a_broken_error_body_is_still_a_refusal():
    with pytest.raises(RefusedError) as caught:
        reply = Reply(dialect_named("chat"), head("application/json", 429))
        list(reply.feed(b'{"error":{"mess'))
        list(reply.close(clean=False))
    assert caught.value.kind == "rate_limit"


def test_a_reply_without_end_stops_at_its_limit():
    reply = Reply(dialect_named("chat"), STREAM)
    piece = chunk(content="x" * 60_000)
    taken = []
    with pytest.raises(LimitError) as caught:
        for _ in range(1000):
            for delta in reply.feed(piece):
                taken.append(len(getattr(delta, "text", "")))
    assert caught.value.limit == "reply"
    assert sum(taken) == 8_000_000


@given(
    st.binary(max_size=200),
    st.sampled_from(["text/event-stream", "application/json", "text/html", ""]),
    st.sampled_from(["", "gzip", "deflate"]),
    st.sampled_from([200, 204, 302, 404, 500]),
    st.booleans(),
    st.sampled_from(["chat", "responses"]),
)
@settings(max_examples=200)
def test_random_bytes_give_deltas_or_an_error_of_ours(body, media, encoding, status, clean, dialect):
    turn = play(dialect, Head(status, {"content-type": media, "content-encoding": encoding}), [body], clean=clean)
    assert turn.error is not None
    assert isinstance(turn.error, RilletError)
    assert turn.error.message


@given(
    st.lists(
        st.sampled_from(
            [
                chunk(content="a"),
                chunk("stop"),
                DONE,
                frame(7),
                frame(b"{"),
                b": x\n",
                b"\n",
                b"data: ",
                b"\r\n",
                b"event: error\n",
                b'{"error":"x"}\n',
                b"\xff",
            ]
        ),
        max_size=8,
    ),
    st.integers(1, 9),
)
@settings(max_examples=150)
def test_any_cut_of_the_bytes_gives_the_same_deltas(pieces, size):
    body = b"".join(pieces)
    whole, whole_error = deltas("chat", body)
    parts, part_error = deltas("chat", body, size)
    assert parts == whole
    assert repr(part_error) == repr(whole_error)
