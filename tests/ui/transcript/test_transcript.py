"""What a page shows while a reply streams and when it has ended."""

import asyncio
import re
from itertools import count

import pytest

from tests.ui.transcript.showing import asked, come, paragraphs, replied, rows, showing
from tui.domain.delta import (
    CitationDelta,
    FinishDelta,
    IdentityDelta,
    ReasoningDelta,
    RefusalDelta,
    ServerToolDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from tui.domain.error import BrokenError, LimitError, StreamError
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.turn import Continuation, Prompt, ToolResults, Turn, TurnState
from tui.domain.usage import Usage
from tui.page.entry import TOP
from tui.page.page import Place
from tui.typeset.document import Document
from tui.ui.transcript import NewBelow
from tui.ui.transcript.feed import BUDGET
from tui.ui.transcript.overlay.cursor import Stop


def finish(page, turn, state=TurnState.COMPLETE, error=None):
    turn.end(state, error)
    page.end_turn(turn)


async def test_a_prompt_stands_verbatim_and_the_reply_is_set():
    async with showing() as (_, page):
        turn = asked("say **this**\n  indented")
        page.add_turn(turn)
        come(page, turn, TextDelta("it is **bold**"))
        assert rows(page)[:8] == ["", "▎ You", "▎ say **this**", "▎   indented", "", "  grok-4", "  it is bold", ""]


async def test_the_first_words_show_before_feed_returns():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta("Hel"))
        assert "  Hel" in rows(page)


async def test_the_name_is_that_of_the_model_that_answered():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        assert "  grok-4" in rows(page)
        come(page, turn, IdentityDelta(model="grok-4-0709"))
        assert "  grok-4-0709" in rows(page)


async def test_thoughts_show_their_last_rows_and_fold_when_the_answer_begins():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, ReasoningDelta(paragraphs(20, "thought")))
        shown = rows(page)
        assert "  ▾ thinking…" in shown
        assert "    thought 19" in shown
        assert "    thought 10" not in shown
        turn.timing.reasoning_began_at, turn.timing.reasoning_ended_at = 1.0, 2.2
        come(page, turn, TextDelta("so"))
        shown = rows(page)
        assert shown[shown.index("  ▸ thought for 1.2 s") :][1:3] == ["", "  so"]


async def test_tool_calls_grow_on_one_line_and_say_how_they_stand():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta("I look."), ToolCallDelta(0, "c1", "get_weather", '{"location":'))
        assert '  … get_weather  {"location":' in rows(page)
        come(page, turn, ToolCallDelta(0, arguments='"Paris","unit":"c"}'), FinishDelta("tool_calls"))
        finish(page, turn)
        assert '  → get_weather  location "Paris"  unit "c"' in rows(page)
        page.mark_call(turn, 0, "waiting", "waiting for you")
        line = next(row for row in rows(page) if "get_weather" in row)
        assert line.startswith('  ? get_weather  location "Paris"')
        assert line.endswith("waiting for you")
        page.add_turn(Turn(ToolResults((ToolResultPart("c1", "18 degrees\nand more"),)), model="grok-4"))
        assert any(row.startswith("  ? get_weather") for row in rows(page)), "what was said of the call stays"
        assert "  ↳ 18 degrees …" in rows(page)


async def test_a_call_whose_result_was_sent_is_done_in_a_loaded_conversation():
    asks, answers = asked(), Turn(ToolResults((ToolResultPart("c1", "x", is_error=True),)), model="grok-4")
    for delta in (ToolCallDelta(0, "c1", "f", "{}"), FinishDelta("tool_calls")):
        asks.apply(delta)
    asks.end(TurnState.COMPLETE)
    async with showing() as (_, page):
        page.load([asks, answers])
        assert "  ✖ f" in rows(page)


async def test_calls_of_a_broken_reply_are_marked_as_not_run():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, ToolCallDelta(0, "c1", "f", '{"a'))
        finish(page, turn, TurnState.FAILED, BrokenError("the connection broke"))
        assert '  – f  {"a' in rows(page)


async def test_refusals_server_tools_and_sources_have_blocks_of_their_own():
    async with showing(height=40) as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(
            page,
            turn,
            ServerToolDelta(
                0, {"type": "web_search_call", "status": "in_progress", "action": {"query": "paris weather"}}
            ),
            TextDelta("Mild."),
            RefusalDelta("not that"),
            CitationDelta("https://example.org/a", "A page"),
        )
        shown = rows(page)
        assert "  ● web_search  paris weather  at the endpoint, in progress" in shown
        come(page, turn, ServerToolDelta(0, {"type": "web_search_call", "status": "completed"}))
        shown = rows(page)
        assert "  ✓ web_search  at the endpoint" in shown
        at = shown.index("  Mild.")
        assert shown[at:][:7] == [
            "  Mild.",
            "",
            "  The model declined",
            "  not that",
            "",
            "  Sources",
            "  [1] A page  https://example.org/a",
        ]


async def test_a_part_that_the_endpoint_states_anew_is_shown_as_stated():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta("one"), TextDelta("\n\ntwo"), TextDelta("second part", part=1))
        come(page, turn, TextDelta("one\n\nthree", replaces=True))
        shown = rows(page)
        assert [row for row in shown if row][2:] == ["  grok-4", "  one", "  three", "  second part"]
        assert shown[shown.index("  three") + 1 :][:2] == ["", "  second part"], "a blank line between two messages"
        come(page, turn, TextDelta("another part", part=1, replaces=True))
        shown = rows(page)
        assert shown[shown.index("  three") + 1 :][:2] == ["", "  another part"]


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        (TurnState.STOPPED, None, "■ stopped by you after 3 words, kept"),
        (
            TurnState.STOPPED,
            StreamError("the terminal was closed"),
            "■ the terminal was closed after 3 words, kept",
        ),
        (TurnState.TRUNCATED, None, "✂ ended early after 3 words, kept"),
        (TurnState.FAILED, BrokenError("connection reset"), "✖ connection reset after 3 words, kept"),
        (
            TurnState.LIMIT,
            LimitError("the reply is longer than 8 MB", limit="reply"),
            "✂ the reply is longer than 8 MB after 3 words, kept",
        ),
    ],
)
async def test_an_ending_that_is_not_well_says_what_happened_and_what_was_kept(state, error, words):
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta("one two three"))
        finish(page, turn, state, error)
        shown = rows(page)
        assert f"  {words}" in shown
        assert any("Alt+R retry" in row and "Alt+C continue" in row for row in shown)


async def test_an_error_gives_its_advice_and_offers_no_continuation_of_nothing():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        finish(page, turn, TurnState.FAILED, BrokenError("connection refused", "Is the server running?"))
        shown = [row for row in rows(page) if row]
        assert shown[-3:] == [
            "  ✖ connection refused",
            "  Is the server running?",
            "  Alt+R retry · Alt+E edit",
        ]


async def test_a_good_ending_tells_what_it_took():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta("yes"), UsageDelta(Usage(output=210)), FinishDelta("stop"))
        turn.timing.sent_at, turn.timing.first_delta_at, turn.timing.ended_at = 0.0, 0.31, 2.41
        finish(page, turn)
        assert "  complete · first token 0.31 s · 2.4 s · 100 tok/s · 210 out" in rows(page)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("length", "✂ cut at the token limit"),
        ("content_filter", "✂ filtered"),
        ("odd", "✂ stopped with the reason “odd”"),
        ("tool_calls", "asked for tools"),
    ],
)
async def test_why_the_model_stopped_is_told(reason, words):
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta("x"), FinishDelta(reason))
        finish(page, turn)
        assert f"  {words}" in rows(page)


async def test_an_empty_reply_is_not_an_empty_page():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, FinishDelta("stop"))
        finish(page, turn)
        assert "  The reply is empty." in rows(page)


async def test_a_continuation_is_told_and_images_are_named():
    async with showing() as (_, page):
        page.add_turn(Turn(Prompt("look", (ImagePart("data:image/png;base64," + "A" * 4096),)), model="m"))
        page.add_turn(Turn(Continuation(), model="m"))
        shown = rows(page)
        assert "▎ ▣ image/png, 3.1 KB" in shown
        assert "  go on" in shown


async def test_the_end_of_a_turn_paints_everything_before_it_returns():
    async with showing() as (_, page):
        turn = asked()
        page.add_turn(turn)
        turn.apply(TextDelta(paragraphs(4000)))
        finish(page, turn)
        assert "  word 3999" in rows(page)
        assert page.turn_feed.count_backlog() == 0


async def test_a_large_batch_is_painted_in_slices_and_nothing_of_it_is_lost(monkeypatch):
    monkeypatch.setattr("tui.ui.transcript.feed.perf_counter", count(step=BUDGET / 8).__next__)
    async with showing() as (pilot, page):
        turn = asked()
        page.add_turn(turn)
        ticks = 0
        come(page, turn, TextDelta(paragraphs(6000)))
        assert page.turn_feed.count_backlog() > 0
        while page.turn_feed.count_backlog():
            await pilot.pause(0.01)
            ticks += 1
            assert ticks < 1000
        assert "  word 5999" in rows(page)


class Slow:
    """A clock on which everything takes half a second, until it stands still."""

    now, step = 0.0, 0.5

    def __call__(self):
        self.now += self.step
        return self.now


async def test_a_turn_that_stands_in_for_another_is_shown_whole_also_where_laying_out_is_slow(monkeypatch):
    slow = Slow()
    monkeypatch.setattr("tui.page.reply_text.perf_counter", slow)
    monkeypatch.setattr("tui.page.replayed.LONG", 1)
    async with showing() as (pilot, page):
        earlier, later = asked(id="s.1"), asked(id="s.1")
        earlier.apply(TextDelta(paragraphs(500)))
        later.apply(TextDelta(paragraphs(500)))
        later.apply(TextDelta(paragraphs(500, start=500)))
        page.add_turn(earlier)
        page.swap(earlier, later, earlier)
        assert page.turn_feed.count_backlog() > 0
        slow.step = 0.0
        async with asyncio.timeout(30):
            while page.turn_feed.count_backlog():
                await pilot.pause(0.01)
        assert "  word 999" in rows(page)


async def test_a_long_turn_is_put_back_behind_what_was_played_of_it(monkeypatch):
    monkeypatch.setattr("tui.page.replayed.LONG", 1)
    async with showing() as (pilot, page):
        played, recorded = asked(id="s.1"), asked(id="s.1")
        played.apply(TextDelta(paragraphs(500)))
        recorded.apply(TextDelta(paragraphs(500)))
        recorded.apply(TextDelta(paragraphs(500, start=500)))
        page.add_turn(played)
        shown = page.page.entries[-1]
        page.feed(played, [])
        block = shown.parts[1].blocks[10]
        page.swap(played, recorded)
        assert page.turn_feed.count_backlog() > 0, "it is not waited for"
        assert page.page.entries[-1].parts[1].blocks[10] is block, "what stands there is not typeset again"
        async with asyncio.timeout(30):
            while page.turn_feed.count_backlog():
                await pilot.pause(0.01)
        assert "  word 999" in rows(page)


async def test_text_that_is_slow_to_lay_out_is_taken_in_smaller_pieces(monkeypatch):
    slow = Slow()
    monkeypatch.setattr("tui.page.reply_text.perf_counter", slow)
    monkeypatch.setattr("tui.ui.transcript.feed.BUDGET", 60.0)
    async with showing() as (pilot, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta(paragraphs(500)))
        assert page.turn_feed.count_backlog() == 0
        come(page, turn, TextDelta(paragraphs(500)))
        assert page.turn_feed.count_backlog() > 0
        slow.step = 0.0
        while page.turn_feed.count_backlog():
            await pilot.pause(0.01)
        assert "  word 499" in rows(page)


async def test_only_the_last_screenful_of_a_long_conversation_is_typeset(monkeypatch):
    made = 0
    begin = Document.__init__

    def count(self):
        nonlocal made
        made += 1
        begin(self)

    monkeypatch.setattr(Document, "__init__", count)
    turns = [replied(f"**reply** {number}\n\n" + "some words here " * 40, f"prompt {number}") for number in range(5000)]
    async with showing() as (_, page):
        page.load(turns)
        assert made < 10
        assert any("reply 4999" in row for row in rows(page))
        page.scroll_home(animate=False)
        assert "▎ prompt 0" in rows(page)
        assert made < 20


async def test_entries_far_from_the_reader_are_forgotten():
    turns = [replied(f"reply {number}", f"prompt {number}") for number in range(600)]
    async with showing() as (pilot, page):
        page.load(turns)
        for _ in range(200):
            page.scroll_page_up(animate=False)
            await pilot.pause(0)
        async with asyncio.timeout(60):
            while sum(entry.is_built for entry in page.page.entries) >= 250:
                await pilot.pause(0.01)


async def test_new_lines_below_are_counted_until_the_end_is_seen():
    async with showing() as (pilot, page):
        turn = asked()
        page.add_turn(turn)
        come(page, turn, TextDelta(paragraphs(40)))
        page.scroll_relative(y=-10, animate=False)
        assert not page.scroller.follow
        come(page, turn, TextDelta("\n\n" + paragraphs(3, "new")))
        await pilot.pause()
        assert pilot.app.heard_of(NewBelow)[-1].count == 6
        page.jump_end()
        await pilot.pause()
        assert pilot.app.heard_of(NewBelow)[-1].count == 0
        assert page.scroller.follow
        assert "  new 2" in rows(page)


async def test_lines_that_the_reader_unfolds_or_that_are_measured_anew_are_not_called_new():
    async with showing() as (pilot, page):
        turn = asked()
        page.load(
            [replied(f"reply {number}\n\n" + "some words here " * 40, f"prompt {number}") for number in range(200)]
        )
        page.add_turn(turn)
        come(page, turn, ReasoningDelta(paragraphs(30, "thought")), TextDelta(paragraphs(12)))
        turn.end(TurnState.COMPLETE)
        page.end_turn(turn)
        page.scroll_relative(y=-4, animate=False)
        for _ in range(100):
            page.scroller.improve()
        page.cursor.put(Stop(len(page.page.entries) - 1, 0, 1))
        page.blocks.toggle_fold()
        page.scroller.tell_below()
        await pilot.resize_terminal(60, 25)
        await pilot.pause()
        page.scroll_relative(y=-1, animate=False)
        await pilot.pause()
        assert not any(notice.count for notice in pilot.app.heard_of(NewBelow))


async def test_a_page_that_is_cleared_or_loaded_anew_shows_nothing_of_before():
    async with showing() as (_, page):
        page.load([replied("old words")])
        page.load([replied("new words")])
        assert "  new words" in rows(page)
        assert "  old words" not in rows(page)
        page.clear()
        assert not any(rows(page))


HOSTILE = (
    "\x1b[2J\x9b31m\x07\x00\x7f\x1b]52;c;aGk=\x1b\\ \u202eevil &#27;[0m &#x202e; \r\x85\u2028 [x](javascript:alert) end"
)


async def test_nothing_foreign_reaches_the_screen_unprintable():
    async with showing(width=200, height=100) as (_, page):
        turn = Turn(Prompt(HOSTILE, (ImagePart(HOSTILE),)), model=HOSTILE)
        page.add_turn(turn)
        come(page, turn, ReasoningDelta(HOSTILE))
        page.blocks.toggle_fold()
        come(
            page,
            turn,
            IdentityDelta(HOSTILE),
            ServerToolDelta(0, {"type": HOSTILE, "status": HOSTILE, "name": HOSTILE, "action": {"query": HOSTILE}}),
            TextDelta(
                f"{HOSTILE}\n\n```{HOSTILE}\n{HOSTILE}\n```\n\n| {HOSTILE} |\n|-|\n| {HOSTILE} |\n\n- {HOSTILE}\n"
            ),
            RefusalDelta(HOSTILE),
            ToolCallDelta(0, HOSTILE, HOSTILE, HOSTILE),
            ToolCallDelta(1, "", "f", '{"' + "a\\u001b\\u202e" + '": "\\u009b\\u001b"}'),
            CitationDelta(f"https://x/{HOSTILE}", HOSTILE),
            FinishDelta(HOSTILE, HOSTILE),
        )
        page.mark_call(turn, 0, "failed", HOSTILE)
        finish(page, turn, TurnState.FAILED, BrokenError(HOSTILE, HOSTILE))
        done = replied("x")
        done.finish_reason = HOSTILE
        page.add_turn(done)
        page.add_turn(Turn(ToolResults((ToolResultPart(HOSTILE, HOSTILE),)), model="m"))
        page.page.firm_down(Place(0, TOP), page.page.total)
        text = "\n".join(
            page.renderer.strip_of(row, page.viewport.columns).text for row in range(page.page.total)
        ).replace("\n", "")
        assert text.count("evil") > 15
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202e\u2028]", text)
