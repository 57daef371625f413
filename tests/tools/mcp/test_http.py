"""Servers over HTTP: what they refuse, forget and send too much of, and how a person signs in."""

import asyncio
import json
import sys
import urllib.request

import pytest

from tests.tools.conftest import Call
from tests.tools.mcp.http_server import HttpServer
from tui.tools.approval import allow_once
from tui.tools.mcp import patience
from tui.tools.mcp.connection import McpConnection
from tui.tools.mcp.http import AGENT
from tui.tools.mcp.question import QuestionReply, is_safe_address
from tui.tools.mcp.server import McpServer, SignIn, Value
from tui.tools.registry import Registry
from tui.tools.runner import Runner


class Browsing:
    """A person who goes where they are sent, and lets their browser do the rest; or does not."""

    def __init__(self, goes=True):
        self.goes, self.addresses, self.visits = goes, [], []

    async def answer(self, question):
        return QuestionReply("decline")

    async def sign_in(self, server, address):
        self.addresses.append(address)
        if self.goes:
            self.visits.append(asyncio.ensure_future(asyncio.to_thread(self._visit, address)))
        return self.goes

    @staticmethod
    def _visit(address):
        with urllib.request.urlopen(address) as page:
            return page.read()


class Opened:
    """One server, started and closed."""

    def __init__(self, server, person=None, log_dir=None, **given):
        given.setdefault("sign_in", SignIn(store="memory"))
        self.connection = McpConnection(McpServer("s", url=server.url, **given), log_dir, person)
        self.runner = Runner(Registry(servers=[self.connection]).get)

    async def __aenter__(self):
        await self.connection.start()
        return self

    async def __aexit__(self, *_):
        async with asyncio.timeout(60):
            await self.connection.aclose()

    async def call(self, text):
        prepared = self.runner.prepare(Call("s__echo", json.dumps({"text": text})))
        return await self.runner.run(prepared, allow_once(prepared))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "HTTP 401: it wants a sign-in"),
        (403, "HTTP 403: it refuses this key or account"),
        (404, "HTTP 404: there is nothing at this address"),
        (500, "HTTP 500: it failed"),
        (503, "HTTP 503: it is not available now"),
        (418, "HTTP 418: it refused the request"),
    ],
)
async def test_what_http_says_is_told(status, words):
    with HttpServer(status=status) as server:
        async with Opened(server, key=Value("k3y")) as opened:
            assert (opened.connection.state, opened.connection.problem) == ("failed", words)


async def test_a_service_that_was_not_there_is_tried_again_by_itself_without_a_word(monkeypatch):
    monkeypatch.setattr(patience, "SERVICE_PAUSES", (0.01,))
    with HttpServer(status=503) as server:
        async with Opened(server) as opened:
            states = []
            opened.connection.listeners.append(lambda each: states.append((each.state, bool(each.problem))))
            assert opened.connection.state == "failed"
            while opened.connection.starts < 3:
                await asyncio.sleep(0.005)
            assert opened.connection.is_settled, "no prompt waits for it"
            server.status = 0
            while opened.connection.state != "ready":
                await asyncio.sleep(0.005)
            assert set(states[:-1]) <= {("failed", True)}
            assert (await opened.call("back")).text == "back"
            assert {headers["user-agent"] for _, _, headers, _ in server.requests} == {AGENT}


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_what_a_person_must_change_is_not_tried_again(monkeypatch, status):
    monkeypatch.setattr(patience, "SERVICE_PAUSES", (0.0,))
    with HttpServer(status=status) as server:
        async with Opened(server, key=Value("k3y")) as opened:
            await asyncio.sleep(0)
            assert opened.connection._patience._timer is None


async def test_a_program_that_ends_at_once_is_left_alone_after_a_few_tries(monkeypatch):
    monkeypatch.setattr(patience, "PROGRAM_PAUSES", (0.0, 0.0))
    connection = McpConnection(McpServer("s", (sys.executable, "-c", "")))
    await connection.start()
    while connection.starts < 3 or connection._trying is None or not connection._trying.done():
        await asyncio.sleep(0.01)
    assert (connection.starts, connection.state, connection._patience._timer) == (3, "failed", None)
    missing = McpConnection(McpServer("s", ("/no/such/program",)))
    await missing.start()
    assert missing._patience._timer is None
    await connection.aclose()


async def test_a_key_and_headers_go_along(monkeypatch):
    monkeypatch.setenv("OTHER", "0ther")
    with HttpServer() as server:
        headers = {"X-Team": Value("blue"), "X-Api-Key": Value(env="OTHER", form="Key {}")}
        async with Opened(server, key=Value("k3y"), headers=headers) as opened:
            assert (await opened.call("hi")).text == "hi"
        for _, _, sent, _ in server.requests:
            told = {name.lower(): value for name, value in sent.items()}
            assert (told["authorization"], told["x-team"], told["x-api-key"]) == ("Bearer k3y", "blue", "Key 0ther")
            assert told["accept-encoding"] == "identity"


async def test_a_server_that_was_restarted_is_greeted_anew_and_asked_once_more():
    with HttpServer() as server:
        async with Opened(server, sign_in=None) as opened:
            assert (await opened.call("one")).text == "one"
            server.forget()
            assert (await opened.call("two")).text == "two"
            assert opened.connection.starts == 2
        assert len([body for _, _, _, body in server.requests if b'"two"' in body]) == 2


@pytest.mark.parametrize("mode", ["plain", "events"])
async def test_answers_may_be_long_but_not_endless(mode):
    with HttpServer(mode) as server:
        async with Opened(server, sign_in=None, output_limit=4_000_000) as opened:
            assert (await opened.call("size 3000000")).text == "x" * 3_000_000
            much = await opened.call("size 40000000")
            assert much.state == "failed"
            assert "longer than 32 MiB" in much.text or "byte limit" in much.text
            assert (await opened.call("again")).text == "again"


async def test_what_is_cut_is_counted_whole():
    with HttpServer() as server:
        async with Opened(server, sign_in=None, output_limit=1000) as opened:
            assert (await opened.call("size 1000000")).text.endswith("x\n[cut after 1,000 of 1,000,000 bytes]")


async def test_a_compressed_answer_is_not_unpacked():
    with HttpServer("gzip") as server:
        async with Opened(server, sign_in=None) as opened:
            assert opened.connection.problem == "it answers with gzip, which was not asked for"


async def test_a_person_signs_in_and_later_runs_need_no_one():
    with HttpServer("oauth") as server:
        person = Browsing()
        async with Opened(server, person) as opened:
            assert (opened.connection.state, opened.connection.problem) == ("ready", "")
            assert (await opened.call("hi")).text == "hi"
        pages = await asyncio.gather(*person.visits)
        assert b"You can close this page" in pages[0]
        assert len(person.addresses) == 1
        async with Opened(server, Browsing(goes=False)) as opened:
            assert (await opened.call("again")).text == "again"
        server.tokens.clear()  # they have run out
        async with Opened(server, person) as opened:
            assert (await opened.call("anew")).text == "anew"
        await asyncio.gather(*person.visits)


async def test_without_a_person_it_needs_a_sign_in_and_says_where():
    with HttpServer("oauth") as server:
        async with Opened(server, Browsing(goes=False)) as opened:
            assert opened.connection.state == "needs a sign-in"
            assert opened.connection.problem.startswith(f"it needs a sign-in: {server.origin}/authorize?")
            person = opened.connection.talk.person = Browsing()
            await opened.connection.restart()
            assert opened.connection.state == "ready"
            await asyncio.gather(*person.visits)


@pytest.mark.parametrize("elsewhere", ["http://sign-in.example", "http://10.0.0.1", "http://localhost.example:8080"])
async def test_nothing_of_a_sign_in_goes_elsewhere_in_clear(elsewhere):
    with HttpServer("oauth") as server:
        server.elsewhere = elsewhere
        person = Browsing()
        async with Opened(server, person) as opened:
            assert opened.connection.state == "failed"
            assert opened.connection.problem == "it wants the sign-in at an address that is not https"
        assert person.addresses == []


async def test_a_server_that_wants_more_asks_for_it_when_it_does():
    with HttpServer("oauth") as server:
        person = Browsing()
        async with Opened(server, person, timeout=60) as opened:
            assert (await opened.call("hi")).text == "hi"
            server.scope = "write"
            assert (await opened.call("more")).text == "more"
        await asyncio.gather(*person.visits)
        assert "scope=read+write" in person.addresses[1]


async def test_tokens_are_kept_in_a_file_only_where_the_settings_say_so(tmp_path):
    with HttpServer("oauth") as server:
        for store, names in (("memory", []), ("file", ["mcp-s.sign-in.json"])):
            person = Browsing()
            async with Opened(server, person, tmp_path, sign_in=SignIn(store=store)) as opened:
                assert opened.connection.state == "ready"
            await asyncio.gather(*person.visits)
            kept = [path for path in tmp_path.iterdir() if path.suffix == ".json"]
            assert [path.name for path in kept] == names
        assert kept[0].stat().st_mode & 0o777 == 0o600
        assert "t0k3n" in kept[0].read_text()
        assert all("t0k3n" not in path.read_text() for path in tmp_path.iterdir() if path != kept[0])
        async with Opened(server, Browsing(goes=False), tmp_path, sign_in=SignIn(store="file")) as opened:
            assert opened.connection.state == "ready"


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://a.example/x?y=1", True),
        ("http://127.0.0.1:8000/authorize", True),
        ("http://a.example/", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https:///x", False),
        ("https://a.example/ --load-extension=/tmp/x", False),
        ("https://a.example/\n", False),
        ("-https://a.example", False),
    ],
)
def test_where_a_person_may_be_led(address, is_safe):
    assert is_safe_address(address) is is_safe
