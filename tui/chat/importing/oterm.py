"""oterm's `store.db`. It keeps no times, no thinking and no calls; images are base64, without a kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tui.chat.importing.source import Source, Tell, rows, tell_orphans
from tui.chat.importing.talk import Said, Talk, in_a_row, role_of
from tui.chat.importing.value import image_of, json_of, list_of, text_of, without_thoughts


def knows(source: Source) -> bool:
    """Whether a file is oterm's."""
    tables = source.tables
    return "chat_id" in tables.get("message", ()) and not {"author", "text"} - tables.get("message", frozenset())


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The chats in the database."""
    with source.connect() as raw:
        chats = list(rows(raw, "chat", "id", "name model system provider", "ORDER BY id"))
        tell.expect(len(chats))
        for chat in chats:
            yield f"{source.label}, chat {chat['id']}", partial(_talk, raw, chat, tell)
        tell_orphans(raw, source, tell, table="message", column="chat_id", of="chat")


def _talk(raw: sqlite3.Connection, chat: dict[str, Any], tell: Tell) -> Talk:
    said = [
        _said(row, tell)
        for row in rows(raw, "message", "author text", "id images", "WHERE chat_id = ? ORDER BY id, rowid", chat["id"])
    ]
    return Talk(
        f"{chat['id']}.{said[0].text[:80] if said else ''}",
        in_a_row(said),
        title=text_of(chat["name"]),
        system=text_of(chat["system"]),
        model=text_of(chat["model"]),
        endpoint=text_of(chat["provider"]),
    )


def _said(row: dict[str, Any], tell: Tell) -> Said:
    images = []
    for data in list_of(json_of(row["images"])):
        if (image := image_of(text_of(data))) is not None:
            images.append(image)
        else:
            tell.left_out("an image that is none")
    text, thoughts = without_thoughts(text_of(row["text"]))
    role = role_of(row["author"], "assistant")
    if role != "assistant":
        text, thoughts = text_of(row["text"]), ()
    return Said(str(row["id"] or ""), role, text=text, thoughts=thoughts, images=tuple(images))
