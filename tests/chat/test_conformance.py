"""Every conformance case over a real loopback socket, through the whole program below the screen."""

import pytest

from tests.conformance.compare import differences
from tests.conformance.harness import CASES
from tui.chat.fold import fold, turn_for
from tui.chat.replies import exhaust
from tui.domain.turn_record import turn_record

SPOKEN = [case for case in CASES if case["dialect"] != "sse"]


@pytest.mark.parametrize("cut", [0, 1, 7])
@pytest.mark.parametrize("case", SPOKEN, ids=[case["name"] for case in SPOKEN])
async def test_case(case, cut, server, ask) -> None:
    body = {"max_tokens": case["token_limit"]} if "token_limit" in case else {}
    conversation = ask(server.play(case, cut=cut), case["dialect"], body=body)
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    shown = turn_record(turn)
    assert differences(case["expect"], shown) == []
    # The tape folds to the turn that was shown.
    folded = turn_record(fold(conversation.replies.tape(turn), turn_for(conversation.replies.tape(turn), turn)))
    times, folded_times = shown.pop("timing"), folded.pop("timing")
    for name in ("latency", "reasoning", "head", "duration"):
        assert folded_times[name] == pytest.approx(times[name], abs=1e-5), name
    told, error = folded.pop("error"), shown.pop("error")
    assert (told and (told["kind"], told["message"])) == (error and (error["kind"], error["message"]))
    assert folded == shown
