"""JSON Schema: what a value must be, and in which sentence it is not.

The subset that tools and structured replies are written in: `type`, `enum`, `const`, `properties`,
`required`, `additionalProperties`, `patternProperties`, `items`, `prefixItems`, the bounds, `pattern`,
`anyOf`, `oneOf`, `allOf`, `not`, and `$ref` to a place in the same schema. `format` is a hint. Nothing
here runs code from a schema, follows a reference out of it, or takes more than a bounded time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from msgspec import Struct
from msgspec.structs import replace

from tui.schema.json_value import canonical, is_sequence
from tui.schema.pattern import PatternError, matches

Path = tuple[str | int, ...]
Schema = Mapping[str, Any] | bool

MOST_VIOLATIONS = 50
COMBINING = frozenset(("anyOf", "oneOf", "allOf", "not"))
_STEPS = 50_000
_PLAIN = frozenset(
    ("type", "properties", "required", "additionalProperties", "items", "description", "title", "default")
)
DEPTH = 64
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")


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


def violations(schema: Schema, value: Any, root: Schema | None = None, path: Path = ()) -> list[Violation]:
    """Every way in which a value does not fit a schema, in the order of the schema; at most 50.

    Args:
        schema: The schema.
        value: A JSON value; mappings and tuples are taken as objects and arrays.
        root: Where `$ref` looks, when the schema is a piece of a larger one.
        path: Where the value stands in a larger one.
    """
    try:
        return _Check(schema if root is None else root).run(schema, value, path)
    except _TooCostlyError:
        return [Violation(path, "too costly to check against this schema")]


def resolve(schema: Schema, root: Schema) -> Mapping[str, Any]:
    """Follow `$ref` to the schema it stands for; a schema that cannot be found allows everything."""
    for _ in range(DEPTH):
        if schema is True or not isinstance(schema, Mapping):
            return {}
        target = schema.get("$ref")
        if not isinstance(target, str):
            return schema
        found = look_up(root, target)
        if found is None:
            return {}
        rest = {key: inner for key, inner in schema.items() if key != "$ref"}
        schema = {**found, **rest} if rest and isinstance(found, Mapping) else found
    return {}


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


def look_up(root: Schema, target: str) -> Schema | None:
    """What a `$ref` stands for, or `None` where it leads out of the schema or nowhere."""
    if not target.startswith("#"):
        return None
    found: Any = root
    for step in target[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif is_sequence(found) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found if isinstance(found, Mapping | bool) else None


class _TooCostlyError(Exception):
    """The schema refers to itself without end, or the alternatives multiply."""


class _Check:
    """One validation: it counts its steps, so that no schema keeps it busy for long."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self.steps = 0

    def run(self, schema: Schema, value: Any, path: Path = (), depth: int = 0) -> list[Violation]:
        if depth > DEPTH * 2:
            raise _TooCostlyError
        if schema is False:
            return [Violation(path, "is not allowed")]
        if not isinstance(schema, Mapping):
            return []
        schema = resolve(schema, self.root)
        types = types_of(schema)
        if not fits_type(value, types):
            return [Violation(path, f"expected {_words(types)}, got {say(value)}")]
        found = [] if _PLAIN.issuperset(schema) else list(alone(schema, value, path))
        if isinstance(value, Mapping):
            found += self.inside_object(schema, value, path, depth)
        elif is_sequence(value):
            found += self.inside_array(schema, value, path, depth)
        if not COMBINING.isdisjoint(schema):
            # Elsewhere the work is bounded by the value; here alternatives can multiply.
            self.steps += 1
            if self.steps > _STEPS:
                raise _TooCostlyError
            found += self.combined(schema, value, path, depth)
        return found[:MOST_VIOLATIONS]

    def inside_object(
        self, schema: Mapping[str, Any], value: Mapping[str, Any], path: Path, depth: int
    ) -> Iterator[Violation]:
        properties = schema.get("properties")
        known = properties if isinstance(properties, Mapping) else {}
        patterns = schema.get("patternProperties")
        extra = schema.get("additionalProperties", True)
        for name in schema.get("required", ()):
            if name not in value:
                yield Violation((*path, name), "is missing")
        for name, inner in value.items():
            below = (*path, name)
            is_known = name in known
            if is_known:
                yield from self.run(known[name], inner, below, depth + 1)
            for pattern, rule in patterns.items() if isinstance(patterns, Mapping) else ():
                if _found(pattern, name):
                    is_known = True
                    yield from self.run(rule, inner, below, depth + 1)
            if not is_known and extra is False:
                yield Violation(below, f"is not a known key{_nearest(name, known)}")
            elif not is_known and isinstance(extra, Mapping):
                yield from self.run(extra, inner, below, depth + 1)

    def inside_array(self, schema: Mapping[str, Any], value: Any, path: Path, depth: int) -> Iterator[Violation]:
        items = schema.get("items", True)
        first = schema.get("prefixItems", ())
        if is_sequence(items):  # the older way to write prefixItems
            first, items = items, schema.get("additionalItems", True)
        for number, inner in enumerate(value):
            rule = first[number] if number < len(first) else items
            yield from self.run(rule, inner, (*path, number), depth + 1)

    def combined(self, schema: Mapping[str, Any], value: Any, path: Path, depth: int) -> Iterator[Violation]:
        for rule in schema.get("allOf") or ():
            yield from self.run(rule, value, path, depth + 1)
        for key in ("anyOf", "oneOf"):
            if not is_sequence(rules := schema.get(key)) or not rules:
                continue
            tries = [self.run(rule, value, path, depth + 1) for rule in rules]
            fitting = sum(not faults for faults in tries)
            if not fitting:
                yield from _closest(tries, path)
            elif key == "oneOf" and fitting > 1:
                yield Violation(path, f"fits {fitting} of the alternatives, and must fit one only")
        if "not" in schema and not self.run(schema["not"], value, path, depth + 1):
            yield Violation(path, "is what it must not be")


def alone(schema: Mapping[str, Any], value: Any, path: Path) -> Iterator[Violation]:
    """What is wrong with a value that can be told without looking inside it; its type is right."""
    if is_sequence(allowed := schema.get("enum")) and not any(_same(value, one) for one in allowed):
        yield Violation(path, f"expected one of {_list(allowed)}, got {say(value)}")
    if "const" in schema and not _same(value, schema["const"]):
        yield Violation(path, f"expected {say(schema['const'])}, got {say(value)}")
    if is_number(value):
        yield from _number_faults(schema, value, path)
    elif isinstance(value, str):
        yield from _size_faults(schema, len(value), path, "Length", "character")
        if isinstance(pattern := schema.get("pattern"), str) and not _found(pattern, value):
            yield Violation(path, f"{say(value)} does not match the pattern {pattern}")
    elif isinstance(value, Mapping):
        yield from _size_faults(schema, len(value), path, "Properties", "key")
    elif is_sequence(value):
        yield from _size_faults(schema, len(value), path, "Items", "item")
        if schema.get("uniqueItems") is True and len({canonical(item) for item in value}) < len(value):
            yield Violation(path, "holds an item twice")


def _number_faults(schema: Mapping[str, Any], value: float, path: Path) -> Iterator[Violation]:
    for key, is_wrong, words in _BOUNDS:
        if is_number(bound := schema.get(key)) and is_wrong(value, bound):
            yield Violation(path, f"{say(value)} is {words} {say(bound)}")
    if is_number(step := schema.get("multipleOf")) and step > 0:
        parts = value / step
        if not math.isfinite(parts) or abs(parts - round(parts)) > 1e-9:
            yield Violation(path, f"{say(value)} is no multiple of {say(step)}")


_BOUNDS: tuple[tuple[str, Callable[[float, float], bool], str], ...] = (
    ("minimum", lambda value, bound: value < bound, "below the least,"),
    ("maximum", lambda value, bound: value > bound, "above the most,"),
    ("exclusiveMinimum", lambda value, bound: value <= bound, "not above"),
    ("exclusiveMaximum", lambda value, bound: value >= bound, "not below"),
)


def _size_faults(schema: Mapping[str, Any], size: int, path: Path, noun: str, unit: str) -> Iterator[Violation]:
    least, most = schema.get(f"min{noun}"), schema.get(f"max{noun}")
    if is_number(least) and size < least:
        yield Violation(path, f"has {_count(size, unit)}, and needs {least} at least")
    if is_number(most) and size > most:
        yield Violation(path, f"has {_count(size, unit)}, and may have {most} at most")


def _closest(tries: list[list[Violation]], path: Path) -> list[Violation]:
    """Of several alternatives that all fail, the one that came furthest speaks."""
    best = max(tries, key=lambda faults: (max(len(fault.path) for fault in faults), -len(faults)))
    if all(len(fault.path) == len(path) for faults in tries for fault in faults):
        words = "; ".join(dict.fromkeys(faults[0].message for faults in tries))
        return [Violation(path, f"fits none of the {len(tries)} alternatives: {words}")]
    return [replace(fault, message=f"{fault.message} (the nearest of {len(tries)} alternatives)") for fault in best]


def _found(pattern: str, text: str) -> bool:
    """Whether a pattern matches; one that cannot be checked is reported with the schema, not with the value."""
    try:
        return matches(pattern, text)
    except PatternError:
        return True


def _same(one: Any, other: Any) -> bool:
    """Equality as JSON has it: 1 is 1.0, and is not true."""
    kinds = kind_of(one), kind_of(other)
    if kinds[0] != kinds[1]:
        return False
    return bool(one == other) if kinds[0] not in ("object", "array") else canonical(one) == canonical(other)


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


def _list(values: Any) -> str:
    shown = ", ".join(say(value) for value in values[:8])
    return shown if len(values) <= 8 else f"{shown}, … ({len(values)} in all)"


def _words(types: tuple[str, ...]) -> str:
    with_article = [f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" if kind != "null" else kind for kind in types]
    return " or ".join(with_article)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
