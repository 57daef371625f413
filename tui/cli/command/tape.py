"""`rillet tape`: what the wire said."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, get_args

from tui.cli.opening import (
    open_saved,
    tell_notes,
    tell_once,
    write_utf8,
)
from tui.cli.option import NEW_FILE, Commands, new_file
from tui.domain.export_word import EXPORT_FORMS, CodeForm

if TYPE_CHECKING:
    from tui.domain.endpoint import Endpoint
    from tui.domain.tape import Tape


def add(commands: Commands) -> None:
    """Add it to the command line."""
    tape = commands.add_parser("tape", help="what the wire said: list, show, check, export, prune")
    tapes = tape.add_subparsers(title="commands", metavar="COMMAND", required=True)
    tapes.add_parser("list", help="the recorded turns").set_defaults(command=tape_list)
    show = tapes.add_parser("show", help="one recording, read by read")
    show.set_defaults(command=tape_show)
    show.add_argument("turn", metavar="SESSION.TURN")
    check = tapes.add_parser("check", help="what is wrong with a recorded stream, or worth knowing about it")
    check.set_defaults(command=tape_check)
    check.add_argument("tape", metavar="FILE|SESSION.TURN", nargs="?")
    check.add_argument("--rules", action="store_true", help="list what is looked for, and what clients make of it")
    diff = tapes.add_parser("diff", help="what differs between two exchanges: in words, in frames, in timing")
    diff.set_defaults(command=tape_diff)
    diff.add_argument("first", metavar="FILE|SESSION.TURN")
    diff.add_argument("second", metavar="FILE|SESSION.TURN")
    prune = tapes.add_parser("prune", help="drop recordings that need not be kept; what was said stays")
    prune.set_defaults(command=tape_prune)
    prune.add_argument("--keep", metavar="HOW", help="such as “30 days”, “500 MB”; else as “keep” in “[tapes]” says")
    export = tapes.add_parser("export", help="one recording, without its key: as a tape, HAR, code, ...")
    export.set_defaults(command=tape_export)
    export.add_argument("turn", metavar="FILE|SESSION.TURN")
    export.add_argument("file", type=new_file, metavar="NEW FILE", nargs="?", help=NEW_FILE)
    export.add_argument(
        "--as",
        dest="form",
        choices=EXPORT_FORMS,
        default=EXPORT_FORMS[0],
        help="a tape; a HAR; the raw stream; a case for a test; or code that sends the request again",
    )


def tape_list(args: argparse.Namespace) -> int:
    """`rillet tape list`: the recorded turns."""
    with closing(open_saved(args)) as database:
        if lines := database.tape_lines():
            sys.stdout.write("\n".join((*lines, "")))  # at once: a hundred thousand are printed in a tenth of the time
    return 0


def tape_show(args: argparse.Namespace) -> int:
    """`rillet tape show`: one recording, read by read."""
    from tui.cli.tape import find_turn, show_tape, tape_of

    with closing(open_saved(args)) as database:
        for line in show_tape(tape_of(database, find_turn(database, args.turn))):
            print(line)
    return 0


def is_file(address: str) -> bool:
    """Whether an address is that of a file, and not of a saved turn: what looks like a path is one."""
    from tui.chat.foreign_tape import SUFFIXES

    path = Path(address)
    return path.is_file() or path.suffix.partition("#")[0] in SUFFIXES or len(path.parts) > 1


@contextmanager
def opened_tape(args: argparse.Namespace, address: str) -> Iterator[Tape]:
    """The tape in a file, or of a saved turn, as long as it is looked at.

    Raises:
        ConfigError: If there is none.
    """
    from tui.cli.tape import find_turn, read_tape, tape_of
    from tui.domain.error import ConfigError

    if is_file(address):
        yield read_tape(Path(address))
        return
    with closing(open_saved(args)) as database:
        try:
            turn = find_turn(database, address)
        except ConfigError as error:
            if not error.message.startswith("there is no session"):
                raise
            raise ConfigError(f"{error.message}, and no file of that name", error.hint) from error
        yield tape_of(database, turn)


def tape_check(args: argparse.Namespace) -> int:
    """`rillet tape check`: what is wrong with a recorded stream."""
    from tui.chat.check import rule_lines
    from tui.cli.tape import check_lines
    from tui.domain.error import ConfigError

    if args.rules:
        for line in rule_lines():
            print(line)
        return 0
    if args.tape is None:
        raise ConfigError("no tape is named", "Name a file or SESSION.TURN; --rules lists what is looked for.")
    with opened_tape(args, args.tape) as tape:
        lines, code = check_lines(tape)
    for line in lines:
        print(line)
    return code


def tape_diff(args: argparse.Namespace) -> int:
    """`rillet tape diff`: two exchanges compared; 1 where they differ."""
    from tui.chat.tape_diff import compare_tapes, difference_lines
    from tui.page.stat_lines import plain
    from tui.page.tape_times import times_beside
    from tui.wire.printable import printable_line

    with opened_tape(args, args.first) as first, opened_tape(args, args.second) as second:
        differences = compare_tapes(first, second)
        for line in difference_lines(differences):
            print(printable_line(line))
        if any(each.place.startswith("time") for each in differences):
            write_utf8()
            print()
            named = [(args.first, first), (args.second, second)]
            for times in times_beside(named, max(80, get_terminal_size((100, 24)).columns)):
                print(printable_line(plain(times)))
    return 1 if differences else 0


def tape_prune(args: argparse.Namespace) -> int:
    """`rillet tape prune`: recordings that need not be kept are dropped, and the disk has their room again."""
    from tui.chat.saved import open_database
    from tui.domain.error import ConfigError, StoreError
    from tui.domain.quantity import describe_size
    from tui.store.keep import parse_keep
    from tui.store.path import settings_path
    from tui.store.settings import read_settings

    words = args.keep or read_settings(args.config or settings_path(), must_exist=args.config is not None).tapes.keep
    keep = parse_keep(words)
    if keep is None:
        raise ConfigError(f"“{words}” says neither how long nor how much", "For example: “30 days”, “500 MB”, “all”.")
    with closing(open_database(tell=tell_once())) as database:
        tell_notes(database)
        if database.is_memory:
            raise StoreError(database.why_unsaved, "Nothing was dropped.")
        tapes, _ = database.upkeep.prune(keep)
        freed = database.upkeep.shrink()
    dropped = "1 recording" if tapes == 1 else f"{tapes:,} recordings"
    print(f"{dropped} dropped, {describe_size(max(0, freed))} given back")
    return 0


def tape_export(args: argparse.Namespace) -> int:
    """`rillet tape export`: one recording, as a tape or as what other programs read."""
    from tui.chat.export_tape import export_tape
    from tui.chat.new_file import write_new
    from tui.cli.tape import put_bytes

    endpoints = () if args.form not in get_args(CodeForm) else _endpoints(args)
    with opened_tape(args, args.turn) as tape:
        pieces = export_tape(tape, args.form, endpoints)
        if args.file is None:
            put_bytes(pieces)
        else:
            write_new(args.file, pieces)
    return 0


def _endpoints(args: argparse.Namespace) -> Iterable[Endpoint]:
    """The endpoints that there are, with the variables of their keys."""
    from tui.store.path import settings_path
    from tui.store.settings import known_endpoints, read_settings

    settings = read_settings(args.config or settings_path(), must_exist=args.config is not None)
    return known_endpoints(settings, os.environ).values()
