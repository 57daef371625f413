"""Rows of a tape of any length: what is looked at is read, in little memory, and is the same however it is come by."""

import json
import random
from itertools import accumulate

import pytest

from tests.ui.script import chunk
from tui.domain.joined_reads import JoinedReads
from tui.domain.tape import Head, Read, Tape, TapeEnd
from tui.page import wire_log as wire_log_module
from tui.page import wire_rows
from tui.page.frame_kind import describe_frame
from tui.page.wire_log import WireLog
from tui.wire.sse import Frame

HEAD = Head(200, {"content-type": "text/event-stream"}, 0.1)


def frame(text, end="\n"):
    return f"data: {json.dumps(chunk({'content': text}))}{end}{end}".encode()


def join(reads):
    """Reads as the blocks of a saved tape hold them."""
    data = b"".join(read.data for read in reads)
    return JoinedReads(data, list(accumulate(len(read.data) for read in reads)), [read.at for read in reads])


class Long:
    """A tape in stretches of so many reads, and how many reads were fetched of it."""

    def __init__(self, datas, stretch=10, joined=True):
        self.joined = joined
        self.reads = [Read(0.2 + number * 0.01, data) for number, data in enumerate(datas)]
        self.stretch = stretch
        self.fetched = 0

    def tape_since(self, row):
        first = row or 0
        last = min(len(self.reads), (first // self.stretch + 1) * self.stretch)
        self.fetched += last - first
        reads = join(self.reads[first:last]) if self.joined else self.reads[first:last]
        return Tape(response=HEAD, end=TapeEnd(99.0, "eof"), reads=reads), last

    def stretches(self):
        reads, step = self.reads, self.stretch
        return [(min(step, len(reads) - at), reads[at].at) for at in range(0, len(reads), step)]

    def log(self):
        return WireLog(self.tape_since, stretches=self.stretches)


def read_through(log):
    while not log.advance(1.0, is_over=True):
        pass
    return log


def said(rows):
    return [(row.kind, row.preview, round(row.at, 6), round(row.gap, 6)) for row in rows]


def test_the_end_of_a_long_tape_is_shown_before_the_rest_is_read():
    long = Long([frame(f"w{number}") for number in range(1000)])
    log = long.log()
    assert not log.advance(0.0, is_over=True)
    assert len(log.rows) == 1002
    assert said(log.rows[-2:]) == [("text", "w999", 10.19, 0.01), ("eof", "", 99.0, round(99.0 - 10.19, 6))]
    assert log.rows[500].preview == "w499"
    assert long.fetched < 50
    before = said(log.rows[:])
    read_through(log)
    assert said(log.rows[:]) == before
    assert [row.frame for row in log.rows[1:-1]] == list(range(1000))


def pieces(end, chance):
    """Frames and keep-alives, cut anywhere, and together again."""
    data = b"".join(
        f": ping{end}{end}".encode() if chance.random() < 0.1 else frame(f"w{number} ä\n", end) for number in range(60)
    )
    while data:
        size = chance.choice([1, 3, 40, 150, 150, 400])
        yield data[:size]
        data = data[size:]


def plain_pieces(event, chance):
    """Frames of the plainest form: mostly one in a read, now and then two, and now and then one in two reads."""
    lead = f"event: {event}\n".encode() if event else b""
    frames = [lead + frame(f"w{number} ä\n") for number in range(200)]
    if event and chance.random() < 0.3:
        frames[90] = frames[90].removeprefix(lead)
        frames[100] = lead + b"id: 7\n" + frame("other")
    while frames:
        count = chance.choice([1] * 12 + [2, 3])
        data, frames = b"".join(frames[:count]), frames[count:]
        cut = chance.randrange(len(data)) if chance.random() < 0.05 else 0
        yield from filter(None, (data[:cut], data[cut:]))


def read_apart(long):
    """The log of the same tape, read by read."""
    return read_through(WireLog(Long([read.data for read in long.reads], long.stretch, joined=False).tape_since))


def full(rows):
    """All that rows say, and the reads that brought them."""
    return [(row.kind, row.said, row.at, round(row.gap, 6), row.frame, row.reads) for row in rows]


@pytest.mark.parametrize("event", ["", "ping"])
@pytest.mark.parametrize("seed", range(20))
def test_plain_frames_that_are_cut_at_once_are_what_they_are_one_by_one(event, seed):
    chance = random.Random(seed)
    long = Long(list(plain_pieces(event, chance)), stretch=chance.choice([7, 20, 50]))
    whole = read_apart(long).rows[:]
    log = long.log()
    assert not log.advance(0.0, is_over=True)
    assert log.rows[:]
    log.rows.settle()
    ahead = [(row.said, row.at, row.reads) for row in log.rows[:] if row.said is not None]
    if not any(row.said and row.said.id for row in whole):
        assert ahead == [(row.said, row.at, row.reads) for row in whole if row.said is not None]
    read_through(log)
    assert full(log.rows[:]) == full(whole)
    log.rows._held.clear()
    assert full(log.rows[:]) == full(whole)
    other = read_apart(long).rows
    for frame_number in range(202):
        assert log.rows.place_of_frame(frame_number) == other.place_of_frame(frame_number)
    for read in long.reads:
        for instant in (read.at, read.at - 0.001, read.at + 0.001):
            assert log.rows.place_at(instant) == other.place_at(instant)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("seed", range(4))
def test_rows_are_the_same_wherever_one_looks_first(end, seed):
    chance = random.Random(seed)
    long = Long(list(pieces(end, chance)), stretch=chance.choice([3, 7, 20]))
    whole = said(read_apart(long).rows[:])
    log = long.log()
    assert not log.advance(0.0, is_over=True)
    for at in range(len(log.rows) - 1, -1, -1):  # every stretch is looked at, and its length is known then
        assert log.rows[at]
    log.rows.settle()
    frames = [row for row in said(log.rows[:]) if row[0] == "text"]
    assert frames == [row for row in whole if row[0] == "text"]
    looks = 0
    while not log.advance(0.0, is_over=True):
        looks += 1
        if looks % 20 == 0:
            assert [row for row in said(log.rows[:]) if row[0] == "text"] == frames
    assert said(log.rows[:]) == whole
    for row in (row for row in log.rows[:] if row.said is not None):
        assert log.rows[log.place_of(row)] == row
        assert row.said.data.encode()[-8:].decode() in b"".join(read.data for read in log.reads_of(row)).decode(
            errors="replace"
        ).replace("\r\n", "\n")


def test_who_looks_at_a_place_is_told_how_far_it_moved():
    datas = [frame("a") for _ in range(40)] + [frame("b") + frame("c") for _ in range(40)]
    log = Long(datas).log()
    log.advance(0.0, is_over=True)
    place = next(at for at, row in enumerate(log.rows) if row.preview == "c" and at > 40)
    row = log.rows[place]
    log.rows.settle()
    while True:
        is_all = log.advance(0.0, is_over=True)
        for first, count in log.rows.shifts:
            place += count if place >= first else 0
        log.rows.shifts.clear()
        assert log.rows[place].preview in ("b", "c")
        if is_all:
            break
    assert log.rows[place].at == row.at


def test_a_long_tape_takes_little_memory_and_finds_its_way(monkeypatch):
    monkeypatch.setattr(wire_rows, "MOST_HELD", 100)
    monkeypatch.setattr(wire_log_module, "STRETCH_FRAMES", 20)
    long = Long([frame(f"w{number}") for number in range(1000)])
    log = read_through(long.log())
    for at in range(0, 1000, 13):
        assert log.rows[at + 1].preview == f"w{at}"
        assert log.rows.place_of_frame(at) == at + 1
        assert log.rows.place_at(long.reads[at].at) == at + 1
    assert log.rows._held_count <= 100
    assert log.rows.place_at(0.0) == 0
    assert log.rows.place_at(1e6) == len(log.rows) - 1
    assert log.rows.place_of_frame(1000) is None


def test_every_frame_of_a_long_tape_is_found_to_its_last():
    long = Long([frame(f"w{number}") for number in range(105)])
    log = read_through(long.log())
    assert [log.rows.place_of_frame(at) for at in range(106)] == [*range(1, 106), None]
    assert [log.rows.place_at(read.at) for read in long.reads] == [*range(1, 106)]


def test_a_frame_that_no_blank_line_ends_is_found():
    log = read_through(WireLog(Long([frame("a"), frame("b")[:-1]]).tape_since))
    assert [log.rows.place_of_frame(at) for at in range(3)] == [1, 2, None]
    assert log.rows[2].preview == "b"


def test_what_is_compressed_or_no_stream_is_read_from_its_beginning():
    for headers in ({"content-type": "application/json"}, {**HEAD.headers, "content-encoding": "gzip"}):
        long = Long([b"{}"] * 100)
        log = WireLog(
            lambda row, headers=headers, long=long: (
                Tape(response=Head(200, headers), reads=long.reads[row or 0 :]),
                100,
            ),
            stretches=long.stretches,
        )
        while not log.advance(0.0, is_over=True):
            assert not log.rows.ahead


@pytest.mark.parametrize("names", [("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens")])
def test_a_usage_begins_with_its_tokens_in_words(names):
    told = Frame(json.dumps({"choices": [], "usage": dict(zip(names, (1412, 118), strict=True))}))
    kind, _, preview = describe_frame(told)
    assert (kind, preview[:19]) == ("usage", "1,412 in · 118 out ")
    assert names[0] in preview


@pytest.mark.parametrize(
    ("value", "kind", "gist"),
    [
        ({"type": "response.created"}, "start", "created"),
        ({"type": "response.output_item.added", "item": {"type": "function_call", "name": "look"}}, "item", "look"),
        ({"type": "response.content_part.done", "part": {"type": "output_text"}}, "part", "output_text"),
        ({"type": "response.reasoning_summary_text.done", "text": "So."}, "whole", "reasoning_summary_text.done"),
        ({"type": "response.web_search_call.searching"}, "tool", "web_search_call.searching"),
        ({"type": "response.new_thing_of_tomorrow.delta"}, "new_thing", "new_thing_of_tomorrow.delta"),
        ({"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "Eq"}}, "signature", "Eq"),
        ({"type": "unforeseeable_event"}, "unforese…", "unforeseeable_event"),
    ],
)
def test_the_kind_of_a_frame_is_a_word_that_fits_and_what_stands_beside_it_says_more(value, kind, gist):
    said, _, preview = describe_frame(Frame(json.dumps(value), value["type"]))
    assert said == kind
    assert preview.endswith(gist)
