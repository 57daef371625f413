"""The tools of a conversation: which the model is told of, and how long a prompt waits for servers."""

import asyncio
import sys
import time
from pathlib import Path

import pytest

from tests.ui.fake import FakeProgram
from tui.chat import tool_session as calling_module
from tui.chat.conversation import Conversation
from tui.chat.tool_session import ToolSession
from tui.domain.turn import TurnState
from tui.store.settings import Choices, Settings
from tui.store.tool_setting import McpServer as McpSetting
from tui.store.tool_setting import ToolSettings
from tui.tools.definition import Tool
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.server import McpServer
from tui.tools.registry import Registry

SERVER = Path(__file__).parents[1] / "tools" / "mcp" / "talkative_server.py"
SETTINGS = Settings(tools=ToolSettings(mcp={"s": McpSetting(command="x")}))


def connection(name, *code):
    return McpConnection(McpServer(name, (sys.executable, *(code or (str(SERVER),))), start_timeout=60))


def tools(count):
    return [Tool(f"t{number}", "", {"type": "object"}, "command", None) for number in range(count)]


class Set:
    """A conversation with servers, and what was told of them."""

    def __init__(self, *servers, own=(), choices=None):
        self.program = FakeProgram(settings=SETTINGS, choices=choices)
        self.program.registry = Registry(own, servers=servers)
        self.conversation = Conversation(self.program, "xai", "grok-4")
        self.told = []
        self.tools = ToolSession(
            self.program, self.conversation, lambda _: None, lambda text, _: self.told.append(text)
        )

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.program.registry.aclose()

    @property
    def names(self):
        return {tool.name for tool in self.conversation.sheet.tools}


async def test_a_prompt_waits_a_little_for_servers_by_name_and_then_goes(monkeypatch):
    slow, quick = connection("slow", "-c", "import time; time.sleep(60)"), connection("quick")
    bad = connection("bad", "-c", "import sys; sys.exit(1)")
    async with Set(slow, quick, bad) as here:
        await here.tools.load()
        await asyncio.gather(quick.start(), bad.start())
        monkeypatch.setattr(calling_module, "PATIENCE", 0.2)
        began = time.monotonic()
        await here.tools.prepare()
        assert time.monotonic() - began < 50  # slow would take 60
        assert "quick__ask" in here.names
        assert here.told == [
            "waiting for slow, 0.20 s at most",
            "still starting: slow; this prompt goes without the tools of it",
            "bad does not run: it ended before it answered (/tools)",
        ]
        await here.tools.prepare()
        assert [text for text in here.told if "bad" in text] == here.told[2:3]
        assert (slow.starts, quick.starts) == (1, 1)


async def test_what_a_server_says_of_its_tools_goes_along_where_one_is_offered():
    async with Set(connection("s")) as here:
        here.conversation.sheet.system = "Be brief."
        await here.tools.load()
        await here.tools.prepare()
        turn = here.conversation.say("hi")
        told = "The server s says of its tools, whose names begin with s__:\nAsk before you slow."
        assert here.conversation.requests.of(turn).system == f"Be brief.\n\n{told}"
        here.tools.offer([])
        assert here.conversation.requests.of(turn).system == "Be brief."
        turn.end(TurnState.STOPPED)


async def test_tools_that_come_and_go_are_what_the_model_is_told_of():
    async with Set(own=tools(3)) as here:
        await here.tools.prepare()
        here.tools.offer({"t0", "t1"})
        here.program.registry._own["t9"] = tools(10)[9]
        del here.program.registry._own["t0"]
        await here.tools.prepare()
        assert here.names == {"t1", "t9"}


async def test_a_tool_that_was_switched_off_is_asked_about_again_when_it_is_back():
    async with Set(own=tools(3)) as here:
        await here.tools.prepare()
        grants = here.tools.gate.grants
        for tool in tools(2):
            grants.allow_tool(tool)
        here.tools.offer({"t1", "t2"})
        here.tools.offer({"t0", "t1", "t2"})
        assert [grants.allows(tool) for tool in tools(2)] == [False, True]


async def test_what_was_switched_off_stays_off():
    async with Set(own=tools(3)) as here:
        await here.tools.prepare()
        assert here.names == {"t0", "t1", "t2"}
        here.tools.offer({"t0", "t2"})
        assert here.tools.switched == ("t1",)
    async with Set(own=tools(3), choices=Choices(switched_tools=("t1",))) as again:
        await again.tools.prepare()
        assert again.names == {"t0", "t2"}


@pytest.mark.parametrize(("count", "is_told"), [(128, False), (129, True)])
async def test_more_tools_than_some_endpoints_take_are_pointed_out_once(count, is_told):
    async with Set(own=tools(count)) as here:
        await here.tools.prepare()
        await here.tools.prepare()
        assert here.told == [f"the model is told of {count} tools, and some endpoints take 128: /tools"] * is_told
