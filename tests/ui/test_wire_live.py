"""The wire is open while a reply streams: it looks for itself now and then, and words go past it."""

from itertools import count

from tests.ui.fake import Gate, Played
from tests.ui.script import chunk, ending, tape, words
from tui.domain.delta import TextDelta
from tui.domain.error import StoreBusyError
from tui.domain.tape import TapeEnd
from tui.store.tape_table import TapeTable
from tui.ui.panes import wire

SAID = "word " * 60


async def test_words_go_past_the_wire_which_shows_them_all_the_same(open_screen, monkeypatch):
    made, gate = tape(*words(SAID, 0.3), *ending(4.0)), Gate()
    async with open_screen([Played(made, 1.0), gate, Played(made, begin=1.0)], size=(160, 40)) as screen:
        await screen.say("Go")
        await gate.reached.wait()
        turn, letters = screen.turns[0], [TextDelta("more")]
        written = []
        monkeypatch.setattr(screen.chat.page.turn_feed, "write", lambda _turn, deltas: not written.append(deltas))
        await screen.press("ctrl+e")
        pane = screen.chat.panes.docked("wire")
        await screen.until(lambda: len(pane.rows.items) > 2)
        assert screen.chat.turns.write_letters(turn, letters)
        assert written[-1] == letters  # the first words may have gone the same way
        monkeypatch.setattr(pane, "feed", lambda _turn, _deltas: None)
        gate.open()
        await screen.until(lambda: len(pane.rows.items) > 60 and pane.rows.items[-1].kind == "eof")
        await screen.settled()


async def test_what_has_to_be_fed_each_word_is(open_screen, monkeypatch):
    made, gate = tape(*words(SAID, 0.3), *ending(4.0)), Gate()
    async with open_screen([Played(made, 1.0), gate, Played(made, begin=1.0)], size=(160, 40)) as screen:
        await screen.say("Go")
        await gate.reached.wait()
        monkeypatch.setattr(screen.chat.page.turn_feed, "write", lambda _turn, _deltas: True)
        await screen.press("ctrl+e", "ctrl+g")
        await screen.until(lambda: screen.chat.panes.docked("calls") is not None)
        assert not screen.chat.turns.write_letters(screen.turns[0], [TextDelta("more")])
        gate.open()
        await screen.settled()


async def test_a_look_that_takes_several_steps_is_painted_once_while_more_comes(open_screen, monkeypatch):
    made, gate = tape(*words(SAID, 0.3), *ending(4.0)), Gate()
    async with open_screen([Played(made, 3.0), gate, Played(made, begin=3.0)], size=(160, 40)) as screen:
        await screen.say("Go")
        await gate.reached.wait()
        looks = count()
        monkeypatch.setattr(wire, "BUDGET", 0.0)  # a look takes one read
        monkeypatch.setattr(wire, "perf_counter", lambda: 1000 + next(looks) * wire.TELL_EVERY)
        await screen.press("ctrl+e")
        pane = screen.chat.panes.docked("wire")
        shown = []
        show = pane.rows.show
        monkeypatch.setattr(
            pane.rows, "show", lambda *args, **kwargs: (shown.append(len(args[0])), show(*args, **kwargs))
        )
        await screen.until(lambda: len(pane.rows.items) > 30)
        assert len(shown) <= next(looks) / 4
        gate.open()
        await screen.settled()


def _fragment(**function):
    return chunk({"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": function}]})


async def test_a_click_on_a_call_goes_to_its_frame_where_the_wire_is_open_and_opens_it_nowhere_else(open_screen):
    fragments = [(0.4, _fragment(name="find", arguments="")), (0.5, _fragment(arguments='{"place": "Par'))]
    made = tape(*words("I look.", 0.3), *fragments, (0.6, _fragment(arguments='is"}')), *ending(1.2))
    async with open_screen([Played(made)], size=(160, 50)) as screen:
        await screen.say("Where?")
        await screen.settled()

        async def click(what):
            lines = screen.text().splitlines()
            y = next(y for y, line in enumerate(lines) if 'find  place "Paris"' in line)
            await screen.pilot.click(offset=(lines[y].index(what) + 1, y))
            await screen.until(lambda: screen.chat.panes.docked("calls") is not None)

        await click("find")
        assert screen.chat.panes.docked("wire") is None
        await screen.press("ctrl+e")
        pane = screen.chat.panes.docked("wire")
        await click("Par")
        await screen.until(lambda: pane.rows.item.preview == '{"place": "Par')
        await click("is")
        await screen.until(lambda: pane.rows.item.preview == 'is"}')
        await click("find")
        await screen.until(lambda: pane.rows.item.preview == "find")
        assert screen.chat.panes.docked("calls").has_focus_within


async def test_the_end_of_a_reply_is_shown_when_a_busy_disk_has_it(open_screen, monkeypatch):
    record_end, is_busy = TapeTable.record_end, [True]

    def record(tapes, turn_id, end):
        if is_busy:
            raise StoreBusyError
        record_end(tapes, turn_id, end)

    monkeypatch.setattr(TapeTable, "record_end", record)
    made = tape(*words("Paris is mild.", 0.31), *ending(1.2), prompt="Weather?")
    made.ended(TapeEnd(1.3, "eof"))
    async with open_screen([Played(made)], size=(160, 40)) as screen:
        await screen.say("Weather?")
        await screen.settled()
        await screen.press("ctrl+e")
        await screen.until(lambda: "[DONE]" in screen.text())
        assert " eof" not in screen.text()
        is_busy.clear()
        screen.chat.conversation.session.owed.write()
        await screen.until(lambda: " eof" in screen.text())
