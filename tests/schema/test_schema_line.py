import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.error import ConfigError
from tui.schema.check import violations
from tui.schema.schema_line import SchemaLineError, read_schema, read_schema_line, write_schema_line
from tui.schema.schema_problem import schema_problems


def obj(required=None, **properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


S, N, F, B = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))


@pytest.mark.parametrize(
    ("line", "schema"),
    [
        ("name", obj(name=S)),
        ("name, age int, tags [str]", obj(name=S, age=N, tags={"type": "array", "items": S})),
        ("a float, b bool, c any", obj(a=F, b=B, c={})),
        ("a int?, b?", obj([], a=N, b=S)),
        ('a int: "how many", b?: "why"', obj(["a"], a={**N, "description": "how many"}, b={**S, "description": "why"})),
        ('a: "why"?', obj([], a={**S, "description": "why"})),
        ("home {city, zip int}, x", obj(home=obj(city=S, zip=N), x=S)),
        ("[name, age int]", {"type": "array", "items": obj(name=S, age=N)}),
        ("[{name}]", {"type": "array", "items": obj(name=S)}),
        ("[str]", {"type": "array", "items": S}),
        ("rows [name, n int]", obj(rows={"type": "array", "items": obj(name=S, n=N)})),
        ("grid [[float]]", obj(grid={"type": "array", "items": {"type": "array", "items": F}})),
        ("unit celsius|fahrenheit", obj(unit={"type": "string", "enum": ["celsius", "fahrenheit"]})),
        ("moods [happy|sad]", obj(moods={"type": "array", "items": {"type": "string", "enum": ["happy", "sad"]}})),
        ("{a, b int}", obj(a=S, b=N)),
        (" naïve ,\n b , ", obj(naïve=S, b=S)),
    ],
)
def test_the_one_line_form(line, schema):
    assert read_schema_line(line) == read_schema(line) == schema
    assert schema_problems(schema) == []
    assert read_schema_line(write_schema_line(schema)) == schema


@pytest.mark.parametrize(
    ("line", "words", "position"),
    [
        ("", "a field's name is missing", 0),
        ("name, , b", "a field's name is missing", 6),
        ("name, age number of", "“number” is not a type", 10),
        ("name, name", "“name” is given twice", 6),
        ("a [int", "comma or “]” is missing", 6),
        ("a {b", "“}” is missing", 4),
        ("a: why", "double quotes", 3),
        ("a; b", "“;” has no meaning", 1),
        ("a b c", "“b” is not a type", 2),
        ("a int b", "“b” does not belong here", 6),
        ("a x|", "word is missing", 4),
        ("[" * 30, "nested more than 20", 22),
        ("a {" * 30, "nested more than 20", 63),
        ("1a", "“1” has no meaning", 0),
    ],
)
def test_faults_are_named_with_their_position(line, words, position):
    with pytest.raises(SchemaLineError) as caught:
        read_schema_line(line)
    assert words in caught.value.message
    assert caught.value.position == position


def test_a_likely_type_is_suggested():
    with pytest.raises(SchemaLineError) as caught:
        read_schema_line("age integer")
    assert caught.value.hint == "did you mean int?"


def test_json_is_taken_as_it_is():
    assert read_schema('{"type": "array", "items": {"type": "string"}}') == {"type": "array", "items": S}
    with pytest.raises(ConfigError, match="not JSON.*line 1, column 10"):
        read_schema('{"type": ')
    with pytest.raises(ConfigError, match="cannot be used: “int” is no JSON type"):
        read_schema('{"type": "int"}')


@settings(deadline=None)
@given(st.text(alphabet='ab,:?|[]{}" \\int', max_size=30))
def test_any_line_is_a_schema_or_a_fault_with_a_place(line):
    try:
        schema = read_schema_line(line)
    except SchemaLineError as error:
        assert 0 <= error.position <= len(line)
    else:
        assert schema_problems(schema) == []
        assert isinstance(violations(schema, {}), list)
