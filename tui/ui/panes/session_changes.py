"""What the sessions pane does to sessions: titles, tags, pins, the archive, the bin. Each says what it did."""

from __future__ import annotations

from collections.abc import Sequence

from tui.domain.error import RilletError
from tui.domain.session import SessionSummary
from tui.ui.host import Chat


class SessionChanges:
    """Changes saved sessions, now or as soon as the disk takes it."""

    def __init__(self, chat: Chat) -> None:
        """Change those of a program."""
        self._chat = chat

    def rename(self, session: SessionSummary, title: str) -> None:
        """Give a session another title, if any was written."""
        sessions = self._chat.program.database.sessions
        if title and session.id == self._chat.conversation.session.id:
            self._chat.conversation.session.rename(title)
            self._chat.tell_title()
        elif title:
            self._chat.save(lambda: sessions.rename(session.id, title), f"title of {session.id}")

    def set_tags(self, session: SessionSummary, words: Sequence[str]) -> None:
        """Give a session these tags and no others; a # before one means nothing."""
        sessions, tags = self._chat.program.database.sessions, [word.removeprefix("#") for word in words]
        self._chat.save(lambda: sessions.set_tags(session.id, filter(None, tags)), f"tags of {session.id}")

    def pin(self, session: SessionSummary) -> None:
        """Keep a session at the top of the list, or no longer."""
        sessions, is_pinned = self._chat.program.database.sessions, not session.is_pinned
        self._chat.save(lambda: sessions.pin(session.id, is_pinned=is_pinned), f"pin of {session.id}")
        self._chat.say(f"“{session.title}” is {'pinned' if is_pinned else 'no longer pinned'}")

    def archive(self, session: SessionSummary) -> None:
        """Put a session out of the way, where it is still found; or back into the list."""
        sessions, goes = self._chat.program.database.sessions, session.archived_at is None
        self._chat.save(lambda: sessions.archive(session.id, is_archived=goes), f"place of {session.id}")
        words = (
            "is archived: {sessions.archived} shows such ones, and what is typed finds them"
            if goes
            else "is in the list again"
        )
        self._chat.say(f"“{session.title}” {words}")

    def delete(self, session: SessionSummary) -> bool:
        """Delete a session; for thirty days it can be had back. Whether it is not the one that is on the screen."""
        if session.id == self._chat.conversation.session.id:
            self._chat.say("this is the conversation you are in; {chat.new} begins another", "warning")
            return False
        self._chat.save(lambda: self._chat.program.database.sessions.delete(session.id))
        self._chat.say(
            f"deleted “{session.title}”: {{sessions.undo}} restores it, {{sessions.deleted}} shows what was deleted in the last 30 days"
        )
        return True

    def restore(self, session: SessionSummary) -> None:
        """Have a deleted session back."""
        self._chat.save(lambda: self._chat.program.database.sessions.undelete(session.id))
        self._chat.say(f"“{session.title}” is among the saved sessions again", "success")

    def restore_last(self) -> SessionSummary | None:
        """Have the session back that was deleted last, whenever that was; it, if there is any."""
        try:
            deleted = self._chat.program.database.sessions.deleted()
        except RilletError as error:
            self._chat.say(error.message, "error")
            return None
        if not deleted:
            self._chat.say("nothing was deleted in the last 30 days")
            return None
        self.restore(deleted[0])
        return deleted[0]
