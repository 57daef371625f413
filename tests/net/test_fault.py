"""Every fault of the network becomes a sentence that says what happened."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from tests.net.asking import KEEPING, KEY, ask, ask_scenario, endpoint_at
from tests.server import TEXT, FaultServer
from tui.domain.error import BrokenError, ConfigError, ConnectError, FrameError, LimitError, RefusedError
from tui.net.client import Client

CERTIFICATES = Path(__file__).parent / "certificate"


def tls_server(name: str, **more) -> FaultServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return FaultServer(tls=context, **more)


async def test_nobody_listens(client):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        outcome = await ask(client, endpoint_at(f"http://127.0.0.1:{port}/v1"))
    assert isinstance(outcome.error, ConnectError)
    assert outcome.error.message == f"Nothing listens at 127.0.0.1:{port}."
    assert outcome.error.hint == "Is the server running?"
    assert len(outcome.retries) == 2


async def test_no_such_host(client, monkeypatch):
    def fail(*_args, **_more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    outcome = await ask(client, endpoint_at("http://api.invalid:81/v1", allow_http=True))
    assert isinstance(outcome.error, ConnectError)
    assert outcome.error.message == "Cannot find host api.invalid."
    assert "online" in outcome.error.hint


@pytest.mark.parametrize(
    ("scenario", "kind", "words"),
    [
        ("close", ConnectError, "hung up without an answer"),
        ("reset-head", ConnectError, "broke before an answer came"),
        ("garbage", FrameError, "is not HTTP"),
        ("huge-header@70", LimitError, "headers"),
        ("huge-header@500", LimitError, "headers"),
        ("reset@700", BrokenError, "The connection to 127.0.0.1:{port} broke."),
        ("cut@700", BrokenError, "The connection to 127.0.0.1:{port} ended early."),
        ("half-chunk", BrokenError, "ended early"),
        ("bad-chunk", FrameError, "stopped being HTTP"),
        ("http-reset@400", RefusedError, "The request was refused (400)."),
        ("http-html@404", RefusedError, "502 Bad Gateway"),
    ],
)
@pytest.mark.parametrize("dialect", ["chat", "responses"])
async def test_the_sentence(server, client, scenario, kind, words, dialect):
    outcome = await ask_scenario(server, client, scenario, dialect=dialect)
    assert isinstance(outcome.error, kind)
    assert words.format(port=server.port) in outcome.error.message
    assert len(outcome.error.message) < 300
    assert outcome.tape.end.message == outcome.error.message


@pytest.mark.parametrize("dialect", ["chat", "responses"])
async def test_all_that_counts_had_come(server, client, dialect):
    outcome = await ask_scenario(server, client, "length-long", dialect=dialect)
    assert outcome.error is None
    assert outcome.text == TEXT


async def test_a_certificate_nobody_signed(client):
    with tls_server("own") as server:
        outcome = await ask(client, endpoint_at(server.url("ok")))
        assert server.log == []
    assert isinstance(outcome.error, ConnectError)
    assert "nobody this machine trusts" in outcome.error.message
    assert outcome.retries == []


@pytest.mark.parametrize(
    ("name", "words"), [("expired", "it has expired"), ("other", "it is for another host than 127.0.0.1")]
)
async def test_a_certificate_that_does_not_fit(client, monkeypatch, name, words):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / f"{name}.pem"))
    with tls_server(name) as server:
        outcome = await ask(client, endpoint_at(server.url("ok")))
        assert server.log == []
    assert isinstance(outcome.error, ConnectError)
    assert words in outcome.error.message


async def test_a_certificate_that_was_trusted_by_hand(client, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "own.pem"))
    with tls_server("own") as server:
        for _ in range(2):
            outcome = await ask(client, endpoint_at(server.url("ok")), pauses=KEEPING)
            assert outcome.text == TEXT
        assert len({exchange.connection for exchange in server.log}) == 1
        outcome = await ask(client, endpoint_at(server.url("reset@700")))
        assert isinstance(outcome.error, BrokenError)


async def test_plain_http_where_https_was_meant(server, client):
    url = server.url("ok").replace("http://", "https://")
    outcome = await ask(client, endpoint_at(url))
    assert isinstance(outcome.error, ConnectError)
    assert "does not speak TLS" in outcome.error.message
    assert outcome.retries == []


async def test_https_where_plain_http_was_meant(client):
    with tls_server("own") as server:
        outcome = await ask(client, endpoint_at(server.url("ok").replace("https://", "http://")))
    assert outcome.error is not None
    assert outcome.error.message


async def test_a_proxy_that_wants_a_password():
    with FaultServer("proxy-407") as proxy:
        async with Client(environ={"http_proxy": proxy.origin, "https_proxy": proxy.origin}) as client:
            outcome = await ask(client, endpoint_at("http://api.example.test/v1", allow_http=True))
            assert isinstance(outcome.error, RefusedError)
            assert "proxy" in outcome.error.message
            outcome = await ask(client, endpoint_at("https://api.example.test/v1"))
            assert isinstance(outcome.error, ConnectError)
            assert outcome.error.message == f"The proxy 127.0.0.1:{proxy.port} wants a user and a password."
            assert all("authorization" not in log.headers for log in proxy.log if log.method == "CONNECT")


async def test_a_dead_proxy():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        async with Client(environ={"https_proxy": f"http://user:secret@127.0.0.1:{port}"}) as client:
            outcome = await ask(client, endpoint_at("https://api.example.test/v1"))
    assert outcome.error.message == f"The proxy 127.0.0.1:{port} does not answer."
    assert "secret" not in str(outcome.error.record())


async def test_a_proxy_of_another_kind():
    async with Client(environ={"all_proxy": "socks5://127.0.0.1:9"}) as client:
        outcome = await ask(client, endpoint_at("https://api.example.test/v1"))
    assert isinstance(outcome.error, ConfigError)
    assert "SOCKS" in outcome.error.message


@pytest.mark.parametrize("name", ["☃.net", "1.2.3.999", "ü\\x"])
async def test_a_proxy_whose_name_is_none(name):
    async with Client(environ={"https_proxy": f"http://user:secret@{name}:3128"}) as client:
        outcome = await ask(client, endpoint_at("https://example.com/v1"))
    assert "has a name that is none" in outcome.error.message
    assert "secret" not in outcome.error.in_full


@pytest.mark.parametrize("name", ["☃.net", "1.2.3.999", "xn--zz"])
async def test_a_host_whose_name_is_none(name):
    async with Client(environ={}) as client:
        outcome = await ask(client, endpoint_at(f"https://{name}/v1"))
    assert f"The request to {name} cannot be sent" in outcome.error.message


async def test_this_machine_is_never_asked_for_through_a_proxy(server):
    dead = "http://127.0.0.1:9"
    async with Client(environ={"http_proxy": dead, "all_proxy": dead}) as client:
        outcome = await ask_scenario(server, client, "ok")
        assert outcome.text == TEXT
        assert client.proxy_of("http://localhost:8080/v1") == ""
        assert client.proxy_of("http://example.com/v1") == "127.0.0.1:9"


async def test_no_proxy_is_honoured():
    environ = {
        "https_proxy": "http://proxy.test:3128",
        "HTTPS_PROXY": "http://upper.test",
        "no_proxy": "x.ai,.internal",
    }
    async with Client(environ=environ) as client:
        assert client.proxy_of("https://api.x.ai/v1") == ""
        assert client.proxy_of("https://a.internal/v1") == ""
        assert client.proxy_of("https://api.other.test/v1") == "proxy.test:3128"


UNREADABLE = [
    "http://me:geheim#1@127.0.0.1:9",
    "http://proxy:port",
    "http://me:gehe/im@h:1",
    "http://",
    "http://[::1",
    "h:x",
]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("value", UNREADABLE)
async def test_a_proxy_that_cannot_be_read_is_named_and_no_part_of_it_shown(name, value):
    async with Client(environ={name: value}) as client:
        outcome = await ask(client, endpoint_at("http://api.example.test/v1", allow_http=True))
    assert isinstance(outcome.error, ConfigError)
    assert outcome.error.message == f"{name} cannot be read as the address of a proxy."
    assert "gehe" not in f"{outcome.error.record()} {outcome.error.__cause__}"


async def test_an_at_sign_in_a_proxy_s_password_is_a_part_of_it():
    async with Client(environ={"https_proxy": "http://me:p@ss@proxy.test:3128"}) as client:
        assert client.proxy_of("https://api.other.test/v1") == "proxy.test:3128"


@pytest.mark.parametrize(
    ("spared", "host", "is_spared"),
    [
        ("192.0.2.0/24", "192.0.2.5", True),
        ("192.0.2.0/24", "192.0.3.5", False),
        ("10.0.0.0/8 , 192.0.2.5", "192.0.2.5", True),
        ("2001:db8::/32", "[2001:db8::7]", True),
        ("[2001:db8::7]:80", "[2001:db8::7]", True),
        ("192.0.2.0/24", "corp.example", False),
        ("*.corp.example", "llm.corp.example", True),
        ("corp.example:8080", "llm.corp.example", False),
        ("corp.example:80", "llm.corp.example", True),
        ("corp.example", "notcorp.example", False),
        ("*", "x.example", True),
        ("192.0.2.0/99, x", "192.0.2.5", False),
    ],
)
async def test_no_proxy_takes_names_addresses_and_ranges(spared, host, is_spared):
    async with Client(environ={"http_proxy": "http://proxy.test:3128", "NO_PROXY": spared}) as client:
        assert (client.proxy_of(f"http://{host}/v1") == "") is is_spared


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
async def test_certificates_that_are_not_there_are_told_as_that(name, tmp_path):
    async with Client(environ={name: str(tmp_path / "gone")}) as client:
        outcome = await ask(client, endpoint_at("https://127.0.0.1:9/v1"))
    assert isinstance(outcome.error, ConfigError)
    assert outcome.error.message.startswith(f"{name} names a")
    assert str(tmp_path / "gone") in outcome.error.message


@pytest.mark.parametrize("scenario", ["reset@700", "http@500", "http-html@502", "garbage", "close", "secret-echo"])
async def test_no_sentence_holds_the_key(server, client, scenario):
    outcome = await ask_scenario(server, client, scenario, retries=0)
    assert KEY not in str(outcome.error.record())
    assert KEY not in "\n".join(outcome.tape.lines()).replace("\\", "") or scenario == "secret-echo"
