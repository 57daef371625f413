"""The tables of what was typed: prompts sent, and drafts not sent yet."""

from __future__ import annotations

from collections.abc import Sequence

from tui.domain.message import ImagePart
from tui.store.connection import Table

KEPT_PROMPTS = 1000
"""How many prompts the history holds."""


class PromptTable(Table):
    """The history of prompts over all sessions, and one draft for each session."""

    def add_history(self, text: str) -> None:
        """Put a prompt at the end of the history; where it was before, it no longer is."""
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

    def save_draft(self, session_id: str | None, text: str, images: Sequence[ImagePart] = ()) -> None:
        """Keep what is in the composer; `None` is the session that has not begun, and empty text no draft.

        The names of the images tell them apart: one whose name is kept already is not written again.
        """
        key = session_id or ""
        with self._connection.writing():
            if not text:
                self._connection.run("DELETE FROM draft WHERE session_id = ?", key)
                return
            self._connection.run(
                """INSERT INTO draft (session_id, text) VALUES (?, ?)
                   ON CONFLICT (session_id) DO UPDATE SET text = excluded.text""",
                key,
                text,
            )
            kept = {name for (name,) in self._connection.rows("SELECT name FROM draft_image WHERE session_id = ?", key)}
            for name in kept.difference(image.name for image in images):
                self._connection.run("DELETE FROM draft_image WHERE session_id = ? AND name = ?", key, name)
            for image in images:
                if image.name not in kept:
                    self._connection.run("INSERT INTO draft_image VALUES (?, ?, ?)", key, image.name, image.url)

    def draft(self, session_id: str | None) -> str:
        """What was in the composer; empty where nothing was."""
        row = self._connection.row("SELECT text FROM draft WHERE session_id = ?", session_id or "")
        return "" if row is None else str(row[0])

    def draft_images(self, session_id: str | None) -> list[ImagePart]:
        """The images that stood in the draft."""
        rows = self._connection.rows("SELECT name, url FROM draft_image WHERE session_id = ?", session_id or "")
        return [ImagePart(url, name=name) for name, url in rows]
