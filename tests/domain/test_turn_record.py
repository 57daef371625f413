"""A turn as plain values."""

import json

from tui.domain.delta import (
    FinishDelta,
    ItemDelta,
    ReasoningDelta,
    ServerToolDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from tui.domain.error import RefusedError, TruncatedError
from tui.domain.turn import Prompt, Turn, TurnState
from tui.domain.turn_record import turn_record
from tui.domain.usage import Usage


def test_an_empty_turn_says_what_it_lacks() -> None:
    record = turn_record(Turn(Prompt("hi")))
    absent = {key for key, value in record.items() if value is None}
    assert absent == {
        "refusal",
        "finish_reason",
        "incomplete_reason",
        "usage",
        "tokens",
        "cost_usd",
        "estimated_usd",
        "server_calls",
        "sources",
        "model",
        "response_id",
        "error",
    }
    assert record["state"] == "waiting"


def test_a_turn_is_told_in_full_and_can_be_written_down() -> None:
    turn = Turn(Prompt("hi"))
    for delta in (
        TextDelta("a"),
        ReasoningDelta("one"),
        ReasoningDelta("two", 1),
        ToolCallDelta(0, "c", "f", "{}"),
        ServerToolDelta(3, {"type": "web_search_call"}),
        ItemDelta(1, {"type": "message"}),
        ItemDelta(0, {"type": "reasoning"}),
        UsageDelta(Usage(input=1, raw={"prompt_tokens": 1})),
        FinishDelta("tool_calls"),
    ):
        turn.apply(delta)
    turn.end(TurnState.COMPLETE)
    record = json.loads(json.dumps(turn_record(turn)))
    assert (record["reasoning"], record["reasoning_parts"]) == ("", ["one", "two"])
    assert [item["type"] for item in record["items"]] == ["reasoning", "message"]
    assert (record["usage"], record["tokens"]["input"]) == ({"prompt_tokens": 1}, 1)
    assert (record["next"], record["error"]) == ("tools", None)


def test_an_error_is_told_with_its_kind() -> None:
    turn = Turn(Prompt("hi"))
    turn.end(TurnState.TRUNCATED, TruncatedError("cut", "try again"))
    assert turn_record(turn)["error"] == {"kind": "truncated", "message": "cut", "hint": "try again"}
    turn = Turn(Prompt("hi"))
    turn.end(TurnState.FAILED, RefusedError("no", kind="rate_limit", status=429, retry_after=2.0))
    assert turn_record(turn)["error"]["retry_after"] == 2.0
    assert turn_record(turn)["next"] == "error"
