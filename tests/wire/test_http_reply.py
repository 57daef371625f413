"""HTTP as it comes: read like h11 reads it, however it is cut; and what is none is told from what is not whole."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given, strategies

from tui.wire.http_reply import HttpError, HttpReply
from tui.wire.http_request import UnsendableError, request_head, request_target

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def read(data: bytes, size: int = 0, *, ends: bool = True) -> tuple[HttpReply, bytes]:
    """Feed bytes, so many at a time; the reply and its body."""
    reply, body = HttpReply(), b""
    for at in range(0, len(data), size or len(data) or 1):
        body += b"".join(reply.feed(data[at : at + (size or len(data))]))
    if ends:
        reply.end()
    return reply, body


def by_h11(data: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes, bool]:
    """Status, headers and body as h11 reads them, and whether it found them in order."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("host", "a")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    connection.receive_data(b"")
    status, headers, body = 0, [], b""
    try:
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
                return status, headers, body, False
            if isinstance(event, h11.Response):
                status, headers = event.status_code, list(event.headers)
            elif isinstance(event, h11.Data):
                body += event.data
    except h11.RemoteProtocolError:
        return status, headers, body, False
    return status, headers, body, True


names = strategies.sampled_from(["date", "X-Id", "content-type", "connection", "set-cookie", "Server"])
values = strategies.text('abcXYZ 0123456789;=,\t"/', max_size=20).map(str.strip)
pieces = strategies.lists(strategies.binary(min_size=1, max_size=40), max_size=6)


@strategies.composite
def responses(draw) -> bytes:
    """Responses of every kind, most of them in order."""
    status = draw(strategies.sampled_from([200, 200, 200, 204, 304, 404, 500]))
    lines = [f"HTTP/1.{draw(strategies.integers(0, 1))} {status}{draw(strategies.sampled_from([' OK', ' ', '']))}"]
    lines += [
        f"{name}:{draw(strategies.sampled_from(['', ' ', '  ']))}{draw(values)}"
        for name in draw(strategies.lists(names))
    ]
    body = draw(pieces)
    match draw(strategies.sampled_from(["chunked", "length", "close"])):
        case "chunked":
            lines.append(draw(strategies.sampled_from(["transfer-encoding: chunked", "Transfer-Encoding:Chunked"])))
            more = draw(strategies.sampled_from([b"", b";a=b", b" "]))
            sent = b"".join(b"%x%b\r\n%b\r\n" % (len(piece), more, piece) for piece in body)
            sent += draw(strategies.sampled_from([b"0\r\n\r\n", b"0\r\nx: y\r\n\r\n", b"", b"0\r\n"]))
        case "length":
            sent = b"".join(body)
            lines.append(f"content-length: {max(0, len(sent) + draw(strategies.integers(0, 2)))}")
        case _:
            sent = b"".join(body)
    early = draw(
        strategies.sampled_from([b"", b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 E\r\nlink: a\r\n\r\n"])
    )
    return early + "\r\n".join([*lines, "", ""]).encode() + sent


@given(responses(), strategies.integers(1, 60))
def test_it_reads_as_h11_does_however_the_bytes_are_cut(data, size):
    status, headers, body, is_whole = by_h11(data)
    reply, got = read(data, size)
    assert (reply.status, got, reply.error is None) == (status, body, is_whole)
    got_headers = [(name, value.lower()) for name, value in reply.headers]  # h11 writes some in small letters
    assert got_headers == [(name.decode(), value.decode().lower()) for name, value in headers]
    assert reply.is_over is is_whole


@given(
    responses(),
    strategies.lists(strategies.integers(0, 400), max_size=3),
    strategies.binary(max_size=3),
    strategies.integers(1, 60),
)
def test_damaged_bytes_raise_nothing_and_read_the_same_in_one_and_in_many(data, cuts, dirt, size):
    for cut in cuts:
        data = data[:cut] + dirt + data[cut + 1 :]
    whole, body = read(data)
    cut_up, same = read(data, size)
    assert body == same
    assert whole.is_over == cut_up.is_over
    assert (whole.error is None) == (cut_up.error is None)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "hung_up"),
        (HEAD, "hung_up"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "not_http"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not_http"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "not_http"),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", "not_http"),
        (HEAD + b"no colon\r\n\r\n", "not_http"),
        (HEAD + b"a b: c\r\n\r\n", "not_http"),
        (HEAD + b"a: b\x00c\r\n\r\n", "not_http"),
        (HEAD + b"a: " + b"b" * 200_000, "too_long"),
        (HEAD + b"content-length: 5\r\ncontent-length: 6\r\n\r\nabcde", "not_http"),
        (HEAD + b"content-length: -5\r\n\r\n", "not_http"),
        (HEAD + b"transfer-encoding: gzip, chunked\r\n\r\n", "not_http"),
        (HEAD + b"content-length: 5\r\n\r\nabc", "cut"),
        (CHUNKED + b"5\r\nabc", "cut"),
        (CHUNKED + b"3\r\nabc\r\n", "cut"),
        (CHUNKED + b"3\r\nabcd\r\n", "not_http"),
        (CHUNKED + b"-3\r\nabc\r\n", "not_http"),
        (CHUNKED + b"0x3\r\nabc\r\n", "not_http"),
        (CHUNKED + b"3" * 30 + b"\r\n", "not_http"),
        (CHUNKED + b"3;" + b"x" * 5000, "not_http"),
        (CHUNKED + b"0\r\n" + b"a: b\r\n" * 20_000, "not_http"),
    ],
)
@pytest.mark.parametrize("size", [0, 1, 7])
def test_what_is_wrong(data, fault, size):
    if size == 1:
        data = data[:20_000]  # what has no end is not read byte by byte in a test
    reply, _ = read(data, size)
    if len(data) < 20_000:
        assert isinstance(reply.error, HttpError)
        assert reply.error.fault == fault
    assert not reply.is_over


@pytest.mark.parametrize("size", [0, 1, 5])
def test_what_came_before_a_fault_is_kept(size):
    reply, body = read(CHUNKED + b"3\r\nabc\r\nzz\r\n", size)
    assert (body, reply.error.fault) == (b"abc", "not_http")


@pytest.mark.parametrize(
    ("data", "leaves_open"),
    [
        (HEAD + b"content-length: 3\r\n\r\nabc", True),
        (HEAD + b"content-length: 3\r\nConnection: keep-alive, Close\r\n\r\nabc", False),
        (HEAD + b"content-length: 3\r\n\r\nabcd", False),
        (HEAD.replace(b"1.1", b"1.0") + b"content-length: 3\r\n\r\nabc", False),
        (CHUNKED + b"3\r\nabc\r\n0\r\n\r\n", True),
        (CHUNKED + b"3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200", False),
        (HEAD + b"\r\nabc", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\n\r\nabc", False),
    ],
)
def test_a_connection_is_used_again_only_after_a_body_with_an_end(data, leaves_open):
    reply, _ = read(data)
    assert reply.is_over
    assert reply.leaves_open is leaves_open


def test_the_answer_that_opens_a_tunnel_has_no_body():
    reply = HttpReply(is_tunnel=True)
    assert reply.feed(HEAD + b"content-length: 3\r\n\r\n") == []
    assert reply.is_over


def test_lines_may_end_without_a_carriage_return_and_be_folded():
    reply, body = read(b"HTTP/1.1 200 OK\ncontent-length: 3\nx-a: b\n  c\n\nabc", 4)
    assert body == b"abc"
    assert reply.headers[1] == ("x-a", "b c")


@pytest.mark.parametrize(
    ("name", "value"),
    [("a", "b\r\nc: d"), ("a", "b\n"), ("a", "\x00"), ("a:b", "c"), ("", "c"), ("a b", "c"), ("a", "ü"), ("a", " b")],
)
def test_nothing_can_be_smuggled_into_a_request(name, value):
    with pytest.raises(UnsendableError) as caught:
        request_head("GET", "/", [(name, value)])
    assert value.strip() not in str(caught.value) or value.strip() in "cb"


@pytest.mark.parametrize("target", ["/a b", "/a\r\nb", "/ü", "/a\x7f"])
def test_nor_into_its_address(target):
    with pytest.raises(UnsendableError):
        request_head("GET", target, [])


def test_a_request_as_it_is_sent():
    head = request_head("POST", request_target("/v1/ü/a%20b", "x=1&y=ü"), [("Host", "a"), ("content-length", "2")])
    assert head == b"POST /v1/%C3%BC/a%20b?x=1&y=%C3%BC HTTP/1.1\r\nHost: a\r\ncontent-length: 2\r\n\r\n"
    assert request_target("", "") == "/"
