import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.error import LimitError
from tui.wire.limit import Limits
from tui.wire.sse import Frame, FrameReader


def frames(*reads, limits=None):
    reader = FrameReader(limits) if limits else FrameReader()
    return [frame for read in reads for frame in reader.feed(read)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: a\n\n", [Frame("a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Frame("a")]),
        (b"data: a\r\rdata: b\r\n\r\n", [Frame("a"), Frame("b")]),
        (b"data: a\ndata:b\n: note\ndata:  c\n\n", [Frame("a\nb\n c")]),
        ("data: a\u2028b\u0085c\n\n".encode(), [Frame("a\u2028b\u0085c")]),
        (b"data: \xff\xe6\x9d\n\n", [Frame("\ufffd\ufffd")]),
        (b"event: x\n\nid: 1\n\nretry: 5\n\n: hi\n\ndata: a\n\n", [Frame("a", id="1")]),
        (
            b"id: 1\ndata: a\n\nid: x\0y\ndata: b\n\nid\ndata: c\n\n",
            [Frame("a", id="1"), Frame("b", id="1"), Frame("c")],
        ),
        (b"data\n\ndata:\n\n", [Frame(""), Frame("")]),
        (b"data: whole\n\ndata: begun\n", [Frame("whole")]),
        (b"foo: x\nDATA: x\n data: x\n\n", []),
    ],
)
def test_frames_are_as_the_standard_says_in_every_cut(body, expected):
    assert frames(body) == expected
    for size in (1, 2, 3, 7):
        assert frames(*[body[i : i + size] for i in range(0, len(body), size)]) == expected


_LINES = [
    b"data: a\n",
    b"event: x\n",
    b"event: \n",
    b"id: 7\n",
    b": hi\n",
    b"\n",
    b"data: ",
    b"\r",
    b"\xe6\n",
    b"data: \n",
]


@given(st.lists(st.lists(st.sampled_from(_LINES), max_size=4).map(b"".join), max_size=6))
def test_a_read_that_is_one_frame_is_told_at_a_glance_and_the_same(reads: list[bytes]) -> None:
    by_glance = FrameReader()
    taken = []
    for data in reads:
        frame = by_glance.feed_whole(data)
        taken += by_glance.feed(data) if frame is None else [frame]
    usual = FrameReader()
    assert taken == [frame for data in reads for frame in usual.feed(data)]
    assert (by_glance.comments, by_glance.is_between_frames) == (usual.comments, usual.is_between_frames)
    assert by_glance.close() == usual.close()


@pytest.mark.parametrize("data", [b"data: a\n\n", b'event: x\ndata: {"a": 1}\n\n'])
def test_most_reads_are_told_at_a_glance(data: bytes) -> None:
    reader = FrameReader()
    reader.feed(b"data: first\n\n")
    assert reader.feed_whole(data) is not None


@given(
    st.lists(
        st.sampled_from(
            [
                b"data: ",
                b"data",
                b":",
                b"\r",
                b"\n",
                b"\r\n",
                b"id: ",
                b"event:",
                b"\xef\xbb\xbf",
                b"\xe6\x9d",
                b"x",
                b"\0",
            ]
        )
    ),
    st.lists(st.integers(0, 80)),
)
@settings(max_examples=300)
def test_any_cut_gives_the_same_frames(pieces, cuts):
    body = b"".join(pieces)
    places = sorted({min(cut, len(body)) for cut in cuts} | {0, len(body)})
    assert frames(*[body[a:b] for a, b in zip(places, places[1:], strict=False)]) == frames(body)


def test_the_end_shows_what_was_begun_but_gives_no_frame():
    reader = FrameReader()
    assert reader.feed(b"data: a\nevent: e\ndata: [DO") == []
    assert reader.close() == Frame("a\n[DO", "e")
    reader = FrameReader()
    reader.feed(b"data: a\n\n")
    assert reader.close() is None


def test_comments_and_unframed_lines_are_told_apart():
    reader = FrameReader()
    reader.feed(b': ping\n:\n{"error":\n"x"}')
    reader.close()
    assert reader.comments == 2
    assert reader.unframed == ['{"error":', '"x"}']


SMALL = Limits(line_bytes=100, frame_bytes=300)


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
@pytest.mark.parametrize(
    ("body", "limit"),
    [(b"data: " + b"x" * 200, "line"), (b"data: " + b"x" * 200 + b"\n", "line"), (b"data: abc\n" * 40, "frame")],
)
def test_a_limit_stops_after_the_frames_before_it(body, limit, size):
    reader = FrameReader(SMALL)
    seen = []
    body = b"data: first\n\n" + body + b"\n\ndata: late\n\n"
    with pytest.raises(LimitError) as caught:
        for i in range(0, len(body), size):
            seen += reader.feed(body[i : i + size])
        reader.feed(b"")
    assert caught.value.limit == limit
    assert seen == [Frame("first")]


@pytest.mark.parametrize(
    ("unit", "size"), [(b"\n", 4096), (b"\r", 1), (b": x\n", 64), (b"x" * 1000, 64), (b"data:\n", 64)]
)
def test_hostile_bytes_take_linear_time(unit, size):
    body = (unit * (300_000 // len(unit)))[:300_000]
    started = time.process_time()
    frames(*[body[i : i + size] for i in range(0, len(body), size)])
    assert time.process_time() - started < 3
