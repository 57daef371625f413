"""Errors of the SDK, of HTTP and of processes, in words that say what is the matter."""

from __future__ import annotations

import ssl

from tui.tools.definition import ToolError

_LENGTH = 300
_STAND_INS = ("server returned an error response", "not found", "session terminated", "connection closed")
"""What the SDK says where HTTP, or the end of a process, has said more."""


def error_words(error: BaseException, said: str = "") -> str:
    """An error in words; groups of errors speak through their first. `said` is what HTTP said last, if anything."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, ToolError):
        return str(error)
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror.lower()}"
    kind = type(error).__name__
    if kind == "ValidationError":
        return "its answer is not what the protocol says"
    text = " ".join(str(getattr(error, "message", None) or error).split())
    if said and (not text or text.casefold().rstrip(".") in _STAND_INS or kind == "RefusedAnswerError"):
        return said
    if kind in ("ReadTimeout", "PoolTimeout", "WriteTimeout", "ConnectTimeout") or isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(_cause(error), ssl.SSLError):
        return f"its certificate, or the encryption, is not right: {text[:_LENGTH]}"
    if kind == "ConnectError":
        return f"it cannot be connected to: {text[:_LENGTH]}" if text else "it cannot be connected to"
    if "timed out" in text.casefold() and "request" in text.casefold():
        return "no answer in time"
    if text.casefold() == "connection closed":
        return "it ended before it answered"
    return text[:_LENGTH] or kind


def _cause(error: BaseException) -> BaseException | None:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
