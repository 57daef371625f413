"""The entries of a long reply that is played again: what is typeset for good is shared from one place of it to the next."""

from __future__ import annotations

from copy import deepcopy

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
        if base is None or not _goes_on(base.turn, before) or (grown := _forked(base, before, keys)) is None:
            grown = ReplyEntry(before, keys)
        grown.set_width(width)
        grown.ensure()
        self._base = grown
        return _forked(grown, turn, keys) or ReplyEntry(turn, keys)


def _forked(entry: ReplyEntry, turn: Turn, keys: Keys) -> ReplyEntry | None:
    """The entry of a turn that says what that of another says, and more; `None` where that cannot be had.

    The blocks that stay as they are, whatever comes, stand in both.
    """
    if entry.structure is not None:
        return None
    shared: dict[int, object] = {id(block): block for block in entry.text.frozen}
    try:
        other = deepcopy(entry, {**shared, id(entry.turn): turn, id(keys): keys})
    except TypeError:  # what is open cannot be copied
        return None
    other.go_on()
    return other


def _goes_on(earlier: Turn, later: Turn) -> bool:
    """Whether one turn may have become the other."""
    return (
        earlier.id == later.id
        and earlier.body.size <= later.body.size
        and earlier.thoughts.size <= later.thoughts.size
        and len(earlier.tool_calls) <= len(later.tool_calls)
    )
