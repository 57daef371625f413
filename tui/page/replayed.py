"""The entries of a long reply that is played again: what is typeset for good is shared from one place of it to the next."""

from __future__ import annotations

from collections.abc import Callable
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

    def prepare(self, before: Turn | None, keys: Keys, width: int, has_time: Callable[[], bool]) -> bool:
        """Typeset a turn as it was a little before the one that will be shown, as far as there is time; whether that is done."""
        if before is None or before.body.size < LONG:
            return True
        base = self._base
        if base is not None and base.turn is before:
            while base.unread and has_time():
                base.grow([], has_time)
        else:
            base = forked(base, before, keys, has_time) if base is not None else None
            self._base = base = base or ReplyEntry(before, keys)
            base.has_time = has_time
            base.set_width(width)
            base.ensure()
        return not base.unread

    def entry(
        self, turn: Turn, before: Turn | None, keys: Keys, width: int, shown: ReplyEntry | None = None
    ) -> ReplyEntry:
        """The entry of a turn; `before` is as it was a little earlier, which others will begin with too.

        Where that is not known, it begins with what is `shown`, and most of a long one stays unread.
        """
        if before is None or before.body.size < LONG:
            self._base, has_time = None, (lambda: False) if turn.body.size >= LONG else (lambda: True)
            entry = forked(shown, turn, keys, has_time) if shown is not None and shown.is_built else None
            entry = entry or ReplyEntry(turn, keys)
            entry.has_time = has_time
            return entry
        while not self.prepare(before, keys, width, lambda: True):
            pass
        base = self._base
        return (forked(base, turn, keys) if base is not None else None) or ReplyEntry(turn, keys)


def forked(entry: ReplyEntry, turn: Turn, keys: Keys, has_time: Callable[[], bool] = lambda: True) -> ReplyEntry | None:
    """The entry of a turn that says what that of another says, and more; `None` where that cannot be had.

    The blocks that stay as they are, whatever comes, stand in both. What is more is typeset as far as there is time.
    """
    if not _goes_on(entry.turn, turn) or entry.structure is not None:
        return None
    memo: dict[int, object] = {id(block): block for block in entry.text.frozen}
    memo |= {id(entry.turn): turn, id(keys): keys}
    try:
        entry.text.copy_lists(memo)
        other = deepcopy(entry, memo)
    except TypeError:  # what is open cannot be copied
        return None
    other.has_time = has_time
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
