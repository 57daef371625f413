"""The server of the browser's screen: who is let in, what is sent, and how a screen begins and ends there."""

import asyncio
import json
import sys

import pytest

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")

from tui.cli.command.chat import without_web  # noqa: E402
from tui.ui.web.server import Server, child_environ  # noqa: E402

TAB = "01234567-89ab-cdef-0123-456789abcdef"
CHILD = r"""
import os, sys, json
def packet(kind, data): os.write(1, kind + len(data).to_bytes(4, "big") + data)
os.write(1, b"__GANGLION__\n")
packet(b"D", (" ".join(sys.argv[1:]) + "|" + os.environ.get("TMUX", "no tmux")).encode())
while True:
    head = sys.stdin.buffer.read(5)
    if len(head) < 5: break
    data = sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
    if head[:1] == b"M" and json.loads(data)["type"] == "quit": break
    packet(b"D", data)
packet(b"M", b'{"type": "session", "id": "abc"}')
packet(b"M", b'{"type": "exit"}')
"""


class Serving:
    """A server, and a browser that talks to it."""

    def __init__(self, argv):
        self.server = Server(argv)
        self._said = asyncio.get_running_loop().create_future()

    async def __aenter__(self):
        self._task = asyncio.create_task(self.server.run(0, self._said.set_result))
        self.address = await self._said
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        return self

    async def __aexit__(self, *_):
        await self.http.close()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def status(self, path, **headers):
        async with self.http.get(self.server.origin + path, headers=headers, allow_redirects=False) as answer:
            return answer.status

    def socket(self, **headers):
        address = f"{self.server.origin}/ws/{TAB}?width=100&height=30"
        return self.http.ws_connect(address, headers={"Origin": self.server.origin, **headers})

    async def open(self):
        async with self.http.get(self.address) as answer:
            return answer


@pytest.fixture
def serving():
    return lambda *words: Serving([sys.executable, "-c", CHILD, *words])


async def test_nobody_gets_in_without_the_token_from_another_page_or_by_another_name(serving):
    async with serving() as one:
        assert await one.status("/") == 403
        assert await one.status("/static/js/textual.js") == 403
        assert await one.status("/?token=wrong") == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await one.socket()
        answer = await one.open()
        assert answer.status == 200
        assert answer.url.query_string == ""  # the address that stays in the history holds no token
        assert answer.history[0].cookies.popitem()[1]["samesite"] == "Strict"
        assert await one.status("/") == 200
        assert await one.status("/", Host="evil.example") == 403
        assert await one.status("/", Host="127.0.0.1:1") == 403
        assert await one.status("/", Origin="http://evil.example") == 403
        for origin in ("http://evil.example", "null", f"https://{one.server.origin[7:]}"):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await one.socket(Origin=origin)


async def test_the_page_asks_nobody_else_for_anything_and_files_beside_it_are_not_served(serving):
    async with serving() as one:
        answer = await one.open()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        for path in ("/", "/page.js", "/page.css"):
            async with one.http.get(one.server.origin + path) as answer:
                text = (await answer.text()).replace("http://www.w3.org", "")
                assert "https://" not in text
                assert "http://" not in text
        assert await one.status("/static/fonts/RobotoMono-VariableFont_wght.ttf") == 200
        for path in ("/static/../server.py", "/static/%2e%2e/server.py", "/static/js/", "/page.html", "/server.py"):
            assert await one.status(path) == 404


async def test_what_is_typed_goes_there_and_back_and_a_page_that_is_loaded_again_has_its_session(serving, monkeypatch):
    monkeypatch.setenv("TMUX", "/tmp/t")
    async with serving("--model", "m") as one:
        await one.open()
        async with one.socket() as socket:
            assert (await socket.receive()).data == b"--model m|no tmux"
            await socket.send_str(json.dumps(["stdin", "é" * 100_000]))
            assert (await socket.receive()).data.decode() == "é" * 100_000
            await socket.send_str('["nonsense", 3]')
            await socket.send_str('["ping", "1"]')
            assert json.loads((await socket.receive()).data) == ["pong", "1"]
        async with one.socket() as socket:
            assert (await socket.receive()).data == b"--model m --session abc|no tmux"


async def test_a_screen_that_does_not_start_is_told_on_the_page(capfd):
    async with Serving([sys.executable, "-c", "import sys; sys.exit('the reason')"]) as one:
        await one.open()
        async with one.socket() as socket:
            assert b"ended before it showed anything" in (await socket.receive()).data
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert "the reason" in capfd.readouterr().out


async def test_the_screens_end_with_the_server(serving):
    async with serving() as one:
        await one.open()
        socket = await one.socket()
        await socket.receive()
        await one.server.close(None)
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


def test_a_screen_is_not_told_of_the_servers_terminal():
    environ = child_environ({"DISPLAY": ":0", "TMUX": "x", "STY": "y", "TERM": "linux", "HOME": "/h"}, 90, 30)
    assert not {"DISPLAY", "TMUX", "STY"} & set(environ)
    assert (environ["TERM"], environ["HOME"], environ["COLUMNS"], environ["ROWS"]) == (
        "xterm-256color",
        "/h",
        "90",
        "30",
    )


def test_a_screen_gets_the_words_of_the_command_line_but_for_those_that_ask_for_a_browser():
    words = ["--web", "--model", "m", "--web-port", "80", "--web-port=8", "--theme", "ink"]
    assert without_web(words) == ["--model", "m", "--theme", "ink"]
