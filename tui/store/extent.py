"""How much is written in saved turns, and what: read many at a time, without making turns of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from tui.domain.extent import ASKED_ROWS, REPLY_ROWS, Extent
from tui.store.connection import Connection
from tui.store.string_pool import to_json

_KEPT = "\x00kept"
_LENGTHS = "length(text), length(text) - length(replace(text, char(10), ''))"


class _Opening(msgspec.Struct):
    prompt: Any = ""
    results: list[Any] = []


class _Reply(msgspec.Struct):
    body: list[Any] = []
    thoughts: list[Any] = []
    tool_calls: list[Any] = []
    server_tools: list[Any] = []


_opening = msgspec.json.Decoder(_Opening).decode
_reply = msgspec.json.Decoder(_Reply).decode
_Said = tuple[str, list[Any], list[Any], int]


def read_extents(connection: Connection, session_id: str, turn_ids: Sequence[str]) -> dict[str, Extent]:
    """How much is written in turns of a session; one that cannot be read is not among them.

    Raises:
        StoreError: If none can be.
    """
    read = [*_said(connection, turn_ids)]
    digests = _digests(read)
    lengths: dict[str, tuple[int, int]] = {}
    if digests:
        asked = (
            f"SELECT digest, {_LENGTHS} FROM kept WHERE session_id = ? AND digest IN (SELECT value FROM json_each(?))"  # noqa: S608  # constants
        )
        lengths = {
            digest: (size, lines) for digest, size, lines in connection.rows(asked, session_id, to_json(digests))
        }

    extents: dict[str, Extent] = {}
    for turn_id, asked_texts, body, more in read:
        try:
            sizes = [
                (len(text), text.count("\n")) if isinstance(text, str) else lengths[text[_KEPT]]
                for text in (*asked_texts, *body)
            ]
        except (KeyError, TypeError):
            continue  # a text is gone: the file is damaged
        at = len(asked_texts)
        asked_size, asked_lines = sizes[0] if at == 1 else _sum(sizes[:at])
        size, lines = sizes[1] if len(sizes) == at + 1 == 2 else _sum(sizes[at:])
        between = 2 * max(0, at - 1)  # a blank line between results
        asked_size, asked_lines = asked_size + between, asked_lines + between
        extents[turn_id] = Extent(turn_id, asked_size, ASKED_ROWS + asked_lines, size, REPLY_ROWS + lines + more)
    return extents


def _sum(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(size for size, _ in sizes), sum(lines for _, lines in sizes)


def read_said(connection: Connection, session_id: str, turn_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """What was asked in turns of a session, and what was replied; one that cannot be read is not among them.

    Raises:
        StoreError: If none can be.
    """
    read = [*_said(connection, turn_ids)]
    digests = _digests(read)
    texts: dict[str, str] = {}
    if digests:
        asked = "SELECT digest, text FROM kept WHERE session_id = ? AND digest IN (SELECT value FROM json_each(?))"
        texts = dict(connection.rows(asked, session_id, to_json(digests)))
    said: dict[str, tuple[str, str]] = {}
    for turn_id, asked_texts, body, _ in read:
        try:
            joined = [
                between.join(each if isinstance(each, str) else texts[each[_KEPT]] for each in texts_)
                for texts_, between in ((asked_texts, "\n\n"), (body, ""))
            ]
        except (KeyError, TypeError):
            continue
        said[turn_id] = joined[0], joined[1]
    return said


def _said(connection: Connection, turn_ids: Sequence[str]) -> Iterator[_Said]:
    named = "SELECT id, opening, reply FROM turn WHERE id IN (SELECT value FROM json_each(?))"
    for turn_id, opening, reply in connection.rows(named, to_json(turn_ids)):
        try:
            asked, replied = _opening(opening), _reply(reply or "{}")
            texts = [each[1] for each in asked.results] if asked.results else [asked.prompt]
        except (msgspec.DecodeError, UnicodeEncodeError, TypeError, LookupError, RecursionError):
            continue
        more = bool(replied.thoughts) + len(replied.tool_calls) + len(replied.server_tools)
        yield turn_id, texts, replied.body, more


def _digests(read: Sequence[_Said]) -> list[str]:
    """The texts that are kept apart."""
    named = {text.get(_KEPT) for _, asked, body, _ in read for text in (*asked, *body) if isinstance(text, dict)}
    return [digest for digest in named if isinstance(digest, str)]
