"""How much is written in a turn: what its height on the page is guessed from before it is read."""

from __future__ import annotations

from typing import NamedTuple

from tui.domain.turn import Prompt, ToolResults, Turn


class Extent(NamedTuple):
    """A turn by its id; for what was asked and for the reply the characters, and the rows that stand there at any width.

    Such rows are line ends, and what stands above and below: names, folded thoughts, calls.
    """

    turn_id: str
    asked: int
    asked_rows: int
    replied: int
    reply_rows: int


ASKED_ROWS = 2
"""Rows of what was asked that are none of its text."""

REPLY_ROWS = 4
"""Rows of a reply that are none of its text."""


def extent_of(turn: Turn) -> Extent:
    """How much is written in a turn that has been read."""
    asked = asked_in(turn)
    parts = turn.body.parts
    return Extent(
        turn.id,
        len(asked),
        ASKED_ROWS + asked.count("\n"),
        sum(map(len, parts)),
        REPLY_ROWS
        + sum(part.count("\n") for part in parts)
        + bool(turn.thoughts.size)
        + len(turn.tool_calls)
        + len(turn.server_tools),
    )


def asked_in(turn: Turn) -> str:
    """What was asked, as it was written; the results that were sent back."""
    match turn.opening:
        case Prompt(text=text):
            return text
        case ToolResults(results=results):
            return "\n\n".join(result.text for result in results)
        case _:
            return ""
