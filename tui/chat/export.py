"""Exporting: the conversation on the screen as a file that other programs can read."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import tui
from tui.chat.exporting import as_body, as_markdown, as_text, branch_of, dialect_of, form_of
from tui.chat.new_file import encoded, write_new
from tui.chat.session_json import session_text
from tui.domain.endpoint_word import DialectName
from tui.domain.error import ConfigError
from tui.domain.export_word import SessionForm
from tui.domain.session import WholeSession, WholeTurn
from tui.store.path import database_path
from tui.wire.printable import printable_line

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation

BRANCH = "branch "
"""Stands before the name of a file where only the branch on the screen is meant."""

FEW = 32
"""So many turns are written while the screen waits: some 20 ms."""

_TOLD_AT = 256
"""After so many turns it is told how much is done."""


def export(conversation: Conversation, name: str) -> str:
    """Write a conversation, or the branch of it on the screen, into a new file; the name's ending tells the form.

    Returns:
        The sentence that says what was written.

    Raises:
        ConfigError: If the file is there already, or cannot be written.
    """
    session = whole_of(conversation)
    if name.startswith(BRANCH):
        session, name = branch_of(session), name.removeprefix(BRANCH).strip()
    path = _new_file(conversation, name)
    write_new(path, encoded(pieces_of(session, form_of(path.name), dialect_of(path.name))))
    return _written(len(session.turns), path)


def may_take_long(program: ChatProgram, conversation: Conversation) -> bool:
    """Whether there is so much to write that the screen should not wait for it, and all of it is where `export_apart` finds it."""
    session, path = conversation.session, program.database.path
    is_there = session.id is not None and not session.has_unsaved and path is not None and path == database_path()
    return is_there and len(conversation.tree.outline) > FEW


async def export_apart(conversation: Conversation, name: str, tell: Callable[[float], None]) -> str:
    """The same as `export`, by a process of its own: it takes none of the screen's time, and its memory is given back.

    Where this is cancelled, no file is left.

    Raises:
        ConfigError: If the file is there already, or cannot be written.
    """
    from tui.child import child, exit_status

    words = ["--branch"] if name.startswith(BRANCH) else []
    path = _new_file(conversation, name.removeprefix(BRANCH).strip())
    here = Path(tui.__file__).parents[1]
    above = os.pathsep.join(filter(None, (str(here), os.environ.get("PYTHONPATH"))))
    asked = ("sessions", "export", "--progress", "--json", *words, "--", conversation.session.id or "", str(path))
    try:
        async with child(
            *(sys.executable, "-P", "-m", "tui", *asked),
            env={**os.environ, "PYTHONPATH": above},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        ) as process:
            problem = await _follow(process.stderr, tell)
            report = b"" if process.stdout is None else await process.stdout.read()
            status = await exit_status(process)
    except asyncio.CancelledError:
        path.unlink(missing_ok=True)
        raise
    except OSError as error:
        raise ConfigError(f"the export cannot be started: {error.strerror or error}") from error
    if status:
        raise ConfigError(printable_line(problem.removeprefix("rillet: ")) or f"the export ended with {status}")
    return _written(msgspec.json.decode(report)["turns"], path)


async def _follow(lines: asyncio.StreamReader | None, tell: Callable[[float], None]) -> str:
    """Tell each share that is said there; the last line that is none."""
    problem = ""
    while lines is not None and (line := await lines.readline()):
        said = line.decode(errors="replace").strip()
        try:
            tell(float(said))
        except ValueError:
            problem = said
    return problem


def _new_file(conversation: Conversation, name: str) -> Path:
    if name == "-":
        raise ConfigError("the screen has no standard output", "Name a file, or use: rillet sessions export ID")
    path = Path(name).expanduser() if name else _free_name(conversation.session.title)
    if path.exists():
        raise ConfigError(f"{path} is there already", "Give another name: nothing is overwritten.")
    return path


def _written(turns: int, path: Path) -> str:
    return f"wrote {turns:,} turns to {path.absolute()}"


def _free_name(title: str) -> Path:
    """A file that is not there yet, named for what the conversation is called."""
    stem = "-".join(re.findall(r"\w+", title.lower()))[:40].strip("-_") or "conversation"
    names = (Path(f"{stem}.md"), *(Path(f"{stem}-{number}.md") for number in range(2, 100)))
    return next((path for path in names if not path.exists()), names[0])


def exported(session: WholeSession, form: SessionForm, dialect: DialectName | None = None) -> str:
    """A session in a form: of those that are read from top to bottom, the branch it stands at first, then the others.

    The body of a request is in the dialect, if one is given.
    """
    return "".join(pieces_of(session, form, dialect))


def pieces_of(
    session: WholeSession,
    form: SessionForm,
    dialect: DialectName | None = None,
    tell: Callable[[float], None] = lambda _share: None,
) -> Iterator[str]:
    """The same, some piece a turn, so that a long session need not stand in memory twice; `tell` is told the share that is done."""
    match form:
        case "markdown":
            pieces = as_markdown(session)
        case "json":
            pieces = session_text(session)
        case "html":
            from tui.chat.html import as_html

            pieces = as_html(session)
        case "text":
            pieces = as_text(session)
        case "body":
            pieces = iter((as_body(session, dialect),))
    for number, piece in enumerate(pieces):
        if number % _TOLD_AT == _TOLD_AT - 1:
            tell(min(1.0, number / len(session.turns)))
        yield piece


def whole_of(conversation: Conversation) -> WholeSession:
    """Everything of a conversation, as it is on disk, or where not all of it is, as it stands in memory."""
    if conversation.session.id is not None and not conversation.session.has_unsaved:
        return conversation.session.whole()
    turns = conversation.tree.everything
    by_id = {turn.id: turn.number for turn in turns}
    return WholeSession(
        conversation.session.id or "",
        conversation.session.title,
        conversation.sheet.system or None,
        conversation.sheet.effort,
        conversation.sheet.lasting,
        head=by_id.get(conversation.tree.head or ""),
        turns=[WholeTurn(turn, by_id.get(turn.parent or "")) for turn in turns],
    )
