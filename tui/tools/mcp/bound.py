"""Messages of a server's program, within bounds: the SDK reads a line however long it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from tui.tools.mcp.http import ANSWER_BYTES

BOUNDED = "BoundedLines"
"""The name of the bounded reader."""

on_too_long: ContextVar[Callable[[], None] | None] = ContextVar("on_too_long", default=None)
"""What is called where a line is too long; the tasks of a connection inherit it from the one that opens it."""

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def mend_halves(text: str) -> str:
    """JSON in which half a character, as programs escape it that cut texts anywhere, is U+FFFD: the SDK drops the message."""
    if _HALF.search(text) is None:
        return text
    return _ESCAPE.sub(lambda match: "\\ufffd" if match["half"] else match[0], text)


def bounded_lines(base: Any) -> Any:
    """The SDK's reader of texts, `base`, so that it gives whole lines and ends where one is too long."""
    import anyio

    ends = (anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError, UnicodeError)

    async def receive(stream: Any) -> str:
        pieces: list[str] = []
        size = 0
        while True:
            try:
                piece = await base.receive(stream)
            except ends:
                if pieces:  # what came before the end, or the fault
                    return mend_halves("".join(pieces))
                raise
            pieces.append(piece)
            size += len(piece)
            if "\n" in piece:
                return mend_halves("".join(pieces))
            if size > ANSWER_BYTES:
                if (tell := on_too_long.get()) is not None:
                    tell()
                pieces.clear()
                size = 0

    return type(BOUNDED, (base,), {"receive": receive})
