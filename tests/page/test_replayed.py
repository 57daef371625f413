"""A reply that is played again is typeset from where it stood a little earlier, and looks as if it had been from the beginning."""

import random
from itertools import chain, repeat

import pytest

from tests.conformance.harness import CASES
from tests.page.test_origin import MARKDOWN, Keys
from tests.ui.script import chunk, tape
from tui.chat import player as player_module
from tui.chat.player import Player
from tui.domain.delta import TextDelta
from tui.domain.turn import Prompt, Turn
from tui.page import replayed as replayed_module
from tui.page.replayed import Replayed
from tui.page.reply import ReplyEntry
from tui.page.stack import WARM
from tui.typeset.line import line_text
from tui.typeset.text import TextBlock

CODE = "Look:\n\n```python\ndef f(x):\n    '''many\n    lines'''\n    return x\n```\n\n1. one\n2. two [1]\n\n[1]: http://x.example\n\n"


def lines(entry, width=50):
    entry.set_width(width)
    entry.ensure()
    while entry.unread:  # on a slow machine less is typeset at a time
        entry.grow([], lambda: True)
    return [line_text(line) for _, block in entry.blocks() for line in block.lines(width)]


def texts():
    said = [case["expect"].get("text") or "" for case in CASES if case.get("expect")]
    return ["\n\n".join([MARKDOWN * 3, CODE, *filter(None, said)])[:6000], CODE * 8]


@pytest.mark.parametrize("number", [0, 1])
def test_it_looks_as_if_it_had_been_typeset_from_its_beginning(number, monkeypatch):
    monkeypatch.setattr(replayed_module, "LONG", 1)
    monkeypatch.setattr(player_module, "MOST_STEPS", 60)
    chance = random.Random(number)
    text = texts()[number]
    pieces = []
    while text:
        size = chance.choice([1, 2, 5, 9])
        pieces.append(text[:size])
        text = text[size:]
    first = (0.1, chunk({"reasoning_content": "Hm. *So*."}))
    made = tape(first, *((0.2 + at / 100, chunk({"content": piece})) for at, piece in enumerate(pieces)))
    player = Player(made, Turn(Prompt("hi"), id="s.1", dialect="chat"))
    replayed = Replayed()
    count = len(made.reads)
    based = 0
    for _ in range(12):
        player.go_to(chance.randrange(2, count))
        player.forward()
        for _ in range(3):
            player.go_to(max(2, player.frame - chance.choice([1, 1, 40])))
            before = player.before
            entry = replayed.entry(player.turn, before, Keys(), 50)
            assert lines(entry) == lines(ReplyEntry(player.turn, Keys()))
            if before is not None and before.body.size:
                based += 1
                assert lines(replayed._base) == lines(ReplyEntry(before, Keys()))
    assert based > 10
    assert replayed.entry(player.turn, None, Keys(), 50).turn is player.turn
    assert replayed._base is None, "nothing is held of a turn that is no longer played"


def moments(count):
    """Time for so many slices."""
    left = chain(repeat(True, count), repeat(False))
    return lambda: next(left)


def test_it_is_typeset_a_moment_at_a_time_where_that_is_asked_for(monkeypatch):
    monkeypatch.setattr(replayed_module, "LONG", 1)
    before, turn = Turn(Prompt("hi"), id="s.1"), Turn(Prompt("hi"), id="s.1")
    for each in (before, turn):
        each.apply(TextDelta(MARKDOWN * 60))
    turn.apply(TextDelta("And *more*."))
    replayed, keys, steps = Replayed(), Keys(), 1
    while not replayed.prepare(before, keys, 50, moments(3)):
        steps += 1
    assert steps > 3, "it was done in steps"
    entry = replayed.entry(turn, before, keys, 50)
    assert lines(entry) == lines(ReplyEntry(turn, Keys()))


def test_of_a_long_reply_only_the_end_keeps_its_rows():
    turn = Turn(Prompt("hi"), id="s.1")
    turn.apply(TextDelta("".join(f"Paragraph {number} of *many*.\n\n" for number in range(4 * WARM))))
    entry = ReplyEntry(turn, Keys())
    entry.set_width(12)
    entry.ensure()
    blocks, stack = entry.parts[1].blocks, entry.parts[1]
    assert len(blocks) == 4 * WARM
    with_rows = [block for block in blocks if isinstance(block, TextBlock) and block._lines is not None]
    assert len(with_rows) <= 2 * WARM
    heights = [stack.height_of(at) for at in range(len(blocks))]
    assert heights == [len(block.lines(12)) for block in blocks]
