"""A recorded turn is played again frame by frame, and is at each of them what it was then."""

import gzip

import pytest
from msgspec.structs import replace

from tests.conformance.harness import CASES, head_of, reads_of
from tests.page.test_origin import read_log
from tests.ui.script import chunk, ending, tape, words
from tui.chat import player as player_module
from tui.chat.fold import fold
from tui.chat.player import Player
from tui.chat.tape_frames import Goal, Point
from tui.domain.tape import Head, Read, Tape, TapeEnd
from tui.domain.turn import Prompt, Turn
from tui.domain.turn_record import turn_record

MADE = tape((0.1, chunk({"reasoning_content": "Hm."})), *words("One two **three** four.", 0.3), *ending(1.2))
STREAMS = [case for case in CASES if case["dialect"] != "sse" and case["body_end"] == "eof"]


def played(made=MADE):
    return Player(made, Turn(Prompt("hi"), id="s.1", dialect="chat"))


def test_each_step_brings_one_frame():
    player = played()
    assert (player.frame, player.turn.text) == (0, "")
    seen = []
    while not player.is_at_end:
        player.forward()
        seen.append(player.turn.text)
    assert seen[:4] == ["", "One ", "One two ", "One two **three** "]
    assert player.turn.text == "One two **three** four."
    assert player.turn.has_finished


@pytest.mark.parametrize("case", STREAMS, ids=lambda case: case["name"])
def test_at_its_end_it_is_the_turn_that_was_recorded(case):
    made = Tape(case["dialect"], "m", "e", response=head_of(case), end=TapeEnd(9.0, "eof"))
    made.reads = [Read(0.1 + number * 0.01, data) for number, data in enumerate(reads_of(case))]
    turn = fold(made, Turn(Prompt("hi"), dialect=case["dialect"]))
    player = Player(made, Turn(Prompt("hi"), dialect=case["dialect"]))
    while not player.is_at_end:
        player.forward()
    assert {**turn_record(player.turn), "timing": 0} == {**turn_record(turn), "timing": 0}


def test_back_and_forth_one_is_where_one_was():
    player = played()
    texts = {}
    count = len(MADE.reads)
    for frame in range(count + 1):
        player.go_to(frame)
        texts[frame] = (player.turn.text, player.turn.reasoning)
    for frame in (3, 1, count - 1, 0, 5, 4):
        player.go_to(frame)
        assert (player.frame, player.turn.text, player.turn.reasoning) == (frame, *texts[frame])


def as_it_is(player):
    return {**turn_record(player.turn), "timing": 0}


@pytest.mark.parametrize("case", STREAMS, ids=lambda case: case["name"])
def test_a_step_back_is_to_where_one_was_and_no_way_from_the_beginning(case, monkeypatch):
    monkeypatch.setattr(player_module, "MOST_STEPS", 6)
    made = Tape(case["dialect"], "m", "e", response=head_of(case), end=TapeEnd(9.0, "eof"))
    made.reads = [Read(0.1 + number * 0.01, data) for number, data in enumerate(reads_of(case))]
    begun = []
    player = Player(
        made, Turn(Prompt("hi"), dialect=case["dialect"]), lambda at: begun.append(at) or iter(made.reads[at:])
    )
    were = [as_it_is(player)]
    frames = [0]
    while not player.is_at_end:
        player.forward()
        were.append(as_it_is(player))
        frames.append(player.frame)
    for place in range(len(were) - 2, max(-1, len(were) - 5), -1):
        player.back(frames[place])
        assert (player.frame, as_it_is(player)) == (frames[place], were[place])
    assert begun == [0] or not frames[-1], "without a frame, the beginning is where it is"
    while not player.is_at_end:
        player.forward()
        assert as_it_is(player) in were
    assert as_it_is(player) == were[-1]
    for place in range(len(were) - 2, -1, -max(1, len(were) // 12)):
        player.go_to(frames[place])
        assert (player.frame, as_it_is(player)) == (frames[place], were[place])


def test_the_way_to_a_place_far_ahead_is_made_in_stretches():
    made = tape(*words("One two three. " * 60, 0.3, 10), *ending(30.0))
    made.reads = [Read(0.1, b"retry: 3000\n\n"), *made.reads]  # which is no frame
    log = read_log(made, "chat")
    points = [Point(frames, frames + 1, made.reads[frames].at) for frames in range(7, 160, 7)]
    assert [row.frame for row in log.rows if row.frame >= 0] == list(range(len(made.reads) - 1))

    def new(known):
        fetched = []
        turn = Turn(Prompt("hi"), dialect="chat")
        return Player(made, turn, lambda at: fetched.append(at) or iter(made.reads[at:]), lambda: known), fetched

    for frame in (3, 7, 8, 14, 100, 150, 180, 183):
        (one, _), (other, fetched) = new(()), new(points)
        one.go_to(frame)
        other.go_to(frame)
        assert (other.frame, other.at, as_it_is(other)) == (one.frame, one.at, as_it_is(one))
        assert (len(fetched) > 1) == (frame >= 14)
        for player in (one, other):
            player.forward()
            player.back(frame)
        assert (other.frame, as_it_is(other)) == (one.frame, as_it_is(one))
    (one, _), (other, fetched) = new(()), new(points)
    one.advance_to(12.05)
    other.aim(Goal(at=12.05))
    other.advance_to(12.05)
    assert (other.frame, as_it_is(other)) == (one.frame, as_it_is(one))
    assert len(fetched) > 5
    other.back(at=5.0)
    assert other.frame == 0, "from there it must begin anew"
    with_none, _ = new(())
    with_none.advance_to(12.05)
    with_none.back(at=5.0)
    one.go_to(with_none.frame)
    assert with_none.at <= 5.0 < with_none.next_at
    assert as_it_is(with_none) == as_it_is(one)


def test_it_goes_to_an_instant_and_keep_alives_are_no_frames():
    made = tape(*words("One two three", 0.3, 10), *ending(1.2))
    made.reads = [*made.reads[:1], Read(0.35, b": here\n\n"), *made.reads[1:]]
    player = played(made)
    player.advance_to(0.45)
    assert (player.frame, player.turn.text) == (2, "One two ")
    assert player.next_at == 0.5
    player.advance_to(9.0)
    assert player.frame == len(made.reads) - 1


def test_many_frames_in_one_read_are_many_steps_also_compressed():
    whole = b"".join(read.data for read in MADE.reads)
    made = Tape("chat", "m", "e", response=Head(200, {"content-type": "text/event-stream", "content-encoding": "gzip"}))
    made.reads = [Read(0.5, gzip.compress(whole))]
    player = played(made)
    player.go_to(3)
    assert player.turn.text == "One two "
    player.advance_to(1.0)
    assert player.frame == len(MADE.reads)


def test_a_tape_that_is_longer_than_a_reply_off_the_wire_may_be_is_played_to_its_end():
    made = tape(*words("One two.", 0.3), *ending(1.2))
    pad = b": " + b"x" * 1_000_000 + b"\n\n"
    made.reads[1:1] = [Read(0.3, pad)] * 66
    turn = fold(made, Turn(Prompt("hi"), dialect="chat"))
    assert (turn.text, turn.state.name) == ("One two.", "COMPLETE")


def test_the_reads_are_fetched_as_they_are_played():
    fetched = []

    def reads(number):
        for read in MADE.reads[number:]:
            fetched.append(read)
            yield read

    player = Player(replace(MADE, reads=[]), Turn(Prompt("hi"), dialect="chat"), reads)
    player.go_to(2)
    assert len(fetched) <= 3
    player.go_to(1)
    assert player.turn.reasoning == "Hm."
    assert len(fetched) <= 3, "what it brought is remembered"


def test_bytes_that_cannot_be_opened_end_the_turn_that_is_played():
    head = Head(200, {"content-type": "text/event-stream", "content-encoding": "gzip"})
    whole = gzip.compress(b"".join(read.data for read in MADE.reads))
    made = Tape("chat", "m", "e", response=head, reads=[Read(0.5, whole[:40]), Read(0.6, b"nonsense" * 20)])
    player = played(made)
    player.advance_to(9.0)
    assert player.is_at_end
    assert player.turn.error is not None


def test_what_a_turn_cost_by_a_price_list_is_told_at_its_end_too():
    recorded = fold(MADE, Turn(Prompt("hi"), id="s.1", dialect="chat"))
    assert recorded.usage is not None
    recorded.usage = replace(recorded.usage, estimated_usd=0.5)
    player = Player(MADE, recorded)
    for _ in range(2):
        while not player.is_at_end:
            player.forward()
        assert player.turn.usage == recorded.usage
        player.back(3)
        assert player.turn.usage is None
