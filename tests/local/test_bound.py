"""Bounds that the built-in model is given where a schema has none."""

import pytest

from tui.domain.message import Message, TextPart
from tui.domain.request import ReplySchema, Request
from tui.local.bound import bounded
from tui.local.request import fit_request
from tui.schema.check import violations
from tui.schema.schema_line import read_schema


def test_texts_whole_numbers_and_lists_without_bounds_get_some():
    schema = bounded(read_schema("name, age int, year int, home {city}, tags [str]"))
    good = {"name": "Ada", "age": 36, "year": 1815, "home": {"city": "London"}, "tags": ["a"]}
    assert violations(schema, good) == []
    for bad in (
        {**good, "name": ""},
        {**good, "age": 284751639000},
        {**good, "age": 121},
        {**good, "year": 284751639000},
        {**good, "home": {"city": ""}},
        {**good, "tags": ["a"] * 11},
        {**good, "name": "x" * 201},
    ):
        assert len(violations(schema, bad)) == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 0, "maxLength": 0},
        {"type": "string", "minLength": 300, "maxLength": 400},
        {"type": "string", "enum": ["", "a"]},
        {"type": "string", "pattern": "^$"},
        {"type": "integer", "minimum": -5, "maximum": 10**12},
        {"type": "integer", "enum": [10**12]},
        {"type": "array", "maxItems": 40},
        {"type": "number"},
        True,
    ],
)
def test_what_a_schema_says_itself_stays(schema):
    assert bounded(schema) == schema or {**bounded(schema), **schema} == bounded(schema)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "minLength": 300}, "x" * 300),
        ({"type": "integer", "maximum": -20_000}, -20_000),
        ({"type": "integer", "minimum": 1_000_000}, 1_000_001),
        ({"type": "integer", "exclusiveMaximum": -1}, -2),
        ({"type": "array", "minItems": 20}, [1] * 20),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, None),
    ],
)
def test_bounds_leave_a_value(schema, value):
    assert violations(bounded(schema), value) == []


def test_only_the_built_in_model_is_given_bounds():
    schema = ReplySchema("reply", read_schema("name"), strict=True)
    request = Request(model="m", messages=(Message("user", (TextPart("Who?"),)),), schema=schema)
    assert fit_request(request, is_own=True).schema == schema
    assert fit_request(request).schema.schema["properties"]["name"]["minLength"] == 1
