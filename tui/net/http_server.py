"""An HTTP server on loopback that answers byte for byte: pieces at their times, and every way to end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal

from msgspec import Struct, field

from tui.domain.error import ConfigError
from tui.domain.host import is_loopback
from tui.domain.quantity import describe_seconds
from tui.net.server_connection import RawRequest, ServerConnection

_REASONS = {status.value: status.phrase for status in HTTPStatus}


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


class _Connection(ServerConnection):
    """One client: its requests, one after the other."""

    def __init__(
        self, answer: Callable[[Asked], Answer], log: Callable[[str], None], gone: Callable[[_Connection], None]
    ) -> None:
        super().__init__()
        self._answer, self._log, self._forget = answer, log, gone

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has left."""
        super().connection_lost(exc)
        self._forget(self)

    async def serve(self) -> None:
        """Answer each request, and log it."""
        while (request := await self.read_request()) is not None:
            asked = _asked(request)
            began = asyncio.get_running_loop().time()
            answer = self._checked(asked)
            may_go_on = await self._write_answer(answer, began)
            took = asyncio.get_running_loop().time() - began
            left = "  the client hung up" if self._gone.is_set() and not may_go_on and answer.end != "cut" else ""
            self._log(
                f"{asked.method} {asked.path}  {answer.status or 'no answer'}  {describe_seconds(took)}  {answer.note}{left}"
            )
            if not may_go_on or asked.headers.get("connection", "").lower() == "close":
                break

    def _checked(self, asked: Asked) -> Answer:
        """The answer, unless a page in a browser asks under a name of its own."""
        host = asked.headers.get("host", "").rpartition(":")[0] or asked.headers.get("host", "")
        if not is_loopback(host):
            return json_answer({"error": {"message": f"{host} is not this machine"}}, 403, note="another host's name")
        return self._answer(asked)

    async def _write_answer(self, answer: Answer, began: float) -> bool:
        """Write an answer; whether the connection can take another request."""
        loop = asyncio.get_running_loop()
        await self.sleep(began + answer.head_at - loop.time())
        if answer.status:
            head = f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Told')}\r\n"
            headers = {**answer.headers, "transfer-encoding": "chunked"}
            head += "".join(f"{name}: {_in_line(value)}\r\n" for name, value in headers.items()) + "\r\n"
            self._transport.write(head.encode("utf-8", "replace"))
        for piece in answer.pieces if answer.status else ():
            await self.sleep(began + piece.at - loop.time())
            if self._gone.is_set():
                return False
            await self.write(piece.data, is_chunk=True)
        await self.sleep(began + answer.end_at - loop.time())
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
            await self.reset()
        return False


def _asked(request: RawRequest) -> Asked:
    try:
        body = json.loads(request.body) if request.body else {}
    except (ValueError, RecursionError):
        body = {}
    return Asked(request.method, request.path, request.headers, body if isinstance(body, dict) else {})


def _in_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
