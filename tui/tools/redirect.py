"""Redirects: how far a request may be led from the address that was allowed."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from urllib.parse import urlsplit

Follow = Callable[[str, str], bool]
"""Whether a redirect from the first address to the second is followed."""

_PORTS = {"http": 80, "https": 443}


def stays(start: str, to: str) -> bool:
    """Whether an address is at the host and port of another; from http to https is no other place."""
    try:
        one, other = urlsplit(start), urlsplit(to)
        ports = [parts.port or _PORTS.get(parts.scheme, 0) for parts in (one, other)]
    except ValueError:
        return False
    if one.hostname != other.hostname:
        return False
    return (one.scheme == other.scheme and ports[0] == ports[1]) or (
        (one.scheme, other.scheme) == ("http", "https") and ports == [80, 443]
    )


def _anywhere(_start: str, _to: str) -> bool:
    return True


MAY_FOLLOW: ContextVar[Follow] = ContextVar("MAY_FOLLOW", default=_anywhere)
"""Set by the runner for each call that runs: a permission for one address is none for where it leads."""
