"""All turns of a conversation on one scale: which was slow is seen, and its wire is a key away."""

import pytest

from tests.ui.fake import Played
from tests.ui.script import ending, tape, words
from tui.domain.tape import FailedAttempt, Head, Read, SentRequest, TapeEnd
from tui.domain.timing import Timing
from tui.domain.turn import Prompt, Turn, TurnState
from tui.page.line import width_of
from tui.page.tape_times import timeline_of
from tui.page.waterfall import heading, turn_line
from tui.ui.panes.compare import ComparePane


def slow(at):
    made = tape(*words("One two three.", at), *ending(at + 4.0))
    return [Played(made)]


async def test_the_turns_stand_on_one_scale_and_lead_to_their_wires(open_screen):
    async with open_screen(slow(0.3), slow(9.0), size=(160, 40)) as screen:
        for prompt in ("Quick", "Slow"):
            await screen.say(prompt)
            await screen.settled()
        await screen.say("/turns")
        await screen.until(lambda: screen.text().count("╍ 4.0 s ╍") == 2)
        late = next(row for row in screen.text().splitlines() if "✓ Slow " in row)
        assert "─ 9 s ─" in late
        await screen.press("up", "enter")
        await screen.until(lambda: screen.chat.panes.docked("wire") is not None)
        assert screen.chat.panes.docked("wire").turn is screen.turns[0]


async def test_a_long_conversation_is_shown_from_its_end_and_the_rest_follows(open_screen, monkeypatch):
    monkeypatch.setattr("tui.ui.panes.waterfall.AT_ONCE", 2)
    async with open_screen(slow(9.0), *(slow(0.3) for _ in range(4)), size=(160, 40)) as screen:
        for number in range(5):
            await screen.say(f"Ask {number}")
            await screen.settled()
        await screen.say("/turns")
        await screen.until(lambda: len(screen.chat.over.rows.items) == 5)
        assert [*screen.chat.over.rows.items] == [turn.id for turn in screen.turns]
        assert screen.chat.over.rows.item == screen.turns[-1].id
        await screen.until(lambda: "─ 9 s ─" in next(row for row in screen.text().splitlines() if "✓ Ask 0 " in row))


async def test_two_answers_are_compared_in_words_in_frames_and_in_time(open_screen):
    async with open_screen(slow(0.3), slow(9.0), size=(160, 30)) as screen:
        await screen.say("Count")
        await screen.settled()
        await screen.press("alt+r")
        await screen.settled()
        await screen.say("/compare")
        await screen.until(lambda: screen.text().count("longest gap 4.0 s") == 2)
        left, right = next(row for row in screen.text().splitlines() if "─ 9 s ─" in row).split(" │ ")
        assert "╍ 4.0 s ╍" in right
        assert left.index("■") > 45
        assert right.index("■") < 30, "on the scale of the other"
        assert "One two three." in screen.text()


async def test_the_words_in_which_two_answers_differ_stand_out(open_screen):
    one, other = (
        [Played(tape(*words(text, 0.3), *ending(1.0)))]
        for text in ("The sky is blue today, as always.", "The sky is grey today, as always.")
    )
    async with open_screen(one, other, size=(160, 30)) as screen:
        await screen.say("Look up")
        await screen.settled()
        await screen.press("alt+r")
        await screen.settled()
        await screen.say("/compare")
        await screen.until(lambda: "blue" in screen.text() and "grey" in screen.text())
        pane = screen.chat.query_one(ComparePane)
        runs = [run for pair in pane.rows.items for side in pair for run in side]
        assert {text.strip() for text, key in runs if not key and text.strip()} == {"blue", "grey"}
        assert ("The sky is ", "muted") in [(text if text.endswith(" ") else f"{text} ", key) for text, key in runs]


def test_what_keeps_a_connection_alive_breaks_no_silence_and_a_refused_attempt_is_a_part_of_the_time():
    kept = tape(*words("One two three.", 0.3), *ending(4.3), prompt="Count")
    alive = [Read(1.0 + number / 2, b": keep-alive\n\n") for number in range(6)]
    kept.reads = sorted([*kept.reads, *alive], key=lambda read: read.at)
    kept.attempts = [
        FailedAttempt(SentRequest("POST", "", {}, {}), Head(429, {}, 0.1), [], TapeEnd(5.0, "refused"), 2.0)
    ]
    (line,) = ["".join(text for text, _ in turn_line(Turn(Prompt("p")), 12.0, timeline_of(kept), 140))]
    assert "✖╌╌" in line
    assert "11.3 s" in line
    assert "4.0 s" in line


async def test_a_turn_fits_its_line(open_screen):
    async with open_screen(slow(0.3)) as screen:
        await screen.say("A prompt of several words\nand lines 日本語 " * 3)
        await screen.settled()
        (turn,) = screen.turns
        for width in (50, 76, 96, 136, 190):
            for timeline in (None, timeline_of(screen.chat.conversation.replies.tape(turn))):
                assert width_of(turn_line(turn, 5.0, timeline, width)) <= width
            assert width_of(heading(width)) <= width


def test_what_was_waited_for_longer_has_the_longer_line():
    def line(latency, duration):
        turn = Turn(Prompt("p"), timing=Timing.from_record({"latency": latency, "duration": duration}))
        turn.end(TurnState.COMPLETE)
        return "".join(text for text, _ in turn_line(turn, 13.0, None, 120))

    assert line(0.3, 4.3).count("─") < line(9.0, 13.0).count("─")
    assert line(9.0, 13.0).count("█") == pytest.approx(line(0.3, 4.3).count("█"), abs=1)
    assert "13 s" in line(9.0, 13.0)
