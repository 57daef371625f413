"""A long tape in a file is read while it is shown, in a memory that does not grow with it."""

import os
import tracemalloc
from contextlib import aclosing, closing, contextmanager

import pytest
from msgspec.structs import replace

from tests.chat.test_check import GOOD, taped
from tests.chat.test_recording import pieces_of
from tests.ui.fake import FakeProgram
from tests.ui.script import chunk, ending, tape
from tui.chat import fold, tape_lines
from tui.chat.held_file import HeldFile
from tui.chat.tape_file import TapeFile, open_tape_file
from tui.chat.tape_lines import TapeLines
from tui.domain.error import ConfigError
from tui.domain.tape import Read, SentRequest
from tui.domain.turn import TurnState

FRAMES = 1500
ASKED = SentRequest("POST", "http://x/v1", {}, {"model": "m", "messages": [{"role": "user", "content": "hi"}]})


@contextmanager
def opened(path, text):
    """The conversation that a file tells; the file is closed afterwards, whoever still holds the conversation."""
    path.write_text(text)
    with closing(HeldFile(os.open(path, os.O_RDONLY))) as file:
        yield open_tape_file(FakeProgram(), TapeFile(TapeLines(file, path.name)), path.name)


def text_of(made):
    return "".join(line + "\n" for line in made.lines())


async def told(conversation, most=10**9):
    deltas = 0
    async with aclosing(conversation.replies.stream(conversation.head)) as came:
        async for _ in came:
            deltas += 1
            if deltas >= most:
                break
    return deltas


def long(frames):
    made = tape(
        *((round(0.1 + number / 1000, 6), chunk({"content": f"w{number} "})) for number in range(frames)), *ending(99.0)
    )
    made.request = ASKED
    return made


async def test_it_comes_to_the_turn_and_the_reads_that_were_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(tape_lines, "PIECE_BYTES", 20_000)
    made = long(FRAMES)
    with opened(tmp_path / "long.jsonl", text_of(made)) as conversation:
        turn = conversation.head
        await told(conversation)
        assert turn.text == "".join(f"w{number} " for number in range(FRAMES))
        assert (turn.state, turn.opening.text) == (TurnState.COMPLETE, "hi")
        reads, piece = pieces_of(conversation, turn)
        assert (reads, piece.end) == (made.reads, made.end)
        stretches = conversation.replies.stretches(turn)
        assert len(stretches) > 5
        assert sum(count for count, _ in stretches) == len(made.reads)
        first = 0
        for count, at in stretches:
            assert at == made.reads[first].at
            within = conversation.replies.tape_since(turn, first + count // 2)[0].reads
            assert [*within] == made.reads[first + count // 2 : first + count]
            first += count
        assert [*conversation.replies.tape(turn).reads] == made.reads


async def test_all_of_the_wire_can_be_seen_while_the_turn_is_still_read(tmp_path, monkeypatch):
    monkeypatch.setattr(fold, "AT_ONCE", 0.0)
    made = long(FRAMES)
    with opened(tmp_path / "long.jsonl", text_of(made)) as conversation:
        turn = conversation.head
        assert conversation.replies.is_whole(turn)
        await told(conversation, 10)
        assert turn.state is TurnState.STOPPED
        assert turn.timing.waited(conversation.now()) == turn.timing.read_at, "told by the clock of the tape"
        assert pieces_of(conversation, turn)[0] == made.reads


@pytest.mark.parametrize("between", ["\n", "\n \t\n", "\r\n\r\n"])
def test_blank_lines_are_no_reads(tmp_path, between, monkeypatch):
    monkeypatch.setattr(tape_lines, "PIECE_BYTES", 2000)
    made = long(50)
    with opened(tmp_path / "blank.jsonl", text_of(made).replace("\n", between)) as conversation:
        lines = conversation.replies.lines
        lines.index()
        assert lines.count == sum(count for count, _ in lines.stretches) == len(made.reads)
        assert [*lines.tape().reads] == [*lines.read_through()] == made.reads
        assert lines.tape().reads[-1] == made.reads[-1]


async def test_reads_that_are_bytes_and_not_text_stand_among_others(tmp_path):
    made = long(5)
    made.reads = [*made.reads[:3], Read(0.2, b"\xff\xfe"), *made.reads[3:]]
    with opened(tmp_path / "bytes.jsonl", text_of(made)) as conversation:
        assert pieces_of(conversation, conversation.head)[0] == made.reads


async def test_a_tape_that_was_cut_or_has_no_end_is_read_as_far_as_it_goes(tmp_path):
    with opened(tmp_path / "cut.jsonl", text_of(replace(taped(GOOD), end=None))) as conversation:
        await told(conversation)
        assert conversation.head.text == "Hello you."


async def test_a_broken_line_is_told_with_its_place(tmp_path):
    lines = [*long(20).lines()]
    lines[12] = '{"at": 0.1, "text"'
    with opened(tmp_path / "broken.jsonl", "\n".join(lines)) as conversation:
        await told(conversation)
        place = len("\n".join(lines[:12])) + 1
        assert f"broken.jsonl is broken at byte {place:,}" in conversation.head.error.message
        assert conversation.head.text.startswith("w0 w1 ")


async def test_a_line_that_does_not_end_is_told_where_it_is_read_and_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.setattr(tape_lines, "PIECE_BYTES", 2000)
    monkeypatch.setattr(tape_lines, "MOST_LINE_BYTES", 8000)
    lines = [*long(60).lines()]
    whole = "\n".join(lines[:40]) + "\n"
    with opened(tmp_path / "endless.jsonl", whole + '{"at": 0.1, "text": "' + "x" * 50_000) as conversation:
        counted = sum(count for count, _ in conversation.replies.stretches(conversation.head))
        assert 20 < counted <= 39
        await told(conversation)
        assert "a line begins that does not end" in conversation.head.error.message
        assert conversation.head.text.startswith("w0 w1 ")


@pytest.mark.parametrize("text", ["", "hello\n", '{"tape":2}\n', '{"tape":1}\n{"head":{"x":1}}\n'])
def test_what_does_not_begin_as_a_tape_is_refused(tmp_path, text):
    with (
        pytest.raises(ConfigError, match=r"no\.jsonl is not a tape: line \d"),
        opened(tmp_path / "no.jsonl", text),
    ):
        raise AssertionError("it was opened")


async def test_the_reads_are_not_held(tmp_path, monkeypatch):
    monkeypatch.setattr(tape_lines, "PIECE_BYTES", 64 << 10)
    made = long(200)
    pad = made.reads[0].data.replace(b"\n\n", b"\n: " + b"x" * 50_000 + b"\n\n")
    made.reads = [made.reads[0], *[replace(made.reads[0], data=pad)] * 400, *made.reads[1:]]
    with opened(tmp_path / "wide.jsonl", text_of(made)) as conversation:
        assert (tmp_path / "wide.jsonl").stat().st_size > 20_000_000
        tracemalloc.start()
        try:
            await told(conversation)
            held, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert held < 2_000_000
        assert peak < 5_000_000
