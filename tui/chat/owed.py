"""What a conversation owes the disk: turns, endings and facts that could not be written yet, in the order they need."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tui.domain.error import StoreBusyError, StoreError
from tui.domain.turn import Turn

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram

_UNSAVED = itertools.count(1)
"""Numbers the turns that could not be saved. No session is called as their ids begin: its letters include no u."""


class Owed:
    """Writes what can be written, and keeps the rest.

    Attributes:
        is_waiting: Whether it was only the wait that kept the last write: the disk is busy, not broken.
        turns: The turns that are not saved, by the ids they go by until they are, oldest first.
        endings: The turns whose endings are not.
    """

    def __init__(self, program: ChatProgram, write_turn: Callable[[Turn, str], None]) -> None:
        """Owe nothing yet; `write_turn` saves a turn that went by an id, which gives it a lasting one."""
        self.is_waiting = False
        self.turns: dict[str, Turn] = {}
        self.endings: list[Turn] = []
        self._program = program
        self._write_turn = write_turn
        self._facts: dict[str, Callable[[], object]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether everything is written."""
        return not (self.turns or self.endings or self._facts)

    @property
    def has_words(self) -> bool:
        """Whether something that was said would be gone if the program ended now."""
        return bool(self.turns or self.endings)

    def holds(self, turn: Turn) -> bool:
        """Whether a turn, or its ending, is not saved."""
        return turn.id in self.turns or any(turn is other for other in self.endings)

    def put_by(self, turn: Turn) -> None:
        """A turn could not be written: it goes by an id that no saved turn has."""
        turn.id = f"unsaved.{next(_UNSAVED)}"
        self.turns[turn.id] = turn

    def owe_ending(self, turn: Turn) -> None:
        """Save how a turn ended, now or as soon as the disk takes it."""
        if not self.holds(turn):
            self.endings.append(turn)
        self.write()

    def owe(self, what: str, work: Callable[[], object]) -> None:
        """Save a fact about the session, now or as soon as the disk takes it, unless it is another one by then."""
        self._facts[what] = work
        self.save(self.write_facts)

    def lacks(self, what: str) -> bool:
        """Whether such a fact is not saved."""
        return what in self._facts

    def note(self, what: str, work: Callable[[], object]) -> None:
        """Owe a fact, to be saved with whatever is saved next."""
        self._facts[what] = work

    def forget(self, what: str) -> None:
        """A fact is of no interest any more."""
        self._facts.pop(what, None)

    def write(self) -> bool:
        """Write all of it, as far as the disk takes it; whether nothing that was said is left."""
        if not self.is_empty:
            self.save(self._write)
        return not self.has_words

    def _write(self) -> None:
        self.write_turns()
        do_all([self.write_facts, self.write_endings])

    def write_turns(self) -> None:
        """Save the turns that could not be saved when they began, oldest first."""
        for old_id, turn in list(self.turns.items()):
            self._write_turn(turn, old_id)
            del self.turns[old_id]
            if turn.state.is_over:
                self.endings.append(turn)

    def write_facts(self) -> None:
        """Save the facts; one that cannot be keeps no other from it."""

        def write(what: str, work: Callable[[], object]) -> None:
            work()
            if self._facts.get(what) is work:
                del self._facts[what]

        do_all([partial(write, what, work) for what, work in list(self._facts.items())])

    def write_endings(self) -> None:
        """Save the endings; one that cannot be keeps no other from it."""

        def write(turn: Turn) -> None:
            self._program.database.turns.end(turn)
            self.endings = [other for other in self.endings if other is not turn]

        do_all([partial(write, turn) for turn in list(self.endings)])

    def save(self, work: Callable[[], object]) -> bool:
        """Do something to the database; a failing disk is told, and does not stop the conversation."""
        self.is_waiting = False
        try:
            work()
        except StoreBusyError as error:
            self.is_waiting = True
            if error.is_lasting:
                self._program.lose_disk(error)
            return False
        except StoreError as error:
            self._program.lose_disk(error)
            return False
        self._program.regain_disk()
        return True


def do_all(works: list[Callable[[], object]]) -> None:
    """Do all of them, whatever becomes of each.

    Raises:
        StoreError: What went wrong first; that the disk is busy only where nothing worse did.
    """
    problem: StoreError | None = None
    for work in works:
        try:
            work()
        except StoreError as error:
            problem = error if problem is None or isinstance(problem, StoreBusyError) else problem
    if problem is not None:
        raise problem
