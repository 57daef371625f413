"""A race on the screen: answers side by side as they come, one of them kept; and the statistics."""

from tests.ui.fake import Gate, Played, reply
from tests.ui.script import ending, tape, words
from tui.domain.delta import TextDelta
from tui.domain.error import BrokenError
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.figures import Figures
from tui.ui.panes import stats


async def test_answers_stand_side_by_side_and_one_is_kept(open_screen):
    gate = Gate()
    async with open_screen(
        reply("First."), [TextDelta("Slow "), gate, *reply("answer.")], reply("Quick answer."), size=(140, 40)
    ) as screen:
        await screen.say("hi")
        await screen.settled()
        await screen.say("/race grok-4 grok-4-fast")
        await screen.until(lambda: "Quick answer." in screen.text() and "Slow" in screen.text())
        row = next(line for line in screen.text().splitlines() if "Slow" in line)
        assert "Quick answer." in row
        assert "grok-4-fast" in screen.text()
        assert "Esc stop, and go back" in screen.text()
        await screen.press("enter")
        await screen.until(lambda: "still being written" in screen.text())
        gate.open()
        await screen.until(lambda: "Slow answer." in screen.text() and "Esc go back" in screen.text())
        await screen.press("right", "enter")
        await screen.until(lambda: "kept; the other answers" in screen.text())
        assert screen.turns[-1].text == "Quick answer."
        assert screen.chat.conversation.sheet.model == "grok-4-fast"
        assert len(screen.chat.conversation.tree.siblings(screen.turns[-1])) == 3


async def test_columns_are_stacked_where_there_is_no_room(open_screen):
    async with open_screen(reply("First."), reply("One answer."), reply("Other answer."), size=(80, 40)) as screen:
        await screen.say("hi")
        await screen.settled()
        await screen.say("/race grok-4 grok-4-fast")
        await screen.until(lambda: "One answer." in screen.text() and "Other answer." in screen.text())
        rows = screen.text().splitlines()
        one = next(at for at, line in enumerate(rows) if "One answer." in line)
        other = next(at for at, line in enumerate(rows) if "Other answer." in line)
        assert other > one + 3


async def test_a_column_offers_no_keys_that_do_something_else_there(open_screen):
    failure = [TextDelta("Half"), BrokenError("the connection was cut", "Try again.")]
    async with open_screen(reply("First."), failure, reply("Whole."), size=(140, 30)) as screen:
        await screen.say("hi")
        await screen.settled()
        await screen.say("/race grok-4 grok-4-fast")
        await screen.until(lambda: "connection was cut" in screen.text() and "quickest" in screen.text())
        text = screen.text()
        assert "ask again" not in text
        assert "Alt+R" not in text
        assert "grok-4-fast · xAI" in text
        assert len([line for line in text.splitlines() if "grok-4-fast" in line]) == 1, (
            "the head alone says who answers"
        )


async def test_stacked_the_answer_that_is_chosen_has_most_room(open_screen):
    long = "\n\n".join(f"Line {number}." for number in range(30))
    answers = [reply(f"{long}\n\nEnd {number}.") for number in range(4)]
    async with open_screen(reply("First."), *answers, size=(80, 24)) as screen:
        await screen.say("hi")
        await screen.settled()
        await screen.say("/race a b c d")
        await screen.until(lambda: all(f"End {number}." in screen.text() for number in range(4)))
        heights = [view.page.size.height for view in screen.chat.panes.over.views]
        assert heights == [5, 1, 1, 1]
        await screen.press("right")
        await screen.until(lambda: [view.page.size.height for view in screen.chat.panes.over.views] == [1, 5, 1, 1])


async def test_the_times_are_read_to_their_end_however_little_is_read_at_once(open_screen, monkeypatch):
    monkeypatch.setattr("tui.ui.panes.race.BUDGET", 0.0)
    monkeypatch.setattr("tui.ui.panes.race.LOOK_EVERY", 0.01)
    many = [Played(tape(*words("word " * 60, 0.1), *ending(2.0))) for _ in range(2)]
    async with open_screen(reply("First."), *([each] for each in many), size=(140, 30)) as screen:
        await screen.say("hi")
        await screen.settled()
        await screen.say("/race grok-4 grok-4-fast")
        await screen.until(lambda: screen.chat.panes.over is not None and len(screen.chat.panes.over.views) == 2)
        await screen.until(lambda: all(view.wire.timeline.end_kind for view in screen.chat.panes.over.views))


async def test_a_race_that_is_left_is_stopped_and_the_conversation_is_where_it_was(open_screen):
    gate = Gate()
    async with open_screen(
        reply("First."), [TextDelta("Slow"), gate], [TextDelta("Slower"), Gate()], size=(140, 40)
    ) as screen:
        await screen.say("hi")
        await screen.settled()
        await screen.say("/race grok-4 grok-4-fast")
        await screen.until(lambda: "Slower" in screen.text())
        await screen.press("escape")
        await screen.until(lambda: "First." in screen.text())
        assert screen.turns[-1].text == "First."
        others = [turn for turn in screen.chat.conversation.tree.siblings(screen.turns[-1]) if turn.text != "First."]
        await screen.until(lambda: all(turn.state is TurnState.STOPPED for turn in others))
        assert len(others) == 2


async def test_what_cannot_race_is_told(open_screen):
    async with open_screen(reply("First.")) as screen:
        await screen.say("hi")
        await screen.settled()
        await screen.say("/race a b c d e")
        await screen.until(lambda: "5 are more than" in screen.text())
        await screen.say("/race")
        await screen.until(lambda: "name who runs" in screen.text())
        assert len(screen.turns) == 1


async def test_statistics_show_a_row_for_each_model_and_day(open_screen):
    async with open_screen(reply("First."), size=(140, 30)) as screen:
        await screen.say("hi")
        await screen.settled()
        await screen.say("/stats")
        await screen.until(lambda: "all complete" in screen.text())
        text = screen.text()
        assert "Where the time and the money went" in text
        assert "first token" in text
        assert "1 turn in " in text
        assert " · price unknown" in text
        assert "grok-4" in text
        await screen.press("f3")
        await screen.press("f3")
        await screen.until(lambda: "grok-4 " not in screen.text().split("Where the time")[1].split("─")[0])


async def test_keys_go_on_while_very_much_is_counted_and_closing_the_pane_ends_it(open_screen, monkeypatch):
    turn = Turn(Prompt(""), model="grok-4")
    turn.state = TurnState.COMPLETE
    counted = 0

    def endless(_database):
        nonlocal counted
        while True:
            counted += 1
            yield Figures(0.0, turn)

    monkeypatch.setattr(stats, "read_figures", endless)
    async with open_screen(size=(140, 30)) as screen:
        await screen.say("/stats")
        await screen.until(lambda: " turns are counted" in screen.text())
        before = counted
        await screen.press("f3")  # other rows, once there are some
        await screen.until(lambda: counted > before)
        await screen.press("escape")
        await screen.until(lambda: "Where the time" not in screen.text())
        await screen.type("hello")
        assert screen.chat.composer.text == "hello"
        at_the_end = counted
        await screen.type("!")
        assert counted == at_the_end
