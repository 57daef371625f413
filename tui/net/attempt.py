"""One sending of a request: a connection, a response head, the bytes of a body, and an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import urlsplit

from tui.domain.endpoint import Way
from tui.domain.error import LimitError, RilletError
from tui.domain.tape import Head
from tui.net.address import host_of
from tui.net.client import Client
from tui.net.connection import Answer, Connection
from tui.net.dial import Phase, Route
from tui.net.fault import FOREIGN_ERRORS, read_fault
from tui.net.watch import Watch
from tui.wire.http_request import request_head, request_target
from tui.wire.limit import LIMITS
from tui.wire.printable import printable_line

Reads = Sequence[tuple[float, bytes]]
"""Parts of a body, and when each came."""

_TURN_SECONDS = 0.002
_READ_BYTES = 8 << 10  # what is worked through before others get their turn
_DUMB = ("hung up without an answer.", "broke before an answer came.", "the handshake failed.", "was made.")
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

    What comes is read as it comes, without a task between, and waits here; whoever leaves closes the socket. So the
    reader may be cancelled anywhere, and as often as anyone likes.

    Its errors are `LostError`, `QuietError`, and those of `RilletError` that asking again cannot help. `close` must
    be called whatever happens; it hangs up at once unless the whole body has been read.

    Attributes:
        phases: How far it came, in seconds: see `Head.phases`.
        straight: Given what has come while it is waited for, each part with its time on the loop's clock. It takes all of that,
            and says 0, or says for how many seconds it may be left; `None` leaves it to whoever waits.
        arrivals: What the last read is made of: when each part of it came, on the loop's clock, and how long it is.
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
        self._connection: Connection | None = None
        self._answer = Answer(self._wake)
        self._is_reading = False
        self.straight: Callable[[Reads], float | None] | None = None
        self._hold: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._turn_began = 0.0
        self.phases: dict[str, float] = {}
        self.arrivals: list[tuple[float, int]] = []
        self._since_sent: Callable[[], float] = float
        self._dialing: asyncio.Task[Connection] | None = None

    async def open(self, clock: Callable[[], float], sent_at: float) -> Head:
        """Send the request and wait for the response's head; its `at` is on `clock`, since `sent_at`."""
        self._client.requests += 1
        try:
            route = await self._client.route(self._url, self._way)
            head = self._head(route)
            self._watch.start("connect", self._connect)
            self._since_sent = lambda: clock() - sent_at
            self._connection = self._client.take(route) if self._keeps_alive else None
            self._was_reused = self._connection is not None
            if self._connection is None:
                self._connection = await self._wait_for(
                    self._client.dial(route, self._notice, keeps_alive=self._keeps_alive)
                )
        except FOREIGN_ERRORS as error:
            raise self._lost(error) from error
        # The upload of a picture is not the endpoint's silence.
        self._watch.start("first_byte", self._first_byte + len(self._content or b"") / _SLOWEST_UPLOAD)
        answer = self._answer
        self._connection.ask(head, answer, self._has_sent, content=self._content or b"")
        while not answer.status:
            self._raise_fault()
            await self._watch.pause()
        at = clock() - sent_at
        if answer.times:
            at -= self._loop.time() - answer.times[0]  # it was there when the body began to come, at the latest
        headers = _joined(answer.headers)
        if sum(len(name) + len(value) for name, value in headers.items()) > LIMITS.header_bytes:
            raise LimitError(
                f"The headers from {host_of(self._url)} are too long.", "Is the base URL right?", limit="header_bytes"
            )
        return Head(answer.status, headers, at, self.phases)

    def _wake(self) -> None:
        """Something came: whoever waits to read it is woken, unless it goes straight on."""
        self._answer.left = 0
        try:
            is_dealt_with = self.straight is not None and self._is_reading and self._goes_straight(self.straight)
        except Exception as fault:  # noqa: BLE001  whoever waits meets it, as if they had read it
            self._watch.fail(fault)
        else:
            if not is_dealt_with:
                self._watch.wake()
            elif self._hold is not None:
                self._answer.left = _READ_BYTES

    def _goes_straight(self, straight: Callable[[Reads], float | None]) -> bool:
        answer, watch = self._answer, self._watch
        if answer.is_over or answer.error is not None or not watch.is_paused:
            return False
        if not 0 < answer.waiting_bytes <= _READ_BYTES:
            return False
        if self._hold is not None:
            return True
        wait = straight(list(zip(answer.times, answer.pieces, strict=True)))
        if wait is None:
            return False
        if wait:
            self._hold = self._loop.call_later(wait, self._let_go)
        else:
            answer.pieces.clear()
            answer.times.clear()
            answer.waiting_bytes = 0
            watch.saw_read()
        return True

    def _let_go(self) -> None:
        """What was left lying is dealt with now."""
        self._hold = None
        self._wake()

    def _stop_holding(self) -> None:
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None
        self._answer.left = 0

    async def read(self) -> bytes:
        """What has come of the body, exactly as it came and at most 8 KB of it; empty at its end.

        A body that comes as fast as it is read would keep the event loop to itself: every 2 ms the others get
        their turn.
        """
        self._watch.check()
        answer = self._answer
        if answer.pieces:  # else the others have their turn while this waits
            self._turn_began = await self._give_way(self._turn_began)
        while not answer.pieces:
            if answer.is_over or self._connection is None:
                return b""
            self._raise_fault()
            self._is_reading = True
            try:
                await self._watch.pause()
            finally:
                self._is_reading = False
                self._stop_holding()
            self._turn_began = self._loop.time()
        self._watch.saw_read()
        self._has_body = True
        return self._gather()

    async def close(self) -> None:
        """Leave the connection to others, or hang up if the body was not read to its end."""
        if (task := self._dialing) is not None:
            self._dialing = None
            if not task.done():
                task.cancel()
            await asyncio.wait((task,))
            if not task.cancelled() and task.exception() is None:
                self._connection = task.result()
        connection, self._connection = self._connection, None
        if connection is not None and not (self._answer.is_over and connection.is_open):
            connection.hang_up()
            await connection.gone()

    def _head(self, route: Route) -> bytes:
        """The bytes that are sent before the content."""
        parts = urlsplit(self._url)
        target = request_target(parts.path, parts.query)
        headers = [("Host", route.authority)]
        if self._content is not None or self._method == "POST":
            headers.append(("Content-Length", str(len(self._content or b""))))
        headers += self._headers
        if route.proxy is not None and route.trust is None:
            target = f"http://{route.authority}{target}"
            if route.proxy.authorization:
                headers.append(("Proxy-Authorization", route.proxy.authorization))
        return request_head(self._method, target, headers)

    async def _wait_for(self, dialing: Coroutine[Any, Any, Connection]) -> Connection:
        """Wait for a connection, under the clock."""
        self._dialing = task = self._loop.create_task(dialing)
        task.add_done_callback(lambda _: self._watch.wake())
        while not task.done():
            await self._watch.pause()
        self._dialing = None
        return task.result()

    async def _give_way(self, began: float) -> float:
        """Let others have their turn, if this one began 2 ms ago; when the turn that goes on began."""
        if self._loop.time() - began <= _TURN_SECONDS:
            return began
        await asyncio.sleep(0)
        return self._loop.time()

    def _gather(self) -> bytes:
        """Pieces that came together, together, as far as one read goes."""
        answer = self._answer
        pieces, times = answer.pieces, answer.times
        data, at = pieces.popleft(), times.popleft()
        self.arrivals = [(at, len(data))]
        if pieces and len(data) + len(pieces[0]) <= _READ_BYTES:
            joined = [data]
            size = len(data)
            while pieces and size + len(pieces[0]) <= _READ_BYTES:
                joined.append(pieces.popleft())
                at, (before, length) = times.popleft(), self.arrivals[-1]
                if at == before:
                    self.arrivals[-1] = at, length + len(joined[-1])
                else:
                    self.arrivals.append((at, len(joined[-1])))
                size += len(joined[-1])
            data = b"".join(joined)
        answer.waiting_bytes -= len(data)
        if self._connection is not None:
            self._connection.make_room(answer)
        return data

    def _raise_fault(self) -> None:
        """What ended the answer before its end, if anything did."""
        if (error := self._answer.error) is not None:
            raise self._lost(error) from error

    def _lost(self, error: BaseException) -> LostError:
        proxy = "" if self._way.socket else self._client.proxy_of(self._url)
        host = printable_line(self._way.socket) or host_of(self._url)
        is_connected = self._connection is not None
        fault = read_fault(error, host=host, proxy=proxy, is_connected=is_connected, has_begun=self._has_body)
        if self._is_unexplained_tls(fault.error):
            fault.error.hint = "Try again. If it wants to see a certificate of yours, name it: client_cert."
        may_retry = fault.may_retry and not self._has_body
        return LostError(fault.error, may_retry=may_retry, is_stale=may_retry and self._was_reused)

    def _is_unexplained_tls(self, error: RilletError) -> bool:
        """Whether a TLS server hung up and did not say why, as some do that saw no certificate."""
        is_dumb = error.message.endswith(_DUMB) and not self._was_reused
        return is_dumb and self._url.startswith("https:") and not self._way.certificate

    def _notice(self, phase: Phase) -> None:
        self.phases[phase] = self._since_sent()

    def _has_sent(self) -> None:
        """The request is out: from now on the endpoint is waited for."""
        if not self._answer.status:
            self._watch.start("first_byte", self._first_byte)
        self.phases["sent"] = self._since_sent()
        self._when_sent()


def _joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Headers by their name; those that came more than once are joined."""
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
