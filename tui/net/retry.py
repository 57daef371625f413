"""The rules of a retry: which refusals may pass, how long to wait, how often. `net/exchange` keeps to them."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from tui.domain.error import RefusedError


class Pauses(Struct, frozen=True):
    """The waits of an exchange that are not the endpoint's fault, in seconds.

    `retry` doubles with each attempt up to `retry_cap`, less a random quarter; `retry_after_limit` is the
    longest wait that an endpoint may ask for; `error_body` bounds the reading of a refusal's body, `after_finish`
    of what follows the finish signal, and `last_chunk` of what lies between the last frame and the end.
    """

    retry: float = 0.5
    retry_cap: float = 8.0
    retry_after_limit: float = 120.0
    error_body: float = 2.0
    after_finish: float = 2.0
    last_chunk: float = 0.05


PAUSES = Pauses()
"""The waits in force."""

_A_YEAR = 366 * 86400.0


def may_retry(error: RefusedError, headers: Mapping[str, str]) -> bool:
    """Whether a refusal is worth asking again: the endpoint's own word first, then the status."""
    from tui.wire.error_body import is_out_of_credit

    if is_out_of_credit(error) or error.status < 400:
        return False
    asked = headers.get("x-should-retry", "").strip().lower()
    if asked in ("true", "false"):
        return asked == "true"
    return error.status in (408, 409, 429) or error.status >= 500


def asked_wait(error: RefusedError, now: float | None = None) -> float | None:
    """How many seconds the endpoint asks us to wait; `None` where it does not say, or says nonsense.

    Args:
        error: The refusal.
        now: Wall clock, seconds since 1970; the present where not given.
    """
    seconds = error.retry_after
    if seconds is None and error.retry_after_at:
        date = datetime.fromisoformat(error.retry_after_at)
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        seconds = date.timestamp() - (time.time() if now is None else now)
    return seconds if seconds is not None and 0 < seconds < _A_YEAR else None


def read_date(headers: Mapping[str, str]) -> float | None:
    """The endpoint's own wall clock, from its `Date`: a date to wait for is by that, and not by a clock of ours."""
    from email.utils import parsedate_to_datetime  # which few replies need

    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def backoff(attempt: int, pauses: Pauses) -> float:
    """The wait before the given retry (1, 2, ...), where the endpoint does not say one."""
    longest = min(pauses.retry * 2.0 ** (attempt - 1), pauses.retry_cap)
    return longest * (1 - 0.25 * random.random())


def describe_instant(seconds: float, now: float | None = None) -> str:
    """The local time after so many seconds: `14:05`, with the date when that is not today."""
    begin = time.localtime(time.time() if now is None else now)
    then = time.localtime((time.time() if now is None else now) + seconds)
    return time.strftime("%H:%M" if begin[:3] == then[:3] else "%Y-%m-%d %H:%M", then)
