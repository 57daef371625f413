"""What the sessions pane lists: the saved, the archived or the deleted sessions, those that fit what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from tui.domain.error import RilletError
from tui.domain.session import SessionSummary
from tui.store.query import Query, parse_query
from tui.store.search import Hit
from tui.ui.panes.match import FAR, best, fit
from tui.ui.panes.session_rows import Day, with_days

if TYPE_CHECKING:
    from tui.store.database import Database

Shown = Literal["saved", "archived", "deleted"]


class SessionList:
    """Sessions as they were read, and which of them fit.

    Attributes:
        shows: Which sessions are listed.
        typed: What was typed when they were last listed.
        is_partial: Whether only the first of them were read.
    """

    def __init__(self, database: Database) -> None:
        """Nothing was read yet."""
        self.shows: Shown = "saved"
        self.typed = ""
        self.is_partial = False
        self._database = database
        self._all: list[SessionSummary] = []
        self._archived: list[SessionSummary] = []
        self._said: dict[str, Hit] = {}
        self._said_for = ""

    @property
    def said_for(self) -> str:
        """The words for which all that was said was looked through last."""
        return self._said_for

    @property
    def shows_deleted(self) -> bool:
        """Whether those are listed that can be had back."""
        return self.shows == "deleted"

    def read(self, most: int = -1) -> None:
        """Read them from the disk; of the saved ones at most so many, then `is_partial` says that there are more.

        Raises:
            RilletError: If they cannot be read.
        """
        sessions = self._database.sessions
        if self.shows == "saved":
            self._all = sessions.summaries(most=most)
            self.is_partial = 0 <= most <= len(self._all)
            if not self.is_partial:
                self._archived = sessions.archived()
        else:
            self._archived = sessions.archived()
            self._all = sessions.deleted() if self.shows_deleted else self._archived

    def rows(self, typed: str) -> tuple[Sequence[SessionSummary | Day], str]:
        """Those that fit what is typed, under their days where no word is; and what to say where there are none."""
        self.typed = typed
        query = parse_query(typed)
        fitting = self._fitting(query)
        rows: Sequence[SessionSummary | Day] = fitting if query.words or self.shows_deleted else with_days(fitting)
        if query.unclear:
            return rows, f"“{query.unclear}” is no day: since:monday, since:2026-11-28, since:3d"
        if self._all or query.has_filter:
            return rows, "No match"
        nothing = {
            "deleted": "nothing was deleted in the last 30 days",
            "archived": "nothing is archived",
            "saved": "nothing is saved yet",
        }
        return rows, nothing[self.shows]

    def heading(self, title: str, saved_words: str) -> tuple[str, str]:
        """What is listed, and how many there are; of saved ones it is said as the pane does."""
        held = "…" if self.is_partial else f"{len(self._all):,}"
        return {
            "deleted": ("Deleted sessions", f"{held} kept, each for 30 days"),
            "archived": ("Archived sessions", f"{held} out of the way"),
            "saved": (title, f"{held}{saved_words}"),
        }[self.shows]

    def take_hits(self, typed: str, hits: Sequence[Hit]) -> None:
        """In these sessions, too, the words were said that were typed."""
        if typed != self._said_for:
            self._said, self._said_for = {}, typed
        self._said |= {hit.session_id: hit for hit in hits}

    def hit_in(self, session_id: str) -> Hit | None:
        """The turn in which the words were said that are typed, if it was found."""
        return self._said.get(session_id) if self._said_for == self.typed else None

    def hit_to_show(self, session: SessionSummary) -> Hit | None:
        """What was said, where that is why a session is listed, and not its title."""
        score = fit(parse_query(self.typed).words, session.title) if self.typed else None
        if score is not None and score < FAR:
            return None
        return self._said.get(session.id)

    def _fitting(self, query: Query) -> Sequence[SessionSummary]:
        """The sessions that fit: by title, model or the beginning of the id; in which the words were said; that fit letter by letter."""
        held = self._asked_for(query)
        if self.typed != self._said_for:
            self._said = {}
        shown = best(query.words, held, _text_of, lambda session: session.id)
        if not self._said:
            return shown
        near = shown if shown and self._is_near(shown[0], query.words) else []  # the others are as near, or none is
        by_id = {session.id: session for session in held}
        said = [by_id[each] for each in self._said if each in by_id]
        listed = {session.id: session for session in (*near, *said, *shown)}
        return [*listed.values()]

    def _asked_for(self, query: Query) -> list[SessionSummary]:
        """The sessions of which all is so that is asked beside the words; archived ones are found, and not listed."""
        if self.shows != "saved":
            return self._all
        if not query.has_filter:
            return [*self._all, *self._archived] if query.words else self._all
        try:
            return self._database.sessions.matching(replace(query, words=""))
        except RilletError:
            return self._all

    @staticmethod
    def _is_near(session: SessionSummary, words: str) -> bool:
        score = fit(words, _text_of(session), session.id)
        return score is not None and score < FAR


def _text_of(session: SessionSummary) -> str:
    return f"{session.title} {session.model}"
