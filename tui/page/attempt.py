"""Attempts that came to nothing before a request was sent again, as the wire pane shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tui.domain.error import RilletError
from tui.domain.joined_reads import JoinedReads
from tui.domain.quantity import describe_seconds
from tui.domain.tape import FailedAttempt, Read, TapeEnd
from tui.page.framing import Framing
from tui.page.time_parts import Lost
from tui.page.wire_row import WireRow
from tui.wire.json_text import parse_json, write_json


def lead_of(attempts: Iterable[FailedAttempt]) -> float:
    """Seconds that went by before the last request was sent."""
    return sum(attempt.lasted for attempt in attempts)


def later_end(end: TapeEnd | None, lead: float) -> TapeEnd | None:
    """An end by a clock that began so many seconds earlier."""
    return end if end is None or not lead else TapeEnd(lead + end.at, end.kind, end.message)


def later(reads: Sequence[Read], lead: float) -> Sequence[Read]:
    """Reads with the times since the first attempt, not since the request that they answer."""
    if not lead:
        return reads
    return reads.later(lead) if isinstance(reads, JoinedReads) else [Read(lead + read.at, read.data) for read in reads]


def answer_of(attempt: FailedAttempt) -> str:
    """What an attempt came to, in a word: its status, or how the connection ended."""
    return str(attempt.response.status) if attempt.response is not None else "no answer"


def attempt_rows(attempts: Sequence[FailedAttempt]) -> list[WireRow]:
    """A row for each attempt, in their order."""
    rows: list[WireRow] = []
    at = gap = 0.0
    for number, attempt in enumerate(attempts, 1):
        waited = f", waited {describe_seconds(attempt.wait)}" if attempt.wait else ", sent again at once"
        words = f"{answer_of(attempt)} after {describe_seconds(attempt.end.at)}{waited}: {attempt.end.message}"
        size = sum(len(read.data) for read in attempt.reads)
        rows.append(WireRow(at, gap, f"attempt {number}", "error", size, words, _text(attempt), attempt=number))
        gap = attempt.lasted
        at += gap
    return rows


def lost_by(attempts: Sequence[FailedAttempt]) -> list[Lost]:
    """When each attempt was lost, on the clock that began with the first."""
    lost: list[Lost] = []
    begin = 0.0
    for attempt in attempts:
        lost.append(Lost(begin, begin + attempt.end.at, attempt.wait, answer_of(attempt)))
        begin += attempt.lasted
    return lost


def attempts_words(attempts: Sequence[FailedAttempt]) -> str:
    """What came of the attempts, in words that follow a share of the time."""
    answers = ", ".join(answer_of(attempt) for attempt in attempts if attempt.response is not None)
    what = "refused" if answers else "without an answer"
    times = "" if len(attempts) == 1 else f" {len(attempts)} times"
    waited = sum(attempt.wait for attempt in attempts)
    then = f", then waited {describe_seconds(waited)}" if waited else ""
    return f"{what}{times}{f' ({answers})' if answers else ''}{then}"


def _text(attempt: FailedAttempt) -> str:
    """All of an attempt as one JSON object: what was asked where, the head, the body, how it ended."""
    about: dict[str, Any] = {"request": f"{attempt.request.method} {attempt.request.url}"}
    if (head := attempt.response) is not None:
        about |= {"status": head.status, "at": round(head.at, 6), "headers": dict(head.headers)}
        if attempt.reads:
            about["body"] = _body(attempt, Framing(head))
    about["end"] = {"at": round(attempt.end.at, 6), "kind": attempt.end.kind, "message": attempt.end.message}
    return write_json(about | {"waited": round(attempt.wait, 6)})


def _body(attempt: FailedAttempt, framing: Framing) -> Any:
    """What was answered: as JSON where it is that, else as the text that it is, as far as it can be opened."""
    text = ""
    try:
        text = b"".join(piece for read in attempt.reads for piece in framing.open(read.data)).decode(errors="replace")
        return parse_json(text)
    except RilletError:
        return text
