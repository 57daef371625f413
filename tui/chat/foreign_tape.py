"""Exchanges from files of any kind: a rillet tape, an HTTP archive, a raw stream; each read whole or refused with the place."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from msgspec import ValidationError, convert

from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import ConfigError
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.quantity import describe_size
from tui.domain.tape import EndKind, FailedAttempt, Head, Read, SentRequest, Tape, TapeEnd, beginning_of
from tui.wire.dialect import is_dialect, recognise_body
from tui.wire.printable import printable_line
from tui.wire.recognition import recognise_stream

MOST_BYTES = 1 << 30
"""A file that must be read whole may be so large; a raw stream is read piece by piece."""

READ_BYTES = 8192
"""The bytes of a raw stream in one read: so many come at most at once off the wire, too."""

STREAM_HEAD = Head(200, {"content-type": "text/event-stream"})
"""The head of a raw stream, which holds none."""

FileKind = Literal["tape", "har", "raw"]

_START_BYTES = 4096
_BLANK_LINE = LazyPattern(rb"\r\n\r\n|\n\n|\r\r")


def kind_of_file(start: bytes, name: str = "") -> FileKind:
    """What a file is, by what it is called, else by its beginning."""
    ending = name.lower().rpartition(".")[2]
    if ending in ("tape", "jsonl", "har"):
        return "har" if ending == "har" else "tape"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{") and b'"tape"' in text.partition(b"\n")[0][:64]:
        return "tape"
    if text.startswith(b"{") and b'"log"' in text[:256]:
        return "har"
    return "raw"


def read_tapes(path: Path) -> list[Tape]:
    """The exchanges in a file, or in the files of a folder, in the order of their names.

    Raises:
        ConfigError: If there is none, or the file cannot be read; the message says where.
    """
    return [tape for _, tape in named_tapes(path)]


def named_tapes(path: Path) -> list[tuple[str, Tape]]:
    """The exchanges in a file, or in the files of a folder and of those in it, each with the name of its file.

    Raises:
        ConfigError: See `read_tapes`.
    """
    if not path.is_dir():
        return [(path.stem, tape) for tape in tapes_of(read_file(path), _name(path))]
    files = sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES and not each.is_dir())
    if not files:
        raise ConfigError(f"{_name(path)} holds no tape", f"Looked for: {', '.join(f'*{end}' for end in SUFFIXES)}.")
    named = [(file.relative_to(path).with_suffix(""), file) for file in files]
    return [(str(name), tape) for name, file in named for tape in tapes_of(read_file(file), _name(file))]


SUFFIXES = (".tape", ".jsonl", ".sse", ".har")
"""What files with exchanges are called in a folder."""


def _name(path: Path) -> str:
    return printable_line(str(path))


def read_file(path: Path) -> bytes:
    """The bytes of a regular file.

    Raises:
        ConfigError: If it is none, cannot be read, or is too large to be read whole.
    """
    try:
        # Without waiting: a pipe that nobody writes to would never open.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise ConfigError(f"{_name(path)} is not a regular file", "Save it to a file first.")
            if about.st_size > MOST_BYTES:
                limit = describe_size(MOST_BYTES)
                raise ConfigError(f"{_name(path)} is larger than {limit}", "Cut out the part that matters.")
            return file.read()
    except OSError as error:
        raise ConfigError(f"cannot read {_name(path)}: {error.strerror}") from error


def tapes_of(data: bytes, name: str) -> list[Tape]:
    """The exchanges in what a file holds.

    Raises:
        ConfigError: If it holds none, or is broken; the message says where.
    """
    match kind_of_file(data[:_START_BYTES], name):
        case "tape":
            try:
                return [Tape.from_lines(data.decode().split("\n"))]
            except ValueError as error:
                raise ConfigError(f"{name} is not a tape: {error}") from error
        case "har":
            return list(har_tapes(data, name))
        case "raw":
            return [raw_tape(data, name)]


def raw_tape(data: bytes, name: str) -> Tape:
    """A raw stream as a tape without times.

    Raises:
        ConfigError: If it is empty, or no stream.
    """
    if not data.strip():
        raise ConfigError(f"{name} is empty", "A raw stream is what curl -N prints.")
    tape = Tape(check_stream(data, name), "", name)
    is_body = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    tape.head(Head(200, {"content-type": "application/json"}) if is_body else STREAM_HEAD)
    tape.reads = [Read(0.0, data[start : start + READ_BYTES]) for start in range(0, len(data), READ_BYTES)]
    tape.ended(TapeEnd(0.0, "eof"))
    return tape


def check_stream(start: bytes, name: str) -> str:
    """The dialect of a raw stream by its beginning; that of Chat Completions where no frame tells.

    Raises:
        ConfigError: If this is no stream: nothing in it is a field of one.
    """
    dialect = recognise_stream(start)
    if dialect is None and b"data:" not in start and b"event:" not in start and not start.lstrip().startswith(b":"):
        shown = printable_line(start[:60].decode("utf-8", "replace").strip().partition("\n")[0])
        raise ConfigError(
            f"{name} is no stream, tape or HAR: line 1 is “{shown}”", "A raw stream is what curl -N prints."
        )
    return dialect or DIALECT_NAMES[0]


# -- HAR -----------------------------------------------------------------------------------------------------------


def har_tapes(data: bytes, name: str) -> Iterator[Tape]:
    """The exchanges with a language model in an HTTP archive; its other entries are passed over.

    Raises:
        ConfigError: If it is no archive, has no such exchange, or was saved without bodies.
    """
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise ConfigError(f"{name} is not a HAR: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{name} is not a HAR: it is nested too deeply") from error
    log = value.get("log") if isinstance(value, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise ConfigError(f"{name} is not a HAR: it has no log.entries")
    bodiless = 0
    count = 0
    attempts: list[FailedAttempt] = []
    for number, entry in enumerate(entries, 1):
        try:
            tape, lacks_body = _har_tape(entry)
        except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ConfigError(f"{name}: entry {number} of its {len(entries)} cannot be read: {_why(error)}") from error
        bodiless += lacks_body
        if tape is None:
            continue
        if (attempt := _attempt_of(tape, entry)) is not None:
            attempts.append(attempt)
            continue
        tape.attempts, attempts = attempts, []
        count += 1
        yield tape
    if not count and bodiless:
        raise ConfigError(f"{name} was saved without bodies", "Save it once more “with content”.")
    if not count:
        raise ConfigError(f"{name} holds no exchange with a model: {len(entries)} entries, and none is one")


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
        return None, False
    data = b"" if text is None else _content(convert(text, str), convert(content.get("encoding") or "", str))
    if text is None and convert(content.get("size") or 0, int) > 0:
        return None, True
    if status and text is None and response.get("bodySize") not in (0, None) and "_dialect" not in entry:
        return None, True
    headers = {}
    for header in request.get("headers") or []:
        label = convert(header["name"], str).lower()
        if not label.startswith(":") and label not in _UNKEPT:
            headers[label] = convert(header["value"], str)
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
    pieces, start = [], 0
    for match in _BLANK_LINE.finditer(data):
        pieces.append(data[start : match.end()])
        start = match.end()
    return [*pieces, data[start:]] if start < len(data) else pieces


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
    if (name := recognise_stream(data)) is not None:
        return name
    return next(iter(recognise_body(body or {}))).name


def _seconds(milliseconds: Any) -> float:
    value = float(milliseconds or 0.0)
    if not -1 <= value < 1e12:
        raise ValueError(f"{value} is no time in milliseconds")
    return round(value / 1000, 6)
