"""Calls at MCP servers that the endpoint asks to be allowed: a person answers, and nothing runs here."""

import json

import pytest

from tests.conformance.harness import CASES
from tests.server.case import case_answer
from tui.chat.conversation import Conversation
from tui.chat.gate import Gate
from tui.chat.headless import headless_rounds
from tui.chat.replies import exhaust
from tui.domain.endpoint import Endpoint
from tui.tools.approval import Grants
from tui.tools.definition import Output, Tool
from tui.tools.runner import Runner

ASKS = next(case for case in CASES if case["name"] == "resp-mcp-approval-request")
ANSWERS = next(case for case in CASES if case["name"] == "resp-text")
ALLOWED = {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True}


@pytest.fixture
def url(server):
    """An endpoint that asks for an approval, and answers once it has one."""

    def play(asked):
        is_answered = any(item.get("type") == "mcp_approval_response" for item in asked.body["input"])
        return case_answer(ANSWERS if is_answered else ASKS)

    return server.add("approval", play)


@pytest.fixture
async def asked(ask, url):
    """A conversation whose last reply asks for an approval, its turn, and its gate."""
    conversation = ask(url, "responses")
    turn = conversation.say("what is it?")
    await exhaust(conversation.replies.stream(turn))
    ran = []

    async def run(arguments):
        ran.append(arguments)
        return Output("no")

    own = Tool("ask_question", "A tool of ours of the same name", {"type": "object"}, "builtin", run)
    grants = Grants()
    grants.allow_tool(own)
    gate = Gate(conversation, Runner({"ask_question": own}.get), grants=grants)
    yield conversation, turn, gate
    assert ran == []


@pytest.mark.parametrize("allows", [True, False])
async def test_the_answer_goes_out_behind_the_items_it_is_about(asked, server, allows):
    conversation, turn, gate = asked
    assert gate.open(turn)
    (view,) = gate.views(turn)
    assert view.state == "waiting", "what is allowed to a tool of ours of that name is allowed to it alone"
    assert gate.edit(turn, view, "{}")
    if allows:
        gate.approve(turn, view)
    else:
        gate.deny(turn, view, "not there")
    answer = await gate.settle(turn)
    await exhaust(conversation.replies.stream(answer))
    *_, listed, request, said = server.log[-1].body["input"]
    assert [listed["type"], request] == ["mcp_list_tools", ASKS["expect"]["items"][1]]
    assert said["approve"] is allows
    assert ("not there" in said.get("reason", "")) is not allows
    assert answer.text == ANSWERS["expect"]["text"]
    assert gate.prepare_again(turn, view).state == "not run"


async def test_an_approval_nobody_answered_is_answerable_in_another_run(asked, program, server):
    conversation, turn, gate = asked
    assert gate.open(turn)
    await gate.abandon(turn, keeps_approvals=True)  # as when the program is left
    again = Conversation.reopen(program, conversation.session.id)
    gate = Gate(again, Runner({}.get))
    assert again.head.tool_calls[0].server == "deepwiki"
    assert gate.is_undecided(again.head)
    assert gate.open(again.head, is_reopened=True)
    gate.approve(again.head, gate.views(again.head)[0])
    answer = await gate.settle(again.head)
    await exhaust(again.replies.stream(answer))
    assert server.log[-1].body["input"][-1] == ALLOWED
    assert Conversation.reopen(program, again.session.id).turns[0].tool_calls[0].outcome.state == "done"


async def test_what_the_conversation_went_past_is_told_as_not_allowed(asked, server):
    conversation, turn, gate = asked
    gate.open(turn)
    gate.leave()
    await exhaust(conversation.replies.stream(conversation.say("something else")))
    request, said, prompt = server.log[-1].body["input"][-3:]
    assert (request["type"], said["approve"], prompt["content"]) == ("mcp_approval_request", False, "something else")


@pytest.mark.parametrize("dialect", ["chat", "messages", "responses"])
async def test_another_endpoint_hears_nothing_of_it(asked, program, server, dialect):
    conversation, turn, gate = asked
    gate.open(turn)
    gate.approve(turn, gate.views(turn)[0])
    program.use_endpoint(Endpoint("other", server.url("ok"), dialect, needs_key=False), "m")
    conversation.sheet.use_model("other", "m")
    await exhaust(conversation.replies.stream(conversation.say("go on")))
    assert "mcpr_1" not in json.dumps(server.log[-1].body)


@pytest.mark.parametrize(
    ("name", "is_allowed"),
    [("deepwiki:ask_question", True), ("deepwiki", True), ("ask_question", True), ("deepwiki:delete", False)],
)
async def test_a_shell_allows_by_name_and_says_what_waits(asked, program, name, is_allowed):
    conversation, turn, gate = asked
    rounds = await headless_rounds(program, conversation, [], [name])
    following = await rounds(turn)
    if is_allowed:
        assert not isinstance(following, str)
        assert turn.tool_calls[0].outcome.state == "done"
    else:
        assert "ask_question of the MCP server deepwiki" in following
        assert "--approve deepwiki:ask_question" in following
        assert gate.is_undecided(turn), "it can still be answered"
