"""crush's `crush.db`, one for each project. Columns that are said to hold milliseconds may hold seconds.

Sessions under another one are of agents, or made a title only. Parts may be packed by zstd.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tui.chat.importing.source import NotReadError, Source, Tell, rows, tell_orphans, unpack_zstd
from tui.chat.importing.talk import Called, Said, Talk, in_a_row, role_of
from tui.chat.importing.value import (
    arguments_of,
    attached,
    image_of,
    json_of,
    result_text,
    seconds_of,
    table_of,
    tables_of,
    text_of,
)
from tui.domain.message import ImagePart, ToolResultPart

_ZSTD = b"\x28\xb5\x2f\xfd"


def find() -> Iterator[Path]:
    """The databases of the projects that crush knows of, and of the one that this is."""
    from tui.chat.importing.table import user_folders

    here = Path.cwd()
    yield from (above / ".crush" / "crush.db" for above in (here, *here.parents))
    listed = Path(user_folders()["DATA"]) / "crush" / "projects.json"
    try:
        projects = table_of(json_of(listed.read_bytes()))
    except OSError:
        return
    for project in tables_of(projects.get("projects")):
        folder = text_of(project.get("data_dir")) or ".crush"
        yield Path(text_of(project.get("path")) or "/") / folder / "crush.db"


def knows(source: Source) -> bool:
    """Whether a file is crush's."""
    return {"session_id", "role", "parts"} <= source.tables.get("messages", frozenset())


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The sessions in the database, without those that only made a title."""
    with source.connect() as raw:
        more = "parent_session_id title created_at updated_at archived_at"
        sessions = [
            row
            for row in rows(raw, "sessions", "id", more, "ORDER BY created_at, id")
            if not (row["parent_session_id"] and text_of(row["id"]).startswith("title-"))
        ]
        tell.expect(len(sessions))
        for session in sessions:
            yield f"{source.label}, session {session['id']}", partial(_talk, raw, session)
        tell_orphans(raw, source, tell, table="messages", column="session_id", of="sessions")


def _talk(raw: sqlite3.Connection, session: Mapping[str, Any]) -> Talk:
    more = "model provider created_at finished_at is_summary_message"
    where = "WHERE session_id = ? ORDER BY created_at, rowid"
    held = rows(raw, "messages", "id session_id role parts", more, where, session["id"])
    said = [_said(row) for row in held if not row["is_summary_message"]]
    is_from_agent = bool(session["parent_session_id"])
    title = text_of(session["title"])
    return Talk(
        text_of(session["id"]),
        in_a_row(said),
        title="" if title in ("New Session", "Untitled Session") else title,
        created_at=seconds_of(session["created_at"]),
        updated_at=seconds_of(session["updated_at"]),
        is_archived=bool(session["archived_at"]) or is_from_agent,
        tags=("subagent",) if is_from_agent else (),
    )


def _said(row: Mapping[str, Any]) -> Said:
    packed = row["parts"]
    if isinstance(packed, bytes) and packed.startswith(_ZSTD):
        packed = unpack_zstd(packed)
    parts = json_of(packed)
    if not isinstance(parts, list):
        raise NotReadError(f"message {row['id']} is damaged")
    begun, ended = seconds_of(row["created_at"]), seconds_of(row["finished_at"])
    said = Said(
        text_of(row["id"]),
        role_of(row["role"]),
        model=text_of(row["model"]),
        endpoint=text_of(row["provider"]),
        at=begun,
        duration=ended - begun if ended >= begun > 0 else None,
    )
    texts: list[str] = []
    names: list[str] = []
    for part in tables_of(parts):
        said = _add(said, text_of(part.get("type")), table_of(part.get("data")), texts, names)
    return replace(said, text=attached("\n\n".join(filter(None, texts)), names))


def _add(said: Said, kind: str, data: Mapping[str, Any], texts: list[str], names: list[str]) -> Said:
    """A message with one more of its parts."""
    match kind:
        case "text" if not data.get("hidden"):
            texts.append(text_of(data.get("text")))
        case "reasoning":
            begun, ended = seconds_of(data.get("started_at")), seconds_of(data.get("finished_at"))
            thought = text_of(data.get("thinking"))
            pondered = ended - begun if ended >= begun > 0 else None
            return replace(said, thoughts=(*said.thoughts, thought) if thought else said.thoughts, pondered=pondered)
        case "image_url":
            image = image_of(text_of(data.get("url")))
            return replace(said, images=(*said.images, image)) if image is not None else said
        case "binary":
            return _add_file(said, data, names)
        case "tool_call":
            call = Called(text_of(data.get("id")), text_of(data.get("name")), arguments_of(data.get("input")))
            return replace(said, calls=(*said.calls, call))
        case "tool_result":
            text = result_text(data.get("content"))
            held = (
                image_of(text_of(data.get("data")), kind=text_of(data.get("mime_type"))) if data.get("data") else None
            )
            images = (held,) if held is not None else ()
            result = ToolResultPart(text_of(data.get("tool_call_id")), text, bool(data.get("is_error")), images)
            return replace(said, results=(*said.results, result))
        case "shell_command":
            texts.append(f"$ {text_of(data.get('command'))}\n{text_of(data.get('output'))}")
        case "finish":
            reason = text_of(data.get("reason"))
            words = ": ".join(filter(None, (text_of(data.get("message")), text_of(data.get("details")))))
            is_known = reason not in ("canceled", "error", "unknown")
            failed = (words or "failed") if reason == "error" else ""
            finish = reason if is_known else ""
            return replace(said, finish=finish, error=failed, was_stopped=reason == "canceled")
    return said


def _add_file(said: Said, data: Mapping[str, Any], names: list[str]) -> Said:
    name = Path(text_of(data.get("Path"))).name
    image: ImagePart | None = None
    if text_of(data.get("MIMEType")).startswith("image/"):
        image = image_of(text_of(data.get("Data")), name, text_of(data.get("MIMEType")))
    if image is None:
        names.append(name)
        return said
    return replace(said, images=(*said.images, image))
