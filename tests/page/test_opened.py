"""A compressed stream on the wire: its rows are those of the stream, wherever one looks first, and its survey is kept."""

import random
import zlib

import pytest
from msgspec.structs import replace

from tests.page import test_survey
from tests.page.test_survey import datas, opened, save
from tests.page.test_wire_rows import HEAD, Long, read_through, said
from tui.domain.tape import Head, Read
from tui.page import opened as opened_module
from tui.page.wire_log import WireLog
from tui.store.database import Database

WAYS = {"gzip": ("gzip", 31), "deflate": ("deflate", 15), "raw": ("deflate", -15), "mislabelled": ("x-gzip", 15)}


def packed(pieces, wbits, *, flushes=True):
    """Pieces compressed as one stream, each to a read of its own."""
    packer = zlib.compressobj(6, zlib.DEFLATED, wbits)
    reads = [packer.compress(piece) + (packer.flush(zlib.Z_SYNC_FLUSH) if flushes else b"") for piece in pieces]
    reads[-1] += packer.flush()
    return reads


class Packed(Long):
    """A compressed tape."""

    def __init__(self, pieces, encoding, **how):
        super().__init__(pieces, **how)
        self.head = Head(200, {**HEAD.headers, "content-encoding": encoding}, HEAD.at)

    def tape_since(self, row):
        tape, last = super().tape_since(row)
        return replace(tape, response=self.head), last


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(opened_module, "TOGETHER", 7)
    monkeypatch.setattr(opened_module, "POINT_BYTES", 1500)


@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_its_rows_are_those_of_the_stream_wherever_one_looks_first(way, joined):
    encoding, wbits = WAYS[way]
    pieces = [*datas(300)]
    plain = read_through(Long(pieces).log())
    log = read_through(Packed(packed(pieces, wbits), encoding, joined=joined).log())
    rows = said(log.rows[:])
    assert rows == said(plain.rows[:])
    assert [row.frame for row in log.rows[:]] == [row.frame for row in plain.rows[:]]
    log.rows._held.clear()
    places = [*range(len(rows))]
    random.Random(1).shuffle(places)
    for place in places[:60]:
        log.rows._held.clear()
        assert said([log.rows[place]]) == [rows[place]]
    row = log.rows[50]
    assert b"".join(read.data for read in log.reads_of(row)) == b"".join(
        read.data for read in Packed(packed(pieces, wbits), encoding).reads[row.reads[0] : row.reads[1] + 1]
    ), "its bytes are those of the wire"
    assert log.timeline.frames == plain.timeline.frames
    assert log.size_bytes == sum(map(len, packed(pieces, wbits)))


def test_of_a_server_that_does_not_flush_the_rows_are_the_same():
    pieces = [*datas(300)]
    tape = Packed(packed(pieces, 31, flushes=False), "gzip")
    log = read_through(tape.log())
    plain = [(row.kind, row.preview) for row in read_through(Long(pieces).log()).rows[2:]]
    assert [(row.kind, row.preview) for row in log.rows[2:]] == plain
    log.rows._held.clear()
    assert (log.rows[200].kind, log.rows[200].preview) == plain[198]


def test_where_it_is_damaged_that_is_told_behind_what_came_before():
    pieces = [*datas(300)]
    reads = packed(pieces, 31)
    reads[200] = b"\xff" * 40
    log = read_through(Packed(reads, "gzip").log())
    plain = [row.preview for row in read_through(Long(pieces).log()).rows if row.said is not None]
    kinds = [row.kind for row in log.rows[:]]
    assert "broken" in kinds
    at = kinds.index("broken")
    assert at > 100
    told = [row.preview for row in log.rows[:at] if row.said is not None]
    assert told == plain[: len(told)]


@pytest.mark.parametrize("way", WAYS)
def test_it_is_not_read_through_again(way, monkeypatch):
    monkeypatch.setattr("tui.store.reads.BLOCK_BYTES", 500)
    monkeypatch.setattr(test_survey, "HEAD", Head(200, {**HEAD.headers, "content-encoding": WAYS[way][0]}, HEAD.at))
    database = Database.memory()
    reads = [Read(0.2 + at / 100, data) for at, data in enumerate(packed([*datas()], WAYS[way][1]))]
    turn = save(database, reads)
    first, _ = opened(database, turn)
    rows = said(first.rows[:])
    again, fetched = opened(database, turn)
    assert fetched <= 2
    for place in (len(rows) - 3, 10, len(rows) // 2, 200, 100):
        assert said([again.rows[place]]) == [rows[place]]
    assert said(again.rows[:]) == rows
    assert again.rows[-1].kind == "eof"
    assert again.is_compressed
    database.close()


def test_what_comes_is_shown_as_it_comes():
    pieces = [*datas(100)]
    tape = Packed(packed(pieces, 31), "gzip")
    all_reads, tape.reads = tape.reads, []
    log = WireLog(lambda row: (replace(tape.tape_since(row)[0], end=None), tape.tape_since(row)[1]))
    for count in (10, 11, 40, len(all_reads)):
        tape.reads = all_reads[:count]
        assert log.advance(1.0, is_over=False)
        plain = Long(pieces[:count])
        shown = WireLog(
            lambda row, plain=plain: (replace(plain.tape_since(row)[0], end=None), plain.tape_since(row)[1])
        )
        assert shown.advance(1.0, is_over=False)
        assert said(log.rows[:]) == said(shown.rows[:])
