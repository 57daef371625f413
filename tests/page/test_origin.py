"""Every character of a reply is linked to the frame that brought it, however its bytes are cut, and back."""

import json

import pytest

from tests.conformance.harness import CASES, cut, head_of, reads_of
from tests.ui.script import chunk, ending, tape, words
from tui.chat.fold import fold
from tui.domain.delta import TextDelta
from tui.domain.error import RilletError
from tui.domain.tape import Read, Tape
from tui.domain.turn import Prompt, Turn, TurnState
from tui.page import located
from tui.page.located import locate
from tui.page.origin import FrameAccount, Range
from tui.page.reply import ReplyEntry
from tui.page.wire_log import LONG_STRETCHES, WireLog
from tui.typeset.block import Block as TypesetBlock
from tui.typeset.line import NOWHERE, line_text
from tui.wire.dialect import dialect_named
from tui.wire.sse import FrameReader

STREAMS = [case for case in CASES if case["dialect"] != "sse" and case["http"]["status"] < 300]


def strands(turn):
    """Every text of a turn by the name of its strand and its part."""
    found = {("text", part): text for part, text in turn.body.numbered}
    found |= {("thought", part): text for part, text in turn.thoughts.numbered}
    found |= {("refusal", part): text for part, text in turn.refusals.numbered}
    found |= {("arguments", call.index): call.arguments for call in turn.tool_calls if call.arguments}
    return found | {("name", call.index): call.name for call in turn.tool_calls if call.name}


class Shelf:
    """Keeps the survey of one tape."""

    def __init__(self):
        self.kept = None

    def survey(self):
        return self.kept

    def keep_survey(self, survey):
        self.kept = survey


def read_log(made, dialect, shelf=None):
    """The wire log of a tape, read to its end."""
    given = []

    def tape_since(row):
        piece = Tape(request=made.request, response=made.response, end=made.end)
        piece.reads = made.reads if not row else []
        given.append(row)
        return piece, len(made.reads)

    def stretches():
        return [(len(made.reads) if not number else 0, 0.0) for number in range(LONG_STRETCHES)]

    log = WireLog(tape_since, dialect=lambda: dialect, stretches=stretches if shelf else lambda: (), shelf=shelf)
    while not log.advance(1.0, is_over=True):
        pass
    return log


@pytest.mark.parametrize("size", [0, 1, 7, 100_000])
@pytest.mark.parametrize("case", STREAMS, ids=lambda case: case["name"])
def test_every_character_has_the_frame_that_brought_it(case, size):
    reads = reads_of(case)
    body = b"".join(reads)
    if len(body) > 200_000:
        pytest.skip("long, and like a shorter one")
    made = Tape(case["dialect"], "m", "e", response=head_of(case))
    made.reads = [Read(0.1 + number * 0.01, data) for number, data in enumerate(cut(body, size) if size else reads)]
    turn = fold(made, Turn(Prompt("hi")))
    log = read_log(made, case["dialect"], shelf := Shelf())
    again = read_log(made, case["dialect"], shelf)  # what was kept says the same
    for (strand, part), text in strands(turn).items():
        assert [again.origins.frame_of(strand, part, at) for at in range(len(text))] == [
            log.origins.frame_of(strand, part, at) for at in range(len(text))
        ]
        frames = [log.origins.frame_of(strand, part, at) for at in range(len(text))]
        assert None not in frames, (strand, part)
        for frame in set(frames):
            (back,) = [each for each in log.origins.brought(frame) if (each.strand, each.part) == (strand, part)]
            assert [at for at, other in enumerate(frames) if other == frame] == list(range(back.start, back.end))
            assert again.origins.brought(frame) == log.origins.brought(frame)


def test_a_frame_brought_just_what_it_says():
    pieces = ["Hel", "lo ", "w", "orld", "!"]
    account = FrameAccount("chat")
    reader = FrameReader()
    told = b"".join(f"data: {json.dumps(chunk({'content': piece}))}\n\n".encode() for piece in pieces)
    for number, frame in enumerate(reader.feed(told)):
        account.take(frame, number)
    at = 0
    for number, piece in enumerate(pieces):
        (range_,) = [each for each in account.origins.brought(number) if each.strand == "text"]
        assert (range_.start, range_.end) == (at, at + len(piece))
        at += len(piece)


def test_the_finish_reason_and_the_usage_have_their_frames():
    made = tape(*words("Fine.", 0.3), *ending(1.0))
    log = read_log(made, "chat")
    assert log.origins.frame_of("finish") == 1
    assert log.origins.frame_of("usage") == 2
    assert log.origins.frame_of("model") == 0


@pytest.mark.parametrize("width", [30, 80])
def test_the_figures_under_a_reply_lead_to_the_frame_that_told_them(width):
    told = {"prompt_tokens": 1412, "completion_tokens": 118, "prompt_tokens_details": {"cached_tokens": 1024}}
    entry = ReplyEntry(fold(tape(*words("Fine.", 0.3), *ending(1.0, **told)), Turn(Prompt("hi"))), Keys())
    entry.set_width(width)
    entry.ensure()
    spot, block = next((spot, block) for spot, block in entry.blocks() if block.kind == "ending")
    located = locate(entry, spot)
    sources = {"finish": "", "usage": "", None: ""}
    for row, places in zip(block.lines(width), located.rows, strict=True):
        for letter, place in zip(line_text(row), places, strict=True):
            source = located.source_of(place) if place != NOWHERE else None
            sources[source[0] if source is not None else None] += letter
    assert sources["finish"] == "complete"
    assert sources["usage"].replace(" ", "") == "168tok/s1,412in1,024cached118out"
    assert "first token" in sources[None]


MARKDOWN = "A **bold** `word` and [a link](http://x.example/bold), then *it*.\n\n- one \x1b[31m\n- two\u202e!\n\n| a | b |\n|---|---|\n| *c* | d |\n\n```py\nx = 1\n```\n"


@pytest.mark.parametrize("size", [1, 3, 8])
@pytest.mark.parametrize("width", [24, 80])
def test_every_character_of_the_page_that_a_frame_brought_leads_to_it(size, width):
    pieces = [MARKDOWN[at : at + size] for at in range(0, len(MARKDOWN), size)]
    steps = [(0.2 + number * 0.01, chunk({"content": piece})) for number, piece in enumerate(pieces)]
    made = tape((0.1, chunk({"reasoning_content": "Why *not*?"})), *steps, *ending(4.0))
    turn = fold(made, Turn(Prompt("hi"), model="grok-4"))
    log = read_log(made, "chat")
    entry = ReplyEntry(turn, Keys())
    entry.set_width(width)
    entry.ensure()
    spot, block = next((spot, block) for spot, block in entry.blocks() if block.kind == "thought")
    (folded,) = locate(entry, spot).rows
    assert folded == [0] * len(line_text(block.lines(width)[0])), "its line stands for all of it"
    assert locate(entry, spot).places_of(Range("thought", 0, 3, 5)) == (0, 1)
    entry.toggle_thought()
    seen = ""
    for spot, block in entry.blocks():
        located = locate(entry, spot)
        if located is None:
            continue
        for row, places in zip(block.lines(width), located.rows, strict=True):
            for letter, place in zip(line_text(row), places, strict=True):
                source = located.source_of(place) if place != NOWHERE else None
                if source is None or source[0] not in ("text", "thought"):
                    continue
                strand, part, at = source
                raw = turn.body.text if strand == "text" else turn.reasoning
                frame = log.origins.frame_of(strand, part, at)
                assert frame is not None
                assert letter == raw[at] or raw[at] in "\x1b\u202e\n`|*", (letter, raw[at])
                if strand == "text":
                    assert frame == 1 + at // size
                seen += letter
    for words_ in ("bold", "alink", "one", "␛", "<RLO>", "x", "Why"):
        assert words_ in seen.replace(" ", "")


class Keys:
    def name(self, action_id):
        return action_id

    def short(self, action_id):
        return action_id


def test_what_no_frame_brought_is_known_as_that():
    turn = fold(tape(*words("- a", 0.3), *ending(1.0)), Turn(Prompt("hi")))
    entry = ReplyEntry(turn, Keys())
    entry.set_width(40)
    entry.ensure()
    (spot, block) = next((spot, block) for spot, block in entry.blocks() if block.kind == "item")
    row = line_text(block.lines(40)[0])
    places = locate(entry, spot).rows[0]
    assert places[row.index("•")] == NOWHERE
    assert places[row.index("a")] != NOWHERE


@pytest.mark.parametrize("dialect", ["chat", "nothing that is spoken"])
def test_what_cannot_be_read_brings_nothing(dialect):
    account = FrameAccount(dialect)
    for frame in FrameReader().feed(b"data: {\n\ndata: 7\n\ndata: [1]\n\n"):
        assert not [each for each in account.take(frame, 0) if hasattr(each, "text")]
    assert account.origins.brought(0) == []
    with pytest.raises(KeyError):
        dialect_named("nothing that is spoken")
    assert issubclass(RilletError, Exception)


def test_of_a_long_text_only_the_blocks_are_looked_at_that_may_hold_what_a_frame_brought(monkeypatch):
    turn = Turn(Prompt("hi"), dialect="chat")
    pieces = [f"Part {number} says *this* 😀️.\n\n" for number in range(300)]
    for number, piece in enumerate(pieces):
        turn.apply(TextDelta(piece, part=number // 100))
    turn.end(TurnState.COMPLETE)
    entry = ReplyEntry(turn, Keys())
    entry.set_width(60)
    entry.ensure()
    asked = []
    monkeypatch.setattr(located, "may_hold", lambda *of, may=located.may_hold: asked.append(of) or may(*of))
    start = 0
    for number, piece in enumerate(pieces):
        start = 0 if number % 100 == 0 else start
        ranges = [Range("text", number // 100, start, start + len(piece))]
        asked.clear()
        found = [*located.spots_of(entry, ranges)]
        narrow = len(asked)
        everywhere = [spot for spot, _ in entry.blocks() if located.may_hold(entry, spot, ranges)]
        texts = [spot for spot in found if isinstance(entry.block_at(spot), TypesetBlock)]
        assert texts == [spot for spot in everywhere if isinstance(entry.block_at(spot), TypesetBlock)]
        assert f"Part {number} says" in "".join(entry.block_at(spot).plain() for spot in texts)
        assert narrow < 20
        start += len(piece)
