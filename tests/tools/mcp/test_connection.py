import asyncio
import importlib
import io
import os
import random
import resource
import socket
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.tools.conftest import Call, sleepers
from tui.child import end_child, start_child
from tui.cli.tool import try_tool
from tui.schema.json_value import freeze
from tui.tools.approval import Ask, Grants, allow_once, decide
from tui.tools.definition import ToolError
from tui.tools.mcp import connection, transport
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.listing import hints_of
from tui.tools.mcp.log import ServerLog
from tui.tools.mcp.run import Run, serve
from tui.tools.mcp.server import McpServer, mcp_problems
from tui.tools.registry import Registry
from tui.tools.runner import Runner

HERE = Path(__file__).parent


def real(**given):
    return McpServer("tiny", (sys.executable, str(HERE / "sdk_server.py")), **given)


def fake(tmp_path, mode="good", *more, **given):
    command = (sys.executable, str(HERE / "fake_server.py"), mode, str(tmp_path / "starts"), *more)
    return McpServer("fake", command, **given)


def starts(tmp_path):
    path = tmp_path / "starts"
    return path.stat().st_size if path.exists() else 0


class Opened:
    """A registry of one server, started and closed."""

    def __init__(self, server, log_dir=None):
        self.registry = Registry(servers=[McpConnection(server, log_dir)])
        self.runner = Runner(self.registry.get)

    async def __aenter__(self):
        await self.registry.start_servers()
        return self

    async def __aexit__(self, *_):
        async with asyncio.timeout(60):
            await self.registry.aclose()

    async def call(self, name, arguments="{}"):
        prepared = self.runner.prepare(Call(name, arguments))
        return await self.runner.run(prepared, allow_once(prepared))

    def tool(self, name):
        return self.registry.get(name)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_server_written_with_the_sdk(tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_API_KEY", "xai-0000000000000000")
    async with Opened(real(), tmp_path) as server:
        assert server.registry.problems == ()
        names = [tool.name for tool in server.registry.tools]
        assert names == ["tiny__add", "tiny__crash", "tiny__dot", "tiny__who"]
        add = server.tool("tiny__add")
        assert (add.server, add.source, add.origin, add.description) == ("tiny", "mcp", "mcp tiny", "Add two numbers.")
        assert add.hints == ("read-only",)
        assert "tools/call add at " in add.preview({"a": 1, "b": 2})
        assert add.parameters["properties"]["a"]["type"] == "integer"

        result = await server.call("tiny__add", '{"a": 2, "b": 40}')
        assert (result.text, result.state) == ("42", "done")
        assert (await server.call("tiny__dot")).images[0].url.startswith("data:image/png;base64,")

        pid, names = (await server.call("tiny__who")).text.split(" ", 1)
        assert "XAI_API_KEY" not in names
        log = tmp_path / "mcp-tiny.log"
        assert "a complaint" in log.read_text()
        assert log.stat().st_mode & 0o777 == 0o600

        crashed = await server.call("tiny__crash")
        assert crashed.state == "failed"
        assert "ended before it answered" in crashed.text
        again = await server.call("tiny__who")
        assert again.state == "done"
        assert again.text.split()[0] != pid
        last = int(again.text.split()[0])
    assert not is_running(last)


async def test_a_server_over_http():
    with socket.socket() as listener:  # given to the server, so that nobody else takes its port, and none is refused
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port, number = listener.getsockname()[1], str(listener.fileno())
        command = (sys.executable, str(HERE / "sdk_server.py"), "http", number)
        nothing = asyncio.subprocess.DEVNULL
        program = await start_child(*command, stderr=nothing, stdout=nothing, pass_fds=(listener.fileno(),))
    try:
        async with Opened(
            McpServer("web", url=f"http://127.0.0.1:{port}/mcp", only=("add", "crash"), start_timeout=60)
        ) as server:
            assert [tool.name for tool in server.registry.tools] == ["web__add", "web__crash"], server.registry.problems
            assert (await server.call("web__add", '{"a": 1, "b": 2}')).text == "3"
            assert (await server.call("web__crash")).state == "failed"
            await program.wait()
            gone = await server.call("web__add", '{"a": 1, "b": 2}')
            assert gone.state == "failed"
    finally:
        await end_child(program)


async def test_a_crash_is_a_failed_call_and_a_restart(tmp_path):
    async with Opened(fake(tmp_path)) as server:
        assert [tool.name for tool in server.registry.tools] == ["fake__echo", "fake__strange_name__", "fake__bad"]
        assert (await server.call("fake__echo", '{"text": "hi"}')).text == "hi (1)"
        assert (
            await server.call("fake__echo", '{"text": "die"}')
        ).text == "the server fake: it ended before it answered"
        assert server.registry.problems == ()
        assert (await server.call("fake__echo", '{"text": "hi"}')).text == "hi (2)"
        assert (await server.call("fake__strange_name__", '{"text": "x"}')).text == "x (2)"


async def test_a_call_that_hangs_fails_in_time_and_the_server_lives(tmp_path):
    async with Opened(fake(tmp_path, timeout=0.3)) as server:
        hung = await server.call("fake__echo", '{"text": "hang"}')
        assert (hung.state, hung.text) == ("failed", "the server fake: no answer in time")
        one = server.registry.servers[0]
        one.server = replace(one.server, timeout=60)
        assert (await server.call("fake__echo", '{"text": "hi"}')).text == "hi (1)"


async def test_an_error_of_the_server_is_a_failed_call(tmp_path):
    async with Opened(fake(tmp_path)) as server:
        assert (await server.call("fake__echo", '{"text": "error"}')).text == "the server fake: no such city"
        refused = await server.call("fake__echo", '{"text": "refuse"}')
        assert (refused.text, refused.state) == ("refuse (1)", "failed")


async def test_no_call_under_way_hangs_when_the_server_dies(tmp_path):
    async with Opened(fake(tmp_path, runs_parallel=True)) as server, asyncio.timeout(60):
        results = await asyncio.gather(
            *(server.call("fake__echo", f'{{"text": "{text}"}}') for text in ("die", "a", "b"))
        )
        assert results[0].state == "failed"
        assert {result.state for result in results} <= {"failed", "done"}


async def test_closing_while_a_server_just_ends_waits_for_its_process(tmp_path, monkeypatch):
    monkeypatch.setattr(transport, "keep_server", lambda *_: [])  # which holds the output open for as long as it lives
    server = Opened(fake(tmp_path))
    async with server:
        pid = int((await server.call("fake__echo", '{"text": "pid"}')).text.split()[0])
        assert (await server.call("fake__echo", '{"text": "linger"}')).state == "failed"
        async with asyncio.timeout(60):
            while starts(tmp_path) == 1:  # it is not asked to end yet
                await asyncio.sleep(0.01)
    assert not is_running(pid)


async def test_a_server_that_leaves_between_calls_is_started_again(tmp_path):
    async with Opened(fake(tmp_path)) as server:
        assert (await server.call("fake__echo", '{"text": "leave"}')).text == "leave (1)"
        connection = server.registry.servers[0]
        async with asyncio.timeout(60):
            while connection.is_running:
                await asyncio.sleep(0.01)
        assert (await server.call("fake__echo", '{"text": "hi"}')).text == "hi (2)"


async def test_a_definition_that_changes_with_a_restart_does_not_run(tmp_path):
    async with Opened(fake(tmp_path, "rug-pull")) as server:
        before = server.tool("fake__echo")
        prepared = server.runner.prepare(Call("fake__echo", '{"text": "hi"}'))
        await server.call("fake__echo", '{"text": "die"}')
        result = await server.runner.run(prepared, allow_once(prepared))
        assert result.state == "failed"
        assert "has changed the definition of echo; nothing was run" in result.text
        assert server.tool("fake__echo").hash != before.hash


async def test_a_definition_that_changes_while_it_runs_does_not_run(tmp_path):
    async with Opened(fake(tmp_path)) as server:
        before = server.tool("fake__echo")
        prepared = server.runner.prepare(Call("fake__echo", '{"text": "hi"}'))
        assert (await server.call("fake__echo", '{"text": "change"}')).text == "change (1)"
        async with asyncio.timeout(60):
            while server.tool("fake__echo").hash == before.hash:  # it is told, and lists again by itself
                await asyncio.sleep(0.01)
        assert server.tool("fake__echo").description == "Changed."
        refused = await server.runner.run(prepared, allow_once(prepared))
        assert (refused.state, "description: was “Echo.”, is “Changed.”" in refused.text) == ("not run", True)
        assert (await server.call("fake__echo", '{"text": "hi"}')).text == "hi (1)"


@pytest.fixture(params=["2026-07-28", "2025-11-25"])
async def changing(request, monkeypatch):
    """A server whose tools change, spoken to in the newest protocol and in the one before it."""
    protocol = "newest" if request.param.startswith("2026") else "older"
    versions = []

    async def note_and_serve(client, *given):
        versions.append(client.protocol_version)
        await serve(client, *given)

    monkeypatch.setattr(connection, "serve", note_and_serve)
    command = (sys.executable, str(HERE / "sdk_server.py"), "stdio", "changing")
    async with Opened(McpServer("tiny", command, protocol=protocol)) as opened:
        assert versions == [request.param]
        yield opened


async def test_a_tool_that_is_new_is_heard_of(changing):
    assert changing.tool("tiny__fresh") is None
    assert (await changing.call("tiny__announce")).text == "announced"
    async with asyncio.timeout(60):
        while changing.tool("tiny__fresh") is None:
            await asyncio.sleep(0.01)


async def test_a_definition_that_changes_in_silence_runs_nothing_unasked(changing):
    opened = changing
    grants = Grants()
    grants.allow_tool(opened.tool("tiny__touch"))

    async def call_unasked():
        prepared = opened.runner.prepare(Call("tiny__touch", '{"path": "x"}'))
        decision = decide(prepared, grants)
        return decision if isinstance(decision, Ask) else await opened.runner.run(prepared, decision)

    assert (await call_unasked()).text == "touched x"
    assert (await opened.call("tiny__turn")).text == "turned"
    change = "description: was “Read a file.”, is “Read a file, and DELETE it.”"
    refused = await call_unasked()
    assert refused.state == "not run"
    assert refused.text == f"Not run: the definition of tiny__touch has changed since it was allowed: {change}."
    assert await call_unasked() == Ask(has_changed=True, changes=(change,))
    assert (await opened.call("tiny__touch", '{"path": "x"}')).text == "touched x"


async def test_a_run_that_is_cancelled_leaves_no_task():
    async def renew(_client):
        pass

    run = Run(asyncio.get_running_loop().create_future())
    client = SimpleNamespace(protocol_version="2025-11-25")
    serving = asyncio.create_task(serve(client, run, "s", renew))
    while not any(task.get_coro().__qualname__ == "Queue.get" for task in asyncio.all_tasks()):
        await asyncio.sleep(0)
    serving.cancel()
    await asyncio.wait({serving, run.owner})
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_noise_and_long_output_do_no_harm(tmp_path):
    async with Opened(fake(tmp_path, "noise", output_limit=1000)) as server:
        result = await server.call("fake__echo", '{"text": "much"}')
        assert result.text.startswith("x" * 1000 + "\n[cut after 1,000")
        assert (await server.call("fake__echo", '{"text": "hi"}')).text == "hi (1)"


async def test_a_message_without_an_end_ends_the_server_and_not_the_memory(tmp_path):
    async with Opened(fake(tmp_path)) as server:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result = await server.call("fake__echo", '{"text": "endless"}')
        assert "it sent a message of more than 32 MiB" in result.text
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000, "in kilobytes"
        assert (await server.call("fake__echo", '{"text": "hi"}')).text == "hi (2)"


async def test_a_server_that_dies_at_once_is_a_problem_and_not_a_loop(tmp_path):
    async with Opened(fake(tmp_path, "dies-at-start"), tmp_path) as server:
        assert [str(problem) for problem in server.registry.problems] == [
            "tool fake: it ended before it answered; it said: no licence"
        ]
        assert server.registry.tools == ()
        assert "no licence" in (tmp_path / "mcp-fake.log").read_text()
        assert starts(tmp_path) == 1


async def test_a_server_that_says_nothing_is_given_up(tmp_path):
    async with Opened(fake(tmp_path, "silent", start_timeout=0.5)) as server:
        assert [problem.what for problem in server.registry.problems] == ["no answer in time"]


async def test_a_server_that_is_still_starting_keeps_nobody_who_ends_it(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "_CLOSE_SECONDS", 60)
    server = McpConnection(fake(tmp_path, "silent"))
    starting = asyncio.create_task(server.start())
    while server.state != "starting":
        await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await server.aclose()
    await starting
    assert server.state == "ended"


async def test_a_server_that_ignores_what_it_does_not_know_is_greeted_in_the_older_way(tmp_path, monkeypatch):
    monkeypatch.setattr(transport, "PROBE_SECONDS", 0.1)
    async with Opened(fake(tmp_path, "deaf", start_timeout=60)) as server:
        assert not server.registry.problems
        assert (await server.call("fake__echo", '{"text": "hi"}')).state == "done"
        assert importlib.import_module("mcp.client.session").DISCOVER_TIMEOUT_SECONDS == 0.1, "it waits as long"


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (McpServer("s", ("no-such-server",)), "there is no program no-such-server"),
        (McpServer("s", url="http://127.0.0.1:1/mcp"), "connect"),
    ],
)
async def test_a_server_that_is_not_there_is_a_problem(server, words):
    async with Opened(server) as opened:
        (problem,) = opened.registry.problems
        assert words in problem.what.lower()


@pytest.mark.skipif(sys.platform != "linux", reason="keepers are Linux's")
@pytest.mark.parametrize("mode", ["hides", "stubborn"])
async def test_a_server_ends_with_the_program_and_so_does_what_it_hid_elsewhere(tmp_path, mode):
    mark = f"78.{random.randrange(10**9)}"
    async with Opened(fake(tmp_path, mode, mark)) as server:
        pid = int((await server.call("fake__echo", '{"text": "pid"}')).text.split()[0])
        assert is_running(pid)
        assert len(sleepers(mark)) > 1, "the server, with its keeper, and what it started"
    assert not is_running(pid)
    assert sleepers(mark) == []


@pytest.mark.skipif(sys.platform != "linux", reason="keepers are Linux's")
async def test_a_server_that_is_no_program_says_so(tmp_path):
    program = tmp_path / "server"
    program.write_text("no program")
    program.chmod(0o755)
    async with Opened(McpServer("s", (str(program),))) as server:
        (problem,) = server.registry.problems
        assert f"{program} cannot be run: exec format error" in problem.what


async def test_a_program_that_just_ends_leaves_no_server_behind(tmp_path):
    script = f"""
import asyncio
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.server import McpServer
async def main():
    connection = McpConnection(McpServer("fake", ({sys.executable!r}, {str(HERE / "fake_server.py")!r}, "good", {str(tmp_path / "starts")!r})))
    await connection.start()
    print((await connection.call(connection.tools[0], "echo", {{"text": "pid"}})).text.split()[0])
asyncio.run(main())
"""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        cwd=HERE.parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await child.communicate()
    assert (child.returncode, errors) == (0, b"")
    pid = int(out)
    async with asyncio.timeout(60):
        while is_running(pid):
            await asyncio.sleep(0.01)


async def test_a_server_whose_tools_change_with_each_listing_is_not_listed_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("tui.tools.mcp.run.RENEW_PAUSE", 60.0)
    async with Opened(fake(tmp_path, "always-new")) as server:
        first, *_, last = [
            int((await server.call("fake__echo", '{"text": "listings"}')).text.split()[0]) for _ in range(5)
        ]
        assert last <= first + 5, "once for each call, and not for each notice"


async def test_half_a_character_in_a_result_takes_nothing_else_along(tmp_path):
    async with Opened(fake(tmp_path)) as server:
        assert (await server.call("fake__echo", '{"text": "half"}')).text == "\ufffd"


async def test_the_first_call_waits_until_a_server_has_the_roots_that_it_asks_for(tmp_path, monkeypatch):
    monkeypatch.setattr("tui.tools.mcp.talk.ROOTS_ASKED", 60.0)  # whatever the machine does meanwhile
    monkeypatch.setattr("tui.tools.mcp.talk.ROOTS_TAKEN", 2.0)
    async with Opened(fake(tmp_path, "asks-for-roots", roots=(str(tmp_path),))) as server:
        for _ in range(2):
            assert (await server.call("fake__echo", '{"text": "roots"}')).text == f'["{tmp_path.as_uri()}"] (1)'


async def test_a_server_that_never_asks_for_the_roots_is_called_all_the_same(tmp_path):
    async with Opened(fake(tmp_path, roots=(str(tmp_path),))) as server:
        assert (await server.call("fake__echo", '{"text": "hi"}')).text == "hi (1)"


async def test_cancelling_a_call_leaves_the_server_alone(tmp_path):
    async with Opened(fake(tmp_path)) as server:
        tool = server.tool("fake__echo")
        task = asyncio.create_task(tool.run(freeze({"text": "hi"})))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await server.call("fake__echo", '{"text": "there"}')).text == "there (1)"


async def test_without_the_extra_there_is_a_sentence(tmp_path, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    async with Opened(fake(tmp_path)) as server:
        (problem,) = server.registry.problems
        assert problem.what == "MCP needs the extra: pip install 'rillet[mcp]'"
    assert starts(tmp_path) == 0


async def test_one_tool_starts_no_server_but_its_own(tmp_path):
    servers = [McpConnection(replace(fake(tmp_path), name=name)) for name in ("one", "two")]
    registry, out = Registry(servers=servers), io.StringIO()
    try:
        assert await try_tool(registry, "two__echo", '{"text": "hi"}', out, io.StringIO()) == 0
    finally:
        await registry.aclose()
    assert out.getvalue() == "hi (1)\n"
    assert [server.starts for server in servers] == [0, 1]


async def test_a_closed_connection_starts_nothing(tmp_path):
    connection = McpConnection(fake(tmp_path))
    await connection.aclose()
    await connection.start()
    with pytest.raises(ToolError, match="does not run"):
        await connection.call(None, "echo", {})
    assert starts(tmp_path) == 0


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, "command"), ({"command": ("x",), "url": "https://x.example"}, "command"), ({"url": "ftp://x"}, "url"), ({"url": "http://x.example/mcp"}, "url"),
        ({"url": "https://a:b@x.example/"}, "url"),
    ],
)  # fmt: skip
def test_definitions_that_cannot_be_used(given, key):
    assert [found for found, _ in mcp_problems(McpServer("s", **given))] == [key]


@pytest.mark.parametrize(
    "given",
    [
        {"command": ("x",)},
        {"url": "https://x.example/mcp"},
        {"url": "http://localhost:1/"},
        {"url": "http://[::1]:1/"},
        {"url": "http://0.0.0.0:1/"},
    ],
)
def test_definitions_that_can(given):
    assert list(mcp_problems(McpServer("s", **given))) == []


@pytest.mark.parametrize(
    ("says", "hints"),
    [
        (None, ()),
        ({}, ()),
        ({"read_only_hint": True}, ("read-only",)),
        ({"destructive_hint": True, "open_world_hint": True}, ("destructive", "open world")),
        (
            {"read_only_hint": False, "destructive_hint": False, "idempotent_hint": False},
            ("changes something", "not destructive"),
        ),
    ],
)
def test_what_a_server_says_of_a_tool_is_told_and_belongs_to_its_definition(says, hints):
    names = ("read_only_hint", "destructive_hint", "idempotent_hint", "open_world_hint")
    annotations = None if says is None else SimpleNamespace(**{name: says.get(name) for name in names})
    assert hints_of(SimpleNamespace(annotations=annotations)) == hints


async def test_the_folder_of_its_log_is_made_where_there_is_none(tmp_path):
    log = ServerLog(tmp_path / "state" / "mcp", "files")
    with log.opened() as stream:
        stream.write("no licence\n")
    assert (tmp_path / "state" / "mcp" / "mcp-files.log").read_text() == "no licence\n"
    assert log.complaint == "no licence"
