"""What a turn makes of deltas, and what its ending allows."""

import pytest

from tui.domain.delta import (
    CitationDelta,
    EchoDelta,
    FinishDelta,
    OddityDelta,
    ReasoningDelta,
    RetryDelta,
    TextDelta,
    ToolCallDelta,
)
from tui.domain.error import BrokenError, ConnectError, LimitError, TruncatedError
from tui.domain.turn import KEPT_ODDITIES, Prompt, Turn, TurnState, ending_of


def turn(*deltas, end: TurnState | None = TurnState.COMPLETE) -> Turn:
    made = Turn(Prompt("hi"))
    for delta in deltas:
        made.apply(delta)
    if end:
        made.end(end)
    return made


def test_parts_keep_their_order_and_the_last_statement_wins() -> None:
    made = turn(TextDelta("Hel", 0), TextDelta("B", 1), TextDelta("lo ", 0), TextDelta("Hello, ", 0, replaces=True))
    assert made.text == "Hello, B"
    assert made.body.size == len("Hello, B")


def test_fragments_of_calls_join_by_index() -> None:
    made = turn(
        ToolCallDelta(1, "c2", "b", "{}"),
        ToolCallDelta(0, "c1", "a", '{"x'),
        ToolCallDelta(0, arguments='":1}'),
        FinishDelta("tool_calls"),
    )
    assert [(call.id, call.name, call.arguments) for call in made.tool_calls] == [
        ("c1", "a", '{"x":1}'),
        ("c2", "b", "{}"),
    ]
    assert made.next == "tools"


@pytest.mark.parametrize("state", [TurnState.STOPPED, TurnState.TRUNCATED, TurnState.FAILED, TurnState.LIMIT])
def test_calls_of_a_reply_that_is_not_complete_are_never_run(state: TurnState) -> None:
    assert turn(ToolCallDelta(0, "c1", "rm", "{}"), end=state).next == "error"


@pytest.mark.parametrize("reason", ["length", "content_filter", "max_tokens"])
def test_calls_of_a_reply_that_was_cut_are_never_run(reason: str) -> None:
    assert turn(ToolCallDelta(0, "c1", "rm", "{}"), FinishDelta(reason)).next == "error"


def test_an_ending_is_never_taken_back() -> None:
    made = turn(TextDelta("a"), end=TurnState.STOPPED)
    made.end(TurnState.COMPLETE)
    assert made.state is TurnState.STOPPED
    with pytest.raises(ValueError, match="ended"):
        made.apply(TextDelta("b"))


def test_waiting_to_try_again_is_still_waiting() -> None:
    made = turn(RetryDelta(1, 2, 0.5, "429"), end=None)
    assert made.state is TurnState.WAITING
    assert made.retry is not None
    made.apply(TextDelta("a"))
    assert made.retry is None


def test_echoed_lists_and_texts_grow() -> None:
    made = turn(
        EchoDelta("details", [1]), EchoDelta("details", [2]), EchoDelta("thought", "a"), EchoDelta("thought", "b")
    )
    assert made.echo == {"details": [1, 2], "thought": "ab"}


def test_a_source_is_cited_once() -> None:
    made = turn(CitationDelta("https://a"), CitationDelta("https://a", "again"), CitationDelta("https://b"))
    assert [citation.url for citation in made.citations] == ["https://a", "https://b"]


def test_oddities_are_counted_without_end_and_kept_within_bounds() -> None:
    made = turn(*[OddityDelta("unknown", str(n)) for n in range(KEPT_ODDITIES + 50)])
    assert made.oddity_count == KEPT_ODDITIES + 50
    assert len(made.oddities) == KEPT_ODDITIES


def test_reasoning_parts_stand_apart() -> None:
    made = turn(ReasoningDelta("one", 0), ReasoningDelta("two", 1))
    assert made.reasoning == "one\n\ntwo"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, TurnState.COMPLETE),
        (TruncatedError("x"), TurnState.TRUNCATED),
        (LimitError("x", limit="reply"), TurnState.LIMIT),
        (BrokenError("x"), TurnState.FAILED),
        (ConnectError("x"), TurnState.FAILED),
    ],
)
def test_errors_have_their_endings(error, state: TurnState) -> None:
    assert ending_of(error) is state
