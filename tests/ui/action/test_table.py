"""The table of actions: every row can be run, reached and bound to another key, and its views agree with it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from textual.dom import DOMNode

from tui.ui.action.binding import bindings
from tui.ui.action.keymap import DEFAULT, Keymap, fill_keys, key_name, read_keymap
from tui.ui.action.table import ACTIONS, BY_ID, FILTERED, SCOPES
from tui.ui.app import RilletApp
from tui.ui.panes.aside import AsidePane
from tui.ui.panes.calls import CallsPane
from tui.ui.panes.compare import ComparePane
from tui.ui.panes.endpoint import EndpointPane
from tui.ui.panes.find import FindPane
from tui.ui.panes.install import InstallPane
from tui.ui.panes.key import KeyPane
from tui.ui.panes.leave import LeavePane
from tui.ui.panes.models import ModelsPane
from tui.ui.panes.notices import NoticesPane
from tui.ui.panes.pane import Pane
from tui.ui.panes.prompts import PromptsPane
from tui.ui.panes.question import QuestionPane
from tui.ui.panes.race import RacePane
from tui.ui.panes.request import RequestPane
from tui.ui.panes.sessions import SessionsPane
from tui.ui.panes.settings import SettingsPane
from tui.ui.panes.sheet import SheetPane
from tui.ui.panes.stats import StatsPane
from tui.ui.panes.tools import ToolsPane
from tui.ui.panes.wire import WirePane
from tui.ui.panes.write import WritePane
from tui.ui.screen.chat import ChatScreen
from tui.ui.start.waiting import WaitingApp
from tui.ui.transcript import Transcript
from tui.ui.widgets.composer import Composer
from tui.ui.widgets.list_view import ListView

OWNERS: Mapping[str, type[DOMNode]] = {
    "app": RilletApp,
    "chat": ChatScreen,
    "offer": ChatScreen,
    "composer": Composer,
    "page": Transcript,
    "list": ListView,
    "pane": Pane,
    "sessions": SessionsPane,
    "prompts": PromptsPane,
    "compare": ComparePane,
    "models": ModelsPane,
    "calls": CallsPane,
    "wire": WirePane,
    "tools": ToolsPane,
    "question": QuestionPane,
    "sheet": SheetPane,
    "settings": SettingsPane,
    "endpoint": EndpointPane,
    "key": KeyPane,
    "write": WritePane,
    "find": FindPane,
    "install": InstallPane,
    "notices": NoticesPane,
    "stats": StatsPane,
    "race": RacePane,
    "request": RequestPane,
    "aside": AsidePane,
    "leave": LeavePane,
    "waiting": WaitingApp,
}
"""The widget that each scope belongs to."""


def test_every_id_stands_once():
    assert len(BY_ID) == len(ACTIONS)
    assert set(SCOPES) == set(OWNERS)


async def test_every_action_can_be_run(open_screen):
    async with open_screen() as screen:
        chat = screen.chat
        for action in ACTIONS:
            if action.run:
                name = action.run.partition("(")[0]
                assert hasattr(OWNERS[action.scope], f"action_{name}"), action.id
            elif not action.must_have_argument:
                assert action.id in chat._routes.actions, action.id
            if action.argument:
                assert action.id in chat._routes.commands, action.id
        assert {*chat._routes.actions, *chat._routes.commands} <= set(BY_ID), (
            "each controller's ids are those of the table"
        )


@pytest.mark.parametrize("action", [one for one in SCOPES["page"] if "on_block" in one.run], ids=lambda one: one.id)
def test_everything_done_with_a_block_is_something_the_page_can_do(action):
    assert re.fullmatch(r"on_block\('(\w+)'\)", action.run)[1] in Transcript().blocks.by_name


@pytest.mark.parametrize("action", [one for one in ACTIONS if one.scope != "offer"], ids=lambda action: action.id)
def test_every_action_is_bound_to_the_keys_of_the_table(action):
    owner = OWNERS[action.scope]
    keys = {
        key for key, bound in owner._merged_bindings.key_to_bindings.items() for one in bound if one.id == action.id
    }
    wanted = set(action.keys.split(",")) if action.keys else {"nokey"}
    assert {key_name(key) for key in keys} == {key_name(key) for key in wanted}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_can_be_given_another_key(action):
    keymap, notices = read_keymap({action.id: "f10"})
    assert notices == []
    assert keymap.names(action.id) == "F10"
    assert keymap.at(action.scope, "f10") == action.id


@pytest.mark.parametrize("scope", sorted(FILTERED))
def test_a_letter_is_no_key_where_letters_filter(scope):
    action = SCOPES[scope][0]
    keymap, notices = read_keymap({action.id: "x"})
    assert keymap.keys(action.id) == DEFAULT.keys(action.id)
    assert notices == [f"keymap: “x” is written where “{action.id}” applies; take another key"]
    assert not any(re.fullmatch(r".", key) for one in SCOPES[scope] for key in DEFAULT.keys(one.id))


def test_no_key_means_two_things_in_one_scope():
    for scope in SCOPES:
        keys = [key for action in SCOPES[scope] for key in DEFAULT.keys(action.id)]
        assert sorted(set(keys)) == sorted(keys), scope


def test_a_keymap_that_makes_no_sense_is_told():
    _, notices = read_keymap({"chat.modles": "f5", "chat.models": "ctrl+r"})
    assert notices == [
        "keymap: there is no “chat.modles”; did you mean “chat.models”?",
        "keymap: ctrl+r is meant for both “chat.models” and “chat.sessions”",
    ]


def test_keys_are_called_as_people_write_them():
    names = {
        "ctrl+o": "Ctrl+O",
        "f1": "F1",
        "G": "G",
        "full_stop": ".",
        "alt+down": "Alt+↓",
        "shift+enter": "Shift+Enter",
        "exclamation_mark": "!",
    }
    assert {key: key_name(key) for key in names} == names


def test_a_sentence_names_the_keys_in_use():
    sentence = "{chat.retry} asks again, {chat.attach} adds an image, {no.such} stays"
    assert fill_keys(sentence, Keymap({"chat.retry": "f9"})) == "F9 asks again, /attach adds an image, {no.such} stays"


def test_bindings_are_made_of_the_table_alone():
    for scope, owner in OWNERS.items():
        own = [one for one in owner.BINDINGS if one.id and one.id.startswith(f"{scope}.")]
        if scope != "offer":
            assert {one.id for one in own} == {one.id for one in bindings(scope)}


def test_a_key_of_the_chat_with_priority_is_no_key_of_a_pane():
    """It would be taken before the pane sees it."""
    first = {key: row.id for row in ACTIONS if row.scope == "chat" and row.is_priority for key in row.keys.split(",")}
    elsewhere = {key for row in ACTIONS if row.scope not in {"chat", "app", "waiting"} for key in row.keys.split(",")}
    assert {key: action for key, action in first.items() if key in elsewhere} == {}
