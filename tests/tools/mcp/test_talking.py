"""What a server asks, tells and offers besides its tools' results."""

import asyncio
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.tools.conftest import Call
from tests.tools.mcp.talkative_server import FORM
from tui import __version__
from tui.tools.approval import allow_once
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.log import ServerLog
from tui.tools.mcp.question import QuestionReply, Unattended
from tui.tools.mcp.server import McpServer, Value
from tui.tools.mcp.talk import MOST_QUESTIONS, Talk
from tui.tools.registry import Registry
from tui.tools.runner import Runner

PROGRAM = Path(__file__).with_name("talkative_server.py")


class Opened:
    """The talkative server, started and closed."""

    def __init__(self, log_dir=None, person=None, **given):
        command = given.pop("command", (sys.executable, str(PROGRAM)))
        self.connection = McpConnection(McpServer("s", command, **given), log_dir, person)
        self.registry = Registry(servers=[self.connection])
        self.runner = Runner(self.registry.get)

    async def __aenter__(self):
        await self.registry.start_servers()
        assert self.connection.state == "ready", self.connection.problem
        return self

    async def __aexit__(self, *_):
        async with asyncio.timeout(60):
            await self.registry.aclose()

    async def call(self, name, arguments="{}", reports=None):
        prepared = self.runner.prepare(Call(name, arguments))
        return await self.runner.run(prepared, allow_once(prepared), reports)


class Answering(Unattended):
    """A person who answers what they are told to."""

    def __init__(self, reply, seconds=0.0):
        self.reply, self.seconds, self.asked = reply, seconds, []

    async def answer(self, question):
        self.asked.append(question)
        await asyncio.sleep(self.seconds)
        return self.reply


async def test_tools_are_kept_and_told_apart_and_what_is_left_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "regex", None)  # which knows the pattern of the tool called emoji
    async with Opened() as server:
        names = [tool.name for tool in server.registry.tools]
        assert len(names) == len(set(names)) == 13
        alike = [name for name in names if name.startswith("s__no_schema_")]
        assert [(await server.call(name)).text for name in alike] == ["no.schema {}", "no schema {}"]
        notes = " | ".join(server.connection.notes)
        assert "task is left out: it runs only as a task" in notes
        assert "a tool without a name is left out" in notes
        for name in ("no.schema", "no schema", "old"):
            assert f"the arguments of {name} are not checked" in notes
        assert "of the arguments of emoji is not checked: the pattern “\\\\p{Emoji}”" in notes
        emoji = await server.call("s__emoji", '{"x": "not an emoji"}')
        assert emoji.text == 'emoji {"x": "not an emoji"}'
        assert server.registry.problems == ()
        description = server.registry.get("s__long").description
        assert len(description) < 9000
        assert description.endswith("[cut: 500,000 characters]")


async def test_a_pattern_with_emoji_is_checked_where_the_library_is():
    pytest.importorskip("regex")
    async with Opened() as server:
        assert "emoji" not in " ".join(server.connection.notes)
        refused = server.runner.prepare(Call("s__emoji", '{"x": "no"}'))
        assert "does not match the pattern" in refused.text
        assert not (await server.call("s__emoji", '{"x": "😀"}')).is_error


async def test_titles_hints_and_instructions_are_known():
    async with Opened() as server:
        ask, roots = server.registry.get("s__ask"), server.registry.get("s__roots")
        assert (ask.title, ask.hints, roots.hints) == ("Ask a person", ("destructive",), ("read-only",))
        assert (server.connection.title, server.connection.instructions) == ("Talkative 3", "Ask before you slow.")


async def test_a_question_is_answered_declined_or_cancelled():
    content = {"name": "Bo", "age": 7}
    for reply, said in (
        (QuestionReply("accept", content), {"action": "accept", "content": content}),
        (QuestionReply("decline"), {"action": "decline"}),
        (QuestionReply("cancel"), {"action": "cancel"}),
    ):
        person = Answering(reply)
        async with Opened(person=person) as server:
            assert json.loads((await server.call("s__ask")).text) == said
            (question,) = person.asked
            assert (question.server, question.message) == ("s", "Who?")
            assert [field.kind for field in question.fields] == ["text", "integer", "choice", "boolean"]
            assert question.fields[0].title == "Your name"
            assert question.fields[2].choices == (("red", "Red"), ("blue", "Blue"))
            assert [field.is_required for field in question.fields] == [True, False, False, False]
            assert question.problems({"name": "x", "age": -1}) == ["age: -1 is below the least, 0"]


async def test_nobody_declines_or_takes_what_is_proposed():
    async with Opened() as server:
        assert json.loads((await server.call("s__ask")).text) == {"action": "decline"}
    async with Opened(person=Unattended(takes_defaults=True)) as server:
        proposed = {"name": "Ada", "age": 36, "colour": "blue", "sure": True}
        assert json.loads((await server.call("s__ask")).text) == {"action": "accept", "content": proposed}
        assert json.loads((await server.call("s__ask_needy")).text) == {"action": "decline"}
        assert json.loads((await server.call("s__ask_url")).text) == {"action": "decline"}


async def test_no_server_piles_up_questions():
    class Busy(Unattended):
        async def answer(self, question):
            await asyncio.Event().wait()

    sdk = SimpleNamespace(types=SimpleNamespace(ElicitResult=lambda action: action))
    talk = Talk(McpServer("s", url="http://127.0.0.1:1/mcp"), ServerLog(None, "s"), Busy(), lambda: None)
    params = SimpleNamespace(mode="form", message="Who?", requested_schema=FORM)
    asked = [asyncio.ensure_future(talk.asked(sdk)(None, params)) for _ in range(MOST_QUESTIONS + 1)]
    await asyncio.sleep(0)
    assert [one.done() for one in asked] == [False] * MOST_QUESTIONS + [True]
    assert await asked.pop() == "decline"
    for one in asked:
        one.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    asked = [asyncio.ensure_future(talk.asked(sdk)(None, params))]
    await asyncio.sleep(0)
    assert not asked[0].done()
    asked[0].cancel()


async def test_a_person_may_take_longer_than_the_server_may():
    person = Answering(QuestionReply("decline"), seconds=2.4)
    async with Opened(person=person, timeout=2.0) as server:
        assert json.loads((await server.call("s__ask")).text) == {"action": "decline"}


async def test_progress_is_told_and_lengthens_the_wait_and_the_log_is_kept(tmp_path):
    async with Opened(tmp_path, timeout=2.5) as server:
        came = []
        slow = await server.call("s__slow", reports=came.append)
        assert (slow.text, slow.state) == ("done at last", "done")
        assert [(each.done, each.total, each.message) for each in came][-1] == (6, 6, "step 6")
        assert "[info] at 6" in server.connection.log.lines
        assert "[info] at 6" in (tmp_path / "mcp-s.log").read_text()


async def test_the_servers_errors_are_kept_within_bounds(tmp_path):
    async with Opened(tmp_path) as server:
        for _ in range(2):
            assert (await server.call("s__noise")).text == "said it"
        assert len(server.connection.log.lines) == 200
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["mcp-s.log", "mcp-s.log.1"]
    assert all(0 < file.stat().st_size <= 1 << 20 for file in files)
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)


async def test_the_server_is_told_who_asks_and_of_the_roots(tmp_path):
    async with Opened(roots=(str(tmp_path), "~")) as server:
        told = json.loads((await server.call("s__client")).text)
        assert told["clientInfo"] == {"name": "rillet", "version": __version__}
        assert "roots" in told["capabilities"]
        assert "elicitation" in told["capabilities"]
        roots = json.loads((await server.call("s__roots")).text)["roots"]
        assert [root["uri"] for root in roots] == [tmp_path.as_uri(), Path.home().as_uri()]
    async with Opened() as server:
        assert "roots" not in json.loads((await server.call("s__client")).text)["capabilities"]


async def test_values_come_from_the_settings_the_environment_and_commands(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "t0k3n")
    env = {
        "PLAIN": Value("as it is"),
        "GITHUB_TOKEN": Value(env="MY_TOKEN"),
        "API_KEY": Value(command=("printf", "k3y\\nmore"), form="Bearer {}"),
    }
    async with Opened(env=env) as server:
        there = json.loads((await server.call("s__environment")).text)
        assert (there["PLAIN"], there["GITHUB_TOKEN"], there["API_KEY"]) == ("as it is", "t0k3n", "Bearer k3y")
        assert "MY_TOKEN" not in there
    assert "t0k3n" not in repr(McpServer("s", ("x",), env={"A": Value("t0k3n")}))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Value(env="NO_SUCH_VARIABLE"), "the environment has no NO_SUCH_VARIABLE"),
        (Value(command=("false",)), "the command false gave nothing (exit status 1)"),
    ],
)
async def test_a_value_that_is_not_there_is_a_problem(value, words):
    connection = McpConnection(McpServer("s", (sys.executable, str(PROGRAM)), env={"TOKEN": value}))
    await connection.start()
    assert (connection.state, words in connection.problem) == ("failed", True)


async def test_the_home_is_found_in_a_command(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    program = tmp_path / "server"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} {PROGRAM}\n")
    program.chmod(0o755)
    async with Opened(command=("~/server", "~/x")) as server:
        assert server.registry.get("s__ask") is not None


async def test_resources_and_prompts():
    async with Opened() as server:
        (resource,) = await server.connection.resources()
        assert (resource.uri, resource.name, resource.description) == ("note://1", "note", "A note.")
        assert (await server.connection.read("note://1")).text == "what note://1 says"
        (prompt,) = await server.connection.prompts()
        assert (prompt.name, prompt.arguments[0].name, prompt.arguments[0].is_required) == ("poem", "topic", True)
        assert (await server.connection.prompt("poem", {"topic": "tea"})).text == "Write a poem about tea."


async def test_states_are_told_and_a_server_can_be_switched_off_and_on():
    states = []
    server = Opened()
    server.connection.listeners.append(lambda connection: states.append(connection.state))
    assert server.connection.state == "idle"
    async with server:
        assert states == ["starting", "ready"]
        await server.connection.switch_off()
        assert (server.connection.state, server.registry.tools) == ("off", ())
        await server.connection.start()
        assert not server.connection.is_running
        await server.connection.restart()
        assert (server.connection.state, server.connection.starts) == ("ready", 2)
        assert (await server.call("s__old", '{"x": 1}')).text == 'old {"x": 1}'


async def test_a_server_is_started_once_however_many_wait_for_it_or_leave():
    server = Opened()
    waiting = [asyncio.create_task(server.connection.start()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting.append(asyncio.create_task(server.connection.start()))
    async with server:
        await asyncio.gather(*waiting[1:])
        assert server.connection.starts == 1


async def test_a_server_with_much_to_do_lets_the_others_start():
    slow = McpConnection(McpServer("slow", (sys.executable, "-c", "import time; time.sleep(60)"), start_timeout=60))
    quick = McpConnection(McpServer("quick", (sys.executable, str(PROGRAM))))
    registry = Registry(servers=[slow, quick])
    registry.begin_servers()
    await quick.start()
    assert (quick.state, slow.state) == ("ready", "starting")
    async with asyncio.timeout(60):
        await registry.aclose()
