"""The server's side of one HTTP/1.1 connection on loopback: requests are read, bytes written, and the client may leave."""

from __future__ import annotations

import asyncio
import socket
import struct
from abc import abstractmethod
from collections.abc import Mapping

from msgspec import Struct

HEAD_BYTES = 64 << 10
BODY_BYTES = 256 << 20
_UNSENT_SECONDS = 2.0
_TLS = b"\x16\x03"


class RawRequest(Struct):
    """A request as it came; the names of headers in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class ServerConnection(asyncio.Protocol):
    """One client, served by `serve` until that returns or the client leaves.

    Attributes:
        task: What serves it.
    """

    def __init__(self) -> None:
        """Wait for the client."""
        self._buffer = bytearray()
        self._arrived = asyncio.Event()
        self._gone = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._transport: asyncio.Transport
        self.task: asyncio.Task[None] | None = None

    @abstractmethod
    async def serve(self) -> None:
        """Answer requests, one after the other."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self.task = asyncio.get_running_loop().create_task(self._serve())

    async def _serve(self) -> None:
        try:
            await self.serve()
        finally:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """More of a request came."""
        self._buffer += data
        self._arrived.set()

    def eof_received(self) -> bool:
        """The client has said all that it will, or has left."""
        self.leave()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has left."""
        del exc
        self.leave()

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        self._has_room.clear()

    def resume_writing(self) -> None:
        """There is room again."""
        self._has_room.set()

    def leave(self) -> None:
        """The client is gone: nothing waits for it any more."""
        for event in (self._gone, self._arrived, self._has_room):
            event.set()

    async def read_request(self) -> RawRequest | None:
        """The next request; `None` where there is none any more, or what came is no request that can be served."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if self._gone.is_set() or len(self._buffer) > HEAD_BYTES:
                return None
            if self._buffer.startswith(_TLS):  # where plain HTTP is spoken
                self._transport.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
                return None
            await self._wait_for_more()
        first, *lines = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3:
            return None
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_BYTES:
            return None
        if headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        size = end + 4 + int(length)
        while len(self._buffer) < size:
            if self._gone.is_set():
                return None
            await self._wait_for_more()
        body = bytes(self._buffer[end + 4 : size])
        del self._buffer[:size]
        return RawRequest(words[0], words[1], headers, body)

    async def _wait_for_more(self) -> None:
        self._arrived.clear()
        await self._arrived.wait()

    async def write(self, data: bytes, *, is_chunk: bool) -> None:
        """Write a piece of a body as a write of its own, and wait for room where there is none."""
        if data:
            self._transport.write(b"%x\r\n%b\r\n" % (len(data), data) if is_chunk else data)
        await (self._has_room.wait() if not self._has_room.is_set() else asyncio.sleep(0))

    async def reset(self) -> None:
        """Hang up with a reset, once the client's kernel has every byte; unless the client was faster."""
        await self._flush()
        if not self._transport.is_closing():
            sock: socket.socket = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()

    async def _flush(self) -> None:
        """Wait until the client's kernel has every byte: what is unsent when the reset goes out is lost."""
        import fcntl
        import termios

        descriptor = self._transport.get_extra_info("socket").fileno()
        loop = asyncio.get_running_loop()
        until = loop.time() + _UNSENT_SECONDS
        while loop.time() < until and not self._gone.is_set():
            try:
                unsent = struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, b"\0" * 4))[0]
            except OSError:  # not every system tells
                await asyncio.sleep(0.05)
                return
            if not unsent and not self._transport.get_write_buffer_size():
                return
            await asyncio.sleep(0.001)

    async def sleep(self, seconds: float) -> None:
        """Wait so long, or until the client leaves."""
        if seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self._gone.wait()
            except TimeoutError:
                return
