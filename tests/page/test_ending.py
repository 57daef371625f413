"""What stands under a reply."""

from tui.domain.delta import FinishDelta, OddityDelta, TextDelta
from tui.domain.timing import Timing
from tui.domain.turn import Prompt, Turn, TurnState
from tui.page.ending import describe_ending, describe_figures


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


def test_what_retries_took_is_told_with_what_the_reply_took():
    turn = Turn(Prompt("?"))
    turn.timing = Timing(sent_at=0.0, first_delta_at=0.3, ended_at=1.5, retries=1, lost_to_retries=2.4)
    turn.apply(TextDelta("All is well."))
    turn.apply(FinishDelta("stop"))
    turn.end(TurnState.COMPLETE)
    assert describe_figures(turn)[:3] == ["retried after 2.4 s", "first token 0.30 s", "1.5 s"]
