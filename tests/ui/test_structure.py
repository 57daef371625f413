"""Structured replies on the screen: drawn from the schema, filled as they arrive, judged at the end."""

import json

import pytest

from tests.server import FaultServer
from tests.server.step import Answer
from tests.ui.conftest import Screen
from tests.ui.fake import Gate, reply
from tui.chat.conversation import Conversation
from tui.chat.opening import open_program
from tui.domain.delta import FinishDelta, RefusalDelta, TextDelta
from tui.domain.request import ReplySchema
from tui.page.structure import StructureBlock
from tui.store.settings import Settings
from tui.ui.app import RilletApp
from tui.ui.screen.chat import ChatScreen

PEOPLE = '{"people": [{"name": "Ada", "age": 36}, {"name": "Alan", "age": "41"}]}'


@pytest.fixture(scope="module")
def server():
    with FaultServer() as running:
        yield running


async def test_the_empty_tree_stands_first_and_fills_as_the_reply_arrives(open_screen):
    gates = [Gate(), Gate(), Gate()]
    script = [
        gates[0],
        TextDelta('{"name": "A'),
        gates[1],
        TextDelta('da", "age": "x", '),
        gates[2],
        TextDelta('"tags": ["a"]}'),
        FinishDelta("stop"),
    ]
    async with open_screen(script) as screen:
        await screen.say("/schema name, age int, tags [str]")
        await screen.say("Who?")
        await gates[0].reached.wait()
        await screen.until(lambda: "▢ name  string, needed" in screen.text())
        assert "▢ age  integer, needed" in screen.text()
        gates[0].open()
        await screen.until(lambda: '… name  "A"' in screen.text())
        gates[1].open()
        await screen.until(lambda: "✗ age: expected an integer, got “x”" in screen.text())
        assert '✓ name  "Ada"' in screen.text()
        gates[2].open()
        await screen.settled()
        assert '✓ [0]  "a"' in screen.text()
        assert "✗ invalid: age: expected an integer, got “x”" in screen.text()


async def test_an_array_of_objects_is_a_table_and_the_text_is_a_key_away(open_screen):
    async with open_screen(reply(PEOPLE)) as screen:
        await screen.say("/schema people [{name, age int}]")
        await screen.say("Who?")
        await screen.settled()
        rows = [line.split() for line in screen.text().splitlines()]
        assert ["name", "age"] in rows
        assert ["✓", "Ada", "36"] in rows
        assert ["✗", "Alan", "✗", "41"] in rows
        assert "✗ invalid: people[1].age: expected an integer, got “41”" in screen.text()
        screen.chat.page.focus()
        await screen.press("t")
        assert PEOPLE in screen.text()
        await screen.press("t")
        assert PEOPLE not in screen.text()
        assert ["✓", "Ada", "36"] in [line.strip("▌ ").split() for line in screen.text().splitlines()]


async def test_the_value_is_copied_and_saved_as_json_and_a_table_as_csv(open_screen, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copied = []

    async def copy(text, what):
        copied.append(text)

    async with open_screen(reply(PEOPLE)) as screen:
        await screen.say("/schema people [{name, age int}]")
        await screen.say("Who?")
        await screen.settled()
        monkeypatch.setattr(screen.chat.outside, "copy", copy)
        screen.chat.page.focus()
        await screen.press("k", "k", "k", "y", "s", "S")
        assert json.loads(copied[0]) == json.loads(PEOPLE)
        assert "\n" in copied[0]
        assert json.loads((tmp_path / "rillet-1.json").read_text()) == json.loads(PEOPLE)
        assert (tmp_path / "rillet-1.csv").read_text().split() == ["name,age", "Ada,36", "Alan,41"]


async def test_a_reply_that_is_cut_says_where_and_one_that_is_declined_is_shown_as_that(open_screen):
    declined = [RefusalDelta("I would rather not."), FinishDelta("stop")]
    async with open_screen(reply('{"name": "Ada", "home": {"ci', reason="length"), declined) as screen:
        await screen.say("/schema always name, home {city}")
        await screen.say("Who?")
        await screen.settled()
        assert "✂ home" in screen.text()
        assert "✂ cut in home" in screen.text()
        assert "▢ city  string, needed" in screen.text()
        await screen.say("/new")
        await screen.say("/schema name, home {city}")
        await screen.say("Who?")
        await screen.settled()
        assert "The model declined" in screen.text()
        assert "I would rather not." in screen.text()
        assert "▢" not in screen.text()
        assert "valid" not in screen.text()


async def test_prose_in_place_of_json_is_shown_as_prose_and_is_not_valid(open_screen):
    async with open_screen(reply("Ada was **36**.")) as screen:
        await screen.say("/schema name, age int")
        await screen.say("Who?")
        await screen.settled()
        assert "Ada was 36." in screen.text()
        assert "✗ invalid: not JSON: a value is missing (line 1, column 1)" in screen.text()


async def test_what_a_value_holds_never_reaches_the_terminal_as_it_is(open_screen):
    hostile = {"name": "a\x1b[2Jb\u202ec", "k\x1b]0;x\x07": 1, "rows": [{"x": "\x1b[31m\u2066", "n": "\x9b2J"}]}
    async with open_screen(reply(json.dumps(hostile))) as screen:
        await screen.say("/schema name, rows [{x, n int}]")
        await screen.say("Who?")
        await screen.settled()
        shown = screen.text()
        assert "a␛[2Jb" in shown
        assert not set(shown) & set("\x1b\x07\x9b\u202e\u2066")
        screen.chat.page.focus()
        await screen.press("k", "k", "k", "t")
        assert not set(screen.text()) & set("\x1b\x07\x9b\u202e\u2066")


async def test_the_next_reply_is_said_to_follow_a_schema_and_the_one_after_it_does_not(open_screen):
    settings = Settings(schemas={"person": "name, age int"})
    async with open_screen(reply('{"name": "A", "age": 1}'), reply("Hi."), settings=settings) as screen:
        await screen.say("/schema")
        assert "replies follow no schema · saved: person" in screen.chat.key_bar.sentence
        await screen.say("/schema person")
        assert "the next reply: name, age int" in screen.text()
        await screen.say("Who?")
        await screen.settled()
        assert "the next reply:" not in screen.text()
        assert "✓ valid" in screen.text()
        await screen.say("And?")
        await screen.settled()
        assert [bool(request.schema) for request in screen.program.requests] == [True, False]
        await screen.say("/schema always age int")
        assert "every reply: age int" in screen.text()
        await screen.say("/schema off")
        assert "every reply" not in screen.text()


async def test_a_schema_that_is_wrong_comes_back_with_the_cursor_where_it_is_wrong(open_screen):
    async with open_screen() as screen:
        await screen.say("/schema name, age inr")
        assert "“inr” is not a type (character 11)" in screen.chat.key_bar.sentence
        composer = screen.chat.composer
        assert composer.text == "/schema name, age inr"
        assert composer.cursor_location == (0, len("/schema name, age "))


@pytest.mark.parametrize("dialect", ["chat", "responses"])
async def test_over_the_wire_and_after_a_restart_the_view_is_the_same(server, tmp_path, monkeypatch, dialect):
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))

    def opened():
        return open_program({}, base_url=server.url("structured"), model="scripted-1", dialect=dialect)

    program = opened()
    conversation = Conversation(program, program.default_endpoint, program.default_model)
    shown = []
    for _ in range(2):
        app = RilletApp(program, conversation)
        async with app.run_test(size=(100, 30)) as pilot:
            assert isinstance(app.screen, ChatScreen)
            if not conversation.turns:
                app.screen.composer.write("/schema rows [{name, age int}]")
                await pilot.press("enter")
                await Screen(app, pilot, program).until(lambda app=app: not app.screen.composer.text)
                app.screen.composer.write("List")
                await pilot.press("enter")
            while app.screen.runner.is_running or not conversation.turns:
                await pilot.pause(0.01)
            screen = Screen(app, pilot, program)
            await screen.until(lambda screen=screen: "✓ valid" in screen.text())
            text = screen.text()
            shown.append([line.split() for line in text.splitlines() if line.strip()])
        assert ["✓", "Paris", "7"] in shown[-1]
        assert any(line[:2] == ["✓", "valid"] for line in shown[-1])
        program = opened()
        conversation = Conversation.reopen(program, program.database.sessions.last())
    await program.close()
    sent = server.log[-1].body
    assert "json_schema" in json.dumps(sent)


async def test_a_stream_that_breaks_off_is_cut(server, open_screen):
    def play(ask):
        speech = ask.speech()
        return Answer([b"".join([*speech.start(), *speech.text('{"name": "Ada", "age": 3')])])

    url = server.add("breaks-off", play)
    program = open_program({}, base_url=url, model="scripted-1", saves=False)
    conversation = Conversation(program, program.default_endpoint, program.default_model)
    app = RilletApp(program, conversation)
    async with app.run_test(size=(100, 30)) as pilot:
        assert isinstance(app.screen, ChatScreen)
        app.screen.composer.write("/schema name, age int")
        await pilot.press("enter")
        screen = Screen(app, pilot, program)
        await screen.until(lambda: not app.screen.composer.text)
        app.screen.composer.write("Who?")
        await pilot.press("enter")
        while app.screen.runner.is_running or not conversation.turns:
            await pilot.pause(0.01)
        await screen.until(lambda: "✂ cut in age" in screen.text())


@pytest.mark.parametrize("size", [1, 2, 3, 7, 11, 1000])
def test_a_table_is_as_wide_however_the_stream_was_cut(size):
    person = {"type": "object", "properties": {"name": {"type": "string"}, "born": {"type": "integer"}}}
    block = StructureBlock(ReplySchema("people", {"type": "array", "items": person}))
    text = '[{"name": "Ada", "born": 1815}, {"name": "Grace Hopper", "born": 1906}, {"na'
    for end in range(size, len(text) + size, size):
        block.take(text[:end], lambda: True, is_over=False)
        block.lines(80)
    shown = ["".join(run[0] for run in line).rstrip() for line in block.lines(80)]
    assert [line for line in shown if "Grace" in line or "born" in line] == [
        "  name              born",
        "✓ Grace Hopper      1906",
    ]
