"""HTTP archives: their exchanges with a language model, as tapes; their other entries are passed over."""

from __future__ import annotations

import base64
import io
import json
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any
from urllib.parse import urlsplit

from msgspec import ValidationError, convert

from tui.chat.har_entries import entries_of
from tui.chat.held_file import HeldFile
from tui.domain.error import ConfigError
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.tape import (
    HIDDEN_KEY,
    EndKind,
    FailedAttempt,
    Head,
    LongReads,
    Read,
    SentRequest,
    Tape,
    TapeEnd,
    beginning_of,
)
from tui.wire.dialect import is_dialect, recognise_body, takes_prompts
from tui.wire.printable import printable_line
from tui.wire.recognition import recognise_stream

SPOOLED_BYTES = 1 << 20
"""A body that is longer is not held: it is put down in a temporary file."""
TOGETHER = 512
"""Reads that are fetched from there at once."""

_RECOGNISED_BYTES = 64 << 10
_BLANK_LINE = LazyPattern(rb"\r\n\r\n|\n\n|\r\r")


def har_tapes(data: bytes, name: str) -> Iterator[Tape]:
    """The exchanges in an archive that is held; see `archive_tapes`."""
    return archive_tapes(io.BytesIO(data).read, name)


def archive_tapes(read: Callable[[int], bytes], name: str) -> Iterator[Tape]:
    """The exchanges with a language model in an archive, of which `read` gives the next bytes.

    One entry at a time is held, and of long bodies nothing.

    Raises:
        ConfigError: If it is no archive, has no such exchange, or was saved without bodies; the message says where.
    """
    bodiless = count = number = 0
    attempts: list[FailedAttempt] = []
    spool = _Spool()
    for number, entry in enumerate(entries_of(read, name), 1):
        try:
            tape, lacks_body = _har_tape(entry)
        except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ConfigError(f"{name}: entry {number} cannot be read: {_why(error)}") from error
        bodiless += lacks_body
        if tape is None:
            continue
        if (attempt := _attempt_of(tape, entry)) is not None:
            attempts.append(attempt)
            continue
        tape.attempts, attempts = attempts, []
        tape.reads = spool.keep(tape.reads)
        count += 1
        del entry
        yield tape
    if not count and bodiless:
        raise ConfigError(f"{name} was saved without bodies", "Save it once more “with content”.")
    if not count:
        entries = {0: "it has no entries", 1: "its one entry is none"}.get(
            number, f"none of its {number:,} entries is one"
        )
        raise ConfigError(f"{name} holds no exchange with a model: {entries}")


class _Spool:
    """A temporary file for the reads of long bodies."""

    def __init__(self) -> None:
        self._file: HeldFile | None = None
        self._size = 0

    def keep(self, reads: Sequence[Read]) -> Sequence[Read]:
        """The same reads; long ones are put down, and fetched when they are looked at."""
        if sum(len(read.data) for read in reads) <= SPOOLED_BYTES:
            return reads
        file = self._file = self._file or HeldFile.temporary()
        ends, ats = array("Q", [self._size]), array("d")
        for start in range(0, len(reads), TOGETHER):
            some = reads[start : start + TOGETHER]
            file.put(b"".join(read.data for read in some), ends[-1])
            ends.extend(accumulate((len(read.data) for read in some), initial=ends.pop()))
            ats.extend(read.at for read in some)
        self._size = ends[-1]

        def since(first: int) -> list[Read]:
            last = min(first + TOGETHER, len(ats))
            start = ends[first]
            data = file.at(start, ends[last] - start)
            return [Read(ats[at], data[ends[at] - start : ends[at + 1] - start]) for at in range(first, last)]

        return LongReads(len(ats), since)


def _attempt_of(tape: Tape, entry: Mapping[str, Any]) -> FailedAttempt | None:
    """An entry that rillet wrote of an attempt that came to nothing; `None` for any other."""
    waited = entry.get("_waited")
    if not isinstance(waited, int | float) or tape.request is None or tape.end is None:
        return None
    return FailedAttempt(tape.request, tape.response, [*beginning_of(tape.reads)], tape.end, _seconds(waited))


def _why(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else printable_line(str(error))


def _har_tape(entry: Mapping[str, Any]) -> tuple[Tape | None, bool]:
    """An entry as a tape, `None` where it is no exchange with a model; and whether its body is missing."""
    request, response = entry["request"], entry["response"]
    url = convert(request["url"], str)
    if urlsplit(url).port == 0:
        raise ValueError(f"{url} is no web address")
    body = _posted(request)
    prompts = body is not None and any(dialect.prompt_of(body) is not None for dialect in recognise_body(body))
    status = convert(response["status"], int)
    content = response.get("content") or {}
    text = content.get("text")
    if not prompts and "_dialect" not in entry:
        is_asked = request["method"] == "POST" and takes_prompts(urlsplit(url).path)
        return None, is_asked and not (request.get("postData") or {}).get("text")
    data = b"" if text is None else _content(convert(text, str), convert(content.get("encoding") or "", str))
    if text is None and convert(content.get("size") or 0, int) > 0:
        return None, True
    if status and text is None and response.get("bodySize") not in (0, None) and "_dialect" not in entry:
        return None, True
    headers = {}
    for header in request.get("headers") or []:
        label = convert(header["name"], str).lower()
        value = convert(header["value"], str)
        if not label.startswith(":") and (label not in _UNKEPT or value == HIDDEN_KEY):
            headers[label] = value
    sent = SentRequest(
        convert(request["method"], str), url, headers, body or {}, str(entry.get("startedDateTime") or "")
    )
    dialect = entry.get("_dialect")
    if not isinstance(dialect, str) or not is_dialect(dialect):
        dialect = _dialect_of(data, body)
    model = entry.get("_model") or (body or {}).get("model") or ""
    tape = Tape(dialect, str(model), str(entry.get("_endpoint") or urlsplit(url).netloc), sent)
    _take_response(tape, entry, data, status)
    return tape, False


_UNKEPT = frozenset({"authorization", "x-api-key", "api-key", "cookie", "proxy-authorization", "x-goog-api-key"})
"""Headers that hold keys: no tape has them."""


def _take_response(tape: Tape, entry: Mapping[str, Any], data: bytes, status: int) -> None:
    response, timings = entry["response"], entry.get("timings") or {}
    total = _seconds(entry.get("time"))
    waited = sum(max(0.0, _seconds(timings.get(part))) for part in ("blocked", "dns", "connect", "send", "wait"))
    head_at = min(waited, total) if total else waited
    end: EndKind = "eof"
    message = ""
    if isinstance(ending := entry.get("_end"), list) and len(ending) == 3:
        total, end, message = _seconds(ending[0]), convert(ending[1], EndKind), convert(ending[2], str)
    if status:
        headers: dict[str, str] = {}
        for header in response.get("headers") or []:
            label, value = convert(header["name"], str).lower(), convert(header["value"], str)
            if not label.startswith(":") and label not in ("content-encoding", "content-length", "transfer-encoding"):
                headers[label] = f"{headers[label]}, {value}" if label in headers else value
        media = convert((response.get("content") or {}).get("mimeType") or "", str)
        if media and "content-type" not in headers:
            headers["content-type"] = media
        tape.head(Head(status, headers, head_at))
    tape.reads = _har_reads(entry.get("_reads"), data, head_at, max(total, head_at))
    tape.ended(TapeEnd(max(total, head_at), end, message) if status else TapeEnd(total, "reset", "no answer came"))


def _har_reads(sizes: Any, data: bytes, head_at: float, end_at: float) -> list[Read]:
    """The reads of a body: as rillet recorded them, else in pieces spread over the time in which it came."""
    if isinstance(sizes, list) and sum(convert(size, int) for _, size in sizes) == len(data):
        reads, at = [], 0
        for when, size in sizes:
            reads.append(Read(_seconds(when), data[at : at + size]))
            at += size
        return reads
    pieces = cut_at_frames(data)
    step = (end_at - head_at) / len(pieces) if pieces else 0.0
    return [Read(round(head_at + step * number, 6), piece) for number, piece in enumerate(pieces, 1)]


def cut_at_frames(data: bytes) -> list[bytes]:
    """A body in pieces, each a frame with the blank line that ends it."""
    if b"\r" not in data:
        *whole, rest = data.split(b"\n\n")
        return [piece + b"\n\n" for piece in whole] + ([rest] if rest else [])
    pieces, start = [], 0
    for match in _BLANK_LINE.finditer(data):
        pieces.append(data[start : match.end()])
        start = match.end()
    return [*pieces, data[start:]] if start < len(data) else pieces


def ends_frame(data: bytes) -> bool:
    """Whether a piece ends with a blank line for good: what comes next cannot belong to it."""
    return data.endswith((b"\n\n", b"\r\n\r\n"))


def _posted(request: Mapping[str, Any]) -> dict[str, Any] | None:
    text = (request.get("postData") or {}).get("text")
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _content(text: str, encoding: str) -> bytes:
    return base64.b64decode(text) if encoding == "base64" else text.encode("utf-8", "surrogatepass")


def _dialect_of(data: bytes, body: Mapping[str, Any] | None) -> str:
    for start in (data[:_RECOGNISED_BYTES], data):  # nearly always it says so at once
        if (name := recognise_stream(start)) is not None:
            return name
    return next(iter(recognise_body(body or {}))).name


def _seconds(milliseconds: Any) -> float:
    value = float(milliseconds or 0.0)
    if not -1 <= value < 1e12:
        raise ValueError(f"{value} is no time in milliseconds")
    return round(value / 1000, 6)
