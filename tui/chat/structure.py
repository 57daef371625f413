"""Structured output: schemas from where the user keeps them, and replies held against them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from tui.domain.error import ConfigError
from tui.domain.quantity import describe_size
from tui.domain.request import ReplySchema
from tui.domain.turn import Turn, TurnState
from tui.schema.check import hold
from tui.schema.json_value import JsonError, parse_frozen
from tui.schema.schema_line import read_schema
from tui.schema.schema_problem import is_strict, schema_problems, unjudged
from tui.wire.dialect import recognise_body

FILE_LIMIT_BYTES = 1_000_000
_NOT_JSON = "not JSON: "
_SHOWN = 4


class Verdict(Struct, frozen=True):
    """What became of a reply that had to follow a schema, and in words why it does not.

    `unjudged` says what the schema asks for and was not judged.
    """

    kind: Literal["valid", "invalid", "cut", "refused"]
    words: str = ""
    unjudged: tuple[str, ...] = ()

    @property
    def not_judged(self) -> str:
        """What was not judged, on one line."""
        shown = ", ".join(self.unjudged[:_SHOWN])
        return shown + (f" and {len(self.unjudged) - _SHOWN} more" if len(self.unjudged) > _SHOWN else "")


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
        schema = saved[text]
        return _saved_schema(text, schema)
    path = Path(text).expanduser() if len(text) < 1024 and "\n" not in text else None
    if path is not None and path.is_file():
        return schema_file(path)
    if path is not None and path.suffix == ".json":
        raise ConfigError(f"there is no file {path}")
    if text.isidentifier() and (near := get_close_matches(text, saved, 1)):
        # One word is a schema of one field, but here rather a name written wrongly.
        raise ConfigError(
            f"there is no schema “{text}”", f"Did you mean “{near[0]}”? A field of that name: “{text} str”."
        )
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
        raise ConfigError(f"{path} is too large for a schema", f"At most {describe_size(FILE_LIMIT_BYTES)}.")
    try:
        return _reply_schema(path.stem, read_schema(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not text") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.message}", error.hint) from error


def judge(turn: Turn, schema: ReplySchema) -> Verdict:
    """Hold a reply that is over against the schema it had to follow."""
    if turn.refusal:
        return Verdict("refused", turn.refusal)
    was_cut = turn.state is not TurnState.COMPLETE or turn.is_cut
    try:
        value = parse_frozen(turn.texts[-1] if turn.messages else turn.text)  # a commentary before it is no part of it
    except JsonError as error:
        return Verdict("cut", str(error)) if was_cut else Verdict("invalid", f"{_NOT_JSON}{error}")
    findings = hold(schema.schema, value)
    missed = tuple(dict.fromkeys((*unjudged(schema.schema), *findings.unjudged)))
    if findings.violations:
        return Verdict("invalid", str(findings.violations[0]), missed)
    return Verdict("valid", "", missed)


def describe_problem(verdict: Verdict) -> str:
    """What is wrong, by a verdict; empty when nothing is."""
    match verdict.kind:
        case "valid":
            return ""
        case "refused":
            return f"the model refused: {verdict.words}"
        case "cut":
            return f"the reply is not whole JSON: {verdict.words}"
        case "invalid" if verdict.words.startswith(_NOT_JSON):
            return f"the reply is {verdict.words}"
        case "invalid":
            return f"the reply does not fit the schema: {verdict.words}"


def schema_of_request(body: Mapping[str, Any]) -> ReplySchema | None:
    """The schema that a request as it was sent asked for, in whichever dialect."""
    schemas = (dialect.schema_of(body) for dialect in recognise_body(body))
    return next((schema for schema in schemas if schema is not None), None)


def _saved_schema(name: str, saved: Any) -> ReplySchema:
    """A schema of the settings: text, a table that names a file, or the schema itself."""
    if isinstance(saved, str):
        return find_schema(saved, {})
    if set(saved) == {"file"} and isinstance(saved["file"], str):
        return schema_file(Path(saved["file"]).expanduser())
    if problems := schema_problems(saved):
        raise ConfigError(f"the saved schema “{name}” cannot be used: {problems[0]}")
    return _reply_schema(name, saved)


def _reply_schema(name: str, schema: Mapping[str, Any]) -> ReplySchema:
    fitting = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")[:64] or "reply"
    return ReplySchema(fitting, schema, strict=is_strict(schema))
