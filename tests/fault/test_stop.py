"""A reply that is stopped, and ends that come together: the turn says what it was, on disk and on the tape too."""

import asyncio
import time

import pytest
from msgspec.structs import replace

from tests.fault.expectation import MIDDLE
from tests.server import Answer, End, good
from tests.server.step import first_bytes
from tui.chat.fold import fold, turn_for
from tui.chat.replies import exhaust
from tui.domain.delta import RetryDelta, TextDelta
from tui.domain.endpoint import Deadlines
from tui.domain.turn import TurnState
from tui.domain.turn_record import turn_record


async def stop_when(conversation, turn, is_time) -> float:
    """Stream until something is true, and stop; how long the stopping took."""

    async def stream():
        async for delta in conversation.replies.stream(turn):
            if is_time(delta):
                reached.set()

    reached = asyncio.Event()
    task = asyncio.ensure_future(stream())
    if is_time(None):
        reached.set()
    await asyncio.wait((task, asyncio.ensure_future(reached.wait())), return_when=asyncio.FIRST_COMPLETED)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return time.monotonic() - began


def same_on_disk_and_tape(conversation, turn, program) -> bool:
    tape = conversation.replies.tape(turn)
    records = [
        turn_record(each) for each in (program.database.turns.read(turn.id), fold(tape, turn_for(tape, turn)), turn)
    ]
    for record in records:
        record.pop("timing"), record.pop("error")
    return records[0] == records[1] == records[2]


@pytest.mark.parametrize("dialect", ["chat", "responses"])
async def test_a_reply_stopped_in_its_middle_keeps_what_came(server, ask, program, dialect):
    conversation = ask(server.url(f"ok;tokens=5000;rate=200;stop-{dialect}"), dialect)
    turn = conversation.say("hi")
    took = await stop_when(conversation, turn, lambda delta: isinstance(delta, TextDelta) and turn.body.size > 40)
    assert took < 10
    exchange = await server.until(lambda: server.log[-1] if server.log[-1].hung_up_at else None)
    assert exchange.hung_up_after < 10
    assert (turn.state, turn.error, turn.next) == (TurnState.STOPPED, None, "error")
    assert turn.body.size > 40
    assert same_on_disk_and_tape(conversation, turn, program)


@pytest.mark.parametrize("dialect", ["chat", "responses"])
async def test_a_reply_without_end_is_stopped_at_the_limit_and_kept(server, ask, program, dialect):
    url = server.url(f"ok;tokens=5000;rate=200;whole-{dialect}")
    conversation = ask(url, dialect, deadlines=Deadlines(whole_turn=2.5))
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    assert (turn.state, turn.error.kind) == (TurnState.LIMIT, "limit")
    assert "has not ended within 2.5 s, the limit for a whole turn" in turn.error.message
    assert turn.text
    tape = conversation.replies.tape(turn)
    assert fold(tape, turn_for(tape, turn)).error.message == turn.error.message
    assert same_on_disk_and_tape(conversation, turn, program)


async def test_a_reply_stopped_before_its_first_byte_keeps_the_prompt(server, ask, program):
    conversation = ask(server.url("stall-head;stop"))
    turn = conversation.say("hi")
    streaming = asyncio.ensure_future(anext(conversation.replies.stream(turn)))
    await server.until(lambda: server.count("stall-head;stop"))
    streaming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await streaming
    assert turn.state is TurnState.STOPPED
    assert same_on_disk_and_tape(conversation, turn, program)


async def test_a_countdown_that_is_stopped_sends_nothing_more(server, ask, program):
    conversation = ask(server.url("retry-after@60;stop"))
    turn = conversation.say("hi")
    await stop_when(conversation, turn, lambda delta: isinstance(delta, RetryDelta))
    assert turn.state is TurnState.STOPPED
    assert turn.retry is None
    assert server.count("retry-after@60;stop") == 1
    assert same_on_disk_and_tape(conversation, turn, program)


@pytest.mark.parametrize("end", [End.RESET, End.CUT])
async def test_a_break_after_the_finish_is_noted_and_harms_nothing(server, ask, program, end):
    def play(asked):
        speech = asked.speech()
        return Answer([*speech.start(), *speech.text("Done."), *speech.finish(usage=False), end])

    conversation = ask(server.add(f"late-{end.value}", play))
    turn = conversation.say("hi")
    async for _ in conversation.replies.stream(turn):
        pass
    assert (turn.state, turn.text, turn.oddities[-1].kind) == (TurnState.COMPLETE, "Done.", "late break")
    assert same_on_disk_and_tape(conversation, turn, program)


@pytest.mark.parametrize("count", [1, 20, 60])
async def test_a_page_that_never_ends_is_still_a_page(server, ask, program, count):
    page = b"<!doctype html><html><head><title>Hotel</title></head><body>WiFi</body></html>"
    answer = Answer([*first_bytes([page], count), End.HOLD], headers={"content-type": "text/html"})
    conversation = ask(server.add(f"page-{count}", answer), deadlines=MIDDLE)
    turn = conversation.say("hi")
    async for _ in conversation.replies.stream(turn):
        pass
    assert turn.state is TurnState.FAILED
    assert "HTML page" in turn.error.message
    assert same_on_disk_and_tape(conversation, turn, program)


async def test_a_good_reply_leaves_its_connection_for_the_next(server, ask, program):
    """The words of `ok` come over one connection, turn after turn, however late the end of each is."""
    program.pauses = replace(program.pauses, last_chunk=30)
    conversation = ask(server.url("echo;again"))
    for number in range(3):
        turn = conversation.say(f"number {number}")
        async for _ in conversation.replies.stream(turn):
            pass
        assert turn.text == f"number {number}"
    assert len({exchange.connection for exchange in server.log if exchange.scenario == "echo;again"}) == 1
    assert good.last_user_text(server.log[-1].body) == "number 2"
