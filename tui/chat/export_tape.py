"""A tape as a file of another program: HAR 1.2, the raw stream, a case for a test, code that sends it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tui import __version__
from tui.chat.export_code import dialect_of, request_code
from tui.chat.fold import fold
from tui.domain.error import ConfigError, RilletError
from tui.domain.export_word import ExportForm
from tui.domain.tape import Head, Read, Tape, TapeEnd, pack_bytes
from tui.domain.turn import Prompt, Turn
from tui.domain.turn_record import turn_record
from tui.wire.compression import Inflater
from tui.wire.json_text import write_shown_json
from tui.wire.token_limit import token_limit_of

_EXPECTED = (
    *("text", "reasoning", "reasoning_parts", "refusal", "tool_calls", "finish_reason", "incomplete_reason", "usage"),
    *("tokens", "citations", "model", "response_id", "next"),
)
"""What a case expects of a reply, by the names of `turn_record`."""


def export_tape(tape: Tape, form: ExportForm) -> bytes:
    """A tape in another form.

    Raises:
        ConfigError: If the tape does not hold what the form is made of.
    """
    match form:
        case "tape":
            return "".join(line + "\n" for line in tape.lines()).encode("utf-8", "replace")
        case "har":
            return as_har([tape]).encode()
        case "sse":
            return as_sse(tape)
        case "case":
            return as_case(tape).encode()
        case "curl" | "python" | "openai" | "fetch":
            return request_code(tape, form).encode()


def as_sse(tape: Tape) -> bytes:
    """The body of the response as it was before anything compressed it.

    Raises:
        ConfigError: If no response came.
    """
    return b"".join(read.data for read in opened_reads(tape, _head_of(tape)))


def _head_of(tape: Tape) -> Head:
    if tape.response is None:
        raise ConfigError("the tape holds no response: none came", "Its request can be exported as curl or python.")
    return tape.response


def opened_reads(tape: Tape, head: Head) -> list[Read]:
    """The reads of a tape, each opened where it was compressed; what is damaged is left out."""
    reads: list[Read] = []
    try:
        inflater = Inflater(head.headers.get("content-encoding", ""))
        reads += [Read(read.at, b"".join(inflater.feed(read.data))) for read in tape.reads]
    except RilletError:
        return reads
    return reads


# -- HAR -----------------------------------------------------------------------------------------------------------


def as_har(tapes: Iterable[Tape]) -> str:
    """Exchanges as an HTTP archive, version 1.2; `_reads` of an entry says when each piece of the body came.

    An attempt that came to nothing is an entry of its own, whose `_waited` says how long it was until the next.

    Raises:
        ConfigError: If a tape has no request.
    """
    creator = {"name": "rillet", "version": __version__}
    entries = [entry for tape in tapes for entry in _har_entries(tape)]
    return write_shown_json({"log": {"version": "1.2", "creator": creator, "entries": entries}}, indent=1) + "\n"


def _har_entries(tape: Tape) -> Iterator[dict[str, Any]]:
    for attempt in tape.attempts:
        tried = Tape(tape.dialect, tape.model, tape.endpoint, attempt.request, attempt.response, [*attempt.reads])
        tried.ended(attempt.end)
        yield _har_entry(tried) | {"_waited": _milliseconds(attempt.wait)}
    yield _har_entry(tape)


def _har_entry(tape: Tape) -> dict[str, Any]:
    request = tape.request
    if request is None:
        raise ConfigError("the tape holds no request, and an entry of a HAR begins with one", "Export it as sse.")
    body = write_shown_json(dict(request.body))
    head = tape.response
    reads = opened_reads(tape, head) if head is not None else []
    ended_at = tape.end.at if tape.end is not None else reads[-1].at if reads else 0.0
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
        "response": _har_response(tape, head, reads),
        "cache": {},
        "timings": _har_timings(head, head_at, ended_at),
        "_dialect": dialect_of(tape).name,
        "_model": tape.model,
        "_endpoint": tape.endpoint,
        "_reads": [[_milliseconds(read.at), len(read.data)] for read in reads],
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


def _har_response(tape: Tape, head: Head | None, reads: list[Read]) -> dict[str, Any]:
    """The response of an entry; where none came its status is 0, as browsers write it."""
    data = b"".join(read.data for read in reads)
    packed = pack_bytes(data)
    content: dict[str, Any] = {
        "size": len(data),
        "mimeType": head.headers.get("content-type", "") if head is not None else "x-unknown",
        "text": packed.get("text") or packed.get("b64", ""),
    }
    if "b64" in packed:
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


def as_case(tape: Tape) -> str:
    """A tape as a case for a test: the response in its pieces, and what a client must make of it.

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
        "source": [f"recorded from {tape.endpoint or 'an endpoint'}"],
        "http": {"status": head.status, "headers": dict(head.headers)},
        "body_chunks": [_piece(read.data) for read in tape.reads],
        "body_end": "reset" if is_reset else "eof",
    }
    if tape.request is not None and (limit := token_limit_of(tape.request.body)) is not None:
        case["token_limit"] = limit
    return write_shown_json({**case, "expect": expected}, indent=1) + "\n"


def _piece(data: bytes) -> str | dict[str, str]:
    packed = pack_bytes(data)
    return packed.get("text", packed)
