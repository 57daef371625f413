"""What is happening while a turn runs, in the words of the status bar."""

import pytest

from tui.domain.delta import IdentityDelta, PromptProgressDelta, ServerToolDelta, TextDelta
from tui.domain.endpoint import Deadlines
from tui.domain.timing import Timing
from tui.domain.turn import Prompt, Turn
from tui.page.heartbeat import reading_line, standing

THINKS, PLAIN = "grok-4.7", "smollm2-135m"


def said(turn, now, deadlines=Deadlines()):
    return "".join(text for text, _ in standing(turn, now, deadlines))


def turn_of(*deltas, model=PLAIN, **timing):
    turn = Turn(Prompt("?"), model=model, timing=Timing(begun_at=0.0, **timing))
    for delta in deltas:
        turn.apply(delta)
        turn.timing.saw(delta, timing.get("read_at") or 0.0)
    return turn


@pytest.mark.parametrize(
    ("turn", "now", "words"),
    [
        (turn_of(), 5.0, "◌ getting ready 5 s"),
        (turn_of(sent_at=0.0), 3.0, "◌ waiting 3 s"),
        (turn_of(sent_at=0.0), 12.0, "◌ no answer yet, 12 s of 1 min at most"),
        (turn_of(model=THINKS, sent_at=0.0), 12.0, "◌ no answer yet, 12 s of 15 min at most"),
        (turn_of(sent_at=0.0, phases={}), 3.0, "◌ connecting 3 s"),
        (turn_of(sent_at=0.0, phases={}), 10.0, "◌ connecting 10 s of 10 s at most"),
        (turn_of(sent_at=0.0, phases={"connected": 0.1}), 3.0, "◌ connected, sending 3 s"),
        (turn_of(sent_at=0.0, phases={"connected": 0.1, "sent": 0.2}), 3.0, "◌ waiting 3 s"),
        (turn_of(IdentityDelta("m"), sent_at=0.0, head_at=1.0), 3.0, "◌ the reply has begun, no word yet, 3 s"),
        (
            turn_of(IdentityDelta("m"), model=THINKS, sent_at=0.0, head_at=1.0, read_at=38.0),
            40.0,
            "◌ thinking, nothing shown yet, 40 s, alive 2 s ago of 15 min at most",
        ),
        (
            turn_of(ServerToolDelta(0, {"type": "web_search_call", "status": "searching"}), sent_at=0.0),
            30.0,
            "● web_search runs at the endpoint",
        ),
        (turn_of(TextDelta("a"), sent_at=0.0, head_at=0.5, read_at=1.0), 2.0, "● streaming"),
        (turn_of(TextDelta("a"), sent_at=0.0, head_at=0.5, read_at=1.0), 21.0, "◌ quiet for 20 s of 1 min at most"),
    ],
)
def test_it_says_what_is_happening_and_how_long_that_may_take(turn, now, words):
    assert said(turn, now) == words


def test_signs_of_life_are_told_while_nothing_new_comes():
    turn = turn_of(TextDelta("a"), sent_at=0.0, read_at=1.0)
    turn.timing.read_at = 20.0
    assert said(turn, 21.0) == "◌ nothing new for 20 s, alive 1 s ago"


def test_how_far_the_prompt_has_been_read_is_a_bar():
    turn = turn_of(PromptProgressDelta(1500, 4000, 1000), sent_at=0.0, head_at=0.1)
    assert said(turn, 1.0) == "◌ reading the prompt ████░░░░░░░░ 38%"
    assert said(turn, 4.0) == "◌ reading the prompt ████░░░░░░░░ 38%  about 20 s more"
    turn.apply(PromptProgressDelta(4000, 4000, 1000))
    assert "reading" not in said(turn, 9.0)
    assert "100%" in "".join(text for text, _ in reading_line(PromptProgressDelta(1, 1), 0.0))
