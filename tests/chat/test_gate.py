"""What becomes of tool calls between a complete reply and the turn that answers it."""

import asyncio
import json

import msgspec
import pytest

from tests.server.good import say
from tests.server.scenario import stream
from tui.chat.call_view import is_waiting
from tui.chat.conversation import Conversation
from tui.chat.gate import Gate
from tui.chat.replies import exhaust
from tui.domain.message import ToolResultPart
from tui.domain.turn import ToolResults
from tui.tools.approval import Grants, Pattern
from tui.tools.clock import Progress, current_clock
from tui.tools.definition import Output, Tool
from tui.tools.runner import Runner
from tui.wire.history import mend_history

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
    conversation.sheet.tools = (tool.definition(),)
    turn = conversation.say("weather?")
    await exhaust(conversation.replies.stream(turn))
    assert turn.next == "tools"
    return conversation, turn, Gate(conversation, Runner(lambda name: tool if name == tool.name else None))


async def let_run() -> None:
    """Let everything run that can: a call that was allowed would have run long before this ends."""
    for _ in range(100):
        await asyncio.sleep(0)


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
    await exhaust(conversation.replies.stream(answer))
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


async def test_what_is_being_rewritten_does_not_run(asked, weather) -> None:
    _, turn, gate = asked
    gate.open(turn)
    (view,) = gate.views(turn)
    view.is_in_hand = True
    gate.approve(turn, view)
    gate.go_on(turn)
    await let_run()
    assert (view.state, weather.ran) == ("waiting", [])
    assert gate.edit(turn, view, '{"city": "Rome"}') == ""
    gate.approve(turn, view)
    await gate.settle(turn)
    assert weather.ran == [{"city": "Rome"}]


async def test_what_a_person_runs_once_more_is_on_disk_and_the_model_is_not_told(asked, weather, program) -> None:
    conversation, turn, gate = asked
    gate.open(turn)
    (view,) = gate.views(turn)
    gate.approve(turn, view)
    await gate.settle(turn)
    weather.may_end.clear()
    again = asyncio.ensure_future(gate.run_again(turn, view, gate.prepare_again(turn, view)))
    while len(weather.ran) < 2:
        await asyncio.sleep(0)
    reopened = Conversation.reopen(program, conversation.session.id)
    (saved,) = reopened.turns[0].tool_calls
    assert (saved.outcome.state, saved.again.state) == ("done", "stopped")
    weather.may_end.set()
    await again
    (saved,) = Conversation.reopen(program, conversation.session.id).turns[0].tool_calls
    assert (saved.again.state, saved.again.text) == ("done", "18 degrees")
    assert saved.answer().text == "18 degrees"


async def test_a_grant_for_the_session_covers_the_next_call_of_this_definition_only(asked, weather) -> None:
    conversation, turn, gate = asked
    gate.open(turn)
    gate.approve(turn, gate.views(turn)[0], for_session=True)
    await gate.settle(turn)
    again = conversation.regenerate(turn)
    await exhaust(conversation.replies.stream(again))
    gate.open(again)
    await gate.settle(again)
    assert len(weather.ran) == 2
    changed = weather.tool("Also reads your mail")
    third = conversation.regenerate(turn)
    await exhaust(conversation.replies.stream(third))
    other = Gate(conversation, Runner(lambda _: changed), grants=gate.grants)
    other.open(third)
    assert [(view.state, view.has_changed) for view in other.views(third)] == [("waiting", True)]


@pytest.mark.parametrize("is_attended", [True, False])
async def test_a_tool_that_turns_out_to_be_another_is_asked_about_again(asked, weather, is_attended) -> None:
    _, turn, _ = asked
    now = [weather.tool()]

    async def renew():
        now[:] = [Tool("get_weather", "Also reads your mail", WEATHER, "builtin", weather.run, renew=settle)]

    async def settle():
        pass

    now[:] = [Tool("get_weather", "The weather", WEATHER, "builtin", weather.run, renew=renew)]
    grants = Grants()
    grants.allow_tool(now[0])
    gate = Gate(asked[0], Runner(lambda _: now[0]), grants=grants)
    gate.is_attended = is_attended
    gate.open(turn)
    (view,) = gate.views(turn)
    async with asyncio.timeout(60):
        while view.state not in ("waiting", "not run"):
            await asyncio.sleep(0.01)
    assert weather.ran == []
    if not is_attended:
        assert "has changed since it was allowed" in view.result.text
        return
    assert (view.state, view.has_changed, view.call.outcome) == ("waiting", True, None)
    assert view.changes == ("description: was “The weather”, is “Also reads your mail”",)
    gate.approve(turn, view)
    await gate.settle(turn)
    assert [each["city"] for each in weather.ran] == ["Paris"]


async def test_what_a_tool_says_of_its_progress_is_there_to_be_seen(asked, weather) -> None:
    conversation, turn, _ = asked
    told = []

    async def run(arguments):
        current_clock().tell(Progress(1, 4, "looking up"))
        await weather.may_end.wait()
        return Output("18 degrees")

    weather.may_end.clear()
    tool = Tool("get_weather", "The weather", WEATHER, "builtin", run)
    gate = Gate(conversation, Runner(lambda _: tool), [Pattern("get_weather", {"city": "*"})])
    (view,) = gate.views(turn)
    gate.listener = lambda _: told.append(view.progress)
    gate.open(turn)
    async with asyncio.timeout(60):
        while view.progress is None:
            await asyncio.sleep(0.01)
    assert told[-1] == Progress(1, 4, "looking up")
    weather.may_end.set()
    await gate.settle(turn)


async def test_a_pattern_of_the_settings_allows_what_it_names(asked, weather) -> None:
    conversation, turn, _ = asked
    tool = weather.tool()
    for pattern, runs in (
        (Pattern("get_weather", {"city": "P*"}), True),
        (Pattern("get_weather", {"city": "R*"}), False),
    ):
        weather.ran.clear()
        turn = conversation.regenerate(turn)
        await exhaust(conversation.replies.stream(turn))
        gate = Gate(conversation, Runner(lambda _: tool), [pattern])
        gate.open(turn)
        await let_run()
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
    assert gate.views(turn)[0].state == "stopped"
    assert conversation.head is turn


async def test_after_eight_rounds_even_what_is_allowed_waits(server, ask, weather) -> None:
    conversation = ask(server.url("tool-loop"))
    tool = weather.tool()
    conversation.sheet.tools = (tool.definition(),)
    grants = Grants()
    grants.allow_tool(tool)
    gate = Gate(conversation, Runner(lambda _: tool), grants=grants)
    turn = conversation.say("weather?")
    for _ in range(8):
        await exhaust(conversation.replies.stream(turn))
        gate.open(turn)
        turn = await gate.settle(turn)
    await exhaust(conversation.replies.stream(turn))
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
        await exhaust(conversation.replies.stream(turn))
        gate.open(turn)
        assert not is_waiting(gate.views(turn))
        turn = await gate.settle(turn)
    await exhaust(conversation.replies.stream(turn))
    gate.open(turn)
    assert gate.is_held(turn)
    assert is_waiting(gate.views(turn))
    gate.go_on(turn)
    turn = await gate.settle(turn)
    assert "there is no tool" in turn.opening.results[0].text


async def test_saved_calls_are_shown_with_their_results(asked, weather, program) -> None:
    conversation, turn, gate = asked
    gate.open(turn)
    gate.approve(turn, gate.views(turn)[0])
    answer = await gate.settle(turn)
    await exhaust(conversation.replies.stream(answer))
    reopened = Conversation.reopen(program, conversation.session.id)
    past = reopened.turns[-2]
    views = Gate(reopened, Runner(lambda _: None)).views(past)
    assert [(view.call.name, view.state, view.result.text) for view in views] == [("get_weather", "done", "18 degrees")]


async def test_unreadable_arguments_wait_for_a_person(server, ask, weather) -> None:
    conversation = ask(server.url("tool-bad-json"))
    tool = weather.tool()
    conversation.sheet.tools = (tool.definition(),)
    turn = conversation.say("weather?")
    await exhaust(conversation.replies.stream(turn))
    gate = Gate(conversation, Runner(lambda _: tool))
    gate.open(turn)
    (view,) = gate.views(turn)
    assert view.state == "waiting"
    assert "column" in view.unreadable.text
    gate.approve(turn, view)
    answer = await gate.settle(turn)
    assert weather.ran == []
    assert answer.opening.results[0].is_error


class Payer:
    """A tool that pays when it begins, and ends when it may."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.paid: list[dict] = []
        self.words = f"receipt of {name}"
        self.may_end = asyncio.Event()

    def tool(self, *, runs_parallel: bool = True) -> Tool:
        async def run(arguments):
            self.paid.append(dict(arguments))
            await self.may_end.wait()
            return Output(self.words)

        return Tool(self.name, "Pays", WEATHER, "builtin", run, runs_parallel=runs_parallel)


def calling(calls):
    """A scenario that calls these tools for these cities; after the results it says that it has them."""

    def play(ask):
        speech = ask.speech()
        if ask.has_tool_results():
            return stream(say(ask, "Thank you."))
        frames = speech.start()
        for number, (name, city) in enumerate(calls):
            frames += speech.call(f"call_{number}", name, [json.dumps({"city": city})])
        return stream([*frames, *speech.finish(), *speech.done()])

    return play


@pytest.fixture(params=["chat", "responses"])
async def payers(request, server, ask):
    """A conversation whose last turn calls three tools, the gate, and the tools."""
    cities = {"one": "Paris", "two": "Oslo", "three": "Lima"}
    conversation = ask(server.add("three-calls", calling(cities.items())), request.param)
    tools = {name: Payer(name) for name in ("one", "two", "three")}
    made = {name: payer.tool() for name, payer in tools.items()}
    conversation.sheet.tools = tuple(tool.definition() for tool in made.values())
    turn = conversation.say("pay")
    await exhaust(conversation.replies.stream(turn))
    assert [call.name for call in turn.tool_calls] == ["one", "two", "three"]
    return conversation, turn, Gate(conversation, Runner(made.get)), tools


def results_sent(conversation, turn):
    """What the model is told of each call in the next request."""
    messages = mend_history(conversation.requests.of(turn).messages)
    return {
        part.call_id: part.text for message in messages for part in message.parts if isinstance(part, ToolResultPart)
    }


async def test_a_stopped_round_tells_what_ran_what_was_stopped_and_what_did_not_run(payers, program) -> None:
    conversation, turn, gate, tools = payers
    gate.open(turn)
    one, two, three = gate.views(turn)
    tools["one"].may_end.set()
    gate.approve(turn, one)
    gate.approve(turn, two)
    settling = asyncio.ensure_future(gate.settle(turn))
    while not (tools["two"].paid and one.state == "done"):
        await asyncio.sleep(0)
    settling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await settling
    assert [view.state for view in gate.views(turn)] == ["done", "stopped", "not run"]
    reopened = Conversation.reopen(program, conversation.session.id)
    again = Gate(reopened, Runner(lambda _: None)).views(reopened.turns[0])
    assert [view.state for view in again] == ["done", "stopped", "not run"]
    assert again[0].result.text == "receipt of one"
    for talk in (conversation, reopened):
        told = list(results_sent(talk, talk.say("what now?")).values())
        assert told[0] == "receipt of one"
        assert told[1] == "Stopped while it ran; it may have done part of it."
        assert told[2] == "Not run: the user stopped before it ran."


async def test_each_result_is_on_disk_the_moment_it_comes_and_a_call_under_way_is_known_to_be(payers, program) -> None:
    conversation, turn, gate, tools = payers
    gate.open(turn)
    one, two, _ = gate.views(turn)
    tools["one"].may_end.set()
    gate.approve(turn, one)
    gate.approve(turn, two)
    while not (tools["two"].paid and one.state == "done"):
        await asyncio.sleep(0)
    # As if rillet were killed here: nothing more is written, and another process reads the file.
    reopened = Conversation.reopen(program, conversation.session.id)
    views = Gate(reopened, Runner(lambda _: None)).views(reopened.turns[0])
    assert [view.state for view in views] == ["done", "stopped", "arriving"]
    told = list(results_sent(reopened, reopened.say("what now?")).values())
    assert told == ["receipt of one", "Stopped while it ran; it may have done part of it.", "This call was not run."]
    await gate.abandon(turn)


async def test_a_call_in_the_queue_has_not_run(payers) -> None:
    conversation, turn, _, tools = payers
    alone = {name: payer.tool(runs_parallel=False) for name, payer in tools.items()}
    gate = Gate(conversation, Runner(alone.get))
    gate.open(turn)
    for view in gate.views(turn)[:2]:
        gate.approve(turn, view)
    while not tools["one"].paid:
        await asyncio.sleep(0)
    assert [view.state for view in gate.views(turn)] == ["running", "queued", "waiting"]
    await gate.abandon(turn)
    assert [view.state for view in gate.views(turn)] == ["stopped", "not run", "not run"]
    assert tools["two"].paid == []


async def test_calls_left_undecided_can_be_decided_after_reopening_and_nothing_runs_unasked(payers, program) -> None:
    conversation, turn, gate, tools = payers
    gate.open(turn)
    tools["one"].may_end.set()
    gate.approve(turn, gate.views(turn)[0])
    while gate.views(turn)[0].state != "done":
        await asyncio.sleep(0)
    reopened = Conversation.reopen(program, conversation.session.id)
    reopened.sheet.tools = conversation.sheet.tools
    made = {name: payer.tool() for name, payer in tools.items()}
    grants = Grants()
    for tool in made.values():
        grants.allow_tool(tool)
        tools[tool.name].may_end.set()
    again = Gate(reopened, Runner(made.get), grants=grants)
    past = reopened.turns[0]
    assert again.is_undecided(past)
    assert again.open(past, is_reopened=True)
    await let_run()
    assert [view.state for view in again.views(past)] == ["done", "waiting", "waiting"]
    again.approve(past, again.views(past)[1])
    again.deny(past, again.views(past)[2])
    answer = await again.settle(past)
    assert [part.text for part in answer.opening.results] == [
        "receipt of one",
        "receipt of two",
        "The user denied this call.",
    ]
    assert len(tools["one"].paid) == 1
    assert not again.is_undecided(past)


async def test_a_prompt_in_the_place_of_a_decision_leaves_the_calls_unrun(payers) -> None:
    conversation, turn, gate, tools = payers
    gate.open(turn)
    gate.leave()
    assert [view.state for view in gate.views(turn)] == ["not run"] * 3
    gate.approve(turn, gate.views(turn)[0])
    await let_run()
    assert tools["one"].paid == []
    assert set(results_sent(conversation, conversation.say("on")).values()) == {
        "Not run: the conversation went on before it was decided."
    }


async def test_edited_arguments_are_what_is_kept_and_told(payers, program) -> None:
    conversation, turn, gate, tools = payers
    gate.open(turn)
    one, two, three = gate.views(turn)
    assert gate.edit(turn, one, '{"city": "Rome"}') == ""
    assert gate.edit(turn, two, two.call.arguments) == ""
    for payer, view in zip(tools.values(), (one, two, three), strict=True):
        payer.may_end.set()
        gate.approve(turn, view)
    answer = await gate.settle(turn)
    texts = [part.text for part in answer.opening.results]
    assert texts[0] == 'The user changed the arguments before it ran. It ran with: {"city":"Rome"}\n\nreceipt of one'
    assert texts[1:] == ["receipt of two", "receipt of three"], "what was not changed is not called so"
    assert tools["one"].paid == [{"city": "Rome"}]
    reopened = Conversation.reopen(program, conversation.session.id)
    views = Gate(reopened, Runner(lambda _: None)).views(reopened.turns[0])
    assert [(view.was_edited, view.call.final_arguments) for view in views[:2]] == [
        (True, '{"city":"Rome"}'),
        (False, two.call.arguments),
    ]


async def test_a_result_that_sounds_like_a_refusal_is_still_a_result(payers, program) -> None:
    conversation, turn, gate, tools = payers
    gate.open(turn)
    tools["one"].words, tools["two"].words = "Not run: ha", "The user denied this call"
    for payer, view in list(zip(tools.values(), gate.views(turn), strict=True))[:2]:
        payer.may_end.set()
        gate.approve(turn, view)
    gate.deny(turn, gate.views(turn)[2])
    await exhaust(conversation.replies.stream(await gate.settle(turn)))
    reopened = Conversation.reopen(program, conversation.session.id)
    views = Gate(reopened, Runner(lambda _: None)).views(reopened.turns[0])
    assert [view.state for view in views] == ["done", "done", "denied"]


async def test_rows_saved_before_outcomes_were_recorded_still_read(payers, program) -> None:
    conversation, turn, gate, tools = payers
    gate.open(turn)
    for payer, view in zip(tools.values(), gate.views(turn), strict=True):
        payer.may_end.set()
        gate.approve(turn, view)
    await gate.settle(turn)
    for call in turn.tool_calls:
        call.outcome, call.id = None, "same"
    parts = tuple(msgspec.structs.replace(part, call_id="same") for part in conversation.head.opening.results)
    msgspec.structs.force_setattr(conversation.head.opening, "results", parts)
    conversation.session.save_ending(turn)
    views = Gate(conversation, Runner(lambda _: None)).views(turn)
    texts = ["receipt of one", "receipt of two", "receipt of three"]
    assert [(view.state, view.result.text) for view in views] == [("done", text) for text in texts]


async def test_for_the_session_runs_no_other_call_that_waits(server, ask, weather) -> None:
    conversation = ask(server.add("same-twice", calling([("get_weather", "Paris"), ("get_weather", "Tokyo")])))
    tool = weather.tool()
    conversation.sheet.tools = (tool.definition(),)
    turn = conversation.say("weather?")
    await exhaust(conversation.replies.stream(turn))
    gate = Gate(conversation, Runner(lambda _: tool))
    gate.open(turn)
    one, two = gate.views(turn)
    gate.approve(turn, one, for_session=True)
    while one.state != "done":
        await asyncio.sleep(0)
    await let_run()
    assert weather.ran == [{"city": "Paris"}]
    assert two.state == "waiting"
    gate.approve(turn, two)
    await gate.settle(turn)
    assert weather.ran == [{"city": "Paris"}, {"city": "Tokyo"}]


@pytest.mark.parametrize("covered", ["grant", "pattern", "yes"])
@pytest.mark.parametrize("why", ["never offered", "switched off before", "switched off while it waited"])
async def test_a_tool_that_is_off_or_was_not_offered_does_not_run_whatever_allows_it(
    asked, weather, covered, why
) -> None:
    conversation, turn, _ = asked
    tool = weather.tool()
    grants, patterns = Grants(), []
    if covered == "grant":
        grants.allow_tool(tool)
    if covered == "pattern":
        patterns = [Pattern("get_weather", {"city": "*"})]
    gate = Gate(conversation, Runner(lambda _: tool), patterns, grants)
    if why == "never offered":
        turn.offered = frozenset({"other"})
    if why == "switched off before":
        conversation.sheet.tools = ()
    gate.open(turn)
    conversation.sheet.tools = ()
    (view,) = gate.views(turn)
    gate.approve(turn, view)
    answer = await gate.settle(turn)
    assert weather.ran == []
    assert view.state == "not run"
    reason = "was not offered" if why == "never offered" else "switched off"
    assert reason in answer.opening.results[0].text


async def test_a_tool_that_breaks_in_an_unexpected_way_does_not_hold_the_round_for_ever(asked, weather) -> None:
    _, turn, gate = asked
    weather.may_end = None
    gate.open(turn)
    gate.approve(turn, gate.views(turn)[0])
    answer = await asyncio.wait_for(gate.settle(turn), 60)
    assert "AttributeError" in answer.opening.results[0].text
    assert "may have done part of it" in answer.opening.results[0].text


async def test_of_a_call_saved_before_outcomes_were_nobody_says_that_it_did_not_run(payers, program) -> None:
    conversation, turn, _, _ = payers
    connection = program.database._connection
    (reply,) = connection.row("SELECT reply FROM turn WHERE id = ?", turn.id)
    record = json.loads(reply)
    for call in record["tool_calls"]:
        del call["outcome"]
    connection.run("UPDATE turn SET reply = ? WHERE id = ?", json.dumps(record), turn.id)
    reopened = Conversation.reopen(program, conversation.session.id)
    gate = Gate(reopened, Runner(lambda _: None))
    assert not gate.is_undecided(reopened.turns[0])
    assert {view.state for view in gate.views(reopened.turns[0])} == {"stopped"}
    told = set(results_sent(reopened, reopened.say("what now?")).values())
    assert told == {"It was not recorded whether this call ran."}
