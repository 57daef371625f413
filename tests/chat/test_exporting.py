"""A session with images, tools, thoughts and branches, taken along in each form."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from tests.chat.importing.samples import PNG_URL
from tui.chat.export import exported
from tui.chat.exporting import branch_of, branches, dialect_of, form_of
from tui.chat.importing.run import Import, sources_of
from tui.chat.session_json import session_from, session_text
from tui.domain.delta import CitationDelta, FinishDelta, ReasoningDelta, TextDelta, ToolCallDelta, UsageDelta
from tui.domain.error import ConfigError, TruncatedError
from tui.domain.export_word import SESSION_FORMS
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.option import Options
from tui.domain.request import ReplySchema
from tui.domain.session import Sheet
from tui.domain.tool_call import CallOutcome
from tui.domain.turn import Prompt, ToolResults, Turn, TurnState
from tui.domain.usage import Usage
from tui.schema.check import violations
from tui.store.database import Database

HOSTILE = "<script>alert(1)</script> ```` fence ![x](http://evil.example/track.png) [y](javascript:alert(1))"


@pytest.fixture
def database(tmp_path):
    with closing(Database.open(tmp_path / "one" / "sessions.db")) as database:
        yield database


def add(database, session, opening, parent, *deltas, state=TurnState.COMPLETE, error=None, outcome=None):
    turn = Turn(opening, parent=parent, model="m", endpoint="xai", dialect="chat")
    turn.system = "Be brief. " * 300 if parent is not None else "Be kind"
    database.turns.begin(session, turn)
    for delta in deltas:
        turn.apply(delta)
    if outcome is not None:
        turn.tool_calls[0].outcome = outcome
    turn.end(state, error)
    database.turns.end(turn)
    return turn


@pytest.fixture
def session(database):
    made = database.sessions.create("A look", "Be kind")
    database.sessions.set_tags(made, ["work"])
    picture = Prompt("What is <this>?", (ImagePart(PNG_URL, name="cat.png"),))
    first = add(
        database,
        made,
        picture,
        None,
        ReasoningDelta("I look closely."),
        TextDelta("Let me see."),
        ToolCallDelta(0, "c1", "look", '{"at": 1}'),
        UsageDelta(Usage(input=10, output=5, total=15, cost_usd=0.25)),
        FinishDelta("tool_calls"),
        outcome=CallOutcome("done", "a cat"),
    )
    results = ToolResults((ToolResultPart("c1", "a cat"),))
    second = add(
        database,
        made,
        results,
        first.id,
        TextDelta(f"| a | b |\n|---|---|\n| 1 | 2 |\n\nA **cat**. {HOSTILE}"),
        CitationDelta("https://example.org/", "Cats"),
        UsageDelta(Usage(input=20, output=6, total=26)),
        FinishDelta("stop"),
    )
    add(
        database,
        made,
        picture,
        None,
        TextDelta("A dog, I"),
        state=TurnState.TRUNCATED,
        error=TruncatedError("it was cut"),
    )
    database.sessions.set_head(made, second.id)
    options = Options(temperature=0.25, stop=("END",), budget=2.0)
    reply_schema = ReplySchema("s", {"type": "object"})
    database.sessions.set_sheet(made, Sheet(options, ("web_search",), reply_schema, "xai", "m", "responses"))
    return database.whole.read(made)


def test_markdown_tells_the_facts_first_and_every_branch(session):
    text = exported(session, "markdown")
    head = dict(line.split(": ", 1) for line in text.split("---\n")[1].splitlines())
    assert json.loads(head["models"]) == ["m"]
    assert (head["tokens_in"], head["tokens_out"], head["cost_usd"], head["turns"], head["branches"]) == (
        "30",
        "11",
        "0.25",
        "3",
        "2",
    )
    assert re.fullmatch(r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"', head["created"])
    assert "## System\n\nBe kind" in text
    assert f"![cat.png]({PNG_URL})" in text
    assert "> I look closely." in text
    assert '**Calls `look`** (done)\n\n```json\n{\n  "at": 1\n}\n```' in text
    assert "## Result of look\n\n```\na cat\n```" in text
    assert "# Another beginning" in text
    assert "*truncated · it was cut" in text
    assert text.index("A **cat**") < text.index("# Another beginning") < text.index("A dog, I")


def test_html_is_one_page_without_scripts_and_fetches_nothing(session):
    page = exported(session, "html")
    assert "<script" not in page
    assert "javascript:" not in re.sub(r"<[^>]*>", lambda tag: tag[0], page).replace("(javascript:alert(1))", "")
    assert not re.search(r'(src|href)="(?!data:image/png|https://example\.org/|http://evil)', page)
    assert f'src="{PNG_URL}"' in page
    assert 'src="http' not in page
    assert "<table>" in page
    assert "What is &lt;this&gt;?" in page
    assert "default-src 'none'" in page
    assert "@media print" in page
    assert "A dog, I" in page


def test_text_holds_all_that_was_said(session):
    text = exported(session, "text")
    for words in (
        "YOU\nWhat is <this>?",
        "[cat.png, image/png",
        "| I look closely.",
        'calls look (done): {"at": 1}',
        "RESULT OF look\na cat",
        "A dog, I",
        "Be kind",
    ):
        assert words in text


def test_a_body_goes_on_where_the_session_stands(session):
    body = json.loads(exported(session, "body"))
    roles = [message["role"] for message in body["messages"]]
    assert (body["model"], roles) == ("m", ["system", "user", "assistant", "tool", "assistant"])
    assert body["messages"][1]["content"][1]["image_url"]["url"] == PNG_URL
    assert body["stream"] is True


def test_a_body_can_be_had_in_another_dialect(session):
    messages = json.loads(exported(session, "body", "messages"))
    assert messages["messages"][0]["role"] == "user"
    assert messages["system"]
    blocks = {block["type"] for message in messages["messages"] for block in message["content"]}
    assert {"image", "tool_use", "tool_result"} <= blocks
    responses = json.loads(exported(session, "body", "responses"))
    assert {"function_call", "function_call_output"} <= {item.get("type") for item in responses["input"]}
    assert exported(session, "body", "chat") == exported(session, "body")
    assert [dialect_of(name) for name in ("a.messages.body.json", "a.body.json", "messages.json", "b.x.body.json")] == [
        "messages",
        None,
        None,
        None,
    ]


def test_json_goes_out_and_in_again_byte_for_byte(session, tmp_path):
    text = exported(session, "json")
    assert "".join(session_text(session_from(json.loads(text)))) == text
    path = tmp_path / "talk.json"
    path.write_text(text, encoding="utf-8")
    with closing(Database.open(tmp_path / "two" / "sessions.db")) as other:
        for fate in ("new", "same"):
            work = Import(other)
            report = work.run(sources_of([str(path)], work))
            assert getattr(report, fate) == 1
            assert report.problems == []
        assert exported(other.whole.read(session.id), "json") == text
        assert other.full_text.search("closely")[0].session_id == session.id


def test_json_says_what_each_turn_was_told_first_and_what_is_asked(session):
    value = json.loads(exported(session, "json"))
    assert [turn["asked"]["system"] for turn in value["turns"]] == ["Be kind", "Be brief. " * 300, "Be kind"]
    assert value["sheet"] == {
        "options": {"temperature": 0.25, "stop": ["END"], "budget": 2.0},
        "server_tools": ["web_search"],
        "schema": {"name": "s", "schema": {"type": "object"}, "strict": True},
        "endpoint": "xai",
        "model": "m",
        "dialect": "responses",
    }
    del value["sheet"]
    assert session_from(value).sheet == Sheet(), "an older file has none"
    value["sheet"] = {"options": 3}
    with pytest.raises(ConfigError, match="its sheet cannot be read"):
        session_from(value)


def test_json_is_as_its_schema_says(session):
    import tui.chat

    schema = json.loads((Path(tui.chat.__file__).parent / "session_schema.json").read_text())
    assert violations(schema, json.loads(exported(session, "json"))) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "newer"),
        ({"turns": []}, "no turns"),
        ({"turns": [{"number": 1}]}, "turn 1"),
        ({"created_at": "noon"}, "no date"),
        ({"format": "other"}, "no session"),
        ({"title": 7}, "no text"),
    ],
)
def test_json_that_is_none_is_refused_with_the_place(session, change, words):
    value = json.loads(exported(session, "json")) | change
    with pytest.raises(ConfigError, match=words):
        session_from(value)


def test_a_branch_is_taken_along_by_itself(session):
    assert [[whole.turn.number for whole in path] for path in branches(session)] == [[1, 2], [3]]
    other = branch_of(session, 3)
    assert [whole.turn.text for whole in other.turns] == ["A dog, I"]
    for form in SESSION_FORMS:
        assert "A **cat**" not in exported(other, form)
    with pytest.raises(ConfigError, match="no turn 9"):
        branch_of(session, 9)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.md", "markdown"),
        ("a", "markdown"),
        ("a.JSON", "json"),
        ("a.html", "html"),
        ("a.txt", "text"),
        ("a.body.json", "body"),
    ],
)
def test_the_ending_of_a_name_tells_the_form(name, form):
    assert form_of(name) == form
