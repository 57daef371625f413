import asyncio
import ipaddress
import json
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest

from tests.tools.conftest import Call
from tui.tools.approval import Grants, Pattern, allow_once, decide
from tui.tools.definition import ToolError
from tui.tools.fetch import fetch_tool
from tui.tools.network import is_public
from tui.tools.page_text import page_text
from tui.tools.runner import Runner


@asynccontextmanager
async def serving(pages):
    """A loopback server: path -> raw response; yields its port and the requests it saw."""
    seen = []

    async def answer(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        seen.append(head)
        writer.write(pages[head.split()[1]])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


def page(body, kind="text/plain", status="200 OK", **headers):
    body = body if isinstance(body, bytes) else body.encode()
    rows = [f"HTTP/1.1 {status}", f"content-type: {kind}", f"content-length: {len(body)}", "connection: close"]
    rows += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*rows, "", ""]).encode() + body


def moved(to):
    return page("", status="302 Found", location=to)


def resolver(**hosts):
    async def resolve(host, port):
        found = hosts.get(host.replace(".", "_"), [])
        return [found] if isinstance(found, str) else found

    return resolve


async def fetch(url, *, allows=lambda address: True, resolve=None):
    return await fetch_tool(allows=allows, resolve=resolve or resolver(example_com="127.0.0.1")).run({"url": url})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "169.254.0.1", "0.0.0.0",
        "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "192.0.0.192", "192.0.0.170", "192.88.99.1", "192.31.196.1", "198.51.100.1", "3fff::1", "5f00::1", "100::1", "64:ff9b:1::1", "2001:2::1", "2001:20::1", "4000::1", "2620:4f:8000::1",
        "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1",
    ],
)  # fmt: skip
async def test_private_addresses_are_refused_however_they_are_written(address):
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(ToolError, match="not a public address"):
        await fetch("http://example.com/", allows=is_public, resolve=resolver(example_com=address))


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "93.184.216.34",
        "2606:2800:220:1:248:1893:25c8:1946",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::",
        "1.1.1.1",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "100.128.0.1",
        "2a00:1450:4001:81b::200e",
        "2001:4860:4860::8888",
    ],
)
def test_public_addresses_are_not(address):
    assert is_public(ipaddress.ip_address(address))


async def test_one_private_address_among_public_ones_is_enough():
    with pytest.raises(ToolError, match=r"10\.0\.0\.5"):
        await fetch("http://example.com/", allows=is_public, resolve=resolver(example_com=["8.8.8.8", "10.0.0.5"]))


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
async def test_the_system_resolver_is_not_fooled_by_spellings(host):
    with pytest.raises(ToolError, match=r"not a public address|cannot find"):
        await fetch_tool().run({"url": f"http://{host}:9/"})


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file:///etc/passwd", "only http and https"), ("ftp://example.com/", "only http and https"), ("gopher://example.com", "only http and https"),
        ("example.com", "only http and https"), ("http://user:pw@example.com/", "user name or password"), ("http://", "names no host"),
        ("http://exa mple.com/", "no spaces"), ("http://example.com/\r\nX: y", "no spaces or control"), ("http://example.com:99999/", "no web address"),
        ("http://[::1", "no web address"), ("http://nowhere.example/", "cannot find the host"), ("http://" + "a" * 70 + ".com/", "no host name"),
    ],
)  # fmt: skip
async def test_other_addresses_are_refused(url, words):
    with pytest.raises(ToolError, match=words):
        await fetch(url)


async def test_the_connection_goes_to_the_address_that_was_checked():
    asked = []

    async def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    async with serving({"/a?b=1": page("hello")}) as (port, seen):
        out = await fetch(f"http://rebinding.example:{port}/a?b=1#part", resolve=resolve)
    assert (out.text, out.is_error) == ("hello", False)
    assert asked == ["rebinding.example"]
    assert f"host: rebinding.example:{port}" in seen[0].lower()
    assert "accept-encoding: identity" in seen[0].lower()


async def test_each_redirect_is_checked_again():
    def allows(address):
        return str(address) == "127.0.0.1"

    hosts = resolver(example_com="127.0.0.1", inside_example="169.254.169.254")
    async with serving({"/": moved("http://inside.example/latest/meta-data/")}) as (port, _):
        with pytest.raises(ToolError, match=r"169\.254\.169\.254, which is not a public address"):
            await fetch(f"http://example.com:{port}/", allows=allows, resolve=hosts)
    async with serving({"/": moved("file:///etc/passwd")}) as (port, _):
        with pytest.raises(ToolError, match="only http and https"):
            await fetch(f"http://example.com:{port}/", allows=allows, resolve=hosts)
    async with serving({"/": moved("next"), "/next": page("there")}) as (port, _):
        assert (await fetch(f"http://example.com:{port}/", allows=allows, resolve=hosts)).text == "there"


@pytest.mark.parametrize(
    ("way", "to", "is_followed"),
    [
        ("once", "http://other.example:{port}/next", False),
        ("once", "/next", True),
        ("session", "http://other.example:{port}/next", True),
        ("pattern", "http://other.example:{port}/next", False),
        ("pattern", "http://example.com:{port}/docs/next", True),
        ("pattern", "/next", False),
    ],
)
async def test_a_redirect_stays_inside_what_was_allowed(way, to, is_followed):
    pages = {"/next": page("there"), "/docs/next": page("there")}
    async with serving(pages) as (port, seen):
        pages["/docs/a"] = moved(to.format(port=port))
        tool = fetch_tool(allows=lambda _: True, resolve=resolver(example_com="127.0.0.1", other_example="127.0.0.1"))
        one = Runner({tool.name: tool}.get)
        prepared = one.prepare(Call("fetch_url", json.dumps({"url": f"http://example.com:{port}/docs/a"})))
        grants, patterns = Grants(), []
        if way == "session":
            grants.allow_tool(tool)
        if way == "pattern":
            patterns = [Pattern("fetch_url", {"url": f"http://example.com:{port}/docs/**"})]
        allow = allow_once(prepared) if way == "once" else decide(prepared, grants, patterns)
        result = await one.run(prepared, allow)
    assert (result.text == "there") is is_followed, result.text
    assert len(seen) == 1 + is_followed
    assert is_followed or "was not allowed" in result.text


async def test_redirects_end():
    async with serving({"/": moved("/")}) as (port, seen):
        with pytest.raises(ToolError, match="more than 5 redirects"):
            await fetch(f"http://example.com:{port}/")
        assert len(seen) == 6


async def test_only_text_is_fetched_and_a_megabyte_of_it():
    pages = {
        "/png": page(b"\x89PNG", "image/png"),
        "/none": b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nx",
        "/json": page('{"a": "é"}', "application/json"),
        "/feed": page("<rss/>", "application/rss+xml"),
        "/big": page("x" * (2 << 20)),
        "/gzip": page(b"\x1f\x8b", content_encoding="gzip"),
        "/404": page("no such page", status="404 Not Found"),
        "/latin": page("café".encode("latin-1"), "text/plain; charset=iso-8859-1"),
        "/odd": page("x", "text/plain; charset=none-such"),
        "/html": page(
            "<html><head><title>T</title><style>p{}</style></head><body><p>One<p>Two <a href='https://x.example/'>link</a></body>",
            "text/html",
        ),
        "/short": b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 50\r\n\r\nx",
        "/garbage": b"not http at all\r\n\r\n",
    }
    async with serving(pages) as (port, _):

        async def get(path):
            return await fetch(f"http://example.com:{port}{path}")

        for path in ("/png", "/none", "/gzip"):
            with pytest.raises(ToolError, match=r"not text|compressed"):
                await get(path)
        for path in ("/short", "/garbage"):
            with pytest.raises(ToolError, match=r".+: .+"):
                await get(path)
        assert (await get("/json")).text == '{"a": "é"}'
        assert (await get("/feed")).text == "<rss/>"
        assert (await get("/latin")).text == "café"
        assert (await get("/odd")).text == "x"
        assert (await get("/html")).text == "T\n\nOne\nTwo link <https://x.example/>"
        big = (await get("/big")).text
        assert len(big) < (1 << 20) + 100
        assert big.endswith("[cut after 1,048,576 bytes]")
        lost = await get("/404")
        assert lost.is_error
        assert "status 404" in lost.text


async def test_nothing_listening_is_a_sentence():
    async with serving({}) as (port, _):
        pass
    with pytest.raises(ToolError, match="cannot connect"):
        await fetch(f"http://example.com:{port}/")


@pytest.mark.parametrize(
    "html",
    ["", "plain", "<", "<p", "<script>alert(1)</script>x", "<b>" * 5000, "&#27;[31m", "<!-- x", "<svg><p>in</svg>out"],
)
def test_any_html_has_a_text(html):
    assert "alert" not in page_text(html)


def test_reading_a_page_loads_no_command_line_of_httpx():
    code = "import sys\nfrom tui.tools.fetch import _import_httpx\n_import_httpx().get\nprint(*{'click', 'rich'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
