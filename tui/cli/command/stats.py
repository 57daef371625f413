"""`rillet stats`: where the time and the money went."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing

from tui.cli.opening import open_saved, write_utf8
from tui.cli.option import Commands, whole

_DAY = 86_400.0
WHOLE = 400
"""Columns for a file or a pipe, where nothing has to be cut."""


def add(commands: Commands) -> None:
    """Add it to the command line."""
    parser = commands.add_parser("stats", help="time, tokens, cost and endings of what was saved, per model and day")
    parser.set_defaults(command=stats)
    parser.add_argument("--by", choices=["both", "model", "day"], default="both", help="what a row is about")
    parser.add_argument("--days", type=whole(1), metavar="N", help="only the last N days")
    parser.add_argument("--json", action="store_true", help="print a JSON line a row")


def stats(args: argparse.Namespace) -> int:
    """`rillet stats`: a table, or JSON lines."""
    import shutil

    from tui.chat.stats import count_up, total
    from tui.page.stat_lines import plain, stat_heading, stat_lines
    from tui.store.figures import read_figures
    from tui.wire.json_text import write_shown_json

    since = time.time() - args.days * _DAY if args.days else 0.0
    with closing(open_saved(args)) as database:
        rows = count_up(read_figures(database, since), args.by)
    if args.json:
        write_utf8()
        for row in rows:
            print(write_shown_json(row.record()))
        return 0
    if not rows:
        print("nothing was saved yet")
        return 0
    width = max(80, shutil.get_terminal_size((120, 24)).columns) if sys.stdout.isatty() else WHOLE
    has = {"has_day": args.by != "model", "has_model": args.by != "day"}
    print(plain(stat_heading(width, **has)))
    for row in [*rows, *([total(rows)] if len(rows) > 1 else [])]:
        for line in stat_lines(row, width, **has):
            print(plain(line))
    return 0
