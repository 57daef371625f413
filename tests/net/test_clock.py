"""The clocks: what each silence leads to, and what patience is asked."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from msgspec.structs import replace

from tests.net.asking import PATIENT, SWIFT, ask, ask_scenario, endpoint_at
from tests.server import TEXT, Answer, Ask, FaultServer
from tests.server.good import say
from tui.domain.endpoint import Deadlines
from tui.domain.error import ConnectError, LimitError, RefusedError, TruncatedError
from tui.net.watch import Quiet, QuietError, Watch

SHORT = Deadlines(connect=30, first_byte=0.15, first_byte_reasoning=30, quiet=0.15, alive=0.3)
MIDDLE = replace(SHORT, first_byte=30)  # where something comes before the silence, however late it is seen
LIVELY = replace(SHORT, first_byte=30, quiet=1.0, alive=1.0)  # where what comes is late only if the machine is
IN_TIME = 25.0  # seconds; a fraction of one on an idle machine, and far from every clock that should not have run out


@pytest.mark.parametrize("scenario", ["stall-head", "stall-body"])
async def test_no_answer_in_time(server, client, scenario):
    outcome = await ask_scenario(server, client, scenario, deadlines=SHORT)
    assert isinstance(outcome.error, ConnectError)
    assert outcome.error.message == f"No answer from 127.0.0.1:{server.port} within 0.15 s."
    assert outcome.retries == []
    assert 0.1 < outcome.seconds < IN_TIME
    assert outcome.tape.end.kind == "quiet"
    await server.until(lambda: server.log[-1].hung_up_at)


async def test_a_model_that_thinks_is_given_longer(server, client):
    outcome = await ask_scenario(server, client, "stall-head;seconds=1.5", deadlines=SHORT)
    assert isinstance(outcome.error, ConnectError)
    outcome = await ask_scenario(server, client, "stall-head;seconds=1.5", deadlines=SHORT, is_reasoning=True)
    assert outcome.error is None
    assert outcome.text == TEXT


async def test_silence_in_the_middle(server, client):
    outcome = await ask_scenario(server, client, "stall@900", deadlines=MIDDLE)
    assert isinstance(outcome.error, TruncatedError)
    assert "Nothing more came from" in outcome.error.message
    assert TEXT.startswith(outcome.text)
    assert outcome.text
    assert outcome.tape.end.kind == "quiet"


@pytest.mark.parametrize("scenario", ["pings@5", "endless-empty@5"])
async def test_signs_of_life_are_not_progress(server, client, scenario):
    outcome = await ask_scenario(server, client, scenario, deadlines=LIVELY)
    assert isinstance(outcome.error, TruncatedError)
    assert "has kept the connection alive and said nothing" in outcome.error.message
    assert 0.25 < outcome.seconds < IN_TIME
    assert outcome.timing.read_at > outcome.timing.progress_at + 0.2


async def test_a_flood_of_comments_is_no_progress_either(server, client):
    def play(asked: Ask) -> Answer:
        return Answer(itertools.chain(say(asked)[:5], itertools.repeat(b": ping\n\n" * 500)))

    outcome = await ask(client, endpoint_at(server.add("flood", play), deadlines=LIVELY))
    assert isinstance(outcome.error, TruncatedError)
    assert "said nothing" in outcome.error.message
    assert outcome.seconds < IN_TIME


async def test_a_flood_after_the_finish_reason_is_cut_off(server, client):
    def play(asked: Ask) -> Answer:
        return Answer(itertools.chain(say(asked)[:-1], itertools.repeat(b": ping\n\n" * 500)))

    outcome = await ask(client, endpoint_at(server.add("flood-after", play), deadlines=LIVELY))
    assert outcome.error is None
    assert outcome.text == TEXT
    assert outcome.seconds < IN_TIME


@pytest.mark.parametrize("scenario", ["ok;tokens=5000;rate=100", "endless;size=20", "endless-comments", "stall@900"])
async def test_a_turn_has_an_end_however_lively_it_is(server, client, scenario):
    deadlines = replace(PATIENT, whole_turn=0.5)  # long before as much has come as a reply may be
    outcome = await ask_scenario(server, client, scenario, deadlines=deadlines)
    assert isinstance(outcome.error, LimitError)
    assert outcome.error.limit == "whole_turn"
    assert "has not ended within 0.50 s, the limit for a whole turn." in outcome.error.message
    assert "whole_turn under [deadlines]" in outcome.error.hint
    assert outcome.text
    assert (outcome.tape.end.kind, outcome.tape.end.message) == ("limit", outcome.error.message)
    assert 0.4 < outcome.seconds < IN_TIME


async def test_a_turn_that_has_finished_needs_no_more_time(server, client):
    pauses = replace(SWIFT, after_finish=3.0)
    outcome = await ask_scenario(
        server, client, "hold-finish", deadlines=replace(PATIENT, whole_turn=2.5), pauses=pauses
    )
    assert outcome.error is None
    assert outcome.text == TEXT


async def test_a_question_that_nobody_answers_does_not_put_off_the_end(server, client):
    patience = Asked(False, takes=30)
    deadlines = replace(PATIENT, first_byte=0.1, whole_turn=0.5)
    outcome = await ask_scenario(server, client, "stall-head", deadlines=deadlines, patience=patience)
    assert isinstance(outcome.error, LimitError)
    assert patience.withdrawn == 1
    assert outcome.seconds < IN_TIME


async def test_no_retry_begins_after_the_end(server, client):
    outcome = await ask_scenario(server, client, "retry-after@60", deadlines=replace(PATIENT, whole_turn=30))
    assert isinstance(outcome.error, RefusedError)
    assert outcome.error.kind == "rate_limit"
    assert outcome.retries == []
    assert outcome.seconds < IN_TIME


async def test_a_slow_drip_is_no_error(server, client):
    outcome = await ask(
        client,
        endpoint_at(server.url("ok;tokens=60;rate=20"), deadlines=replace(PATIENT, first_byte=2, quiet=2, alive=2)),
    )
    assert outcome.error is None
    assert outcome.seconds > 2.9


async def test_comments_before_the_first_word(server, client):
    outcome = await ask_scenario(server, client, "pings-first@50;count=60", deadlines=replace(PATIENT, first_byte=2))
    assert outcome.error is None
    assert outcome.text == TEXT


async def test_no_connection_in_time(client):
    import socket

    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))  # fills the queue, so that the next one gets no answer
        outcome = await ask(
            client, endpoint_at(f"http://127.0.0.1:{port}/v1", deadlines=replace(SHORT, connect=0.15)), retries=1
        )
        for sock in waiting:
            sock.close()
    assert isinstance(outcome.error, ConnectError)
    assert outcome.error.message == f"No connection to 127.0.0.1:{port} within 0.15 s."
    assert len(outcome.retries) == 1


async def test_the_body_of_a_refusal_is_not_waited_for(server, client):
    outcome = await ask_scenario(server, client, "http-stall@400", deadlines=PATIENT)
    assert isinstance(outcome.error, RefusedError)
    assert outcome.error.message == "The request was refused (400)."
    assert outcome.seconds < IN_TIME


async def test_the_body_of_a_refusal_is_not_read_for_ever(server, client):
    outcome = await ask_scenario(server, client, "http-endless@400")
    assert isinstance(outcome.error, RefusedError)
    assert sum(len(read.data) for read in outcome.tape.reads) < 1 << 18


class Asked:
    """Patience that gives prepared answers, and remembers what it was asked."""

    def __init__(self, *answers: bool, takes: float = 0) -> None:
        self.answers, self.takes = list(answers), takes
        self.questions: list[Quiet] = []
        self.withdrawn = 0

    async def __call__(self, quiet: Quiet) -> bool:
        self.questions.append(quiet)
        try:
            await asyncio.sleep(self.takes)
        except asyncio.CancelledError:
            self.withdrawn += 1
            raise
        return self.answers.pop(0)


async def test_patience_may_give_up(server, client):
    patience = Asked(False)
    outcome = await ask_scenario(server, client, "stall@900", deadlines=MIDDLE, patience=patience)
    assert isinstance(outcome.error, TruncatedError)
    assert patience.questions == [Quiet("between_reads", 0.15)]


async def test_patience_may_wait_on(server, client):
    patience = Asked(True, True, False)
    outcome = await ask_scenario(server, client, "stall-head", deadlines=SHORT, patience=patience)
    assert isinstance(outcome.error, ConnectError)
    assert [quiet.phase for quiet in patience.questions] == ["first_byte"] * 3
    assert outcome.seconds > 0.4


async def test_what_comes_meanwhile_withdraws_the_question(server, client):
    """Each that was asked: a machine may be late, too."""
    patience = Asked(False, takes=60)
    outcome = await ask_scenario(server, client, "stall@900;seconds=1.5", deadlines=MIDDLE, patience=patience)
    assert outcome.error is None
    assert outcome.text == TEXT
    assert len(patience.questions) == patience.withdrawn >= 1


async def test_an_answer_withdraws_the_question_too(server, client):
    patience = Asked(False, takes=60)
    outcome = await ask_scenario(server, client, "stall-head;seconds=1.5", deadlines=SHORT, patience=patience)
    assert outcome.error is None
    assert patience.questions[0].phase == "first_byte"
    assert len(patience.questions) == patience.withdrawn


async def test_signs_of_life_do_not_withdraw_the_question_about_them(server, client):
    patience = Asked(False, takes=0.1)
    outcome = await ask_scenario(server, client, "pings@5", deadlines=LIVELY, patience=patience)
    assert isinstance(outcome.error, TruncatedError)
    assert [quiet.phase for quiet in patience.questions] == ["alive"]
    assert patience.withdrawn == 0


async def test_leaving_withdraws_the_question(server, client):
    patience = Asked(False, takes=60)
    task = asyncio.create_task(ask_scenario(server, client, "stall-head", deadlines=SHORT, patience=patience))
    while not patience.questions:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert patience.withdrawn == 1


async def test_patience_that_fails_is_not_swallowed(server, client):
    async def broken(_quiet: Quiet) -> bool:
        raise ValueError("a fault of the asker")

    with pytest.raises(ValueError, match="a fault of the asker"):
        await ask_scenario(server, client, "stall-head", deadlines=SHORT, patience=broken)


async def test_a_watch_costs_no_timer_for_each_read():
    watch = Watch()
    watch.start("between_reads", 0.2)
    timer = watch._timer
    for _ in range(100):
        asyncio.get_running_loop().call_soon(watch.wake)
        await watch.pause()
        watch.saw_read()
    assert watch._timer is timer
    with pytest.raises(QuietError):
        await watch.pause()
    await watch.close()


async def test_the_last_chunk_is_not_waited_for_where_connections_are_not_kept(client):
    with FaultServer() as server:
        pauses = replace(SWIFT, last_chunk=30)
        outcome = await ask_scenario(server, client, "hold", keeps_alive=False, pauses=pauses)
        assert outcome.error is None
        assert outcome.seconds < IN_TIME
