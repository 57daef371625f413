"""How a tool call stands, as one sign: on the page, in the inspector, and for tools that run at the endpoint."""

from __future__ import annotations

from collections.abc import Mapping

SYMBOLS: Mapping[str, str] = {
    "arriving": "…",
    "queued": "…",
    "asked": "→",
    "waiting": "?",
    "running": "●",
    "done": "✓",
    "failed": "✖",
    "denied": "■",
    "not run": "–",
    "dropped": "–",
    "stopped": "◧",
}
"""The sign of each state; on the page a call that was not run is `dropped`, and one of another turn `asked`."""

_KEYS = {"queued": "tool-arriving", "not run": "muted"}


def symbol_of(state: str) -> str:
    """The sign of a state."""
    return SYMBOLS.get(state, "→")


def key_of(state: str) -> str:
    """The style key of a state."""
    return _KEYS.get(state, f"tool-{state}")
