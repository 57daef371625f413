"""`rillet sessions`: saved conversations listed, read, found, taken along, tagged, and thrown away."""

from __future__ import annotations

import argparse

from tui.cli.command.imports import add_import
from tui.cli.option import NEW_FILE, Commands, new_file, positive, whole
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.export_word import SESSION_FORMS

_ID = "the first letters of its id will do"


def add(commands: Commands) -> None:
    """Add it to the command line."""
    sessions = commands.add_parser("sessions", help="saved conversations: list, show, search, export, import, tag, ...")
    sessions.set_defaults(command=sessions_list, deleted=False, archived=False, json=False)
    sessions.add_argument("--find", metavar="TEXT", default="", help="only those that say this, or “model:grok”, …")
    sessions_ = sessions.add_subparsers(title="commands", metavar="COMMAND")

    def adding(name: str, words: str) -> argparse.ArgumentParser:
        parser = sessions_.add_parser(name, help=words)
        parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
        return parser

    listing = adding("list", "those there are, last used first")
    listing.set_defaults(command=sessions_list)
    listing.add_argument("--find", metavar="TEXT", default=argparse.SUPPRESS, help="only those that say this")
    listing.add_argument("--deleted", action="store_true", help="those deleted in the last 30 days")
    listing.add_argument("--archived", action="store_true", help="those that are out of the way")
    show = adding("show", "read one")
    show.set_defaults(command=sessions_show)
    show.add_argument("session", metavar="ID[.TURN]", help=f"{_ID}; with a turn, the branch that leads to it")
    search = adding("search", "find what was said: words, model:, endpoint:, state:, tag:, since:, until:")
    search.set_defaults(command=sessions_search)
    search.add_argument("words", metavar="WORD", nargs="+")
    search.add_argument("--limit", metavar="N", type=whole(1), default=50, help="so many at most (50)")
    export = adding("export", "take one along")
    export.set_defaults(command=sessions_export)
    export.add_argument("session", metavar="ID[.TURN]", help=f"{_ID}; with a turn, the branch that leads to it")
    export.add_argument("file", type=new_file, metavar="NEW FILE", nargs="?", help=NEW_FILE)
    export.add_argument(
        "--as",
        dest="form",
        choices=SESSION_FORMS,
        help="else as the file's name ends; body is that of a request, for curl -d @FILE",
    )
    export.add_argument("--dialect", choices=DIALECT_NAMES, help="of a body; else the one of its last reply")
    export.add_argument("--branch", action="store_true", help="only the branch it stands at")
    export.add_argument("--progress", action="store_true", help="say on standard error, from 0 to 1, how far it is")
    add_import(sessions_)
    tag = adding("tag", "give one tags, or see those it has")
    tag.set_defaults(command=sessions_tag)
    tag.add_argument("session", metavar="ID", help=_ID)
    tag.add_argument("tags", metavar="TAG", nargs="*")
    tag.add_argument("--remove", metavar="TAG", action="append", default=[], help="take this one away")
    for mark, words in (
        ("pin", "keep it at the top"),
        ("unpin", "no longer"),
        ("archive", "put it out of the way"),
        ("unarchive", "and back"),
    ):
        tag.add_argument(f"--{mark}", dest="marks", action="append_const", const=mark, default=[], help=words)
    remove = adding("rm", "throw some away; for 30 days they can be had back")
    remove.set_defaults(command=sessions_remove)
    remove.add_argument("sessions", metavar="ID", nargs="+", help=_ID)
    restore = adding("restore", "have a deleted one back, for 30 days after it was deleted")
    restore.set_defaults(command=sessions_restore)
    restore.add_argument("session", metavar="ID", help=_ID)
    prune = adding("prune", "empty the bin for good, and give the room back")
    prune.set_defaults(command=sessions_prune)
    prune.add_argument("--older", metavar="DAYS", type=positive, default=0.0, help="only what was deleted longer ago")


def sessions_list(args: argparse.Namespace) -> int:
    """`rillet sessions list`: the saved conversations."""
    from tui.cli import sessions

    return sessions.list_sessions(args.find, deleted=args.deleted, archived=args.archived, as_json=args.json)


def sessions_show(args: argparse.Namespace) -> int:
    """`rillet sessions show`: one conversation, to be read."""
    from tui.cli import sessions

    return sessions.show(args.session, as_json=args.json)


def sessions_search(args: argparse.Namespace) -> int:
    """`rillet sessions search`: the turns in which something was said."""
    from tui.cli import sessions

    return sessions.search(" ".join(args.words), args.limit, as_json=args.json)


def sessions_export(args: argparse.Namespace) -> int:
    """`rillet sessions export`: one conversation, or a branch of it, in a form."""
    from tui.cli import sessions

    return sessions.export(
        args.session,
        args.file,
        args.form,
        dialect=args.dialect,
        only_branch=args.branch,
        as_json=args.json,
        tells=args.progress,
    )


def sessions_tag(args: argparse.Namespace) -> int:
    """`rillet sessions tag`: the tags of a conversation."""
    from tui.cli import sessions

    return sessions.tag(args.session, args.tags, args.remove, args.marks, as_json=args.json)


def sessions_remove(args: argparse.Namespace) -> int:
    """`rillet sessions rm`: into the bin."""
    from tui.cli import sessions

    return sessions.remove(args.sessions, as_json=args.json)


def sessions_restore(args: argparse.Namespace) -> int:
    """`rillet sessions restore`: a deleted conversation, had back."""
    from tui.cli import sessions

    return sessions.restore(args.session, as_json=args.json)


def sessions_prune(args: argparse.Namespace) -> int:
    """`rillet sessions prune`: the bin is emptied."""
    from tui.cli import sessions

    return sessions.prune(args.older, as_json=args.json)
