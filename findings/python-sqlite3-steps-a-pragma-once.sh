#!/usr/bin/env bash
# sqlite3 of Python 3.11 (CPython's standard library), with SQLite's `PRAGMA incremental_vacuum(N)`.
#
# Expected: `connection.execute("PRAGMA incremental_vacuum(100)").fetchall()` gives up to 100 free pages back to the disk, as
#   SQLite's documentation of the pragma says and its shell does.
# So it is: one page. The pragma is a statement whose every step frees a page and gives a row without columns; `execute` takes a
#   statement without columns for one that gives no rows, and resets it after its first step. `executescript` runs it to its end.
# Seen on 29 Nov 2026. Source: sqlite.org/pragma.html#pragma_incremental_vacuum; Modules/_sqlite/cursor.c, `_pysqlite_query_execute`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$work/pages.db" <<'PY'
import sqlite3
import sys

print("Python", sys.version.split()[0], "SQLite", sqlite3.sqlite_version)
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("PRAGMA auto_vacuum = INCREMENTAL")
raw.execute("CREATE TABLE held (bytes BLOB)")
raw.executemany("INSERT INTO held VALUES (zeroblob(4000))", [()] * 500)
raw.execute("DELETE FROM held")


def freed(run):
    (before,) = raw.execute("PRAGMA freelist_count").fetchone()
    run("PRAGMA incremental_vacuum(100)")
    (after,) = raw.execute("PRAGMA freelist_count").fetchone()
    return before - after


by_execute = freed(lambda words: raw.execute(words).fetchall())
by_script = freed(raw.executescript)
print("pages that execute gave back      ", by_execute)
print("pages that executescript gave back", by_script)
assert by_execute == 1, "execute runs it to its end now"
assert by_script == 100, "executescript has changed"
PY
