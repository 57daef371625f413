"""Events per second of one core: framing and decoding together, and httpx-sse framing alone, on the same bytes.

Run: python -m tests.bench.wire
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
from httpx_sse import EventSource

from tui.domain.tape import Head
from tui.domain.turn import Prompt, Turn
from tui.net.key_mask import KeyMask
from tui.wire.dialect import dialect_named
from tui.wire.reply import Reply
from tui.wire.sse import FrameReader

EVENTS = 20_000
EVENT_BYTES = 227
HEADERS = {"content-type": "text/event-stream"}


def make_event(text: str) -> bytes:
    """One event as xAI sends it."""
    chunk = {
        "id": "7f1c0a52-5d0e-4e43-9a53-0d8e0c3f1b11",
        "object": "chat.completion.chunk",
        "created": 1770000000,
        "model": "grok-4-fast-reasoning",
        "choices": [{"index": 0, "delta": {"content": text}}],
        "system_fingerprint": "fp_0123456789",
    }
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def make_body() -> bytes:
    """A whole stream of events of the one length."""
    padding = "x" * (EVENT_BYTES - len(make_event("")))
    end = make_event("").replace(b'"delta":{"content":""}', b'"delta":{},"finish_reason":"stop"')
    return make_event(padding) * EVENTS + end + b"data: [DONE]\n\n"


def make_responses_body() -> bytes:
    """A stream of as many text deltas of the Responses dialect, as OpenAI sends them."""
    events = []
    for number in range(EVENTS):
        event = {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0}
        data = json.dumps({**event, "delta": f"word {number} ", "logprobs": [], "sequence_number": number})
        events.append(f"event: {event['type']}\ndata: {data}\n\n")
    return "".join(events).encode()


def cut(body: bytes, size: int) -> list[bytes]:
    """The body as reads of one size."""
    return [body[place : place + size] for place in range(0, len(body), size)]


class Reads(httpx.SyncByteStream):
    """Reads, as httpx takes them."""

    def __init__(self, reads: list[bytes]) -> None:
        self.reads = reads

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.reads)


def frame_only(reads: list[bytes]) -> int:
    reader = FrameReader()
    return sum(len(reader.feed(read)) for read in reads)


def decode(reads: list[bytes]) -> int:
    reply = Reply(dialect_named("chat"), Head(200, HEADERS))
    return sum(1 for read in reads for _ in reply.feed(read))


def decode_responses(reads: list[bytes]) -> int:
    reply = Reply(dialect_named("responses"), Head(200, HEADERS))
    return sum(1 for read in reads for _ in reply.feed(read))


def fold(reads: list[bytes]) -> int:
    reply = Reply(dialect_named("chat"), Head(200, HEADERS))
    turn = Turn(Prompt("hi"))
    for read in reads:
        for delta in reply.feed(read):
            turn.apply(delta)
    return len(turn.text)


def httpx_sse(reads: list[bytes]) -> int:
    response = httpx.Response(200, headers=HEADERS, stream=Reads(reads))
    return sum(1 for _ in EventSource(response).iter_sse())


KEY = "xai-" + "F4k3K3y" * 11


def mask(reads: list[bytes]) -> int:
    masked = KeyMask(KEY)
    return sum(len(masked.feed(read)) for read in reads)


def mask_rates() -> Iterator[tuple[str, float]]:
    """MB a second of looking for the key: in a reply, and in text that is made of what keys begin with."""
    for name, body in (
        ("a reply", make_body()),
        *((repr(word), (word * (4 << 20))[: 4 << 20].encode()) for word in ("x", "xai-", "%78", "\\u0078")),
    ):
        reads = cut(body, 8 << 10)
        yield name, len(body) / min(measure(mask, reads) for _ in range(5)) / 1e6


def main() -> None:
    """Print a table: events per second for each way and each size of read."""
    body = make_body()
    other = make_responses_body()
    print(f"{EVENTS} events of {EVENT_BYTES} bytes, best of 5, by processor time")
    print(f"{'':28}{'16 KiB reads':>14}{'one event each':>16}{'64 B reads':>12}")
    for name, run, sent in (
        ("framing", frame_only, body),
        ("framing and decoding", decode, body),
        ("the same, folded to a turn", fold, body),
        ("httpx-sse, framing alone", httpx_sse, body),
        ("Responses, all of it", decode_responses, other),
    ):
        rates = []
        for size in (16 << 10, EVENT_BYTES, 64):
            reads = cut(sent, size)
            best = min(measure(run, reads) for _ in range(5))
            rates.append(f"{EVENTS / best:,.0f}")
        print(f"{name:28}{rates[0]:>14}{rates[1]:>16}{rates[2]:>12}")
    print("\nlooking for the key in 8 KiB reads, MB/s")
    for name, rate in mask_rates():
        print(f"{name:28}{rate:>14,.0f}")


def measure(run, reads: list[bytes]) -> float:
    """Seconds of processor time for one run."""
    started = time.process_time()
    run(reads)
    return time.process_time() - started


if __name__ == "__main__":
    main()
