"""The map of the branches, also of a long conversation: there it is drawn in steps."""

import pytest

from tests.chat.long_talk import talk
from tui.chat.conversation import Conversation
from tui.ui.panes import tree
from tui.ui.panes.tree import TreePane


async def test_a_long_map_is_drawn_in_steps_and_the_cursor_stands_where_the_conversation_does(open_screen, monkeypatch):
    monkeypatch.setattr(tree, "AT_ONCE", 4)
    async with open_screen() as screen:
        saved = talk(screen.program, 60)
        screen.chat.sessions.open(Conversation.reopen(screen.program, saved.session.id))
        await screen.press("alt+t")
        await screen.until(lambda: "60 turns, 1 ends" in screen.text())
        pane = screen.chat.panes.over
        assert isinstance(pane, TreePane)
        assert pane.rows.cursor == 59
        await screen.until(lambda: "prompt 59" in screen.text())


@pytest.mark.parametrize("key", ["end", "home", "down", "up", "pagedown", "enter"])
async def test_a_key_in_a_list_that_is_still_empty_moves_nothing(open_screen, monkeypatch, key):
    monkeypatch.setattr(tree, "AT_ONCE", 1)
    monkeypatch.setattr(TreePane, "run_worker", lambda _pane, drawing, **_: drawing.close())
    async with open_screen() as screen:
        saved = talk(screen.program, 60)
        screen.chat.sessions.open(Conversation.reopen(screen.program, saved.session.id))
        await screen.press("alt+t")
        pane = screen.chat.panes.over
        assert isinstance(pane, TreePane)
        assert not pane.rows.items
        await screen.press(key)
        assert pane.rows.cursor == 0
