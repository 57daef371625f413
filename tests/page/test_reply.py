"""A reply as blocks: the same, whether it grew on the page or was there when the page was opened."""

from tests.ui.script import ending, tape, words
from tui.chat.fold import fold
from tui.domain.delta import ReasoningDelta, TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.page.reply import ReplyEntry
from tui.typeset.line import line_text


class Keys:
    def name(self, action_id):
        return action_id

    def short(self, action_id):
        return action_id


def rows_of(entry):
    return [line_text(line).rstrip() for _, block in entry.blocks() for line in block.lines(60)]


def test_a_row_stands_between_what_was_thought_and_the_text_however_it_came_there():
    grown, opened = (Turn(Prompt("Weather?"), model="grok-4") for _ in range(2))
    entry = ReplyEntry(grown, Keys())
    entry.set_width(60)
    entry.ensure()
    for delta in (ReasoningDelta("Hm."), TextDelta("Mild.")):
        grown.apply(delta)
        opened.apply(delta)
        entry.grow([delta], lambda: True)
    for turn in (grown, opened):
        turn.end(TurnState.COMPLETE)
    entry.end()
    other = ReplyEntry(opened, Keys())
    other.set_width(60)
    other.ensure()
    assert rows_of(other) == rows_of(entry)
    assert rows_of(other)[2:5] == ["▸ thought", "", "Mild."]


def test_without_a_thought_the_text_stands_below_the_name():
    entry = ReplyEntry(fold(tape(*words("Mild.", 0.3), *ending(1.0)), Turn(Prompt("hi"), model="grok-4")), Keys())
    entry.set_width(60)
    entry.ensure()
    assert rows_of(entry)[:3] == ["", "grok-4", "Mild."]
