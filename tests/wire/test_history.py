"""What a conversation may look like when it is sent: every call with its own result."""

import pytest

from tui.domain.message import Message, TextPart, ToolCallPart, ToolResultPart
from tui.wire.history import mend_history


def asked(*calls):
    return Message("assistant", tuple(ToolCallPart(call_id, "pay", arguments) for call_id, arguments in calls))


def told(*results):
    return Message("tool", tuple(ToolResultPart(call_id, text) for call_id, text in results))


@pytest.mark.parametrize("call_id", ["call_1", ""])
def test_two_calls_with_one_id_or_none_keep_their_own_results(call_id):
    _, reply, results = mend_history(
        [
            Message("user", (TextPart("pay twice"),)),
            asked((call_id, '{"amount": 1}'), (call_id, '{"amount": 2}')),
            told((call_id, "receipt 1"), (call_id, "receipt 2")),
        ]
    )
    ids = [call.id for call in reply.parts]
    assert len(set(ids)) == 2
    assert all(ids)
    assert [(part.call_id, part.text) for part in results.parts] == [(ids[0], "receipt 1"), (ids[1], "receipt 2")]


def test_a_call_without_a_result_among_those_that_have_one_is_told_as_not_run():
    _, results = mend_history([asked(("a", "{}"), ("b", "{}")), told(("b", "done"))])
    assert [(part.call_id, part.text) for part in results.parts] == [("a", "This call was not run."), ("b", "done")]
