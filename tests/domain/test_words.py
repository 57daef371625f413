"""Finish reasons, titles and keys, as a person meets them."""

import pickle

import pytest

from tui.domain.delta import (
    Delta,
    FinishDelta,
    IdentityDelta,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from tui.domain.endpoint import Secret
from tui.domain.finish import describe_finish
from tui.domain.session import TITLE_LENGTH, title_from_prompt
from tui.domain.timing import Timing
from tui.domain.usage import Usage


@pytest.mark.parametrize(
    ("reason", "detail", "words", "is_plain", "is_cut"),
    [
        ("stop", "", "complete", True, False),
        ("tool_calls", "", "asked for tools", True, False),
        ("length", "", "cut at the token limit", False, True),
        ("incomplete", "max_output_tokens", "cut at the token limit", False, True),
        ("incomplete", "content_filter", "filtered", False, True),
        ("incomplete", "", "incomplete, and the endpoint does not say why", False, True),
        ("", "", "ended without a finish signal", False, False),
        ("banana", "", "stopped with the reason “banana”", False, False),
        ("incomplete", "steered", "incomplete, for the reason “steered”", False, True),
        ("completed", "turn_limit", "incomplete, for the reason “turn_limit”", False, True),
        ("completed", "token_limit", "cut at the token limit", False, True),
        ("network_error", "", "broken off at the endpoint (“network_error”)", False, True),
        ("network_issue", "", "broken off at the endpoint (“network_issue”)", False, True),
        ("USER_CANCEL", "", "broken off at the endpoint (“USER_CANCEL”)", False, True),
        ("FINISH_REASON_MAX_TOKENS", "", "cut at the token limit", False, True),
        ("pause_turn", "", "paused by the endpoint", False, True),
        ("refusal", "", "refused by the model", False, True),
        ("stop_sequence", "", "complete", True, False),
        ("endTurn", "", "complete", True, False),
        ("maxTokens", "", "cut at the token limit", False, True),
        ("repetition", "", "broken off at the endpoint (“repetition”)", False, True),
        ("not_finished", "", "broken off at the endpoint (“not_finished”)", False, True),
    ],
)
def test_finish_reasons_in_words(reason: str, detail: str, words: str, is_plain: bool, is_cut: bool) -> None:
    finish = describe_finish(reason, detail)
    assert (finish.words, finish.is_plain, finish.is_cut) == (words, is_plain, is_cut)


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("  Why is\nthe sky  blue? ", "Why is the sky blue?"),
        ("", "Untitled"),
        ("x" * 80, "x" * (TITLE_LENGTH - 1) + "…"),
    ],
)
def test_titles_are_one_short_line(prompt: str, title: str) -> None:
    assert title_from_prompt(prompt) == title


def test_long_titles_end_at_a_word() -> None:
    title = title_from_prompt("word " * 40)
    assert len(title) <= TITLE_LENGTH
    assert title.endswith("word…")


def test_a_key_is_not_printed_and_not_pickled() -> None:
    secret = Secret("xai-123456")
    assert "123456" not in f"{secret!r} {secret}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_only_what_is_of_the_reply_is_progress() -> None:
    timing = Timing(sent_at=0.0)
    timing.saw(IdentityDelta("m"), 0.0)
    assert (timing.first_delta_at, timing.progress_at) == (None, None)
    timing.saw(ReasoningDelta("Hm"), 0.0)  # the first instant of a clock is an instant
    timing.saw(ReasoningDelta("m."), 2.0)
    timing.saw(TextDelta(""), 3.0)
    timing.saw(TextDelta("Yes"), 4.0)
    timing.saw(UsageDelta(Usage(output=3)), 5.0)
    assert (timing.latency, timing.progress_at) == (0.0, 4.0)


@pytest.mark.parametrize("then", [TextDelta("Yes"), ToolCallDelta(0, "c1", "look", "{"), FinishDelta("stop")])
def test_a_model_thinks_until_something_else_of_the_reply_comes(then: Delta) -> None:
    timing = Timing(sent_at=0.0)
    timing.saw(ReasoningDelta("Hm."), 1.0)
    timing.saw(UsageDelta(Usage(output=3)), 2.0)
    assert timing.reasoning == 0.0
    timing.saw(then, 3.0)
    timing.saw(then, 9.0)
    assert timing.reasoning == 2.0


def test_a_model_that_thinks_between_words_thinks_until_the_next_word() -> None:
    timing = Timing(sent_at=0.0)
    for delta, at in ((ReasoningDelta("Hm."), 1.0), (TextDelta("a"), 2.0), (ReasoningDelta("Hm."), 5.0)):
        timing.saw(delta, at)
    timing.saw(TextDelta("b"), 8.0)
    timing.saw(TextDelta("c"), 9.0)
    assert timing.reasoning == 7.0


def test_one_waits_from_the_beginning_until_it_was_sent_and_then_from_there() -> None:
    timing = Timing(begun_at=10.0)
    assert timing.waited(13.0) == 3.0
    assert timing.duration is None
    timing.sent_at = 12.0
    assert timing.waited(13.0) == 1.0


def test_timing_survives_saving() -> None:
    timing = Timing(sent_at=10.0, first_delta_at=10.3, progress_at=12.0, ended_at=12.5)
    assert Timing.from_record(timing.record()).record()["latency"] == timing.record()["latency"] == 0.3
    assert Timing.from_record(timing.record()).duration == 2.5
