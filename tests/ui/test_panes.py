"""Panes: what they list, how they come and go, and that nothing foreign is taken for markup."""

import gzip
import json

import pytest
from msgspec.structs import replace
from textual import events
from textual.geometry import Size

from tests.ui.fake import Gate, Played, reply
from tests.ui.script import chunk, ending, tape, words
from tests.ui.test_hostile import HOSTILE, assert_clean
from tui.domain.tape import Head, Read, SentRequest, TapeEnd
from tui.domain.turn import Prompt, Turn
from tui.page import wire_log as wire_log_module
from tui.page import wire_rows
from tui.page.origin import FrameAccount
from tui.page.wire_log import WireLog
from tui.store import tape_table
from tui.store.database import Database
from tui.store.settings import Choices
from tui.wire.sse import FrameReader


async def test_the_picker_lists_filters_and_uses_a_model(open_screen):
    async with open_screen(reply("hi"), size=(130, 30)) as screen:
        await screen.press("ctrl+o")
        text = screen.text()
        assert "grok-4-fast" in text
        assert " $3.00 / $15.00" in text
        assert " $0.20 /  $0.50" in text
        assert "images only: cannot stream" in text
        assert "set OPENAI_API_KEY" in text
        await screen.type("4 fa")
        assert "grok-2-image" not in screen.text()
        await screen.press("enter")
        assert "grok-4-fast" in screen.text().splitlines()[0]
        await screen.say("Hi")
        await screen.settled()
        assert screen.program.requests[0].model == "grok-4-fast"


async def test_a_model_that_cannot_stream_is_refused_with_the_reason(open_screen):
    async with open_screen(size=(130, 30)) as screen:
        await screen.press("ctrl+o")
        await screen.type("image")
        await screen.press("enter")
        assert "images only" in screen.chat.key_bar.sentence
        assert screen.chat.conversation.sheet.model == "grok-4"


async def test_favourites_and_the_default_are_remembered_and_the_dialect_switches(open_screen):
    async with open_screen(size=(130, 30)) as screen:
        await screen.press("ctrl+o", "down", "ctrl+s")
        assert screen.program.choices.favourites == ("xai/grok-4-fast",)
        assert "★ grok-4-fast" in screen.text()
        await screen.press("ctrl+x")
        assert screen.program.endpoints["xai"].dialect == "responses"
        assert "responses" in screen.text().splitlines()[0]
        await screen.press("ctrl+d")
        assert screen.program.choices.model == "grok-4-fast"


async def test_sessions_are_listed_opened_renamed_and_deleted_with_a_way_back(open_screen):
    async with open_screen(reply("one"), reply("two"), size=(120, 30)) as screen:
        await screen.say("First [/] talk")
        await screen.settled()
        await screen.press("ctrl+n")
        await screen.say("Second talk")
        await screen.settled()
        await screen.press("ctrl+r")
        assert "First [/] talk" in screen.text()
        await screen.press("down", "f2", "end", *"!", "enter")
        assert "First [/] talk!" in screen.text()
        await screen.press("delete")
        assert "First" not in "\n".join(screen.text().splitlines()[1:-1])
        await screen.press("alt+z")
        assert "First [/] talk!" in screen.text()
        await screen.type("fir")
        await screen.press("enter")
        assert screen.turns[0].text == "one"
        assert "First [/] talk!" in screen.text().splitlines()[0]


async def test_the_filter_of_the_sessions_finds_what_was_said_in_them(open_screen):
    async with open_screen(reply("the heron stood"), reply("[b]a grapefruit\nfell"), size=(100, 30)) as screen:
        await screen.say("Grapefruit trees")
        await screen.settled()
        await screen.press("ctrl+n")
        await screen.say("Something [/] else")
        await screen.settled()
        await screen.press("ctrl+r")
        await screen.type("APEFRUIT")
        await screen.until(lambda: "said:" in screen.text())
        title, said = (line for line in screen.text().splitlines()[1:] if "1 turn" in line or "said:" in line)
        assert "Grapefruit trees" in title
        assert "said:" not in title
        assert "Something [/] else" in said
        assert "said: [b]a grapefruit fell" in said
        await screen.press("down", "enter")
        await screen.until(lambda: screen.turns[0].text == "[b]a grapefruit\nfell")
        await screen.press("ctrl+r")
        await screen.type("heron")
        await screen.until(lambda: "said: the heron stood" in screen.text())
        await screen.press("backspace")
        await screen.press(*"zzz")
        await screen.until(lambda: "No match" in screen.text())
        assert "said:" not in screen.text()


async def test_what_was_found_is_opened_at_its_place(open_screen):
    scripts = [reply(f"answer {number}\n" + "\n".join("* item" for _ in range(20))) for number in range(9)]
    async with open_screen(*scripts, reply("else"), size=(100, 24)) as screen:
        for number in range(9):
            await screen.say(f"question {number}")
            await screen.settled()
        await screen.press("ctrl+n")
        await screen.say("something else")
        await screen.settled()
        await screen.press("ctrl+r")
        await screen.type("question 3")
        await screen.until(lambda: "said: question 3" in screen.text())
        await screen.press("enter")
        await screen.until(lambda: "question 3" in screen.text() and "answer 3" in screen.text())
        assert "answer 8" not in screen.text()
        assert screen.turns[-1].opening.text == "question 8"


async def test_a_letter_in_a_list_with_a_filter_only_filters(open_screen):
    """Whatever is typed, and whatever was typed before: no letter, digit or sign is a key there."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/?.:_-[]+ "
    async with open_screen(reply("one"), reply("two"), size=(120, 30)) as screen:
        await screen.say("First talk")
        await screen.settled()
        await screen.press("ctrl+n")
        await screen.say("Second talk")
        await screen.settled()
        await screen.press("ctrl+n")
        choices, draft = screen.program.choices, screen.chat.composer.text
        dialect = screen.program.endpoints["xai"].dialect
        for key in ("ctrl+r", "ctrl+o", "ctrl+p"):
            await screen.press(key)
            pane = screen.chat.over
            for letter in "durfixs123jkgGq/":  # the first one counts most: they were keys while nothing was typed
                await screen.press(letter)
                assert pane.field.value == letter
                await screen.press("backspace")
            await screen.press("tab", *letters)
            assert (pane.field.value, pane.field.has_focus) == (letters, True)
            assert screen.chat.over is pane
            await screen.press("escape")
        assert [each.title for each in screen.program.database.sessions.summaries()] == ["Second talk", "First talk"]
        assert (screen.program.choices, screen.chat.composer.text) == (choices, draft)
        assert screen.program.endpoints["xai"].dialect == dialect
        assert screen.chat.conversation.sheet.server_tools == ()


@pytest.mark.parametrize("key", ["ctrl+r", "ctrl+o", "ctrl+p", "ctrl+f"])
async def test_what_is_typed_right_behind_the_key_of_a_list_is_written_into_the_list(open_screen, key):
    async with open_screen() as screen:
        for each in (key, *"docker"):
            screen.app.post_message(events.Key(each, each if len(each) == 1 else None))
        await screen.until(lambda: screen.chat.over is not None and screen.chat.over.field.value == "docker")
        assert screen.chat.composer.text == ""


async def test_what_was_deleted_can_be_seen_and_had_back_after_the_list_was_closed(open_screen):
    async with open_screen(reply("one"), reply("two"), size=(120, 30)) as screen:
        for prompt in ("First talk", "Second talk"):
            await screen.press("ctrl+n")
            await screen.say(prompt)
            await screen.settled()
        await screen.press("ctrl+n", "ctrl+r", *"firstt", "backspace", "delete", "escape")
        assert [each.title for each in screen.program.database.sessions.summaries()] == ["Second talk"]
        await screen.press("ctrl+r", "f3")
        assert "Deleted sessions" in screen.text()
        assert "First talk" in screen.text()
        assert "Second talk" not in screen.text()
        assert "restore" in screen.text().splitlines()[-1]
        await screen.press("delete", "f2")
        assert "First talk" in screen.text(), "nothing there is deleted for good, or renamed"
        await screen.press("enter")
        assert "nothing was deleted in the last 30 days" in screen.text()
        await screen.press("escape")
        assert "First talk" in screen.text()
        assert len(screen.program.database.sessions.summaries()) == 2
        await screen.press("delete", "escape", "ctrl+r", "alt+z")
        assert len(screen.program.database.sessions.summaries()) == 2


async def test_a_title_is_written_with_the_keys_of_a_field_and_the_filter_comes_back(open_screen):
    async with open_screen(reply("one"), reply("two"), size=(120, 30)) as screen:
        for prompt in ("First talk", "Second talk"):
            await screen.press("ctrl+n")
            await screen.say(prompt)
            await screen.settled()
        await screen.press("ctrl+r", *"fir", "f2")
        assert "Second talk" not in "\n".join(screen.text().splitlines()[1:-4]), "only the one that is renamed"
        await screen.press("home", *["delete"] * 6, *"udr ", "down", "enter")
        assert {each.title for each in screen.program.database.sessions.summaries()} == {"udr talk", "Second talk"}
        assert screen.chat.over.field.value == "fir"
        await screen.press("escape", "ctrl+r", "f2", *"zzz", "escape")
        assert "Second talk" in screen.text()
        assert screen.chat.over is not None


async def test_a_hint_that_is_clicked_does_what_its_key_does(open_screen):
    async with open_screen(reply("one"), reply("two"), size=(120, 30)) as screen:
        for prompt in ("First talk", "Second talk"):
            await screen.press("ctrl+n")
            await screen.say(prompt)
            await screen.settled()
        await screen.type("a draft")
        await screen.press("ctrl+r", "down")
        await screen.pilot.click("#keys", offset=(screen.text().splitlines()[-1].index("Del"), 0))
        await screen.pilot.pause()
        assert [each.title for each in screen.program.database.sessions.summaries()] == ["Second talk"]
        screen.chat.key_bar.hush()
        await screen.pilot.click("#keys", offset=(screen.text().splitlines()[-1].index("open"), 0))
        await screen.until(lambda: screen.chat.over is None)
        assert [turn.opening.text for turn in screen.turns] == ["Second talk"]
        assert len(screen.program.requests) == 2, "the draft was not sent"


async def test_a_pane_stands_beside_the_page_where_there_is_room_and_the_text_keeps_its_place(open_screen):
    async with open_screen(reply("Hello there."), size=(160, 40)) as screen:
        await screen.say("Hi")
        await screen.settled()
        row = next(line for line in screen.text().splitlines() if "Hello there." in line)
        await screen.press("ctrl+e")
        assert "The wire" in screen.text()
        beside = next(line for line in screen.text().splitlines() if "Hello there." in line)
        assert beside.index("Hello") == row.index("Hello")
        assert screen.program.choices.shown == ("wire",)
        width = screen.chat.stage.dock.size.width
        await screen.press("alt+left")
        assert screen.chat.stage.dock.size.width == width + 4
        await screen.press("ctrl+g")
        assert "Tool calls" in screen.text()
        await screen.press("escape", "ctrl+e", "ctrl+e")
        assert "The wire" not in screen.text()
        assert screen.program.choices.shown == ("calls",)


async def test_on_a_narrow_screen_one_thing_shows_at_a_time(open_screen):
    async with open_screen(reply("Hello there."), size=(80, 24)) as screen:
        await screen.say("Hi")
        await screen.settled()
        await screen.press("ctrl+e")
        assert "Hello there." not in screen.text()
        assert "The wire" in screen.text()
        await screen.press("escape")
        assert "Hello there." in screen.text()


async def test_panes_of_the_last_time_come_back(open_screen):
    async with open_screen(choices=Choices(shown=("calls",), sizes={"panes": 50}), size=(140, 30)) as screen:
        assert "Tool calls" in screen.text()
        assert screen.chat.stage.dock.columns == 50
        assert screen.chat.composer.has_focus


async def test_a_tiny_screen_still_shows_the_talk_and_how_it_stands(open_screen):
    async with open_screen(reply("Hello there."), size=(60, 15)) as screen:
        await screen.say("Hi")
        await screen.settled()
        assert "Hello there." in screen.text()
        assert "complete" in screen.text()
        await screen.press("ctrl+o")
        assert "grok-4" in screen.text()


async def test_the_wire_shows_frames_with_their_times_and_kinds(open_screen):
    made = tape(*words("Paris is mild.", 0.31), *ending(1.2), prompt="Weather?")
    async with open_screen([Played(made)], size=(160, 40)) as screen:
        await screen.say("Weather?")
        await screen.settled()
        await screen.press("ctrl+e")
        text = screen.text()
        assert "request" in text
        assert "head 200" in text
        assert "0.310" in text
        assert "mild." in text
        assert "finish" in text
        assert "[DONE]" in text
        await screen.press("home", "enter")
        assert '"model": "grok-4"' in screen.text()


async def test_a_request_that_repeats_a_long_conversation_is_shown_in_full_when_it_is_wanted(open_screen, monkeypatch):
    monkeypatch.setattr(tape_table, "MANY_ENTRIES", 0)
    made = tape(*words("Paris is mild.", 0.1), *ending(0.5), prompt="Weather?")
    async with open_screen([Played(made)], size=(160, 40)) as screen:
        await screen.say("Weather?")
        await screen.settled()
        await screen.press("ctrl+e", "home", "enter")
        await screen.until(lambda: '"content": "Weather?"' in screen.text())
        pane = screen.chat.panes.docked("wire")
        assert pane.rows.item.kind == "request"
        copied = {}

        async def keep(text, what):
            copied[what] = text

        def held(self, turn_id, most=None):
            assert most is not None, "every key waits while it is put together"
            return ask(self, turn_id, most)

        ask = tape_table.TapeTable.request

        monkeypatch.setattr(screen.chat.outside, "copy", keep)
        monkeypatch.setattr(tape_table.TapeTable, "request", held)
        for key, what in (("c", "the request as curl"), ("y", "the request")):
            await screen.press(key)
            await screen.until(lambda what=what: what in copied)
            assert "Weather?" in copied[what]


async def test_the_wire_follows_a_stream_from_when_it_is_opened_until_one_looks_back(open_screen):
    made = tape(*words("word " * 120, 0.3), *ending(4.0))
    gates = Gate(), Gate()
    steps = [Played(made, 1.0), gates[0], Played(made, 2.0, begin=1.0), gates[1], Played(made, begin=2.0)]
    async with open_screen(steps, size=(160, 30)) as screen:
        await screen.say("Go")
        await gates[0].reached.wait()
        await screen.press("ctrl+e")
        rows = screen.chat.panes.docked("wire").rows
        await screen.until(lambda: rows.scroll_offset.y == rows.max_scroll_y > 0)
        await screen.press("alt+left")
        assert rows.scroll_offset.y == rows.max_scroll_y
        held = len(rows.items)
        gates[0].open()
        await screen.until(lambda: len(rows.items) > held)
        await screen.pilot.pause()
        assert rows.scroll_offset.y == rows.max_scroll_y
        await screen.press("home")
        gates[1].open()
        await screen.until(lambda: rows.items[-1].kind == "eof")
        await screen.pilot.pause()
        assert rows.scroll_offset.y == 0


async def test_up_in_the_wire_goes_on_from_what_is_seen(open_screen):
    made = tape(*words("word " * 120, 0.3), *ending(4.0))
    async with open_screen([Played(made)], size=(160, 30)) as screen:
        await screen.say("Go")
        await screen.settled()
        await screen.press("ctrl+e")
        rows = screen.chat.panes.docked("wire").rows
        await screen.until(lambda: rows.items and rows.items[-1].kind == "eof")
        await screen.until(lambda: rows.scroll_offset.y == rows.max_scroll_y > 0)
        await screen.press("up")
        assert rows.cursor == len(rows.items) - 1
        await screen.press("up")
        assert rows.cursor == len(rows.items) - 2
        rows.scroll_to(y=40, animate=False, immediate=True)
        await screen.press("down")
        assert rows.cursor == 40


async def test_the_wire_follows_what_comes_all_at_once(open_screen):
    made = tape(*words("word " * 120, 0.3), *ending(4.0))
    gate = Gate()
    async with open_screen([Played(made, 2.0), gate], size=(160, 30)) as screen:
        await screen.press("ctrl+e")
        rows = screen.chat.panes.docked("wire").rows
        screen.chat.composer.focus()
        await screen.say("Go")
        await gate.reached.wait()
        await screen.until(lambda: len(rows.items) > rows.size.height)
        await screen.pilot.pause()
        assert rows.scroll_offset.y == rows.max_scroll_y > 0
        assert rows.vertical_scrollbar.position == rows.max_scroll_y


class Wires:
    """Tapes in a database, grown by hand, and a wire_log that reads one."""

    def __init__(self, head=None):
        self.database = Database.memory()
        self.turn = Turn(Prompt("Hi"))
        self.database.turns.begin(self.database.sessions.create(), self.turn)
        self.fetched = 0
        self.send(head)

    def send(self, head=None):
        self.database.tapes.record_request(self.turn.id, SentRequest("POST", "http://x/v1", {}, {"model": "m"}))
        self.database.tapes.record_head(self.turn.id, head or Head(200, {"content-type": "text/event-stream"}, 0.1))

    def come(self, *reads, at=0.2, step=0.001):
        self.database.tapes.append_reads(
            self.turn.id, [Read(at + number * step, data) for number, data in enumerate(reads)]
        )

    def wire_log(self, **options):
        def tape_since(row):
            self.fetched += 1
            return self.database.tapes.tape_since(self.turn.id, row)

        return WireLog(tape_since, **options)


def event(words):
    return f"data: {json.dumps(chunk({'content': words}))}\n\n".encode()


def look(wire_log):
    while not wire_log.advance(1.0, is_over=False):
        pass
    return [(row.kind, row.preview) for row in wire_log.rows]


async def test_the_wire_shows_live_what_it_shows_when_it_is_opened_again(open_screen):
    made = tape(*words("Paris is mild, and so is Rome.", 0.31), *ending(1.2), prompt="Weather?")
    made.reads = [*made.reads[:3], Read(made.reads[2].at, b": still here\n\n"), *made.reads[3:]]
    gate, other = Gate(), Gate()
    steps = [
        Played(made, until=made.reads[3].at),
        gate,
        Played(made, made.reads[5].at, begin=made.reads[3].at),
        other,
        Played(made, begin=made.reads[5].at),
    ]
    async with open_screen(steps, size=(160, 40)) as screen:
        await screen.press("ctrl+e")
        pane = screen.chat.panes.docked("wire")
        screen.chat.composer.focus()
        await screen.say("Weather?")
        await gate.reached.wait()
        await screen.until(lambda: "mild" in screen.text() and "keep-alive" in screen.text())
        gate.open()
        await other.reached.wait()
        await screen.until(lambda: len(pane.rows.items) == 8)
        other.open()
        await screen.settled()
        live = list(pane.rows.items)
        shown = screen.text()
        assert live[-1].kind == "eof"
        assert live[-2].preview == "[DONE]"
        pane.take_focus()
        pane.rows.go(next(at for at, row in enumerate(live) if row.kind == "comment"))
        await screen.press("enter")
        assert "only keeps the connection alive" in screen.text()
        await screen.press("enter", "end")
        await screen.press("ctrl+e", "ctrl+e")
        assert screen.chat.panes.docked("wire") is not pane
        assert list(screen.chat.panes.docked("wire").rows.items) == live
        assert [row for row in screen.text().splitlines() if "text" in row] == [
            row for row in shown.splitlines() if "text" in row
        ]


async def test_the_wire_is_filtered_by_kind_or_words_and_stands_at_what_was_found(open_screen):
    made = tape(*words("Paris is mild.", 0.31), *ending(1.2), prompt="Weather?")
    async with open_screen([Played(made)], size=(160, 40)) as screen:
        await screen.say("Weather?")
        await screen.settled()
        await screen.press("ctrl+e", "slash", *"text mil")
        pane = screen.chat.panes.docked("wire")
        assert [row.preview for row in pane.rows.items] == ["mild."]
        assert "1 of 9 rows" in screen.text()
        await screen.press("enter")
        assert '"content": "mild."' in screen.text()
        await screen.press("escape")
        assert len(pane.rows.items) == 9
        assert pane.rows.item.preview == "mild."
        assert pane.rows.has_focus
        await screen.press(*["alt+left"] * 4)
        assert "longest gap 0.84 s" in screen.text()


def test_a_look_at_a_long_tape_decodes_only_what_is_new(monkeypatch):
    monkeypatch.setattr(wire_rows, "MOST_HELD", 20_000)  # each look of this test goes over all of them
    fed, described = [], []
    feed, take = FrameReader.feed, FrameAccount.take
    glance = FrameReader.feed_whole

    def feed_whole(reader, data):
        frame = glance(reader, data)
        fed.extend([] if frame is None else [data])
        return frame

    monkeypatch.setattr(FrameReader, "feed", lambda reader, data: fed.append(data) or feed(reader, data))
    monkeypatch.setattr(FrameReader, "feed_whole", feed_whole)
    monkeypatch.setattr(
        FrameAccount, "take", lambda account, frame, number: described.append(frame) or take(account, frame, number)
    )
    wires = Wires()
    for start in range(0, 10_000, 500):
        wires.come(*(event(f"w{start + number}") for number in range(500)), at=start)
    wire_log = wires.wire_log()
    look(wire_log)
    assert len(described) == 10_000
    fed.clear()
    described.clear()
    wires.fetched = 0
    wires.come(event("new"), event("newer"), at=20_000)
    assert look(wire_log)[-2:] == [("text", "new"), ("text", "newer")]
    assert (len(fed), len(described), wires.fetched) == (2, 2, 2)
    look(wire_log)
    assert (len(fed), len(described)) == (2, 2)
    # One frame in full is found near its place, not from the beginning.
    assert "w7777" in wire_log.text(wire_log.rows[7777 + 2])
    assert len(fed) <= 2 + 1000
    assert len(described) == 2


def test_a_look_ends_when_its_time_is_up_and_the_next_goes_on():
    wires = Wires()
    wires.come(*(event(f"w{number}") for number in range(100)))
    instants = iter(range(10_000))
    wire_log = wires.wire_log(clock=lambda: next(instants))
    lengths = []
    while not wire_log.advance(20, is_over=False):
        lengths.append(len(wire_log.rows))
    assert len(lengths) > 3
    assert lengths == sorted(set(lengths))
    assert [row.preview for row in wire_log.rows[2:]] == [f"w{number}" for number in range(100)]


def test_a_request_that_is_sent_again_begins_the_lane_anew():
    wires = Wires(Head(503, {}, 0.1))
    wires.come(b"busy")
    wires.database.tapes.record_end(wires.turn.id, TapeEnd(0.3, "eof"))
    wire_log = wires.wire_log()
    assert look(wire_log)[2:] == [("body", "busy"), ("eof", "")]
    wires.send(Head(200, {"content-type": "text/event-stream"}, 0.2))
    wires.come(event("one"))
    assert look(wire_log)[1:] == [("head 200", "text/event-stream"), ("text", "one")]
    assert wire_log.starts == 1


@pytest.mark.parametrize("cut", [1, 7, 10_000])
def test_a_compressed_tape_is_shown_opened_however_it_falls(cut, monkeypatch):
    monkeypatch.setattr(wire_log_module, "STRETCH_FRAMES", 2)
    packed = gzip.compress(b"".join(event(f"w{number}") for number in range(20)) + b"data: [DONE]")
    wires = Wires(Head(200, {"content-type": "text/event-stream", "content-encoding": "gzip"}, 0.1))
    for at in range(0, len(packed), cut):
        wires.come(packed[at : at + cut])
    wire_log = wires.wire_log()
    look(wire_log)
    wires.database.tapes.record_end(wires.turn.id, TapeEnd(2.0, "eof"))
    look(wire_log)
    assert [row.preview for row in wire_log.rows[2:]] == [*(f"w{number}" for number in range(20)), "[DONE]", ""]
    assert all(json.dumps(row.preview) in wire_log.text(row) for row in wire_log.rows[2:-2])
    assert wire_log.text(wire_log.rows[-2]) == "[DONE]"


@pytest.mark.parametrize(
    ("head", "body", "kind", "preview"),
    [
        (Head(200, {"content-type": "application/json"}), b'\n{"choices": []}', "body", '{"choices": []}'),
        (Head(200, {}), b"<html>\ndata: x\n\n</html>", "body", "<html>\ndata: x\n\n</html>"),
        (Head(401, {"content-type": "text/event-stream"}), b"data: no\n\n", "body", "data: no"),
        (Head(200, {"content-type": "text/event-stream"}), b'{"error": "no"}', "body", '{"error": "no"}'),
        (Head(200, {"content-encoding": "br"}), b"\x00", "broken", "The endpoint compressed its answer as 'br'"),
        (Head(200, {}), b"data: " + b"x" * (5 << 20), "limit", "The endpoint sent a line"),
    ],
)
def test_a_body_that_is_no_stream_is_shown_whole(head, body, kind, preview):
    wires = Wires(head)
    wires.come(body)
    wires.database.tapes.record_end(wires.turn.id, TapeEnd(2.0, "eof"))
    wire_log = wires.wire_log()
    look(wire_log)
    row = wire_log.rows[2]
    assert (row.kind, row.preview.strip()[: len(preview)], wire_log.rows[-1].kind) == (kind, preview, "eof")
    assert preview in wire_log.text(row)
    assert len(wire_log.rows) == 4


@pytest.mark.parametrize("evil", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_frames_are_shown_and_not_obeyed(open_screen, evil):
    told = evil.replace("\ud800", "")
    made = tape((0.2, told), (0.3, json.dumps(chunk({"content": evil}))), (0.4, {"type": told}), *ending(1.0))
    made.response = Head(200, {"content-type": f"text/event-stream;{told}", "x": told}, 0.1)
    async with open_screen(size=(160, 40)) as screen:
        await screen.say("Hi")
        await screen.settled()
        turn = screen.turns[0]
        database = screen.program.database
        database.tapes.record_request(turn.id, made.request)
        database.tapes.record_head(turn.id, made.response)
        database.tapes.append_reads(turn.id, made.reads)
        database.tapes.record_end(turn.id, TapeEnd(1.1, "reset", told))
        await screen.press("ctrl+e", "home", "enter")
        for _ in screen.chat.panes.docked("wire").rows.items:
            assert_clean(screen)
            await screen.press("down")
        assert screen.app.is_running


async def test_a_frame_that_is_opened_stays_in_view(open_screen):
    made = tape(*((0.2, json.dumps(chunk({"content": f"w{number} "}))) for number in range(40)), *ending(1.0))
    async with open_screen([Played(made)], size=(120, 26)) as screen:
        await screen.say("Hi")
        await screen.settled()
        await screen.press("ctrl+e", "home")
        assert "request" in screen.text()
        await screen.press("enter")
        assert not any(row.rstrip().endswith("w39") for row in screen.text().splitlines())
        assert any("request" in row and "POST" in row for row in screen.text().splitlines())


async def test_a_frame_in_full_goes_with_its_turn(open_screen):
    made = tape((0.2, json.dumps(chunk({"content": "hello"}))), *ending(1.0))
    async with open_screen([Played(made)], [Played(made)], size=(120, 40)) as screen:
        await screen.say("Hi")
        await screen.settled()
        await screen.press("ctrl+e", "home", "enter")
        frame = screen.chat.panes.docked("wire").frame
        assert frame.display
        await screen.press("escape")
        await screen.say("And")
        await screen.settled()
        assert not frame.display


async def test_the_palette_finds_and_runs(open_screen):
    async with open_screen() as screen:
        await screen.press("ctrl+p")
        await screen.type("colou")
        await screen.press("enter")
        assert "Themes" in screen.text()


async def test_themes_show_at_once_and_esc_takes_them_back(open_screen):
    async with open_screen() as screen:
        await screen.press("ctrl+t")
        await screen.press("end")
        assert screen.app.look.name != "ink"
        await screen.press("escape")
        assert screen.app.look.name == "ink"
        await screen.say("/theme paper")
        assert screen.app.look.name == "paper"
        assert screen.program.choices.theme == "paper"


async def test_help_starts_with_where_one_is_and_runs_nothing(open_screen):
    async with open_screen() as screen:
        await screen.press("f1")
        lines = [line for line in screen.text().splitlines() if line.strip()]
        assert "Writing" in "\n".join(lines[:5])
        await screen.press("enter", "r", "d")
        assert "Help" in screen.text()
        assert not screen.turns
        await screen.press("escape")
        assert "Help" not in screen.text()


@pytest.mark.parametrize("key", ["ctrl+t", "f1", "ctrl+e", "ctrl+g"])
async def test_a_letter_that_a_pane_does_not_know_asks_nothing(open_screen, key):
    async with open_screen(reply("one"), reply("two")) as screen:
        await screen.say("Count")
        await screen.settled()
        await screen.press(key)
        await screen.press("r", "d", "q", "x")
        await screen.settled()
        (turn,) = screen.turns
        assert screen.chat.conversation.tree.siblings(turn) == [turn]


async def test_find_says_how_many_and_goes_there(open_screen):
    async with open_screen(reply("one two one")) as screen:
        await screen.say("Count")
        await screen.settled()
        await screen.press("ctrl+f")
        await screen.type("one")
        await screen.press("enter")
        assert "of 2" in screen.chat.key_bar.sentence
        assert screen.chat.page.has_focus


async def test_a_key_of_the_settings_works_and_clashes_are_told(open_screen):
    from tui.store.settings import Settings

    settings = Settings(keymap={"chat.models": "f8", "chat.modles": "f9", "chat.wire": "ctrl+g"})
    async with open_screen(settings=settings) as screen:
        notices = " ".join(screen.app.notices)
        assert "did you mean “chat.models”" in notices
        assert "ctrl+g is meant for both" in notices
        await screen.press("f8")
        assert "Models" in screen.text()


async def test_sizes_that_come_faster_than_they_are_laid_out_end_with_the_last(open_screen, monkeypatch):
    async with open_screen(size=(80, 24)) as screen:
        widths = []
        lay_out = type(screen.chat)._refresh_layout

        def refresh_layout(chat, size=None, scroll=False):
            widths.append((size or chat.outer_size).width)
            assert len(widths) < 50, widths
            lay_out(chat, size, scroll)

        monkeypatch.setattr(type(screen.chat), "_refresh_layout", refresh_layout)
        between = events.Callback(lambda: None)
        await screen.pilot.resize_terminal(100, 30)
        for message in (
            events.Resize(Size(60, 20), Size(60, 20)),
            between,
            events.Resize(Size(100, 30), Size(100, 30)),
        ):
            screen.chat.post_message(message)
        await screen.settled()
        assert screen.chat.outer_size == (100, 30)
        assert len(screen.text().splitlines()) == 30


@pytest.mark.parametrize(("columns", "is_beside"), [(80, False), (127, False), (128, True), (160, True)])
async def test_a_pane_over_everything_leaves_enough_of_the_page_to_be_read_or_none(open_screen, columns, is_beside):
    async with open_screen(size=(columns, 30)) as screen:
        await screen.press("ctrl+r")
        assert (screen.chat.over.outer_size.width < columns) is is_beside
        await screen.pilot.resize_terminal(100, 30)
        await screen.pilot.pause()
        assert screen.chat.over.outer_size.width == 100


async def test_a_theme_whose_file_has_other_colours_now_shows_them_at_once(open_screen):
    async with open_screen(reply("Some text."), size=(100, 30)) as screen:
        await screen.say("hello")
        await screen.settled()
        look = screen.app.look
        screen.app.use_theme(replace(look, text="#123456"))
        await screen.until(lambda: "#123456" in str(screen.chat.page.render_line(2)._segments))


@pytest.mark.parametrize(("columns", "least"), [(120, 44), (160, 50), (200, 90)])
async def test_the_wire_takes_what_the_page_has_no_use_for(open_screen, columns, least):
    async with open_screen(size=(columns, 40)) as screen:
        await screen.press("ctrl+e")
        assert screen.chat.stage.dock.outer_size.width >= least
        assert screen.chat.query_one("#page-side").size.width >= min(102, columns - 60)
        await screen.pilot.resize_terminal(80, 24)
        await screen.pilot.pause()
        assert screen.chat.panes.docked("wire").size.width > 70
        await screen.press("escape")
        assert screen.chat.stage.page.region.width in (0, 80)
        assert screen.chat.panes.docked("wire") is None


async def test_the_line_of_time_moves_the_list(open_screen):
    made = tape(*words("one two three", 0.3), *words("four five six", 3.0), *ending(4.0))
    async with open_screen([Played(made)], size=(160, 40)) as screen:
        await screen.say("Go")
        await screen.settled()
        await screen.press("ctrl+e")
        pane = screen.chat.panes.docked("wire")
        await screen.until(lambda: "in silence" in screen.text())
        await screen.press("end", "left")
        assert pane.rows.item.at < 4.0
        while pane.rows.item.at >= 3.0:
            await screen.press("left")
        await screen.press("right")
        assert pane.rows.item.preview.strip() == "four"
        offset = (pane.head.instants.column(3.0), 1)
        await screen.press("home")
        await screen.pilot.click(pane.head, offset=offset)
        await screen.pilot.pause()
        assert pane.rows.item.preview.strip() in ("four", "five", "six")


async def test_the_frame_under_the_cursor_lights_its_characters_and_a_word_leads_to_its_frame(open_screen):
    made = tape(*words("Paris is **mild** and wet.", 0.31), *ending(1.2))
    async with open_screen([Played(made)], size=(160, 40)) as screen:
        await screen.say("Weather?")
        await screen.settled()
        await screen.press("ctrl+e")
        pane = screen.chat.panes.docked("wire")

        def lit():
            page = screen.chat.page
            return "".join(
                segment.text
                for y in range(page.size.height)
                for segment in page.render_line(y)
                if segment.style is not None and segment.style.bgcolor == screen.app.styles_by_key["lit"].bgcolor
            )

        assert lit() == ""
        await screen.press("slash", *"mild", "enter", "escape")
        assert pane.rows.item.preview == "**mild** "
        await screen.press("up", "down")
        assert lit().strip() == "mild"
        y = next(y for y in range(40) if "mild and wet" in screen.text().splitlines()[y])
        x = screen.text().splitlines()[y].index("wet")
        await screen.pilot.click(offset=(x, y))
        await screen.until(lambda: pane.rows.item.preview == "wet.")
        assert lit() == "wet."
        await screen.press("tab")
        screen.chat.page.focus()
        await screen.press("k", "k", "w")
        assert pane.rows.has_focus
        assert pane.rows.item.preview in ("Paris ", "stop")
        await screen.press("ctrl+e")
        assert lit() == ""


async def test_what_no_frame_brought_is_said_so(open_screen):
    made = tape(*words("- mild", 0.31), *ending(1.2))
    async with open_screen([Played(made)], size=(160, 40)) as screen:
        await screen.say("Weather?")
        await screen.settled()
        await screen.press("ctrl+e")
        y = next(y for y in range(40) if "• mild" in screen.text().splitlines()[y])
        await screen.pilot.click(offset=(screen.text().splitlines()[y].index("•"), y))
        await screen.until(lambda: "No frame brought this" in screen.chat.key_bar.sentence)
        await screen.pilot.click(offset=(screen.text().splitlines()[y].index("mild"), y))
        await screen.until(lambda: not screen.chat.key_bar.sentence)
        await screen.pilot.click(offset=(60, y))
        await screen.pilot.pause()
        assert not screen.chat.key_bar.sentence, "nothing stands there"


@pytest.mark.parametrize("columns", [120, 200])
async def test_a_drawer_leaves_no_shreds_of_lines_beside_it(open_screen, columns):
    async with open_screen(reply("xyzzy " * 300), size=(columns, 40)) as screen:
        await screen.press("f1")
        await screen.until(lambda: "Help" in screen.text())
        assert "What is the capital" not in screen.text(), "nor of the empty conversation"
        await screen.press("escape")
        await screen.say("Many words, please.")
        await screen.settled()
        await screen.press("f1")
        await screen.until(lambda: "Help" in screen.text())
        assert "xyz" not in "".join(line[90:] for line in screen.text().split("\n")[1:-5])
