"""How much an endpoint gives in a time, where its headers say so."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tui.domain.lazy_pattern import LazyPattern
from tui.domain.quantity import describe_seconds

_COUNTED = ("requests", "tokens")
_COUNT = LazyPattern(r"[0-9]{1,12}", re.ASCII)
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_LENGTH = LazyPattern(
    rf"(?:(?P<d>{_NUMBER})d)?(?:(?P<h>{_NUMBER})h)?(?:(?P<m>{_NUMBER})m)?(?:(?P<s>{_NUMBER})s)?(?:(?P<ms>{_NUMBER})ms)?",
    re.ASCII,
)
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_A_MONTH = 31 * 86400.0


def describe_rate_limit(headers: Mapping[str, str]) -> str:
    """What `x-ratelimit-*` headers say: `limit 60 requests; 0 requests left; resets in 7 s`; else empty.

    Only numbers and lengths of time are taken over, never a word of the endpoint's: a value that is neither is
    ignored, and so is a length that must be a date.
    """
    left = _counts(headers, "remaining")
    said = []
    if limits := _counts(headers, "limit"):
        said.append(f"limit {_list(limits)}")
    if left:
        said.append(f"{_list(left)} left")
    if said and (seconds := _reset(headers, left)) is not None:
        said.append(f"resets in {describe_seconds(seconds)}")
    return "; ".join(said)


def _counts(headers: Mapping[str, str], which: str) -> dict[str, int]:
    values = {counted: headers.get(f"x-ratelimit-{which}-{counted}", "").strip() for counted in _COUNTED}
    return {counted: int(value) for counted, value in values.items() if _COUNT.fullmatch(value)}


def _list(counts: Mapping[str, int]) -> str:
    return " and ".join(
        f"{count:,} {counted.removesuffix('s') if count == 1 else counted}" for counted, count in counts.items()
    )


def _reset(headers: Mapping[str, str], left: Mapping[str, int]) -> float | None:
    """When there is more of what is used up; of everything, where nothing is said to be."""
    used_up = [counted for counted, count in left.items() if count == 0]
    lengths = [_seconds(headers.get(f"x-ratelimit-reset-{counted}", "")) for counted in used_up or _COUNTED]
    return max((length for length in lengths if length is not None), default=None)


def _seconds(value: str) -> float | None:
    """`7`, `7.66s`, `6m0s` or `120ms` in seconds."""
    value = value.strip()
    match = _LENGTH.fullmatch(f"{value}s" if value[-1:].isdigit() else value)
    if match is None or not match[0]:
        return None
    seconds = sum(float(number) * _UNITS[unit] for unit, number in match.groupdict().items() if number)
    return seconds if seconds <= _A_MONTH else None
