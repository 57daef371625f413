"""JSON Schema 2020-12: what a value must be, and in which sentence it is not.

Every keyword that asserts something is judged, `format` too. Nothing here runs code from a schema, follows a reference
out of it, or takes more than a bounded time; what could not be judged for such a reason is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tui.schema.json_value import is_sequence
from tui.schema.pattern import PatternError, matches
from tui.schema.reference import Resource, references_of
from tui.schema.schema import (
    DEPTH,
    Path,
    Schema,
    Violation,
    fits_type,
    is_number,
    say,
    types_of,
)
from tui.schema.value_fault import alone, count

MOST_VIOLATIONS = 50
AS_A_WHOLE = frozenset(
    (
        "anyOf", "oneOf", "allOf", "not", "if", "patternProperties", "propertyNames", "dependentRequired",
        "dependentSchemas", "dependencies", "unevaluatedProperties", "unevaluatedItems", "contains", "$dynamicRef",
    )
)  # fmt: skip
"""Keywords by which a value is judged as a whole, and not by its pieces."""
_STEPS = 50_000
_PLAIN = frozenset(
    ("type", "properties", "required", "additionalProperties", "items", "description", "title", "default", "$ref")
)
_TOO_COSTLY = "too costly to check against this schema"


class Findings(Struct, frozen=True):
    """What came of holding a value against a schema; `unjudged` says what could not be told of this value."""

    violations: tuple[Violation, ...] = ()
    unjudged: tuple[str, ...] = ()


def hold(schema: Schema, value: Any, root: Schema | None = None, path: Path = ()) -> Findings:
    """Hold a value against a schema: every way in which it does not fit, in the order of the schema; at most 50.

    Args:
        schema: The schema.
        value: A JSON value; mappings and tuples are taken as objects and arrays.
        root: Where references look, when the schema is a piece of a larger one.
        path: Where the value stands in a larger one.
    """
    check = _Check(schema if root is None else root, schema)
    try:
        return Findings(tuple(check.run(schema, value, path)), tuple(check.unjudged))
    except _TooCostlyError:
        return Findings((Violation(path, _TOO_COSTLY),))


def violations(schema: Schema, value: Any, root: Schema | None = None, path: Path = ()) -> list[Violation]:
    """Every way in which a value does not fit a schema; see `hold`."""
    return list(hold(schema, value, root, path).violations)


class _TooCostlyError(Exception):
    """The schema refers to itself without end, or the alternatives multiply."""


class _Check:
    """One validation: it counts its steps, so that no schema keeps it busy for long.

    `scope` holds the resources through which the references led here, the outermost first: a `$dynamicRef` looks there.
    """

    def __init__(self, root: Schema, start: Schema) -> None:
        self.references = references_of(root)
        self.scope: list[Resource] = [self.references.whole]
        if (home := self.references.home(start)) is not self.references.whole:
            self.scope.append(home)
        self.followed: set[tuple[int, int, Path]] = set()
        self.steps = 0
        self.unjudged: dict[str, None] = {}

    def run(self, schema: Schema, value: Any, path: Path = (), depth: int = 0) -> list[Violation]:
        if depth > DEPTH * 2:
            raise _TooCostlyError
        if schema is False:
            return [Violation(path, "is not allowed")]
        if not isinstance(schema, Mapping):
            return []
        with self.inside(self.references.home(schema) if self.references.is_nested else None):
            return self.judge(schema, value, path, depth)

    def judge(self, schema: Mapping[str, Any], value: Any, path: Path, depth: int) -> list[Violation]:
        types = types_of(schema)
        if not fits_type(value, types):
            return [Violation(path, f"expected {_words(types)}, got {say(value)}")]
        violations = [] if _PLAIN.issuperset(schema) else list(alone(schema, value, path, self.note))
        for target, resource in self.targets(schema):
            step = (id(target), id(value), path)
            if step not in self.followed:  # one that leads back to itself says nothing
                self.followed.add(step)
                with self.inside(resource):
                    violations += self.run(target, value, path, depth + 1)
                self.followed.discard(step)
        if isinstance(value, Mapping):
            violations += self.inside_object(schema, value, path, depth)
        elif is_sequence(value):
            violations += self.inside_array(schema, value, path, depth)
        if not AS_A_WHOLE.isdisjoint(schema):
            # Elsewhere the work is bounded by the value; here alternatives can multiply.
            self.steps += 1
            if self.steps > _STEPS:
                raise _TooCostlyError
            violations += self.combined(schema, value, path, depth)
            if isinstance(value, Mapping):
                violations += self.about_keys(schema, value, path, depth)
                violations += self.left_keys(schema, value, path, depth)
            elif is_sequence(value):
                violations += self.about_items(schema, value, path, depth)
        return violations[:MOST_VIOLATIONS]

    # --- references ----------------------------------------------------------------------------------------------
    @contextmanager
    def inside(self, resource: Resource | None) -> Iterator[None]:
        """While what stands in a resource is judged, that is the innermost one."""
        if resource is None or resource is self.scope[-1]:
            yield
            return
        self.scope.append(resource)
        try:
            yield
        finally:
            self.scope.pop()

    def targets(self, schema: Mapping[str, Any]) -> Iterator[tuple[Schema, Resource]]:
        """What the references of a schema stand for; one that leads nowhere allows everything."""
        if isinstance(target := schema.get("$ref"), str):
            target_schema = self.references.find(target, self.scope[-1])
            if target_schema is not None:
                yield target_schema
        if isinstance(target := schema.get("$dynamicRef"), str):
            target_schema = self.references.find(target, self.scope[-1])
            if target_schema is not None:
                name = target.partition("#")[2]
                if target_schema[1].dynamic.get(name) is target_schema[0]:
                    outermost = next((one for one in self.scope if name in one.dynamic), target_schema[1])
                    target_schema = (outermost.dynamic[name], outermost)
                yield target_schema

    # --- what stands inside --------------------------------------------------------------------------------------
    def inside_object(
        self, schema: Mapping[str, Any], value: Mapping[str, Any], path: Path, depth: int
    ) -> Iterator[Violation]:
        properties = _mapping(schema, "properties")
        patterns = _mapping(schema, "patternProperties")
        extra = schema.get("additionalProperties", True)
        for name in _list(schema.get("required")):
            if name not in value:
                yield Violation((*path, name), "is missing")
        for name, inner in value.items():
            below = (*path, name)
            is_known = name in properties
            if is_known:
                yield from self.run(properties[name], inner, below, depth + 1)
            for pattern, rule in patterns.items():
                if self.matches(pattern, name):
                    is_known = True
                    yield from self.run(rule, inner, below, depth + 1)
            if not is_known and extra is False:
                yield Violation(below, f"is not a known key{_nearest(name, properties)}")
            elif not is_known and isinstance(extra, Mapping):
                yield from self.run(extra, inner, below, depth + 1)

    def inside_array(self, schema: Mapping[str, Any], value: Any, path: Path, depth: int) -> Iterator[Violation]:
        first, items = _items(schema)
        for number, inner in enumerate(value):
            rule = first[number] if number < len(first) else items
            yield from self.run(rule, inner, (*path, number), depth + 1)

    def about_keys(
        self, schema: Mapping[str, Any], value: Mapping[str, Any], path: Path, depth: int
    ) -> Iterator[Violation]:
        if "propertyNames" in schema:
            for name in value:
                for fault in self.run(schema["propertyNames"], name, (), depth + 1)[:1]:
                    yield Violation((*path, name), f"is not allowed as a key: {fault.message}")
        for key in ("dependentRequired", "dependencies"):
            for name, needed in _mapping(schema, key).items():
                for other in _list(needed) if name in value else ():
                    if other not in value:
                        yield Violation((*path, other), f"is missing, and needed where {name} is given")
        for key in ("dependentSchemas", "dependencies"):
            for name, rule in _mapping(schema, key).items():
                if name in value and not is_sequence(rule):
                    yield from self.run(rule, value, path, depth + 1)

    def about_items(self, schema: Mapping[str, Any], value: Any, path: Path, depth: int) -> Iterator[Violation]:
        if "contains" in schema:
            number = len(self.contained(schema, value, depth))
            least, most = schema.get("minContains", 1), schema.get("maxContains")
            if is_number(least) and number < least:
                few = "no item" if not number else f"only {count(number, 'item')}"
                needs = "" if least == 1 else f", and needs {least:g} at least"
                yield Violation(path, f"has {few} of the kind that `contains` asks for{needs}")
            if is_number(most) and number > most:
                yield Violation(
                    path,
                    f"has {count(number, 'item')} of the kind that `contains` names, and may have {most:g} at most",
                )
        if "unevaluatedItems" in schema:
            judged = self.judged_items(schema, value, depth, is_outer=True)
            for number, inner in enumerate(value):
                if number not in judged:
                    if schema["unevaluatedItems"] is False:
                        yield Violation((*path, number), "is an item that the schema does not allow here")
                    else:
                        yield from self.run(schema["unevaluatedItems"], inner, (*path, number), depth + 1)

    def left_keys(
        self, schema: Mapping[str, Any], value: Mapping[str, Any], path: Path, depth: int
    ) -> Iterator[Violation]:
        if "unevaluatedProperties" not in schema:
            return
        judged = self.judged_keys(schema, value, depth, is_outer=True)
        for name, inner in value.items():
            if name not in judged:
                if schema["unevaluatedProperties"] is False:
                    yield Violation((*path, name), "is not a known key")
                else:
                    yield from self.run(schema["unevaluatedProperties"], inner, (*path, name), depth + 1)

    def contained(self, schema: Mapping[str, Any], value: Any, depth: int) -> list[int]:
        """The numbers of the items that are of the kind `contains` names."""
        return [at for at, item in enumerate(value) if not self.run(schema["contains"], item, (), depth + 1)]

    # --- combinations --------------------------------------------------------------------------------------------
    def combined(self, schema: Mapping[str, Any], value: Any, path: Path, depth: int) -> Iterator[Violation]:
        for rule in _list(schema.get("allOf")):
            yield from self.run(rule, value, path, depth + 1)
        for key in ("anyOf", "oneOf"):
            if not (rules := _list(schema.get(key))):
                continue
            tries = [self.run(rule, value, path, depth + 1) for rule in rules]
            fitting = sum(not faults for faults in tries)
            if not fitting:
                yield from _closest(tries, path)
            elif key == "oneOf" and fitting > 1:
                yield Violation(path, f"fits {fitting} of the alternatives, and must fit one only")
        if "not" in schema and not self.run(schema["not"], value, path, depth + 1):
            yield Violation(path, "is what it must not be")
        if "if" in schema:
            branch = "else" if self.run(schema["if"], value, path, depth + 1) else "then"
            yield from self.run(schema.get(branch, True), value, path, depth + 1)

    # --- what was judged already (`unevaluated…`) -----------------------------------------------------------------
    def fitting(self, schema: Mapping[str, Any], value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
        """The schemas beside this one that speak for the value and that it fits."""
        rules = [rule for key in ("allOf", "anyOf", "oneOf") for rule in _list(schema.get(key))]
        if isinstance(value, Mapping):
            for key in ("dependentSchemas", "dependencies"):
                rules += [rule for name, rule in _mapping(schema, key).items() if name in value]
        if "if" in schema:
            fits = not self.run(schema["if"], value, (), depth + 1)
            rules += [schema["if"], schema.get("then", True)] if fits else [schema.get("else", True)]
        for rule in rules:
            if isinstance(rule, Mapping) and not self.run(rule, value, (), depth + 1):
                yield rule

    def judged_keys(
        self, schema: Mapping[str, Any], value: Mapping[str, Any], depth: int, *, is_outer: bool = False
    ) -> set[str]:
        """The keys of an object that a schema has something to say about."""
        if "additionalProperties" in schema or ("unevaluatedProperties" in schema and not is_outer):
            return set(value)
        patterns = _mapping(schema, "patternProperties")
        judged = {name for name in value if any(self.matches(pattern, name) for pattern in patterns)}
        judged |= _mapping(schema, "properties").keys() & value.keys()
        return judged | self.judged_beside(self.judged_keys, schema, value, depth)

    def judged_items(self, schema: Mapping[str, Any], value: Any, depth: int, *, is_outer: bool = False) -> set[int]:
        """The numbers of the items of an array that a schema has something to say about."""
        if {"items", "additionalItems"} & schema.keys() and not is_sequence(schema.get("items")):
            return set(range(len(value)))
        if "unevaluatedItems" in schema and not is_outer:
            return set(range(len(value)))
        judged = set(range(min(len(_items(schema)[0]), len(value))))
        if "contains" in schema:
            judged |= set(self.contained(schema, value, depth))
        return judged | self.judged_beside(self.judged_items, schema, value, depth)

    def judged_beside(
        self,
        ask: Callable[[Mapping[str, Any], Any, int], set[Any]],
        schema: Mapping[str, Any],
        value: Any,
        depth: int,
    ) -> set[Any]:
        """What the schemas judge that speak for a value beside this one; `ask` is how one of them is asked."""
        self.steps += 1
        if depth > DEPTH * 2 or self.steps > _STEPS:
            raise _TooCostlyError
        judged: set[Any] = set()
        for target, resource in self.targets(schema):
            if isinstance(target, Mapping):
                with self.inside(resource):
                    judged |= ask(target, value, depth + 1)
        for rule in self.fitting(schema, value, depth):
            with self.inside(self.references.home(rule) if self.references.is_nested else None):
                judged |= ask(rule, value, depth + 1)
        return judged

    # --- patterns ------------------------------------------------------------------------------------------------
    def matches(self, pattern: str, text: str) -> bool:
        """Whether a key matches a pattern; one that cannot be checked is noted, and matches."""
        try:
            return matches(pattern, text)
        except PatternError as error:
            self.note(f"the pattern {say(pattern)}: {error}")
            return True

    def note(self, words: str) -> None:
        """Note what could not be judged."""
        self.unjudged[words] = None


def _closest(tries: list[list[Violation]], path: Path) -> list[Violation]:
    """Of several alternatives that all fail, the one that came furthest speaks."""
    best = max(tries, key=lambda faults: (max(len(fault.path) for fault in faults), -len(faults)))
    if all(len(fault.path) == len(path) for faults in tries for fault in faults):
        words = "; ".join(dict.fromkeys(faults[0].message for faults in tries))
        return [Violation(path, f"fits none of the {len(tries)} alternatives: {words}")]
    return [replace(fault, message=f"{fault.message} (the nearest of {len(tries)} alternatives)") for fault in best]


def _mapping(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    member = schema.get(key)
    return member if isinstance(member, Mapping) else {}


def _list(rules: Any) -> Iterable[Any]:
    return rules if is_sequence(rules) else ()


def _items(schema: Mapping[str, Any]) -> tuple[Any, Schema]:
    """The schemas of the first items, and that of the others."""
    first, items = _list(schema.get("prefixItems")), schema.get("items", True)
    if is_sequence(items):  # the older way to write prefixItems
        return items, schema.get("additionalItems", True)
    return first, items


def _words(types: tuple[str, ...]) -> str:
    with_article = [f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" if kind != "null" else kind for kind in types]
    return " or ".join(with_article)


def _nearest(name: str, names: Mapping[str, Any]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(names), n=1)
    return f"; did you mean {near[0]}?" if near else ""
