"""A socket on the loop: what the system does not take at once, and an answer from one who reads no more."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tui.net.connection import Answer, Connection
from tui.net.plain_transport import PlainTransport

REPLY = b"HTTP/1.1 413 Too Much\r\ncontent-length: 2\r\n\r\nno"


def connected() -> tuple[Connection, socket.socket, PlainTransport]:
    ours, theirs = socket.socketpair()
    for each in (ours, theirs):
        each.setblocking(False)
    connection = Connection(lambda _: None, lambda _: None)
    return connection, theirs, PlainTransport(ours, connection)


@pytest.mark.parametrize("head", [b"", b"POST / HTTP/1.1\r\n\r\n", b"x" * (1 << 20)])
async def test_a_long_request_is_out_when_the_system_has_all_of_it(head):
    connection, theirs, transport = connected()
    woken, sent = asyncio.Event(), asyncio.Event()
    answer, content = Answer(woken.set), bytes(range(256)) * 20_000
    request = head + content
    connection.ask(head, answer, sent.set, content=content)
    assert not sent.is_set()
    loop, came = asyncio.get_running_loop(), b""
    while len(came) < len(request):
        came += await loop.sock_recv(theirs, 1 << 16)
    await sent.wait()
    assert came == request
    await loop.sock_sendall(theirs, REPLY)
    await woken.wait()
    assert (answer.status, b"".join(answer.pieces), answer.is_over) == (413, b"no", True)
    assert connection.is_idle
    connection.hang_up()
    await connection.gone()
    theirs.close()
    assert not connection.is_open
    transport.write(b"nobody is told of this")


async def test_an_answer_is_read_though_the_request_could_not_be_written():
    connection, theirs, _ = connected()
    theirs.send(REPLY)
    theirs.close()
    answer = Answer(lambda: None)
    connection.ask(b"x" * 1000, answer)
    while not answer.is_over and answer.error is None:
        await asyncio.sleep(0)
    assert (answer.status, answer.error) == (413, None)
    connection.hang_up()
    await connection.gone()


async def test_reading_stops_while_nobody_takes_what_came():
    connection, theirs, _ = connected()
    answer = Answer(lambda: None)
    connection.ask(b"GET / HTTP/1.1\r\n\r\n", answer)
    loop = asyncio.get_running_loop()
    flood = asyncio.create_task(loop.sock_sendall(theirs, b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (4 << 20)))
    full = 0
    while answer.waiting_bytes != full or not full:
        full = answer.waiting_bytes
        for _ in range(20):
            await asyncio.sleep(0)
    assert full < 1 << 20
    taken = 0
    while taken < 4 << 20:
        while answer.pieces:
            taken += len(answer.pieces[0])
            answer.waiting_bytes -= len(answer.pieces.popleft())
        connection.make_room(answer)
        await asyncio.sleep(0)
    await flood
    connection.hang_up()
    await connection.gone()
    theirs.close()
