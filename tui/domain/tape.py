"""Tapes: the recording of one exchange. The request (never its key), the response head, every read.

As a file a tape is JSON lines: `{"tape": 1, ...}`, which also holds the attempts that came to nothing before, then `{"head": ...}`, one `{"at", "text" | "b64"}` for
each read, and `{"end": ...}`. Times are seconds since the request was sent, to the microsecond.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol, overload
from urllib.parse import urlsplit

from msgspec import DecodeError, Struct, ValidationError, convert, field
from msgspec.json import Decoder

HIDDEN_KEY = "***"
"""Stands for a key in the header that carried it: the key itself is on no tape."""

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
    is_supposed: bool = False
    """Whether nobody recorded it: a raw stream holds none."""


class Read(Struct, frozen=True, gc=False):
    """The bytes of one read from the socket, and when they came."""

    at: float
    data: bytes


class TapeEnd(Struct, frozen=True):
    """How the exchange ended, and when."""

    at: float
    kind: EndKind
    message: str = ""


class FailedAttempt(Struct, frozen=True):
    """An attempt that came to nothing, after which the request was sent again: what was asked, and what was answered."""

    request: SentRequest
    response: Head | None
    reads: Sequence[Read]
    """The beginning of the body, with the times since that request was sent."""
    end: TapeEnd
    wait: float
    """Seconds from its end until the next attempt."""

    @property
    def lasted(self) -> float:
        """Seconds until the request was sent again."""
        return self.end.at + self.wait

    @property
    def body(self) -> bytes:
        """What of its body was kept."""
        return b"".join(read.data for read in self.reads)


class Recorder(Protocol):
    """Takes an exchange down as it happens. A new `sent` means the request was sent again."""

    def sent(self, request: SentRequest) -> None:
        """The request is about to go out."""

    def head(self, head: Head) -> None:
        """The response head came."""

    def read(self, *reads: Read) -> None:
        """Bytes of the body came, one read after another."""

    def failed(self, end: TapeEnd, wait: float) -> None:
        """The attempt came to nothing: so many seconds later the request is sent again."""

    def ended(self, end: TapeEnd) -> None:
        """The exchange is over."""


class LongReads(Sequence[Read]):
    """The reads of a tape that is not held: they are fetched where they are looked at, some at a time."""

    def __init__(self, count: int, since: Callable[[int], Sequence[Read]]) -> None:
        """There are so many; `since` gives some from one of a number on, the more of them the better."""
        self._count, self._since = count, since
        self._start, self._held = 0, list[Read]()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, number: int) -> Read: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Read]: ...
    def __getitem__(self, number: int | slice) -> Read | Sequence[Read]:
        if isinstance(number, slice):
            return [self[at] for at in range(*number.indices(len(self)))]
        at = number + len(self) if number < 0 else number
        if not 0 <= at < len(self):
            raise IndexError(number)
        if not 0 <= at - self._start < len(self._held):
            self._start, self._held = at, [*self._since(at)]
        return self._held[at - self._start]

    def __iter__(self) -> Iterator[Read]:
        at = 0
        while at < self._count and (reads := self._since(at)):
            yield from reads
            at += len(reads)


class Tape(Struct):
    """The recording of one exchange, as a `Recorder` that keeps it in memory.

    `attempts` are those that came to nothing before the request that the rest is of. The `reads` of a long one that was
    recorded need not be in memory: see `LongReads`.
    """

    dialect: str = ""
    model: str = ""
    endpoint: str = ""
    request: SentRequest | None = None
    response: Head | None = None
    reads: Sequence[Read] = field(default_factory=list)
    end: TapeEnd | None = None
    attempts: list[FailedAttempt] = field(default_factory=list)

    @property
    def is_untimed(self) -> bool:
        """Whether it is a raw stream, of which nobody knows how it came."""
        return self.request is None and not any(read.at for read in self.reads)

    def sent(self, request: SentRequest) -> None:
        """Start the exchange, or start it over."""
        self.request, self.response, self.end = request, None, None
        self.reads = []

    def head(self, head: Head) -> None:
        """Keep the response head."""
        self.response = head

    def read(self, *reads: Read) -> None:
        """Keep reads."""
        if not isinstance(self.reads, list):
            self.reads = [*self.reads]
        self.reads.extend(reads)

    def failed(self, end: TapeEnd, wait: float) -> None:
        """Keep what the attempt came to, apart."""
        if self.request is not None:
            reads = [*beginning_of(self.reads)]
            self.attempts.append(FailedAttempt(self.request, self.response, reads, end, wait))

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
                "request": None if request is None else _request_record(request),
                **({"attempts": attempt_records(self.attempts, request)} if self.attempts else {}),
            }
        )
        if self.response is not None:
            yield _line({"head": _head_record(self.response)})
        for read in self.reads:
            yield _line(_read_record(read))
        if self.end is not None:
            yield _line({"end": _end_record(self.end)})

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
                    tape.attempts = attempts_of(row.get("attempts") or [], tape.request)
                elif not isinstance(row, dict):
                    raise ValueError("a line is a JSON object")
                elif "head" in row:
                    tape.response = _head_of(row["head"])
                elif "end" in row:
                    tape.end = _end_of(row["end"])
                else:
                    tape.read(_read_of(row))
            except KeyError as error:
                raise ValueError(f"line {number}: {error} is missing") from error
            except json.JSONDecodeError as error:
                raise ValueError(f"line {number}, column {error.colno}: {error.msg}") from error
            except (ValueError, RecursionError, ValidationError) as error:
                raise ValueError(f"line {number}: {error}") from error
        if tape is None:
            raise ValueError("line 1: the file is empty")
        return tape


class TextRead(Struct, gc=False):
    """The line of a read as most are."""

    at: float
    text: str


_decode_read = Decoder(TextRead).decode


def read_of_line(line: bytes) -> Read:
    """The read that a line of a tape's file is.

    Raises:
        ValueError: If it is none.
    """
    try:
        plain = _decode_read(line)
        return Read(_check_time(plain.at), plain.text.encode())
    except DecodeError:
        pass  # other bytes than text, or a line that says what is wrong below
    try:
        record = json.loads(line)
        return _read_of(convert(record, dict[str, Any]))
    except KeyError as error:
        raise ValueError(f"{error} is missing") from error
    except (ValidationError, RecursionError) as error:
        raise ValueError(str(error)) from error


def attempt_records(attempts: Iterable[FailedAttempt], request: SentRequest | None) -> list[dict[str, Any]]:
    """Attempts as JSON values. What was asked as in the request that followed them is left out."""
    return [
        {
            "request": _request_record(attempt.request, as_in=request),
            "head": None if attempt.response is None else _head_record(attempt.response),
            "reads": [_read_record(read) for read in attempt.reads],
            "end": _end_record(attempt.end),
            "wait": round(attempt.wait, 6),
        }
        for attempt in attempts
    ]


def attempts_of(records: Any, request: SentRequest | None) -> list[FailedAttempt]:
    """The attempts that records tell of; what they leave out is as in the request that followed.

    Raises:
        ValueError: If they are none.
    """
    try:
        return [_attempt_of(record, request) for record in convert(records, list[dict[str, Any]])]
    except (KeyError, ValidationError) as error:
        raise ValueError(f"an attempt that cannot be read: {error}") from error


def _attempt_of(record: Mapping[str, Any], request: SentRequest | None) -> FailedAttempt:
    asked = {"body": {} if request is None else request.body, **convert(record["request"], dict[str, Any])}
    sent = convert(asked, SentRequest)
    _check_url(sent.url)
    head = None if record["head"] is None else _head_of(record["head"])
    reads = [_read_of(read) for read in convert(record["reads"], list[dict[str, Any]])]
    return FailedAttempt(sent, head, reads, _end_of(record["end"]), _check_time(convert(record["wait"], float)))


ATTEMPT_BYTES = 64 << 10
"""Of the body of an attempt that came to nothing so much is kept."""


def beginning_of(reads: Iterable[Read], most: int = ATTEMPT_BYTES) -> Iterator[Read]:
    """The first reads, with no more bytes than that."""
    for read in reads:
        if most <= 0:
            return
        yield read if len(read.data) <= most else Read(read.at, read.data[:most])
        most -= len(read.data)


def _request_record(request: SentRequest, *, as_in: SentRequest | None = None) -> dict[str, Any]:
    record: dict[str, Any] = {"method": request.method, "url": request.url, "headers": dict(request.headers)}
    if as_in is None or request.body != as_in.body:
        record["body"] = dict(request.body)
    return {**record, "sent_at": request.sent_at}


def _head_record(head: Head) -> dict[str, Any]:
    about = {"status": head.status, "headers": dict(head.headers), "at": round(head.at, 6)}
    phases = {name: round(at, 6) for name, at in head.phases.items()}
    return about | ({"phases": phases} if phases else {}) | ({"is_supposed": True} if head.is_supposed else {})


def _head_of(record: Any) -> Head:
    head = convert(record, Head)
    for at in (head.at, *head.phases.values()):
        _check_time(at)
    return head


def _read_record(read: Read) -> dict[str, Any]:
    return {"at": round(read.at, 6), **pack_bytes(read.data)}


def _read_of(record: Mapping[str, Any]) -> Read:
    return Read(_check_time(convert(record["at"], float)), unpack_bytes(record))


def _end_record(end: TapeEnd) -> dict[str, Any]:
    return {"at": round(end.at, 6), "kind": end.kind, "message": end.message}


def _end_of(record: Any) -> TapeEnd:
    end = convert(record, TapeEnd)
    _check_time(end.at)
    return end


def _check_time(at: float) -> float:
    if not 0 <= at < LONGEST:
        raise ValueError(f"{at} is no time in seconds since the request was sent")
    return at


def _check_url(url: str) -> None:
    if urlsplit(url).port == 0:  # to ask for the port is to have the address read
        raise ValueError(f"{url} is no web address")


LONGEST = 1e9
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
