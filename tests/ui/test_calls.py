"""Tool calls on the screen: seen as they arrive, decided about by a person, and never by accident."""

import time

import pytest
from textual import events

from tests.ui.fake import Gate, reply
from tui.domain.delta import FinishDelta, TextDelta, ToolCallDelta
from tui.domain.turn import ToolResults
from tui.tools.definition import Output, Tool
from tui.tools.registry import Registry

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
    pane = screen.chat.docked("calls")
    await screen.until(lambda: pane._is_armed())
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
        screen.program.registry = Registry([weather[0]])
        await screen.chat.flow.calling.load()
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
        screen.program.registry = Registry([weather[0]])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        assert "waiting for you" in screen.text()
        assert '"location": "Paris"' in screen.text()
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: len(screen.turns) == 2 and screen.turns[1].state.is_over)
        await screen.pilot.pause()
        assert weather[1] == [{"location": "Paris"}]
        assert isinstance(screen.turns[1].opening, ToolResults)
        assert "It is 18 degrees." in screen.text()


@pytest.mark.parametrize("draft", ["", "and Rome"])
async def test_a_question_takes_the_keys_unless_something_is_being_written(open_screen, weather, draft):
    gate = Gate()
    async with open_screen([gate, *call()], size=(140, 40)) as screen:
        screen.program.registry = Registry([weather[0]])
        await screen.press("ctrl+g")
        screen.chat.composer.focus()
        await screen.say("Weather?")
        await gate.reached.wait()
        await screen.type(draft)
        gate.open()
        await screen.until(lambda: "May this run?" in screen.text())
        await screen.pilot.pause()
        assert screen.chat.composer.has_focus is bool(draft)
        assert ("Tab to decide" in screen.text()) is bool(draft)
        assert screen.chat.composer.text == draft


async def test_keys_held_down_typed_ahead_or_pasted_approve_nothing(open_screen, weather):
    async with open_screen(call(), size=(140, 40)) as screen:
        screen.program.registry = Registry([weather[0]])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            await screen.pilot.press("a")
            await screen.pilot.press("enter")
        screen.chat.post_message(events.Paste("a\ra\r"))
        screen.chat.docked("calls").heads.post_message(events.Paste("aaa"))
        await screen.pilot.pause()
        assert weather[1] == []
        assert "May this run?" in screen.text()
        await armed(screen)
        await screen.press("enter", "space", "y")
        assert weather[1] == []


async def test_a_denied_call_does_not_run_and_the_model_hears_why(open_screen, weather):
    async with open_screen(call(), reply("As you wish."), size=(140, 40)) as screen:
        screen.program.registry = Registry([weather[0]])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await armed(screen)
        await screen.press("d", *"too far", "enter")
        await screen.until(lambda: len(screen.turns) == 2 and screen.turns[1].state.is_over)
        assert weather[1] == []
        assert "too far" in screen.turns[1].opening.results[0].text


async def test_a_call_can_be_denied_before_its_arguments_end(open_screen, weather):
    gate = Gate()
    script = [
        ToolCallDelta(0, "call_1", "get_weather", '{"location": "Pa'),
        gate,
        ToolCallDelta(0, arguments='ris"}'),
        FinishDelta("tool_calls"),
    ]
    async with open_screen(script, reply("As you wish."), size=(140, 40)) as screen:
        screen.program.registry = Registry([weather[0]])
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
        screen.program.registry = Registry([weather[0]])
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


async def test_esc_stops_the_round_and_nothing_runs(open_screen, weather):
    async with open_screen(call(), size=(140, 40)) as screen:
        screen.program.registry = Registry([weather[0]])
        await screen.say("Weather?")
        await screen.until(lambda: "May this run?" in screen.text())
        await screen.press("escape", "escape")
        await screen.settled()
        assert weather[1] == []
        assert len(screen.turns) == 1
        await screen.chat.flow.calling.load()
        assert screen.chat.flow.calling.views(screen.turns[0])[0].state == "not run"


async def test_what_is_typed_when_a_question_comes_stays_in_the_composer(open_screen, weather):
    gate = Gate()
    async with open_screen([TextDelta("x"), gate, *call()], size=(140, 40)) as screen:
        screen.program.registry = Registry([weather[0]])
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
        screen.program.registry = Registry([weather[0]])
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
        screen.program.registry = Registry([weather[0]])
        screen.chat.flow.calling._registry = screen.program.registry
        screen.chat.flow.calling.gate.grants.allow_tool(weather[0])
        await screen.say("Weather?")
        await screen.until(lambda: len(screen.turns) == 2 and screen.turns[1].state.is_over)
        await screen.press("ctrl+g")
        assert "✓ get_weather" in screen.text()
        await screen.press("tab")
        assert '"temperature": 18' in screen.text()
        await screen.press("tab", "v")
        assert '{"location"' in screen.text()


async def test_arguments_that_are_no_json_are_shown_where_they_break_and_can_be_mended(open_screen, weather):
    async with open_screen(call('{"location": "Par'), reply("Thanks."), size=(140, 40)) as screen:
        screen.program.registry = Registry([weather[0]])
        await screen.say("Weather?")
        await screen.until(lambda: "This cannot run. Tell the model why?" in screen.text())
        assert "column" in screen.text()
        await armed(screen)
        await screen.press("e")
        screen.chat.composer.write('{"location": "Paris"}')
        await screen.press("enter")
        await screen.until(lambda: "May this run?" in screen.text())
        await armed(screen)
        await screen.press("a")
        await screen.until(lambda: "Thanks." in screen.text())
        assert weather[1] == [{"location": "Paris"}]
