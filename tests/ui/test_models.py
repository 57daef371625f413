"""The models: groups with how each endpoint stands, those used last, addresses that are typed, and no stray match."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest
from msgspec import structs
from textual import events
from textual.keys import _character_to_key

from tests.server import FaultServer
from tests.ui.conftest import Screen
from tests.ui.fake import reply
from tui.chat import neighbour
from tui.chat.conversation import Conversation
from tui.chat.opening import open_program
from tui.domain.endpoint import Endpoint
from tui.domain.model import Model
from tui.page.line import crop
from tui.store.settings import Choices
from tui.ui.action.table import SCOPES
from tui.ui.app import RilletApp
from tui.ui.panes.model_rows import Offer, Standing, heading_line, is_address, offer_line, rows_matching, rows_of
from tui.ui.screen.panes import OVER, PANES


def offer(endpoint, name, **more):
    return Offer(endpoint, endpoint.title(), Model(name, endpoint, **more))


ENDPOINTS = {name: Endpoint(name, f"https://{name}.test/v1", title=name.title()) for name in ("alpha", "beta")}
STANDINGS = {
    "alpha": Standing("ready", "answered", [offer("alpha", "grok-4"), offer("alpha", "embed", context=8)]),
    "beta": Standing("missing", "key missing: set BETA", []),
}


def shown(rows):
    """The rows, without the one that sets up an endpoint."""
    return [row.model.id if row.model is not None else f"[{row.where}] {row.words}" for row in rows if not row.adds]


def test_models_stand_under_their_endpoint_and_how_it_stands():
    rows = rows_of(STANDINGS, ENDPOINTS, recents=(), favourites=())
    assert shown(rows) == ["[Alpha] answered", "grok-4", "embed", "[Beta] key missing: set BETA"]


def test_those_used_last_and_the_favourites_stand_above_and_once():
    rows = rows_of(STANDINGS, ENDPOINTS, recents=("alpha/embed", "gone/model"), favourites=("alpha/embed",))
    assert shown(rows) == [
        "[Recent and favourites] the models used last, and those marked",
        "embed",
        "[Alpha] answered",
        "grok-4",
        "[Beta] key missing: set BETA",
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [("grok", ["grok-4"]), ("alpha", ["grok-4", "embed"]), ("alpha 4", ["grok-4"]), ("kal", []), ("betagrok", [])],
)
def test_a_word_fits_in_one_column_and_never_across_two(words, found):
    rows = rows_of(STANDINGS, ENDPOINTS, recents=(), favourites=())
    assert shown(rows_matching(words, rows)) == found


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        ("localhost:1234", True),
        ("https://llm.example.com/v1", True),
        ("10.0.0.1:80/v1", True),
        ("grok-4", False),
        ("gpt-5.1", False),
        ("llama3:latest", False),
        ("http://", False),
        ("a b:1", False),
    ],
)
def test_what_is_an_address(words, is_one):
    assert is_address(words) is is_one


@pytest.mark.parametrize("width", [56, 75, 120])
@pytest.mark.parametrize("shows_where", [False, True])
def test_the_price_is_seen_beside_what_a_model_takes(width, shows_where):
    model = Model("grok-4", "xai", (), 256_000, 3.0, 0.75, 15.0, ("text", "image"), ("text",), "xai")
    line = crop(offer_line(Offer("xai", "xAI", model), width, ("  ", ""), shows_where=shows_where), width)
    text = "".join(run for run, _ in line)
    heading = "".join(run for run, _ in crop(heading_line(width, shows_where=shows_where), width))
    if width >= 75 or not shows_where:
        assert "$3.00 / $15.00" in text
        assert text.index("256k") + 4 == heading.index("context") + 7
        assert heading.index("$ in / out") == text.index(" $3.00")


async def test_a_model_that_was_used_is_found_at_the_top_next_time(open_screen):
    async with open_screen(choices=Choices(recents=("xai/grok-4",))) as screen:
        await screen.press("ctrl+o")
        await screen.until(lambda: "grok-4-fast" in screen.text())
        await screen.press(*"fast", "enter")
        assert screen.chat.conversation.sheet.model == "grok-4-fast"
        assert screen.program.choices.recents == ("xai/grok-4-fast", "xai/grok-4")
        await screen.press("ctrl+o")
        await screen.until(lambda: "Recent and favourites" in screen.text())
        rows = screen.chat.over.rows.items
        assert [row.model.id for row in rows[1:3]] == ["grok-4-fast", "grok-4"]


async def test_an_address_that_is_typed_is_asked_for_this_run(open_screen):
    async with open_screen() as screen:
        await screen.press("ctrl+o")
        await screen.until(lambda: "grok-4-fast" in screen.text())
        await screen.press(*"localhost:1", "enter")
        await screen.until(lambda: "localhost-1" in screen.program.endpoints)
        endpoint = screen.program.endpoints["localhost-1"]
        assert (endpoint.base_url, endpoint.name) == ("http://localhost:1", "localhost-1")
        assert screen.chat.over.field.value == ""


async def test_enter_right_behind_a_word_chooses_what_the_word_finds(open_screen):
    async with open_screen() as screen:
        await screen.press("ctrl+o")
        await screen.until(lambda: "grok-4-fast" in screen.text())
        for key in (*"fast", "down", "up", "enter"):  # faster than the list narrows
            screen.chat.over.field.post_message(events.Key(key, key if len(key) == 1 else None))
        await screen.until(lambda: screen.chat.over is None)
        assert screen.chat.conversation.sheet.model == "grok-4-fast"


async def test_a_built_in_model_that_is_not_there_is_not_called_ready(open_screen):
    async with open_screen() as screen:
        assert "○ ready" in screen.text()
        screen.chat.conversation.sheet.endpoint = "local"
        screen.chat.models.watch_local()
        await screen.until(lambda: "the built-in model is not installed: /local installs it" in screen.text())
        assert "○ ready" not in screen.text()


async def test_headings_say_the_units_and_choose_nothing(open_screen):
    async with open_screen(size=(120, 40)) as screen:
        await screen.press("ctrl+o")
        await screen.until(lambda: "$ in / out, 1M" in screen.text())
        await screen.press("up", "up", "up", "up", "up", "enter")
        assert screen.chat.over is not None
        assert screen.chat.conversation.sheet.model == "grok-4"


def test_where_letters_are_written_no_letter_is_a_command():
    scopes = [name for name in PANES if "= Field(" in inspect.getsource(import_module(f"tui.ui.panes.{name}"))]
    assert {"models", "sessions", "sheet", "settings", "key", "question", "endpoint"} < set(scopes)
    reading = {"calls", "wire"}  # their field is opened by a key, and has the keys then
    letters = {
        action.id: [key for key in action.keys.split(",") if len(key) == 1]
        for scope in set(scopes) - reading
        for action in SCOPES.get(scope, ())
    }
    assert {name: keys for name, keys in letters.items() if keys} == {}


WORDS = ("gPt-5.1", "Größe", "привет", "docker 42", "你好", "שלום", "d", "X", "../~$#%", "deepseek", "quit", "frisxnew")


@pytest.mark.parametrize("pane", [*OVER, "find"])
async def test_words_of_any_script_change_nothing_but_the_list(open_screen, pane):
    async with open_screen(reply("One."), reply("Two.")) as screen:
        for prompt in ("first", "second"):
            await screen.press("ctrl+n")
            await screen.say(prompt)
            await screen.settled()
        chat, database = screen.chat, screen.program.database

        def all_else():
            sheet = chat.conversation.sheet
            return (
                screen.program.choices,
                dict(screen.program.endpoints),
                [(each.id, each.title, each.tags, each.is_pinned) for each in database.sessions.summaries()],
                database.sessions.deleted(),
                (sheet.endpoint, sheet.model, sheet.dialect, sheet.server_tools, sheet.switched_tools),
                len(screen.program.requests),
                chat.composer.text,
            )

        before = all_else()
        await chat.panes.show_over(pane)
        await screen.pilot.pause()
        opened = chat.over
        field = next(iter(opened.query("Field")), None)
        for word in WORDS:
            # Without a field letters move, Space is a command of its own, and i goes to the composer.
            for letter in word if field is not None else word.replace(" ", "").replace("i", ""):
                chat.focused.post_message(events.Key(_character_to_key(letter), letter))
            await screen.pilot.pause()
            await screen.until(lambda word=word: field is None or field.value == word)
            assert all_else() == before
            assert chat.over is opened
            await screen.press("ctrl+u")


async def test_the_doctor_is_shown_what_it_would_ask_and_then_the_card(monkeypatch):
    monkeypatch.setattr(neighbour, "PORTS", {})
    with FaultServer() as server:
        await _see_a_card(server)


async def _see_a_card(server):
    program = open_program({}, base_url=server.url("ok"), model="scripted-1", saves=False)
    app = RilletApp(program, Conversation(program, program.default_endpoint, "scripted-1"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Screen(app, pilot, program)
        await screen.press("ctrl+o")
        await screen.until(lambda: "scripted-2" in screen.text())
        before = len(server.log)
        await screen.press("f4")
        assert "would be asked 18 small questions" in screen.text()
        assert len(server.log) == before
        await screen.press("enter")
        await screen.until(lambda: "Chat Completions (/chat/completions)" in screen.text())
        await screen.press("escape")
        assert "type to find" in screen.text()
        assert "Models" in screen.text()


async def test_a_model_of_the_settings_that_its_endpoint_does_not_list_can_be_chosen(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        own = structs.replace(screen.program.endpoints["xai"], model="grok-private")
        screen.program.endpoints["xai"] = own
        await screen.press("ctrl+o")
        await screen.until(lambda: "grok-private" in screen.text())
        row = next(line for line in screen.text().splitlines() if "grok-private" in line)
        assert "not listed by the endpoint" in row
        await screen.type("private")
        await screen.press("enter")
        assert screen.chat.conversation.sheet.model == "grok-private"


async def test_an_id_that_no_endpoint_lists_can_be_asked_for_all_the_same(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        await screen.press("ctrl+o")
        await screen.until(lambda: "grok-4-fast" in screen.text())
        await screen.type("grok-4")
        await screen.until(lambda: "image" in screen.text())
        assert "not listed" not in screen.text(), "it is one of the list"
        await screen.type("-secret")
        await screen.until(lambda: "not listed: ask for it all the same" in screen.text())
        await screen.press("enter")
        await screen.until(lambda: screen.chat.over is None)
        sheet = screen.chat.conversation.sheet
        assert (sheet.endpoint, sheet.model) == ("xai", "grok-4-secret")


async def test_a_command_that_names_a_model_no_endpoint_lists_offers_it(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        await screen.say("/model grok-private")
        await screen.until(lambda: "not listed: ask for it all the same" in screen.text())
        assert "no endpoint lists a model “grok-private”" in screen.chat.key_bar.sentence
        await screen.press("enter")
        await screen.until(lambda: screen.chat.conversation.sheet.model == "grok-private")


async def test_nothing_is_asked_of_the_built_in_model_that_it_is_not(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        screen.chat.conversation.session.set_model("local", "smollm2-135m")
        await screen.press("ctrl+o", *"grok-private")
        await screen.until(lambda: "No match" in screen.text())


async def test_who_types_where_the_built_in_model_is_offered_writes_a_prompt_and_fetches_nothing(
    open_screen, monkeypatch
):
    async with open_screen() as screen:
        await screen.chat.panes.show_over("install")
        pane = screen.chat.over
        monkeypatch.setattr(pane, "action_install", lambda: pytest.fail("it was fetched"))
        await screen.press(*"kiss")
        assert screen.chat.composer.text == "kiss"
        await screen.press("escape")
        assert screen.chat.over is None
        assert screen.chat.composer.text == "kiss"
