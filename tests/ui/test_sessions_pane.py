"""The list of sessions: days, what is asked for beside words, pins, tags, what is out of the way, and a session beside it."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from tests.store.test_search import say
from tests.ui.fake import reply
from tui.domain.session import SessionSummary
from tui.store.search import SHOWN_FIRST
from tui.ui.panes.session_list import SessionList
from tui.ui.panes.session_rows import Day, day_of, row_of, with_days, wrapped
from tui.wire.printable import printable_line


async def talk(screen, *prompts):
    for prompt in prompts:
        await screen.press("ctrl+n")
        await screen.say(prompt)
        await screen.settled()
    await screen.press("ctrl+n")


def titles(screen):
    return [getattr(row, "title", None) or row.words for row in screen.chat.over.rows.items]


async def test_days_are_headings_that_the_cursor_passes_by(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        await talk(screen, "Old talk", "New talk")
        database = screen.program.database
        old = next(each for each in database.sessions.summaries() if each.title == "Old talk")
        database._connection.run("UPDATE session SET updated_at = ? WHERE id = ?", time.time() - 86400, old.id)
        await screen.press("ctrl+r")
        assert titles(screen) == ["Today", "New talk", "Yesterday", "Old talk"]
        rows = screen.chat.over.rows
        assert rows.item.title == "New talk"
        await screen.press("down")
        assert rows.item.title == "Old talk"
        await screen.press("up", "up")
        assert rows.item.title == "New talk"
        await screen.type("talk")
        assert titles(screen) == ["New talk", "Old talk"]


def test_a_title_of_hidden_characters_leaves_the_columns_in_their_place():
    def row(title):
        session = SessionSummary("a", title, 0.0, 0.0, "nova", 1, 100)
        return printable_line("".join(text for text, _ in row_of(session, 96, is_here=False, hit=None)))

    assert row("plain").index("nova") == row("a\u200bb \ufeffc\u202ed \u200fe\u00adf" * 3).index("nova")


async def test_a_session_is_pinned_tagged_put_out_of_the_way_and_found(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        await talk(screen, "First talk", "Second talk")
        await screen.press("ctrl+r", "down", "f6")
        assert titles(screen) == ["Pinned", "First talk", "Today", "Second talk"]
        await screen.press("f7")
        await screen.type("work #fun")
        await screen.press("enter")
        assert screen.program.database.sessions.summaries()[0].tags == ("fun", "work")
        assert "#fun #work" in screen.text()
        await screen.type("tag:work")
        assert [title for title in titles(screen) if title not in ("Pinned", "Today")] == ["First talk"]
        await screen.press("ctrl+u", "f8")
        assert titles(screen) == ["Today", "Second talk"]
        await screen.type("first")
        assert titles(screen) == ["First talk"]
        await screen.press("ctrl+u", "f9")
        assert "Archived sessions" in screen.text()
        await screen.press("f8")
        assert titles(screen) == []
        await screen.press("escape")
        assert "First talk" in titles(screen)


async def test_what_is_asked_beside_words_narrows_the_list(open_screen):
    async with open_screen(size=(120, 30)) as screen:
        await talk(screen, "A heron", "A grapefruit")
        database = screen.program.database
        heron = next(each for each in database.sessions.summaries() if each.title == "A heron")
        database._connection.run("UPDATE turn SET model = 'other', state = 'truncated' WHERE session_id = ?", heron.id)
        await screen.press("ctrl+r")
        for words in ("model:oth", "state:trunc", "model:other a", "state:trunc her"):
            await screen.type(words)
            assert [title for title in titles(screen) if title != "Today"] == ["A heron"], words
            await screen.press("ctrl+u")
        await screen.type("since:2100")
        assert "No match" in screen.text()
        await screen.press("ctrl+u")
        await screen.type("since:nonsense")
        assert "A heron" in screen.text()
        await screen.press("ctrl+u")
        await screen.type("until:2001 heron")
        assert "No match" in screen.text()


async def test_where_there_is_room_a_session_is_shown_beside_the_list_with_just_the_match_marked(open_screen):
    async with open_screen(reply("They eat 量子力学 and a grapefruit."), size=(200, 40)) as screen:
        await talk(screen, "What do herons eat?")
        await screen.press("ctrl+r")
        assert screen.chat.over.preview.display
        assert "› What do herons eat?" in screen.text()
        await screen.type("apefru")
        await screen.until(lambda: screen.chat.over.preview._hit is not None)
        preview = screen.chat.over.preview
        accented = [text for line in preview.lines(40) for text, key in line if key == "accent" and text != "› "]
        assert accented == ["apefru"]
        await screen.press("ctrl+u")
        await screen.type("量子")
        await screen.until(lambda: preview._hit is not None and preview._hit.spans)
        assert [text for line in preview.lines(40) for text, key in line if key == "accent" and text != "› "] == [
            "量子"
        ]
    async with open_screen(size=(100, 30)) as screen:
        await talk(screen, "One")
        await screen.press("ctrl+r")
        assert not screen.chat.over.preview.display


def test_days_are_named_as_people_name_them():
    noon = time.mktime((2026, 11, 28, 12, 0, 0, 0, 0, -1))
    names = [day_of(noon - days * 86400, noon) for days in (0, 1, 3, 30, 400)]
    assert names == ["Today", "Yesterday", "Wednesday", "Thursday, 29 October", "24 October 2025"]
    assert day_of(0.0, noon) == "Without a time"
    assert with_days([]) == []
    assert Day("Today") == Day("Today")


def test_text_is_wrapped_by_cells():
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("量子力学", 4) == ["量子", "力学"]
    assert wrapped("abcdefgh", 3) == ["abc", "def", "gh"]


async def test_enter_right_behind_a_word_that_was_only_said_opens_it_once_it_is_found(open_screen):
    async with open_screen(reply("The grapefruit fell."), size=(120, 30)) as screen:
        await talk(screen, "A question")
        await screen.press("ctrl+n", "ctrl+r", *"grapefruit", "enter")
        await screen.until(lambda: screen.chat.over is None)
        await screen.until(lambda: "grapefruit fell" in screen.text())


async def test_enter_opens_nothing_that_comes_after_another_letter_was_typed(open_screen, monkeypatch):
    async with open_screen(reply("The grapefruit fell."), size=(120, 30)) as screen:
        await talk(screen, "A question")
        monkeypatch.setattr("tui.ui.panes.sessions.SEARCH_DELAY", 3600)
        await screen.press("ctrl+n", "ctrl+r", *"grapefrui", "enter")
        monkeypatch.setattr("tui.ui.panes.sessions.SEARCH_DELAY", 0.01)
        await screen.press("t")
        await screen.until(lambda: "said:" in screen.text())
        assert screen.chat.over is not None


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("zzz", []),
        ("4z7", []),
        ("z4z7", ["z4z7zq"]),
        ("z4z7zq", ["z4z7zq"]),
        ("Z4Z7 talk", ["z4z7zq"]),
        ("4z7zq", []),
        ("tlk", ["z4z7zq", "k3zz0z"]),
    ],
)
def test_a_session_is_found_by_how_its_id_begins_and_never_by_letters_that_are_in_it_by_chance(words, ids):
    sessions = [SessionSummary(each, "A talk", 0.0, 0.0, "nova", 1, 100) for each in ("z4z7zq", "k3zz0z")]
    shown = SessionList(SimpleNamespace(sessions=SimpleNamespace(summaries=lambda most: sessions, archived=list)))
    shown.read()
    rows, _ = shown.rows(words)
    assert [row.id for row in rows] == ids


async def test_every_session_in_which_words_were_said_is_listed_the_first_before_the_rest_is_looked_for(
    open_screen, monkeypatch
):
    async with open_screen(size=(120, 30)) as screen:
        database = screen.program.database
        for number in range(70):
            say(database, f"Talk {number}", "a grapefruit")
        search, may_go_on = database.search_apart, threading.Event()

        def slowly(text, take):
            search(text, lambda hits: take(hits) and may_go_on.wait(20))

        monkeypatch.setattr(database, "search_apart", slowly)
        await screen.press("ctrl+r", *"grapefruit")
        await screen.until(lambda: "said: a grapefruit" in screen.text())
        assert titles(screen) == [f"Talk {number}" for number in range(69, 69 - SHOWN_FIRST, -1)]
        await screen.press(*["down"] * 9)
        may_go_on.set()
        await screen.until(lambda: len(titles(screen)) == 70)
        assert titles(screen) == [f"Talk {number}" for number in range(69, -1, -1)]
        assert screen.chat.over.rows.item.title == "Talk 60"
