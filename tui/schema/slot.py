"""Slots: the tree of places that a schema promises, drawn before the data arrives and filled as it does.

JSON arrives in order, so one branch is open at any moment (`tui.wire.partial_json` says which) and every
other value is complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from tui.schema.check import AS_A_WHOLE, violations
from tui.schema.json_value import is_sequence
from tui.schema.reference import references_of, resolve
from tui.schema.schema import Path, Schema, Violation, fits_type, path_text, types_of
from tui.schema.value_fault import alone
from tui.wire.partial_json import MISSING

SlotState = Literal["empty", "arriving", "valid", "invalid"]
_SKELETON_DEPTH = 6
_SAYS_NOTHING = frozenset(("$ref", "description", "title", "default", "examples", "$comment"))
"""Keywords that may stand beside a reference without saying more of the value."""


class Slot(Struct, frozen=True):
    """One place in a structured value, and what is in it.

    `value` is `MISSING` while the slot is empty. `kind` is what the schema wants there, in a word or two;
    `message` says why an invalid slot is so, or names the first fault below it. `is_extra` marks what the
    schema does not declare.
    """

    path: Path
    kind: str
    state: SlotState = "empty"
    value: Any = MISSING
    message: str = ""
    description: str = ""
    is_required: bool = False
    is_extra: bool = False
    children: tuple[Slot, ...] = ()

    @property
    def label(self) -> str:
        """The key, or the place in an array: `[0]`; empty for the whole."""
        last = self.path[-1] if self.path else ""
        return f"[{last}]" if isinstance(last, int) else last

    def rows(self, depth: int = 0) -> Iterator[tuple[int, Slot]]:
        """This slot and all below, each with its depth: the tree as lines."""
        yield depth, self
        for child in self.children:
            yield from child.rows(depth + 1)

    def first_invalid(self) -> Slot | None:
        """The deepest slot on the way to the first violation, if any."""
        if self.state != "invalid":
            return None
        return next((slot for child in self.children if (slot := child.first_invalid())), self)


class _Face(Struct, frozen=True):
    """A schema as slots show it: the alternative that speaks, the schema itself, and their words."""

    view: Mapping[str, Any]
    plain: Mapping[str, Any]
    kind: str
    text: str
    is_split: bool

    def slot(self, path: Path, value: Any, *, is_required: bool = False) -> Slot:
        return Slot(path, self.kind, value=value, description=self.text, is_required=is_required)


def check(schema: Schema, value: Any, open_path: Path | None = None) -> Slot:
    """The tree of slots for a value, each marked empty, arriving, valid or invalid.

    Args:
        schema: What the value must be.
        value: The value so far, or `MISSING`.
        open_path: Where the value is that is still arriving, as `PartialJson.open_path` tells; `None` when
            all has come.
    """
    return Form(schema).update(value, open_path)


class Form:
    """Slots for one value that arrives; what was complete is not checked again."""

    def __init__(self, schema: Schema) -> None:
        """Draw the skeleton."""
        self._root = schema
        self._done: dict[Path, Slot] = {}
        self._items: dict[Path, list[Slot]] = {}
        self._faces: dict[int, _Face] = {}
        self.slot = self._empty(schema, (), is_required=True)

    def update(self, value: Any, open_path: Path | None = None) -> Slot:
        """Fill in the value so far; see `check`."""
        if value is MISSING:
            return self.slot
        self.slot = self._fill(self._root, value, (), open_path, is_required=True)
        return self.slot

    @property
    def violation(self) -> Violation | None:
        """The first thing that is wrong so far."""
        invalid = self.slot.first_invalid()
        return Violation(invalid.path, invalid.message) if invalid else None

    def _empty(self, schema: Schema, path: Path, *, is_required: bool = False) -> Slot:
        face = self._face(schema)
        view, children = face.view, list[Slot]()
        if len(path) < _SKELETON_DEPTH:
            required = view.get("required", ())
            for name, inner in _properties(view).items():
                children.append(self._empty(inner, (*path, name), is_required=name in required))
            if not children and "array" in types_of(view) and isinstance(items := view.get("items"), Mapping):
                children.append(self._empty(items, (*path, 0)))
        return Slot(path, face.kind, description=face.text, is_required=is_required, children=tuple(children))

    def _face(self, schema: Schema, value: Any = MISSING) -> _Face:
        """What a schema shows of itself; the same for every value unless it has alternatives."""
        made = self._faces.get(id(schema))
        if made is not None:
            return made
        view = _view(schema, self._root, value)
        plain = resolve(schema, self._root)
        is_split = schema is False or self._is_whole(schema) or not AS_A_WHOLE.isdisjoint(plain)
        face = _Face(view, plain, _kind(view), _text(view), is_split)
        if not is_split:
            self._faces[id(schema)] = face  # the root keeps every piece of itself alive, so an id names one
        return face

    def _is_whole(self, schema: Schema) -> bool:
        """Whether a value is judged as a whole because of references that are not followed piece by piece here."""
        if references_of(self._root).is_nested:
            return True
        return isinstance(schema, Mapping) and "$ref" in schema and not _SAYS_NOTHING.issuperset(schema)

    def _fill(
        self, schema: Schema, value: Any, path: Path, open_path: Path | None, *, is_required: bool = False
    ) -> Slot:
        is_open = open_path is not None and open_path[: len(path)] == path
        if not is_open and (filled := self._done.get(path)) is not None:
            return filled
        face = self._face(schema, value)
        view, blank = face.view, face.slot(path, value, is_required=is_required)
        if not is_open:
            slot = self._whole(schema, face, blank)
            self._done[path] = slot
            self._items.pop(path, None)
            return slot
        self._done.pop(path, None)  # a key given twice opens its value again
        # An open number or word is `None` until it can be read, which is no verdict yet.
        if value is not None and not fits_type(value, types_of(view)):
            return replace(blank, state="invalid", message=violations(schema, value, self._root)[0].message)
        children = self._growing(view, value, path, open_path)
        fault = next((child.first_invalid() for child in children if child.state == "invalid"), None)
        if fault is not None:
            return replace(blank, state="invalid", message=f"{fault.label}: {fault.message}", children=children)
        return replace(blank, state="arriving", children=children)

    def _whole(self, schema: Schema, face: _Face, blank: Slot) -> Slot:
        """The slot of a value that has ended; what is inside it was mostly checked as it came."""
        value, path, view, plain = blank.value, blank.path, face.view, face.plain
        is_leaf = not isinstance(value, Mapping | list | tuple)
        if is_leaf or face.is_split or not fits_type(value, types_of(plain)):
            return self._filled(view, blank, violations(schema, value, self._root, path), path)
        children = tuple(
            replace(child, state="invalid", message="is missing")
            if child.is_required and child.state == "empty"
            else child
            for child in self._growing(view, value, path, None)
        )
        own = next(iter(alone(plain, value, path)), None)
        below = next((slot for child in children if (slot := child.first_invalid())), None)
        message = own.message if own else f"{path_text(below.path)}: {below.message}" if below else ""
        return replace(blank, state="invalid" if message else "valid", message=message, children=children)

    def _growing(self, view: Mapping[str, Any], value: Any, path: Path, open_path: Path | None) -> tuple[Slot, ...]:
        """The slots inside a value that has not ended."""
        if isinstance(value, Mapping):
            return tuple(self._growing_keys(view, value, path, open_path))
        if is_sequence(value) and len(value):
            # All items but the last have ended for good: a long array costs no more than a short one.
            ended = self._items.setdefault(path, [])
            del ended[max(len(value) - 1, 0) :]
            for number in range(len(ended), len(value)):
                slot = self._fill(_item(view, number), value[number], (*path, number), open_path)
                if number < len(value) - 1:
                    ended.append(slot)
            return (*ended, slot)
        if is_sequence(value) and open_path is not None and isinstance(items := view.get("items"), Mapping):
            return (self._empty(items, (*path, 0)),)  # until the first item begins its place stays drawn
        return ()

    def _growing_keys(
        self, view: Mapping[str, Any], value: Mapping[str, Any], path: Path, open_path: Path | None
    ) -> Iterator[Slot]:
        required, properties = view.get("required", ()), _properties(view)
        for name in dict.fromkeys((*properties, *value, *required)):
            below, rule = (*path, name), _rule(view, name)
            if name not in value:
                yield self._empty(rule, below, is_required=name in required)
                continue
            slot = self._fill(rule, value[name], below, open_path, is_required=name in required)
            yield slot if name in properties or not properties else self._extra(slot, rule)

    @staticmethod
    def _extra(slot: Slot, rule: Schema) -> Slot:
        if rule is False:
            return replace(slot, is_extra=True, state="invalid", message="is not a known key")
        return replace(slot, is_extra=True)

    def _filled(self, view: Mapping[str, Any], blank: Slot, faults: list[Violation], path: Path) -> Slot:
        """The slots of a complete value: its violations are handed down to where they are."""
        value, children = blank.value, list[Slot]()
        if isinstance(value, Mapping):
            required, properties = view.get("required", ()), _properties(view)
            for name in dict.fromkeys((*properties, *value, *required)):
                below = (*path, name)
                inner = _below(faults, below)
                if name not in value:
                    slot = self._empty(_rule(view, name), below, is_required=name in required)
                    children.append(replace(slot, state="invalid", message=inner[0].message) if inner else slot)
                    continue
                face = self._face(_rule(view, name), value[name])
                child = face.slot(below, value[name], is_required=name in required)
                child = self._filled(face.view, child, inner, below)
                children.append(replace(child, is_extra=bool(properties) and name not in properties))
        elif is_sequence(value):
            for number, item in enumerate(value):
                below = (*path, number)
                face = self._face(_item(view, number), item)
                child = face.slot(below, item)
                children.append(self._filled(face.view, child, _below(faults, below), below))
        own = next((fault for fault in faults if fault.path == path), None)
        first = own or (faults[0] if faults else None)
        message = "" if first is None else first.message if own else str(first)
        return replace(blank, state="invalid" if faults else "valid", message=message, children=tuple(children))


def _below(faults: list[Violation], path: Path) -> list[Violation]:
    return [fault for fault in faults if fault.path[: len(path)] == path] if faults else []


def _view(schema: Schema, root: Schema, value: Any = MISSING) -> Mapping[str, Any]:
    """The schema that speaks for a value: references followed, and of alternatives the one that fits it."""
    view = resolve(schema, root)
    for key in ("anyOf", "oneOf", "allOf"):
        if is_sequence(rules := view.get(key)) and rules and "properties" not in view:
            choices = [_view(rule, root, value) for rule in rules]
            fitting = [choice for choice in choices if _may_be(choice, value)]
            best = next((choice for choice in fitting if value is not MISSING and _agrees(choice, value)), None)
            best = best or next(iter(fitting or choices))
            return {**best, **{name: inner for name, inner in view.items() if name != key}}
    return view


def _may_be(choice: Mapping[str, Any], value: Any) -> bool:
    types = types_of(choice)
    return types != ("null",) if value is MISSING else fits_type(value, types)


def _agrees(choice: Mapping[str, Any], value: Any) -> bool:
    """Whether the constants of an alternative (its tag) are those of the value so far."""
    if not isinstance(value, Mapping):
        return True
    tags = {
        name: rule["const"]
        for name, rule in _properties(choice).items()
        if isinstance(rule, Mapping) and "const" in rule
    }
    return all(value.get(name, MISSING) in (MISSING, const) for name, const in tags.items()) and (
        bool(tags) or set(value) <= set(_properties(choice))
    )


def _properties(view: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = view.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _rule(view: Mapping[str, Any], name: str) -> Schema:
    properties = _properties(view)
    rule: Schema = properties[name] if name in properties else view.get("additionalProperties", True)
    return rule


def _item(view: Mapping[str, Any], number: int) -> Schema:
    first, items = view.get("prefixItems", ()), view.get("items", True)
    if is_sequence(items):
        first, items = items, view.get("additionalItems", True)
    rule: Schema = first[number] if number < len(first) else items
    return rule


def _text(view: Mapping[str, Any]) -> str:
    text = view.get("description", "")
    return text if isinstance(text, str) else ""


def _kind(view: Mapping[str, Any]) -> str:
    """What a schema wants, in a word or two."""
    if "const" in view:
        return f"always {view['const']}"
    if is_sequence(allowed := view.get("enum")):
        return " | ".join(str(one) for one in allowed)
    types = [kind for kind in types_of(view) if kind != "null"] or (["object"] if _properties(view) else [])
    if types == ["array"] and isinstance(items := view.get("items"), Mapping) and types_of(items):
        return f"array of {'|'.join(types_of(items))}"
    return "|".join(types) or "any"
