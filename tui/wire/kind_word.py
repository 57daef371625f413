"""A word for a frame of a type that has no name of its own here: one that fits where kinds are listed, and is never cut in a word."""

from __future__ import annotations

LONGEST = 9
"""Letters that the list of the wire shows of a kind."""


def kind_word(type_: str) -> str:
    """The words at the beginning of a type that fit, with `_` between; of a first word that is longer its beginning."""
    words = type_.partition(".")[0].split("_")
    kind = words[0]
    for word in words[1:]:
        if len(kind) + 1 + len(word) > LONGEST:
            break
        kind += f"_{word}"
    return kind if len(kind) <= LONGEST else f"{kind[: LONGEST - 1]}…"
