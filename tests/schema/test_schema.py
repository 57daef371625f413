import re
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.schema.test_json_value import json_values
from tui.schema.check import hold, violations
from tui.schema.json_value import freeze
from tui.schema.pattern import PatternError, matches
from tui.schema.pattern_node import BeyondError
from tui.schema.schema_problem import is_strict, schema_problems, unjudged

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name"],
    "additionalProperties": False,
}
TREE = {
    "$defs": {"node": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}},
    "$ref": "#/$defs/node",
}

FITS = [
    ({}, None), (True, 1), ({"type": "integer"}, 3), ({"type": "integer"}, 3.0), ({"type": "number"}, 3),
    ({"type": ["string", "null"]}, None), ({"enum": ["a", 1]}, 1.0), ({"const": {"a": [1]}}, {"a": [1]}),
    (PERSON, {"name": "Ada"}), (PERSON, {"name": "Ada", "age": 36}), ({"type": "array", "items": {"type": "string"}}, ["a"]),
    ({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, ["a", 1, 2]),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, None), ({"oneOf": [{"minimum": 5}, {"type": "string"}]}, 6),
    (TREE, {"kids": [{"kids": []}]}), ({"pattern": "^[a-z]+$"}, "abc"), ({"pattern": "^[a-z]+$"}, 12), ({"format": "sku"}, "never"),
    ({"multipleOf": 0.1}, 0.3), ({"minLength": 1, "maxLength": 3}, "äöü"), ({"uniqueItems": True}, [1, 2]),
    ({"additionalProperties": {"type": "integer"}}, {"a": 1}), ({"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": False}, {"x1": 1}),
    ({"not": {"type": "string"}}, 1), ({"$ref": "#/$defs/no"}, 1), ({"allOf": [{"minimum": 1}, {"maximum": 3}]}, 2),
]  # fmt: skip
FAILS = [
    ({"type": "integer"}, "abc", "the value: expected an integer, got “abc”"),
    ({"type": "integer"}, True, "the value: expected an integer, got true"),
    ({"type": "number"}, None, "the value: expected a number, got null"),
    ({"type": ["string", "null"]}, 1.5, "the value: expected a string or null, got 1.5"),
    ({"enum": ["celsius", "fahrenheit"]}, "kelvin", "the value: expected one of “celsius”, “fahrenheit”, got “kelvin”"),
    ({"enum": [1]}, True, "the value: expected one of 1, got true"),
    ({"const": 3}, 4, "the value: expected 3, got 4"),
    (PERSON, {"age": 3}, "name: is missing"),
    (PERSON, {"name": "A", "agee": 3}, "agee: is not a known key; did you mean age?"),
    (PERSON, {"name": "A", "age": -1}, "age: -1 is below the least, 0"),
    (PERSON, [], "the value: expected an object, got an array"),
    ({"type": "object", "properties": {"people": {"type": "array", "items": PERSON}}}, {"people": [{"name": "A"}, {"name": 4}]},
     "people[1].name: expected a string, got 4"),
    ({"items": {"type": "string"}, "maxItems": 1}, ["a", "b"], "the value: has 2 items, and may have 1 at most"),
    ({"minLength": 2}, "a", "the value: has 1 character, and needs 2 at least"),
    ({"pattern": "^[0-9]{5}$"}, "7500", "the value: “7500” does not match the pattern ^[0-9]{5}$"),
    ({"exclusiveMaximum": 1}, 1, "the value: 1 is not below 1"),
    ({"multipleOf": 5}, 12, "the value: 12 is no multiple of 5"),
    ({"uniqueItems": True}, [{"a": 1}, {"a": 1}], "the value: holds an item twice"),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 4, "the value: fits none of the 2 alternatives: expected a string, got 4; expected null, got 4"),
    ({"anyOf": [PERSON, {"type": "string"}]}, {"name": 1}, "name: expected a string, got 1 (the nearest of 2 alternatives)"),
    ({"oneOf": [{"minimum": 1}, {"minimum": 2}]}, 3, "the value: fits 2 of the alternatives, and must fit one only"),
    ({"not": {"type": "string"}}, "a", "the value: is what it must not be"),
    ({"properties": {"a": False}}, {"a": 1}, "a: is not allowed"),
    (TREE, {"kids": [{"kids": 4}]}, "kids[0].kids: expected an array, got 4"),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value"), FITS)
def test_values_that_fit(schema, value):
    assert violations(schema, value) == violations(schema, freeze(value)) == []


@pytest.mark.parametrize(("schema", "value", "sentence"), FAILS)
def test_values_that_do_not_fit_say_where_and_why(schema, value, sentence):
    assert [str(fault) for fault in violations(schema, freeze(value))] == [sentence]


def test_a_schema_that_refers_to_itself_ends():
    assert violations({"$ref": "#"}, 1) == []
    assert violations({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}, 1) == []
    kinds = [{"properties": {"a": {"$ref": "#"}}}] * 9
    deep = {}
    for _ in range(40):
        deep = {"a": deep}
    assert violations({"anyOf": kinds, "not": {"allOf": kinds}}, deep)[0].message == (
        "too costly to check against this schema"
    )


@settings(max_examples=50, deadline=None)
@given(json_values, json_values)
def test_any_schema_and_any_value_give_an_answer(schema, value):
    problems = schema_problems(schema)
    assert isinstance(problems, list)
    if not problems:
        assert len(violations(schema, value)) <= 50


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ([], "a schema is a JSON object"),
        ({"type": "strng"}, "“strng” is no JSON type"),
        ({"properties": {"a": {"type": "int"}}}, "“int” is no JSON type at /properties/a"),
        ({"properties": []}, "`properties` is an object"),
        ({"required": "name"}, "`required` is a list of names"),
        ({"$ref": "#/x"}, "is not in this schema"),
        ({"properties": {"a": {"$ref": "#/$defs/b"}}}, "“#/$defs/b” is not in this schema at /properties/a"),
        ({"pattern": "(?<a x)"}, "cannot be checked"),
        ({"minimum": "1"}, "`minimum` is a number"),
        ({"items": 4}, "a schema is an object or a boolean, not 4 at /items"),
    ],
)
def test_a_schema_that_cannot_be_used_says_so(schema, words):
    assert any(words in problem for problem in schema_problems(schema))


def test_strict_means_closed_and_all_required():
    closed = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert is_strict(closed)
    assert not is_strict(PERSON)
    assert not is_strict({"type": "array", "items": {**closed, "additionalProperties": True}})
    assert is_strict({"type": "array", "items": closed})


TEXTS = [
    "",
    "a",
    "abc",
    "75001",
    "a-b_c",
    "foo.bar@example.com",
    "aaaaab",
    "2026-11-22",
    "été",
    "a b\tc",
    "xyzzy",
    "[x]",
    "AbC",
]
PATTERNS = [
    "", "^$", "a", "^a+$", "[a-c]+", "^[^a]*$", r"^\d{5}$", r"^\d{4}-\d{2}-\d{2}$", r"\w+@\w+\.\w+", "^(a|b)*c", "a{2,}b", "^a{0,3}$",
    r"^\w+$|^é", "(?<=a)b", "(?<!a)b", "(?<=[a-f]+)o", "(?<n>ab)+", r"^[^\d]+$",
    r"\bb", r"\s", r"^\S+$", "x(y|z)+y?", "^(?=.*c).*$", "^(?!a)", r"\[x\]", "[-a]", r"[\w-]+_", "a{,2}", "é", "(?:ab)+", "^.{3}$", "a??b", "[A-Za-z]{3}",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_agree_with_the_language_they_come_from(pattern):
    written = pattern.replace("{,2}", r"\{,2\}").replace("(?<n>", "(?P<n>").replace("(?<=[a-f]+)", "(?<=[a-f])")
    for text in TEXTS:
        expected = re.search(written, text, re.ASCII if "w" in pattern else 0) is not None
        assert matches(pattern, text) is expected, text


@settings(deadline=None)
@given(st.text(alphabet="ab(|)*+?{}12,[]^$\\dw.-", max_size=12), st.text(alphabet="ab1-", max_size=8))
def test_any_pattern_is_matched_or_refused(pattern, text):
    try:
        found = matches(pattern, text)
    except PatternError:
        return
    try:
        expected = re.search(pattern, text, re.ASCII) is not None
    except (re.error, FutureWarning):
        return
    if (
        "{," not in pattern
        and "\\" not in pattern
        and "[]" not in pattern
        and "[^]" not in pattern
        and "$" not in pattern
    ):
        assert found is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "^(a|a)*$",
        "(?<=(a+)+)b",
        "(?<!a*a*)!",
        "a*a*a*a*a*b",
        "^(((a*)*)*)*b$",
        "(.*)*(.*)*x",
        "(a{1,1000}){1,1000}b",
    ],
)
def test_patterns_that_are_traps_elsewhere_end_soon(pattern):
    began = time.process_time()
    try:
        matches(pattern, "a" * 3000 + "!")
    except PatternError:
        pass
    assert time.process_time() - began < 2


@pytest.mark.parametrize("pattern", ["(", ")", "[a", "a{2,1}", "*a", r"\k", "(?<n a)", "(?P<n>a)", r"\p{Lx", r"\u12"])
def test_patterns_that_are_malformed_are_refused(pattern):
    with pytest.raises(PatternError):
        matches(pattern, "aaa")


BEYOND = [r"(a)\1", r"^\p{Script=Greek}+$", r"^\p{Extended_Pictographic}$", "a" * 600, "(" * 40 + ")" * 40, "a{9999}"]


@pytest.mark.parametrize("pattern", BEYOND)
def test_patterns_beyond_our_own_matcher_are_left_unjudged_without_the_library(pattern, monkeypatch):
    monkeypatch.setitem(sys.modules, "regex", None)
    with pytest.raises(BeyondError):
        matches(pattern, "aaa")
    assert schema_problems({"pattern": pattern}) == []
    assert len(unjudged({"properties": {"a": {"pattern": pattern}}})) == 1
    findings = hold({"pattern": pattern}, "aaa")
    assert findings.violations == ()
    assert len(findings.unjudged) == 1


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        (r"^(\p{Extended_Pictographic}|\p{Emoji_Component})+$", "😀👍🏽", "no"),
        (r"^\p{Script=Greek}+$", "αβγ", "abc"),
        (r"^(?<a>x|y)\k<a>$", "xx", "xy"),
        (r"^(a)\1\d$", "aa1", "aa٣"),
        (r"^(a)\1$", "aa", "aa\n"),
        (r"^\w(a)\1[\w\d]$", "_aaZ", "éaaZ"),
        ("^.{2000}$", "x" * 2000, "x" * 1999 + "\u2028"),
        (r"^(\u{1F600})\1$", "😀😀", "😀"),
    ],
)
def test_patterns_beyond_our_own_matcher_are_judged_by_the_library_as_their_language_has_them(pattern, fits, fails):
    pytest.importorskip("regex")
    assert matches(pattern, fits)
    assert not matches(pattern, fails)
    assert unjudged({"pattern": pattern}) == []


def test_a_pattern_that_takes_the_library_for_ever_is_unjudged_soon():
    pytest.importorskip("regex")
    began = time.process_time()
    findings = hold({"pattern": r"^(?:(a|aa|aaa)+b?\1)+$"}, "a" * 4000 + "c")
    assert findings.violations == ()
    assert "takes too long" in findings.unjudged[0]
    assert time.process_time() - began < 5


def test_long_texts_are_judged_by_the_library():
    pytest.importorskip("regex")
    assert matches("^[ab]*$", "ab" * 5000)
    assert not matches("^[ab]*$", "ab" * 5000 + "c")
