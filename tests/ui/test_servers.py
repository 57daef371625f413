"""MCP servers on the screen: their states, what they ask, and where a person signs in."""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.tools.mcp.http_server import HttpServer
from tests.tools.mcp.talkative_server import FORM
from tests.ui.test_calling import SETTINGS
from tui.chat.call_view import CallView
from tui.domain.tool_call import ToolCall
from tui.page.call_lines import head_line, question_lines, result_lines
from tui.tools.approval import Approval
from tui.tools.clock import Progress
from tui.tools.definition import Tool
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.question import Question, QuestionReply, read_question
from tui.tools.mcp.server import McpServer, SignIn
from tui.tools.registry import Registry
from tui.tools.result import Result
from tui.ui.person import ServerAsks

SERVER = Path(__file__).parents[1] / "tools" / "mcp" / "talkative_server.py"


def asks(screen, question=None):
    """Let a server ask something; what waits for the answer."""
    params = SimpleNamespace(mode="form", message="Who are you?\x1b[31m", requested_schema=FORM)
    reply = asyncio.get_running_loop().create_future()
    screen.chat.post_message(ServerAsks(question or read_question("memory", params), reply))
    return reply


async def test_a_question_takes_no_keys_until_one_goes_there(open_screen):
    async with open_screen(settings=SETTINGS) as screen:
        await screen.type("half a pro")
        reply = asks(screen)
        await screen.until(lambda: "memory asks: Who are you?" in screen.text())
        await screen.type("mpt")
        assert screen.chat.composer.text == "half a prompt"
        assert not reply.done()
        await screen.press("alt+a")
        assert "Your name" in screen.text()
        assert "\x1b" not in screen.text()
        await screen.press("f2")
        assert await reply == QuestionReply("accept", {"name": "Ada", "age": 36, "colour": "blue", "sure": True})
        await screen.pilot.pause()
        assert screen.chat.over is None
        assert "memory asks" not in screen.text()
        assert screen.chat.composer.text == "half a prompt"


async def test_values_are_written_one_after_another_and_sent_with_the_last(open_screen):
    async with open_screen() as screen:
        reply = asks(screen)
        await screen.press("alt+a")
        for text in ("Bo", "seven", "Red", "no"):
            await screen.press("ctrl+u")
            await screen.type(text)
            await screen.press("enter")
        assert not reply.done()
        assert "age: expected an integer, got “seven”" in screen.text()
        await screen.press("up", "up", "ctrl+u")
        await screen.type("7")
        await screen.press("f2")
        assert await reply == QuestionReply("accept", {"name": "Bo", "age": 7, "colour": "red", "sure": False})


async def test_what_is_needed_must_be_there(open_screen):
    async with open_screen() as screen:
        reply = asks(screen)
        await screen.press("alt+a", "ctrl+u", "f2")
        assert "Your name is needed" in screen.text()
        assert "is missing" not in screen.text()
        assert not reply.done()


async def test_a_proposed_choice_is_written_by_the_title_that_is_offered(open_screen):
    pets = {
        "type": "string",
        "title": "A pet with a long title",
        "enum": ["pet-1"],
        "enumNames": ["Cat"],
        "default": "pet-1",
    }
    fish = [{"const": "fish-1", "title": "Tuna"}, {"const": "fish-2", "title": "Trout"}]
    fishes = {"type": "array", "items": {"anyOf": fish}, "default": ["fish-1", "fish-2"]}
    schema = {"type": "object", "properties": {"pet": pets, "fish": fishes}}
    params = SimpleNamespace(mode="form", message="Which?", requested_schema=schema)
    async with open_screen() as screen:
        reply = asks(screen, read_question("shop", params))
        await screen.press("alt+a")
        assert " Cat " in screen.text()
        assert "Tuna, Trout" in screen.text()
        assert "pet-1" not in screen.text()
        await screen.press("f2")
        assert await reply == QuestionReply("accept", {"pet": "pet-1", "fish": ["fish-1", "fish-2"]})


@pytest.mark.parametrize(("key", "action"), [("f8", "decline"), ("escape", "cancel")])
async def test_a_question_is_declined_or_cancelled(open_screen, key, action):
    async with open_screen() as screen:
        reply = asks(screen)
        await screen.press("alt+a", key)
        assert (await reply).action == action
        await screen.pilot.pause()
        assert screen.chat.over is None


def opens(monkeypatch):
    """A browser that is there; gives the list of what it opened."""
    opened = []

    async def open_in_browser(url):
        opened.append(url)
        return True

    monkeypatch.setattr("tui.chat.browser.open_in_browser", open_in_browser)
    return opened


async def test_an_address_is_shown_and_opened_only_when_one_agrees(open_screen, monkeypatch):
    opened = opens(monkeypatch)
    async with open_screen() as screen:
        reply = asks(screen, Question("shop", "Pay here", url="https://pay.example/1?x=2"))
        await screen.press("alt+a")
        assert "https://pay.example/1?x=2" in screen.text()
        assert opened == []
        await screen.press("f2")
        assert await reply == QuestionReply("accept")
        assert opened == ["https://pay.example/1?x=2"], "before the server is told that one agrees"
        await screen.until(lambda: "shop: opening pay.example" in screen.text())


async def test_an_address_that_no_browser_opens_is_agreed_to_by_who_opened_it_elsewhere(open_screen, monkeypatch):
    async def open_in_browser(url):
        return False

    monkeypatch.setattr("tui.chat.browser.open_in_browser", open_in_browser)
    async with open_screen() as screen:
        reply = asks(screen, Question("shop", "Pay here", url="https://pay.example/1?x=2"))
        await screen.press("alt+a", "f2")
        await screen.until(lambda: "No browser opened it here" in screen.text())
        assert not reply.done()
        await screen.press("f2")
        assert await reply == QuestionReply("accept")


async def test_a_question_that_nobody_waits_for_goes_away(open_screen):
    async with open_screen() as screen:
        reply = asks(screen)
        await screen.press("alt+a")
        reply.cancel()
        await screen.until(lambda: screen.chat.over is None)
        assert screen.chat.servers.questions == []


async def test_servers_show_their_state_and_can_be_switched_off_and_restarted(open_screen):
    good = McpConnection(McpServer("talk", (sys.executable, str(SERVER))))
    bad = McpConnection(McpServer("bad", (sys.executable, "-c", "import sys; sys.exit('no licence')")))
    async with open_screen(size=(140, 40), settings=SETTINGS) as screen:
        screen.program.registry = Registry(servers=[good, bad])
        try:
            await screen.say("/tools")
            await screen.until(lambda: good.state == "ready" and bad.state == "failed")
            await screen.until(lambda: "it ended before it answered" in screen.text())
            assert "● talk" in screen.text()
            assert "13 tools" in screen.text()
            assert "task is left out" in screen.text()
            assert "destructive" in screen.text()
            await screen.press("enter")  # the first row is the server
            await screen.until(lambda: good.state == "off")
            assert "talk__ask" not in screen.text()
            await screen.press("f5")
            await screen.until(lambda: good.state == "ready" and "started 2 times" in screen.text())
            await screen.type("roots")
            rows = [row for row in screen.text().splitlines() if "talk__" in row]
            assert ["talk__roots" in row for row in rows] == [True]
            await screen.press("down", "enter")
            assert "○ off  talk__roots" in screen.text()
            assert screen.program.choices.switched_tools == ("talk__roots",)
            await screen.press(*["backspace"] * 5)
            await screen.type("talk__ro")
            await screen.press("f6")
            assert "● on   talk__roots" in screen.text()
            await screen.press("f6")
            assert "○ off  talk__roots" in screen.text()
            assert screen.program.choices.switched_tools == ("talk__roots",)
            await screen.press(*["backspace"] * 3)
            await screen.press(*["backspace"] * 5)
            await screen.type("bad")
            await screen.press("f3")
            assert "no licence" in screen.text()
            await screen.press("escape", "escape")
            assert screen.chat.over is None
        finally:
            await screen.program.registry.aclose()


async def test_a_browser_opens_for_a_sign_in_only_when_it_was_asked_for(open_screen, monkeypatch):
    opened = opens(monkeypatch)
    with HttpServer("oauth") as server:
        async with open_screen(size=(140, 40)) as screen:
            hub = McpConnection(
                McpServer("hub", url=server.url, sign_in=SignIn(store="memory")), person=screen.chat.servers.person
            )
            screen.program.registry = Registry(servers=[hub])
            try:
                await screen.say("/tools")
                await screen.until(lambda: hub.state == "needs a sign-in")
                assert opened == []
                await screen.until(lambda: "it needs a sign-in" in screen.text())
                await screen.press("enter")
                await screen.until(lambda: opened)
                assert opened[0].startswith(f"{server.origin}/authorize?")
            finally:
                await screen.program.registry.aclose()


async def test_an_address_that_no_browser_opens_is_shown_whole(open_screen, monkeypatch):
    async def opens(url):
        return False

    monkeypatch.setattr("tui.chat.browser.open_in_browser", opens)
    async with open_screen() as screen:
        await screen.chat.servers.open_address("https://pay.example/order?number=17", "shop")
        await screen.until(lambda: "https://pay.example/order?number=17" in screen.text().replace("\n", ""))


async def test_a_browser_that_stays_until_rillet_has_answered_it_holds_nothing_up(open_screen, monkeypatch, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text(
        f"#!{sys.executable} -I\nimport sys, urllib.request as u\nprint('over the screen')\nu.urlopen(sys.argv[1]).read()\n"
    )
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    with HttpServer("oauth") as server:
        async with open_screen(size=(140, 40)) as screen:
            person, sign_in = screen.chat.servers.person, SignIn(store="memory")
            hub = McpConnection(McpServer("hub", url=server.url, sign_in=sign_in), person=person)
            screen.program.registry = Registry(servers=[hub])
            try:
                await screen.say("/tools")
                await screen.until(lambda: "it needs a sign-in" in screen.text())
                await screen.press("enter")
                async with asyncio.timeout(60):  # two programs are started meanwhile
                    while hub.state != "ready":
                        await screen.pilot.pause(0.02)
                await screen.until(lambda: "ready · 1 tool ·" in screen.text())
            finally:
                await screen.program.registry.aclose()


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(1, 4, "looking up"), "looking up 1 of 4"),
        (Progress(512, 2048), "25%"),
        (Progress(3), "3"),
        (Progress(1, None, "\x1b[31mred"), "red 1"),
    ],
)
def test_progress_is_told_beside_a_call_that_runs(progress, words):
    view = CallView(ToolCall(0, "c1", "slow"), "running", progress=progress)
    line = "".join(text for text, _ in head_line(view, 80))
    assert line.partition(" · ")[0].endswith(words)  # then for how long it has been running
    assert "\x1b" not in line


def test_what_a_server_says_to_the_person_alone_is_shown_with_the_result():
    result = Result("c1", "for both", is_error=False, state="done", aside="for \x1byou")
    rows = [
        "".join(text for text, _ in line)
        for line in result_lines(CallView(ToolCall(0, "c1", "t"), "done", result=result), 60)
    ]
    assert rows == ["for both", "for you, and not for the model:", "for \u241byou"]


def test_a_question_about_a_call_says_that_its_arguments_are_not_checked():
    tool = Tool("t", "", {"type": "object"}, "mcp", None, server="s", unchecked="its schema is odd")
    view = CallView(ToolCall(0, "c1", "t"), "waiting", approval=Approval(ToolCall(0, "c1", "t"), tool, {}))
    assert any(
        "its arguments are not checked: its schema is odd" in "".join(text for text, _ in line)
        for line in question_lines(view, 80)
    )
