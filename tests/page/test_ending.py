"""What stands under a reply."""

from tui.domain.delta import FinishDelta, OddityDelta, TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.page.ending import describe_ending


class Keys:
    def name(self, action_id):
        return ""

    def short(self, action_id):
        return ""


def lines_of(*deltas):
    turn = Turn(Prompt("?"))
    for delta in (TextDelta("All is well."), *deltas, FinishDelta("stop")):
        turn.apply(delta)
    turn.end(TurnState.COMPLETE)
    return ["".join(text for text, _ in line) for line in describe_ending(turn, Keys())]


def test_what_makes_one_doubt_a_reply_is_told_below_it():
    bad = OddityDelta("bad frame", "a chunk that is a list")
    assert lines_of(bad, bad, bad) == ["complete", "odd: a chunk that is a list, and 2 more such things"]


def test_what_is_only_unknown_is_not():
    assert lines_of(OddityDelta("unknown event", "response.new")) == ["complete"]
