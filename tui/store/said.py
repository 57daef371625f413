"""What was said in a turn: all that is looked through, as texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias, TypedDict

import msgspec

from tui.domain.error import StoreError
from tui.store.string_pool import digest_of, from_json


class Asked(TypedDict, total=False):
    """What is looked through of what began a turn: the rest of a record need not be made."""

    prompt: Any
    images: list[Any]
    results: list[Any]


class Replied(TypedDict, total=False):
    """What is looked through of a reply."""

    body: list[Any]
    thoughts: list[Any]
    refusals: list[Any]
    tool_calls: list[Any]
    server_tools: list[Any]
    citations: list[Any]
    error: Any


DAMAGE = (KeyError, TypeError, ValueError, AttributeError)
"""What comes of reading a record that is damaged."""

read_asked = msgspec.json.Decoder(Asked).decode
read_replied = msgspec.json.Decoder(Replied).decode


def read_record(text: str, read: Callable[[str], Any]) -> Any:
    """What is looked through of a record; `None` where it is damaged."""
    try:
        return read(text)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        with suppress(StoreError):  # it may be one of the numbers that only Python's JSON knows
            return from_json(text)
    return None


Part: TypeAlias = tuple[str | None, Sequence[Any]]
"""Values of a record, each of which may be a long string, and what stands between them where they are one text.

`None` stands between the arguments of calls, which are JSON.
"""


def texts(asked: Mapping[str, Any], replied: Mapping[str, Any]) -> list[str]:
    """All that is looked through in a turn, of its records as `row` makes them; what one would look for first at the front."""
    return join_parts(parts_of(asked, replied), lambda value: value)


def join_parts(parts: Iterable[Part], whole: Callable[[Any], Any]) -> list[str]:
    """The texts; `whole` says what a value is that stands for a long string."""
    said: list[Any] = []
    for between, values in parts:
        held = [value if isinstance(value, str) else whole(value) for value in values]
        if between is None:
            said += (text for value in held for text in _strings(value))
        else:
            said += held if len(held) == 1 else (between.join(held),)
    return [text for text in said if text and isinstance(text, str)]  # a damaged mark is none


def parts_of(asked: Mapping[str, Any], replied: Mapping[str, Any]) -> list[Part]:
    """What the texts are made of; long strings may not have been read yet."""
    parts: list[Part] = [("", (asked.get("prompt"),))]
    parts += _names(asked.get("images", ()))
    for kind, between in (("body", ""), ("thoughts", "\n\n"), ("refusals", "")):
        if values := replied.get(kind):
            parts.append((between, values))
    for _, text, _, images in asked.get("results", ()):
        parts += [("", (text,)), *_names(images)]
    for call in replied.get("tool_calls", ()):
        parts += [("", (call["name"],)), (None, (call["arguments"], call.get("edited") or ""))]
        if outcome := call.get("outcome"):
            parts += [*(("", (each,)) for each in (outcome[1], *outcome[5:])), *_names(outcome[3])]
    for _, item in replied.get("server_tools", ()):
        parts += [("", (value,)) for value in _values(item)]
    for url, title, *_ in replied.get("citations", ()):
        parts += [("", (title,)), ("", (url,))]
    if error := replied.get("error"):
        parts += [("", (error["message"],)), ("", (error["hint"],))]
    return parts


def _names(images: Iterable[Sequence[Any]]) -> list[Part]:
    return [("", (image[2],)) for image in images if len(image) > 2]


def _strings(arguments: Any) -> list[str]:
    """The names and values of a call's arguments as they are read, not as JSON escapes them."""
    try:
        return [*_values(json.loads(arguments))] if arguments else []
    except (ValueError, RecursionError):
        return [arguments]


def _values(value: Any) -> Iterator[Any]:
    """The names and values in a value; those that stand for a long text as they are."""
    if isinstance(value, str) or digest_of(value) is not None:
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield str(name)
            yield from _values(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _values(each)
    elif value is not None:
        yield str(value)
