"""Importing: every conversation in files of other programs is put among our own sessions, whole and once."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from tui.chat.importing.source import Archive, NotReadError, Source, open_source
from tui.chat.importing.table import FORMATS, Format, format_named, format_of
from tui.chat.importing.talk import Talk
from tui.chat.importing.weaving import weave
from tui.domain.digest import blake2s
from tui.domain.error import ConfigError, StoreError
from tui.domain.session import NO_TIME, WholeSession
from tui.store.database import Database
from tui.wire.json_text import clean_text

READABLE = (".json", ".jsonl", ".zst", ".db", ".sqlite", ".sqlite3", ".yaml", ".yml", ".zip")
"""How the names of files end that may hold chats; in a folder, others are not looked at."""

DEEPEST = 8
_FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError, sqlite3.Error)


class Report(Struct):
    """What an import came to.

    Attributes:
        sessions: The sessions that are new here, or have grown, by their ids.
        new: How many are new.
        grown: How many had more turns than before.
        same: How many were there already.
        deleted: How many were not put back because they are in the bin.
        turns: How many turns were added.
        empty: How many conversations had nothing in them.
        problems: What could not be read: where, and why.
        left_out: What was not taken along, and how often.
        programs: How many conversations each program had.
        was_stopped: Whether it was stopped; what was imported by then is whole, and stays.
    """

    sessions: list[str] = field(default_factory=list)
    new: int = 0
    grown: int = 0
    same: int = 0
    deleted: int = 0
    turns: int = 0
    empty: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    programs: Counter[str] = field(default_factory=Counter)
    was_stopped: bool = False

    @property
    def done(self) -> int:
        """How many conversations were looked at."""
        return self.new + self.grown + self.same + self.deleted + self.empty

    def problem(self, place: str, words: str) -> None:
        """Something cannot be read."""
        self.problems.append((place, words))


class Import:
    """One import; `tell` is called after each conversation, and says whether to go on.

    Attributes:
        report: What it has come to so far.
        expected: How many conversations there are, as far as that is known.
    """

    def __init__(self, database: Database, tell: Callable[[Import], bool] = lambda _: True) -> None:
        self.report = Report()
        self.expected = 0
        self._database = database
        self._tell = tell

    def expect(self, count: int) -> None:
        """So many conversations are to come."""
        self.expected += count

    def problem(self, place: str, words: str) -> None:
        """What stands there cannot be read."""
        self.report.problem(place, words)

    def left_out(self, words: str) -> None:
        """Something is not taken along."""
        self.report.left_out[words] += 1

    def run(self, sources: Iterable[tuple[Source, Format]]) -> Report:
        """Import files; stopped, it keeps what is whole.

        Raises:
            StoreError: If nothing can be saved.
        """
        if self._database.is_memory:
            raise StoreError(self._database.why_unsaved or "there is no sessions file", "Nothing was imported.")
        with suppress(StoreError):  # an import can be done again: it need not wait for the disk after each session
            self._database.hurry()
        try:
            for source, format_ in sources:
                if not self._import(source, format_):
                    self.report.was_stopped = True
                    break
        except KeyboardInterrupt:
            self.report.was_stopped = True
        return self.report

    def _import(self, source: Source, format_: Format) -> bool:
        """Import one file; whether to go on."""
        try:
            with closing(format_.module.pieces(source, self)) as pieces:
                for place, give in pieces:
                    self._take(place, give, format_)
                    if not self._tell(self):
                        return False
        except (NotReadError, *_FAULTS) as error:
            self.problem(source.label, _words(error))
        if source.kind == "json" and source.is_cut:
            self.problem(source.label, f"{source.is_cut}; the whole conversations before that were taken")
        return True

    def _take(self, place: str, give: Callable[[], Talk | WholeSession], format_: Format) -> None:
        """Put one conversation among the sessions, or say why it cannot be."""
        try:
            given = give()
            session = given if isinstance(given, WholeSession) else weave(given, format_.title)
        except (NotReadError, *_FAULTS) as error:
            self.problem(place, _words(error))
            return
        self.report.programs[format_.title] += 1
        if session is None:
            self.report.empty += 1
            return
        if isinstance(given, Talk):
            session.source = clean_text(f"{format_.name}:{given.id or _name_of(given)}")
        put = self._database.whole.put(session)
        match put.fate:
            case "new":
                self.report.new += 1
            case "grown":
                self.report.grown += 1
            case "same":
                self.report.same += 1
            case "deleted":
                self.report.deleted += 1
        self.report.turns += put.turns
        if put.turns:
            self.report.sessions.append(put.session_id)


class Scanned(Struct, frozen=True):
    """Chats of a program on this machine: a file or a folder of files, how many conversations, when it last changed."""

    format: Format
    paths: tuple[Path, ...]
    conversations: int
    changed_at: float
    problem: str = ""


def scan() -> Iterator[Scanned]:
    """The chats of other programs on this machine, counted and not read."""
    for format_ in FORMATS:
        paths: list[Path] = []
        problems: list[str] = []
        counter = _Counter()
        changed_at = NO_TIME
        for path in format_.files():
            try:
                sources = list(_of_format(path, format_))
                for source in sources:
                    with closing(format_.module.pieces(source, counter)) as pieces:
                        counter.count += sum(1 for _ in pieces)
            except (NotReadError, *_FAULTS) as error:
                sources, problems = [], [*problems, f"{path}: {_words(error)}"]
            if sources:
                paths.append(path)
                with suppress(OSError):
                    changed_at = max(changed_at, path.stat().st_mtime)
        if paths or problems:
            yield Scanned(format_, tuple(paths), counter.count, changed_at, "; ".join(problems))


def _of_format(path: Path, format_: Format) -> Iterator[Source]:
    """The files of a program in a file: itself, or what is in a zip file."""
    for source in _unpacked(Source.of(path)):
        if format_.module.knows(source):
            yield source


class _Counter:
    """Counts what a format finds."""

    def __init__(self) -> None:
        self.count = 0

    def expect(self, count: int) -> None:
        """So many are to come; they are counted one by one."""

    def problem(self, place: str, words: str) -> None:
        """Told when they are imported."""

    def left_out(self, words: str) -> None:
        """Told when they are imported."""


def sources_of(words: Iterable[str], tell: Import) -> Iterator[tuple[Source, Format]]:
    """The files that a person means: files, folders, zip files, or the name of a program whose files are looked for.

    Raises:
        ConfigError: If one is not there, or a file is of none of the programs.
    """
    for word in words:
        path = Path(word).expanduser()
        format_ = format_named(word)
        if path.is_dir():
            yield from _known(path, _walk(path, tell), tell)
        elif path.exists() or format_ is None:
            if not path.exists():
                raise ConfigError(f"there is no file {word}", f"A file, a folder, or one of: {_names()}.")
            yield from _known(path, _unpacked(open_source(path)), tell)
        else:
            sources = [(source, format_) for file in format_.files() for source in _of_format(file, format_)]
            if not sources:
                raise ConfigError(f"no chats of {format_.title} are found on this machine", "Name the file.")
            yield from sources


def _names() -> str:
    return ", ".join(each.name.replace("_", "-") for each in FORMATS if each.places)


def _known(path: Path, sources: Iterator[Source], tell: Import) -> Iterator[tuple[Source, Format]]:
    """Those of the files that are of a program; there must be one."""
    is_any = False
    while True:
        try:
            source = next(sources, None)
        except NotReadError as error:
            raise ConfigError(f"{path}: {error}") from error
        if source is None:
            break
        try:
            format_ = format_of(source)
        except (NotReadError, *_FAULTS) as error:
            tell.problem(source.label, _words(error))
            is_any = True
            continue
        if format_ is not None:
            is_any = True
            yield source, format_
    if not is_any:
        problem = _why_not(path)
        raise ConfigError(
            f"{path} holds no chats that rillet can read{problem}", f"It reads those of {_titles()}, and its own JSON."
        )


def _why_not(path: Path) -> str:
    """What can be said of a file that is of no program: that it is cut, for example."""
    if not path.is_file():
        return ""
    source = Source.of(path)
    try:
        return f": {source.is_cut}" if source.kind == "json" and source.is_cut else ""
    except NotReadError as error:
        return f": {error}"


def _titles() -> str:
    return ", ".join(each.title for each in FORMATS if each.places)


def _walk(folder: Path, tell: Import) -> Iterator[Source]:
    """The files in a folder that may hold chats, and in the folders below; one that cannot be read is told."""
    below = [(folder, 0)]
    while below:
        here, depth = below.pop()
        try:
            entries = sorted(here.iterdir())
        except OSError:
            continue
        below += [(each, depth + 1) for each in reversed(entries) if _is_folder(each) and depth < DEEPEST]
        for each in entries:
            if each.name.endswith(READABLE) and each.is_file() and each.stat().st_size:
                try:
                    yield from _unpacked(Source.of(each))
                except NotReadError as error:
                    tell.problem(str(each), str(error))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and path.name not in ("node_modules", ".git")


def _unpacked(source: Source, depth: int = 0) -> Iterator[Source]:
    """A file, or the files in it."""
    if source.kind != "zip":
        yield source
        return
    archive: Archive = source.archive()
    for name in archive.names():
        if name.endswith(READABLE) and not name.startswith("__MACOSX"):
            inner = Source(f"{source.label}: {name}", source.path, name, archive, partial(archive.read, name))
            if not name.endswith(".zip"):
                yield inner
            elif depth < 1:
                yield from _unpacked(inner, depth + 1)


def _name_of(talk: Talk) -> str:
    """What tells a conversation without an id from the others: how it begins."""
    begins = (talk.title, talk.created_at, [(one.role, one.text) for one in talk.said[:4]])
    return blake2s(repr(begins).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _words(error: Exception | Any) -> str:
    """What is wrong, in words."""
    if isinstance(error, NotReadError):
        return str(error)
    if isinstance(error, KeyError):
        return f"it is not as expected: “{error.args[0]}” is missing"
    return f"it is not as expected ({type(error).__name__}: {error})"
