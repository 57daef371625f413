"""Text that comes while everybody waits goes past them: nothing of it is lost, doubled, out of order or off the tape."""

from __future__ import annotations

import random

import pytest

from tests.net.asking import KEEPING, KEY, PATIENT, ask, endpoint_at
from tests.server.good import say
from tests.server.scenario import Ask
from tests.server.step import Answer, End, Pause, recut
from tui.domain.delta import FinishDelta, TextDelta, UsageDelta
from tui.domain.straight import Straight
from tui.net.key_mask import KeyMasks

DIALECTS = pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
WORDS = (
    "plain",
    "words",
    "two\nlines",
    'a "quote"',
    "a \\ slash",
    "é",
    "日本",
    "🇩🇪",
    "%41",
    "\\u0041",
    "tab\there",
    "1.",
)


def steps_of(asked: Ask, text: str, chance: random.Random) -> list:
    """A reply, its frames written one by one, some together, some in pieces, with signs of life between."""
    steps = []
    for frame in say(asked, text):
        piece = chance.choice((frame, frame, frame, b": ping\n\n" + frame))
        steps += recut([piece], chance.choice((1000, 1000, 1000, 7)))
        if chance.random() < 0.7:
            steps.append(Pause(chance.choice((0.001, 0.004))))
    return steps


@DIALECTS
@pytest.mark.parametrize("seed", range(5))
async def test_a_reply_is_the_same_whichever_way_its_texts_go(server, client, dialect, seed):
    chance = random.Random(seed)
    text = " ".join(chance.choice(WORDS) for _ in range(60)) + f" {KEY} " + "and so on " * 10
    server.add("words", lambda asked: Answer(steps_of(asked, text, random.Random(seed))))
    endpoint = endpoint_at(server.url("words"), dialect=dialect, deadlines=PATIENT)
    usual = await ask(client, endpoint, pauses=KEEPING)
    taken = []
    waits = (0.0, 0.0, 0.0, 0.002, None)
    deltas = []
    straight = Straight(lambda: chance.choice(waits), lambda delta: (taken.append(delta), deltas.append(delta)))
    outcome = await ask(client, endpoint, straight=straight, deltas=deltas, pauses=KEEPING)
    assert outcome.error is None
    assert outcome.text == usual.text
    assert "*" * len(KEY) in outcome.text
    assert b"".join(read.data for read in outcome.tape.reads) == b"".join(read.data for read in usual.tape.reads)
    times = [read.at for read in outcome.tape.reads]
    assert times == sorted(times)
    assert taken
    assert all(type(delta) is TextDelta for delta in taken)
    ends = [
        [type(delta) for delta in each.deltas if isinstance(delta, UsageDelta | FinishDelta)]
        for each in (usual, outcome)
    ]
    assert ends[0] == ends[1]
    assert (outcome.timing.first_word_at is None) == (usual.timing.first_word_at is None)
    assert outcome.timing.progress_at >= outcome.timing.first_delta_at


async def test_what_waits_for_the_next_frame_is_read_before_the_end_is_told(server, client):
    deltas = []
    server.add("words", lambda asked: Answer([step for frame in say(asked) for step in (frame, Pause(0.002))]))
    straight = Straight(lambda: 30.0 if len(deltas) > 3 else 0.0, deltas.append)
    usual = await ask(client, endpoint_at(server.url("words")))
    outcome = await ask(client, endpoint_at(server.url("words")), straight=straight, deltas=deltas)
    assert outcome.text == usual.text
    assert outcome.seconds < 20


@pytest.mark.parametrize("end", [End.RESET, End.CUT])
async def test_a_break_comes_after_all_that_came_before_it(server, client, end):
    deltas = []
    server.add(
        "words", lambda asked: Answer([*(step for frame in say(asked)[:-4] for step in (frame, Pause(0.002))), end])
    )
    outcome = await ask(
        client, endpoint_at(server.url("words")), straight=Straight(lambda: 0.01, deltas.append), deltas=deltas
    )
    assert outcome.text.startswith("The quick brown fox jumps over the lazy")
    assert outcome.error is not None


async def test_a_fault_on_the_straight_way_is_met_by_whoever_reads(server, client):
    def take(_delta):
        raise ZeroDivisionError

    server.add("words", lambda asked: Answer([step for frame in say(asked) for step in (frame, Pause(0.002))]))
    with pytest.raises(ZeroDivisionError):
        await ask(client, endpoint_at(server.url("words")), straight=Straight(lambda: 0.0, take))


def test_bytes_that_a_mask_would_hold_back_or_change_do_not_pass():
    masks = KeyMasks([KEY])
    assert masks.passes([b'data: {"text":"hello"}\n\n'])
    assert not masks.passes([KEY.encode() + b"\n\n"])
    assert not masks.passes([f"data: %78{KEY[1:]}\n\n".encode()])
    assert not masks.passes([KEY[:5].encode()])
    assert masks.passes([b"data: 100% of it\n\n"])
    assert masks.feed(b"some words " + KEY[:7].encode()) == b"some words "
    assert not masks.passes([b"\n\n"]), "there is something held back"
