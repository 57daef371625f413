"""What a turn says that failed before its reply began."""

import asyncio
from contextlib import suppress

import pytest

from tests.server.model import models_answer
from tests.server.step import json_answer
from tui.chat.replies import exhaust
from tui.domain.error import RilletError
from tui.domain.turn import TurnState


def knows_nothing(asked):
    """A list of models, and 404 for all else."""
    is_list = asked.path.endswith("models")
    return models_answer(asked) if is_list else json_answer({"error": {"message": "not found"}}, 404)


async def failed(ask, url, **more):
    conversation = ask(url, **more)
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    assert turn.state is TurnState.FAILED
    return turn.error


async def test_the_nearest_model_that_is_listed_is_named(server, ask):
    error = await failed(ask, server.add("near", knows_nothing), model="scripted-reasonin")
    assert error.hint == "Did you mean “scripted-reasoning”? The endpoint lists it."


async def test_where_the_model_is_listed_the_dialect_may_be_another(server, ask):
    error = await failed(ask, server.add("far", knows_nothing), model="scripted-1")
    assert error.hint.startswith(
        "Neither /chat/completions nor /responses is there: --dialect messages asks at /messages"
    )


async def test_a_fault_of_ours_is_not_called_a_stop(server, ask, program, monkeypatch):
    def fall(*_args, **_options):
        raise RuntimeError("a part of a password")

    monkeypatch.setattr(type(program), "exchange", fall)
    conversation = ask(server.url("ok"))
    turn = conversation.say("hi")
    with pytest.raises(RuntimeError):
        await exhaust(conversation.replies.stream(turn))
    assert turn.state is TurnState.FAILED
    assert turn.error.message == "rillet itself failed: RuntimeError"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (RilletError("The server “files” cannot be read", "see /tools"), "The server “files” cannot be read"),
        (OSError("no such file: /x/tools.py"), "could not be made ready: no such file: /x/tools.py (OSError)."),
        (ValueError(), "could not be made ready: ValueError."),
        (asyncio.CancelledError(), "the tools were given up while they were made ready."),
    ],
)
async def test_what_fails_before_the_request_is_a_failure_with_its_reason_and_is_saved(
    server, ask, program, fault, words
):
    async def prepare():
        raise fault

    before = len(server.log)
    conversation = ask(server.url("ok"))
    turn = conversation.say("hi")
    with suppress(type(fault)):
        await exhaust(conversation.replies.stream(turn, prepare=prepare))
    assert turn.state is TurnState.FAILED
    assert words in turn.error.message
    assert len(server.log) == before
    [saved] = program.database.turns.of_session(conversation.session.id)
    assert (saved.state, saved.error.message) == (turn.state, turn.error.message)


async def test_what_ended_a_reply_is_told_where_it_was_no_person(ask, server):
    conversation = ask(server.url("endless"))
    turn = conversation.say("hi")
    streaming = asyncio.ensure_future(exhaust(conversation.replies.stream(turn)))
    while turn.timing.first_delta_at is None:
        await asyncio.sleep(0.01)
    conversation.replies.interrupt("the terminal was closed")
    streaming.cancel()
    with suppress(asyncio.CancelledError):
        await streaming
    assert (turn.state, turn.error.message) == (TurnState.STOPPED, "the terminal was closed")
