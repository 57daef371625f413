"""Every keyword of JSON Schema 2020-12, with values that fit and values that do not."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.schema.check import hold, violations
from tui.schema.format import FORMATS, format_fault
from tui.schema.json_value import freeze
from tui.schema.schema_problem import schema_problems, unjudged
from tui.schema.slot import check

ADDRESS = {
    "properties": {"country": {"enum": ["us", "nl"]}, "code": {"type": "string"}},
    "if": {"properties": {"country": {"const": "us"}}, "required": ["country"]},
    "then": {"required": ["code"], "properties": {"code": {"pattern": "^[0-9]{5}$"}}},
    "else": {"properties": {"code": {"pattern": "^[0-9]{4} [A-Z]{2}$"}}},
}
CARD = {
    "dependentRequired": {"card": ["address"]},
    "dependentSchemas": {"card": {"properties": {"card": {"minLength": 4}}}},
}
CLOSED = {
    "allOf": [
        {"properties": {"a": {}}},
        {"if": {"required": ["b"]}, "then": {"properties": {"b": {"type": "integer"}, "c": {}}}},
    ],
    "unevaluatedProperties": False,
}
TAIL = {"prefixItems": [{"type": "string"}], "contains": {"type": "boolean"}, "unevaluatedItems": False}
LIST = {
    "$id": "https://example.com/list",
    "$ref": "#generic",
    "$defs": {
        "number": {"$dynamicAnchor": "item", "type": "number"},
        "generic": {
            "$id": "generic",
            "$anchor": "generic",
            "type": "array",
            "items": {"$dynamicRef": "#item"},
            "$defs": {"any": {"$dynamicAnchor": "item"}},
        },
    },
}
LIST["$ref"] = "generic"
PAIR = {
    "$id": "https://example.com/pair",
    "properties": {"left": {"$ref": "part#side"}, "right": {"$ref": "https://example.com/part#/$defs/side"}},
    "$defs": {
        "part": {
            "$id": "part",
            "$defs": {"side": {"$anchor": "side", "$ref": "#/$defs/word"}, "word": {"type": "string"}},
        }
    },
}

CASES = [
    (ADDRESS, [{"country": "us", "code": "12345"}, {"country": "nl", "code": "1234 AB"}, {}],
     [({"country": "us"}, "code: is missing"), ({"country": "us", "code": "1"}, "does not match"), ({"country": "nl", "code": "12345"}, "does not match")]),
    (CARD, [{}, {"card": "1234", "address": "x"}],
     [({"card": "1234"}, "address: is missing, and needed where card is given"), ({"card": "1", "address": ""}, "card: has 1 character")]),
    ({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, [{"a": 1, "b": 1}, {"c": 1, "d": 1}],
     [({"a": 1}, "b: is missing"), ({"c": 1}, "d: is missing")]),
    ({"contains": {"minimum": 5}}, [[1, 9], [5]], [([1], "has no item of the kind"), ([], "has no item of the kind")]),
    ({"contains": {"type": "string"}, "minContains": 2, "maxContains": 3}, [["a", "b", 1], ["a"] * 3],
     [(["a"], "has only 1 item of the kind that `contains` asks for, and needs 2"), (["a"] * 4, "has 4 items of the kind")]),
    ({"contains": False, "minContains": 0}, [[], [1]], []),
    ({"propertyNames": {"pattern": "^[a-z]+$"}}, [{"abc": 1}], [({"A1": 1}, "A1: is not allowed as a key")]),
    (CLOSED, [{"a": 1}, {"a": 1, "b": 2, "c": 3}], [({"c": 3}, "c: is not a known key"), ({"b": "x"}, "b: expected an integer")]),
    ({"anyOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": {}}, "required": ["b"]}], "unevaluatedProperties": False},
     [{"a": 1}, {"b": 2}, {"a": 1, "b": 2}], [({"a": 2, "b": 2}, "a: is not a known key")]),
    ({"unevaluatedProperties": {"type": "integer"}}, [{"a": 1}], [({"a": "x"}, "a: expected an integer")]),
    ({"$ref": "#/$defs/base", "$defs": {"base": {"properties": {"a": {}}}}, "unevaluatedProperties": False}, [{"a": 1}], [({"b": 1}, "b: is not a known key")]),
    (TAIL, [["x", True], ["x", True, False]], [(["x", True, 3], "[2]: is an item that the schema does not allow"), (["x"], "has no item")]),
    ({"allOf": [{"prefixItems": [True]}], "unevaluatedItems": {"type": "string"}}, [[1, "a"]], [([1, 2], "[1]: expected a string")]),
    ({"prefixItems": [{"type": "string"}], "items": False}, [["a"], []], [(["a", 1], "[1]: is not allowed")]),
    ({"items": [{"type": "string"}], "additionalItems": {"type": "integer"}}, [["a", 1]], [(["a", "b"], "[1]: expected an integer")]),
    (LIST, [[1, 2.5], []], [(["a"], "[0]: expected a number")]),
    (PAIR, [{"left": "a", "right": "b"}], [({"left": 1}, "left: expected a string"), ({"right": 1}, "right: expected a string")]),
    ({"$ref": "#/$defs/a", "maximum": 3, "$defs": {"a": {"minimum": 1, "maximum": 9}}}, [1, 3], [(4, "above the most, 3"), (10, "above the most, 9"), (0, "below")]),
    ({"properties": {"a": {"$ref": "#/$defs/o", "properties": {"x": {"type": "string"}}}}, "$defs": {"o": {"properties": {"y": {"type": "integer"}}}}},
     [{"a": {"x": "", "y": 1}}], [({"a": {"x": 1}}, "a.x: expected a string"), ({"a": {"y": ""}}, "a.y: expected an integer")]),
    ({"$ref": "#/$defs/a%25b~1c", "$defs": {"a%b/c": {"type": "null"}}}, [None], [(1, "expected null")]),
    ({"multipleOf": 0.01}, [0.07, 19.99, 1e300, 3], [(0.075, "is no multiple")]),
    ({"multipleOf": 1e-8}, [12391239123], [(1e-9, "is no multiple")]),
    ({"minimum": 3, "exclusiveMinimum": True}, [4], [(3, "is not above 3")]),
    ({"enum": [{"a": 1}, [0]]}, [{"a": 1.0}, [0.0]], [({"a": True}, "expected one of"), ([False], "expected one of")]),
    ({"uniqueItems": True}, [[1, True, "1"], [{"a": 1}, {"a": 2}]], [([1, 1.0], "holds an item twice"), ([{"a": [1]}, {"a": [1.0]}], "holds an item twice")]),
    ({"minProperties": 1, "maxProperties": 2}, [{"a": 1}], [({}, "has 0 keys"), ({"a": 1, "b": 2, "c": 3}, "has 3 keys")]),
    ({"not": {"contains": {"const": 1}}}, [[2]], [([1], "is what it must not be")]),
    ({"properties": {"a": {"format": "date"}}}, [{"a": "2026-02-28"}, {"a": 3}], [({"a": "2026-02-30"}, "“2026-02-30” is not a date such as")]),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "fits", "fails"), CASES, ids=lambda value: json.dumps(value)[:40])
def test_every_keyword_is_judged(schema, fits, fails):
    schema = freeze(schema)
    assert schema_problems(schema) == []
    assert unjudged(schema) == []
    for value in fits:
        assert violations(schema, freeze(value)) == []
        assert check(schema, freeze(value)).state == "valid"
    for value, words in fails:
        assert any(words in str(fault) for fault in violations(schema, freeze(value))), (
            value,
            [str(fault) for fault in violations(schema, freeze(value))],
        )
        assert check(schema, freeze(value)).state == "invalid"


FORMAT_CASES = {
    "date-time": (["2026-11-28T09:30:00Z", "2026-11-28t09:30:00.5+01:00", "1998-12-31T23:59:60Z", "1998-12-31T15:59:60-08:00"],
                  ["2026-11-28T09:30:00", "2026-11-28 09:30:00Z", "2026-11-31T09:30:00Z", "1998-12-31T22:59:60Z", "yesterday"]),
    "date": (["2024-02-29"], ["2026-02-29", "20260228", "2026-2-8", "٢٠٢٦-01-01"]),
    "time": (["09:30:00Z", "23:59:60Z"], ["09:30", "24:00:00Z", "09:30:00+24:00"]),
    "duration": (["P1Y2M3DT4H5M6S", "P3W", "PT36H"], ["P", "PT", "P1H", "1D", "P1D2W", "P1Y3D"]),
    "email": (["a.b+c@example.com", '"a b"@example.com', "a@[127.0.0.1]", "a@[IPv6:::1]"], ["a", "@example.com", "a..b@example.com", "a@-x.com", "a@[300.1.1.1]"]),
    "idn-email": (["실례@실례.테스트"], ["a@", "실례"]),
    "hostname": (["example.com", "xn--4gbwdl.xn--wgbh1c", "a"], ["", "-a.com", "a_b.com", "a..b", "x" * 64, "xn--X", "ab--cd.com"]),
    "idn-hostname": (["실례.테스트", "example.com"], ["a..b", "-실", "〮a"]),
    "ipv4": (["127.0.0.1"], ["256.1.1.1", "1.1.1", "01.1.1.1", "1.1.1.1/8", "१.1.1.1"]),
    "ipv6": (["::1", "::ffff:192.0.2.1"], ["1::2::3", "::1%eth0", "12345::", ":::"]),
    "uri": (["https://user@example.com:80/a?b#c", "urn:isbn:1", "mailto:a@b", "http://[::1]/"], ["//a", "a b:c", "http://a b", "http://[::1", "http://[zz]/", "https://exämple.com/", "http://a/%zz", "/a"]),
    "uri-reference": (["/a", "//a/b", "#x", "a/b:c", ""], ["\\\\a", "a:b c", "[a]", "1:b"]),
    "iri": (["https://exämple.com/ß"], ["/ß", "http://a b"]),
    "iri-reference": (["/ß"], ["\\ß"]),
    "uri-template": (["http://x/{a}/{+b,c*}{?d:3}"], ["http://x/{a", "{a b}", "}"]),
    "uuid": (["2EB8AA08-aa98-11ea-b4aa-73b441d16380"], ["2eb8aa08aa9811eab4aa73b441d16380", "x"]),
    "json-pointer": (["", "/a~0b/~1"], ["a", "/~2", "/~"]),
    "relative-json-pointer": (["0", "1/a", "2#"], ["-1", "01", "/a", "0##"]),
    "regex": (["^(?<a>b)\\k<a>$", "[a-z]+"], ["(", "a{2,1}"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_those_of_their_documents(name):
    fits, fails = FORMAT_CASES[name]
    assert [text for text in fits if format_fault(name, text)] == []
    assert [text for text in fails if not format_fault(name, text)] == []


def test_a_text_cannot_keep_a_format_busy():
    for name in FORMATS:
        for piece in ("a.", "a@", "/a:", "1.", "%41", "{a", "::", "P1D", "~0", '"\\'):
            format_fault(name, piece * 5000)


def test_what_is_not_judged_is_named():
    schema = {
        "x-order": 1,
        "title": "An order",
        "contentEncoding": "base64",
        "properties": {
            "a": {"format": "sku"},
            "b": {"$ref": "https://example.com/b"},
            "c": {"nullable": True, "format": "sku"},
        },
    }
    assert schema_problems(schema) == []
    assert unjudged(schema) == [
        "`contentEncoding`",
        "the format “sku”",
        "`$ref` “https://example.com/b”, which leads out of the schema",
        "`nullable`",
    ]


NAMES = st.sampled_from(["a", "b", "c"])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from([0.5, 1.0, 2.5]), st.sampled_from(["", "a", "ab"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
ASSERTIONS = st.fixed_dictionaries({}, optional={
    "type": st.sampled_from(["object", "array", "string", "integer", "number", "null", ["object", "null"]]),
    "enum": st.lists(LEAVES, min_size=1, max_size=3), "const": LEAVES, "minimum": st.integers(-1, 2), "exclusiveMaximum": st.integers(0, 3),
    "multipleOf": st.sampled_from([1, 2, 0.5]), "minLength": st.integers(0, 2), "maxItems": st.integers(0, 3), "uniqueItems": st.booleans(),
    "required": st.lists(NAMES, unique=True, max_size=2), "maxProperties": st.integers(0, 3), "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, unique=True, max_size=2), max_size=2),
    "minContains": st.integers(0, 2), "maxContains": st.integers(0, 2),
})  # fmt: skip


def _deeper(inner):
    some, named = st.lists(inner, min_size=1, max_size=2), st.dictionaries(NAMES, inner, max_size=2)
    return st.fixed_dictionaries({}, optional={
        "properties": named, "patternProperties": st.dictionaries(st.sampled_from(["^a", "b|c"]), inner, max_size=1), "dependentSchemas": named,
        "additionalProperties": inner, "unevaluatedProperties": inner, "propertyNames": inner, "prefixItems": some, "items": inner,
        "contains": inner, "unevaluatedItems": inner, "allOf": some, "anyOf": some, "oneOf": some, "not": inner, "if": inner, "then": inner, "else": inner,
        "$ref": st.sampled_from(["#/$defs/a", "#/$defs/b"]),
    })  # fmt: skip


SCHEMAS = st.recursive(st.booleans() | ASSERTIONS, lambda inner: _deeper(inner) | ASSERTIONS, max_leaves=8)


@settings(max_examples=150, deadline=None)
@given(SCHEMAS.filter(lambda schema: isinstance(schema, dict)), ASSERTIONS, VALUES)
def test_verdicts_are_those_of_the_reference(schema, definition, value):
    reference = pytest.importorskip("jsonschema")
    whole = {**schema, "$defs": {"a": definition, "b": {"properties": {"a": definition}, "prefixItems": [definition]}}}
    expected = reference.Draft202012Validator(whole).is_valid(value)
    findings = hold(freeze(whole), freeze(value))
    assert (not findings.violations) is expected, [str(fault) for fault in findings.violations]
    assert (check(freeze(whole), freeze(value)).state == "valid") is expected
