"""The entries of a long reply that is played again: what is typeset for good is shared from one place of it to the next."""

from __future__ import annotations

from tui.domain.turn import Turn
from tui.page.ending import Keys
from tui.page.reply import ReplyEntry

LONG = 64 << 10
"""Characters from which on it is worth while: fewer are typeset before anybody sees it."""


class Replayed:
    """Makes the entry of a turn that stands somewhere else than it did."""

    def __init__(self) -> None:
        """Start with nothing typeset."""
        self._base: ReplyEntry | None = None

    def entry(self, turn: Turn, before: Turn | None, keys: Keys, width: int) -> ReplyEntry:
        """The entry of a turn; `before` is as it was a little earlier, which others will begin with too."""
        base, self._base = self._base, None
        if before is None or before.body.size < LONG:
            return ReplyEntry(turn, keys)
        if base is None or not _goes_on(base.turn, before) or (grown := base.forked(before)) is None:
            grown = ReplyEntry(before, keys)
        grown.set_width(width)
        grown.ensure()
        self._base = grown
        return grown.forked(turn) or ReplyEntry(turn, keys)


def _goes_on(earlier: Turn, later: Turn) -> bool:
    """Whether one turn may have become the other."""
    return (
        earlier.id == later.id
        and earlier.body.size <= later.body.size
        and earlier.thoughts.size <= later.thoughts.size
        and len(earlier.tool_calls) <= len(later.tool_calls)
    )
