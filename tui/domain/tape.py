"""Tapes: the recording of one exchange. The request (never its key), the response head, every read.

As a file a tape is JSON lines: `{"tape": 1, ...}`, then `{"head": ...}`, one `{"at", "text" | "b64"}` for
each read, and `{"end": ...}`. Times are seconds since the request was sent, to the microsecond.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from msgspec import Struct, ValidationError, convert, field

HIDDEN_KEY = "***"
"""Stands for a key in the header of that endpoint's own that carries it; the usual headers of keys are on no tape."""

EndKind = Literal["eof", "reset", "stopped", "quiet", "limit", "refused", "interrupted"]


class SentRequest(Struct, frozen=True):
    """The request as it went out; `headers` never hold a key, `body` is the JSON object."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    sent_at: str = ""
    """Wall clock, ISO 8601 with a zone."""


class Head(Struct, frozen=True):
    """The response's status and headers (names in lower case)."""

    status: int
    headers: Mapping[str, str]
    at: float = 0.0
    phases: Mapping[str, float] = {}
    """When, in seconds, a stage of the way there was passed: `connected`, `secured`, `sent`, as far as it is known."""


class Read(Struct, frozen=True):
    """The bytes of one read from the socket, and when they came."""

    at: float
    data: bytes


class TapeEnd(Struct, frozen=True):
    """How the exchange ended, and when."""

    at: float
    kind: EndKind
    message: str = ""


class Recorder(Protocol):
    """Takes an exchange down as it happens. A new `sent` means the request was sent again."""

    def sent(self, request: SentRequest) -> None:
        """The request is about to go out."""

    def head(self, head: Head) -> None:
        """The response head came."""

    def read(self, read: Read) -> None:
        """Bytes of the body came."""

    def ended(self, end: TapeEnd) -> None:
        """The exchange is over."""


class Tape(Struct):
    """The recording of one exchange, as a `Recorder` that keeps it in memory."""

    dialect: str = ""
    model: str = ""
    endpoint: str = ""
    request: SentRequest | None = None
    response: Head | None = None
    reads: list[Read] = field(default_factory=list)
    end: TapeEnd | None = None

    def sent(self, request: SentRequest) -> None:
        """Start the exchange, or start it over."""
        self.request, self.response, self.end = request, None, None
        self.reads.clear()

    def head(self, head: Head) -> None:
        """Keep the response head."""
        self.response = head

    def read(self, read: Read) -> None:
        """Keep a read."""
        self.reads.append(read)

    def ended(self, end: TapeEnd) -> None:
        """Keep the end."""
        self.end = end

    def lines(self) -> Iterator[str]:
        """The tape as JSON lines, without line ends."""
        request = self.request
        yield _line(
            {
                "tape": 1,
                "dialect": self.dialect,
                "model": self.model,
                "endpoint": self.endpoint,
                "request": None
                if request is None
                else {
                    "method": request.method,
                    "url": request.url,
                    "headers": dict(request.headers),
                    "body": dict(request.body),
                    "sent_at": request.sent_at,
                },
            }
        )
        if self.response is not None:
            head = self.response
            about = {"status": head.status, "headers": dict(head.headers), "at": round(head.at, 6)}
            phases = {name: round(at, 6) for name, at in head.phases.items()}
            yield _line({"head": about | ({"phases": phases} if phases else {})})
        for read in self.reads:
            yield _line({"at": round(read.at, 6), **pack_bytes(read.data)})
        if self.end is not None:
            yield _line({"end": {"at": round(self.end.at, 6), "kind": self.end.kind, "message": self.end.message}})

    @classmethod
    def from_lines(cls, lines: Iterable[str]) -> Tape:
        """Read a tape back; a tape that was cut short is read as far as it goes.

        Raises:
            ValueError: If it is not a tape; the message says at which line.
        """
        tape: Tape | None = None
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if tape is None:
                    if not isinstance(row, dict) or row.get("tape") != 1:
                        raise ValueError("the first line is not that of a tape")
                    tape = cls(
                        convert(row.get("dialect", ""), str),
                        convert(row.get("model", ""), str),
                        convert(row.get("endpoint", ""), str),
                    )
                    if (asked := row.get("request")) is not None:
                        tape.request = convert(asked, SentRequest)
                        _check_url(tape.request.url)
                elif not isinstance(row, dict):
                    raise ValueError("a line is a JSON object")
                elif "head" in row:
                    tape.response = convert(row["head"], Head)
                    for at in (tape.response.at, *tape.response.phases.values()):
                        _check_time(at)
                elif "end" in row:
                    tape.end = convert(row["end"], TapeEnd)
                    _check_time(tape.end.at)
                else:
                    tape.reads.append(Read(_check_time(convert(row["at"], float)), unpack_bytes(row)))
            except KeyError as error:
                raise ValueError(f"line {number}: {error} is missing") from error
            except json.JSONDecodeError as error:
                raise ValueError(f"line {number}, column {error.colno}: {error.msg}") from error
            except (ValueError, RecursionError, ValidationError) as error:
                raise ValueError(f"line {number}: {error}") from error
        if tape is None:
            raise ValueError("line 1: the file is empty")
        return tape


def _check_time(at: float) -> float:
    if not 0 <= at < _LONGEST:
        raise ValueError(f"{at} is no time in seconds since the request was sent")
    return at


def _check_url(url: str) -> None:
    if urlsplit(url).port == 0:  # to ask for the port is to have the address read
        raise ValueError(f"{url} is no web address")


_LONGEST = 1e9
"""Seconds, more than thirty years."""


def pack_bytes(data: bytes) -> dict[str, str]:
    """Bytes as JSON values: `text` where they are clean UTF-8, else `b64`."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(data).decode()}


def unpack_bytes(row: Mapping[str, Any]) -> bytes:
    """The bytes that `pack_bytes` packed.

    Raises:
        ValueError: If the row holds neither form.
    """
    if isinstance(text := row.get("text"), str):
        return text.encode()
    if isinstance(encoded := row.get("b64"), str):
        return base64.b64decode(encoded, validate=True)
    raise ValueError("a read without bytes")


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
