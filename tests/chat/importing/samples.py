"""Small stores of other programs, made as those make them; every text is made up."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
PNG_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def write_lines(path, *values):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values), encoding="utf-8")
    return path


def write_database(path, **tables):
    """A database of tables, each a list of rows that are dictionaries; the first row names the columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as raw, raw:
        for name, rows in tables.items():
            columns = list(rows[0])
            raw.execute(f'CREATE TABLE "{name}" ({", ".join(chr(34) + each + chr(34) for each in columns)})')
            for row in rows:
                if any(value is not None for value in row.values()):
                    raw.execute(
                        f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(columns))})',
                        [row.get(each) for each in columns],
                    )
    return path


def prompts(session):
    return [getattr(whole.turn.opening, "text", None) for whole in session.turns]


def texts(session):
    return [whole.turn.text for whole in session.turns]


def above(session):
    return [whole.above for whole in session.turns]


# -- ChatGPT ------------------------------------------------------------------------------------------------


def chatgpt_node(name, parent, role, *parts, kind="text", **more):
    message = {
        "id": name,
        "author": {"role": role, "name": more.pop("tool", None)},
        "create_time": more.pop("at", None),
        "content": {"content_type": kind, "parts": list(parts), **more.pop("content", {})},
        "metadata": more.pop("metadata", {}),
        **more,
    }
    return {"id": name, "parent": parent, "message": message}


def chatgpt_chat(name, *nodes, title="A chat", leaf=None, **more):
    return {
        "title": title,
        "create_time": 1700000000.5,
        "update_time": 1700000100.25,
        "mapping": {"root": {"id": "root", "parent": None, "message": None}, **{node["id"]: node for node in nodes}},
        "current_node": leaf or nodes[-1]["id"],
        "conversation_id": name,
        "default_model_slug": "gpt-9",
        **more,
    }


def plain_chatgpt(name="c1", text="Hello"):
    return chatgpt_chat(
        name,
        chatgpt_node("a", "root", "user", text, at=1700000001.0),
        chatgpt_node("b", "a", "assistant", f"You said {text}", at=1700000002.0),
    )
