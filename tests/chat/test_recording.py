"""What is opened: the exchanges of a file, or a raw stream that is shown while it comes."""

import asyncio
import os
from contextlib import aclosing, closing

import pytest
from msgspec.structs import replace

from tests.chat.test_check import GOOD, taped
from tests.ui.fake import FakeProgram
from tui.chat import incoming as incoming_module
from tui.chat.fold import fold
from tui.chat.foreign_tape import read_tapes
from tui.chat.held_file import HeldFile
from tui.chat.incoming import Source, open_incoming, open_source
from tui.chat.recording import open_recording
from tui.domain.error import ConfigError
from tui.domain.tape import Tape
from tui.domain.turn import Prompt, Turn, TurnState
from tui.page.ending import describe_figures
from tui.page.stat_lines import plain
from tui.page.time_lines import figure_line
from tui.page.time_words import UNTIMED, sentence
from tui.page.wire_log import WireLog
from tui.page.wire_row_line import row_line


@pytest.fixture
def pipe():
    descriptor, other_end = os.pipe()
    reading = HeldFile(descriptor)
    with os.fdopen(other_end, "wb", buffering=0) as writing:
        yield reading, writing
    reading.close()


def pieces_of(conversation, turn):
    reads, row = [], None
    while True:
        piece, after = conversation.replies.tape_since(turn, row)
        if after == (row or 0):
            return reads, piece
        reads += piece.reads
        row = after


def test_each_exchange_of_a_file_is_a_turn_with_its_wire():
    tapes = [taped(GOOD), taped(GOOD[:2])]
    recording = open_recording(FakeProgram(), tapes, "two.har")
    first, second = recording.turns
    assert (first.text, first.state, second.state) == ("Hello you.", TurnState.COMPLETE, TurnState.TRUNCATED)
    assert second.parent == first.id
    assert pieces_of(recording, first)[0] == tapes[0].reads
    assert recording.replies.tape_since(first)[0].request is not None
    assert not recording.session.has_unsaved
    for ask in (lambda: recording.say("hi"), lambda: recording.regenerate(first), lambda: recording.edit(first, "x")):
        with pytest.raises(ConfigError, match="this is a recording"):
            ask()


async def test_of_a_raw_stream_in_a_file_no_head_and_no_time_is_made_up(tmp_path):
    file = tmp_path / "a.sse"
    file.write_text("".join(GOOD))
    incoming = open_incoming(FakeProgram(), open_source(HeldFile(os.open(file, os.O_RDONLY)), "a.sse"))
    async with aclosing(incoming.replies.stream(incoming.head)) as deltas:
        async for _ in deltas:
            pass
    turn = incoming.head
    assert incoming.recorded.model == turn.model == "grok-4", "as its frames name it"
    assert (turn.state, turn.timing.latency, turn.timing.duration) == (TurnState.COMPLETE, None, None)
    assert not any("first token" in words or words == "0 s" for words in describe_figures(turn))
    (read,) = read_tapes(file)
    folded = fold(read, Turn(Prompt(""), dialect=read.dialect))
    assert (folded.text, folded.timing.duration) == (turn.text, None)
    for tape in (incoming.replies.tape(turn), Tape.from_lines([*read.lines()])):
        log = WireLog(lambda row, tape=tape: (replace(tape, reads=[]) if row else tape, len(tape.reads)))
        while not log.advance(1.0, is_over=True):
            pass
        assert [row.kind for row in log.rows][:2] == ["text", "text"]
        assert sentence(log.timeline, 80) == [[(UNTIMED, "muted")]]
        assert "0.000" not in plain(row_line(log.rows[0], log.timeline, 80))
        assert "gaps" not in plain(figure_line(log.timeline, 80))


async def test_what_comes_before_a_stream_can_be_shown_has_its_own_time(pipe, monkeypatch):
    reading, writing = pipe
    writing.write(GOOD[0].encode())
    source = open_source(reading, "standard input")
    came: list[int] = []
    monkeypatch.setattr(Source, "now", lambda _: float(len(came)))
    source.read_ahead()
    for at, frame in enumerate(GOOD[1:]):
        came.append(at)
        writing.write(frame.encode())
        while len(source.early.reads) <= at:
            await asyncio.sleep(0.001)
    incoming = open_incoming(FakeProgram(), source)
    came += [0] * 100
    writing.close()
    async with aclosing(incoming.replies.stream(incoming.head)) as deltas:
        async for _ in deltas:
            pass
    reads, piece = pieces_of(incoming, incoming.head)
    assert [read.at for read in reads][1:] == [*range(1, len(GOOD))], "not when it was shown"
    assert (incoming.head.text, piece.end.kind) == ("Hello you.", "eof")


async def test_a_raw_stream_is_shown_while_it_comes(pipe, monkeypatch):
    reading, writing = pipe
    writing.write(GOOD[0].encode())
    incoming = open_incoming(FakeProgram(), open_source(reading, "standard input"))
    turn = incoming.head
    assert not incoming.replies.stretches(turn), "more may come"
    seen = []
    async with aclosing(incoming.replies.stream(turn)) as deltas:
        async for delta in deltas:
            seen.append(delta)
            if turn.text == "Hello" and seen and turn.usage is None and not pieces_of(incoming, turn)[0][1:]:
                assert turn.state is TurnState.STREAMING
                for frame in GOOD[1:]:
                    writing.write(frame.encode())
                writing.close()
    assert (turn.text, turn.state, turn.finish_reason) == ("Hello you.", TurnState.COMPLETE, "stop")
    reads, piece = pieces_of(incoming, turn)
    assert b"".join(read.data for read in reads) == "".join(GOOD).encode()
    assert piece.end.kind == "eof"
    assert incoming.replies.tape(turn).reads == reads
    assert [read.at for read in reads] == sorted(read.at for read in reads)
    monkeypatch.setattr(incoming_module, "STRETCH_BYTES", len(GOOD[0]) + 1)
    stretches = incoming.replies.stretches(turn)
    assert sum(count for count, _ in stretches) == len(reads)
    assert stretches[0] == (1, reads[0].at)


async def test_a_stream_that_is_left_is_a_tape_as_far_as_it_came(pipe):
    reading, writing = pipe
    writing.write(GOOD[0].encode())
    incoming = open_incoming(FakeProgram(), open_source(reading, "standard input"))
    turn = incoming.head

    async def run():
        async with aclosing(incoming.replies.stream(turn)) as deltas:
            async for _ in deltas:
                pass

    task = asyncio.ensure_future(run())
    while turn.text != "Hello":
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert turn.state is TurnState.STOPPED
    assert pieces_of(incoming, turn)[1].end.kind == "stopped"


async def test_what_comes_after_a_fault_is_on_the_tape_too(tmp_path):
    path = tmp_path / "bad.sse"
    path.write_text(f"{GOOD[0]}data: not json\n\n{GOOD[1]}")
    with closing(HeldFile(os.open(path, os.O_RDONLY))) as file:
        incoming = open_incoming(FakeProgram(), open_source(file, "bad.sse"))
        turn = incoming.head
        async with aclosing(incoming.replies.stream(turn)) as deltas:
            async for _ in deltas:
                pass
        assert (turn.state, turn.error.kind, turn.text) == (TurnState.FAILED, "protocol", "Hello")
        assert b"".join(read.data for read in pieces_of(incoming, turn)[0]) == path.read_bytes()


@pytest.mark.parametrize(("data", "words"), [(b"", "is empty"), (b"hello\n", "is no stream, tape or HAR")])
def test_what_is_no_stream_is_not_opened(pipe, data, words):
    reading, writing = pipe
    writing.write(data)
    writing.close()
    with pytest.raises(ConfigError, match=words):
        open_source(reading, "standard input")
