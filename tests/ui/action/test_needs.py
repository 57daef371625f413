"""What an action needs is looked at before it runs: by key, by command, and in the list of commands."""

from __future__ import annotations

import pytest

from tests.ui.fake import Gate, reply
from tui.ui.action.action import Action, Need
from tui.ui.action.keymap import fill_keys
from tui.ui.action.table import ACTIONS, COMMANDS

NEEDY = [action for action in ACTIONS if action.needs]


async def stand(screen, need, gate, *, is_met):
    """Bring a conversation to where something that is needed is so, or is not so."""
    if need is Need.IDLE:
        is_met or await begin(screen, gate)
    elif need is Need.RUNNING:
        await (begin(screen, gate) if is_met else screen.pilot.pause())
    elif is_met:
        await screen.say("hi")
        await screen.settled()
        if need is Need.BRANCHES:
            await screen.press("alt+r")
            await screen.settled()
    elif need is Need.BRANCHES:
        await screen.say("hi")
        await screen.settled()


async def begin(screen, gate):
    await screen.say("hi")
    await gate.reached.wait()


def words(screen, need):
    return fill_keys(need.value, screen.app.keys)


@pytest.mark.parametrize("need", Need, ids=lambda need: need.name)
async def test_each_need_is_met_or_its_words_say_that_it_is_not(open_screen, need):
    for is_met in (True, False):
        gate = Gate()
        scripts = [[gate, *reply("one")]] if need in (Need.IDLE, Need.RUNNING) else [reply("one"), reply("two")]
        async with open_screen(*scripts) as screen:
            await stand(screen, need, gate, is_met=is_met)
            told = screen.chat.runner.why_not(Action("chat.toy", "toy", needs=(need,)))
            assert told == ("" if is_met else need.value)
            gate.open()
            await screen.settled()


@pytest.mark.parametrize("action", NEEDY, ids=lambda action: action.id)
async def test_each_action_refuses_with_its_words_and_does_nothing_where_its_need_is_not_met(open_screen, action):
    for need in action.needs:
        gate = Gate()
        scripts = [[gate, *reply("one")]] if need is Need.IDLE else [reply("one")]
        async with open_screen(*scripts) as screen:
            await stand(screen, need, gate, is_met=False)
            told = []
            screen.chat._routes.actions[action.id] = lambda: told.append("it ran")
            await screen.chat.action_do(action.id)
            await screen.pilot.pause()
            assert told == []
            assert words(screen, need) in screen.text()
            if action.slash:
                screen.chat.key_bar.hush()
                await screen.say(f"/{action.slash}")
                assert told == []
                assert words(screen, need) in screen.text()
            gate.open()
            await screen.settled()


async def test_the_list_of_commands_says_why_one_makes_no_sense_now(open_screen):
    async with open_screen(reply("one"), size=(100, 60)) as screen:
        await screen.press("ctrl+p")
        rows = {row.strip(" │┃▎").split(" ")[0]: row for row in screen.text().splitlines()}
        refused = [action for action in COMMANDS if screen.chat.runner.why_not(action)]
        assert {action.id for action in refused} >= {"chat.retry", "chat.stop", "chat.copy_reply", "chat.next_branch"}
        for action in refused:
            assert words(screen, next(need for need in action.needs if need is not Need.IDLE)) in rows[action.slash]
        await screen.type("retry")
        await screen.press("enter")
        assert screen.chat.panes.over is None
        assert Need.TURN.value in screen.text()
