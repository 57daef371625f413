"""What is wrong with a value that can be told without looking inside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from tui.schema.format import format_fault
from tui.schema.json_value import canonical, is_sequence
from tui.schema.pattern import PatternError, matches
from tui.schema.schema import Path, Violation, is_number, kind_of, say


def alone(
    schema: Mapping[str, Any], value: Any, path: Path, note: Callable[[str], None] = lambda _: None
) -> Iterator[Violation]:
    """What is wrong with a value that can be told without looking inside it; its type is right.

    `note` is told what could not be judged.
    """
    if is_sequence(allowed := schema.get("enum")) and not any(_is_same(value, one) for one in allowed):
        yield Violation(path, f"expected one of {_listed(allowed)}, got {say(value)}")
    if "const" in schema and not _is_same(value, schema["const"]):
        yield Violation(path, f"expected {say(schema['const'])}, got {say(value)}")
    if is_number(value):
        yield from _number_faults(schema, value, path)
    elif isinstance(value, str):
        yield from _text_faults(schema, value, path, note)
    elif isinstance(value, Mapping):
        yield from _size_faults(schema, len(value), path, "Properties", "key")
    elif is_sequence(value):
        yield from _size_faults(schema, len(value), path, "Items", "item")
        if schema.get("uniqueItems") is True and len({_equal_text(item) for item in value}) < len(value):
            yield Violation(path, "holds an item twice")


def _text_faults(schema: Mapping[str, Any], value: str, path: Path, note: Callable[[str], None]) -> Iterator[Violation]:
    yield from _size_faults(schema, len(value), path, "Length", "character")
    if isinstance(pattern := schema.get("pattern"), str):
        try:
            if not matches(pattern, value):
                yield Violation(path, f"{say(value)} does not match the pattern {pattern}")
        except PatternError as error:
            note(f"the pattern {say(pattern)}: {error}")
    if isinstance(name := schema.get("format"), str) and (wanted := format_fault(name, value)):
        yield Violation(path, f"{say(value)} is not {wanted}")


def _number_faults(schema: Mapping[str, Any], value: float, path: Path) -> Iterator[Violation]:
    for key, is_wrong, words in _BOUNDS:
        bound = schema.get(key)
        if bound is True:  # as drafts before 6 wrote it: a word beside `minimum`
            bound = schema.get(key.removeprefix("exclusive").lower())
        if is_number(bound) and is_wrong(value, bound):
            yield Violation(path, f"{say(value)} is {words} {say(bound)}")
    if (
        is_number(step := schema.get("multipleOf"))
        and step > 0
        and math.isfinite(value)
        and Fraction(repr(value)) % Fraction(repr(step))
    ):
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
        yield Violation(path, f"has {count(size, unit)}, and needs {least} at least")
    if is_number(most) and size > most:
        yield Violation(path, f"has {count(size, unit)}, and may have {most} at most")


def _is_same(one: Any, other: Any) -> bool:
    """Equality as JSON has it: 1 is 1.0, and is not true."""
    kinds = kind_of(one), kind_of(other)
    if kinds[0] != kinds[1]:
        return False
    return bool(one == other) if kinds[0] not in ("object", "array") else _equal_text(one) == _equal_text(other)


def _equal_text(value: Any) -> str:
    """A text that equal values share."""
    return canonical(_whole(value))


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _whole(inner) for name, inner in value.items()}
    return [_whole(inner) for inner in value] if is_sequence(value) else value


def _listed(values: Any) -> str:
    shown = ", ".join(say(value) for value in values[:8])
    return shown if len(values) <= 8 else f"{shown}, … ({len(values)} in all)"


def count(number: int, unit: str) -> str:
    """How many there are of something, in words."""
    return f"{number} {unit}{'' if number == 1 else 's'}"
