"""Dialects: streaming APIs, both ways. Each is one folder here, and one word in `DialectName`.

A folder is imported when its dialect is first spoken: `rillet ask` pays for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, TypeGuard

from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.wire.dialect.shape import Dialect

__all__ = ["Dialect", "dialect_named", "is_dialect", "recognise_body", "recognise_frame"]


@cache
def dialect_named(name: str) -> Dialect:
    """The dialect of that name.

    Raises:
        KeyError: If there is none.
    """
    if name not in DIALECT_NAMES:
        raise KeyError(f"there is no dialect {name!r}")
    dialect: Dialect = import_module(f"{__name__}.{name}").DIALECT
    return dialect


def is_dialect(name: str) -> TypeGuard[DialectName]:
    """Whether there is a dialect of that name."""
    return name in DIALECT_NAMES


def recognise_frame(event: str, value: Any) -> Dialect | None:
    """The dialect that the JSON of one frame is in; `None` where it could be any."""
    return next((dialect for dialect in _all() if dialect.recognises(event, value)), None)


def recognise_body(body: Mapping[str, Any]) -> Iterator[Dialect]:
    """The dialects a request's body may be in, the likeliest first."""
    yield from sorted(_all(), key=lambda dialect: dialect.prompt_of(body) is None)


def takes_prompts(path: str) -> bool:
    """Whether the path of an address ends as one does that prompts are sent to."""
    return any(path.endswith(dialect.path) for dialect in _all())


def _all() -> Iterator[Dialect]:
    return map(dialect_named, DIALECT_NAMES)
