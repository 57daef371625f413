"""What a scripted answer is made of: bytes to write, pauses, and ways to end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal


class End(Enum):
    """How a connection ends before its answer does."""

    RESET = "reset"  # RST, after everything written so far has reached the client
    CUT = "cut"  # FIN in the middle of the body
    HOLD = "hold"  # silence until the client hangs up


@dataclass(frozen=True)
class Pause:
    """Say nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class At:
    """Say nothing until so many seconds after the head was written."""

    seconds: float


Step = bytes | Pause | At | End
Framing = Literal["chunked", "length", "close", "raw"]


@dataclass
class Answer:
    """One scripted answer.

    `framing`: `chunked`; `length` (needs finite bytes, or a `content-length` among the headers); `close`
    (the body ends with the connection); `raw` (the steps bring their own framing). Status 0 writes no head.
    """

    steps: Iterable[Step] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream"})
    framing: Framing = "chunked"
    raw_head: bytes = b""


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON body under a status."""
    import json

    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer([body], status, {"content-type": "application/json", **(headers or {})}, "length")


def text_answer(text: str, status: int = 200, media: str = "text/plain; charset=utf-8") -> Answer:
    """A text body under a status."""
    return Answer([text.encode()], status, {"content-type": media}, "length")


def first_bytes(steps: Iterable[Step], count: int) -> list[Step]:
    """The steps as far as their first `count` bytes."""
    kept: list[Step] = []
    for step in steps:
        if not isinstance(step, bytes):
            kept.append(step)
            continue
        if count <= 0:
            break
        kept.append(step[:count])
        count -= len(step)
    return kept


def recut(steps: Iterable[Step], size: int) -> list[Step]:
    """The same bytes, written `size` at a time."""
    data = b"".join(step for step in steps if isinstance(step, bytes))
    return [data[i : i + size] for i in range(0, len(data), size)]
