"""JSON Schema as it is written: its types, the schemas inside one, and values in sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from msgspec import Struct

from tui.schema.json_value import is_sequence

Path = tuple[str | int, ...]
Schema = Mapping[str, Any] | bool

DEPTH = 64
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")

ONE_BELOW = frozenset(
    (
        "items", "additionalItems", "unevaluatedItems", "contains", "additionalProperties", "unevaluatedProperties",
        "propertyNames", "not", "if", "then", "else", "contentSchema",
    )
)  # fmt: skip
"""Keywords whose value is a schema."""
LIST_BELOW = frozenset(("allOf", "anyOf", "oneOf", "prefixItems", "items"))
"""Keywords whose value is a list of schemas; a list of `items` is the older way to write `prefixItems`."""
NAMED_BELOW = frozenset(("properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"))
"""Keywords whose value holds schemas by name."""


class Violation(Struct, frozen=True):
    """One way in which a value does not fit: where, and why."""

    path: Path
    message: str

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.message}"


def path_text(path: Path) -> str:
    """A path as people write it: `people[0].age`; the whole is `the value`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text or "the value"


def schemas_below(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The schemas inside a schema, each with its place: `properties/name`."""
    for key, inner in schema.items():
        if key in NAMED_BELOW and isinstance(inner, Mapping):
            for name, rule in inner.items():
                if not (key == "dependencies" and is_sequence(rule)):  # a list there names keys
                    yield f"{key}/{name}", rule
        elif key in LIST_BELOW and is_sequence(inner):
            yield from ((f"{key}/{number}", rule) for number, rule in enumerate(inner))
        elif key in ONE_BELOW:
            yield key, inner


def kind_of(value: Any) -> str:
    """The JSON type of a value; whole numbers are `integer`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types a schema allows; empty where it does not say."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return (kind,)
    return tuple(inner for inner in kind if isinstance(inner, str)) if is_sequence(kind) else ()


def fits_type(value: Any, types: tuple[str, ...]) -> bool:
    """Whether a value is of one of the types; no types allow all."""
    kind = kind_of(value)
    return not types or kind in types or (kind == "integer" and "number" in types)


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a JSON number: a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def say(value: Any) -> str:
    """A value in a sentence: its JSON, shortened."""
    if isinstance(value, Mapping):
        return "an object"
    if is_sequence(value):
        return "an array"
    text = json.dumps(value, ensure_ascii=False)
    text = f"“{text[1:-1]}”" if isinstance(value, str) else text
    return text if len(text) <= 60 else f"{text[:57]}…{'”' if isinstance(value, str) else ''}"
