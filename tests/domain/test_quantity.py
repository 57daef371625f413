"""Quantities in words."""

import pytest

from tui.domain.delta import ReasoningDelta, TextDelta, UsageDelta
from tui.domain.error import ConfigError
from tui.domain.quantity import describe_rate, describe_seconds, describe_size, describe_turns
from tui.domain.rate import first_word, rate_of
from tui.domain.timing import Timing
from tui.domain.turn import Prompt, Turn, TurnState
from tui.domain.usage import Usage


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.0004, "0.4 ms"),
        (0.0017, "1.7 ms"),
        (0.004, "4 ms"),
        (0.0421, "42 ms"),
        (0.0999, "0.10 s"),
        (0.314, "0.31 s"),
        (0.999, "1.0 s"),
        (12.34, "12.3 s"),
        (30.0, "30 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (90, "1 min 30 s"),
        (3599.7, "1 h"),
        (3661, "1 h 1 min"),
        (86400, "24 h"),
    ],
)
def test_a_length_of_time(seconds: float, words: str) -> None:
    assert describe_seconds(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 KB"),
        (1536, "1.5 KB"),
        (9960, "10 KB"),
        (999_600, "1 MB"),
        (4_000_000, "4 MB"),
        (92_871_040, "93 MB"),
        (1_500_000_000, "1.5 GB"),
        (2_000_000_000_000, "2000 GB"),
    ],
)
def test_a_size(count: int, words: str) -> None:
    assert describe_size(count) == words


def test_a_rate_is_marked_where_nobody_counted() -> None:
    assert [describe_rate(tokens) for tokens in (0.42, 5, 8.44, 56.4, 1256.4)] == (
        ["0.4 tok/s", "5 tok/s", "8.4 tok/s", "56 tok/s", "1,256 tok/s"]
    )
    assert describe_rate(56.4, is_exact=False) == "~56 tok/s"


def test_the_endpoints_own_count_is_exact_once_the_reply_is_over() -> None:
    turn = Turn(Prompt("hi"), timing=Timing(sent_at=0.0))
    assert rate_of(turn, 9.0) is None
    turn.timing.saw(TextDelta("x" * 80), 1.0)
    turn.apply(TextDelta("x" * 80))
    assert rate_of(turn, 1.1) is None
    assert rate_of(turn, 3.0) == (10.0, False)
    turn.apply(UsageDelta(Usage(output=50)))
    assert rate_of(turn, 3.0) == (25.0, False)
    turn.timing.saw(TextDelta("x"), 6.0)
    turn.timing.ended_at = 9.0  # a tail in which nothing streamed
    turn.end(TurnState.STOPPED)
    assert rate_of(turn) == rate_of(turn, 60.0) == (10.0, True)
    saved = Timing.from_record(turn.timing.record())
    assert (saved.duration, saved.streaming, saved.to_first_word) == (9.0, 5.0, 1.0)


@pytest.mark.parametrize(
    ("last", "usage", "rate"),
    [
        (3.0, Usage(output=1000, reasoning=980), (10.0, True)),  # hidden thinking took its time before
        (1.2, Usage(output=40), None),  # too short to say
        (1.6, Usage(output=6000), None),  # a burst: something had held it back
        (3.0, Usage(output=40, rate=77.0), (77.0, True)),  # the endpoint's own figure
    ],
)
def test_a_rate_counts_only_what_streamed_in_the_time_it_streamed(last, usage, rate) -> None:
    turn = Turn(Prompt("hi"), timing=Timing(sent_at=0.0))
    for at in (1.0, last):
        turn.timing.saw(TextDelta("x" * 40), at)
        turn.apply(TextDelta("x" * 40))
    turn.apply(UsageDelta(usage))
    turn.timing.ended_at = last
    turn.end(TurnState.COMPLETE)
    assert rate_of(turn) == rate


def test_the_first_word_is_a_figure_of_its_own_where_it_came_later() -> None:
    timing = Timing(sent_at=0.0)
    timing.saw(ReasoningDelta("Hm."), 0.5)
    assert first_word(timing) is None
    timing.saw(TextDelta("Yes."), 3.0)
    assert (timing.latency, first_word(timing)) == (0.5, 3.0)
    plain = Timing(sent_at=0.0)
    plain.saw(TextDelta("Yes."), 0.5)
    assert first_word(plain) is None


@pytest.mark.parametrize(
    ("message", "hint", "words"),
    [
        ("no such file", "", "no such file."),
        ("No answer came.", "Try again.", "No answer came. Try again."),
        ("no model", "Name one with --model", "no model. Name one with --model."),
        ("what is “x”?", "Did you mean “y”?", "what is “x”? Did you mean “y”?"),
    ],
)
def test_an_error_in_full_is_sentences_with_one_full_stop_each(message: str, hint: str, words: str) -> None:
    assert ConfigError(message, hint).in_full == words


def test_turns_are_counted_in_words():
    assert [describe_turns(number) for number in (0, 1, 2, 1200)] == ["0 turns", "1 turn", "2 turns", "1,200 turns"]
