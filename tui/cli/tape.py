"""`rillet tape` and `rillet replay`: tapes listed, shown, checked, exported, and played again."""

from __future__ import annotations

import sys
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from contextlib import aclosing
from itertools import islice
from pathlib import Path

from tui.chat.check import check
from tui.chat.fold import play_at_pace
from tui.chat.foreign_tape import each_tape
from tui.cli.event import delta_event, event_line, turn_event
from tui.cli.exit_code import ExitCode
from tui.cli.outcome import exit_code_of_turn
from tui.domain.error import ConfigError
from tui.domain.quantity import describe_seconds
from tui.domain.tape import Tape
from tui.domain.turn import Prompt, Turn
from tui.store.database import Database
from tui.wire.printable import printable, printable_line


def read_tape(path: Path) -> Tape:
    """Read one exchange from a file: a tape, a raw stream, an HTTP archive; `FILE#2` is the second of several.

    Raises:
        ConfigError: If there is no such file, or it does not hold one.
    """
    place, mark, number = str(path).rpartition("#")
    if mark and number.isdecimal() and not path.exists():
        path = Path(place)
        count = 0
        for count, tape in enumerate(each_tape(path), 1):  # those behind it are not read
            if count == int(number):
                return tape
        raise ConfigError(f"{printable(str(path))} has no exchange {number}", f"It holds {count}.")
    tapes = [*islice(each_tape(path), 2)]
    if len(tapes) > 1:
        name = printable(str(path))
        raise ConfigError(f"{name} holds more than one exchange", f"Name one of them: {name}#1")
    return tapes[0]


def put_bytes(pieces: Iterable[bytes]) -> None:
    """Write to standard output as it is; a terminal is shown what it can print."""
    if sys.stdout.isatty():
        from tui.wire.intake import Intake

        decoder, intake = getincrementaldecoder("utf-8")("replace"), Intake()
        for piece in pieces:
            sys.stdout.write(intake.take(decoder.decode(piece)))
        sys.stdout.write(intake.take(decoder.decode(b"", True)) + intake.close())
        return
    sys.stdout.flush()
    sys.stdout.buffer.writelines(pieces)
    sys.stdout.buffer.flush()


def find_turn(database: Database, address: str) -> Turn:
    """The turn at `SESSION.TURN`, or the last of `SESSION`.

    Raises:
        ConfigError: If there is none.
    """
    prefix, _, number = address.partition(".")
    session_id = database.sessions.find(prefix)
    if number and not (number.isascii() and number.isdigit()):
        raise ConfigError(f"“{printable(address)}” is not SESSION.TURN", "For example: k3v7m2qa.1")
    newest = database.turns.newest_number(session_id)
    for turn in database.turns.of_ids([f"{session_id}.{int(number or newest)}"]):
        return turn
    raise ConfigError(f"session {prefix} has no turn {number or 1}", f"Its last one is {newest}.")


def tape_of(database: Database, turn: Turn) -> Tape:
    """The tape of a saved turn, with what was asked of whom. The file must stay open while it is looked at.

    Raises:
        ConfigError: If nothing was recorded.
        StoreError: If it cannot be read.
    """
    tape = database.tapes.tape(turn.id, is_held=False)
    if tape.request is None:
        raise ConfigError(f"turn {turn.id} has no tape: it was dropped, or its request was never sent")
    return tape


def show_tape(tape: Tape) -> Iterator[str]:
    """A tape for reading: the request, the head, then every read with its time and the gap before it."""
    if (request := tape.request) is not None:
        yield f"> {request.method} {printable(request.url)}   {request.sent_at}"
        yield from (f"> {name}: {printable(value)}" for name, value in request.headers.items())
        yield f"> {printable(event_line(dict(request.body)))}"
    if (head := tape.response) is not None:
        yield f"< {head.status}   {head.at:.6f} s"
        yield from (f"< {name}: {printable(value)}" for name, value in head.headers.items())
    before = tape.response.at if tape.response else 0.0
    for read in tape.reads:
        text = printable(read.data.decode(errors="replace")).rstrip("\n").replace("\n", "⏎")
        yield f"{read.at:12.6f} +{(read.at - before) * 1000:9.3f} ms {len(read.data):>7} B  {text}"
        before = read.at
    if (end := tape.end) is not None:
        yield f"{end.at:12.6f} {end.kind} {printable(end.message)}".rstrip()


_PLAIN = frozenset(("silence", "stopped"))
"""Findings that say all there is to say."""


def _reads(count: int) -> str:
    return "1 read" if count == 1 else f"{count:,} reads"


def check_lines(tape: Tape) -> tuple[list[str], ExitCode]:
    """The findings about a tape as lines, what is wrong first, and the exit code: not 0 where something is wrong."""
    findings = sorted(check(tape), key=lambda finding: not finding.is_wrong)
    wrong = sum(finding.is_wrong for finding in findings)
    size = sum(len(read.data) for read in tape.reads)
    verdict = "nothing is wrong" if not wrong else "1 thing is wrong" if wrong == 1 else f"{wrong} things are wrong"
    took = "" if tape.is_untimed or not tape.reads else f" in {describe_seconds(tape.reads[-1].at)}"
    name = printable_line(f"{tape.model or 'a model'} at {tape.endpoint or 'an endpoint'}, {tape.dialect or 'chat'}")
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{'✗' if finding.is_wrong else '·'} {finding.code:<18} {printable_line(finding.words)}")
        lines += [f"  {'':<18} {finding.effect}"] if finding.effect and finding.code not in _PLAIN else []
    lines.append(f"{verdict}: {name}, {_reads(len(tape.reads))}, {size:,} B{took}")
    return lines, ExitCode.FAILED if wrong else ExitCode.COMPLETE


async def replay_events(tape: Tape, speed: float) -> int:
    """Play a tape to standard output as JSON lines, at its own pace times `speed`; returns the exit code."""
    turn = Turn(Prompt(""), id="tape", model=tape.model, endpoint=tape.endpoint, dialect=tape.dialect)
    request = {"type": "request", "endpoint": tape.endpoint, "dialect": tape.dialect, "model": tape.model, "t": 0.0}
    _put(event_line(request))
    async with aclosing(play_at_pace(tape, turn, speed)) as deltas:
        async for at, delta in deltas:
            if (event := delta_event(delta, at)) is not None:
                _put(event_line(event))
    _put(event_line(turn_event(turn)))
    return exit_code_of_turn(turn)


def _put(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
