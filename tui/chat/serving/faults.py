"""Faults on request: what an endpoint that plays a tape does wrong, each by its name."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from msgspec import Struct
from msgspec.structs import replace

from tui.domain.error import ConfigError
from tui.net.http_server import Answer, Piece, json_answer
from tui.wire.teller import Teller

Change = Callable[[Answer, float], Answer]
Telling = Callable[[Answer, float, Teller], Answer]
"""A change that says something, in the words of the dialect that was asked in."""


class Fault(Struct, frozen=True):
    """A fault: what it does, and what its number means, if it takes one."""

    words: str
    change: Change | None = None
    default: float | None = None
    telling: Telling | None = None

    def strike(self, answer: Answer, number: float, teller: Teller) -> Answer:
        """The answer with this fault."""
        if self.telling is not None:
            return self.telling(answer, number, teller)
        return answer if self.change is None else self.change(answer, number)


def _pieces(answer: Answer) -> list[Piece]:
    return list(answer.pieces)


def _first(answer: Answer, count: float) -> Answer:
    """As far as its first frames; what ends it ends it there."""
    pieces = _pieces(answer)[: int(count)]
    return replace(answer, pieces=pieces, end_at=pieces[-1].at if pieces else answer.head_at)


def _cut(answer: Answer, count: float) -> Answer:
    return replace(_first(answer, count), end="cut")


def _close(answer: Answer, count: float) -> Answer:
    return replace(_first(answer, count), end="whole")


def _reset(answer: Answer, count: float) -> Answer:
    return replace(_first(answer, count), end="reset")


def _stall(answer: Answer, count: float) -> Answer:
    return replace(_first(answer, count), end="silence")


def _pause(answer: Answer, seconds: float) -> Answer:
    pieces = _pieces(answer)
    middle = len(pieces) // 2
    later = [Piece(piece.at + seconds, piece.data) for piece in pieces[middle:]]
    return replace(answer, pieces=pieces[:middle] + later, end_at=answer.end_at + seconds)


def _refuse(status: int, message: str, header: str = "") -> Telling:
    def telling(answer: Answer, number: float, teller: Teller) -> Answer:
        del answer
        headers = {header: f"{number:g}"} if header else {}
        return json_answer(teller.refused(status, message), status, headers)

    return telling


def _status(answer: Answer, number: float, teller: Teller) -> Answer:
    return _refuse(int(number), f"refused with {number:g}, as asked for")(answer, number, teller)


def _error(answer: Answer, count: float, teller: Teller) -> Answer:
    """An error in the middle of a stream is the last that an endpoint says; a reply in one piece has no middle."""
    if answer.headers.get("content-type", "").startswith("application/json"):
        return _refuse(500, "failed, as asked for")(answer, 0, teller)
    begun = _close(answer, count)
    said = Piece(begun.end_at, teller.error("failed, as asked for"))
    return replace(begun, pieces=[*begun.pieces, said])


def _bytes(answer: Answer, size: float) -> Answer:
    count = max(1, int(size))
    pieces = [
        Piece(piece.at, piece.data[start : start + count])
        for piece in answer.pieces
        for start in range(0, len(piece.data), count)
    ]
    return replace(answer, pieces=pieces)


def _at_once(answer: Answer, number: float) -> Answer:
    del number
    data = b"".join(piece.data for piece in answer.pieces)
    return replace(answer, pieces=[Piece(answer.end_at, data)])


def _bursts(answer: Answer, seconds: float) -> Answer:
    step = max(0.001, seconds)
    return replace(answer, pieces=[Piece((piece.at // step + 1) * step, piece.data) for piece in answer.pieces])


def _gzip(answer: Answer, number: float) -> Answer:
    del number
    import zlib

    packer = zlib.compressobj(wbits=31)
    pieces = [Piece(piece.at, packer.compress(piece.data) + packer.flush(zlib.Z_SYNC_FLUSH)) for piece in answer.pieces]
    return replace(
        answer,
        pieces=[*pieces, Piece(answer.end_at, packer.flush())],
        headers={**answer.headers, "content-encoding": "gzip"},
    )


def _gzip_cut(answer: Answer, number: float) -> Answer:
    del number
    data = gzip.compress(b"".join(piece.data for piece in answer.pieces))
    return replace(
        answer,
        pieces=[Piece(answer.end_at, data[: max(1, len(data) * 2 // 3)])],
        headers={**answer.headers, "content-encoding": "gzip"},
    )


def _without(pattern: bytes) -> Change:
    def change(answer: Answer, number: float) -> Answer:
        del number
        return replace(answer, pieces=[piece for piece in answer.pieces if not re.search(pattern, piece.data)])

    return change


def _no_usage(answer: Answer, number: float) -> Answer:
    del number
    usage = re.compile(rb'"usage":\s*\{(?:[^{}]|\{[^{}]*\})*\}')
    pieces: list[Piece] = []
    for piece in answer.pieces:
        data, count = usage.subn(b'"usage":null', piece.data)
        if not (count and re.search(rb'"choices":\s*\[\s*\]', data)):  # a frame that is there for the usage alone
            pieces.append(Piece(piece.at, data))
    return replace(answer, pieces=pieces)


def _edited(edit: Callable[[bytes], bytes]) -> Change:
    def change(answer: Answer, number: float) -> Answer:
        del number
        return replace(answer, pieces=[Piece(piece.at, edit(piece.data)) for piece in answer.pieces])

    return change


def _bom(answer: Answer, number: float) -> Answer:
    del number
    pieces = _pieces(answer)
    if pieces:
        pieces[0] = Piece(pieces[0].at, b"\xef\xbb\xbf" + pieces[0].data)
    return replace(answer, pieces=pieces)


def _inserted(make: Callable[[Piece], bytes]) -> Change:
    """One more frame behind the numbered one."""

    def change(answer: Answer, number: float) -> Answer:
        pieces = _pieces(answer)
        at = min(len(pieces), int(number))
        before = pieces[at - 1] if 0 < at <= len(pieces) else Piece(answer.head_at, b"")
        return replace(answer, pieces=[*pieces[:at], Piece(before.at, make(before)), *pieces[at:]])

    return change


def _drop(answer: Answer, number: float) -> Answer:
    pieces = _pieces(answer)
    return replace(answer, pieces=pieces[: int(number) - 1] + pieces[int(number) :])


def _keep_alives(answer: Answer, seconds: float) -> Answer:
    """Comments in every silence."""
    step, pieces, before = max(0.01, seconds), [], answer.head_at
    for piece in answer.pieces:
        while before + step < piece.at:
            before += step
            pieces.append(Piece(before, b": keep-alive\n\n"))
        pieces.append(piece)
        before = piece.at
    return replace(answer, pieces=pieces)


def _late(answer: Answer, seconds: float) -> Answer:
    pieces = [Piece(piece.at + seconds, piece.data) for piece in answer.pieces]
    return replace(answer, head_at=answer.head_at + seconds, pieces=pieces, end_at=answer.end_at + seconds)


def _html(answer: Answer, number: float) -> Answer:
    del number
    page = b"<!doctype html><html><head><title>Sign in</title></head><body>Sign in to this network.</body></html>"
    return replace(answer, headers={"content-type": "text/html"}, pieces=[Piece(answer.head_at, page)], end="whole")


def _media(answer: Answer, number: float) -> Answer:
    del number
    return replace(answer, headers={**answer.headers, "content-type": "application/octet-stream"})


def _no_answer(answer: Answer, number: float) -> Answer:
    del number
    return replace(answer, status=0, pieces=[], end="reset")


_FINISH = rb'"finish_reason":\s*"|"stop_reason":\s*"|"type":\s*"(?:message_stop|response\.(?:completed|incomplete))"|^data:\s*\[DONE\]'

FAULTS: dict[str, Fault] = {
    "cut": Fault("hang up after N frames, without the last chunk", _cut, 3),
    "close": Fault("end in order after N frames", _close, 3),
    "reset": Fault("reset the connection after N frames", _reset, 3),
    "stall": Fault("say nothing more after N frames", _stall, 3),
    "pause": Fault("say nothing for N seconds in the middle", _pause, 5),
    "late": Fault("answer N seconds later", _late, 5),
    "no-answer": Fault("take the request and reset the connection", _no_answer),
    "429": Fault("refuse with 429, and Retry-After N", None, 1, _refuse(429, "Rate limit reached.", "retry-after")),
    "401": Fault("refuse the key", telling=_refuse(401, "Incorrect API key provided.")),
    "500": Fault("fail with 500", telling=_refuse(500, "The server had an error.")),
    "503": Fault(
        "refuse with 503, and Retry-After N", None, 1, _refuse(503, "The engine is overloaded.", "retry-after")
    ),
    "status": Fault("refuse with status N", None, 500, _status),
    "error": Fault("tell an error after N frames, and end", None, 3, _error),
    "bytes": Fault("write N bytes at a time", _bytes, 1),
    "at-once": Fault("write everything at once, at the end", _at_once),
    "bursts": Fault("write what came every N seconds", _bursts, 0.5),
    "gzip": Fault("compress the stream", _gzip),
    "gzip-cut": Fault("compress the stream, and end before it does", _gzip_cut),
    "no-done": Fault("leave out [DONE]", _without(rb"^data:\s*\[DONE\]")),
    "no-finish": Fault("leave out the finish reason and all that ends the reply", _without(_FINISH)),
    "no-usage": Fault("leave out the usage", _no_usage),
    "drop": Fault("leave out frame N", _drop, 2),
    "repeat": Fault("say frame N twice", _inserted(lambda piece: piece.data), 2),
    "garbage": Fault("say something that is not JSON after N frames", _inserted(lambda _piece: b"data: {oops\n\n"), 2),
    "crlf": Fault("end lines with CR LF", _edited(lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))),
    "bom": Fault("begin with a byte order mark", _bom),
    "keep-alives": Fault("say a comment every N seconds of silence", _keep_alives, 1),
    "html": Fault("answer with a web page and status 200", _html),
    "media-type": Fault("name another media type", _media),
}


def parse_faults(words: Sequence[str]) -> list[tuple[str, float]]:
    """Faults by their names, each with its number: `cut=5`, `gzip`.

    Raises:
        ConfigError: If there is none of that name, or its number is none.
    """
    parsed: list[tuple[str, float]] = []
    for word in (part.strip() for each in words for part in each.split(",") if part.strip()):
        name, has_number, text = word.partition("=")
        fault = FAULTS.get(name)
        if fault is None:
            near = get_close_matches(name, FAULTS, 1)
            hint = f"Did you mean “{near[0]}”?" if near else f"There are: {', '.join(FAULTS)}."
            raise ConfigError(f"there is no fault “{name}”", hint)
        if has_number and fault.default is None:
            raise ConfigError(f"the fault “{name}” takes no number")
        try:
            number = float(text) if has_number else fault.default or 0.0
        except ValueError as error:
            raise ConfigError(f"“{text}” is no number for the fault “{name}”", f"{name}=N: {fault.words}") from error
        if not 0 <= number < 1e6:
            raise ConfigError(f"“{text}” is no number for the fault “{name}”", f"{name}=N: {fault.words}")
        parsed.append((name, number))
    return parsed


def apply_faults(answer: Answer, faults: Sequence[tuple[str, float]], teller: Teller) -> Answer:
    """An answer with faults, in the order in which they are named; `teller` knows how they are said."""
    for name, number in faults:
        answer = FAULTS[name].strike(answer, number, teller)
    return answer
