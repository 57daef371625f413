"""The others: rillets that have the same session open, and what they add to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.domain.error import StoreError
from tui.domain.turn import Turn

if TYPE_CHECKING:
    from tui.chat.turn_tree import TurnTree
    from tui.store.database import Database


class Others:
    """Notices turns that were begun elsewhere, and takes them into the tree.

    Attributes:
        news: Those that nobody has been told of, oldest first.
        taken: All of them, as they were last read, by their ids.
    """

    def __init__(self, database: Database) -> None:
        """Know of no turn yet."""
        self.news: list[Turn] = []
        self._database = database
        self._seen = 0
        self.taken: dict[str, Turn] = {}

    def begin(self, tree: TurnTree) -> None:
        """All that is saved now is known."""
        self._seen = tree.newest.number if tree.newest is not None else 0

    def pass_by(self, turn: Turn) -> bool:
        """A turn of our own was saved; whether another was begun before it."""
        is_next = turn.number == self._seen + 1
        self._seen += is_next
        return not is_next

    def catch_up(self, session_id: str, tree: TurnTree) -> bool:
        """Take what others have begun since, and how what they had begun has ended; whether there was anything.

        What cannot be read now is taken another time.
        """
        try:
            newest = self._database.turns.newest_number(session_id)
            turns = self._database.turns.of_session(session_id, most=newest - self._seen) if newest > self._seen else []
            running = [turn for turn in self.taken.values() if not turn.state.is_over]
            ended = [now for turn in running if (now := self._database.turns.read(turn.id)).state.is_over]
        except StoreError:
            return False
        added = [turn for turn in turns if tree.find_known(turn.id) is None]
        tree.take([*added, *ended])
        self._seen = max(newest, self._seen)
        self.taken |= {turn.id: turn for turn in (*added, *ended)}
        self.news += [turn for turn in added if turn.standing != "aside"]
        return bool(added or ended)
