"""One connection to a server: bytes go out, and what comes back is read as the answer to what was asked last."""

from __future__ import annotations

import asyncio
import errno
import ssl
import threading
from collections import deque
from collections.abc import Callable

from tui.net.plain_transport import Reader
from tui.wire.http_reply import HttpReply

_BUFFER_BYTES = 64 << 10
_PIECE_BYTES = 8 << 10
_WAITING_BYTES = 256 << 10
_JOINED_BYTES = 256 << 10  # a longer content is not copied behind its head
_HANDSHAKE_SECONDS = 86_400.0  # `Watch` keeps the clocks


_OWN = threading.local()


def _buffer() -> memoryview:
    """Where all connections of a thread read to, one after another: what one has read it takes at once."""
    view: memoryview | None = getattr(_OWN, "view", None)
    if view is None:
        view = _OWN.view = memoryview(bytearray(_BUFFER_BYTES))
    return view


def _ignore() -> None:
    """Nobody is there to be told."""


class Answer(HttpReply):
    """What comes of one request, and waits to be read.

    Attributes:
        pieces: The body as it came, none longer than 8 KiB.
        times: When each of them came, on the loop's clock.
        waiting_bytes: How many bytes wait.
        left: Up to so many bytes are left lying for now: nobody has to be woken for them.
    """

    def __init__(self, wake: Callable[[], None], *, is_tunnel: bool = False) -> None:
        """Await an answer; `wake` is called whenever there is more of it."""
        super().__init__(is_tunnel=is_tunnel)
        self.wake = wake
        self.pieces: deque[bytes] = deque()
        self.times: deque[float] = deque()
        self.waiting_bytes = 0
        self.left = 0

    def take(self, data: bytes, at: float) -> None:
        """Take bytes that came at a time."""
        for piece in self.feed(data):
            self.waiting_bytes += len(piece)
            if len(piece) <= _PIECE_BYTES:
                self.pieces.append(piece)
                self.times.append(at)
            else:
                cut = [piece[begin : begin + _PIECE_BYTES] for begin in range(0, len(piece), _PIECE_BYTES)]
                self.pieces += cut
                self.times += [at] * len(cut)


class Connection(Reader):
    """A connection, made by `net.dial` and kept by the client.

    Attributes:
        is_open: Whether anything can be asked on it.
        is_idle: Whether it waits for the next request.
        idle_since: Since when it does, on the loop's clock.
    """

    def __init__(self, when_free: Callable[[Connection], None], when_lost: Callable[[Connection], None]) -> None:
        """Await a transport; it is said when an answer has come whole, and when the connection has ended."""
        self._loop = asyncio.get_running_loop()
        self._when_free, self._when_lost = when_free, when_lost
        self._view = _buffer()
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._when_sent: Callable[[], None] = _ignore
        self._is_sending = self._is_paused = self._is_held = False
        self._lost = self._loop.create_future()
        self.is_open = True
        self.is_idle = False
        self.idle_since = 0.0

    # -- what is asked

    def ask(
        self, head: bytes, answer: Answer, when_sent: Callable[[], None] = _ignore, *, content: bytes = b""
    ) -> None:
        """Send a request, and have its answer read; `when_sent` is called when the system has all of it."""
        if self._transport is None or not self.is_open:
            answer.error = ConnectionResetError(errno.ECONNRESET, "hung up before it was asked")
            answer.wake()
            return
        self._answer, self._when_sent = answer, when_sent
        self._is_sending, self.is_idle = True, False
        if len(content) > _JOINED_BYTES:
            self._transport.write(head)
            self._transport.write(content)
        else:
            self._transport.write(head + content)
        if not self._is_paused:
            self._has_sent()

    async def secure(self, trust: ssl.SSLContext, host: str) -> None:
        """Speak TLS from now on.

        Raises:
            OSError: If the handshake fails; `ssl.SSLError` is one.
        """
        if self._transport is None:
            raise ConnectionResetError(errno.ECONNRESET, "hung up before the handshake")
        try:
            secured = await self._loop.start_tls(
                self._transport, self, trust, server_hostname=host, ssl_handshake_timeout=_HANDSHAKE_SECONDS
            )
        except ConnectionResetError as error:  # asyncio's own has no number
            raise ConnectionResetError(errno.ECONNRESET, "hung up in the handshake") from error
        if secured is None:
            raise ConnectionResetError(errno.ECONNRESET, "hung up after the handshake")
        self._use(secured)

    def make_room(self, answer: Answer) -> None:
        """Something that waited has been read."""
        if self._is_held and answer.waiting_bytes <= _WAITING_BYTES // 2 and self._transport is not None:
            self._is_held = False
            self._transport.resume_reading()

    def hang_up(self) -> None:
        """Close it at once; nothing more is read or written."""
        self.is_open = self.is_idle = False
        self._answer = None
        if self._transport is not None:
            self._transport.abort()

    async def gone(self) -> None:
        """Wait until it is closed."""
        if self._transport is not None:
            await asyncio.shield(self._lost)

    # -- what asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        if isinstance(transport, asyncio.Transport):
            self._use(transport)

    def _use(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        transport.set_write_buffer_limits(1, 0)  # so that it is told when all has been written
        if not self.is_open:
            transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go."""
        del sizehint
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came."""
        answer = self._answer
        if answer is None:  # nobody asked
            self.hang_up()
            return
        answer.take(bytes(self._view[:nbytes]), self._loop.time())
        if 0 < answer.waiting_bytes <= answer.left and answer.error is None and not answer.is_over:
            self.leaves_it = True
            return
        if answer.error is not None:
            self.hang_up()
        elif answer.is_over:
            self._finish(answer)
        elif answer.waiting_bytes > _WAITING_BYTES and not self._is_held and self._transport is not None:
            self._is_held = True
            self._transport.pause_reading()
        answer.wake()

    def _finish(self, answer: Answer) -> None:
        self._answer = None
        if not self.is_open:
            return
        if answer.leaves_open and not self._is_sending:
            self.is_idle, self.idle_since = True, self._loop.time()
            self._when_free(self)
        else:
            self.hang_up()

    def eof_received(self) -> bool:
        """The other side says no more."""
        self._end(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._end(exc)
        self.is_open = self.is_idle = False
        self._transport = None
        self._when_lost(self)
        if not self._lost.done():
            self._lost.set_result(None)

    def _end(self, error: Exception | None) -> None:
        answer, self._answer = self._answer, None
        self.is_open = self.is_idle = False
        if answer is None:
            return
        if error is None:
            answer.end()
        elif answer.error is None:
            answer.error = error
        answer.wake()

    def pause_writing(self) -> None:
        """Not all has been written yet."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """All has been written."""
        self._is_paused = False
        self._has_sent()

    def _has_sent(self) -> None:
        if self._is_sending:
            self._is_sending = False
            self._when_sent()
