"""Exporting: the conversation on the screen as a file that other programs can read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tui.chat.exporting import as_body, as_markdown, as_text, branch_of, dialect_of, form_of, write_new
from tui.chat.session_json import session_text
from tui.domain.endpoint_word import DialectName
from tui.domain.export_word import SessionForm
from tui.domain.session import WholeSession, WholeTurn

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation

BRANCH = "branch "
"""Stands before the name of a file where only the branch on the screen is meant."""


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
    path = Path(name).expanduser() if name else _free_name(session.title)
    write_new(path, exported(session, form_of(path.name), dialect_of(path.name)))
    return f"wrote {len(session.turns):,} turns to {path.absolute()}"


def _free_name(title: str) -> Path:
    """A file that is not there yet, named for what the conversation is called."""
    stem = "-".join(re.findall(r"\w+", title.lower()))[:40].strip("-_") or "conversation"
    names = (Path(f"{stem}.md"), *(Path(f"{stem}-{number}.md") for number in range(2, 100)))
    return next((path for path in names if not path.exists()), names[0])


def exported(session: WholeSession, form: SessionForm, dialect: DialectName | None = None) -> str:
    """A session in a form: of those that are read from top to bottom, the branch it stands at first, then the others.

    The body of a request is in the dialect, if one is given.
    """
    match form:
        case "markdown":
            return as_markdown(session)
        case "json":
            return session_text(session)
        case "html":
            from tui.chat.html import as_html

            return as_html(session)
        case "text":
            return as_text(session)
        case "body":
            return as_body(session, dialect)


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
