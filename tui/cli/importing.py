"""`rillet import`: progress, what came of it, and stopping it."""

from __future__ import annotations

import json
import os
import select
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from tui.chat.importing.outcome import left_out_of, outcome_of, progress_of
from tui.chat.importing.run import Import, Report, scan, sources_of
from tui.chat.saved import open_database
from tui.cli.exit_code import ExitCode
from tui.cli.opening import tell_notes, tell_once, write_utf8
from tui.domain.error import ConfigError, StoreError
from tui.wire.printable import printable_line

if TYPE_CHECKING:
    from tui.store.database import Database

_EVERY = 0.1
"""Seconds between two looks at how far it is."""
_ESCAPE = b"\x1b"
_SHOWN_PROBLEMS = 50


def import_files(words: Sequence[str], *, as_json: bool) -> int:
    """Import what a person names, and say what came of it.

    Returns:
        The exit code: not 0 where something could not be read.
    """
    if not words:
        raise ConfigError("what is to be imported?", "Name a file; rillet import --scan lists what is on this machine.")
    with closing(open_database(tell=tell_once())) as database:
        tell_notes(database)
        if database.is_memory:
            raise StoreError(database.why_unsaved, "Nothing was imported.")
        with _keys() as is_escape:
            progress = _Progress(is_escape)
            work = Import(database, progress)
            try:
                report = work.run(sources_of(words, work))
            finally:
                progress.end()
        if as_json:
            write_utf8()
            print(json.dumps(_record(report), ensure_ascii=False))
        else:
            _tell(report, database)
    if report.was_stopped:
        return ExitCode.STOPPED
    return ExitCode.FAILED if report.problems else ExitCode.COMPLETE


def list_found(*, as_json: bool) -> int:
    """Print what there is of other programs on this machine, and how it is imported."""
    programs = list(scan())
    if as_json:
        write_utf8()
        records = [
            {
                "program": each.format.name.replace("_", "-"),
                "title": each.format.title,
                "files": [str(path) for path in each.paths],
                "conversations": each.conversations,
                "changed_at": each.changed_at or None,
                "problem": each.problem or None,
            }
            for each in programs
        ]
        print(json.dumps(records, ensure_ascii=False))
        return ExitCode.COMPLETE
    if not programs:
        print("no chats of other programs are found on this machine; name a file: rillet import FILE")
        return ExitCode.COMPLETE
    from datetime import datetime

    for each in programs:
        day = datetime.fromtimestamp(each.changed_at).astimezone().strftime("%Y-%m-%d") if each.changed_at else ""
        first = str(each.paths[0]) if each.paths else each.problem
        more = f" and {len(each.paths) - 1:,} more" if len(each.paths) > 1 else ""
        name = each.format.name.replace("_", "-")
        print(printable_line(f"{name:<11} {each.conversations:>6,} chats  {day:<10}  {first}{more}"))
    names = " ".join(each.format.name.replace("_", "-") for each in programs if each.conversations)
    if names:
        print(f"import them: rillet import {names}")
    return ExitCode.COMPLETE


class _Progress:
    """Shows how far an import is, on a terminal, and whether Esc was pressed."""

    def __init__(self, is_escape: Any) -> None:
        self._is_escape = is_escape
        self._is_shown = sys.stderr.isatty()
        self._looked_at = 0.0
        self._has_shown = False

    def __call__(self, work: Import) -> bool:
        """Told after each conversation; whether to go on."""
        now = time.monotonic()
        if now - self._looked_at < _EVERY:
            return True
        self._looked_at = now
        if self._is_shown:
            sys.stderr.write(f"\r\x1b[K{progress_of(work.report.done, work.expected)} · Esc stops")
            sys.stderr.flush()
            self._has_shown = True
        return not self._is_escape()

    def end(self) -> None:
        """Take the line away."""
        if self._has_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


@contextmanager
def _keys() -> Iterator[Any]:
    """While it lasts, a call that says whether Esc was pressed; without a terminal, nothing can be."""
    try:
        import termios
        import tty

        handle = sys.stdin.fileno()
        before = termios.tcgetattr(handle)
    except (ImportError, OSError, ValueError, AttributeError):
        yield lambda: False
        return
    except termios.error:
        yield lambda: False
        return

    def is_escape() -> bool:
        pressed = False
        while select.select([handle], [], [], 0)[0]:
            data = os.read(handle, 64)
            pressed = pressed or data == _ESCAPE  # more behind it is another key
            if not data:
                break
        return pressed

    tty.setcbreak(handle)
    try:
        yield is_escape
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


def _record(report: Report) -> dict[str, Any]:
    return {
        "imported": report.new,
        "grown": report.grown,
        "same": report.same,
        "in_bin": report.deleted,
        "empty": report.empty,
        "turns": report.turns,
        "programs": dict(report.programs),
        "sessions": report.sessions,
        "problems": [{"place": place, "problem": words} for place, words in report.problems],
        "left_out": dict(report.left_out),
        "was_stopped": report.was_stopped,
    }


def _tell(report: Report, database: Database) -> None:
    """Say what came of it: counts to standard output, what could not be read to standard error."""
    for place, words in report.problems[:_SHOWN_PROBLEMS]:
        print(f"rillet: {printable_line(place)}: {printable_line(words)}", file=sys.stderr)
    if (rest := len(report.problems) - _SHOWN_PROBLEMS) > 0:
        print(f"rillet: and {rest:,} more that could not be read", file=sys.stderr)
    for words in left_out_of(report):
        print(f"rillet: {words}", file=sys.stderr)
    print(outcome_of(report))
    if len(report.sessions) <= 10:
        for session_id in report.sessions:
            print(f"{session_id}  {printable_line(database.sessions.summary(session_id).title)}")
