"""The fault server itself: what it promises to every other test."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.server import SCENARIOS, TEXT, Answer, End, FaultServer, Pause

_ENDLESS = {"endless", "endless-line", "endless-frame", "endless-tool", "endless-empty", "http-endless", "pings"}
_SILENT = {"stall", "stall-head", "stall-body", "hold", "hold-finish", "bad-chunk", "http-stall", "models-stall"}
_SLOW = {"drip", "gzip-bomb", "huge-line", "huge-reply", "models-huge"}


def ask(server: FaultServer, url: str, body: object = None, *, limit: int = 1 << 20, timeout: float = 60) -> bytes:
    """Everything the server writes, over a plain socket."""
    path = url.removeprefix(server.origin)
    data = json.dumps(body if body is not None else {"model": "x", "stream": True}).encode()
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout) as sock:
        head = f"POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(data)}\r\n\r\n".encode()
        sock.sendall(head + data)
        try:
            while len(received) < limit and not received.endswith(b"0\r\n\r\n"):
                piece = sock.recv(65536)
                if not piece:
                    break
                received += piece
        except ConnectionResetError:
            received += b"<RESET>"
        except TimeoutError:
            received += b"<SILENT>"
    return received


@pytest.fixture(scope="module")
def server():
    with FaultServer() as running:
        yield running


@pytest.mark.parametrize("path", ["/chat/completions", "/responses"])
@pytest.mark.parametrize("name", sorted(set(SCENARIOS) - _ENDLESS - _SILENT - _SLOW))
def test_every_scenario_plays_to_its_end(server, name, path):
    received = ask(server, server.url(name) + path)
    assert b"no such scenario" not in received
    assert not received.endswith(b"<SILENT>")


@pytest.mark.parametrize("name", sorted(_ENDLESS))
def test_an_endless_stream_does_not_outlive_its_client(server, name):
    before = len(server.log)
    received = ask(server, server.url(name) + "/chat/completions", limit=1200)
    assert len(received) >= 100
    server.wait_for(lambda: len(server.log) > before and server.log[-1].hung_up_at)


@pytest.mark.parametrize("name", sorted(_SILENT))
def test_silence_lasts_until_the_client_hangs_up(server, name):
    before = len(server.log)
    assert ask(server, server.url(name) + "/chat/completions", timeout=0.05).endswith(b"<SILENT>")
    server.wait_for(lambda: len(server.log) > before and server.log[-1].hung_up_at)


def test_a_reset_comes_after_exactly_so_many_bytes(server):
    for count in (0, 1, 399, 400):
        received = ask(server, server.url(f"reset@{count}") + "/chat/completions")
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert body.endswith(b"<RESET>")
        assert server.log[-1].written == count


def test_the_model_names_the_scenario_too(server):
    received = ask(server, server.url() + "/chat/completions", {"model": "http@418"})
    assert received.startswith(b"HTTP/1.1 418")
    assert server.log[-1].scenario == "http@418"


def test_the_log_keeps_the_request(server):
    ask(server, server.url("ok") + "/responses", {"model": "m", "input": "hi"})
    exchange = server.log[-1]
    assert (exchange.method, exchange.body, exchange.headers["host"]) == ("POST", {"model": "m", "input": "hi"}, "x")
    assert exchange.path == "/s/ok/v1/responses"


def test_both_dialects_say_the_same_words(server):
    words = TEXT.split(" ")
    for path in ("/chat/completions", "/responses"):
        received = ask(server, server.url("ok") + path).decode()
        assert all(word in received for word in words)
        assert "usage" in received


def test_a_rate_is_kept(server):
    began = time.monotonic()
    received = ask(server, server.url("ok;tokens=20;rate=200") + "/chat/completions")
    took = time.monotonic() - began
    assert received.count(b'"content":') == 20
    assert took >= 19 / 200


def test_tool_calls_are_answered_after_their_results(server):
    tools = [
        {
            "type": "function",
            "function": {"name": "add", "parameters": {"properties": {"a": {"type": "integer"}}, "type": "object"}},
        }
    ]
    first = ask(
        server,
        server.url("tools") + "/chat/completions",
        {"messages": [{"role": "user", "content": "x"}], "tools": tools},
    )
    assert b'"name":"add"' in first
    results = {
        "messages": [{"role": "user", "content": "x"}, {"role": "tool", "tool_call_id": "call_0_0", "content": "7"}]
    }
    assert b"answered" in ask(server, server.url("tools") + "/chat/completions", results)


def test_a_test_may_bring_its_own_script(server):
    url = server.add("mine", Answer([b"one", Pause(0.01), b"two", End.CUT]))
    assert ask(server, url + "/anything").endswith(b"3\r\none\r\n3\r\ntwo\r\n")


def test_a_conformance_case_is_played_byte_for_byte(server):
    case = {
        "name": "demo",
        "http": {"status": 200, "headers": {"Content-Type": "text/event-stream"}},
        "body_chunks": ["data: a\n\n", {"b64": "/w=="}, {"text": "xy", "repeat": 3}],
        "body_end": "reset",
    }
    received = ask(server, server.play(case) + "/chat/completions")
    assert received.endswith(b"9\r\ndata: a\n\n\r\n1\r\n\xff\r\n6\r\nxyxyxy\r\n<RESET>")
    recut = ask(server, server.play(case, cut=7) + "/chat/completions")
    assert b"\r\n7\r\ndata: a\r\n7\r\n\n\n\xffxyxy\r\n" in recut


def test_closing_hangs_up_on_everybody():
    server = FaultServer().start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as sock:
        sock.sendall(b"POST /s/stall-head/v1/x HTTP/1.1\r\nhost: x\r\n\r\n")
        server.wait_for(lambda: server.log)
        server.close()
        assert sock.recv(1) == b""
    assert server.open_connections == 0


def test_the_list_of_scenarios_names_every_group():
    assert {entry.group for entry in SCENARIOS.values()} == {"good", "S", "H", "D"}
    assert all(entry.about.endswith((".", ")")) for entry in SCENARIOS.values())


def test_it_is_a_program_too():
    with subprocess.Popen([sys.executable, "-m", "tests.server"], stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            with urllib.request.urlopen(url + "/models", timeout=60) as answer:
                assert b"scripted-1" in answer.read()
        finally:
            process.terminate()
