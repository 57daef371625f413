"""Tool calls on the screen: seen as they arrive, decided about by a person, and never by accident."""

import asyncio
import json
import re
import time

import pytest
from textual import events

from tests.ui.fake import Gate, reply
from tui.chat.conversation import Conversation
from tui.chat.export import exported, whole_of
from tui.domain.delta import FinishDelta, TextDelta, ToolCallDelta
from tui.domain.turn import ToolResults
from tui.tools.approval import ARMING_DELAY
from tui.tools.definition import Output, Tool

SCHEMA = {
    "type": "object",
    "properties": {"location": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
    "required": ["location"],
}


@pytest.fixture
def weather():
    """A tool, and the arguments it was run with."""
    runs = []

    async def run(arguments):
        runs.append(dict(arguments))
        return Output('{"temperature": 18}')

    return Tool("get_weather", "The weather", SCHEMA, "command", run), runs


def call(arguments='{"location": "Paris"}', *more):
    deltas = [ToolCallDelta(0, "call_1", "get_weather", arguments), *more, FinishDelta("tool_calls")]
    return [TextDelta("I look. "), *deltas]


async def armed(screen):
    """Go to the question as a person does, and wait until a key counts."""
    if screen.chat.pane_in_focus() is None:
        await screen.press("tab")
    pane = screen.chat.panes.docked("calls")
    await screen.until(lambda: pane._question.is_armed)
    await screen.pilot.pause()


async def test_arguments_fill_the_slots_of_the_schema_as_they_arrive(open_screen, weather):
    gates = [Gate(), Gate()]
    script = [
        ToolCallDelta(0, "call_1", "get_weather", '{"location": "Pa'),
        gates[0],
        ToolCallDelta(0, arguments='ris", "unit": "k"'),
        gates[1],
        ToolCallDelta(0, arguments="}"),
        FinishDelta("tool_calls"),
    ]
    async with open_screen(script, size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.press("ctrl+g")
        screen.chat.composer.focus()
        await screen.say("Weather?")
        await gates[0].reached.wait()
        await screen.until(lambda: '… location  "Pa"' in screen.text())
        assert "▢ unit  c | f" in screen.text()
        gates[0].open()
        await screen.until(lambda: '✓ location  "Paris"' in screen.text())
        gates[1].open()
        await screen.until(lambda: "✗ unit" in screen.text())


async def test_an_approved_call_runs_with_what_was_shown_and_its_result_goes_back(open_screen, weather):
    async with open_screen(call(), reply("It is 18 degrees."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await screen.until(lambda: '"location": "Paris"' in screen.text())
        assert "waiting for you" in screen.text()
        assert "✓ location" not in screen.text(), "the arguments stand there once"
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: len(screen.turns) == 2 and screen.turns[1].state.is_over)
        await screen.pilot.pause()
        assert weather[1] == [{"location": "Paris"}]
        assert isinstance(screen.turns[1].opening, ToolResults)
        assert "It is 18 degrees." in screen.text()


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
@pytest.mark.parametrize("draft", ["", "and Rome"])
async def test_a_question_leaves_the_keys_where_they_are(open_screen, weather, draft, size):
    gate = Gate()
    async with open_screen([gate, *call()], size=size) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await gate.reached.wait()
        await screen.type(draft)
        gate.open()
        await screen.until(lambda: "May this run?" in screen.text())
        assert "Tab to decide" in screen.text()
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            await screen.pilot.pause(0.05)
        await screen.type("thanks")
        assert screen.chat.composer.has_focus
        assert screen.chat.composer.text == draft + "thanks"
        assert weather[1] == []
        assert screen.chat.runner.tools.gate.grants.tools == {}
        await screen.press("ctrl+g")
        assert "Tab to decide" not in screen.text()
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: weather[1] == [{"location": "Paris"}])


async def test_beside_the_wire_a_question_has_room_to_be_read_to_its_end(open_screen, weather):
    async with open_screen(call(), size=(110, 30)) as screen:
        await screen.give_tools(weather[0])
        await screen.press("ctrl+e", "escape")
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await armed(screen)
        await screen.until(lambda: "run once" in screen.text())
        calls, wire = screen.chat.panes.docked("calls"), screen.chat.panes.docked("wire")
        assert calls.size.height > wire.size.height > 4
        await screen.press("a")
        await screen.until(lambda: weather[1] == [{"location": "Paris"}])


async def test_keys_typed_ahead_or_pasted_approve_nothing_however_late_they_are_dealt_with(open_screen, weather):
    async with open_screen(call(), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        typed_at = time.monotonic()
        for key in ("a", "t", "enter"):
            await armed(screen)
            event = events.Key(key, key if len(key) == 1 else "\r")
            event.time = typed_at
            screen.app.post_message(event)
            await screen.pilot.pause()
        await armed(screen)
        screen.chat.post_message(events.Paste("a\ra\r"))
        screen.chat.panes.docked("calls").heads.post_message(events.Paste("aaa"))
        await screen.pilot.pause()
        assert weather[1] == []
        assert "May this run?" in screen.text()
        await armed(screen)
        await screen.press("enter", "space", "y")
        assert weather[1] == []


async def test_no_key_counts_before_the_terminal_has_shown_the_question(open_screen, weather, monkeypatch):
    async with open_screen(call(), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        shown = []
        await screen.press("ctrl+g")
        question = screen.chat.panes.docked("calls")._question
        monkeypatch.setattr(question, "_when_shown", shown.append)
        screen.chat.composer.focus()
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await screen.press("tab")
        await screen.until(lambda: shown)
        until = time.monotonic() + 2 * ARMING_DELAY
        while time.monotonic() < until:
            await screen.pilot.pause(0.05)
        await screen.press("a")
        assert weather[1] == []
        assert "a moment" in screen.text()
        for then in shown:
            then()
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: weather[1] == [{"location": "Paris"}])


async def test_a_click_made_before_the_question_was_shown_approves_nothing(open_screen, weather):
    async with open_screen(call(), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        clicked_at = time.monotonic()
        for counts in (False, True):
            await armed(screen)
            await screen.until(lambda: "a run once" in screen.text())
            y, row = next((at, row) for at, row in enumerate(screen.text().split("\n")) if "a run once" in row)
            x = row.index("a run once")
            for kind in (events.MouseDown, events.MouseUp):
                event = kind(None, x, y, 0, 0, 1, False, False, False, x, y)
                event.time = clicked_at
                screen.app.post_message(event)
            await screen.pilot.pause()
            assert bool(weather[1]) is counts
            clicked_at = float("inf")


async def test_a_denied_call_does_not_run_and_the_model_hears_why(open_screen, weather):
    async with open_screen(call(), reply("As you wish."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await armed(screen)
        await screen.press("d", *"too far", "enter")
        await screen.until(lambda: len(screen.turns) == 2 and screen.turns[1].state.is_over)
        assert weather[1] == []
        assert "too far" in screen.turns[1].opening.results[0].text
        await screen.settled()
        if screen.chat.focused is screen.chat.composer:
            await screen.press("ctrl+g")
        hints = screen.text().splitlines()[-1]
        assert "result" in hints, "the pane of the calls is asked"
        for word in ("run once", "allow", "deny", "run again", "edit"):
            assert word not in hints, "it is over, and was not run"


async def test_a_call_can_be_denied_before_its_arguments_end(open_screen, weather):
    gate = Gate()
    script = [
        ToolCallDelta(0, "call_1", "get_weather", '{"location": "Pa'),
        gate,
        ToolCallDelta(0, arguments='ris"}'),
        FinishDelta("tool_calls"),
    ]
    async with open_screen(script, reply("As you wish."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await gate.reached.wait()
        await screen.press("ctrl+g")
        await screen.until(lambda: "arriving" in screen.text())
        await screen.press("d", *"no need", "enter")
        gate.open()
        await screen.until(lambda: "As you wish." in screen.text())
        assert weather[1] == []
        assert "no need" in screen.turns[1].opening.results[0].text


async def test_edited_arguments_are_shown_again_before_they_run(open_screen, weather):
    async with open_screen(call(), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await armed(screen)
        await screen.press("e")
        assert '"Paris"' in screen.chat.composer.text
        screen.chat.composer.write('{"location": 7}')
        await screen.press("enter")
        assert "location" in screen.chat.key_bar.sentence
        screen.chat.composer.write('{"location": "Rome"}')
        await screen.press("enter")
        assert '"location": "Rome"' in screen.text()
        assert weather[1] == []
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: len(screen.turns) == 2 and screen.turns[1].state.is_over)
        assert weather[1] == [{"location": "Rome"}]
        await screen.pilot.pause()
        (line,) = [row for row in screen.text().split("\n") if 'get_weather  location "Rome"' in row]
        assert "edited by you" in line
        assert "the model asked for" in screen.text()


async def test_a_yes_does_not_run_what_is_being_rewritten(open_screen, weather):
    async with open_screen(call(), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await armed(screen)
        await screen.press("e")
        screen.chat.composer.write('{"location": "Rome"}')
        screen.chat.panes.docked("calls").take_focus()
        question = screen.chat.panes.docked("calls")._question
        await screen.until(lambda: "a moment" in screen.text())
        await screen.until(lambda: question.is_armed and not question.unseen)
        await screen.press("a")
        await screen.pilot.pause()
        assert weather[1] == []
        assert "its arguments are in the composer" in screen.chat.key_bar.sentence
        screen.chat.composer.focus()
        await screen.press("escape")
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: "Mild." in screen.text())
        assert weather[1] == [{"location": "Paris"}]


async def test_a_running_call_says_for_how_long(open_screen, weather):
    may_end = asyncio.Event()

    async def wait(arguments):
        del arguments
        await may_end.wait()
        return Output("done")

    tool = Tool("get_weather", "The weather", SCHEMA, "command", wait)
    async with open_screen(call(), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(tool)
        screen.chat.runner.tools.gate.grants.allow_tool(tool)
        await screen.say("Weather?")
        await screen.press("ctrl+g")
        await screen.until(lambda: screen.text().count("get_weather 1 s") == 1)
        assert re.search(r"● get_weather +1 s", screen.text())
        assert "Esc to the prompt" in screen.text()
        assert "Esc stop" not in screen.text()
        assert "Ctrl+C stop" in screen.text()
        may_end.set()
        await screen.until(lambda: "Mild." in screen.text())


async def test_the_arguments_of_a_call_never_become_the_draft(open_screen, weather):
    async with open_screen(call(), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await screen.type("meanwhile")
        await screen.press("ctrl+g")
        await armed(screen)
        await screen.press("e")
        assert '"Paris"' in screen.chat.composer.text
        screen.chat.composer.keep_draft()
        drafts = screen.program.database.prompts
        await screen.until(lambda: drafts.draft(screen.chat.conversation.session.id) == "meanwhile")
        await screen.press("escape")
        assert screen.chat.composer.text == "meanwhile"
        await screen.press("ctrl+g")
        await armed(screen)
        await screen.press("e")
        screen.chat.composer.write('{"location": "Rome"}')
        await screen.press("enter")
        assert screen.chat.composer.text == "meanwhile"


async def test_esc_gives_a_waiting_call_up_at_the_second_time_only_and_nothing_runs(open_screen, weather):
    async with open_screen(call(), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await screen.press("escape")
        assert screen.chat.runner.is_running
        assert "once more gives it up" in screen.chat.key_bar.sentence
        await screen.press("escape")
        await screen.settled()
        assert weather[1] == []
        assert len(screen.turns) == 1
        await screen.chat.runner.tools.load()
        assert screen.chat.runner.tools.views(screen.turns[0])[0].state == "not run"


async def test_what_is_typed_when_a_question_comes_stays_in_the_composer(open_screen, weather):
    gate = Gate()
    async with open_screen([TextDelta("x"), gate, *call()], size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await gate.reached.wait()
        await screen.type("and a")
        gate.open()
        await screen.until(lambda: "May this run?" in screen.text())
        await screen.type("nother")
        assert screen.chat.composer.text == "and another"
        assert weather[1] == []


async def test_a_call_that_is_not_json_shows_where_it_breaks_and_is_not_run(open_screen, weather):
    async with open_screen(call('{"location": Paris}'), reply("Sorry."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "This cannot run. Tell the model why?" in screen.text())
        assert "not JSON from character 14 on" in screen.text()
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: "Sorry." in screen.text())
        assert weather[1] == []
        assert screen.turns[1].opening.results[0].is_error


async def test_the_raw_fragments_and_the_result_are_a_key_away(open_screen, weather):
    script = call('{"location"', ToolCallDelta(0, arguments=': "Oslo"}'))
    async with open_screen(script, reply("Cold."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        screen.chat.runner.tools.gate.grants.allow_tool(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: len(screen.turns) == 2 and screen.turns[1].state.is_over)
        await screen.press("ctrl+g")
        assert "✓ get_weather" in screen.text()
        await screen.press("tab")
        assert '"temperature": 18' in screen.text()
        await screen.press("tab", "v")
        assert '{"location"' in screen.text()


async def test_the_fragments_stand_there_with_their_times_while_they_arrive(open_screen, weather):
    gate = Gate()
    script = call('{"location"', ToolCallDelta(0, arguments=': "Os'), gate, ToolCallDelta(0, arguments='lo"}'))
    async with open_screen(script, reply("Cold."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        screen.chat.runner.tools.gate.grants.allow_tool(weather[0])
        await screen.say("Weather?")
        await gate.reached.wait()
        await screen.press("ctrl+g", "v")
        await screen.until(lambda: "raw" in screen.text())
        for piece in ('{"location"', ': "Os'):
            pattern = re.compile(rf"\d\.\d{{3}} +\+\d+  {re.escape(piece)}")
            await screen.until(lambda pattern=pattern: pattern.search(screen.text()))
        gate.open()
        await screen.settled()


async def test_arguments_that_are_no_json_are_shown_where_they_break_and_can_be_mended(open_screen, weather):
    async with open_screen(call('{"location": "Par'), reply("Thanks."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "This cannot run. Tell the model why?" in screen.text())
        await screen.until(lambda: "column" in screen.text())
        await armed(screen)
        await screen.press("e")
        screen.chat.composer.write('{"location": "Paris"}')
        await screen.press("enter")
        await screen.until(lambda: "May this run?" in screen.text())
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: "Thanks." in screen.text())
        assert weather[1] == [{"location": "Paris"}]


async def test_the_tool_allowed_for_the_session_runs_no_other_call_that_waits(open_screen, weather):
    script = [
        ToolCallDelta(0, "call_1", "get_weather", '{"location": "Paris"}'),
        ToolCallDelta(1, "call_2", "get_weather", '{"location": "Rome"}'),
        FinishDelta("tool_calls"),
    ]
    async with open_screen(script, size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await armed(screen)
        assert "t allow for this session" in screen.text()
        await screen.press("t")
        await screen.until(lambda: '"location": "Rome"' in screen.text())
        assert weather[1] == [{"location": "Paris"}]
        assert "waiting for you" in screen.text()


async def test_a_tool_switched_off_while_its_call_waits_does_not_run(open_screen, weather):
    async with open_screen(call(), reply("As you wish."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        screen.chat.runner.tools.offer([])
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: len(screen.turns) == 2 and screen.turns[1].state.is_over)
        assert weather[1] == []
        assert "switched off" in screen.turns[1].opening.results[0].text


async def test_the_answer_is_to_be_seen_where_the_question_hid_the_page(open_screen, weather):
    async with open_screen(call(), reply("It is 18 degrees."), size=(80, 24)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: "It is 18 degrees." in screen.text())


async def test_leaving_the_question_says_how_to_come_back(open_screen, weather):
    async with open_screen(call(), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await screen.press("tab")
        assert screen.chat.pane_in_focus() is screen.chat.panes.docked("calls")
        await screen.press("escape")
        assert screen.chat.composer.has_focus
        assert "Tab to decide" in screen.text()


async def test_a_new_conversation_does_not_show_the_calls_of_the_old_one(open_screen, weather):
    async with open_screen(call(), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        screen.chat.runner.tools.gate.grants.allow_tool(weather[0])
        await screen.press("ctrl+g")
        screen.chat.composer.focus()
        await screen.say("Weather?")
        await screen.until(lambda: "Mild." in screen.text())
        assert "✓ get_weather" in screen.text()
        await screen.press("ctrl+n")
        await screen.until(lambda: "no tool was called yet" in screen.text())
        assert "get_weather" not in screen.text()


async def test_running_again_asks_first_and_offers_only_keys_that_mean_something(open_screen, weather):
    async with open_screen(call(), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        screen.chat.runner.tools.gate.grants.allow_tool(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "Mild." in screen.text())
        await screen.press("ctrl+g")
        bottom = screen.text().split("\n")[-1]
        assert "r run again" in bottom
        assert "deny" not in bottom
        typed_ahead = events.Key("a", "a")  # the time of a key is when it came, however late it is dealt with
        await screen.press("r")
        await screen.until(lambda: "Run it once more?" in screen.text())
        question = screen.chat.panes.docked("calls")._question
        await screen.until(lambda: question.is_armed)
        armed_at = question._arming._armed_at
        screen.app.post_message(typed_ahead)
        await screen.until(lambda: question._arming._armed_at > armed_at)
        assert len(weather[1]) == 1, "a key that came before the question was not meant for it"
        await screen.until(lambda: screen.chat.panes.docked("calls")._question.is_armed)
        await screen.press("a")
        await screen.until(lambda: len(weather[1]) == 2)
        assert screen.turns[1].opening.results[0].text == '{"temperature": 18}'


async def test_calls_left_undecided_wait_when_the_session_is_opened_again(open_screen, weather):
    async with open_screen(call(), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        # As a new rillet would, after this one was killed.
        again = Conversation.reopen(screen.program, screen.chat.conversation.session.id)
        again.sheet.tools = screen.chat.conversation.sheet.tools
        screen.chat.sessions.open(again)
        await screen.until(lambda: "Tab to decide" in screen.text())
        assert weather[1] == []
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: "Mild." in screen.text())
        assert weather[1] == [{"location": "Paris"}]


async def test_a_yes_counts_only_once_the_end_of_the_question_was_on_the_screen(open_screen, weather):
    text = "Paris" + " " * 3000 + "and drop every table " + "x" * 4000
    async with open_screen(call(json.dumps({"location": text})), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await armed(screen)
        await screen.until(lambda: "more lines, then a counts" in screen.text())
        assert "<3,000 blanks>" in screen.text()
        await screen.press("a", "t", "a")
        await screen.pilot.pause(0.6)
        await screen.press("a")
        assert weather[1] == []
        for _ in range(10):
            await screen.press("pagedown")
        await screen.until(lambda: "a run once" in screen.text().split("\n")[-1])
        await screen.until(lambda: screen.chat.panes.docked("calls")._question.is_armed)
        await screen.press("a")
        await screen.until(lambda: weather[1] == [{"location": text}])


async def test_a_question_names_the_tool_whose_it_is_what_it_says_of_itself_and_what_would_run(open_screen):
    async def run(_arguments):
        return Output("")

    tool = Tool(
        "files__delete",
        "Deletes a file.",
        SCHEMA,
        "mcp",
        run,
        server="files",
        hints=("destructive", "open world"),
        preview=lambda arguments: f"tools/call delete at files-server --path={arguments['location']}",
    )
    script = [ToolCallDelta(0, "call_1", "files__delete", '{"location": "/etc"}'), FinishDelta("tool_calls")]
    async with open_screen(script, size=(140, 40)) as screen:
        await screen.give_tools(tool)
        await screen.say("Clean up")
        await screen.until(lambda: "May this run?" in screen.text())
        for words in (
            "files__delete",
            "of the MCP server files",
            "Deletes a file.",
            "the server says: destructive",
            '"location": "/etc"',
            "runs tools/call delete at files-server",
        ):
            await screen.until(lambda words=words: words in screen.text())


async def test_an_exported_conversation_says_what_became_of_a_call(open_screen, weather):
    async with open_screen(call(), reply("Mild."), size=(140, 40)) as screen:
        await screen.give_tools(weather[0])
        screen.chat.runner.tools.gate.grants.allow_tool(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: "Mild." in screen.text())
        turn = screen.turns[0]
        turn.tool_calls[0].edited = '{"location":"Rome"}'
        session = whole_of(screen.chat.conversation)
        assert "**Calls `get_weather`** (done, arguments edited by the user)" in exported(session, "markdown")
        assert '"location": "Rome"' in exported(session, "markdown")
        (told,) = json.loads(exported(session, "json"))["turns"][0]["reply"]["tool_calls"]
        assert told["arguments"] == '{"location": "Paris"}'
        assert told["edited"] == '{"location":"Rome"}'
        assert told["outcome"]["state"] == "done"
        assert '"temperature": 18' in told["outcome"]["text"]
