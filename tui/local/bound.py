"""Bounds for the built-in model: where a schema leaves texts and whole numbers open, it writes none or never ends one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_TEXT = {"minLength": 1, "maxLength": 200}
_ITEMS = 10
_LARGEST = 9999
_LARGEST_OF = {"age": 120, "percent": 100, "month": 12, "day": 31, "hour": 23, "minute": 59, "second": 59}
"""What everybody knows of some numbers, and so small a model does not."""
_CLOSING = frozenset(("enum", "const", "pattern", "format", "$ref", "anyOf", "oneOf", "allOf", "multipleOf"))
"""Keywords that say themselves which values there are."""
_LOWER = frozenset(("minimum", "exclusiveMinimum"))
_UPPER = frozenset(("maximum", "exclusiveMaximum"))
_NUMBER_BOUNDS = _LOWER | _UPPER
_DEPTH = 32


def bounded(schema: Any, name: str = "", depth: int = 0) -> Any:
    """A schema with bounds where it has none; what it says itself stays as it is."""
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return [bounded(inner, name, depth + 1) for inner in schema]
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return schema
    inside = {
        key: {field: bounded(rule, str(field), depth + 1) for field, rule in inner.items()}
        if key in ("properties", "$defs", "definitions") and isinstance(inner, Mapping)
        else bounded(inner, name, depth + 1)
        if key in ("items", "prefixItems", "anyOf", "oneOf", "allOf", "additionalProperties")
        else inner
        for key, inner in schema.items()
    }
    if not _CLOSING.isdisjoint(schema):
        return inside
    match schema.get("type"):
        case "string" if schema.get("maxLength", 1) > 0:
            # Bounds that contradict each other would leave no text at all.
            return {**_TEXT, "maxLength": max(_TEXT["maxLength"], schema.get("minLength", 0)), **inside}
        case "integer" if not _NUMBER_BOUNDS & schema.keys():
            return {**inside, "minimum": 0, "maximum": _LARGEST_OF.get(name.lower(), _LARGEST)}
        case "integer" if not _LOWER & schema.keys():
            highest = schema.get("maximum", schema.get("exclusiveMaximum"))
            return {**inside, "minimum": min(0, highest - _LARGEST)}
        case "integer" if not _UPPER & schema.keys():
            lowest = schema.get("minimum", schema.get("exclusiveMinimum"))
            return {**inside, "maximum": max(_LARGEST, lowest + _LARGEST)}
        case "array":
            return {"maxItems": max(_ITEMS, schema.get("minItems", 0)), **inside}
    return inside
