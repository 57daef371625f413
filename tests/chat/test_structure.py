"""Structured replies without a screen: which schema a turn is asked with, and what becomes of the reply."""

import json

import pytest

from tests.server.step import Answer
from tui.chat.conversation import Conversation
from tui.chat.replies import exhaust
from tui.chat.structure import describe_problem, find_schema, judge, schema_of_request
from tui.domain.delta import FinishDelta, RefusalDelta, TextDelta
from tui.domain.error import ConfigError
from tui.domain.turn import Prompt, Turn, TurnState

PERSON = find_schema("name, age int", {})


def ended(text, reason="stop", state=TurnState.COMPLETE, refusal=""):
    turn = Turn(Prompt("Who?"), schema=PERSON)
    turn.apply(TextDelta(text))
    if refusal:
        turn.apply(RefusalDelta(refusal))
    turn.apply(FinishDelta(reason))
    turn.end(state)
    return turn


@pytest.mark.parametrize(
    ("turn", "kind", "words"),
    [
        (ended('{"name": "Ada", "age": 36}'), "valid", ""),
        (ended('{"name": "Ada", "age": "36"}'), "invalid", "age: expected an integer, got “36”"),
        (ended('{"name": "Ada"}'), "invalid", "age: is missing"),
        (ended("Ada is 36."), "invalid", "not JSON: a value is missing (line 1, column 1)"),
        (ended('{"name": "Ada", "age": 3', "length"), "cut", "a comma is missing"),
        (ended('{"name": "A', state=TurnState.STOPPED), "cut", "a string does not end"),
        (ended('{"name": "Ada", "age": 36}', "length"), "valid", ""),
        (ended("", refusal="No."), "refused", "No."),
    ],
)
def test_a_verdict_says_in_words_what_is_wrong(turn, kind, words):
    verdict = judge(turn, PERSON)
    assert verdict.kind == kind
    assert verdict.words.startswith(words)
    assert bool(describe_problem(verdict)) == (kind != "valid")


def test_what_was_not_judged_stands_beside_the_verdict():
    schema = find_schema('{"type": "object", "properties": {"name": {"format": "sku"}, "age": {"nullable": true}}}', {})
    for text, kind in (('{"name": "x"}', "valid"), ("[]", "invalid")):
        verdict = judge(ended(text), schema)
        assert (verdict.kind, verdict.not_judged) == (kind, "the format “sku”, `nullable`")
    with_pattern = find_schema('{"type": "string", "pattern": "^(.)(\\\\1|x)+$"}', {})
    assert judge(ended('"aaax"'), with_pattern).kind == "valid"


@pytest.mark.parametrize("dialect", ["chat", "responses"])
async def test_a_schema_is_sent_once_and_kept_by_the_turn_and_those_that_ask_it_again(ask, server, program, dialect):
    conversation = ask(server.url("structured"), dialect)
    conversation.sheet.schema = PERSON
    first = conversation.say("Who?")
    await exhaust(conversation.replies.stream(first))
    assert json.loads(first.text) == {"name": "Paris", "age": 7}
    again = conversation.regenerate(first)
    rest = conversation.continue_(again)
    plain = conversation.say("And?")
    assert [conversation.requests.of(turn).schema for turn in (first, again, rest, plain)] == [
        PERSON,
        PERSON,
        PERSON,
        None,
    ]
    assert schema_of_request(server.log[-1].body) == PERSON
    reopened = Conversation.reopen(program, conversation.session.id)
    assert [turn.schema for turn in reopened.turns] == [PERSON, PERSON, None]


async def test_a_schema_for_the_session_is_sent_again(ask, server):
    conversation = ask(server.add("ok-schema", Answer([])))
    conversation.sheet.schema, conversation.sheet.keeps_schema = PERSON, True
    assert conversation.say("a").schema == conversation.say("b").schema == PERSON


def test_a_schema_is_found_by_its_name_as_a_file_or_as_one_line(tmp_path):
    file = tmp_path / "people.json"
    file.write_text('{"type": "array", "items": {"type": "object"}}')
    saved = {"a": "x int", "b": {"type": "object"}, "c": {"file": str(file)}, "bad": {"type": "objekt"}}
    assert find_schema("a", saved).schema["properties"] == {"x": {"type": "integer"}}
    assert find_schema("b", saved).name == "b"
    assert find_schema("c", saved) == find_schema(str(file), {})
    with pytest.raises(ConfigError, match="“bad” cannot be used"):
        find_schema("bad", saved)
    with pytest.raises(ConfigError, match="character 7"):
        find_schema("name, (", saved)
    with pytest.raises(ConfigError, match="there is no file"):
        find_schema("missing.json", saved)
    with pytest.raises(ConfigError, match="there is no schema “pesron”") as caught:
        find_schema("pesron", {"person": "name"})
    assert "“person”" in caught.value.hint
    assert find_schema("pesron str", {"person": "name"}).schema["required"] == ["pesron"]
