"""Hints: what stands on the screen is the key in use, and a click on it does what it says."""

from __future__ import annotations

import pytest

from tests.ui.fake import reply
from tui.tools.registry import Registry
from tui.ui.action.hint import Hint
from tui.ui.action.table import BY_ID
from tui.ui.panes.pane import Pane
from tui.ui.screen.panes import DOCKED, OVER, PANES

OPENED_BY = {name: f"chat.{name}" for name in (*DOCKED, *OVER)}
OPENED_BY |= {name: f"chat.{name}" for name in ("find", "install", "key", "race", "aside")}
OPENED_BY |= {"leave": "app.quit", "room": "composer.send"}


def hints_of(pane: Pane) -> list[str]:
    return [one for hint in pane.hints_now() for one in (hint.ids if isinstance(hint, Hint) else (hint,))]


def test_every_pane_but_the_menus_has_an_action_that_opens_it():
    # The menu of a row opens over another pane. A question opens where a server asks one; a change of the settings and an endpoint where one is wanted.
    assert set(OPENED_BY) | {"menu", "row_menu", "question", "write", "endpoint"} == set(PANES)


async def open_pane(screen, name: str) -> None:
    """Open a pane by its action; some come only where there is a reason, or where more is said."""
    if name in ("leave", "race", "aside", "room"):
        await screen.chat.panes.show_over(name)
    else:
        await screen.chat.action_do(OPENED_BY[name])


@pytest.mark.parametrize("name", sorted(OPENED_BY))
async def test_every_hint_of_every_pane_runs_its_own_action_when_clicked(name, open_screen, monkeypatch):
    async with open_screen(reply("One."), size=(200, 40)) as screen:
        await screen.say("first")
        await screen.settled()
        screen.chat.composer.write("a draft")
        await open_pane(screen, name)
        await screen.pilot.pause()
        pane = screen.chat.pane_in_focus() or screen.chat.over
        assert pane.name_in_dock == name
        ran = []

        async def record(action_id):
            ran.append(action_id)

        monkeypatch.setattr(screen.chat, "action_do", record)
        line = screen.chat.key_bar.lines(screen.chat.key_bar.content_size.width)[0]
        column, clicked = 1, []
        for text, key in line:
            if "@" in key:
                await screen.pilot.click(screen.chat.key_bar, offset=(column, 0))
                clicked.append(key.partition("@")[2])
            column += len(text)
        assert ran == clicked
        assert set(clicked) == set(hints_of(pane))
        assert len(screen.turns) == 1 and screen.chat.composer.text == "a draft"


@pytest.mark.parametrize("name", sorted(OPENED_BY))
async def test_every_hint_of_every_pane_names_an_action_that_applies_there(name, open_screen):
    async with open_screen(size=(200, 40)) as screen:
        await open_pane(screen, name)
        await screen.pilot.pause()
        pane = screen.chat.pane_in_focus() or screen.chat.over
        for action_id in hints_of(pane):
            assert BY_ID[action_id].scope in {name, "list", "pane", "chat"}, action_id


async def test_the_help_shows_ids_and_the_keys_in_use(open_screen):
    from tui.store.settings import Settings

    settings = Settings(keymap={"chat.models": "f7"})
    async with open_screen(size=(120, 40), settings=settings) as screen:
        await screen.press("f1")
        await screen.until(lambda: screen.chat.over is not None)
        lines = {line.id: line.keys for line in screen.chat.over.rows.items if line.id}
        assert lines["chat.models"] == "F7"
        assert set(lines) >= {action.id for action in BY_ID.values() if action.scope in {"composer", "page", "offer"}}


async def test_a_key_of_the_settings_stands_in_the_bar_and_works(open_screen):
    from tui.store.settings import Settings

    settings = Settings(keymap={"chat.models": "f7", "sessions.rename": "f8"})
    async with open_screen(reply("One."), size=(160, 40), settings=settings) as screen:
        assert "F7 model" in screen.text()
        await screen.press("ctrl+o")
        assert screen.chat.over is None
        await screen.press("f7")
        await screen.until(lambda: screen.chat.over is not None and screen.chat.over.name_in_dock == "models")
        await screen.press("escape")
        await screen.say("hello")
        await screen.settled()
        await screen.press("ctrl+r")
        await screen.until(lambda: screen.chat.over is not None and "F8 rename" in screen.text())
        await screen.press("f8")
        await screen.until(lambda: "hello" in screen.chat.panes.over.field.value)


async def test_what_a_cut_reply_offers_under_it_can_be_clicked(open_screen):
    async with open_screen(reply("Half of", reason="length"), reply(" it."), size=(100, 30)) as screen:
        await screen.say("go")
        await screen.settled()
        rows = screen.text().split("\n")
        y = next(at for at, row in enumerate(rows) if "Alt+C continue" in row and "retry" in row and at < 25)
        await screen.pilot.click(offset=(rows[y].index("Alt+C"), y))
        await screen.until(lambda: len(screen.turns) == 2)
        await screen.settled()


async def test_a_registry_without_tools_still_opens_the_tools_pane(open_screen):
    async with open_screen() as screen:
        screen.program.registry = Registry()
        await screen.chat.action_do("chat.tools")
        await screen.until(lambda: screen.chat.over is not None)
