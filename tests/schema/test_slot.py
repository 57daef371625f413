import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.schema.test_json_value import json_values
from tui.schema.check import violations
from tui.schema.schema_line import read_schema_line
from tui.schema.slot import Form, check
from tui.wire.partial_json import MISSING, PartialJson

WEATHER = read_schema_line(
    'city: "where", unit celsius|fahrenheit?, days int, hours [int]?, place? {lat float, lon float}'.replace(
        "place? {", "place {"
    )
)


def states(slot):
    return {path_of(inner): inner.state for _, inner in slot.rows()}


def path_of(slot):
    return ".".join(map(str, slot.path))


def test_the_skeleton_shows_what_will_come_before_it_comes():
    slot = Form(WEATHER).slot
    assert set(states(slot).values()) == {"empty"}
    assert [(depth, inner.label, inner.kind) for depth, inner in slot.rows()] == [
        (0, "", "object"),
        (1, "city", "string"),
        (1, "unit", "celsius | fahrenheit"),
        (1, "days", "integer"),
        (1, "hours", "array of integer"),
        (2, "[0]", "integer"),
        (1, "place", "object"),
        (2, "lat", "number"),
        (2, "lon", "number"),
    ]
    assert slot.children[0].description == "where"
    assert slot.children[0].is_required
    assert not slot.children[1].is_required
    assert slot.value is MISSING


def test_each_slot_is_marked_the_moment_its_value_is_complete():
    form = Form(WEATHER)
    assert states(form.update({"city": "Par"}, ("city",))) | {"hours.0": "empty"} == {
        "": "arriving", "city": "arriving", "unit": "empty", "days": "empty", "hours": "empty", "hours.0": "empty",
        "place": "empty", "place.lat": "empty", "place.lon": "empty",
    }  # fmt: skip
    slot = form.update({"city": "Paris", "unit": "kel"}, ("unit",))
    assert (slot.children[0].state, slot.children[1].state, slot.state) == ("valid", "arriving", "arriving")
    slot = form.update({"city": "Paris", "unit": "kelvin"}, ())
    assert slot.children[1].state == "invalid"
    assert slot.state == "invalid"
    assert str(form.violation) == "unit: expected one of “celsius”, “fahrenheit”, got “kelvin”"


def test_what_is_before_the_growing_end_is_complete():
    slot = check(WEATHER, {"city": "Paris", "hours": [1, "x", 3]}, ("hours", 2))
    hours = slot.children[3]
    assert [item.state for item in hours.children] == ["valid", "invalid", "arriving"]


def test_a_wrong_type_is_known_before_the_value_ends():
    slot = check(WEATHER, {"city": ["Par"]}, ("city", 0))
    assert slot.children[0].state == "invalid"
    assert slot.children[0].message == "expected a string, got an array"


def test_when_all_has_come_missing_and_unknown_keys_are_named():
    slot = check(WEATHER, {"city": "Paris", "place": {"lat": 1.5, "lon": 2}, "wind": True})
    found = {inner.label: inner for _, inner in slot.rows()}
    assert found["days"].state == "invalid"
    assert found["days"].message == "is missing"
    assert found["unit"].state == "empty"
    assert found["wind"].state == "invalid"
    assert found["wind"].is_extra
    assert found["lat"].state == found["lon"].state == "valid"
    assert slot.first_invalid().label == "days"
    assert check(WEATHER, {"city": "P", "days": 1, "place": {"lat": 1, "lon": 2}}).state == "valid"


def test_without_a_schema_the_value_is_its_own_tree():
    slot = check({}, {"a": [1, {"b": None}]})
    assert [inner.label for _, inner in slot.rows()] == ["", "a", "[0]", "[1]", "b"]
    assert not any(inner.is_extra for _, inner in slot.rows())


def test_alternatives_show_the_one_that_fits_so_far():
    schema = {
        "anyOf": [
            {"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}},
            {
                "type": "object",
                "properties": {"kind": {"const": "dog"}, "tricks": {"type": "array", "items": {"type": "string"}}},
            },
            {"type": "null"},
        ]
    }
    assert [child.label for child in Form(schema).slot.children] == ["kind", "lives"]
    assert [child.label for child in check(schema, {"kind": "dog"}, ()).children] == ["kind", "tricks"]


def test_a_schema_that_refers_to_itself_has_an_end():
    tree = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}}
    assert sum(1 for _ in Form(tree).slot.rows()) < 20
    assert check(tree, {"kids": [{"kids": [{"kids": []}]}]}).state == "valid"


def test_complete_parts_are_checked_once_only():
    form, reader = Form({"type": "array", "items": {"type": "integer"}}), PartialJson()
    reader.feed("[1")
    assert form.update(reader.value, reader.open_path).children[0].state == "arriving"
    for number in range(2, 200):
        reader.feed(f",{number}")
        slot = form.update(reader.value, reader.open_path)
    assert slot.children[0].state == "valid"
    assert slot.children[0] is form.update(reader.value, reader.open_path).children[0]


def test_an_open_word_or_number_is_no_verdict_yet():
    schema = read_schema_line("is_wet bool, degrees float, days int")
    form, reader, seen = Form(schema), PartialJson(), []
    for char in '{"is_wet": true, "degrees": -1.5e1, "days": 2.5}':
        reader.feed(char)
        slot = form.update(reader.value, reader.open_path)
        seen.append([child.state for child in slot.children])
    assert ["arriving", "empty", "empty"] in seen
    assert ["valid", "arriving", "empty"] in seen
    assert all(state[0] != "invalid" and state[1] != "invalid" for state in seen)
    assert seen[-1] == ["valid", "valid", "invalid"]


@settings(max_examples=40, deadline=None)
@given(json_values, st.integers(1, 7))
def test_however_it_arrives_the_end_is_the_same(value, size):
    text = json.dumps({"value": value, "n": 1})
    schema = {
        "type": "object",
        "properties": {
            "value": {"type": ["string", "object", "array"], "items": {"type": "integer"}},
            "n": {"type": "integer"},
        },
    }
    form, reader = Form(schema), PartialJson()
    for at in range(0, len(text), size):
        reader.feed(text[at : at + size])
        form.update(reader.value, reader.open_path)
    assert form.update(reader.value, reader.open_path) == check(schema, reader.value)


SCHEMAS = [
    WEATHER,
    {"type": "array", "items": {"type": ["integer", "null"]}, "maxItems": 2},
    {"required": ["a"], "additionalProperties": {"type": "array", "uniqueItems": True}},
    {"anyOf": [{"type": "string", "minLength": 2}, {"type": "object", "properties": {"a": {"const": 1}}}]},
    {"patternProperties": {"^a": {"type": "boolean"}}, "additionalProperties": False},
    {
        "$defs": {"n": {"type": "number", "minimum": 0}},
        "properties": {"a": {"$ref": "#/$defs/n"}, "b": {"items": {"$ref": "#/$defs/n"}}},
    },
]


@settings(deadline=None)
@given(
    st.sampled_from(SCHEMAS),
    st.dictionaries(st.sampled_from(["a", "b", "ab", "city", "days"]), json_values, max_size=3) | json_values,
)
def test_slots_and_violations_agree(schema, value):
    slot = check(schema, value)
    assert (slot.state == "invalid") is bool(violations(schema, value))
    assert (slot.first_invalid() is None) is (slot.message == "")
