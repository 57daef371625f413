"""One client's connection: requests in, scripted bytes out, and the instant at which the client hangs up."""

from __future__ import annotations

import asyncio
import fcntl
import json
import socket
import struct
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.server.step import Answer, At, End, Pause

_HEAD_LIMIT = 1 << 20
_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


@dataclass
class Exchange:
    """One request and what became of its answer; times are of `time.monotonic`."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    connection: int
    scenario: str = ""
    asked_at: float = 0.0
    written: int = 0
    last_write_at: float | None = None
    hung_up_at: float | None = None
    is_answered: bool = False
    raw_body: bytes = field(default=b"", repr=False)

    @property
    def hung_up_after(self) -> float | None:
        """Seconds from the last write to the client's hanging up; `None` if it did not."""
        if self.hung_up_at is None:
            return None
        return self.hung_up_at - (self.last_write_at or self.asked_at)


class Connection(asyncio.Protocol):
    """Serves requests one after the other until someone closes."""

    def __init__(
        self, number: int, answer: Callable[[Exchange, int], Answer], changed: Callable[[Exchange | None], None]
    ) -> None:
        self.number = number
        self._answer = answer
        self._changed = changed
        self._buffer = bytearray()
        self._arrived = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._gone = asyncio.Event()
        self._exchange: Exchange | None = None
        self._transport: asyncio.Transport
        self.task: asyncio.Task[None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._arrived.set()

    def eof_received(self) -> bool:
        self._hang_up()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._hang_up()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def abort(self) -> None:
        self._transport.abort()

    def _hang_up(self) -> None:
        if not self._gone.is_set():
            self._gone.set()
            if self._exchange is not None and not self._exchange.is_answered:
                self._exchange.hung_up_at = time.monotonic()
            self._may_write.set()
            self._arrived.set()
            self._changed(None)

    async def _serve(self) -> None:
        count = 0
        try:
            while (exchange := await self._read_request()) is not None:
                self._exchange = exchange
                answer = self._answer(exchange, count)
                self._changed(exchange)
                count += 1
                may_go_on = await self._play(answer, exchange)
                if self._gone.is_set() and not may_go_on:
                    break
                exchange.is_answered = True
                self._changed(None)
                if not may_go_on or exchange.headers.get("connection", "").lower() == "close":
                    break
        finally:
            self._transport.close()

    async def _read_request(self) -> Exchange | None:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if self._gone.is_set() or len(self._buffer) > _HEAD_LIMIT:
                return None
            if self._buffer.startswith(b"\x16\x03"):  # TLS, where plain HTTP is spoken
                self._transport.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
                return None
            self._arrived.clear()
            await self._arrived.wait()
        lines = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        length = int(headers.get("content-length", 0))
        while len(self._buffer) < end + 4 + length:
            if self._gone.is_set():
                return None
            self._arrived.clear()
            await self._arrived.wait()
        raw = bytes(self._buffer[end + 4 : end + 4 + length])
        del self._buffer[: end + 4 + length]
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        return Exchange(method, path, headers, body, self.number, asked_at=time.monotonic(), raw_body=raw)

    async def _play(self, answer: Answer, exchange: Exchange) -> bool:
        """Write an answer; say whether the connection can take another request."""
        steps = answer.steps
        headers = dict(answer.headers)
        if answer.framing == "chunked":
            headers["transfer-encoding"] = "chunked"
        elif answer.framing == "length" and "content-length" not in headers:
            steps = list(steps)
            headers["content-length"] = str(sum(len(step) for step in steps if isinstance(step, bytes)))
        elif answer.framing == "close":
            headers["connection"] = "close"
        if answer.raw_head:
            self._transport.write(answer.raw_head)
        elif answer.status:
            head = f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Scripted')}\r\n"
            head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
            self._transport.write(head.encode("utf-8"))
        began = time.monotonic()
        for step in steps:
            if self._gone.is_set():
                return False
            if isinstance(step, bytes):
                await self._write(step, answer.framing == "chunked", exchange)
            elif isinstance(step, Pause):
                await self._sleep(step.seconds)
            elif isinstance(step, At):
                await self._sleep(began + step.seconds - time.monotonic())
            else:
                await self._end(step)
                return False
        if self._gone.is_set():
            return False
        if answer.framing == "chunked":
            self._transport.write(b"0\r\n\r\n")
        return answer.framing in ("chunked", "length")

    async def _write(self, data: bytes, is_chunked: bool, exchange: Exchange) -> None:
        if not data:
            return
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data) if is_chunked else data)
        exchange.written += len(data)
        exchange.last_write_at = time.monotonic()
        if not self._may_write.is_set():
            await self._may_write.wait()
        else:
            await asyncio.sleep(0)  # so that pieces are writes of their own, and a hang-up is seen

    async def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            try:
                await asyncio.wait_for(self._gone.wait(), seconds)
            except TimeoutError:
                return

    async def _end(self, end: End) -> None:
        if end is End.HOLD:
            await self._gone.wait()
        elif end is End.CUT:
            if self._exchange is not None:
                self._exchange.is_answered = True
            self._transport.close()
        else:
            await self._flush()
            if self._exchange is not None:
                self._exchange.is_answered = True
            if self._transport.is_closing():
                return  # the client was faster
            sock: socket.socket = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()

    async def _flush(self) -> None:
        """Wait until the client's kernel has every byte: what is unsent when the RST goes out is lost."""
        fileno = self._transport.get_extra_info("socket").fileno()
        until = time.monotonic() + 2
        while time.monotonic() < until and not self._gone.is_set():
            try:
                unsent = struct.unpack("i", fcntl.ioctl(fileno, termios.TIOCOUTQ, b"\0" * 4))[0]
            except OSError:  # not every system tells
                await asyncio.sleep(0.02)
                return
            if not unsent and not self._transport.get_write_buffer_size():
                return
            await asyncio.sleep(0.001)
