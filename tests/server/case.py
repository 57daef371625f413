"""Plays a conformance case: the very bytes, in the very pieces, and the very end."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from tests.server.step import Answer, End, Step, recut


def case_pieces(case: Mapping[str, Any]) -> list[bytes]:
    """The body of a case as its pieces."""
    pieces = []
    for piece in case["body_chunks"]:
        if isinstance(piece, str):
            pieces.append(piece.encode("utf-8", "surrogatepass"))
        elif "b64" in piece:
            pieces.append(base64.b64decode(piece["b64"]) * piece.get("repeat", 1))
        else:
            pieces.append(piece["text"].encode() * piece.get("repeat", 1))
    return pieces


def case_answer(case: Mapping[str, Any], cut: int = 0) -> Answer:
    """The answer a case describes; with `cut`, the same bytes that many at a time."""
    steps: list[Step] = list(case_pieces(case))
    if cut:
        steps = recut(steps, cut)
    http = case.get("http") or {}
    headers = {
        name.lower(): value
        for name, value in (http.get("headers") or {}).items()
        if name.lower() not in ("transfer-encoding", "content-length", "connection")
    }
    headers.setdefault("content-type", "text/event-stream")
    if case.get("body_end") == "reset":
        steps.append(End.RESET)
    return Answer(steps, http.get("status", 200), headers)
