"""Requests to a server over HTTP: bounded answers, no compression, and what went wrong with the last one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from msgspec import Struct

from tui import __version__
from tui.domain.host import is_loopback

ANSWER_BYTES = 32 << 20
"""The most of one answer, as JSON or as one event; screenshots are megabytes."""

_STATUS_WORDS = {
    401: "it wants a sign-in",
    403: "it refuses this key or account",
    404: "there is nothing at this address",
    405: "there is no MCP server at this address",
    407: "the proxy wants a sign-in",
    429: "it has had too many requests",
    500: "it failed",
    502: "what stands before it cannot reach it",
    503: "it is not available now",
    504: "what stands before it had no answer in time",
}


class Faults(Struct):
    """What HTTP said last. `status` is 0 while nothing went wrong; `has_lost_session` once the server knows us no more."""

    status: int = 0
    reason: str = ""
    has_lost_session: bool = False

    def words(self) -> str:
        """What went wrong, in a sentence; empty where HTTP says nothing."""
        if self.reason:
            return self.reason
        if not self.status:
            return ""
        what = _STATUS_WORDS.get(self.status, "it refused the request" if self.status < 500 else "it failed")
        return f"HTTP {self.status}: {what}"


AGENT = f"rillet/{__version__}"


def guarded_hooks(byte_stream: Any, faults: Faults, on_lost: Callable[[], None]) -> Mapping[str, list[Any]]:
    """Hooks for an HTTP client that keep answers within bounds and note what goes wrong in `faults`.

    `byte_stream` is the library's class of bodies, which is imported late.
    """

    async def ask_plainly(request: Any) -> None:
        # A server may name others for the sign-in: no code, token or secret goes there in clear.
        if request.url.scheme != "https" and not is_loopback(request.url.host):
            faults.reason = "it wants the sign-in at an address that is not https"
            raise RefusedAnswerError(faults.reason)
        request.headers["accept-encoding"] = "identity"  # a kilobyte of gzip can become a gigabyte
        if request.headers.get("user-agent", "python-httpx").startswith("python-httpx"):  # nobody named another
            request.headers["user-agent"] = AGENT

    async def look(response: Any) -> None:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            faults.reason = f"it answers with {encoding}, which was not asked for"
            await response.aclose()
            raise RefusedAnswerError(faults.reason)
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        response.stream = _bounded(byte_stream, response.stream, None if is_stream else ANSWER_BYTES, faults)
        if response.request.method != "POST" or "application/json" not in response.request.headers.get(
            "content-type", ""
        ):
            return
        faults.status = response.status_code if response.status_code >= 400 else 0
        faults.reason = ""
        if response.request.headers.get("mcp-session-id") and await _has_lost_session(response):
            faults.has_lost_session = True
            on_lost()

    return {"request": [ask_plainly], "response": [look]}


class RefusedAnswerError(Exception):
    """An answer that is not taken, with the reason in a sentence."""


async def _has_lost_session(response: Any) -> bool:
    """Whether a server that was restarted says so: 404 as the specification has it, or 400 as some do."""
    if response.status_code == 404:
        return True
    if response.status_code != 400:
        return False
    body = (await response.aread()).lower()
    return b"session" in body


def _bounded(base: Any, stream: Any, limit: int | None, faults: Faults) -> Any:
    """The body of an answer, as it comes; one that is too long ends in an error. `base` is the library's class."""

    async def read(_: Any) -> AsyncIterator[bytes]:
        size = 0
        async for data in stream:
            size += len(data)
            if limit is not None and size > limit:
                faults.reason = f"its answer is longer than {limit >> 20} MiB"
                raise RefusedAnswerError(faults.reason)
            yield data

    async def close(_: Any) -> None:
        await stream.aclose()

    return type("Bounded", (base,), {"__aiter__": read, "aclose": close})()
