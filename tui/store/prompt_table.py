"""The tables of what was typed: prompts sent, and drafts not sent yet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from tui.domain.error import StoreError
from tui.domain.message import ImagePart
from tui.store.connection import Table, written
from tui.store.owner import is_alive, this_owner
from tui.store.string_pool import to_json, unpack_record

KEPT_PROMPTS = 1000
"""How many prompts the history holds."""


class _Opening(msgspec.Struct):
    """Of what began a turn, the prompt; a long one is a mark of where it is kept."""

    prompt: Any = None


_decode_opening = msgspec.json.Decoder(_Opening).decode


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

    def asked(self, before: int | None, most: int) -> tuple[list[tuple[float, str]], int | None]:
        """The prompts of all sessions that are not deleted, the newest first, so many turns at a time.

        Args:
            before: Where the last look ended; `None` for the newest.
            most: How many turns are looked at.

        Returns:
            When each prompt was sent, in seconds of the wall clock, and its text; and where to look on, `None` at the end.
        """
        rows = self._connection.rows(
            """SELECT turn.key, session_id, turn.created_at, opening, deleted_at FROM turn
               JOIN session ON session.id = session_id WHERE turn.key < ? ORDER BY turn.key DESC LIMIT ?""",
            sys.maxsize if before is None else before,
            most,
        )
        prompts: list[tuple[float, str]] = []
        for _, session_id, at, opening, deleted_at in rows:
            with suppress(StoreError, msgspec.DecodeError, UnicodeEncodeError, KeyError, TypeError):
                prompt = _decode_opening(opening).prompt if deleted_at is None else None
                if prompt is not None and not isinstance(prompt, str):
                    prompt = unpack_record(self._connection, session_id, to_json({"prompt": prompt}))["prompt"]
                if isinstance(prompt, str):
                    prompts.append((at, prompt))
        return prompts, rows[-1][0] if len(rows) == most else None

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
            stored = {name for (name,) in self._connection.rows("SELECT name FROM draft_image WHERE draft = ?", key)}
            for name in stored.difference(image.name for image in images):
                self._connection.run("DELETE FROM draft_image WHERE draft = ? AND name = ?", key, name)
            for image in images:
                if image.name not in stored:
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
                with (
                    suppress(StoreError),
                    self._connection.impatient(),
                ):  # a file that is locked still has words to give
                    taken = "UPDATE draft SET owner = ? WHERE key = ? AND owner = ?"
                    if not self._connection.run(taken, mine, key, owner):
                        continue  # another rillet was faster
                return key, text
        return 0, ""
