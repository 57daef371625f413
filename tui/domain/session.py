"""Sessions: saved conversations, as they are listed."""

from __future__ import annotations

from msgspec import Struct

TITLE_LENGTH = 60


class SessionSummary(Struct, frozen=True):
    """One saved conversation in a list; times are seconds of the wall clock, `deleted_at` where it was deleted."""

    id: str
    title: str
    created_at: float
    updated_at: float
    model: str
    turns: int
    size_bytes: int
    deleted_at: float | None = None


def title_from_prompt(prompt: str) -> str:
    """A title made of the first words of a prompt, at most 60 characters, on one line."""
    words = " ".join(prompt.split())
    if len(words) <= TITLE_LENGTH:
        return words or "Untitled"
    head = words[: TITLE_LENGTH - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[20:] else head).rstrip(" ,.;:") + "…"
