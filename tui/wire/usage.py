"""Usage objects: each endpoint's count of tokens and money, made comparable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tui.domain.usage import Usage

_TICKS_PER_USD = 1e10
_CACHE_COUNTS = ("cache_read_input_tokens", "cache_creation_input_tokens")


def read_usage(raw: Mapping[str, Any], timings: Any = None) -> Usage:
    """Make one usage object of either dialect comparable; members that are missing or odd are `None`.

    Args:
        raw: The endpoint's usage object; may be empty.
        timings: llama.cpp's `timings`, which stand in for counts that are not told otherwise.
    """
    times = timings if isinstance(timings, dict) else {}
    sent = _first_count(raw, "prompt_tokens", "input_tokens")
    output = _first_count(raw, "completion_tokens", "output_tokens")
    total = _first_count(raw, "total_tokens")
    inner = _inner(raw, "completion_tokens_details", "output_tokens_details")
    reasoning = _first_count(inner, "reasoning_tokens", "thinking_tokens")
    cached = _first_count(_inner(raw, "prompt_tokens_details", "input_tokens_details"), "cached_tokens")
    if cached is None:
        cached = _first_count(raw, "prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
    if sent is not None and "input_tokens" in raw and total is None:
        # Messages counts what was read from the cache, and written to it, apart from the input, and adds nothing up.
        sent += sum(_first_count(raw, name) or 0 for name in _CACHE_COUNTS)
        total = None if output is None else sent + output
    if sent is not None and output is not None and total is not None:
        # xAI's Chat Completions count reasoning apart from the completion, and Gemini does not even tell how much it
        # was: what the total has beyond both is output.
        beyond = total - sent - output
        if reasoning and beyond == reasoning:
            output += reasoning
        elif beyond > 0 and not reasoning and "prompt_tokens" in raw:
            output, reasoning = output + beyond, beyond
    if not raw:
        cached, read = _first_count(times, "cache_n"), _first_count(times, "prompt_n")
        sent = None if read is None else read + (cached or 0)
        output = _first_count(times, "predicted_n")
    return Usage(
        input=sent,
        output=output,
        reasoning=reasoning,
        cached=cached,
        total=total,
        cost_usd=_cost(raw),
        rate=_number(times.get("predicted_per_second")),
        server_calls=_server_calls(raw),
        sources=_first_count(raw, "num_sources_used"),
        raw=raw,
    )


def _server_calls(raw: Mapping[str, Any]) -> int | None:
    """How many calls of the endpoint's own tools are charged: xAI tells their number, Anthropic that of each kind."""
    total = _first_count(raw, "num_server_side_tools_used")
    if total is not None:
        return total
    kinds = _inner(raw, "server_side_tool_usage_details", "server_tool_use")
    counts = [count for name in kinds if (count := _first_count(kinds, name)) is not None]
    return sum(counts) if counts else None


def _cost(raw: Mapping[str, Any]) -> float | None:
    ticks = _number(raw.get("cost_in_usd_ticks"))
    if ticks is not None:
        return ticks / _TICKS_PER_USD
    cost = _number(raw.get("cost"))
    return _number(raw.get("estimated_cost")) if cost is None else cost


def _inner(raw: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return next((member for name in names if isinstance(member := raw.get(name), dict)), {})


def _first_count(raw: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        number = _number(raw.get(name))
        if number is not None and number == int(number):
            return int(number)
    return None


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or not math.isfinite(value):
        return None
    return value
