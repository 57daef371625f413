"""One sending of a request: a connection, a response head, the bytes of a body, and an end."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tui.domain.endpoint import Way
from tui.domain.error import LimitError, RilletError
from tui.domain.tape import Head
from tui.net.address import host_of
from tui.net.client import Client
from tui.net.fault import foreign_errors, read_fault
from tui.net.watch import Watch
from tui.wire.limit import LIMITS
from tui.wire.printable import printable_line

if TYPE_CHECKING:
    import httpcore
    import httpx

_TURN_SECONDS = 0.002
_CONNECTED = (
    "connection.connect_tcp.complete",
    "connection.connect_unix_socket.complete",
    "connection.start_tls.complete",
)
_READ_BYTES = 8 << 10  # what is worked through before others get their turn
_WAITING_BYTES = 256 << 10
_SLOWEST_UPLOAD = 50_000.0
"""Bytes a second; a slower line than this is as good as none."""


class LostError(Exception):
    """The connection was not made, or was lost. Never leaves this package.

    Attributes:
        error: What to tell.
        may_retry: Whether asking again may help; never once something of the body had come.
        is_stale: Whether it was an idle connection that the other side had already given up.
    """

    def __init__(self, error: RilletError, *, may_retry: bool, is_stale: bool) -> None:
        """Keep all three."""
        super().__init__(error)
        self.error = error
        self.may_retry = may_retry
        self.is_stale = is_stale


class Attempt:
    """One sending of a request.

    A task of its own talks to httpx, and is ended by closing the socket under it: a cancel that strikes httpcore at
    the wrong await, or twice, leaves a connection open for good. So the reader may be cancelled anywhere, and as often
    as anyone likes.

    Its errors are `LostError`, `QuietError`, and those of `RilletError` that asking again cannot help. `close` must
    be called whatever happens; it hangs up at once unless the whole body has been read.
    """

    def __init__(
        self,
        client: Client,
        method: str,
        url: str,
        headers: list[tuple[str, str]],
        content: bytes | None,
        *,
        watch: Watch,
        connect: float,
        first_byte: float,
        keeps_alive: bool = True,
        way: Way,
        when_sent: Callable[[], object] = lambda: None,
    ) -> None:
        """Prepare a request.

        `connect` and `first_byte` are the limits of the first two clocks; `when_sent` is called once the request is out.
        """
        self._when_sent = when_sent
        self._client, self._keeps_alive, self._way = client, keeps_alive, way
        self._method, self._url = method, url
        self._headers, self._content = headers, content
        self._watch = watch
        self._connect, self._first_byte = connect, first_byte
        self._was_reused = False
        self._has_body = False
        self._response: httpx.Response | None = None
        self._fresh_stream: httpcore.AsyncNetworkStream | None = None
        self._pieces: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._is_leaving = False
        self._hung_up = asyncio.Event()
        self._room = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._turn_began = 0.0
        self._phases: dict[str, float] = {}
        self._since_sent: Callable[[], float] = float
        self._task: asyncio.Task[None] | None = None

    async def open(self, clock: Callable[[], float], sent_at: float) -> Head:
        """Send the request and wait for the response's head; its `at` is on `clock`, since `sent_at`."""
        self._client.requests += 1
        pool = await self._client.pool(self._url, keeps_alive=self._keeps_alive, way=self._way)
        self._watch.start("connect", self._connect)
        self._since_sent = lambda: clock() - sent_at
        self._task = self._loop.create_task(self._talk(pool))
        self._task.add_done_callback(self._notice_end)
        while self._response is None:
            if self._task.done():
                self._raise_fault(self._task)
            await self._watch.pause()
        at = clock() - sent_at
        headers = _joined(self._response.headers)
        if sum(len(name) + len(value) for name, value in headers.items()) > LIMITS.header_bytes:
            raise LimitError(
                f"The headers from {host_of(self._url)} are too long.", "Is the base URL right?", limit="header_bytes"
            )
        return Head(self._response.status_code, headers, at, self._phases)

    async def read(self) -> bytes:
        """What has come of the body, exactly as it came and at most 8 KB of it; empty at its end.

        A body that comes as fast as it is read would keep the event loop to itself: every 2 ms the others get
        their turn.
        """
        self._watch.check()
        if self._pieces:  # else the others have their turn while this waits
            self._turn_began = await self._give_way(self._turn_began)
        while not self._pieces:
            if self._task is None or self._task.done():
                if self._task is not None:
                    self._raise_fault(self._task)
                return b""
            await self._watch.pause()
            self._turn_began = self._loop.time()
        self._watch.saw_read()
        self._has_body = True
        return self._gather()

    async def close(self) -> None:
        """Give the connection back, or hang up if the body was not read to its end."""
        task = self._task
        if task is None or task.done():
            return
        self._is_leaving = True
        self._room.set()
        stream = self._fresh_stream if self._response is None else self._response.extensions.get("network_stream")
        if stream is None:
            task.cancel()  # there is no connection yet, or an idle one is being taken up again
        else:
            try:
                with contextlib.suppress(*foreign_errors()):
                    await stream.aclose()
            finally:
                self._hung_up.set()
        await asyncio.wait((task,))

    async def _talk(self, pool: httpx.AsyncClient) -> None:
        """Everything that touches httpx, from the connection to the end of the body."""
        import httpx

        request = httpx.Request(
            self._method, self._url, headers=self._headers, content=self._content, extensions={"trace": self._notice}
        )
        self._response = response = await pool.send(request, stream=True)
        self._watch.wake()
        began = self._loop.time()
        try:
            async for data in response.aiter_raw():
                # With nothing left to read the reader has had its turn, and so have all others.
                began = await self._give_way(began) if self._pieces else self._loop.time()
                if self._is_leaving:  # looked at after every wait: once left, nobody makes room any more
                    await self._hung_up.wait()  # before what has come already is worked through
                    continue  # to the error that the closed socket gives: it ends httpcore's generators in order
                self._pieces.append(data)
                self._waiting_bytes += len(data)
                self._watch.wake()
                if self._waiting_bytes > _WAITING_BYTES:
                    self._room.clear()
                    await self._room.wait()
        finally:
            await response.aclose()

    async def _give_way(self, began: float) -> float:
        """Let others have their turn, if this one began 2 ms ago; when the turn that goes on began."""
        if self._loop.time() - began <= _TURN_SECONDS:
            return began
        await asyncio.sleep(0)
        return self._loop.time()

    def _gather(self) -> bytes:
        """Pieces that came together, together, as far as one read goes."""
        pieces = self._pieces
        data = pieces.popleft()
        if len(data) > _READ_BYTES:
            pieces.appendleft(data[_READ_BYTES:])
            data = data[:_READ_BYTES]
        elif pieces:
            joined = [data]
            size = len(data)
            while pieces and size + len(pieces[0]) <= _READ_BYTES:
                joined.append(pieces.popleft())
                size += len(joined[-1])
            data = b"".join(joined)
        self._waiting_bytes -= len(data)
        if not self._room.is_set() and self._waiting_bytes <= _WAITING_BYTES // 2:
            self._room.set()
        return data

    def _notice_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # whoever reads is told; nobody may be left who does
        self._watch.wake()

    def _raise_fault(self, task: asyncio.Task[None]) -> None:
        """What ended the talk, unless it was the end of the body."""
        error = task.exception()
        if error is None:
            return
        if isinstance(error, foreign_errors()):
            raise self._lost(error) from error
        raise error

    def _lost(self, error: BaseException) -> LostError:
        proxy = "" if self._way.socket else self._client.proxy_of(self._url)
        host = printable_line(self._way.socket) or host_of(self._url)
        fault = read_fault(error, host=host, proxy=proxy, has_begun=self._has_body)
        if self._is_unexplained_tls(fault.error):
            fault.error.hint = "Try again. If it wants to see a certificate of yours, name it: client_cert."
        may_retry = fault.may_retry and not self._has_body
        return LostError(fault.error, may_retry=may_retry, is_stale=may_retry and self._was_reused)

    def _is_unexplained_tls(self, error: RilletError) -> bool:
        """Whether a TLS server hung up and did not say why, as some do that saw no certificate."""
        is_dumb = error.message.endswith(("hung up without an answer.", "the handshake failed."))
        return is_dumb and self._url.startswith("https:") and not self._way.certificate

    async def _notice(self, name: str, info: Mapping[str, Any]) -> None:
        """Follow httpcore's own account of where it is, so that each clock starts when it should."""
        if name in _CONNECTED:
            self._fresh_stream = info["return_value"]
            self._phases["secured" if "tls" in name else "connected"] = self._since_sent()
        elif name == "http11.send_request_headers.started":
            self._was_reused = self._fresh_stream is None
            # The upload of a picture is not the endpoint's silence.
            self._watch.start("first_byte", self._first_byte + len(self._content or b"") / _SLOWEST_UPLOAD)
        elif name == "http11.send_request_body.complete":
            self._watch.start("first_byte", self._first_byte)
            self._phases["sent"] = self._since_sent()
            self._when_sent()


def _joined(headers: httpx.Headers) -> dict[str, str]:
    """Headers by their name in lower case; those that came more than once are joined."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("utf-8", "replace")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
