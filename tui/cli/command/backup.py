"""`rillet backup` and `rillet recover`: the sessions file, whole again."""

from __future__ import annotations

import argparse
from contextlib import closing

from tui.cli.option import Commands


def add(commands: Commands) -> None:
    """Add it to the command line."""
    backup = commands.add_parser("backup", help="copies of the sessions, one a day: list, now, restore")
    backups = backup.add_subparsers(title="commands", metavar="COMMAND", required=True)
    backups.add_parser("list", help="those there are").set_defaults(command=backup_list)
    backups.add_parser("now", help="make one, as the chat does once a day").set_defaults(command=backup_now)
    restore = backups.add_parser("restore", help="put one in the place of the sessions file, which is kept")
    restore.set_defaults(command=backup_restore)
    restore.add_argument("name", metavar="NAME", help="its first letters will do")
    mending = commands.add_parser("recover", help="look through the sessions file, and mend it")
    mending.set_defaults(command=recover)


def backup_list(args: argparse.Namespace) -> int:
    """`rillet backup list`: the copies that were made, one a day."""
    from datetime import datetime

    from tui.domain.quantity import describe_size
    from tui.store.backup import backups
    from tui.store.path import database_path

    del args
    for each in backups(database_path()):
        when = datetime.fromtimestamp(each.at).astimezone().strftime("%Y-%m-%d %H:%M")
        print(f"{each.name}  {when}  {describe_size(each.size_bytes):>10}")
    return 0


def backup_now(args: argparse.Namespace) -> int:
    """`rillet backup now`: a copy is made, however old the last one is."""
    from tui.domain.quantity import describe_size
    from tui.store.backup import back_up_now
    from tui.store.path import database_path

    del args
    made = back_up_now(database_path())
    print(f"{made.name}  {describe_size(made.size_bytes)}")
    return 0


def backup_restore(args: argparse.Namespace) -> int:
    """`rillet backup restore`: a copy takes the place of the sessions file, which is kept."""
    from tui.store.backup import restore
    from tui.store.path import database_path

    aside = restore(database_path(), args.name)
    print(f"restored {args.name}; the file that was there is {aside.name}")
    return 0


def recover(args: argparse.Namespace) -> int:
    """`rillet recover`: the whole file is looked through, and mended; what was told of it is taken as read."""
    from tui.chat.saved import open_database
    from tui.cli.opening import tell_once
    from tui.domain.error import StoreError
    from tui.store.opening import find_damage
    from tui.store.path import database_path

    del args
    if database_path().is_file():
        find_damage(database_path())  # it is noted beside the file, and seen to when that is opened
    with closing(open_database(tell=tell_once())) as database:
        if database.is_memory:
            raise StoreError(database.why_unsaved, "Nothing was mended.")
        notes = database.notes()
        for note in notes or ["The sessions file is whole."]:
            print(note)
        database.confirm_notes()
    return 0
