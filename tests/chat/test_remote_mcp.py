"""MCP servers that the endpoint calls itself: described in the settings, their keys looked up and written down nowhere."""

from pathlib import Path

import pytest

from tests.server import FaultServer
from tui.chat.conversation import Conversation
from tui.chat.program import Program
from tui.chat.replies import exhaust
from tui.domain.error import SettingsError
from tui.store.database import Database
from tui.store.settings import Choices, parse_settings

KEY = "tok-0123456789abcdef0123456789"
SETTINGS = """
[endpoints.e]
base_url = "{url}"
dialect = "{dialect}"
model = "m"
[endpoints.e.headers]
anthropic-beta = "other"
[endpoints.e.server_tools.wiki]
type = "mcp"
server_url = "https://wiki.example/mcp"
authorization = {source}
allowed_tools = ["ask"]
"""


@pytest.fixture
def server():
    with FaultServer() as running:
        yield running


@pytest.fixture
async def opened():
    programs = []
    yield programs
    for program in programs:
        await program.close()


def open_program(server, dialect, source, environ):
    text = SETTINGS.replace("{url}", server.url("ok")).replace("{dialect}", dialect).replace("{source}", source)
    return Program(parse_settings(Path("rillet.toml"), text), Choices(), Database.memory(), environ)


@pytest.mark.parametrize("source", ['{ env = "WIKI" }', "{ command = \"sh -c 'echo $WIKI'\" }"])
@pytest.mark.parametrize("dialect", ["responses", "messages"])
async def test_the_key_goes_out_with_the_server_and_is_kept_nowhere(server, opened, dialect, source):
    program = open_program(server, dialect, source, {"WIKI": KEY, "PATH": "/usr/bin:/bin"})
    opened.append(program)
    conversation = Conversation(program, "e", "m")
    conversation.sheet.server_tools = ("wiki",)
    turn = conversation.say("what is ${WIKI}?")
    await exhaust(conversation.replies.stream(turn))
    sent = server.log[-1]
    if dialect == "responses":
        (tool,) = sent.body["tools"]
        assert (tool["server_label"], tool["authorization"]) == ("wiki", KEY)
    else:
        assert sent.body["mcp_servers"] == [
            {"type": "url", "url": "https://wiki.example/mcp", "name": "wiki", "authorization_token": KEY}
        ]
        (tool,) = sent.body["tools"]
        assert (tool["type"], tool["mcp_server_name"]) == ("mcp_toolset", "wiki")
        assert (tool["default_config"], tool["configs"]) == ({"enabled": False}, {"ask": {"enabled": True}})
        assert sent.headers["anthropic-beta"] == "other, mcp-client-2025-11-20"
    assert KEY not in repr(conversation.requests.of(turn))
    assert KEY not in repr(conversation.replies.tape(turn).request)
    assert KEY not in repr(program.endpoints)
    assert KEY not in program.mask_keys(f"it is {KEY}!")


async def test_a_key_that_is_not_there_is_missed_only_where_the_server_is_switched_on(server, opened):
    program = open_program(server, "responses", '{ env = "WIKI" }', {})
    opened.append(program)
    conversation = Conversation(program, "e", "m")
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    assert turn.error is None
    conversation.sheet.server_tools = ("wiki",)
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    assert (turn.error.kind, turn.error.hint) == ("auth", "Set WIKI.")


@pytest.mark.parametrize(
    ("source", "words"),
    [(f'"{KEY}"', "looks like a key"), ('{ env = "A", command = "b" }', "cannot be looked up"), ("{ env = 3 }", "env")],
)
def test_a_key_in_the_settings_is_refused_and_not_repeated(server, source, words):
    with pytest.raises(SettingsError, match=words) as caught:
        open_program(server, "responses", source, {})
    assert KEY not in str(caught.value)
