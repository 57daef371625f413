"""The tables of what was typed: prompts sent, and drafts not sent yet."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from tui.domain.error import StoreError
from tui.domain.message import ImagePart
from tui.store.connection import Table, written
from tui.store.owner import is_alive, this_owner

KEPT_PROMPTS = 1000
"""How many prompts the history holds."""


class PromptTable(Table):
    """The history of prompts over all sessions, and what is typed and not sent: a draft for each session and process."""

    @written()
    def add_history(self, text: str) -> None:
        """Append a prompt to the history, dropping an earlier copy."""
        if not text.strip():
            return
        with self._connection.writing():
            self._connection.run("DELETE FROM history WHERE text = ?", text)
            self._connection.run("INSERT INTO history (text) VALUES (?)", text)
            self._connection.run(
                "DELETE FROM history WHERE key <= (SELECT max(key) FROM history) - ?1 AND key NOT IN "
                "(SELECT key FROM history ORDER BY key DESC LIMIT ?1)",
                KEPT_PROMPTS,
            )

    def history(self, limit: int = KEPT_PROMPTS) -> list[str]:
        """The prompts, newest last."""
        rows = self._connection.rows("SELECT text FROM history ORDER BY key DESC LIMIT ?", limit)
        return [text for (text,) in reversed(rows)]

    @written()
    def save_draft(self, session_id: str | None, text: str, images: Sequence[ImagePart] = ()) -> None:
        """Keep what is in this process's composer; `None` is the session that has not begun, and empty text no draft.

        The names of the images tell them apart: one whose name is kept already is not written again.
        """
        mine = (session_id or "", this_owner())
        with self._connection.writing():
            if not text:
                self._connection.run("DELETE FROM draft WHERE session_id = ? AND owner = ?", *mine)
                return
            self._connection.run(
                """INSERT INTO draft (session_id, owner, text) VALUES (?, ?, ?)
                   ON CONFLICT (session_id, owner) DO UPDATE SET text = excluded.text""",
                *mine,
                text,
            )
            (key,) = self._connection.row("SELECT key FROM draft WHERE session_id = ? AND owner = ?", *mine) or (0,)
            kept = {name for (name,) in self._connection.rows("SELECT name FROM draft_image WHERE draft = ?", key)}
            for name in kept.difference(image.name for image in images):
                self._connection.run("DELETE FROM draft_image WHERE draft = ? AND name = ?", key, name)
            for image in images:
                if image.name not in kept:
                    self._connection.run("INSERT INTO draft_image VALUES (?, ?, ?)", key, image.name, image.url)

    def draft(self, session_id: str | None) -> str:
        """What was in the composer; empty where nothing was.

        It is this process's own draft, or the newest that no living rillet owns, which is this one's from then on.
        """
        return self._draft(session_id)[1]

    def draft_images(self, session_id: str | None) -> list[ImagePart]:
        """The images that stood in the draft."""
        rows = self._connection.rows("SELECT name, url FROM draft_image WHERE draft = ?", self._draft(session_id)[0])
        return [ImagePart(url, name=name) for name, url in rows]

    def _draft(self, session_id: str | None) -> tuple[int, str]:
        mine = this_owner()
        rows = self._connection.rows(
            "SELECT key, owner, text FROM draft WHERE session_id = ? ORDER BY owner = ? DESC, key DESC",
            session_id or "",
            mine,
        )
        for key, owner, text in rows:
            if owner == mine:
                return key, text
            if not is_alive(owner):
                with suppress(StoreError):  # a file that cannot be written still has words to give
                    taken = "UPDATE draft SET owner = ? WHERE key = ? AND owner = ?"
                    if not self._connection.run(taken, mine, key, owner):
                        continue  # another rillet was faster
                return key, text
        return 0, ""
