"""`rillet sessions`: what each of its commands does and prints."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.cli.opening import open_saved, tell_notes, tell_once, write_utf8
from tui.domain.error import ConfigError, StoreError
from tui.domain.quantity import describe_size
from tui.domain.session import SessionSummary, WholeSession
from tui.wire.printable import printable, printable_line

if TYPE_CHECKING:
    from tui.domain.endpoint_word import DialectName
    from tui.domain.export_word import SessionForm
    from tui.store.database import Database
    from tui.store.search import Hit


def list_sessions(find: str, *, deleted: bool, archived: bool, as_json: bool) -> int:
    """Print the sessions, those in the bin, or those that are out of the way."""
    from tui.store.query import parse_query

    query = parse_query(find)
    if query.unclear:
        raise ConfigError(f"“{query.unclear}” is no day", "For example since:monday, since:2026-11-28, since:3d.")
    with closing(_opened()) as database:
        if deleted:
            summaries = database.sessions.deleted()
        elif archived:
            summaries = database.sessions.archived()
        else:
            summaries = database.sessions.matching(query)
            if query.words:
                _tell_unindexed(database)
    if as_json:
        _put([_record(summary) for summary in summaries])
        return 0
    for row in summaries:
        at = row.updated_at if row.deleted_at is None else row.deleted_at
        turns = "turn " if row.turns == 1 else "turns"
        marks = "".join((" ★" if row.is_pinned else "", *(f" #{tag}" for tag in row.tags)))
        line = f"{row.id}  {_when(at)}  {row.turns:>4} {turns} {describe_size(row.size_bytes):>10}  {row.title}{marks}"
        print(printable_line(line))
    return 0


def show(name: str, *, as_json: bool) -> int:
    """Print a session, or the branch that leads to a turn, to be read."""
    from tui.chat.export import exported

    with closing(_opened()) as database:
        session = _whole(database, name)
    if as_json:
        write_utf8()
        print(exported(session, "json"), end="")
        return 0
    print(printable(exported(session, "text")), end="")
    return 0


def search(text: str, limit: int, *, as_json: bool) -> int:
    """Print the turns in which something was said, the newest first, with what matches marked."""
    from tui.store.query import parse_query

    query = parse_query(text)
    if query.unclear:
        raise ConfigError(f"“{query.unclear}” is no day", "For example since:monday, since:2026-11-28, since:3d.")
    if not query.words:
        raise ConfigError("what was said?", "Without words, rillet sessions list --find lists sessions.")
    with closing(_opened()) as database:
        hits = database.sessions.hits(query, limit)
        _tell_unindexed(database)
    if as_json:
        _put([_hit_record(hit) for hit in hits])
        return 0 if hits else 1
    for hit in hits:
        print(f"{hit.turn_id}  {_when(hit.created_at)}  {printable_line(hit.title)}")
        print(f"    {_marked(hit, is_terminal=sys.stdout.isatty())}")
    if not hits:
        print("no match", file=sys.stderr)
    return 0 if hits else 1


def export(
    name: str,
    file: Path | None,
    form: SessionForm | None,
    *,
    dialect: DialectName | None = None,
    only_branch: bool,
    as_json: bool,
    tells: bool = False,
) -> int:
    """Write a session, or a branch of it, to a new file or to standard output; `tells` says how far that is."""
    import gc

    from tui.chat.export import pieces_of
    from tui.chat.exporting import branch_of, dialect_of, form_of
    from tui.chat.new_file import encoded, write_new

    gc.disable()  # a long session is a million objects, which all stay
    with closing(_opened()) as database:
        session = _whole(database, name, (lambda share: _tell_share(share / 2)) if tells else None)
    if only_branch:
        session = branch_of(session)
    chosen = form or ("json" if as_json and file is None else form_of(file.name if file is not None else ""))
    if dialect is not None and chosen != "body":
        raise ConfigError("--dialect is that of a request's body", "Write it by --as body.")
    written = pieces_of(
        session,
        chosen,
        dialect or dialect_of(file.name if file is not None else ""),
        (lambda share: _tell_share((1 + share) / 2)) if tells else lambda _share: None,
    )
    if file is None:
        write_utf8()
        sys.stdout.writelines(written)
        return 0
    write_new(file, encoded(written))
    report = {"file": str(file.absolute()), "form": chosen, "turns": len(session.turns), "session": session.id}
    if as_json:
        _put(report)
    else:
        print(printable_line(f"wrote {len(session.turns):,} turns to {file.absolute()} as {chosen}"))
    return 0


def _tell_share(share: float) -> None:
    print(f"{share:.3f}", file=sys.stderr, flush=True)


def tag(name: str, tags: Sequence[str], removed: Sequence[str], marks: Sequence[str], *, as_json: bool) -> int:
    """Give a session tags, take some away, pin it or put it out of the way, and print what it has."""
    with _written("Nothing was tagged.") as database:
        session_id = database.sessions.find(name)
        before = database.sessions.summary(session_id).tags
        given = [" ".join(word.removeprefix("#").split()) for word in tags]
        wanted = [word for word in dict.fromkeys((*before, *given)) if word and word not in removed]
        if tuple(sorted(wanted)) != before:
            database.sessions.set_tags(session_id, wanted)
        for mark in marks:
            if mark.endswith("pin"):
                database.sessions.pin(session_id, is_pinned=mark == "pin")
            else:
                database.sessions.archive(session_id, is_archived=mark == "archive")
        summary = database.sessions.summary(session_id)
    if as_json:
        _put(_record(summary))
    else:
        marks_now = [*(["pinned"] if summary.is_pinned else []), *(["archived"] if summary.archived_at else [])]
        tags_and_marks = " ".join([*(f"#{word}" for word in summary.tags), *marks_now])
        print(printable_line(f"{summary.id}  {tags_and_marks or 'no tags'}"))
    return 0


def remove(names: Sequence[str], *, as_json: bool) -> int:
    """Put sessions into the bin."""
    with _written("Nothing was deleted.") as database:
        summaries = [database.sessions.summary(database.sessions.find(name)) for name in names]
        for summary in summaries:
            database.sessions.delete(summary.id)
    if as_json:
        _put([summary.id for summary in summaries])
    else:
        for summary in summaries:
            print(
                printable_line(
                    f"deleted {summary.id}  {summary.title}; rillet sessions restore {summary.id} has it back"
                )
            )
    return 0


def restore(name: str, *, as_json: bool) -> int:
    """Have a deleted session back."""
    with _written("Nothing was restored.") as database:
        session_id = database.sessions.find(name, is_deleted=True)
        database.sessions.undelete(session_id)
        summary = database.sessions.summary(session_id)
    if as_json:
        _put(_record(summary))
    else:
        print(printable_line(f"restored {session_id}  {summary.title}"))
    return 0


def prune(days: float, *, as_json: bool) -> int:
    """Empty the bin for good."""
    from tui.store.backup import forget_backups, set_aside
    from tui.store.path import database_path

    with _written("Nothing was dropped.") as database:
        before = len(database.sessions.deleted())
        database.purge(max(0.0, days) * 86400)
        dropped = before - len(database.sessions.deleted())
        freed = database.upkeep.shrink() if dropped else 0
        if dropped:
            forget_backups(database_path())
    if as_json:
        _put({"dropped": dropped, "freed_bytes": max(0, freed)})
    else:
        sessions = "1 session" if dropped == 1 else f"{dropped:,} sessions"
        print(f"{sessions} dropped for good, {describe_size(max(0, freed))} given back")
    if dropped:
        for each in set_aside(database_path()):
            print(f"They may still be in {printable_line(str(each))}, which was put aside.", file=sys.stderr)
    return 0


# -- what they share -----------------------------------------------------------------------------------------------


def _opened() -> Database:
    return open_saved(Namespace())


def _tell_unindexed(database: Database) -> None:
    """Say that not all is found yet, where that is so."""
    if left := database.upkeep.indexing_left:
        turns = "1 turn" if left == 1 else f"{left:,} turns"
        words = (
            f"what was said in {turns} of an earlier rillet is not looked through yet: an open rillet gets to it behind"
        )
        print(f"rillet: {words}", file=sys.stderr)


@contextmanager
def _written(otherwise: str) -> Iterator[Database]:
    """The sessions, to be changed.

    Raises:
        StoreError: If nothing can be saved.
    """
    from tui.chat.saved import open_database

    with closing(open_database(tell=tell_once())) as database:
        tell_notes(database)
        if database.is_memory:
            raise StoreError(database.why_unsaved, otherwise)
        yield database


def _whole(database: Database, name: str, tell: Callable[[float], None] | None = None) -> WholeSession:
    """The session that is meant, or the branch that leads to the turn behind the dot."""
    from tui.chat.exporting import branch_of

    prefix, _, number = name.partition(".")
    if number and not (number.isascii() and number.isdecimal()):
        raise ConfigError(f"“{printable(name)}” is not ID or ID.TURN", "For example: k3v7m2qa, or k3v7m2qa.3")
    session = database.whole.read(database.sessions.find(prefix), tell or (lambda _share: None))
    return branch_of(session, int(number)) if number else session


def _record(summary: SessionSummary) -> dict[str, Any]:
    from tui.chat.exporting import date_of

    return {
        "id": summary.id,
        "title": summary.title,
        "created_at": date_of(summary.created_at) or None,
        "updated_at": date_of(summary.updated_at) or None,
        "deleted_at": None if summary.deleted_at is None else date_of(summary.deleted_at),
        "archived_at": None if summary.archived_at is None else date_of(summary.archived_at),
        "is_pinned": summary.is_pinned,
        "model": summary.model,
        "turns": summary.turns,
        "size_bytes": summary.size_bytes,
        "tags": list(summary.tags),
        "source": summary.source or None,
    }


def _hit_record(hit: Hit) -> dict[str, Any]:
    from tui.chat.exporting import date_of

    return {
        "session": hit.session_id,
        "turn": hit.turn_id,
        "title": hit.title,
        "began_at": date_of(hit.created_at) or None,
        "excerpt": hit.excerpt,
        "spans": [list(span) for span in hit.spans],
    }


def _put(value: Any) -> None:
    write_utf8()
    print(json.dumps(value, ensure_ascii=False))


def _when(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M") if at else "without a time  "


def _marked(hit: Hit, *, is_terminal: bool) -> str:
    """The text around a hit on one line, what matches in bold, or where there is no terminal, between ‹ and ›."""
    begins, ends = ("\x1b[1m", "\x1b[22m") if is_terminal and not os.environ.get("NO_COLOR") else ("‹", "›")
    parts, at = [], 0
    for start, end in hit.spans:
        parts += [printable_line(hit.excerpt[at:start]), begins, printable_line(hit.excerpt[start:end]), ends]
        at = end
    return "".join([*parts, printable_line(hit.excerpt[at:])]).strip()
