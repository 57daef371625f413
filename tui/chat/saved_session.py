"""The session of a conversation: what of it is on the disk, and what is still owed to that."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tui.chat.others import Others
from tui.chat.owed import Owed
from tui.domain.endpoint_word import DialectName, Effort
from tui.domain.error import StoreError
from tui.domain.session import Sheet
from tui.domain.turn import Standing, Turn

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.sheet import ConversationSheet
    from tui.chat.turn_tree import TurnTree
    from tui.domain.session import WholeSession

LOCK_PATIENCE = 30.0
"""Seconds that a prompt waits to be on disk before it is sent all the same: so long nobody writes who is well."""

_PAUSE = 0.05
"""Seconds between two tries to save what waits for a busy disk."""


class SavedSession:
    """Writes a conversation down as it grows; what the disk does not take now, as soon as it does.

    Attributes:
        id: The session in the database, `None` until something was said.
        title: Its title; empty until something was said.
        is_elsewhere: Whether the turns are in a file of the person's, and nothing of them is to be saved.
        owed: What could not be written to the disk yet.
        others: What other rillets have added to this session.
    """

    def __init__(self, program: ChatProgram, sheet: ConversationSheet, tree: TurnTree) -> None:
        """Nothing was said yet."""
        self.id: str | None = None
        self.title = ""
        self.is_elsewhere = False
        self.owed = Owed(program, self._write_late)
        self.others = Others(program.database)
        self._program = program
        self._sheet = sheet
        self._tree = tree

    def open(self, session_id: str, title: str) -> None:
        """Go on with a session whose newest turns are in the tree, as it was left.

        Raises:
            StoreError: If it cannot be read.
        """
        sessions = self._program.database.sessions
        self.id, self.title = session_id, title
        self._sheet.restore(sessions.system(session_id), sessions.effort(session_id), sessions.sheet(session_id))
        self.others.begin(self._tree)
        head = self._tree.find(sessions.head(session_id)) or self._tree.newest_said
        self._tree.head = head.id if head is not None else None

    # -- what is set for it -----------------------------------------------------------------------

    def rename(self, title: str) -> None:
        """Give it another title."""
        self.title = title
        if (session_id := self.id) is not None:
            self.owed.owe("title", lambda: self._program.database.sessions.rename(session_id, title))

    def set_system(self, system: str) -> None:
        """Give it another system prompt, which its turns to come are told."""
        self._sheet.system = system
        if (session_id := self.id) is not None:
            self.owed.owe("system", lambda: self._program.database.sessions.set_system(session_id, system))

    def set_effort(self, effort: Effort) -> None:
        """Ask the model to think so hard in its turns to come; empty leaves it to the endpoint."""
        self._sheet.effort = effort
        if (session_id := self.id) is not None:
            self.owed.owe("effort", lambda: self._program.database.sessions.set_effort(session_id, effort))

    def set_model(self, endpoint: str, model: str) -> None:
        """Ask another model in its turns to come."""
        self._sheet.use_model(endpoint, model)
        self.save_sheet()

    def set_dialect(self, dialect: DialectName | None) -> None:
        """Speak another dialect in its turns to come; `None` speaks what the endpoint usually does."""
        self._sheet.dialect = dialect
        self.save_sheet()

    def set_options(self, **changes: Any) -> None:
        """Ask something else of the model in its turns to come."""
        self._sheet.options = replace(self._sheet.options, **changes)
        self.save_sheet()

    def save_sheet(self) -> None:
        """Keep the options, and what else stays as it is set, from the model to the schema of every reply."""
        if (session_id := self.id) is not None:
            lasting = self._sheet.lasting
            self.owed.owe("sheet", lambda: self._program.database.sessions.set_sheet(session_id, lasting))

    # -- its turns ----------------------------------------------------------------------------------

    def add(self, turn: Turn) -> None:
        """Write a turn down before it is sent, stand at it, and see whether another rillet was faster."""
        above = self._tree.find(turn.parent)
        if above is not None and above.standing == "aside":
            self.set_standing(above, "")  # it goes on from there
        if not self.owed.save(lambda: self._write_below(turn, above)):
            turn.number = self._tree.next_number
            self.owed.put_by(turn)
        self._tree.add(turn)
        if turn.standing != "aside":  # where it is on disk, that stands there with it
            self._tree.head = turn.id
            self.owed.forget("head")
        if turn.id not in self.owed.turns and self.others.pass_by(turn):
            self.catch_up()

    def stand_at(self, head: str) -> None:
        """Stand at a turn, also when the session is opened again."""
        self._tree.head = head
        self.owed.forget("head")
        if self.id is not None and head not in self.owed.turns:
            session_id = self.id
            self.owed.owe("head", lambda: self._program.database.sessions.set_head(session_id, head))

    def set_standing(self, turn: Turn, standing: Standing) -> None:
        """Take a turn out of what is sent, with those that answer its calls, or let it take part again."""
        turn.standing = standing
        self._tree.tell_standing(turn)
        if not self.is_elsewhere and turn.id not in self.owed.turns:
            self.owed.owe(f"standing of {turn.id}", lambda: self._program.database.turns.set_standing(turn))

    def save_ending(self, turn: Turn) -> None:
        """Write down how a turn has ended, and what became of its calls, now or as soon as the disk takes it."""
        if not self.is_elsewhere:
            self.owed.owe_ending(turn)

    def id_on_disk(self, turn: Turn) -> str:
        """The id a turn is saved under; empty while it is not."""
        return "" if turn.id in self.owed.turns else turn.id

    def catch_up(self) -> bool:
        """Take what another rillet has added; whether there was anything. See `others.news`."""
        if self.id is None or self.owed.turns or self._program.database.is_memory:
            return False
        return self.others.catch_up(self.id, self._tree)

    def follow(self) -> bool:
        """Where another rillet went on from the turn at which this one stands, stand at its last one; whether it did."""
        at = self._tree.head
        for turn in self.others.taken.values():
            is_next = turn.parent == at and turn.state.is_over and turn.standing != "aside"
            at = turn.id if is_next else at
        if at is None or at == self._tree.head:
            return False
        self.stand_at(at)
        return True

    def _write_below(self, turn: Turn, above: Turn | None) -> None:
        """Write a turn down, after what could not be written before it: it may hang on that."""
        try:
            self.owed.write_turns()
        finally:
            turn.parent = above.id if above is not None else None
        for write in (self.owed.write_facts, self.owed.write_endings):
            with suppress(StoreError):  # nothing hangs on these
                write()
        self._write_turn(turn)

    def _write_turn(self, turn: Turn) -> None:
        if self.id is None:
            self.id = self._program.database.sessions.create(self.title, self._sheet.system)
            if self._sheet.effort:
                self.set_effort(self._sheet.effort)
            if replace(self._sheet.lasting, endpoint="", model="") != Sheet():  # the turn says whom it asks
                self.save_sheet()
        self._program.database.turns.begin(self.id, turn)

    def _write_late(self, turn: Turn, old_id: str) -> None:
        """Write down a turn that could not be when it began: it gets its lasting id here."""
        self._write_turn(turn)
        self._tree.rename(turn, old_id)
        self.others.pass_by(turn)
        if self.id is not None and (head := self._tree.head) is not None and head not in self.owed.turns:
            session_id = self.id
            self.owed.note("head", lambda: self._program.database.sessions.set_head(session_id, head))

    # -- how it stands --------------------------------------------------------------------------------

    @property
    def problem(self) -> str:
        """Why nothing is being saved; empty when all is well, or nothing is meant to be."""
        return self._program.store_problem

    def is_saved(self, turn: Turn) -> bool:
        """Whether a turn is on disk, as it stands now."""
        return self.is_elsewhere or not (self._program.database.is_memory or self.problem or self.owed.holds(turn))

    @property
    def has_unsaved(self) -> bool:
        """Whether something that was said would be gone if the program ended now."""
        if self.is_elsewhere:
            return False
        return self._tree.newest is not None if self._program.database.is_memory else self.owed.has_words

    def save_unsaved(self) -> bool:
        """Try once more to save what could not be saved; whether nothing is left."""
        return self.owed.write()

    def waits_for_disk(self, turn: Turn) -> bool:
        """Whether a turn that has not ended is kept from being saved by a busy disk, or by another program."""
        return self.owed.is_waiting and self.owed.holds(turn) and not turn.state.is_over

    @property
    def why_late(self) -> str:
        """What it is that writes are waiting for."""
        is_locked = self._program.database.is_locked_out
        return "another program has the sessions file locked" if is_locked else "the disk is slow"

    async def wait_for_disk(self, seconds: float = LOCK_PATIENCE) -> None:
        """Wait until what was said is saved, where the disk is merely busy; a disk that is broken is waited for by nobody."""
        until = time.monotonic() + seconds
        while self.owed.has_words and self.owed.is_waiting and time.monotonic() < until:
            await asyncio.sleep(_PAUSE)
            self.owed.write()

    def whole(self) -> WholeSession:
        """Everything of the session, as it is on disk.

        Raises:
            StoreError: If it cannot be read.
        """
        return self._program.database.whole.read(self.id or "")
