"""Finish reasons: why the model stopped, put into words a person understands."""

from __future__ import annotations

from msgspec import Struct

_PLAIN = {"stop", "end_turn", "eos", "completed", "done"}
_TOOLS = {"tool_calls", "function_call", "tool_use"}
_LENGTH = {"length", "max_tokens", "max_output_tokens", "max_len", "max_completion_tokens"}
_CONTEXT = {"max_context", "model_context_window_exceeded", "context_length"}
_FILTER = {"content_filter", "safety", "recitation", "prohibited_content", "blocklist", "spii", "sensitive"}
_TIME = {"time_limit"}


class Finish(Struct, frozen=True):
    """A finish reason and what it means for the reader.

    `is_plain` when there is nothing to tell; `is_cut` when the reply is not all that it would have been.
    """

    words: str
    is_plain: bool = False
    is_cut: bool = False


def describe_finish(reason: str, incomplete_reason: str = "") -> Finish:
    """Put a finish reason into words.

    Args:
        reason: The endpoint's word: a Chat Completions `finish_reason` or a Responses `status`.
        incomplete_reason: The Responses dialect's detail, if any.

    Returns:
        The words; an unknown reason is quoted as it came.
    """
    word = (incomplete_reason or reason).strip().lower()
    if not word:
        return Finish("ended without a finish signal")
    if word in _PLAIN:
        return Finish("finished", is_plain=True)
    if word in _TOOLS:
        return Finish("asked for tools", is_plain=True)
    if word in _LENGTH:
        return Finish("cut at the token limit", is_cut=True)
    if word in _CONTEXT:
        return Finish("cut at the model's context limit", is_cut=True)
    if word in _FILTER:
        return Finish("filtered", is_cut=True)
    if word in _TIME:
        return Finish("cut at the endpoint's time limit", is_cut=True)
    if word == "incomplete":
        return Finish("incomplete, and the endpoint does not say why", is_cut=True)
    if word in {"failed", "error"}:
        return Finish("failed at the endpoint", is_cut=True)
    if word in {"cancelled", "canceled"}:
        return Finish("cancelled at the endpoint", is_cut=True)
    return Finish(f"stopped with the reason “{incomplete_reason or reason}”")
