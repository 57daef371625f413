"""What is doubtful about a reply that says it is whole."""

import pytest

from tui.domain.delta import FinishDelta, ReasoningDelta, TextDelta, ToolCallDelta
from tui.domain.doubt import BETWEEN_WORDS, NO_TEXT
from tui.domain.turn import Prompt, Turn


def kinds(*deltas) -> list[str]:
    turn = Turn(Prompt("hi"))
    for delta in deltas:
        turn.apply(delta)
    return [oddity.kind for oddity in turn.oddities]


@pytest.mark.parametrize(
    "text",
    [
        "The quick brown ",
        "The quick brown fox jumps over the",
        "First this,",
        "It is done. Then I went to the harbour and saw a (",
        "Das Schiff fuhr am Morgen in den Hafen und",
    ],
)
def test_a_good_end_between_words_is_odd(text: str) -> None:
    assert kinds(TextDelta(text), FinishDelta("stop")) == [BETWEEN_WORDS]


@pytest.mark.parametrize(
    "text",
    [
        "Paris",
        "The capital is Paris.",
        "Really? “Yes.”",
        "Done.\n",
        "- one thing\n- and another thing that is quite a lot longer",
        "# How a boat is built of wood and tar",
        "```\nfor each of the many things in the list\n```",
        "| a | b |\n| one | two three four five |",
        "https://example.org/a/very/long/path",
        "明日は雨が降るでしょう",
        '{"a": 1}',
        "Bye! 👋",
    ],
)
def test_a_text_that_may_be_whole_is_not(text: str) -> None:
    assert kinds(TextDelta(text), FinishDelta("stop")) == []


def test_a_good_end_without_any_text_is_odd() -> None:
    assert kinds(FinishDelta("stop")) == [NO_TEXT]
    assert kinds(ReasoningDelta("Hm."), FinishDelta("stop")) == [NO_TEXT]


def test_a_cut_is_told_as_a_cut_and_calls_need_no_text() -> None:
    assert kinds(TextDelta("The quick brown "), FinishDelta("length")) == []
    assert kinds(ToolCallDelta(0, "c", "f", "{}"), FinishDelta("tool_calls")) == []
