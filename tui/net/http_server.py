"""An HTTP server on loopback that answers byte for byte: pieces at their times, and every way to end."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct, field

from tui.domain.error import ConfigError
from tui.domain.host import is_loopback

HEAD_BYTES = 64 << 10
BODY_BYTES = 256 << 20
_UNSENT_SECONDS = 2.0
_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 413: "Content Too Large"}


class Asked(Struct):
    """A request; `body` is its JSON object, empty where it is none."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class Piece(Struct, frozen=True):
    """Bytes of a body, written at so many seconds after the request came."""

    at: float
    data: bytes


HowItEnds = Literal["whole", "cut", "reset", "silence"]
"""With its last chunk; with the connection closed before that; with a reset; not at all, until the client hangs up."""


class Answer(Struct):
    """What is written: a head at a time, pieces at theirs, an end. Status 0 is no answer at all."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    head_at: float = 0.0
    pieces: Iterable[Piece] = ()
    end: HowItEnds = "whole"
    end_at: float = 0.0
    note: str = ""
    """What is told of it in the log."""


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None, note: str = "") -> Answer:
    """A JSON body."""
    data = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    return Answer(status, {"content-type": "application/json", **(headers or {})}, pieces=[Piece(0.0, data)], note=note)


class Server:
    """Answers every request by a function; `port` is the one that it listens at."""

    def __init__(self, answer: Callable[[Asked], Answer], log: Callable[[str], None]) -> None:
        self._answer, self._log = answer, log
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self, port: int = 0) -> None:
        """Listen on loopback; 0 has the system choose the port.

        Raises:
            ConfigError: If the port cannot be had.
        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._connect, "127.0.0.1", port)
        except OSError as error:
            raise ConfigError(f"port {port} cannot be had: {error.strerror}", "Another --port, or none.") from error
        self.port = self._server.sockets[0].getsockname()[1]

    def _connect(self) -> _Connection:
        connection = _Connection(self._answer, self._log, self._connections.discard)
        self._connections.add(connection)
        return connection

    async def close(self) -> None:
        """Hang up on everybody."""
        if self._server is not None:
            self._server.close()
        tasks = [connection.task for connection in self._connections if connection.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


class _Connection(asyncio.Protocol):
    """One client: its requests, one after the other."""

    def __init__(
        self, answer: Callable[[Asked], Answer], log: Callable[[str], None], gone: Callable[[_Connection], None]
    ) -> None:
        self._answer, self._log, self._forget = answer, log, gone
        self._buffer = bytearray()
        self._arrived = asyncio.Event()
        self._gone = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._transport: asyncio.Transport
        self.task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self.task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        """More of a request came."""
        self._buffer += data
        self._arrived.set()

    def eof_received(self) -> bool:
        """The client has said all that it will, or has left."""
        self._leave()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has left."""
        del exc
        self._leave()
        self._forget(self)

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        self._has_room.clear()

    def resume_writing(self) -> None:
        """There is room again."""
        self._has_room.set()

    def _leave(self) -> None:
        for event in (self._gone, self._arrived, self._has_room):
            event.set()

    async def _serve(self) -> None:
        try:
            while (asked := await self._read_request()) is not None:
                began = asyncio.get_running_loop().time()
                answer = self._checked(asked)
                may_go_on = await self._write_answer(answer, began)
                took = asyncio.get_running_loop().time() - began
                left = "  the client hung up" if self._gone.is_set() and not may_go_on and answer.end != "cut" else ""
                self._log(
                    f"{asked.method} {asked.path}  {answer.status or 'no answer'}  {took:.2f} s  {answer.note}{left}"
                )
                if not may_go_on or asked.headers.get("connection", "").lower() == "close":
                    break
        finally:
            self._transport.close()

    def _checked(self, asked: Asked) -> Answer:
        """The answer, unless a page in a browser asks under a name of its own."""
        host = asked.headers.get("host", "").rpartition(":")[0] or asked.headers.get("host", "")
        if not is_loopback(host):
            return json_answer({"error": {"message": f"{host} is not this machine"}}, 403, note="another host's name")
        return self._answer(asked)

    async def _read_request(self) -> Asked | None:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if self._gone.is_set() or len(self._buffer) > HEAD_BYTES:
                return None
            self._arrived.clear()
            await self._arrived.wait()
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
            self._arrived.clear()
            await self._arrived.wait()
        raw = bytes(self._buffer[end + 4 : size])
        del self._buffer[:size]
        try:
            body = json.loads(raw) if raw else {}
        except (ValueError, RecursionError):
            body = {}
        return Asked(words[0], words[1], headers, body if isinstance(body, dict) else {})

    async def _write_answer(self, answer: Answer, began: float) -> bool:
        """Write an answer; whether the connection can take another request."""
        loop = asyncio.get_running_loop()
        await self._sleep(began + answer.head_at - loop.time())
        if answer.status:
            head = f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Told')}\r\n"
            headers = {**answer.headers, "transfer-encoding": "chunked"}
            head += "".join(f"{name}: {_in_line(value)}\r\n" for name, value in headers.items()) + "\r\n"
            self._transport.write(head.encode("utf-8", "replace"))
        for piece in answer.pieces if answer.status else ():
            await self._sleep(began + piece.at - loop.time())
            if self._gone.is_set():
                return False
            if piece.data:
                self._transport.write(b"%x\r\n%b\r\n" % (len(piece.data), piece.data))
            await (self._has_room.wait() if not self._has_room.is_set() else asyncio.sleep(0))
        await self._sleep(began + answer.end_at - loop.time())
        if self._gone.is_set():
            return False
        return await self._end(answer)

    async def _end(self, answer: Answer) -> bool:
        if answer.end == "whole" and answer.status:
            self._transport.write(b"0\r\n\r\n")
            return True
        if answer.end == "silence":
            await self._gone.wait()
        elif answer.end == "reset" or not answer.status:
            await self._flush()
            if not self._transport.is_closing():
                sock: socket.socket = self._transport.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._transport.abort()
        return False

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

    async def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self._gone.wait()
            except TimeoutError:
                return


def _in_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
