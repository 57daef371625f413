"""elia's `elia.sqlite`. Times are UTC without a zone; titles are mostly empty; a prompt has the time of its system message."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tui.chat.importing.source import Source, Tell, rows, tell_orphans
from tui.chat.importing.talk import Said, Talk, in_a_row, role_of
from tui.chat.importing.value import seconds_of, text_of


def knows(source: Source) -> bool:
    """Whether a file is elia's."""
    is_chat = "chat" in source.tables and "author" not in source.tables.get("message", ())
    return is_chat and {"chat_id", "role", "content"} <= source.tables.get("message", frozenset())


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The chats in the database."""
    with source.connect() as raw:
        chats = list(rows(raw, "chat", "id", "model title started_at archived", "ORDER BY id"))
        tell.expect(len(chats))
        for chat in chats:
            yield f"{source.label}, chat {chat['id']}", partial(_talk, raw, chat)
        tell_orphans(raw, source, tell, table="message", column="chat_id", of="chat")


def _talk(raw: sqlite3.Connection, chat: dict[str, Any]) -> Talk:
    where = "WHERE chat_id = ? ORDER BY id, rowid"
    held = list(rows(raw, "message", "role content", "id timestamp parent_id model", where, chat["id"]))
    ids = {row["id"] for row in held} - {None}
    has_tree = len(ids) == len(held) and any(row["parent_id"] in ids for row in held)
    said = [
        Said(
            str(row["id"] or ""),
            role_of(row["role"]),
            None if row["parent_id"] is None else str(row["parent_id"]),
            text_of(row["content"]),
            model=text_of(row["model"]),
            at=seconds_of(row["timestamp"]),
        )
        for row in held
    ]
    return Talk(
        f"{chat['id']}.{chat['started_at']}",
        said if has_tree else in_a_row(said),
        title=text_of(chat["title"]),
        model=text_of(chat["model"]),
        created_at=seconds_of(chat["started_at"]),
        is_archived=bool(chat["archived"]),
    )
