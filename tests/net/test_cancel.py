"""Leaving: wherever an exchange is cancelled or closed, the socket goes at once and nothing stays behind."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

import pytest

from tests.net.asking import KEEPING, SWIFT, ask_scenario, endpoint_at, pooled, request_for
from tests.server import FaultServer
from tui.domain.endpoint import Deadlines
from tui.domain.tape import Tape
from tui.domain.timing import Timing
from tui.net.client import Client
from tui.net.exchange import exchange
from tui.net.retry import Pauses

LONG = Deadlines(connect=30, first_byte=30, quiet=30, alive=30)
SLOW = Pauses(retry=30, error_body=30, after_finish=30, last_chunk=30)
PROMPT = 25.0  # seconds to the hang-up as the server sees it; a few milliseconds on an idle machine, else 30


def open_exchange(server: FaultServer, client: Client, scenario: str, tape: Tape, dialect: str = "chat"):
    endpoint = endpoint_at(server.url(scenario), deadlines=LONG, dialect=dialect)
    return exchange(client, endpoint, None, request_for(), recorder=tape, timing=Timing(), pauses=SLOW)


async def cancelled(server, client, scenario, ready, dialect="chat") -> tuple[float, Tape]:
    """Cancel an exchange once `ready`; returns the instant and the tape."""
    tape = Tape()

    async def read():
        async with aclosing(open_exchange(server, client, scenario, tape, dialect)) as deltas:
            async for _ in deltas:
                pass

    task = asyncio.create_task(read())
    while not ready(tape):
        assert not task.done()
        await asyncio.sleep(0.002)
    at = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - at < PROMPT
    return at, tape


@pytest.mark.parametrize("dialect", ["chat", "responses"])
@pytest.mark.parametrize(
    ("scenario", "stage"),
    [
        ("stall-head", "sent"),
        ("stall-body", "head"),
        ("stall@400", "read"),
        ("pings@10", "read"),
        ("endless", "read"),
        ("endless-line", "read"),
        ("ok;tokens=100000;rate=500", "read"),
        ("http-stall@400", "read"),
        ("hold-finish", "read"),
        ("hold", "read"),
    ],
)
async def test_the_server_sees_the_hang_up_at_once(server, client, scenario, stage, dialect):
    before = len(server.log)

    def ready(tape: Tape) -> bool:
        if len(server.log) == before:
            return False
        return {"sent": True, "head": tape.response is not None, "read": bool(tape.reads)}[stage]

    at, tape = await cancelled(server, client, scenario, ready, dialect)
    log = await server.until(lambda: server.log[before].hung_up_at and server.log[before])
    assert log.hung_up_at - at < PROMPT
    assert tape.end.kind == "stopped"
    assert pooled(client) == []


@pytest.mark.parametrize("scenario", ["endless", "stall@700", "ok;tokens=1000;rate=300"])
async def test_closing_the_generator_is_enough(server, client, scenario):
    before, tape = len(server.log), Tape()
    async with aclosing(open_exchange(server, client, scenario, tape)) as deltas:
        async for _ in deltas:
            break
        at = time.monotonic()
    assert time.monotonic() - at < PROMPT
    log = await server.until(lambda: server.log[before].hung_up_at and server.log[before])
    assert log.hung_up_at - at < PROMPT
    assert tape.end.kind == "stopped"
    assert pooled(client) == []


async def test_cancelling_twice_closes_too(server, client):
    before, tape = len(server.log), Tape()

    async def read():
        async with aclosing(open_exchange(server, client, "stall@700", tape)) as deltas:
            async for _ in deltas:
                pass

    task = asyncio.create_task(read())
    await server.until(lambda: tape.reads)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.until(lambda: server.log[before].hung_up_at)
    assert pooled(client) == []


async def test_an_exchange_can_be_cancelled_early_and_late(server, client):
    """After 0, 2, 4, ... turns of the loop, through the whole of an exchange."""
    await ask_scenario(server, client, "ok")
    for turns in range(0, 90, 2):
        tape, before = Tape(), len(server.log)

        async def read(tape: Tape = tape) -> None:
            async with aclosing(open_exchange(server, client, "drip@1", tape)) as deltas:
                async for _ in deltas:
                    pass

        task = asyncio.create_task(read())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [connection for connection in pooled(client) if not connection.is_idle] == []
        assert tape.end is None or tape.end.kind == "stopped"
        await server.until(lambda before=before: all(log.hung_up_at or log.is_answered for log in server.log[before:]))
    outcome = await ask_scenario(server, client, "ok")
    assert outcome.error is None


async def test_a_flood_can_be_left_after_any_of_its_first_turns_of_the_loop(server, client, monkeypatch):
    """While its bytes pile up, are held back, and go on."""
    monkeypatch.setattr("tui.net.attempt._TURN_SECONDS", -1.0)  # others get their turn after every piece
    for turns in range(60):
        async with aclosing(open_exchange(server, client, "endless-comments", Tape())) as deltas:
            await anext(deltas)
            for _ in range(turns):
                await asyncio.sleep(0)
            async with asyncio.timeout(60):
                await deltas.aclose()
    assert pooled(client) == []


async def test_cancel_while_connecting(client):
    import socket

    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        tape = Tape()
        endpoint = endpoint_at(f"http://127.0.0.1:{port}/v1", deadlines=LONG)
        stream = exchange(client, endpoint, None, request_for(), recorder=tape, timing=Timing(), pauses=SWIFT)
        task = asyncio.create_task(anext(stream))
        while not pooled(client):  # from then on it waits for a connection that never comes
            await asyncio.sleep(0.002)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await stream.aclose()
        for sock in waiting:
            sock.close()
    assert tape.end.kind == "stopped"
    assert pooled(client) == []


async def test_a_generator_that_was_never_started_can_be_closed(server, client):
    before, tape = len(server.log), Tape()
    await open_exchange(server, client, "ok", tape).aclose()
    assert len(server.log) == before
    assert tape.end is None


async def test_closing_the_client_closes_what_it_kept_open(server):
    client = Client(environ={})
    assert (await ask_scenario(server, client, "ok", pauses=KEEPING)).error is None
    assert len(pooled(client)) == 1
    await client.aclose()
    await server.until(lambda: server.open_connections == 0)
    await client.aclose()
