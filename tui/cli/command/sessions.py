"""`rillet sessions`: saved conversations."""

from __future__ import annotations

import argparse
from contextlib import closing

from tui.cli.command.imports import add_import
from tui.cli.opening import (
    open_saved,
    tell_notes,
    write_utf8,
)
from tui.cli.option import Commands


def add(commands: Commands) -> None:
    """Add it to the command line."""
    sessions = commands.add_parser("sessions", help="saved conversations: list, restore")
    sessions.set_defaults(command=sessions_list, deleted=False)
    sessions.add_argument("--find", metavar="TEXT", default="", help="only those that say this")
    sessions_ = sessions.add_subparsers(title="commands", metavar="COMMAND")
    listing = sessions_.add_parser("list", help="those there are, last used first")
    listing.set_defaults(command=sessions_list)
    listing.add_argument("--find", metavar="TEXT", default=argparse.SUPPRESS, help="only those that say this")
    listing.add_argument("--deleted", action="store_true", help="those deleted in the last 30 days")
    add_import(sessions_)
    export = sessions_.add_parser("export", help="write one to standard output, as JSON")
    export.set_defaults(command=sessions_export)
    export.add_argument("session", metavar="ID", help="the first letters of its id will do")
    restore = sessions_.add_parser("restore", help="have a deleted one back, for 30 days after it was deleted")
    restore.set_defaults(command=sessions_restore)
    restore.add_argument("session", metavar="ID", help="the first letters of its id will do")


def sessions_list(args: argparse.Namespace) -> int:
    """`rillet sessions`: the saved conversations."""
    from datetime import datetime

    from tui.domain.quantity import describe_size
    from tui.wire.printable import printable_line

    with closing(open_saved(args)) as database:
        rows = database.deleted_sessions() if args.deleted else database.sessions(args.find)
    for row in rows:
        at = row.updated_at if row.deleted_at is None else row.deleted_at
        when = datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M") if at else "without a time  "
        size = describe_size(row.size_bytes)
        turns = "turn " if row.turns == 1 else "turns"
        print(f"{row.id}  {when}  {row.turns:>4} {turns} {size:>10}  {printable_line(row.title)}")
    return 0


def sessions_export(args: argparse.Namespace) -> int:
    """`rillet sessions export`: one conversation, to be taken along."""
    from tui.chat.session_json import session_text

    with closing(open_saved(args)) as database:
        write_utf8()
        print(session_text(database.whole.read(database.find_session(args.session))), end="")
    return 0


def sessions_restore(args: argparse.Namespace) -> int:
    """`rillet sessions restore`: a deleted conversation, had back."""
    from tui.chat.opening import open_database
    from tui.domain.error import StoreError
    from tui.wire.printable import printable_line

    with closing(open_database()) as database:
        tell_notes(database)
        if database.is_memory:
            raise StoreError(database.why_unsaved, "Nothing was restored.")
        session_id = database.find_session(args.session, is_deleted=True)
        database.undelete_session(session_id)
        title = database.session(session_id).title
    print(f"restored {session_id}  {printable_line(title)}")
    return 0
