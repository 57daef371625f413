"""Endpoints as people have them: own headers, a query, a unix socket, certificates; and a host without its path."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from tests.net.asking import KEEPING, KEY, LIMITS, ask, endpoint_at
from tests.server import TEXT, FaultServer, json_answer
from tests.server.good import say
from tests.server.scenario import stream
from tui.domain.endpoint import Endpoint, Secret, Source, Way
from tui.domain.error import ConfigError, ConnectError, KeyMissingError
from tui.net.certificate import trust_of
from tui.net.client import Client
from tui.net.fault import _trust_hint
from tui.net.key import find_headers
from tui.net.model_list import fetch_models
from tui.store.endpoint_setting import merge_endpoints
from tui.store.settings import parse_settings

HUB_KEY = "pk-Zq8vR2nXw5LtY7mB3cKd"


def endpoint_of(text: str, name: str = "hub") -> Endpoint:
    """The endpoint that a settings file describes."""
    settings = parse_settings(Path("config.toml"), text)
    return merge_endpoints(settings.endpoints, settings.deadlines)[name]


async def test_headers_query_and_path_arrive_and_keys_stay_out_of_the_tape(server, client):
    endpoint = endpoint_of(f"""
        [endpoints.hub]
        base_url = "{server.url("ok")}?api-version=2024-10-21"
        key_header = "api-key"
        key_env = "AZURE_KEY"
        organization = "org-1"
        project = "proj-2"
        query = {{ trace = true, n = 3 }}
        headers = {{ X-Team = "blue", x-hub-key = {{ env = "HUB_KEY" }}, x-hub = {{ env = "HUB_KEY", form = "Bearer {{}}" }} }}
    """)
    found = await find_headers(endpoint, {"HUB_KEY": HUB_KEY})
    outcome = await ask(client, found)
    assert outcome.text == TEXT
    seen = server.log[-1]
    assert seen.path == "/s/ok/v1/chat/completions?api-version=2024-10-21&trace=true&n=3"
    assert seen.headers["api-key"] == KEY
    assert "authorization" not in seen.headers
    assert (seen.headers["openai-organization"], seen.headers["openai-project"]) == ("org-1", "proj-2")
    assert (seen.headers["x-team"], seen.headers["x-hub-key"]) == ("blue", HUB_KEY)
    assert seen.headers["x-hub"] == f"Bearer {HUB_KEY}"
    written = "".join(outcome.tape.lines()) + repr(found)
    assert KEY not in written
    assert HUB_KEY not in written
    assert "blue" in written


async def test_a_key_in_a_header_that_is_repeated_is_starred_out(server, client):
    server.add("echo-hub", lambda seen: json_answer({"error": {"message": seen.headers["x-hub-key"]}}, 400))
    endpoint = endpoint_at(server.url("echo-hub"), headers={"x-hub-key": Secret(HUB_KEY, "HUB_KEY", "Bearer {}")})
    outcome = await ask(client, endpoint)
    assert HUB_KEY not in outcome.error.in_full + "".join(outcome.tape.lines())


async def test_a_header_whose_variable_is_not_set_is_missing():
    endpoint = endpoint_at("https://a.test/v1", headers={"x-hub-key": Source(env="HUB_KEY")})
    with pytest.raises(KeyMissingError, match="no value for the header x-hub-key of test") as caught:
        await find_headers(endpoint, {})
    assert caught.value.hint == "Set HUB_KEY."


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('headers = { x-api-key = "abc" }', "“x-api-key” looks like a key"),
        ('query = { api-key = "abc" }', "api-key” holds a key"),
        ('headers = { "a b" = "c" }', "cannot be the name of a header"),
        ('headers = { Content-Length = "3" }', "rillet writes itself"),
        ('headers = { a = "b\\nc" }', "cannot stand in a header"),
        ('headers = { a = { env = "B", command = "c" } }', "either “env” or “command”"),
        ('key_header = "a:b"', "cannot be the name of a header"),
        ('client_key = "k.pem"', "needs the certificate it belongs to"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_the_settings(line, words):
    with pytest.raises(ConfigError, match=words) as caught:
        endpoint_of(f'[endpoints.hub]\nbase_url = "https://a.test/v1"\n{line}')
    assert "config.toml:3" in caught.value.message


@pytest.mark.parametrize("at", ["/v1", ""])
async def test_a_bare_host_is_found_with_or_without_v1(client, at):
    with FaultServer() as server:
        server.add("placed", lambda seen: stream(say(seen)) if seen.path == f"{at}/chat/completions" else lost())
        server.default = "placed"
        outcome = await ask(client, endpoint_at(f"127.0.0.1:{server.port}"))
        assert outcome.text == TEXT
        asked = len(server.log)
        assert (await ask(client, endpoint_at(f"127.0.0.1:{server.port}"))).text == TEXT
        assert at == "" or len(server.log) == asked + 1 == 2


def lost():
    return json_answer({"error": {"message": "nothing here"}}, 404)


async def test_the_models_of_a_bare_host(client):
    with FaultServer() as server:
        listed = json_answer({"data": [{"id": "m"}]})
        server.add("listing", lambda seen: listed if seen.path == "/v1/models" else lost())
        server.default = "listing"
        models = await fetch_models(client, endpoint_at(f"localhost:{server.port}"), None)
        assert [model.id for model in models] == ["m"]


async def test_a_unix_socket(client, tmp_path):
    path = tmp_path / "llm.sock"
    endpoint = endpoint_of(f'[endpoints.hub]\nsocket = "{path}"')
    with FaultServer(socket_path=str(path)) as server:
        for _ in range(2):
            assert (await ask(client, endpoint, key=None, pauses=KEEPING)).text == TEXT
        assert {(seen.path, seen.headers["host"]) for seen in server.log} == {("/v1/chat/completions", "localhost")}
        assert len({seen.connection for seen in server.log}) == 1
        models = await fetch_models(client, endpoint, None)
        assert models


async def test_a_reply_over_a_socket_stops_at_once(client, tmp_path):
    path = tmp_path / "llm.sock"
    with FaultServer("endless", socket_path=str(path)) as server:
        endpoint = endpoint_at("http://localhost/v1", way=Way(socket=str(path)))
        outcome = await ask(client, endpoint)
        assert outcome.error is not None
        await server.until(lambda: server.open_connections == 0)


async def test_a_socket_that_is_not_there_or_that_nobody_listens_at(client, tmp_path):
    missing = tmp_path / "none.sock"
    outcome = await ask(client, endpoint_at("http://localhost/v1", way=Way(socket=str(missing))))
    assert outcome.error.message == f"There is no socket {missing}."
    missing.touch()
    outcome = await ask(client, endpoint_at("http://localhost/v1", way=Way(socket=str(missing))))
    assert outcome.error.message == f"Nothing listens at {missing}."


# -- certificates, made with openssl


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """An authority, a server it signed for 127.0.0.1, and two people: one it signed, one nobody knows."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make certificates with")
    folder = tmp_path_factory.mktemp("pki")

    def run(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")
    for name in ("ca", "stranger"):
        run("req", "-x509", *new, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}")
    (folder / "ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    for name in ("server", "me"):
        run("req", *new, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext")
        run("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *signed)
    run("pkey", "-in", "me.key", "-aes256", "-passout", "pass:x", "-out", "locked.key")
    (folder / "both.pem").write_text((folder / "me.pem").read_text() + (folder / "me.key").read_text())
    return folder


def tls_server(pki, *, asks: bool) -> FaultServer:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pki / "server.pem", pki / "server.key")
    if asks:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(pki / "ca.pem")
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # the authority says nothing of its use
    return FaultServer(tls=context)


def way(pki, certificate="", private_key="", authority="ca.pem"):
    return Way("", *(str(pki / name) if name else "" for name in (authority, certificate, private_key)))


async def test_an_authority_of_ones_own_is_trusted_at_its_endpoint_only(client, pki):
    assert not trust_of(way(pki)).verify_flags & ssl.VERIFY_X509_STRICT, "one without key usage counts in every Python"
    with tls_server(pki, asks=False) as server:
        assert (await ask(client, endpoint_at(server.url("ok"), way=way(pki)))).text == TEXT
        outcome = await ask(client, endpoint_at(server.url("ok")))
        assert "nobody this machine trusts has signed it" in outcome.error.message
        assert "ca_file" in outcome.error.hint
        outcome = await ask(client, endpoint_at(server.url("ok"), way=way(pki, authority="stranger.pem")))
        assert "nobody this machine trusts has signed it" in outcome.error.message


@pytest.mark.parametrize(("code", "words"), [(19, "SSL_CERT_FILE"), (92, "ca_file"), (62, "address")])
def test_what_is_advised_fits_what_is_wrong_with_a_certificate(code, words):
    assert words in _trust_hint(code)


@pytest.mark.parametrize("names", [("me.pem", "me.key"), ("both.pem", "")])
async def test_a_client_certificate_is_shown(client, pki, names):
    with tls_server(pki, asks=True) as server:
        assert (await ask(client, endpoint_at(server.url("ok"), way=way(pki, *names)))).text == TEXT


@pytest.fixture
def strict_port(pki):
    """A TLS server that says goodbye as OpenSSL does, which asyncio's does not."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pki / "server.pem", pki / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(pki / "ca.pem")
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            secure = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            with contextlib.suppress(ssl.SSLError):
                secure.do_handshake()
            with contextlib.suppress(OSError), socket.socket(fileno=secure.detach()) as rest:
                rest.shutdown(socket.SHUT_WR)
                while rest.recv(4096):  # or the alert would be lost with a reset
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "wants to see a certificate of yours"),
        (("stranger.pem", "stranger.key"), "does not trust the one who signed your certificate"),
    ],
)
async def test_a_client_certificate_that_is_missing_or_refused(client, pki, strict_port, names, words):
    outcome = await ask(client, endpoint_at(f"https://127.0.0.1:{strict_port}/v1", way=way(pki, *names)))
    assert isinstance(outcome.error, ConnectError)
    assert words in outcome.error.message
    assert "client_cert" in outcome.error.hint


async def test_a_server_that_does_not_say_that_it_wants_a_certificate(client, pki):
    with tls_server(pki, asks=True) as server:
        outcome = await ask(client, endpoint_at(server.url("ok"), way=way(pki)))
        assert "client_cert" in outcome.error.hint
        assert server.log == []


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("none.pem", "me.key"), "There is no file"),
        (("me.pem", "none.key"), "There is no file"),
        (("me.pem", "stranger.key"), "is not that of the certificate"),
        (("me.pem", "locked.key"), "has a passphrase"),
        (("ext", "me.key"), "cannot be used"),
        (("me.pem", "me.key", "ext"), "holds no certificates"),
        (("me.pem", "me.key", "none.pem"), "There is no file"),
    ],
)
async def test_a_certificate_file_that_is_none(client, pki, names, words):
    outcome = await ask(client, endpoint_at("https://127.0.0.1:9/v1", way=way(pki, *names)))
    assert isinstance(outcome.error, ConfigError)
    assert words in outcome.error.message


async def test_a_socket_with_tls_and_its_authority(pki, tmp_path):
    path = tmp_path / "tls.sock"
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pki / "server.pem", pki / "server.key")
    async with Client(environ={}) as client:
        with FaultServer(tls=context, socket_path=str(path)):
            endpoint = Endpoint("t", "https://localhost/v1", deadlines=LIMITS, way=Way(str(path), str(pki / "ca.pem")))
            assert (await ask(client, endpoint, key=None)).text == TEXT
