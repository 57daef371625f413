"""Ways to a server: through proxies that are plain or speak TLS, past addresses that are silent or refuse."""

from __future__ import annotations

import asyncio
import socket
import ssl
from base64 import b64encode
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.net.asking import KEEPING, KEY, ask, endpoint_at, pooled
from tests.server import TEXT, FaultServer
from tui.domain.error import ConnectError
from tui.net.client import Client

CERTIFICATES = Path(__file__).parent / "certificate"
PASSWORD = "geheim"


def server_context(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


@asynccontextmanager
async def proxy_to(port: int, *, tls: ssl.SSLContext | None = None, says: bytes = b"HTTP/1.1 200 OK\r\n\r\n"):
    """A proxy all of whose ways lead to one port of this machine; gives its port, and the heads it saw."""
    heads: list[bytes] = []

    async def carry(source: asyncio.StreamReader, drain: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                drain.write(data)
                await drain.drain()
        drain.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            head = await reader.readuntil(b"\r\n\r\n")
            heads.append(head)
            there, back = await asyncio.open_connection("127.0.0.1", port)
            if head.startswith(b"CONNECT"):
                writer.write(says)
            else:
                back.write(head)
            await asyncio.gather(carry(reader, back), carry(there, writer))
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield listener.sockets[0].getsockname()[1], heads
    finally:
        listener.close()


def authorization(word: str = f"me:{PASSWORD}") -> bytes:
    return b"Proxy-Authorization: Basic " + b64encode(word.encode())


async def settle():
    """Let what served this test see that it is over."""
    me = asyncio.current_task()
    while others := [task for task in asyncio.all_tasks() if task is not me and "serve" in repr(task.get_coro())]:
        await asyncio.wait(others)


@pytest.mark.parametrize("through_tls", [False, True])
async def test_tls_goes_through_a_proxy_and_the_proxy_sees_no_key(monkeypatch, tmp_path, through_tls):
    both = tmp_path / "both.pem"
    both.write_text("".join((CERTIFICATES / f"{name}.pem").read_text() for name in ("own", "other")))
    monkeypatch.setenv("SSL_CERT_FILE", str(both))
    with FaultServer(tls=server_context("other")) as server:
        async with proxy_to(server.port, tls=server_context("own") if through_tls else None) as (port, heads):
            scheme = "https" if through_tls else "http"
            environ = {"https_proxy": f"{scheme}://me:{PASSWORD}@127.0.0.1:{port}"}
            async with Client(environ=environ) as client:
                for _ in range(2):
                    url = f"https://other.invalid:{server.port}/s/ok/v1"
                    outcome = await ask(client, endpoint_at(url), pauses=KEEPING)
                    assert (outcome.error, outcome.text) == (None, TEXT)
                assert len(pooled(client)) == 1
                assert PASSWORD not in repr(client._routes)
            await settle()
    assert len(heads) == 1
    assert heads[0].startswith(f"CONNECT other.invalid:{server.port} HTTP/1.1\r\n".encode())
    assert authorization() in heads[0]
    assert KEY.encode() not in heads[0]
    assert all("proxy-authorization" not in seen.headers for seen in server.log)


async def test_plain_http_asks_the_proxy_itself():
    with FaultServer() as server:
        async with proxy_to(server.port) as (port, heads):
            async with Client(environ={"http_proxy": f"me:{PASSWORD}@127.0.0.1:{port}"}) as client:
                endpoint = endpoint_at("http://other.invalid:81/s/ok/v1?a=b", allow_http=True)
                await ask(client, endpoint)
            await settle()
    assert heads[0].startswith(b"POST http://other.invalid:81/s/ok/v1/chat/completions?a=b HTTP/1.1\r\n")
    assert authorization() in heads[0]


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (b"HTTP/1.1 403 Not for you\r\n\r\n", "refused the connection: 403 Not for you"),
        (b"no proxy at all\r\n", "is not HTTP"),
        (b"", "hung up without an answer"),
    ],
)
async def test_a_proxy_that_opens_no_way(says, words):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(says)
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with Client(environ={"https_proxy": proxy}) as client:
        outcome = await ask(client, endpoint_at("https://other.invalid/v1"), retries=0)
        assert isinstance(outcome.error, Exception)
        assert words in outcome.error.message
        assert pooled(client) == []
    listener.close()
    await settle()


def resolve_to(monkeypatch, *hosts: str) -> None:
    """Let every name have these addresses, in this order."""
    real = socket.getaddrinfo

    def look_up(host, port, *args, **more):
        if more.get("flags") == socket.AI_NUMERICHOST or (more.get("flags", 0) & socket.AI_NUMERICHOST):
            return real(host, port, *args, **more)
        return [row for each in hosts for row in real(each, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


async def test_an_address_that_refuses_leads_to_the_next(server, client, monkeypatch):
    resolve_to(monkeypatch, "127.0.0.2", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = await ask(client, endpoint_at(f"http://name.invalid:{port}/v1", allow_http=True), retries=0)
    assert outcome.error.message == f"Nothing listens at name.invalid:{port}."
    url = server.url("ok").replace("127.0.0.1", "name.invalid")
    assert (await ask(client, endpoint_at(url, allow_http=True))).text == TEXT


async def test_an_address_that_is_silent_does_not_keep_the_next_waiting(server, client, monkeypatch):
    from tui.net import dial

    resolve_to(monkeypatch, "127.0.0.9", "127.0.0.1")
    real, left = dial._connected, []

    async def connected(family, address):
        if address[0] != "127.0.0.9":
            return await real(family, address)
        try:
            return await asyncio.get_running_loop().create_future()
        finally:
            left.append(address)

    monkeypatch.setattr(dial, "_connected", connected)
    url = server.url("ok").replace("127.0.0.1", "name.invalid")
    outcome = await ask(client, endpoint_at(url, allow_http=True))
    assert outcome.text == TEXT
    assert len(left) == 1


async def test_a_server_that_hangs_up_in_the_handshake(client):
    async def serve(reader, writer):
        await reader.read(10)
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    outcome = await ask(client, endpoint_at(f"https://127.0.0.1:{port}/v1"), retries=0)
    assert isinstance(outcome.error, ConnectError)
    assert "hung up" in outcome.error.message
    assert pooled(client) == []
    listener.close()
    await settle()


async def test_a_kept_connection_is_left_to_nobody_after_bytes_that_nobody_asked_for(client):
    async def serve(reader, writer):
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                await writer.drain()
                await asked.wait()
                writer.write(b"HTTP/1.1 200 OK\r\n")
        writer.close()

    asked = asyncio.Event()
    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    await ask(client, endpoint_at(url), retries=0)
    assert [connection.is_idle for connection in pooled(client)] == [True]
    asked.set()
    while pooled(client):
        await asyncio.sleep(0)
    listener.close()
    await settle()
