"""Structured output: schemas from where the user keeps them, and replies held against them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui.domain.error import ConfigError
from tui.domain.request import ReplySchema
from tui.domain.turn import Turn
from tui.tools.json_value import JsonError, parse_frozen
from tui.tools.schema import violations
from tui.tools.schema_line import read_schema
from tui.tools.schema_problem import is_strict

FILE_LIMIT_BYTES = 1 << 20


def find_schema(text: str, saved: Mapping[str, Any]) -> ReplySchema:
    """A schema by what a user writes: the name of a saved one, a file, JSON, or the one-line form.

    Args:
        text: What was written.
        saved: The schemas of the settings by name: each a schema, or a text as here.

    Raises:
        ConfigError: If it is none of these, with what is wrong.
    """
    text = text.strip()
    if text in saved:
        found = saved[text]
        return find_schema(found, {}) if isinstance(found, str) else _reply_schema(text, found)
    path = Path(text).expanduser() if len(text) < 1024 and "\n" not in text else None
    if path is not None and path.is_file():
        return schema_file(path)
    if path is not None and path.suffix == ".json":
        raise ConfigError(f"there is no file {path}")
    return _reply_schema("reply", read_schema(text))


def schema_file(path: Path) -> ReplySchema:
    """The schema in a file: JSON Schema, or the one-line form.

    Raises:
        ConfigError: If it cannot be read or used.
    """
    try:
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    if len(content) > FILE_LIMIT_BYTES:
        raise ConfigError(f"{path} is too large for a schema", "At most 1 MB.")
    try:
        return _reply_schema(path.stem, read_schema(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not text") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.message}", error.hint) from error


def structure_problem(turn: Turn, schema: ReplySchema) -> str:
    """What is wrong with a reply that had to follow a schema; empty when nothing is."""
    if turn.refusal:
        return f"the model refused: {turn.refusal}"
    try:
        value = parse_frozen(turn.text)
    except JsonError as error:
        return f"the reply is not whole JSON: {error}" if turn.is_cut else f"the reply is not JSON: {error}"
    found = violations(schema.schema, value)
    return f"the reply does not fit the schema: {found[0]}" if found else ""


def _reply_schema(name: str, schema: Mapping[str, Any]) -> ReplySchema:
    fitting = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")[:64] or "reply"
    return ReplySchema(fitting, schema, strict=is_strict(schema))
