"""A session as JSON: everything of it but its recordings, to be read by other programs and taken back unchanged.

`session_schema.json` beside this file says what stands where. What is empty is left out of a turn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from tui.domain.endpoint_word import EFFORTS
from tui.domain.error import ConfigError
from tui.domain.session import NO_TIME, Sheet, WholeSession, WholeTurn
from tui.domain.turn import Turn, TurnState
from tui.store.row import opening_from, opening_record, reply_record, restore_reply, schema_from, schema_record

FORMAT = "rillet-session"
VERSION = 1

_FINISH = ("has_finished", "reason", "incomplete_reason")
_OUTCOME = ("state", "text", "is_error", "images", "duration", "aside")
_RESULT = ("call_id", "text", "is_error", "images")
_IMAGE = ("url", "detail", "name")
_CITATION = ("url", "title")
_ODDITY = ("kind", "detail")
_ITEM = ("index", "item")
_MADE = ("index", "url")
_MARK = ("part", "start", "end", "source")


def session_text(session: WholeSession) -> Iterator[str]:
    """A session as JSON text, a piece a turn."""
    head = _indented({**_head_record(session), "turns": []})
    if not session.turns:
        yield head + "\n"
        return
    yield head.removesuffix("]\n}")
    between = ""
    for whole in session.turns:
        record = _indented(_turn_record(whole)).replace("\n", "\n    ")  # within a string none stands as it is
        yield f"{between}\n    {record}"
        between = ","
    yield "\n  ]\n}\n"


def _indented(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _head_record(session: WholeSession) -> dict[str, Any]:
    """All of a session but its turns, as JSON values."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": session.id,
        "title": session.title,
        "system": session.system,
        "effort": session.effort,
        "sheet": msgspec.to_builtins(session.sheet),
        "created_at": _date(session.created_at),
        "updated_at": _date(session.updated_at),
        "is_pinned": session.is_pinned,
        "archived_at": None if session.archived_at is None else _date(session.archived_at),
        "tags": list(session.tags),
        "source": session.source or None,
        "head": session.head,
    }


def _turn_record(whole: WholeTurn) -> dict[str, Any]:
    turn = whole.turn
    asked = opening_record(turn.opening)
    if "images" in asked:
        asked["images"] = [_named(_IMAGE, image) for image in asked["images"]]
    if "results" in asked:
        asked["results"] = [_with_images(_named(_RESULT, result)) for result in asked["results"]]
    return {
        "number": turn.number,
        "above": whole.above,
        "began_at": _date(whole.began_at),
        "model": turn.model,
        "endpoint": turn.endpoint,
        "dialect": turn.dialect,
        "state": str(turn.state),
        **({"standing": turn.standing} if turn.standing else {}),
        "asked": {**({"system": turn.system} if turn.system else {}), **asked, **schema_record(turn.schema)},
        "reply": _reply_record(reply_record(turn)),
    }


def _reply_record(record: dict[str, Any]) -> dict[str, Any]:
    """The reply as it is saved, with the names of what stands in rows there."""
    return _renamed(record, _written)


def _written(name: str, value: Any) -> Any:
    match name:
        case "finish":
            return _named(_FINISH, value)
        case "tool_calls":
            return [
                {
                    **call,
                    "outcome": None if call["outcome"] is None else _with_images(_named(_OUTCOME, call["outcome"])),
                }
                for call in value
            ]
        case "server_tools" | "items":
            return [_named(_ITEM, each) for each in value]
        case "citations":
            return [_named(_CITATION, each) for each in value]
        case "oddities":
            return [_named(_ODDITY, each) for each in value]
        case "marks":
            return [_named(_MARK, each) for each in value]
        case "images":
            return [_named(_MADE, each) for each in value]
    return value


def _with_images(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "images": [_named(_IMAGE, image) for image in record["images"]]}


def _named(names: tuple[str, ...], values: Any) -> dict[str, Any]:
    return dict(zip(names, values, strict=False))


def _renamed(record: Mapping[str, Any], change: Callable[[str, Any], Any]) -> dict[str, Any]:
    return {name: value if value is None else change(name, value) for name, value in record.items()}


def _date(seconds: float) -> str | None:
    """An instant as a date in UTC, to the microsecond; nothing where it is not known."""
    if seconds == NO_TIME:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None


# -- and back ---------------------------------------------------------------------------------------------


def session_from(value: Any) -> WholeSession:
    """A session of JSON values.

    Raises:
        ConfigError: If it is none, or of a newer rillet; the message says where.
    """
    if not isinstance(value, Mapping) or value.get("format") != FORMAT:
        raise ConfigError("it is no session of rillet")
    if value.get("version") != VERSION:
        raise ConfigError(f"it is of a newer rillet (version {value.get('version')}, this one reads {VERSION})")
    session = WholeSession(
        _text(value, "id"),
        _text(value, "title"),
        None if value.get("system") is None else _text(value, "system"),
        next((word for word in EFFORTS if word == value.get("effort")), ""),
        _sheet(value.get("sheet")),
        _seconds(value.get("created_at")),
        _seconds(value.get("updated_at")),
        value.get("is_pinned") is True,
        None if value.get("archived_at") is None else _seconds(value["archived_at"]),
        value["source"] if isinstance(value.get("source"), str) else "",
        tuple(tag for tag in value.get("tags", ()) if isinstance(tag, str)),
        value["head"] if isinstance(value.get("head"), int) else None,
    )
    numbers: set[int] = set()
    for at, record in enumerate(value.get("turns", ()), 1):
        try:
            whole = _turn_from(record)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise ConfigError(f"turn {at} of it cannot be read ({type(error).__name__}: {error})") from error
        if whole.turn.number in numbers or (whole.above is not None and whole.above not in numbers):
            raise ConfigError(f"turn {at} of it has no place: the one above must stand before it")
        numbers.add(whole.turn.number)
        session.turns.append(whole)
    if not session.turns:
        raise ConfigError("it holds no turns")
    return session


def _sheet(value: Any) -> Sheet:
    try:
        return msgspec.convert(value or {}, Sheet)
    except msgspec.ValidationError as error:
        raise ConfigError(f"its sheet cannot be read ({error})") from error


def _turn_from(record: Mapping[str, Any]) -> WholeTurn:
    asked = dict(record["asked"])
    if "images" in asked:
        asked["images"] = [_values(_IMAGE, image) for image in asked["images"]]
    if "results" in asked:
        asked["results"] = [_values(_RESULT, _without_names(result)) for result in asked["results"]]
    number = record["number"]
    if not isinstance(number, int) or number < 1:
        raise ValueError("its number is none")
    turn = Turn(
        opening_from(asked),
        number=number,
        model=_text(record, "model"),
        endpoint=_text(record, "endpoint"),
        dialect=_text(record, "dialect"),
        schema=schema_from(asked),
        system=_text(asked, "system") or None,
    )
    restore_reply(turn, TurnState(record["state"]), _renamed(record["reply"], _read))
    standing = record.get("standing")
    turn.standing = standing if standing in ("out", "aside") else ""
    above = record.get("above")
    return WholeTurn(turn, above if isinstance(above, int) else None, _seconds(record.get("began_at")))


def _read(name: str, value: Any) -> Any:
    match name:
        case "finish":
            return _values(_FINISH, value)
        case "tool_calls":
            return [
                {
                    **call,
                    "outcome": None if call["outcome"] is None else _values(_OUTCOME, _without_names(call["outcome"])),
                }
                for call in value
            ]
        case "server_tools" | "items":
            return [_values(_ITEM, each) for each in value]
        case "citations":
            return [_values(_CITATION, each) for each in value]
        case "oddities":
            return [_values(_ODDITY, each) for each in value]
        case "marks":
            return [_values(_MARK, each) for each in value]
        case "images":
            return [_values(_MADE, each) for each in value]
    return value


def _without_names(record: Mapping[str, Any]) -> dict[str, Any]:
    return {**record, "images": [_values(_IMAGE, image) for image in record["images"]]}


def _values(names: tuple[str, ...], record: Mapping[str, Any]) -> list[Any]:
    return [record[name] for name in names]


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name, "")
    if not isinstance(value, str):
        raise ConfigError(f"“{name}” is no text")
    return value


def _seconds(value: Any) -> float:
    try:
        return NO_TIME if value is None else datetime.fromisoformat(value).timestamp()
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(f"“{value}” is no date") from error
