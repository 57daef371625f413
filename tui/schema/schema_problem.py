"""What is wrong with a schema as it is written, before any value is held against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui.schema.format import FORMATS
from tui.schema.json_value import is_sequence
from tui.schema.pattern import PatternError, check_pattern
from tui.schema.pattern_node import BeyondError
from tui.schema.reference import References, references_of
from tui.schema.schema import (
    DEPTH,
    LIST_BELOW,
    NAMED_BELOW,
    ONE_BELOW,
    TYPES,
    Schema,
    is_number,
    say,
    schemas_below,
    types_of,
)


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
    return all(is_strict(inner, root, depth + 1) for _, inner in schemas_below(schema))


def schema_problems(schema: Any) -> list[str]:
    """What is wrong with a schema as it is written, in sentences; empty when it can be used."""
    if not isinstance(schema, Mapping):
        return ["a schema is a JSON object"]
    return list(_faults(schema, references_of(schema), "", 0))


def unjudged(schema: Schema) -> list[str]:
    """What a schema asks for and nobody here judges, each in a few words; empty where all of it is judged."""
    return list(dict.fromkeys(_unjudged(schema, references_of(schema), 0)))


def _unjudged(schema: Any, references: References, depth: int) -> Iterator[str]:
    if not isinstance(schema, Mapping) or depth > DEPTH:
        return
    for key in schema:
        if key not in _KNOWN and not key.startswith("x-"):
            yield f"`{key}`"
    for key in ("$ref", "$dynamicRef"):
        target = schema.get(key)
        if isinstance(target, str) and references.find(target, references.home(schema)) is None:
            yield f"`{key}` {say(target)}, which leads out of the schema"
    if isinstance(name := schema.get("format"), str) and name not in FORMATS:
        yield f"the format {say(name)}"
    for pattern in _patterns(schema):
        try:
            check_pattern(pattern)
        except PatternError as error:
            yield f"the pattern {say(pattern)}: {error}"
    for _, inner in schemas_below(schema):
        yield from _unjudged(inner, references, depth + 1)


def _faults(schema: Any, references: References, where: str, depth: int) -> Iterator[str]:
    at = f" at {where}" if where else ""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield f"a schema is an object or a boolean, not {say(schema)}{at}"
        return
    if depth > DEPTH:
        yield f"nested more than {DEPTH} levels"
        return
    kinds = schema.get("type")
    for kind in kinds if is_sequence(kinds) else () if kinds is None else (kinds,):
        if kind not in TYPES:
            yield f"{say(kind)} is no JSON type{at}; the types are {', '.join(TYPES)}"
    for key in ("properties", "patternProperties", "dependentSchemas", "dependentRequired", "$defs"):
        if not isinstance(schema.get(key, {}), Mapping):
            yield f"`{key}` is an object{at}"
    required = schema.get("required", ())
    if not is_sequence(required) or not all(isinstance(name, str) for name in required):
        yield f"`required` is a list of names{at}"
    for key in ("enum", "allOf", "anyOf", "oneOf", "prefixItems"):
        if not is_sequence(schema.get(key, ())):
            yield f"`{key}` is a list{at}"
    for key in _NUMBERS:
        bound = schema.get(key)
        is_older = isinstance(bound, bool) and key.startswith("exclusive")  # a word beside `minimum`, before draft 6
        if bound is not None and not is_number(bound) and not is_older:
            yield f"`{key}` is a number{at}"
    if schema.get("multipleOf") is not None and not (is_number(schema["multipleOf"]) and schema["multipleOf"] > 0):
        yield f"`multipleOf` is a number above 0{at}"
    if (target := schema.get("$ref")) is not None:
        if not isinstance(target, str):
            yield f"`$ref` {say(target)} is no text{at}"
        elif target.startswith("#") and references.find(target, references.home(schema)) is None:
            yield f"`$ref` {say(target)} is not in this schema{at}"
    for pattern in _patterns(schema):
        try:
            check_pattern(pattern)
        except BeyondError:
            pass  # it may be good
        except PatternError as error:
            yield f"the pattern {say(pattern)} cannot be checked{at}: {error}"
    for name, inner in schemas_below(schema):
        yield from _faults(inner, references, f"{where}/{name}", depth + 1)


def _patterns(schema: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(pattern := schema.get("pattern"), str):
        yield pattern
    if isinstance(patterns := schema.get("patternProperties"), Mapping):
        yield from patterns


_NUMBERS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems",
    "minProperties", "maxProperties", "minContains", "maxContains",
)  # fmt: skip
_KNOWN = (
    (ONE_BELOW - {"contentSchema"}) | LIST_BELOW | NAMED_BELOW | frozenset(_NUMBERS)
    | frozenset(
        (
            "type", "enum", "const", "multipleOf", "pattern", "format", "uniqueItems", "required", "dependentRequired",
            "$schema", "$id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$comment", "$vocabulary",
            "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
        )
    )
)  # fmt: skip
"""The keywords of 2020-12 (and the older words for them) that are judged here, or that only describe."""
