"""One client's connection: requests in, scripted bytes out, and the instant at which the client hangs up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.server.step import Answer, At, End, Pause
from tui.net.server_connection import ServerConnection

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


class Connection(ServerConnection):
    """Serves requests one after the other until someone closes."""

    def __init__(
        self, number: int, answer: Callable[[Exchange, int], Answer], changed: Callable[[Exchange | None], None]
    ) -> None:
        super().__init__()
        self.number = number
        self._answer = answer
        self._changed = changed
        self._exchange: Exchange | None = None

    def abort(self) -> None:
        self._transport.abort()

    def leave(self) -> None:
        if not self._gone.is_set():
            if self._exchange is not None and not self._exchange.is_answered:
                self._exchange.hung_up_at = time.monotonic()
            super().leave()
            self._changed(None)

    async def serve(self) -> None:
        count = 0
        while (exchange := await self._read_exchange()) is not None:
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

    async def _read_exchange(self) -> Exchange | None:
        if (request := await self.read_request()) is None:
            return None
        raw = request.body
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        headers = dict(request.headers)
        return Exchange(
            request.method, request.path, headers, body, self.number, asked_at=time.monotonic(), raw_body=raw
        )

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
                await self.sleep(step.seconds)
            elif isinstance(step, At):
                await self.sleep(began + step.seconds - time.monotonic())
            else:
                await self._end(step)
                return False
        if self._gone.is_set():
            return False
        if answer.framing == "chunked":
            self._transport.write(b"0\r\n\r\n")
        return answer.framing in ("chunked", "length")

    async def _write(self, data: bytes, is_chunked: bool, exchange: Exchange) -> None:
        if data:
            exchange.written += len(data)
            exchange.last_write_at = time.monotonic()
            await self.write(data, is_chunk=is_chunked)

    async def _end(self, end: End) -> None:
        if end is End.HOLD:
            await self._gone.wait()
        elif end is End.CUT:
            if self._exchange is not None:
                self._exchange.is_answered = True
            self._transport.close()
        else:
            await self.reset()
            if self._exchange is not None:
                self._exchange.is_answered = True
