"""The tables of what was typed: prompts sent, and drafts not sent yet."""

from __future__ import annotations

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

    def save_draft(self, session_id: str | None, text: str) -> None:
        """Keep what is in the composer; `None` is the session that has not begun, and empty text no draft."""
        if text:
            self._connection.run(
                "INSERT OR REPLACE INTO draft (session_id, text) VALUES (?, ?)", session_id or "", text
            )
        else:
            self._connection.run("DELETE FROM draft WHERE session_id = ?", session_id or "")

    def draft(self, session_id: str | None) -> str:
        """What was in the composer; empty where nothing was."""
        row = self._connection.row("SELECT text FROM draft WHERE session_id = ?", session_id or "")
        return "" if row is None else str(row[0])
