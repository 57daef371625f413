"""Any turn of the page: edited, asked again, gone on with, forked, and the map of all branches."""

from __future__ import annotations

from tests.ui.fake import reply
from tui.domain.delta import FinishDelta, TextDelta
from tui.ui.transcript.wish import AboutTurn


async def said(screen, *prompts):
    for prompt in prompts:
        await screen.say(prompt)
        await screen.settled()


def path(screen):
    return [(turn.opening.text, turn.text) for turn in screen.chat.conversation.turns]


async def wish(screen, number, what):
    screen.chat.post_message(AboutTurn(screen.chat.conversation.turns[number], what))
    await screen.pilot.pause()


async def test_an_earlier_prompt_is_edited_and_what_followed_it_stays_as_a_branch(open_screen):
    async with open_screen(reply("a"), reply("b"), reply("c")) as screen:
        await said(screen, "One", "Two")
        await wish(screen, 0, "rewrite")
        assert screen.chat.composer.text == "One"
        await screen.type(" more")
        await screen.press("enter")
        await screen.settled()
        assert path(screen) == [("One more", "c")]
        assert "‹ 2 of 2 ›" in screen.text()
        await wish(screen, 0, "branch_before")
        assert path(screen) == [("One", "a"), ("Two", "b")]
        assert "‹ 1 of 2 ›" in screen.text()


async def test_an_earlier_reply_is_asked_again_of_another_model(open_screen):
    async with open_screen(reply("a"), reply("b"), reply("c")) as screen:
        await said(screen, "One", "Two")
        screen.chat.conversation.sheet.use_model("xai", "grok-4-fast")
        await wish(screen, 0, "ask_again")
        await screen.settled()
        assert path(screen) == [("One", "c")]
        assert [turn.model for turn in screen.chat.conversation.tree.everything] == ["grok-4", "grok-4", "grok-4-fast"]


async def test_a_reply_that_was_cut_is_gone_on_with_wherever_it_stands(open_screen):
    cut = [TextDelta("It was"), FinishDelta("length")]
    async with open_screen(cut, reply("b"), reply(" fine.")) as screen:
        await said(screen, "One", "Two")
        await wish(screen, 0, "go_on")
        await screen.settled()
        assert [turn.text for turn in screen.chat.conversation.turns] == ["It was", " fine."]
        await wish(screen, 1, "go_on")
        assert "nothing to continue" in screen.text()


async def test_a_branch_becomes_a_conversation_of_its_own(open_screen):
    async with open_screen(reply("a"), reply("b"), reply("c")) as screen:
        await said(screen, "One", "Two")
        first = screen.chat.conversation.session.id
        await wish(screen, 0, "fork")
        assert path(screen) == [("One", "a")]
        assert screen.chat.conversation.session.id != first
        assert screen.chat.conversation.session.title == "One (fork)"
        await said(screen, "Three")
        assert path(screen) == [("One", "a"), ("Three", "c")]
        assert len(screen.program.database.sessions.summaries()) == 2
        assert len(screen.program.database.turns.of_session(first)) == 2


async def test_the_map_shows_every_branch_and_goes_there(open_screen):
    async with open_screen(reply("a"), reply("b"), reply("c"), size=(120, 30)) as screen:
        await said(screen, "One", "Two")
        await wish(screen, 1, "ask_again")
        await screen.settled()
        await screen.press("alt+t")
        assert "3 turns, 2 ends" in screen.text()
        rows, tree = screen.chat.over.rows, screen.chat.conversation.tree
        assert [(tree.find(node.turn_id).text, node.depth, node.is_shown) for node in rows.items] == [
            ("a", 0, True),
            ("b", 1, False),
            ("c", 1, True),
        ]
        assert tree.find(rows.item.turn_id).text == "c"
        await screen.press("up", "enter")
        assert path(screen) == [("One", "a"), ("Two", "b")]


async def test_keys_on_the_page_act_on_the_turn_under_the_cursor(open_screen):
    async with open_screen(reply("a"), reply("b"), reply("c")) as screen:
        await said(screen, "One", "Two")
        screen.chat.page.focus()
        await screen.press("home", "j", "E")
        assert screen.chat.composer.text in ("One", "Two")


async def test_two_answers_stand_side_by_side(open_screen):
    async with open_screen(
        reply("The same.\nA heron"), reply("The same.\nA stork"), reply("A third"), size=(120, 30)
    ) as screen:
        await said(screen, "One")
        for _ in range(2):
            await wish(screen, 0, "ask_again")
            await screen.settled()
        await screen.press("alt+v")
        assert "‹ 3 of 3 › beside ‹ 1 of 3 ›" in screen.text()
        assert any("A third" in line and "The same." in line for line in screen.text().splitlines())
        await screen.press("right")
        assert "A stork" in screen.text()
        await screen.press("enter")
        assert path(screen) == [("One", "The same.\nA stork")]
