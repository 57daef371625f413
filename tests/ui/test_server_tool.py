"""Tools that the endpoint runs itself: switched on in the picker, asked for in the request, shown as they run."""

import pytest
from msgspec.structs import replace

from tests.conformance.harness import CASES
from tests.server import FaultServer
from tests.ui.fake import Gate, reply
from tui.chat.conversation import Conversation
from tui.chat.opening import open_program
from tui.domain.delta import CitationDelta, FinishDelta, ServerToolDelta, TextDelta
from tui.ui.app import RilletApp
from tui.ui.screen.chat import ChatScreen

SEARCH = {"type": "web_search_call", "action": {"type": "search", "query": "weather in Paris"}}


async def test_a_tool_shows_with_what_it_runs_while_it_runs_and_its_sources_at_the_end(open_screen):
    gates = [Gate(), Gate()]
    script = [
        ServerToolDelta(0, {**SEARCH, "status": "searching"}),
        gates[0],
        ServerToolDelta(0, {**SEARCH, "status": "completed", "action": {**SEARCH["action"], "sources": [1, 2]}}),
        ServerToolDelta(1, {"type": "code_interpreter_call", "status": "interpreting", "code": "print(6*7)\nx = 1"}),
        gates[1],
        ServerToolDelta(
            1,
            {
                "type": "code_interpreter_call",
                "status": "completed",
                "code": "print(6*7)",
                "outputs": [{"logs": "42\n"}],
            },
        ),
        ServerToolDelta(
            2, {"type": "mcp_call", "server_label": "home", "name": "lamp", "status": "failed", "error": "bo\x1bom"}
        ),
        TextDelta("It is 42."),
        CitationDelta("https://example.org/a", "Example"),
        FinishDelta("completed"),
    ]
    async with open_screen(script) as screen:
        await screen.say("Weather?")
        await gates[0].reached.wait()
        await screen.until(lambda: "● web_search  weather in Paris" in screen.text())
        assert "at the endpoint, searching" in screen.text()
        gates[0].open()
        await screen.until(lambda: "✓ web_search  weather in Paris" in screen.text())
        assert "at the endpoint, 2 sources" in screen.text()
        assert "● code_interpreter  print(6*7)" in screen.text()
        gates[1].open()
        await screen.settled()
        assert "✓ code_interpreter  print(6*7)" in screen.text()
        assert "→ 42" in screen.text()
        assert "✖ home: lamp" in screen.text()
        assert "failed: bo␛om" in screen.text()
        assert "[1] Example  https://example.org/a" in screen.text()


async def test_what_still_ran_when_the_reply_was_stopped_did_not_end(open_screen):
    gate = Gate()
    async with open_screen([ServerToolDelta(0, {**SEARCH, "status": "searching"}), gate]) as screen:
        await screen.say("Weather?")
        await gate.reached.wait()
        await screen.until(lambda: "● web_search" in screen.text())
        await screen.press("escape")
        await screen.settled()
        assert "– web_search  weather in Paris" in screen.text()
        assert "did not end" in screen.text()


CASE_ROWS = [
    ("resp-code-interpreter", ["✓ code_interpreter  print(6*7)", "at the endpoint"]),
    ("resp-xai-web-search-early-shape", ['✓ web_search  query "what is xAI"', "[1] https://en.wikipedia.org/wiki/XAI"]),
    ("resp-mcp-call-failed", ["✖ s: t", "failed: boom"]),
]


@pytest.mark.parametrize(("name", "shown"), CASE_ROWS)
async def test_conformance_cases_are_shown_over_the_wire(name, shown):
    case = next(case for case in CASES if case["name"] == name)
    with FaultServer() as server:
        program = open_program({}, base_url=server.play(case), model="grok-4", dialect="responses", saves=False)
        name = program.default_endpoint
        program.endpoints[name] = replace(program.endpoints[name], server_tools=("web_search", "code_interpreter"))
        conversation = Conversation(program, name, "grok-4")
        conversation.sheet.server_tools = ("web_search",)
        app = RilletApp(program, conversation)
        async with app.run_test(size=(100, 30)) as pilot:
            assert isinstance(app.screen, ChatScreen)
            app.screen.composer.write("Go")
            await pilot.press("enter")
            while app.screen.runner.is_running or not conversation.turns:
                await pilot.pause(0.01)
            await pilot.pause()
            rows = app.screen._compositor.render_strips()
            text = "\n".join("".join(segment.text for segment in row) for row in rows)
            for words in shown:
                assert words in text
        assert server.log[-1].body["tools"] == [{"type": "web_search"}]


async def test_the_switches_of_the_picker_reach_the_request_in_the_dialects_that_have_them(open_screen):
    tools = ("web_search", "x_search", "code_interpreter")
    async with open_screen(reply("a"), reply("b"), size=(140, 30)) as screen:
        endpoints = screen.program.endpoints
        endpoints["xai"] = replace(endpoints["xai"], server_tools=tools, dialect="responses")
        await screen.press("ctrl+o")
        await screen.until(lambda: "grok-4-fast" in screen.text())
        assert "F7 x_search" in screen.text()
        await screen.press("f7", "f8")
        assert "✓ x_search" in screen.text()
        await screen.press("f8", "escape")
        await screen.say("One")
        await screen.settled()
        assert "responses + x_search" in screen.text()
        await screen.press("ctrl+o")
        await screen.until(lambda: "grok-4-fast" in screen.text())
        await screen.press("ctrl+x")
        assert screen.chat.key_bar.sentence == "xAI now uses Messages"
        assert "messages + x_search" in screen.text()
        await screen.press("ctrl+x")
        assert "not offered in chat, they need responses or messages" in screen.chat.key_bar.sentence
        await screen.press("escape")
        assert "chat: no server tools" in screen.text()
        await screen.say("Two")
        await screen.settled()
        assert [request.server_tools for request in screen.program.requests] == [({"type": "x_search"},), ()]
