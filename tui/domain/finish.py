"""Finish reasons: why the model stopped, put into words a person understands."""

from __future__ import annotations

from msgspec import Struct

from tui.domain.lazy_pattern import LazyPattern

AT_LIMIT = "token_limit"
"""The incomplete reason of a reply that the endpoint calls whole although it took every token that was allowed."""

_PLAIN = {
    *("stop", "end_turn", "eos", "eos_token", "completed", "complete", "done", "stop_sequence", "finished", "finish"),
    *("end", "word", "stop_str", "stop_token", "stop_word", "stop_string", "end_of_text", "end_of_turn", "natural"),
}
_TOOLS = {"tool_calls", "tool_call", "function_call", "tool_use"}
_LENGTH = {
    *("length", "max_tokens", "max_output_tokens", "max_len", "max_completion_tokens", "max_new_tokens", "max_output"),
    *("max_length", "length_limit", "limit", "output_limit", "max_tokens_reached", AT_LIMIT),
}
_CONTEXT = {"max_context", "model_context_window_exceeded", "context_length", "context_length_exceeded", "model_length"}
_FILTER = {
    "content_filter",
    "content_filtered",
    "safety",
    "recitation",
    "prohibited_content",
    "blocklist",
    "spii",
    "sensitive",
    "guardrail_intervened",
}
_TIME = {"time_limit", "timeout"}
_BROKEN = {
    "abort",
    "aborted",
    "connection_error",
    "engine_error",
    "insufficient_system_resource",
    "insufficient_system_resources",
    "internal_error",
    "interrupted",
    "model_error",
    "network_error",
    "overloaded",
    "preempted",
    "server_error",
    "shutdown",
    "system_error",
    "upstream_error",
}
_FAILED = {"failed", "error"}
_CANCELLED = {"cancelled", "canceled"}
_CUT_PARTS = {
    *("abort", "aborted", "banned", "blocked", "broken", "cancel", "canceled", "cancellation", "cancelled", "capped"),
    *(
        "closed",
        "compaction",
        "crash",
        "crashed",
        "deadline",
        "denied",
        "died",
        "disconnect",
        "disconnected",
        "dropped",
    ),
    *(
        "error",
        "errors",
        "evicted",
        "exceeded",
        "exception",
        "exhausted",
        "expired",
        "fail",
        "failed",
        "failure",
        "filter",
    ),
    *("filtered", "full", "hangup", "incomplete", "insufficient", "interrupt", "interrupted", "killed", "language"),
    *(
        "length",
        "limit",
        "limited",
        "lost",
        "malformed",
        "max",
        "missing",
        "moderation",
        "network",
        "not",
        "oom",
        "overload",
    ),
    *("overloaded", "partial", "paused", "preempt", "preempted", "preemption", "prohibited", "quota", "recitation"),
    *(
        "refusal",
        "refused",
        "repetition",
        "reset",
        "resource",
        "resources",
        "safety",
        "shutdown",
        "steered",
        "terminated",
    ),
    *("timeout", "too", "truncated", "truncation", "unavailable", "unfinished", "unload", "violation"),
}
"""Words that, as a part of a reason nobody has told us of, still say that the reply was cut: `network_issue`."""
_NOT_YET = {"null", "none", "nil", "undefined"}
_PREFIXES = ("finish_reason_", "stop_reason_", "reason_")
_HUMP = LazyPattern(r"(?<=[a-z])(?=[A-Z])")
_OWN_WORDS = {
    "pause_turn": "paused by the endpoint",
    "refusal": "refused by the model",
    "refused": "refused by the model",
    "malformed_function_call": "ended by a tool call that the model wrote wrongly",
    "unexpected_tool_call": "ended by a tool call that was not expected",
}


class Finish(Struct, frozen=True):
    """A finish reason and what it means for the reader.

    `is_plain` when there is nothing to tell; `is_cut` when the reply is not all that it would have been, and
    `is_at_limit` when tokens ran out. A reason that is neither plain nor cut is one rillet does not know: no call
    of such a reply is run.
    """

    words: str
    is_plain: bool = False
    is_cut: bool = False
    is_at_limit: bool = False


def is_reason(word: str) -> bool:
    """Whether a word is a reason at all: some servers write `"null"` into every chunk, as a text, until the last."""
    return _word(word) not in {"", *_NOT_YET}


def describe_finish(reason: str, incomplete_reason: str = "") -> Finish:
    """Put a finish reason into words.

    Args:
        reason: The endpoint's word: a Chat Completions `finish_reason`, a Responses `status`, a Messages
            `stop_reason`.
        incomplete_reason: What is told of a reply that is not whole: the Responses dialect's detail, or `AT_LIMIT`.

    Returns:
        The words; an unknown reason is quoted as it came. A reply that is `incomplete` is cut, whatever the detail.
    """
    if not incomplete_reason.strip():
        finish = _describe(reason)
        is_known = finish.is_plain or finish.is_cut or _CUT_PARTS.isdisjoint(_word(reason).split("_"))
        return finish if is_known else Finish(f"broken off at the endpoint (“{reason}”)", is_cut=True)
    detail = _describe(incomplete_reason)
    return detail if detail.is_cut else Finish(f"incomplete, for the reason “{incomplete_reason}”", is_cut=True)


def _word(reason: str) -> str:
    word = (
        (reason if reason.islower() else _HUMP.sub("_", reason))
        .strip()
        .lower()
        .replace("-", "_")
        .replace(" ", "_")
        .replace(".", "_")
    )
    return next((word.removeprefix(prefix) for prefix in _PREFIXES if word.startswith(prefix)), word)


def _describe(reason: str) -> Finish:
    word = _word(reason)
    if not word:
        return Finish("ended without a finish signal")
    if word in _PLAIN:
        return Finish("complete", is_plain=True)
    if word in _TOOLS:
        return Finish("asked for tools", is_plain=True)
    if word in _LENGTH:
        return Finish("cut at the token limit", is_cut=True, is_at_limit=True)
    if word in _CONTEXT:
        return Finish("cut at the model's context limit", is_cut=True)
    if word in _FILTER:
        return Finish("filtered", is_cut=True)
    if word in _TIME:
        return Finish("cut at the endpoint's time limit", is_cut=True)
    if word in _BROKEN:
        return Finish(f"broken off at the endpoint (“{reason}”)", is_cut=True)
    if word == "incomplete":
        return Finish("incomplete, and the endpoint does not say why", is_cut=True)
    if word in _FAILED:
        return Finish("failed at the endpoint", is_cut=True)
    if word in _CANCELLED:
        return Finish("cancelled at the endpoint", is_cut=True)
    if word in _OWN_WORDS:
        return Finish(_OWN_WORDS[word], is_cut=True)
    return Finish(f"stopped with the reason “{reason}”")
