"""The limit of output tokens: under which names a request may hold it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LIMIT_FIELDS = ("max_completion_tokens", "max_tokens", "max_output_tokens", "n_predict")


_OTHER_NAME = {"max_completion_tokens": "max_tokens", "max_tokens": "max_completion_tokens"}


def other_limit_field(name: str) -> str:
    """What servers of the same dialect call the limit that others call by this name; empty where they agree."""
    return _OTHER_NAME.get(name, "")


def token_limit_of(body: Mapping[str, Any]) -> int | None:
    """How many output tokens a request allows; `None` where it leaves that to the endpoint."""
    values = [body.get(name) for name in LIMIT_FIELDS]
    limits = [limit for limit in values if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0]
    return min(limits, default=None)
