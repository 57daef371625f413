"""Tapes written by hand: what an endpoint would have said, and when."""

from __future__ import annotations

import json
from typing import Any

from tui.domain.tape import Head, Read, SentRequest, Tape


def chunk(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "model": "grok-4",
        "choices": [{"index": 0, "delta": delta, "finish_reason": None} | more],
    }


def tape(*steps: tuple[float, Any], prompt: str = "") -> Tape:
    """A tape of the chat dialect: each step is when, in seconds, and a chunk or plain text."""
    made = Tape("chat", "grok-4", "xai")
    body = {"model": "grok-4", "stream": True, "messages": [{"role": "user", "content": prompt}]}
    made.request = SentRequest(
        "POST", "https://api.x.ai/v1/chat/completions", {"content-type": "application/json"}, body
    )
    made.response = Head(200, {"content-type": "text/event-stream"}, 0.12)
    for at, said in steps:
        text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        made.read(Read(at, f"data: {text}\n\n".encode()))
    return made


def words(text: str, start: float, rate: float = 42.0) -> list[tuple[float, Any]]:
    """A text as chunks of a word each, so many a second."""
    pieces = text.replace("\n", "\n\0").replace(" ", " \0").split("\0")
    return [
        (round(start + number / rate, 3), chunk({"content": piece})) for number, piece in enumerate(pieces) if piece
    ]


def ending(at: float, reason: str = "stop", **usage: int) -> list[tuple[float, Any]]:
    told = {"prompt_tokens": 412, "completion_tokens": 118} | usage
    told.setdefault("total_tokens", told["prompt_tokens"] + told["completion_tokens"])
    return [
        (at, chunk({}, finish_reason=reason)),
        (at + 0.001, {"id": "c1", "model": "grok-4", "choices": [], "usage": told}),
        (at + 0.002, "[DONE]"),
    ]
