"""A saved turn is played again in its place, and a frame in full folds, says what changed and what is odd."""

import re

import pytest

from tests.ui.fake import Gate, Played
from tests.ui.script import chunk, ending, tape, words

TOLD = "One two three four five six."


def made():
    return tape((0.1, chunk({"reasoning_content": "Hm."})), *words(TOLD, 0.3), *ending(1.2), prompt="Count")


async def opened(screen):
    await screen.say("Count")
    await screen.settled()
    await screen.press("ctrl+e")
    return screen.chat.panes.docked("wire")


def replies(screen):
    return "\n".join(row[: row.find("│")] if "│" in row else row for row in screen.text().splitlines())


async def test_a_turn_is_stepped_through_and_put_back(open_screen):
    async with open_screen([Played(made())], size=(160, 40)) as screen:
        pane = await opened(screen)
        turn = screen.turns[0]
        await screen.press("space", "space", "left")
        await screen.until(lambda: pane._playback.playing is not None and pane._playback.playing.is_paused)
        pane._playback.playing.seek(0)
        await screen.pilot.pause()
        assert "six." not in replies(screen)
        await screen.press(*["right"] * 4)
        assert pane._playback.playing.player.frame == 4
        assert "One two three" in replies(screen)
        assert "four" not in replies(screen)
        assert re.search(r"s  frame 4 of \d", screen.text())
        playing = pane._playback.playing
        playing.is_paused, playing._from, playing._began = False, 0.5, playing._began - 20
        assert playing.at > 20, "time goes on where nothing comes"
        playing.is_paused = True
        assert "Space go on   ←→ step" in screen.text()
        assert pane.rows.item.preview == "three "
        await screen.press("left")
        assert "three" not in replies(screen)
        await screen.press("down", "down")  # the list is a way along what is played, too
        await screen.until(lambda: "One two three four" in replies(screen) and "five" not in replies(screen))
        assert pane._playback.playing.player.frame == 5
        await screen.press("up")
        await screen.until(lambda: "four" not in replies(screen))
        await screen.press("escape")
        assert TOLD in replies(screen)
        assert screen.chat.page.page.entries[-1].turn is turn
        assert pane._playback.playing is None
        assert "Space play" in screen.text()
        await screen.press("escape", "ctrl+e", "ctrl+e")


async def test_it_plays_to_its_end_as_fast_as_it_goes(open_screen):
    async with open_screen([Played(made())], size=(160, 40)) as screen:
        pane = await opened(screen)
        await screen.press("space", "0")
        await screen.until(lambda: pane._playback.playing.player.is_at_end)
        assert TOLD in replies(screen)
        assert "■ max" in screen.text()
        assert "Space play again" in screen.text()
        assert pane._playback.playing.player.turn is not screen.turns[0]
        await screen.press("ctrl+e")
        assert screen.chat.page.page.entries[-1].turn is screen.turns[0]


async def test_a_frame_in_full_folds_and_marks_what_changed(open_screen):
    async with open_screen([Played(made())], size=(160, 40)) as screen:
        pane = await opened(screen)
        await screen.press("slash", *"four", "enter", "escape")
        assert pane.frame.display
        assert '"content": "four "' in screen.text()
        assert "brought characters 15–19 of the text" in screen.text()
        assert any("▌" in row and '"content"' in row for row in screen.text().splitlines())
        pane.frame.focus()
        await screen.press("home", "down", "down", "enter")
        assert "members" in screen.text() or "items" in screen.text()
        await screen.press("enter")
        assert "members" not in screen.text()
        await screen.press("escape")
        assert pane.rows.has_focus


async def test_what_a_filter_leaves_can_be_gone_through_with_all_keys_and_all_is_back_after_it(open_screen):
    async with open_screen([Played(made())], size=(200, 40)) as screen:
        pane = await opened(screen)
        listed = len(pane.rows.items)
        await screen.press("slash", *"text")
        assert "Esc all frames" in screen.text()
        assert "Space play" not in screen.text(), "a letter is written"
        await screen.press("enter")
        assert pane.frame.display
        assert pane.rows.has_focus
        assert "Space play" in screen.text()
        assert "Esc all frames" in screen.text()
        await screen.press("y")
        assert "text" in screen.text(), "the filter is as it was"
        assert pane.field.value == "text"
        await screen.press("escape")
        assert "Esc all frames" not in screen.text(), "they are all there"
        await screen.press("slash", *"zzz")
        assert "No match" in screen.text()
        await screen.press("escape")
        assert len(pane.rows.items) == listed
        assert "No match" not in screen.text()


async def test_the_filter_looks_into_the_frames_where_no_row_shows_the_words(open_screen):
    made = tape(
        *[
            (0.1 * at, chunk({"content": f"w{at} "}) | {"system_fingerprint": f"fp_{at}", "usage": None})
            for at in (1, 2)
        ],
        *ending(0.5)[:1],
    )
    made.response.headers["x-request-id"] = "req-77"
    async with open_screen([Played(made)], size=(160, 40)) as screen:
        pane = await opened(screen)
        for typed, previews in (("fp_2", ["w2 "]), ("req-77", ["text/event-stream"]), ("usage", [])):
            await screen.press("slash", *typed)
            await screen.until(lambda previews=previews: [row.preview for row in pane.rows.items] == previews)
            assert ("rows in full" in screen.text()) == bool(previews), "what says that nothing is there is not listed"
            await screen.press("escape")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_frame_in_full_leaves_its_row_in_sight_and_shows_what_changed(open_screen, size):
    long = tape(*words(" ".join(f"n{each}" for each in range(60)), 0.3), *ending(4.0), prompt="Count")
    async with open_screen([Played(long)], size=size) as screen:
        pane = await opened(screen)
        await screen.press(*["up"] * 9)
        cursor = pane.rows.cursor
        await screen.press("enter")
        top = pane.rows.scroll_offset.y
        assert pane.rows.cursor == cursor
        assert top <= cursor < top + pane.rows.size.height
        assert any("▌" in row and '"content"' in row for row in screen.text().splitlines())


async def test_the_request_is_shown_likewise_and_copied_as_code(open_screen):
    async with open_screen([Played(made())], size=(160, 40)) as screen:
        await opened(screen)
        await screen.press("home", "enter")
        assert '"method": "POST"' in screen.text()
        assert '"role": "user"' in screen.text()
        texts = []

        async def keep(text, what):
            texts.append((what, text))

        screen.chat.outside.copy = keep
        for number, key in enumerate(("c", "p", "o", "f", "Y", "y"), 1):
            await screen.press(key)
            await screen.until(lambda number=number: len(texts) == number)
        said = dict(texts)
        assert "curl" in said["the request as curl"]
        assert "httpx" in said["the request as Python"]
        assert "OpenAI" in said["the request as Python with the openai SDK"]
        assert "fetch(" in said["the request as JavaScript"]
        assert "00000000  64 61 74 61" in said["the reads in hex"]
        assert '"method"' in said["the request"]


async def test_oddities_are_counted_marked_and_explained(open_screen):
    odd = tape(
        (0.2, chunk({"role": "assistant", "content": ""})),
        *words(TOLD, 0.3),
        (0.9, {"object": "chat.completion.chunk", "choices": 7}),
        *ending(1.2)[:1],
        (1.3, "[DONE]"),
    )
    async with open_screen([Played(odd)], size=(160, 40)) as screen:
        pane = await opened(screen)
        assert "2 oddities" in screen.text()
        await screen.press("home", "exclamation_mark")
        assert pane.rows.item.odd[0].code == "bad-frame"
        assert "frames make no sense as a part of a reply" in screen.text()
        assert "Typed SDKs raise a validation error" in screen.text()
        await screen.press("exclamation_mark")
        assert pane.rows.item.kind == "eof"
        assert "no usage came" in screen.text()
        await screen.press("slash", *"odd")
        assert len(pane.rows.items) == 2


async def test_the_way_to_what_is_odd_is_offered_where_something_is(open_screen):
    gate = Gate()
    role = (0.2, chunk({"role": "assistant", "content": ""}))
    plain = tape(role, *words(TOLD, 0.3), *ending(1.2))
    odd = tape(role, (0.2, {"object": "chat.completion.chunk", "choices": 7}), *words(TOLD, 0.3), *ending(1.2))
    async with open_screen([Played(plain)], [gate, Played(odd)], size=(160, 40)) as screen:
        pane = await opened(screen)
        pane.take_focus()
        await screen.until(lambda: "Enter in full" in screen.text())
        assert "! oddities" not in screen.text()
        await screen.say("And again")
        pane.take_focus()
        await gate.reached.wait()
        await screen.until(lambda: "Enter in full" in screen.text())
        assert "! oddities" not in screen.text()
        gate.open()
        await screen.until(lambda: "! oddities" in screen.text())
        await screen.settled()


async def test_the_wire_follows_a_turn_from_its_request_on_and_another_conversation(open_screen):
    gate = Gate()
    async with open_screen([Played(made())], [gate], size=(160, 40)) as screen:
        pane = await opened(screen)
        await screen.say("And again")
        await gate.reached.wait()
        await screen.until(lambda: "turn 2" in screen.text())
        assert pane.turn is screen.turns[1]
        gate.open()
        await screen.settled()
        await screen.press("ctrl+e", "f1", "escape")
        assert screen.chat.panes.in_focus is pane, "the help was read: its keys count again"
        await screen.chat.action_do("chat.new")
        await screen.until(lambda: "nothing was sent yet" in screen.text())
        assert "turn 2" not in screen.text()


async def test_at_120_columns_the_head_says_all_that_made_a_reply_slow(open_screen):
    slow = tape(
        *((6.0 + number / 10, chunk({"reasoning_content": "Hm. "})) for number in range(25)),
        *words("word " * 100, 8.5),
        *words("word " * 100, 15.5),
        *ending(20.0),
    )
    async with open_screen([Played(slow)], size=(120, 40)) as screen:
        pane = await opened(screen)

        def told():
            rows = pane.head.lines(pane.head.content_size.width)[:-2]
            return " ".join("\n".join(text(row) for row in rows).split())

        parts = ("until the first token", "thinking", "writing", "in silence")
        await screen.until(lambda: all(part in told() for part in parts))
        assert pane.head.size.height == 4
        assert "other" not in told()
        await screen.pilot.resize_terminal(80, 24)
        await screen.until(lambda: pane.size.height < 26 and "in silence" in " ".join(screen.text().split()))


def text(row):
    return "".join(run for run, _ in row)
