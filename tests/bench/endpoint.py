"""A fast loopback endpoint that streams a known document at a chosen rate, and notes when each marker was written.

POST /ctl {"tokens", "rate", "kind"} sets the next stream (rate 0: as fast as the client reads) and clears the
notes; GET /ctl/log gives {"markers": {number: t}, "events": [[t, name]]} with t on CLOCK_MONOTONIC, taken right
before the write that completes a marker.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from dataclasses import dataclass, field

from tests.bench import document

MODEL = "bench-1"
BATCH = 32  # events a write when unthrottled
Wire = list[tuple[bytes, tuple[int, ...]]]  # one entry a token: its bytes on the wire, markers it completes


@dataclass
class State:
    tokens: int = 1000
    rate: float = 50.0
    kind: str = "mixed"
    markers: dict[int, float] = field(default_factory=dict)
    events: list[tuple[float, str]] = field(default_factory=list)

    def note(self, name: str) -> None:
        self.events.append((time.monotonic(), name))


def chat_wire(tokens: int, kind: str) -> Wire:
    base = {"id": "b1", "object": "chat.completion.chunk", "created": 1700000000, "model": MODEL}

    def sse(payload: dict) -> bytes:
        data = b"data: " + json.dumps(payload, separators=(",", ":")).encode() + b"\n\n"
        return b"%x\r\n%b\r\n" % (len(data), data)

    def chunk(delta: dict, finish: str | None = None) -> bytes:
        return sse({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    pieces = document.pieces_of(tokens, kind)
    usage = {"prompt_tokens": 9, "completion_tokens": len(pieces), "total_tokens": len(pieces) + 9}
    done = b"data: [DONE]\n\n"
    return [
        (chunk({"role": "assistant", "content": ""}), ()),
        *((chunk({"content": text}), ends) for text, ends in pieces),
        (chunk({}, "stop"), ()),
        (sse({**base, "choices": [], "usage": usage}), ()),
        (b"%x\r\n%b\r\n" % (len(done), done), ()),
    ]


def responses_wire(tokens: int, kind: str) -> Wire:
    """The same in the dialect Responses, for peers that speak no other."""
    pieces = document.pieces_of(tokens, kind)
    text = "".join(piece for piece, _ in pieces)
    part = {"type": "output_text", "text": text, "annotations": []}
    item = {"id": "m1", "type": "message", "status": "completed", "role": "assistant", "content": [part]}
    begun = {"id": "r1", "object": "response", "created_at": 1700000000, "model": MODEL, "status": "in_progress"}
    usage = {"input_tokens": 9, "output_tokens": len(pieces), "total_tokens": len(pieces) + 9}
    place = {"item_id": "m1", "output_index": 0, "content_index": 0}
    steps: list[tuple[str, dict, tuple[int, ...]]] = [
        ("created", {"response": {**begun, "output": []}}, ()),
        ("output_item.added", {"output_index": 0, "item": {**item, "status": "in_progress", "content": []}}, ()),
        ("content_part.added", {**place, "part": {**part, "text": ""}}, ()),
        *(("output_text.delta", {**place, "delta": piece}, ends) for piece, ends in pieces),
        ("output_text.done", {**place, "text": text}, ()),
        ("content_part.done", {**place, "part": part}, ()),
        ("output_item.done", {"output_index": 0, "item": item}, ()),
        ("completed", {"response": {**begun, "status": "completed", "output": [item], "usage": usage}}, ()),
    ]
    wire: Wire = []
    for number, (name, fields, ends) in enumerate(steps, 1):
        payload = {"type": f"response.{name}", "sequence_number": number, **fields}
        data = f"event: response.{name}\ndata: {json.dumps(payload, separators=(',', ':'))}\n\n".encode()
        wire.append((b"%x\r\n%b\r\n" % (len(data), data), ends))
    return wire


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection: chunked streaming, and a note of when the client goes away."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.buffer = b""
        self.task: asyncio.Task | None = None
        self.can_write = asyncio.Event()
        self.can_write.set()
        self.streaming = False

    def connection_made(self, transport) -> None:
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.set_write_buffer_limits(high=64 * 1024)

    def pause_writing(self) -> None:
        self.can_write.clear()

    def resume_writing(self) -> None:
        self.can_write.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.streaming:
            self.state.note("client_closed")
        self.can_write.set()
        if self.task and not self.task.done():
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, sep, rest = self.buffer.partition(b"\r\n\r\n")
        if not sep or (self.task and not self.task.done()):
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        size = int(headers.get("content-length", 0))
        if len(rest) < size:
            return
        body, self.buffer = rest[:size], rest[size:]
        path = lines[0].split(" ")[1]
        self.task = asyncio.ensure_future(self.answer(path, body))

    async def answer(self, path: str, body: bytes) -> None:
        state = self.state
        if path == "/ctl/log":
            self.send({"markers": state.markers, "events": state.events})
        elif path == "/ctl":
            for name, value in json.loads(body).items():
                setattr(state, name, value)
            state.markers.clear()
            state.events.clear()
            document.pieces_of(state.tokens, state.kind)  # made before the run, not in it
            self.send({})
        elif path.endswith("/chat/completions"):
            state.note("request")
            await self.stream(chat_wire(state.tokens, state.kind), state.rate)
        elif path.endswith("/responses"):
            # A peer may ask other things on the side, and the same again.
            is_run = b"benchmark" in body and not any(name == "request" for _, name in state.events)
            state.note("request" if is_run else "side request")
            await self.stream(
                responses_wire(state.tokens, state.kind) if is_run else responses_wire(3, "paragraph"),
                state.rate if is_run else 0,
            )
        elif path.endswith("/models"):
            self.send({"object": "list", "data": [{"id": MODEL, "object": "model"}]})
        else:
            self.send({"error": {"message": f"no such path {path}"}}, "404 Not Found")

    def send(self, payload: object, status: str = "200 OK") -> None:
        body = json.dumps(payload).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)

    async def stream(self, wire: Wire, rate: float) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        self.streaming = True
        self.state.note("stream_start")
        try:
            await (self.paced(wire, rate) if rate else self.flat_out(wire))
        finally:
            self.streaming = False
        self.state.note("stream_end")
        self.transport.write(b"0\r\n\r\n")

    async def paced(self, wire: Wire, rate: float) -> None:
        start, markers = time.monotonic(), self.state.markers
        for number, (data, done) in enumerate(wire):
            wait = start + number / rate - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            if self.transport.is_closing():
                return
            now = time.monotonic()
            for marker in done:
                markers[marker] = now
            self.transport.write(data)
            if not self.can_write.is_set():
                await self.can_write.wait()

    async def flat_out(self, wire: Wire) -> None:
        markers = self.state.markers
        for first in range(0, len(wire), BATCH):
            if self.transport.is_closing():
                return
            part = wire[first : first + BATCH]
            now = time.monotonic()
            for _, done in part:
                for marker in done:
                    markers[marker] = now
            self.transport.write(b"".join(data for data, _ in part))
            await asyncio.sleep(0)
            if not self.can_write.is_set():
                await self.can_write.wait()


async def serve() -> None:
    state = State()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(state), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # ends with whoever started it


if __name__ == "__main__":
    asyncio.run(serve())
