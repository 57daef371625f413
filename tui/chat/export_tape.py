"""A tape as a file of another program: HAR 1.2, the raw stream, a case for a test, code that sends it again."""

from __future__ import annotations

from base64 import b64encode
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import chain, islice
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tui import __version__
from tui.chat.export_code import dialect_of, request_code
from tui.chat.fold import fold
from tui.domain.endpoint import AT_ADDRESS, Endpoint
from tui.domain.error import ConfigError, RilletError, StoreError
from tui.domain.export_word import ExportForm
from tui.domain.tape import Head, Read, SentRequest, Tape, TapeEnd, pack_bytes
from tui.domain.turn import Prompt, Turn
from tui.domain.turn_record import turn_record
from tui.wire.compression import Inflater
from tui.wire.json_pieces import LongList, LongText, write_pieces
from tui.wire.json_text import write_shown_json
from tui.wire.token_limit import token_limit_of

_TOGETHER = 256
"""Reads that are written as one piece."""
_EXPECTED = (
    *("text", "reasoning", "reasoning_parts", "refusal", "tool_calls", "finish_reason", "incomplete_reason", "usage"),
    *("tokens", "citations", "model", "response_id", "next"),
)
"""What a case expects of a reply, by the names of `turn_record`."""


def export_tape(tape: Tape, form: ExportForm, endpoints: Iterable[Endpoint] = ()) -> Iterator[bytes]:
    """A tape in another form, piece by piece: what is long is not held. Endpoints name the variables of their keys in code.

    Raises:
        ConfigError: If the tape does not hold what the form is made of; at once, before there is a piece.
    """
    match form:
        case "tape":
            lines = tape.lines()
            some = iter(lambda: [*islice(lines, _TOGETHER)], [])
            return ("".join(f"{line}\n" for line in each).encode("utf-8", "replace") for each in some)
        case "har":
            return (piece.encode() for piece in har_pieces([tape]))
        case "sse":
            return sse_pieces(tape)
        case "case":
            return (piece.encode() for piece in case_pieces(tape))
        case "curl" | "python" | "openai" | "fetch":
            return iter([request_code(tape, form, endpoints).encode()])


def sse_pieces(tape: Tape) -> Iterator[bytes]:
    """The body of the response as it was before anything compressed it, piece by piece.

    Raises:
        ConfigError: If no response came.
    """
    return _body(tape, _head_of(tape))


def _head_of(tape: Tape) -> Head:
    if tape.response is None:
        raise ConfigError("the tape holds no response: none came", "Its request can be exported as curl or python.")
    return tape.response


def opened_reads(tape: Tape, head: Head) -> Iterator[Read]:
    """The reads of a tape, each opened where it was compressed; what is damaged is left out."""
    try:
        inflater = Inflater(head.headers.get("content-encoding", ""))
        for read in tape.reads:
            yield Read(read.at, b"".join(inflater.feed(read.data)))
    except StoreError:
        raise
    except RilletError:
        return


# -- HAR -----------------------------------------------------------------------------------------------------------


def har_pieces(tapes: Iterable[Tape]) -> Iterator[str]:
    """Exchanges as an HTTP archive, version 1.2, piece by piece; `_reads` of an entry says when each piece of the body came.

    An attempt that came to nothing is an entry of its own, whose `_waited` says how long it was until the next.

    Raises:
        ConfigError: If a tape has no request.
    """
    tapes = list(tapes)
    if any(tape.request is None for tape in tapes):
        raise ConfigError("the tape holds no request, and an entry of a HAR begins with one", "Export it as sse.")
    creator = {"name": "rillet", "version": __version__}
    entries = LongList(entry for tape in tapes for entry in _har_entries(tape))
    return chain(write_pieces({"log": {"version": "1.2", "creator": creator, "entries": entries}}), "\n")


def _har_entries(tape: Tape) -> Iterator[dict[str, Any]]:
    for attempt in tape.attempts:
        tried = Tape(tape.dialect, tape.model, tape.endpoint, attempt.request, attempt.response, [*attempt.reads])
        tried.ended(attempt.end)
        yield _har_entry(tried, attempt.request) | {"_waited": _milliseconds(attempt.wait)}
    if tape.request is not None:
        yield _har_entry(tape, tape.request)


def _har_entry(tape: Tape, request: SentRequest) -> dict[str, Any]:
    body = write_shown_json(dict(request.body))
    head = tape.response
    ended_at = tape.end.at if tape.end is not None else tape.reads[-1].at if head is not None and tape.reads else 0.0
    head_at = min(head.at, ended_at) if head is not None else ended_at
    return {
        "startedDateTime": _instant(request.sent_at),
        "time": _milliseconds(ended_at),
        "request": {
            "method": request.method,
            "url": request.url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _har_headers(request.headers),
            "queryString": [
                {"name": name, "value": value}
                for name, value in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
            ],
            "postData": {"mimeType": "application/json", "text": body},
            "headersSize": -1,
            "bodySize": len(body.encode()),
        },
        "response": _har_response(tape, head),
        "cache": {},
        "timings": _har_timings(head, head_at, ended_at),
        "_dialect": dialect_of(tape).name,
        "_model": tape.model,
        "_endpoint": tape.endpoint,
        "_reads": LongList([_milliseconds(read.at), len(read.data)] for read in opened_reads(tape, head))
        if head is not None
        else [],
        "_end": None if tape.end is None else [_milliseconds(tape.end.at), tape.end.kind, tape.end.message],
    }


def _har_timings(head: Head | None, head_at: float, ended_at: float) -> dict[str, float]:
    """The stages of an exchange in milliseconds; -1 for those that it did not pass, as on a connection that was open."""
    phases = head.phases if head is not None else {}
    connected, secured = phases.get("connected"), phases.get("secured")
    sent = phases.get("sent", 0.0)
    begun = secured if secured is not None else connected if connected is not None else 0.0
    return {
        "blocked": -1,
        "dns": -1,
        "connect": -1 if connected is None else _milliseconds(begun),
        "ssl": -1 if secured is None else _milliseconds(secured - (connected or 0.0)),
        "send": _milliseconds(sent - begun),
        "wait": _milliseconds(head_at - max(sent, begun)),
        "receive": _milliseconds(ended_at - head_at),
    }


def _har_response(tape: Tape, head: Head | None) -> dict[str, Any]:
    """The response of an entry; where none came its status is 0, as browsers write it."""
    size, is_text = (0, True) if head is None else _size_of(_body(tape, head))
    content: dict[str, Any] = {
        "size": size,
        "mimeType": head.headers.get("content-type", "") if head is not None else "x-unknown",
        "text": "" if head is None else LongText((_texts if is_text else _base64)(_body(tape, head))),
    }
    if not is_text:
        content["encoding"] = "base64"
    return {
        "status": head.status if head is not None else 0,
        "statusText": _reason(head.status) if head is not None else "",
        "httpVersion": "HTTP/1.1" if head is not None else "",
        "cookies": [],
        "headers": _har_headers(head.headers) if head is not None else [],
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": sum(len(read.data) for read in tape.reads) if head is not None else -1,
    }


def _body(tape: Tape, head: Head) -> Iterator[bytes]:
    """The body, some reads at a time."""
    reads = opened_reads(tape, head)
    while some := [*islice(reads, _TOGETHER)]:
        yield b"".join(read.data for read in some)


def _size_of(body: Iterable[bytes]) -> tuple[int, bool]:
    """How many bytes it has, and whether they are clean UTF-8."""
    size, is_text = 0, True
    decoder = getincrementaldecoder("utf-8")()
    for data, is_last in chain(((data, False) for data in body), [(b"", True)]):
        size += len(data)
        try:
            if is_text:
                decoder.decode(data, is_last)
        except UnicodeDecodeError:
            is_text = False
    return size, is_text


def _texts(body: Iterable[bytes]) -> Iterator[str]:
    decoder = getincrementaldecoder("utf-8")()
    return (decoder.decode(data) for data in body)


def _base64(body: Iterable[bytes]) -> Iterator[str]:
    held = b""
    for data in body:
        held += data
        whole = len(held) - len(held) % 3
        yield b64encode(held[:whole]).decode()
        held = held[whole:]
    yield b64encode(held).decode()


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _har_headers(headers: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def _instant(sent_at: str) -> str:
    """An instant as HAR wants it; the epoch where the tape does not say when."""
    try:
        at = datetime.fromisoformat(sent_at)
    except ValueError:
        at = datetime(1970, 1, 1, tzinfo=UTC)
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).isoformat(timespec="milliseconds")


def _milliseconds(seconds: float) -> float:
    return round(max(0.0, seconds) * 1000, 3)


# -- a case --------------------------------------------------------------------------------------------------------


def case_pieces(tape: Tape) -> Iterator[str]:
    """A tape as a case for a test, piece by piece: the response as it came, and what a client must make of it.

    What is expected is what rillet makes of it: whoever adds the case looks it through.

    Raises:
        ConfigError: If no response came.
    """
    head = _head_of(tape)
    is_reset = tape.end is not None and tape.end.kind == "reset"
    played = Tape(tape.dialect, tape.model, tape.endpoint, tape.request, head, tape.reads)
    played.ended(TapeEnd(tape.end.at if tape.end is not None else 0.0, "reset" if is_reset else "eof"))
    record = turn_record(fold(played, Turn(Prompt(""), id="case", dialect=tape.dialect)))
    expected: dict[str, Any] = {name: record[name] for name in _EXPECTED}
    error = record["error"]
    shown = {name: error[name] for name in ("kind", "status", "code") if error.get(name) is not None} if error else None
    expected["error"] = shown
    dialect = dialect_of(tape).name
    words = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in tape.model.lower())
    case: dict[str, Any] = {
        "name": f"{dialect}-{words.strip('-') or 'recorded'}",
        "dialect": dialect,
        "tags": [],
        "why": "Recorded: say here what it is for.",
        "source": [f"recorded from {_place_of(tape) or 'an endpoint'}"],
        "http": {"status": head.status, "headers": dict(head.headers)},
        "body_chunks": LongList(_piece(read.data) for read in tape.reads),
        "body_end": "reset" if is_reset else "eof",
    }
    if tape.request is not None and (limit := token_limit_of(tape.request.body)) is not None:
        case["token_limit"] = limit
    return chain(write_pieces({**case, "expect": expected}), "\n")


def _place_of(tape: Tape) -> str:
    """Whom a tape was recorded from: an endpoint by its name, one that was only an address by its host."""
    if tape.endpoint != AT_ADDRESS or tape.request is None:
        return tape.endpoint
    return urlsplit(tape.request.url).netloc.rpartition("@")[2]


def _piece(data: bytes) -> str | dict[str, str]:
    packed = pack_bytes(data)
    return packed.get("text", packed)
