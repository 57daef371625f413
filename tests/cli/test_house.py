"""The house stays one that can be read: no class does too much, its ancestors included, and no file is too long."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

MOST_METHODS, MOST_LINES = 40, 400
ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tui").rglob("*.py"))


class Made(NamedTuple):
    """A class as it is written: the names of its own methods, and its bases by their full names."""

    methods: set[str]
    bases: list[str]


def _name(base: ast.expr) -> str:
    match base:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _name(value)
    return ""


def classes_in(file: Path) -> dict[str, Made]:
    """The classes of a file by their full names; what it imports is known by where it comes from."""
    module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    imports = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return {
        f"{module}.{node.name}": Made(
            {part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)},
            [imports.get(name, f"{module}.{name}") for name in map(_name, node.bases)],
        )
        for node in nodes
        if isinstance(node, ast.ClassDef)
    }


def test_no_class_has_more_than_forty_methods_with_those_of_its_ancestors_here():
    classes = {name: made for file in FILES for name, made in classes_in(file).items()}

    def find(name: str) -> Made:
        """A class; where it is imported from a package, whichever module of that has it."""
        package, _, last = name.rpartition(".")
        inside = (made for other, made in classes.items() if other.startswith(package) and other.endswith(f".{last}"))
        return classes.get(name) or next(inside, Made(set(), []))

    def methods(name: str) -> set[str]:
        made = find(name)
        return made.methods.union(*map(methods, made.bases))

    counts = {name: len(methods(name)) for name in classes}
    assert {name: count for name, count in counts.items() if count > MOST_METHODS} == {}


def test_no_file_is_longer_than_four_hundred_lines():
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {file: length for file, length in lengths.items() if length > MOST_LINES} == {}


def test_no_local_is_named_for_there_being_a_value_only():
    """A match, a session, a row: a name says what a value is, or its reader has to go back to where it came from."""
    empty = {"found", "known", "kept", "told"}
    places = [
        f"{file.relative_to(ROOT)}:{name.lineno} {name.id}"
        for file in FILES
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for name in ast.walk(function)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store) and name.id in empty
    ]
    assert not places
