"""The schema, as the steps that lead to it. A step that was released is never changed: add another."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tui.domain.error import StoreError

Step = tuple[str, ...]

COPIED_BYTES = 32 << 20
"""An older file up to this size is copied before it is changed. The change is one transaction: it is all or nothing, and
for a larger file the copy would take many seconds and as much of the disk again."""

ADD_UP: Step = (
    """UPDATE session SET turns = (SELECT count(*) FROM turn WHERE session_id = session.id),
        bytes = (SELECT coalesce(sum(size_bytes), 0) FROM turn WHERE session_id = session.id),
        model = coalesce((SELECT model FROM turn WHERE session_id = session.id ORDER BY number DESC LIMIT 1), '')""",
)
"""Adds up what every session says of its turns."""

_SPENT_BY = """INSERT OR IGNORE INTO spent
    SELECT key, session_id, created_at, coalesce(json_extract(reply, '$.usage.input'), 0),
        coalesce(json_extract(reply, '$.usage.output'), 0),
        CAST(round(1e9 * coalesce(json_extract(reply, '$.usage.cost_usd'),
            json_extract(reply, '$.usage.estimated_usd'), 0)) AS INTEGER),
        json_extract(reply, '$.usage.cost_usd') IS NULL AND json_extract(reply, '$.usage.estimated_usd') IS NOT NULL
    FROM turn WHERE json_valid(reply) AND json_type(reply, '$.usage') = 'object'"""

ADD_SPENDING_OF = f"{_SPENT_BY} AND key > ? AND key <= ?"
"""Adds up what the turns of some keys have taken; those that were added up already stay as they are."""

ADD_SPENDING: Step = (
    "DELETE FROM spent",
    _SPENT_BY,
    """UPDATE session SET (read, written, nanodollars, estimates) = (
        SELECT coalesce(sum(spent.read), 0), coalesce(sum(spent.written), 0), coalesce(sum(spent.nanodollars), 0),
            coalesce(sum(is_estimate), 0) FROM spent WHERE session_id = session.id)""",
    "DELETE FROM progress WHERE name = 'spending'",
)
"""Adds up what all turns have taken, and what every session says of that."""

_OLD_KIND = "(session_id, model, endpoint, state) = (old.session_id, old.model, old.endpoint, old.state)"
_ONE_LESS = f"UPDATE kind SET turns = turns - 1 WHERE {_OLD_KIND}; DELETE FROM kind WHERE {_OLD_KIND} AND turns < 1;"  # noqa: S608  # a constant
_NEW_KIND = "(session_id, model, endpoint, state) = (new.session_id, new.model, new.endpoint, new.state)"
_ONE_MORE = f"""INSERT OR IGNORE INTO kind VALUES (new.session_id, new.model, new.endpoint, new.state, 0);
    UPDATE kind SET turns = turns + 1 WHERE {_NEW_KIND};"""  # noqa: S608  # a constant

STEPS: tuple[Step, ...] = (
    (
        # `touched` orders sessions by use: a wall clock can go back.
        """CREATE TABLE session (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, head TEXT, touched INTEGER NOT NULL,
            created_at REAL NOT NULL, updated_at REAL NOT NULL, deleted_at REAL)""",
        # `owner` names the process that streams the turn, and is NULL once the turn has ended.
        # The long columns come last, so that listing sessions does not read them.
        """CREATE TABLE turn (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            session_id TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
            number INTEGER NOT NULL, parent TEXT REFERENCES turn(id), created_at REAL NOT NULL,
            model TEXT NOT NULL, endpoint TEXT NOT NULL, dialect TEXT NOT NULL, state TEXT NOT NULL,
            size_bytes INTEGER NOT NULL, owner TEXT, opening TEXT NOT NULL, reply TEXT,
            UNIQUE (session_id, number))""",
        "CREATE INDEX turn_owner ON turn (owner) WHERE owner IS NOT NULL",
        # SQLite looks here for children whenever a turn is deleted.
        "CREATE INDEX turn_parent ON turn (parent) WHERE parent IS NOT NULL",
        # Long strings of a session, once each: every request repeats the whole conversation.
        """CREATE TABLE kept (
            session_id TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
            digest TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (session_id, digest))""",
        """CREATE TABLE tape (
            turn_id TEXT PRIMARY KEY REFERENCES turn(id) ON DELETE CASCADE,
            request TEXT NOT NULL, head TEXT, end TEXT)""",
        # One row for each flush; `packed` holds the reads of it, see `tape_table.pack_reads`.
        """CREATE TABLE flush (
            key INTEGER PRIMARY KEY, turn_id TEXT NOT NULL REFERENCES turn(id) ON DELETE CASCADE,
            packed BLOB NOT NULL)""",
        "CREATE INDEX flush_turn ON flush (turn_id)",
        "CREATE TABLE history (key INTEGER PRIMARY KEY, text TEXT NOT NULL)",
        "CREATE TABLE draft (session_id TEXT PRIMARY KEY, text TEXT NOT NULL)",
        "CREATE VIRTUAL TABLE found USING fts5(prompt, reply, tokenize = 'unicode61 remove_diacritics 2')",
        "CREATE TRIGGER turn_gone AFTER DELETE ON turn BEGIN DELETE FROM found WHERE rowid = old.key; END",
    ),
    (
        # The images of a draft, apart from its text, which is written anew whenever typing pauses.
        """CREATE TABLE draft_image (
            session_id TEXT NOT NULL REFERENCES draft(session_id) ON DELETE CASCADE,
            name TEXT NOT NULL, url TEXT NOT NULL, PRIMARY KEY (session_id, name))""",
    ),
    (
        # A draft is of a session ('' for the one that has not begun) and of the process in which it is typed.
        """CREATE TABLE typed (
            key INTEGER PRIMARY KEY, session_id TEXT NOT NULL, owner TEXT NOT NULL, text TEXT NOT NULL,
            UNIQUE (session_id, owner))""",
        "INSERT INTO typed (session_id, owner, text) SELECT session_id, '', text FROM draft",
        """CREATE TABLE typed_image (
            draft INTEGER NOT NULL REFERENCES typed(key) ON DELETE CASCADE,
            name TEXT NOT NULL, url TEXT NOT NULL, PRIMARY KEY (draft, name))""",
        "INSERT INTO typed_image SELECT typed.key, name, url FROM draft_image JOIN typed USING (session_id)",
        "DROP TABLE draft_image",
        "DROP TABLE draft",
        "ALTER TABLE typed RENAME TO draft",
        "ALTER TABLE typed_image RENAME TO draft_image",
    ),
    (
        # What every turn of a session is told first; NULL in those that began before it was kept.
        "ALTER TABLE session ADD COLUMN system TEXT",
    ),
    (
        # What must be told until somebody says that it was read.
        "CREATE TABLE note (key INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    ),
    (
        # The reads of a turn that has ended, see `reads.pack_block`. The key is that of the turn times 2 ** 20, and the
        # number of the block: no index is needed. The numbers before the bytes are read without them.
        "CREATE TABLE block (key INTEGER PRIMARY KEY, reads INTEGER NOT NULL, began_at REAL NOT NULL, packed BLOB NOT NULL)",
        """CREATE TRIGGER turn_gone_with_blocks AFTER DELETE ON turn BEGIN
            DELETE FROM block WHERE key >= old.key << 20 AND key < (old.key + 1) << 20; END""",
        # How many bytes came; NULL in tapes that were recorded before it was kept.
        "ALTER TABLE tape ADD COLUMN size INTEGER",
    ),
    (
        # What a list of sessions shows, kept as it grows: to add it up, every turn would have to be read.
        "ALTER TABLE session ADD COLUMN turns INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE session ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE session ADD COLUMN model TEXT NOT NULL DEFAULT ''",
        """CREATE TRIGGER turn_begins AFTER INSERT ON turn BEGIN
            UPDATE session SET turns = turns + 1, bytes = bytes + new.size_bytes, model = new.model
            WHERE id = new.session_id; END""",
        """CREATE TRIGGER turn_grows AFTER UPDATE OF size_bytes ON turn BEGIN
            UPDATE session SET bytes = bytes + new.size_bytes - old.size_bytes WHERE id = new.session_id; END""",
        """CREATE TRIGGER turn_goes AFTER DELETE ON turn BEGIN
            UPDATE session SET turns = turns - 1, bytes = bytes - old.size_bytes WHERE id = old.session_id; END""",
        *ADD_UP,
        # How far work that is done behind has come, by its name; no row where there is none left.
        "CREATE TABLE progress (name TEXT PRIMARY KEY, at INTEGER NOT NULL)",
        "INSERT INTO progress SELECT 'packing', 0 WHERE EXISTS (SELECT 1 FROM tape)",
    ),
    (
        # What is looked for, without the texts: see `fold.pieces`. The old index is dropped behind, in steps.
        "DROP TRIGGER turn_gone",
        "ALTER TABLE found RENAME TO old_found",
        """CREATE VIRTUAL TABLE found USING fts5(pieces, content = '', detail = none, columnsize = 0,
            tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Z* C*' separators ' '")""",
        # A session as a number, never given twice: a row of the index is that times 2 ** 24, and the turn's number.
        "CREATE TABLE place (key INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL UNIQUE)",
        "INSERT INTO place (session_id) SELECT id FROM session ORDER BY created_at",
        """CREATE TRIGGER session_begins AFTER INSERT ON session BEGIN
            INSERT OR IGNORE INTO place (session_id) VALUES (new.id); END""",
        """CREATE TRIGGER session_goes AFTER DELETE ON session BEGIN
            DELETE FROM place WHERE session_id = old.id; END""",
        "INSERT OR REPLACE INTO progress SELECT 'indexing', 0 WHERE EXISTS (SELECT 1 FROM turn)",
    ),
    (
        # How hard the model is asked to think in a session; empty leaves it to the endpoint.
        "ALTER TABLE session ADD COLUMN effort TEXT NOT NULL DEFAULT ''",
    ),
    (
        "ALTER TABLE session ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE session ADD COLUMN archived_at REAL",
        # Where a session was imported from: the program, a colon, its id there. Empty for one of our own.
        "ALTER TABLE session ADD COLUMN source TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX session_source ON session (source) WHERE source <> ''",
        """CREATE TABLE tag (
            session_id TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
            tag TEXT NOT NULL, UNIQUE (session_id, tag))""",
    ),
    (
        # The rest of a session's sheet, as JSON: options, the endpoint's own tools, a schema that stays.
        "ALTER TABLE session ADD COLUMN sheet TEXT NOT NULL DEFAULT ''",
    ),
    (
        # What each turn has taken, in narrow rows, and the sums in its session: replies need not be read to add them up.
        # Dollars are counted in billionths, so that what is added and taken away again leaves nothing.
        """CREATE TABLE spent (
            turn INTEGER PRIMARY KEY, session_id TEXT NOT NULL, created_at REAL NOT NULL, read INTEGER NOT NULL,
            written INTEGER NOT NULL, nanodollars INTEGER NOT NULL, is_estimate INTEGER NOT NULL)""",
        "ALTER TABLE session ADD COLUMN read INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE session ADD COLUMN written INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE session ADD COLUMN nanodollars INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE session ADD COLUMN estimates INTEGER NOT NULL DEFAULT 0",
        """CREATE TRIGGER spent_comes AFTER INSERT ON spent BEGIN
            UPDATE session SET read = read + new.read, written = written + new.written,
                nanodollars = nanodollars + new.nanodollars, estimates = estimates + new.is_estimate
            WHERE id = new.session_id; END""",
        """CREATE TRIGGER spent_goes AFTER DELETE ON spent BEGIN
            UPDATE session SET read = read - old.read, written = written - old.written,
                nanodollars = nanodollars - old.nanodollars, estimates = estimates - old.is_estimate
            WHERE id = old.session_id; END""",
        f"""CREATE TRIGGER turn_spends AFTER UPDATE OF reply ON turn BEGIN
            DELETE FROM spent WHERE turn = new.key; {_SPENT_BY} AND key = new.key; END""",  # noqa: S608  # a constant
        f"CREATE TRIGGER turn_has_spent AFTER INSERT ON turn BEGIN {_SPENT_BY} AND key = new.key; END",
        "CREATE TRIGGER turn_gone_with_spent AFTER DELETE ON turn BEGIN DELETE FROM spent WHERE turn = old.key; END",
        "INSERT OR REPLACE INTO progress SELECT 'spending', 0 WHERE EXISTS (SELECT 1 FROM turn)",
    ),
    (
        # How a turn takes part in its conversation: empty for as usual, `out` of what is sent, or asked `aside`.
        "ALTER TABLE turn ADD COLUMN standing TEXT NOT NULL DEFAULT ''",
    ),
    (
        # Whatever is said makes its session the one used last, and what is imported is put where its time is.
        "CREATE INDEX session_touched ON session (touched)",
        "CREATE INDEX session_updated ON session (updated_at, touched)",
        """CREATE INDEX session_listed ON session (pinned DESC, touched DESC, updated_at DESC)
            WHERE deleted_at IS NULL""",
    ),
    (
        # The attempts that came to nothing before the request was sent again, as JSON; NULL for none.
        "ALTER TABLE tape ADD COLUMN attempts TEXT",
    ),
    (
        # The line of each turn that has ended in `rillet tape list`, see `tape_list`; what is out of date goes.
        "CREATE TABLE listed (key INTEGER PRIMARY KEY, line TEXT NOT NULL)",
        """CREATE TRIGGER turn_changes_in_list AFTER UPDATE OF state, model, opening ON turn BEGIN
            DELETE FROM listed WHERE key = old.key; END""",
        "CREATE TRIGGER turn_gone_from_list AFTER DELETE ON turn BEGIN DELETE FROM listed WHERE key = old.key; END",
        *(
            f"""CREATE TRIGGER tape_{what}_list AFTER {when} ON tape BEGIN
                DELETE FROM listed WHERE key = (SELECT key FROM turn WHERE id = {row}.turn_id); END"""  # noqa: S608  # constants
            for what, when, row in (
                ("comes_into", "INSERT", "new"),
                ("grows_in", "UPDATE OF size", "new"),
                ("gone_from", "DELETE", "old"),
            )
        ),
    ),
    (
        # What was found out by reading all of a long tape, by the key of its turn; it goes where the tape becomes another.
        "CREATE TABLE survey (key INTEGER PRIMARY KEY, packed BLOB NOT NULL)",
        "CREATE TRIGGER block_comes AFTER INSERT ON block BEGIN DELETE FROM survey WHERE key = new.key >> 20; END",
        "CREATE TRIGGER block_goes AFTER DELETE ON block BEGIN DELETE FROM survey WHERE key = old.key >> 20; END",
        """CREATE TRIGGER survey_comes AFTER INSERT ON survey BEGIN
            UPDATE turn SET size_bytes = size_bytes + length(new.packed) WHERE key = new.key; END""",
        """CREATE TRIGGER survey_goes AFTER DELETE ON survey BEGIN
            UPDATE turn SET size_bytes = size_bytes - length(old.packed) WHERE key = old.key; END""",
    ),
    (
        # The turns that have ended and are not in the search index yet: whoever dies before they are leaves them to the next.
        "CREATE TABLE unindexed (key INTEGER PRIMARY KEY)",
        "CREATE TRIGGER turn_gone_unindexed AFTER DELETE ON turn BEGIN DELETE FROM unindexed WHERE key = old.key; END",
    ),
    (
        # The index holds each session beside its turns, see `search.PLACE_BITS`: those that are there are put in behind.
        """INSERT OR REPLACE INTO progress SELECT 'placing', 0 WHERE EXISTS (SELECT 1 FROM turn)
            AND NOT EXISTS (SELECT 1 FROM progress WHERE name = 'indexing' AND at = 0)""",
    ),
    (
        # How many turns of a session are of which model, endpoint and state: to find sessions by that, every turn would have
        # to be read. The sessions that are there are counted behind.
        """CREATE TABLE kind (
            session_id TEXT NOT NULL, model TEXT NOT NULL, endpoint TEXT NOT NULL, state TEXT NOT NULL,
            turns INTEGER NOT NULL, PRIMARY KEY (session_id, model, endpoint, state)) WITHOUT ROWID""",
        f"CREATE TRIGGER kind_begins AFTER INSERT ON turn BEGIN {_ONE_MORE} END",
        f"""CREATE TRIGGER kind_changes AFTER UPDATE OF model, endpoint, state ON turn
            WHEN (old.model, old.endpoint, old.state) IS NOT (new.model, new.endpoint, new.state)
            BEGIN {_ONE_LESS} {_ONE_MORE} END""",
        f"CREATE TRIGGER kind_goes AFTER DELETE ON turn BEGIN {_ONE_LESS} END",
        "INSERT OR REPLACE INTO progress SELECT 'kinds', 0 WHERE EXISTS (SELECT 1 FROM turn)",
    ),
    (
        # The turns that have ended and are not in the search index with their sessions. A rillet that was open while the file
        # was brought up to date puts them in without, or not at all, and takes them out of `unindexed`: of this it knows nothing.
        "CREATE TABLE unfound (key INTEGER PRIMARY KEY)",
        "INSERT INTO unfound SELECT key FROM unindexed",
        """CREATE TRIGGER turn_ends AFTER UPDATE OF owner ON turn WHEN old.owner IS NOT NULL AND new.owner IS NULL
            BEGIN INSERT OR IGNORE INTO unfound VALUES (new.key); END""",
        """CREATE TRIGGER turn_comes_ended AFTER INSERT ON turn WHEN new.owner IS NULL
            BEGIN INSERT OR IGNORE INTO unfound VALUES (new.key); END""",
        "CREATE TRIGGER turn_gone_unfound AFTER DELETE ON turn BEGIN DELETE FROM unfound WHERE key = old.key; END",
    ),
)


def migrate(raw: sqlite3.Connection, path: Path | None, steps: Sequence[Step] = STEPS) -> None:
    """Bring a database to the newest schema, in one transaction; a small old one is first copied beside itself.

    Args:
        raw: A connection in autocommit mode.
        path: Its file, or `None` for memory.
        steps: All steps there ever were; the database's `user_version` counts those taken.

    Raises:
        StoreError: If the database is newer than this rillet.
        sqlite3.Error: If a step fails; the database is then as it was.
    """
    if _version(raw) == len(steps):
        return
    if path is not None and 0 < _version(raw) < len(steps) and path.stat().st_size <= COPIED_BYTES:
        back_up(raw, path.with_name(f"{path.name}.v{_version(raw)}.bak"))
    raw.execute("BEGIN IMMEDIATE")
    try:
        taken = _version(raw)  # again, inside: another rillet may have been faster
        check_version(taken, steps)
        for statement in (statement for step in steps[taken:] for statement in step):
            raw.execute(statement)
        if not taken:  # a new file: there is nothing in the index that has been replaced
            raw.execute("DROP TABLE IF EXISTS old_found")
        raw.execute(f"PRAGMA user_version = {len(steps)}")
        raw.execute("COMMIT")
    except BaseException:
        if raw.in_transaction:
            raw.rollback()
        raise


def check_version(version: int, steps: Sequence[Step] = STEPS) -> None:
    """Refuse a database that is newer than this rillet.

    Raises:
        StoreError: If it is.
    """
    if version > len(steps):
        raise StoreError(
            f"the sessions file is of a newer rillet (schema {version}, this one knows {len(steps)}); it was not touched",
            "Update rillet, or set XDG_DATA_HOME to keep sessions elsewhere.",
        )


def back_up(raw: sqlite3.Connection, target: Path) -> None:
    """Copy a database, whole or not at all, 0600."""
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(partial)) as copy:
            raw.backup(copy)
        partial.chmod(0o600)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _version(raw: sqlite3.Connection) -> int:
    return int(raw.execute("PRAGMA user_version").fetchone()[0])
