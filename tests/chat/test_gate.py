"""What becomes of tool calls between a complete reply and the turn that answers it."""

import asyncio

import pytest

from tui.chat.conversation import exhaust
from tui.chat.gate import Gate, is_waiting
from tui.domain.turn import ToolResults
from tui.tools.approval import Grants, Pattern
from tui.tools.definition import Output, Tool
from tui.tools.runner import Runner

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


class Weather:
    """A tool that notes what it was run with."""

    def __init__(self) -> None:
        self.ran: list[dict] = []
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.was_cancelled = False

    async def run(self, arguments):
        self.ran.append(dict(arguments))
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return Output("18 degrees")

    def tool(self, description: str = "The weather") -> Tool:
        return Tool("get_weather", description, WEATHER, "builtin", self.run)


@pytest.fixture
def weather():
    return Weather()


@pytest.fixture(params=["chat", "responses"])
async def asked(request, server, ask, weather):
    """A conversation whose last turn asks for the weather, and the gate it comes to."""
    conversation = ask(server.url("tools"), request.param)
    tool = weather.tool()
    conversation.tools = (tool.definition(),)
    turn = conversation.say("weather?")
    await exhaust(conversation.stream(turn))
    assert turn.next == "tools"
    return conversation, turn, Gate(conversation, Runner(lambda name: tool if name == tool.name else None))


async def test_nothing_runs_unasked(asked, weather) -> None:
    _, turn, gate = asked
    gate.open(turn)
    await asyncio.sleep(0)
    assert [view.state for view in gate.views(turn)] == ["waiting"]
    assert weather.ran == []


async def test_an_approved_call_runs_and_the_model_is_told(asked, weather) -> None:
    conversation, turn, gate = asked
    gate.open(turn)
    (view,) = gate.views(turn)
    gate.approve(turn, view)
    answer = await gate.settle(turn)
    assert weather.ran == [{"city": "Paris"}]
    assert isinstance(answer.opening, ToolResults)
    assert answer.opening.results[0].text == "18 degrees"
    await exhaust(conversation.stream(answer))
    assert answer.next == "done"
    assert answer.text


async def test_a_denial_goes_back_with_its_reason(asked, weather) -> None:
    _, turn, gate = asked
    gate.open(turn)
    gate.deny(turn, gate.views(turn)[0], "too far away")
    answer = await gate.settle(turn)
    assert weather.ran == []
    assert answer.opening.results[0].is_error
    assert "too far away" in answer.opening.results[0].text
    assert gate.views(turn)[0].state == "denied"


async def test_edited_arguments_are_what_runs_and_must_fit(asked, weather) -> None:
    _, turn, gate = asked
    gate.open(turn)
    (view,) = gate.views(turn)
    assert "city" in gate.edit(turn, view, '{"town": "Rome"}')
    assert gate.edit(turn, view, '{"city": "Rome"}') == ""
    assert '"Rome"' in view.approval.shown()
    gate.approve(turn, view)
    await gate.settle(turn)
    assert weather.ran == [{"city": "Rome"}]


async def test_a_grant_for_the_session_covers_the_next_call_of_this_definition_only(asked, weather) -> None:
    conversation, turn, gate = asked
    gate.open(turn)
    gate.approve(turn, gate.views(turn)[0], for_session=True)
    await gate.settle(turn)
    again = conversation.regenerate(turn)
    await exhaust(conversation.stream(again))
    gate.open(again)
    await gate.settle(again)
    assert len(weather.ran) == 2
    changed = weather.tool("Also reads your mail")
    third = conversation.regenerate(turn)
    await exhaust(conversation.stream(third))
    other = Gate(conversation, Runner(lambda _: changed), grants=gate.grants)
    other.open(third)
    assert [(view.state, view.has_changed) for view in other.views(third)] == [("waiting", True)]


async def test_a_pattern_of_the_settings_allows_what_it_names(asked, weather) -> None:
    conversation, turn, _ = asked
    tool = weather.tool()
    for pattern, runs in (
        (Pattern("get_weather", {"city": "P*"}), True),
        (Pattern("get_weather", {"city": "R*"}), False),
    ):
        weather.ran.clear()
        gate = Gate(conversation, Runner(lambda _: tool), [pattern])
        gate.open(turn)
        await asyncio.sleep(0.01)
        assert bool(weather.ran) is runs
        assert is_waiting(gate.views(turn)) is not runs


async def test_stopping_kills_what_runs(asked, weather) -> None:
    conversation, turn, gate = asked
    weather.may_end.clear()
    gate.open(turn)
    gate.approve(turn, gate.views(turn)[0])
    settling = asyncio.ensure_future(gate.settle(turn))
    while not weather.ran:
        await asyncio.sleep(0)
    settling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await settling
    assert weather.was_cancelled
    assert gate.views(turn)[0].state == "not run"
    assert conversation.head is turn


async def test_after_eight_rounds_even_what_is_allowed_waits(server, ask, weather) -> None:
    conversation = ask(server.url("tool-loop"))
    tool = weather.tool()
    conversation.tools = (tool.definition(),)
    grants = Grants()
    grants.allow_tool(tool)
    gate = Gate(conversation, Runner(lambda _: tool), grants=grants)
    turn = conversation.say("weather?")
    for _ in range(8):
        await exhaust(conversation.stream(turn))
        gate.open(turn)
        turn = await gate.settle(turn)
    await exhaust(conversation.stream(turn))
    assert len(weather.ran) == 8
    gate.open(turn)
    assert gate.is_held(turn)
    assert is_waiting(gate.views(turn))
    gate.go_on(turn)
    await gate.settle(turn)
    assert len(weather.ran) == 9


async def test_a_model_that_calls_what_is_not_there_is_held_after_eight_rounds_too(server, ask) -> None:
    conversation = ask(server.url("tool-unknown"))
    gate = Gate(conversation, Runner(lambda _: None))
    turn = conversation.say("weather?")
    for _ in range(8):
        await exhaust(conversation.stream(turn))
        gate.open(turn)
        assert not is_waiting(gate.views(turn))
        turn = await gate.settle(turn)
    await exhaust(conversation.stream(turn))
    gate.open(turn)
    assert gate.is_held(turn)
    assert is_waiting(gate.views(turn))
    gate.go_on(turn)
    turn = await gate.settle(turn)
    assert "there is no tool" in turn.opening.results[0].text


async def test_saved_calls_are_shown_with_their_results(asked, weather, program) -> None:
    from tui.chat.conversation import Conversation

    conversation, turn, gate = asked
    gate.open(turn)
    gate.approve(turn, gate.views(turn)[0])
    answer = await gate.settle(turn)
    await exhaust(conversation.stream(answer))
    reopened = Conversation.reopen(program, conversation.session_id)
    past = reopened.turns[-2]
    views = Gate(reopened, Runner(lambda _: None)).views(past)
    assert [(view.call.name, view.state, view.result.text) for view in views] == [("get_weather", "done", "18 degrees")]


async def test_unreadable_arguments_wait_for_a_person(server, ask, weather) -> None:
    conversation = ask(server.url("tool-bad-json"))
    turn = conversation.say("weather?")
    await exhaust(conversation.stream(turn))
    tool = weather.tool()
    gate = Gate(conversation, Runner(lambda _: tool))
    gate.open(turn)
    (view,) = gate.views(turn)
    assert view.state == "waiting"
    assert "column" in view.unreadable.text
    gate.approve(turn, view)
    answer = await gate.settle(turn)
    assert weather.ran == []
    assert answer.opening.results[0].is_error
