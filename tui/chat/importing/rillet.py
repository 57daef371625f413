"""rillet's own JSON, as it exports it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from tui.chat.importing.source import NotReadError, Source, Tell
from tui.chat.importing.value import table_of
from tui.chat.session_json import FORMAT, session_from
from tui.domain.error import ConfigError
from tui.domain.session import WholeSession


def knows(source: Source) -> bool:
    """Whether a file is an export of rillet."""
    return source.kind == "json" and table_of(source.first).get("format") == FORMAT


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], WholeSession]]]:
    """The sessions in a file."""
    for place, value in source.items(tell):
        yield place, partial(_session, value)


def _session(value: Callable[[], object]) -> WholeSession:
    try:
        return session_from(value())
    except ConfigError as error:
        raise NotReadError(error.message) from error
