"""What is wrong with a schema as it is written, before any value is held against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui.schema.json_value import is_sequence
from tui.schema.pattern import PatternError, check_pattern
from tui.schema.schema import DEPTH, TYPES, Schema, is_number, look_up, say, types_of


def is_strict(schema: Schema, root: Schema | None = None, depth: int = 0) -> bool:
    """Whether endpoints may take the schema in strict mode: every object closed, every property required."""
    root = schema if root is None else root
    if not isinstance(schema, Mapping) or depth > DEPTH:
        return schema is False
    properties = schema.get("properties", {})
    if "object" in types_of(schema) or properties:
        is_closed = schema.get("additionalProperties") is False
        if not is_closed or not isinstance(properties, Mapping) or set(schema.get("required", ())) != set(properties):
            return False
    return all(is_strict(inner, root, depth + 1) for _, inner in _below(schema))


def schema_problems(schema: Any) -> list[str]:
    """What is wrong with a schema as it is written, in sentences; empty when it can be used."""
    if not isinstance(schema, Mapping):
        return ["a schema is a JSON object"]
    return list(_faults(schema, schema, "", 0))


def _faults(schema: Any, root: Mapping[str, Any], where: str, depth: int) -> Iterator[str]:
    at = f" at {where}" if where else ""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield f"a schema is an object or a boolean, not {say(schema)}{at}"
        return
    if depth > DEPTH:
        yield f"nested more than {DEPTH} levels"
        return
    for kind in [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type") or ():
        if kind not in TYPES:
            yield f"“{kind}” is no JSON type{at}; the types are {', '.join(TYPES)}"
    if not isinstance(schema.get("properties", {}), Mapping):
        yield f"`properties` is an object{at}"
    required = schema.get("required", ())
    if not is_sequence(required) or not all(isinstance(name, str) for name in required):
        yield f"`required` is a list of names{at}"
    if not is_sequence(schema.get("enum", ())):
        yield f"`enum` is a list{at}"
    for key in _NUMBERS:
        bound = schema.get(key)
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int | float)):
            yield f"`{key}` is a number{at}"
    if schema.get("multipleOf") is not None and not (is_number(schema["multipleOf"]) and schema["multipleOf"] > 0):
        yield f"`multipleOf` is a number above 0{at}"
    if (target := schema.get("$ref")) is not None and (not isinstance(target, str) or look_up(root, target) is None):
        yield f"`$ref` {say(target)} is not in this schema{at}"
    patterns = schema.get("patternProperties")
    for pattern in [schema.get("pattern"), *(patterns if isinstance(patterns, Mapping) else ())]:
        if pattern is None:
            continue
        try:
            check_pattern(str(pattern))
        except PatternError as error:
            yield f"the pattern {say(pattern)} cannot be checked{at}: {error}"
    for name, inner in _below(schema):
        yield from _faults(inner, root, f"{where}/{name}", depth + 1)


_NUMBERS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
)  # fmt: skip


def _below(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in ("properties", "patternProperties", "$defs", "definitions"):
        if isinstance(group := schema.get(key), Mapping):
            yield from ((f"{key}/{name}", inner) for name, inner in group.items())
    for key in ("items", "additionalProperties", "not"):
        if key in schema and not is_sequence(schema[key]):
            yield key, schema[key]
    for key in ("anyOf", "oneOf", "allOf", "prefixItems", "items"):
        if is_sequence(group := schema.get(key)):
            yield from ((f"{key}/{number}", inner) for number, inner in enumerate(group))
