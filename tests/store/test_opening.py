"""The file: private, shared, damaged, newer, unwritable."""

from __future__ import annotations

import hashlib
import os
import random
import re
import sqlite3
import stat
import threading
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from tui.domain.delta import TextDelta
from tui.domain.error import StoreError
from tui.domain.tape import Read, SentRequest
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database
from tui.store.migration import STEPS, migrate
from tui.store.opening import suspect
from tui.store.session_table import SessionTable


def fill(path: Path, turns: int = 60) -> str:
    with closing(Database.open(path)) as database:
        session = database.sessions.create()
        for number in range(turns):
            database.turns.begin(session, Turn(Prompt(f"{number} " + "word " * 300)))
    return session


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_files_are_private_whatever_the_umask(path, mask):
    before = os.umask(mask)
    try:
        database = Database.open(path)
        session = database.sessions.create()
        database.turns.begin(session, Turn(Prompt("x")))
    finally:
        os.umask(before)
    assert mode(path.parent) == 0o700
    files = {each.name: mode(each) for each in path.parent.iterdir()}
    assert files == {"sessions.db": 0o600, "sessions.db-wal": 0o600, "sessions.db-shm": 0o600}
    database.close()


def test_files_that_others_could_read_are_closed(path):
    fill(path, 1)
    path.parent.chmod(0o755)
    path.chmod(0o644)
    Database.open(path).close()
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)


def test_a_directory_that_is_not_ours_is_left_as_it_is(tmp_path):
    tmp_path.chmod(0o755)
    Database.open(tmp_path / "my.db").close()
    assert (mode(tmp_path), mode(tmp_path / "my.db")) == (0o755, 0o600)


def test_durability_is_what_is_promised(database):
    assert database._connection.row("PRAGMA journal_mode") == ("wal",)
    assert database._connection.row("PRAGMA synchronous") == (2,)
    assert database._connection.row("PRAGMA foreign_keys") == (1,)


def test_two_rillets_write_one_session_and_lose_nothing(path):
    session = fill(path, 1)
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with closing(Database.open(path)) as database:
                for number in range(25):
                    turn = Turn(Prompt(f"{name}{number}"))
                    database.turns.begin(session, turn)
                    database.tapes.append_reads(turn.id, [Read(0.0, b"x")])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with closing(Database.open(path)) as database:
        turns = database.turns.of_session(session)
    assert [turn.number for turn in turns] == list(range(1, 77))
    assert len({turn.opening for turn in turns}) == 76


def test_many_may_make_the_file_at_once(path):
    failures: list[BaseException] = []
    barrier = threading.Barrier(6)

    def start() -> None:
        try:
            barrier.wait()
            Database.open(path).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [each.name for each in path.parent.iterdir()] == ["sessions.db"]


def zero_pages(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 * 4 : 4096 * 12] = bytes(4096 * 8)
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 * 5 + 100])


def lose_the_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: -4096 * 5 - 100])


def become_directory(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


def become_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def become_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_foreign(path: Path, version: int = 0) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE session (id)")
        raw.execute(f"PRAGMA user_version = {version}")


SALVAGED = {"zeroed pages": 60, "scrambled header": 60, "without its end": None}
"""Damage that leaves something to read, and how many of 60 turns."""

DAMAGE = {
    "text": lambda path: path.write_text("this is not a database, but it is long enough to be looked at\n" * 100),
    "short": lambda path: path.write_bytes(b"SQLite"),
    "zeroed pages": zero_pages,
    "cut": cut,
    "without its end": lose_the_end,
    "scrambled header": lambda path: path.write_bytes(
        path.read_bytes()[:16] + os.urandom(4000) + path.read_bytes()[4016:]
    ),
    "directory": become_directory,
    "loop of links": become_loop,
    "fifo": become_fifo,
    "another program's": become_foreign,
    **{f"another program's of version {each}": partial(become_foreign, version=each) for each in (1, len(STEPS), 99)},
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_is_moved_aside_and_a_new_one_made(path, kind):
    fill(path)
    DAMAGE[kind](path)
    kept = path.read_bytes() if path.is_file() else None
    with closing(Database.open(path)) as database:
        if kind in SALVAGED:
            assert SALVAGED[kind] in (None, sum(each.turns for each in database.sessions.summaries()))
        else:
            assert database.sessions.summaries() == []
        session = database.sessions.create()
        database.turns.begin(session, Turn(Prompt("goes on")))
        (aside,) = (each for each in path.parent.iterdir() if ".damaged-" in each.name)
        assert re.fullmatch(r"sessions\.db\.damaged-\d{8}-\d{6}", aside.name)
        assert aside.name in database.notice
        assert ("could be read" if kind in SALVAGED else "could not be read") in database.notice
        assert database.notes() == [database.notice]
    if kept is not None:
        assert aside.read_bytes() == kept
    with closing(Database.open(path)) as database:
        assert database.notice == ""
        assert len(database.turns.of_session(session)) == 1


def test_a_file_of_another_program_is_no_newer_one_for_who_only_reads(path):
    path.parent.mkdir()
    path.touch()
    become_foreign(path, 99)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="belongs to another program"):
        Database.open_to_read(path)
    assert [(each.name, each.read_bytes()) for each in path.parent.iterdir()] == [(path.name, before)]


def say(database: Database, session: str, prompt: str, reply: str, parent: str | None) -> str:
    turn = Turn(Prompt(prompt), parent=parent, model="m", endpoint="e", dialect="chat")
    database.turns.begin(session, turn, SentRequest("POST", "u", {}, {"messages": [{"content": prompt}]}))
    database.tapes.append_reads(turn.id, [Read(0.1, os.urandom(400))])
    turn.apply(TextDelta(reply))
    turn.end(TurnState.COMPLETE)
    database.turns.end(turn)
    return turn.id


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A file of four sessions, 60 turns: its bytes."""
    path = tmp_path_factory.mktemp("whole") / "sessions.db"
    with closing(Database.open(path)) as database:
        for number in range(4):
            session, parent = database.sessions.create(), None
            for turn in range(15):
                parent = say(database, session, f"prompt {number}.{turn}", "words " * (turn * 40), parent)
    return path.read_bytes()


@pytest.mark.parametrize("statement", [b"CREATE TABLE kept", b"CREATE TABLE listed", b"CREATE TRIGGER turn_spends"])
def test_a_file_with_a_bad_byte_in_its_schema_is_mended(path, whole, statement):
    path.parent.mkdir()
    assert whole.count(statement)
    path.write_bytes(whole.replace(statement, statement.replace(b"E ", b"\xff ")))
    with closing(Database.open(path)) as database:
        assert "60 of 60 turns" in database.notice


def read_by_key(path: Path) -> set[str]:
    """The ids of the turns of a damaged file that can be read by their keys."""
    found = set()
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as raw:
        for key in range(1, 100):
            with suppress(sqlite3.DatabaseError):
                found |= {row[0] for row in raw.execute("SELECT id, opening, reply FROM turn WHERE key = ?", (key,))}
    return found


def schema_pages(data: bytes) -> set[int]:
    """The places of the pages that hold the schema, from 0: the first, and those that it leads to."""
    if data[100] != 5:
        return {0}
    cells = [int.from_bytes(data[at : at + 2], "big") for at in range(112, 112 + 2 * data[104], 2)]
    return {0, *(int.from_bytes(data[at : at + 4], "big") - 1 for at in (108, *cells))}


@pytest.mark.parametrize("place", [0, 1, -1])
@pytest.mark.parametrize("steps", [2, len(STEPS)])
@pytest.mark.parametrize("size", [1, 1000])
def test_of_a_file_whose_schema_cannot_be_read_every_turn_is_there_afterwards(path, place, steps, size):
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:  # a file that an older rillet began, or this one
        migrate(raw, path, STEPS[:steps])
        raw.execute("CREATE TABLE room (text)")
        raw.execute("INSERT INTO room VALUES (?)", ("x" * size,))
        raw.execute("DROP TABLE room")
    with closing(Database.open(path)) as database:
        session = database.sessions.create()
        for number in range(30):
            turn = Turn(Prompt(f"prompt {number} " * 50))
            database.turns.begin(session, turn)
            turn.apply(TextDelta(f"answer {number} " * 50))
            turn.end(TurnState.COMPLETE)
            database.turns.end(turn)
    data = bytearray(path.read_bytes())
    at = sorted(schema_pages(data))[place] * 4096
    first = at + 100 * (at == 0)  # a file without its header is none
    data[first : at + 4096] = bytes(at + 4096 - first)
    path.write_bytes(data)
    with closing(Database.open(path)) as database:
        assert "30 of 30 turns in 1 session could be read" in database.notice
        turns = database.turns.of_session(database.sessions.summaries()[0].id)
        assert [turn.opening.text for turn in turns] == [f"prompt {number} " * 50 for number in range(30)]
        assert [turn.text for turn in turns] == [f"answer {number} " * 50 for number in range(30)]
        assert (database.notes(), database._connection.row("PRAGMA integrity_check")) == ([database.notice], ("ok",))


@pytest.mark.parametrize("seed", range(40))
def test_of_a_file_with_a_bad_page_every_turn_that_can_be_read_by_key_is_there_afterwards(path, whole, seed):
    chance = random.Random(seed)
    others = sorted(set(range(1, len(whole) // 4096)) - schema_pages(whole))
    data, page = bytearray(whole), chance.choice(others) * 4096
    data[page : page + 4096] = chance.randbytes(4096) if seed % 2 else bytes(4096)
    path.parent.mkdir()
    path.write_bytes(data)
    readable = read_by_key(path)
    assert len(readable) >= 40
    with closing(Database.open(path)) as database:
        turns = [turn for summary in database.sessions.summaries() for turn in database.turns.of_session(summary.id)]
        assert readable <= {turn.id for turn in turns}
        assert database._connection.row("PRAGMA integrity_check") == ("ok",)
        assert database._connection.rows("PRAGMA foreign_key_check") == []
        if database.notice:  # a page that nothing needs may be bad and unnoticed
            (aside,) = (each for each in path.parent.iterdir() if ".damaged-" in each.name)
            assert (aside.read_bytes(), database.notes()) == (data, [database.notice])
            assert all(words in database.notice for words in (aside.name, path.name, f"{len(turns)} of 60 turns"))
        assert {turn.number for turn in database.turns.of_session(turns[0].id.partition(".")[0])} >= {
            turn.number for turn in turns[:1]
        }
    assert {each.name for each in path.parent.iterdir()} <= {path.name, aside.name if database.notice else path.name}


def test_of_a_file_whose_turns_no_page_leads_to_every_turn_is_there_afterwards(path, whole):
    path.parent.mkdir()
    path.write_bytes(whole)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA secure_delete = OFF")
        (gone,) = raw.execute("SELECT id FROM turn ORDER BY key DESC").fetchone()
        raw.execute("DELETE FROM turn WHERE id = ?", (gone,))
        (root,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'turn'").fetchone()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    assert data[4096 * (root - 1)] == 5, "it leads to others"
    data[4096 * (root - 1) : 4096 * root] = bytes(4096)
    path.write_bytes(data)
    with closing(Database.open(path)) as database:
        assert "59 of 59 turns in 4 sessions could be read" in database.notice
        turns = [turn for summary in database.sessions.summaries() for turn in database.turns.of_session(summary.id)]
        assert {turn.opening.text for turn in turns} == {f"prompt {n}.{m}" for n in range(4) for m in range(15)} - {
            "prompt 3.14"
        }
        assert database._connection.row("PRAGMA integrity_check") == ("ok",)
    assert len(list(path.parent.iterdir())) == 2


def test_how_far_the_mending_of_a_damaged_file_is_can_be_told(path, whole):
    path.parent.mkdir()
    path.write_bytes(whole[: len(whole) // 2] + bytes(4096) + whole[len(whole) // 2 + 4096 :])
    suspect(path, "a bad page")
    told: list[str] = []
    with closing(Database.open(path, tell=told.append)) as database:
        turns = sum(summary.turns for summary in database.sessions.summaries())
    assert "is being copied" in told[0]
    assert told[1].endswith(f"is being mended: 0 of {turns} turns")


def test_what_became_of_a_damaged_file_is_told_until_somebody_has_read_it(path, whole):
    path.parent.mkdir()
    path.write_bytes(whole[: 4096 * 40] + bytes(4096 * 2) + whole[4096 * 42 :])
    with closing(Database.open(path)) as database:
        (note,) = database.notes()
    with closing(Database.open(path)) as database:
        assert (database.notice, database.notes()) == ("", [note])
        database.confirm_notes()
    with closing(Database.open(path)) as database:
        assert database.notes() == []


def test_a_large_file_with_a_bad_page_is_mended_too(path, whole, monkeypatch):
    monkeypatch.setattr("tui.store.opening.CHECKED_BYTES", 1000)
    path.parent.mkdir()
    (root,) = page_of(whole, "tape")
    path.write_bytes(whole[: 4096 * (root - 1)] + bytes(4096) + whole[4096 * root :])
    readable = read_by_key(path)
    with closing(Database.open(path)) as database:
        assert database.notice == "", "a large file is not looked through while somebody waits"
        assert database.upkeep.find_damage()
    with closing(Database.open(path)) as database:
        assert "turns in 4 sessions could be read" in database.notice
        assert readable <= {
            turn.id for summary in database.sessions.summaries() for turn in database.turns.of_session(summary.id)
        }
        assert database.upkeep.find_damage() == ""
    assert not list(path.parent.glob("*.suspect"))


def test_a_large_file_that_is_found_to_be_damaged_in_use_is_mended_at_the_next_start(path, whole, monkeypatch):
    monkeypatch.setattr("tui.store.opening.CHECKED_BYTES", 1000)
    path.parent.mkdir()
    (root,) = page_of(whole, "turn")
    path.write_bytes(whole[: 4096 * (root - 1)] + bytes(4096) + whole[4096 * root :])
    for _ in range(2):
        with closing(Database.open(path)) as database, suppress(StoreError):
            for summary in database.sessions.summaries():
                database.turns.of_session(summary.id)
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


def page_of(whole: bytes, table: str) -> list[int]:
    with closing(sqlite3.connect(":memory:")) as raw:
        raw.deserialize(whole[:18] + b"\x01\x01" + whole[20:])  # not in WAL mode: there is no file
        return [row[0] for row in raw.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))]


def test_reading_a_damaged_file_changes_nothing_on_the_disk(path, whole):
    path.parent.mkdir()
    path.write_bytes(whole[: 4096 * 40] + bytes(4096 * 2) + whole[4096 * 42 :])
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    with closing(Database.open_to_read(path)) as database:
        assert "damaged" in database.notice
        assert len(database.sessions.summaries()) == 4
        with pytest.raises(StoreError, match="read-only"):
            database.sessions.create()
    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before


def test_two_damaged_files_in_one_second_are_both_kept(path):
    path.parent.mkdir()
    for _ in range(3):
        path.write_text("damaged " * 100)
        Database.open(path).close()
    assert len([each for each in path.parent.iterdir() if ".damaged-" in each.name]) == 3


def test_an_unreadable_file_is_moved_aside(path, monkeypatch):
    fill(path, 1)
    real = os.access
    monkeypatch.setattr(
        os, "access", lambda name, how: len(list(path.parent.glob("*damaged*"))) > 0 and real(name, how)
    )
    with closing(Database.open(path)) as database:
        assert "the file cannot be read" in database.notice


def test_a_file_of_no_bytes_is_a_new_one(path):
    path.parent.mkdir()
    path.touch()
    with closing(Database.open(path)) as database:
        assert (database.notice, database.sessions.summaries()) == ("", [])


def test_a_newer_file_is_refused_and_untouched(path):
    fill(path, 2)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version = 99")
    before = {each.name: hashlib.sha256(each.read_bytes()).digest() for each in path.parent.iterdir()}
    with pytest.raises(StoreError, match="newer rillet.*99.*not touched"):
        Database.open(path)
    assert {each.name: hashlib.sha256(each.read_bytes()).digest() for each in path.parent.iterdir()} == before


def test_a_directory_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be made|not a directory"):
        Database.open(tmp_path / "file" / "rillet" / "sessions.db")
    with pytest.raises(StoreError, match="cannot be made"):
        Database.open(Path("/proc/rillet/sessions.db"))


def test_a_full_disk_is_a_sentence_and_saving_goes_on_when_there_is_room(database):
    session = database.sessions.create()
    first = Turn(Prompt("small"))
    database.turns.begin(session, first)
    (pages,) = database._connection.row("PRAGMA page_count")
    database._connection.row(f"PRAGMA max_page_count = {pages}")
    turn = Turn(Prompt("y" * 100_000))
    with pytest.raises(StoreError, match="the disk is full"):
        database.turns.begin(session, turn)
    with pytest.raises(StoreError, match="the disk is full"):
        database.tapes.append_reads(first.id, [Read(0.0, os.urandom(100_000))])
    assert turn.id == ""
    assert len(database.turns.of_session(session)) == 1
    database._connection.row("PRAGMA max_page_count = 1000000")
    database.turns.begin(session, turn)
    assert [each.number for each in database.turns.of_session(session)] == [1, 2]
    assert database.tapes.tape(first.id).reads == []


def test_a_read_only_file_is_a_sentence(database):
    database._connection.row("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="read-only"):
        database.sessions.create()


def test_a_file_that_another_holds_too_long_is_a_sentence(path, database):
    session = database.sessions.create()
    database._connection.row("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program has had the sessions file locked"):
            database.turns.begin(session, Turn(Prompt("x")))
    database.turns.begin(session, Turn(Prompt("x")))


def test_a_closed_database_raises_our_error(path):
    database = Database.open(path)
    database.close()
    database.close()
    with pytest.raises(StoreError):
        database.sessions.summaries()


def test_damage_found_late_is_a_store_error(database):
    session = database.sessions.create()
    turn = Turn(Prompt("x"))
    database.turns.begin(session, turn)
    database.tapes.append_reads(turn.id, [Read(0.0, b"x")])
    database._connection.run("UPDATE flush SET packed = x'00ff'")
    with pytest.raises(StoreError, match="damaged"):
        database.tapes.tape(turn.id)
    for nonsense in ("not json", "[]", '{"prompt": 1}', "7", "[" * 100_000):
        database._connection.run("UPDATE turn SET opening = ?", nonsense)
        with pytest.raises(StoreError, match="damaged"):
            database.turns.of_session(session)


@pytest.mark.parametrize("column", ["opening", "reply"])
def test_a_long_text_whose_mark_is_damaged_is_a_store_error(database, column):
    session = database.sessions.create()
    turn = Turn(Prompt("long " * 100))
    database.turns.begin(session, turn)
    turn.apply(TextDelta("long " * 100))
    turn.end(TurnState.COMPLETE)
    database.turns.end(turn)
    changed = f"""UPDATE turn SET {column} = replace({column}, 'kept":"', 'kept":"!')"""
    database._connection.run(changed)
    with pytest.raises(StoreError, match="damaged"):
        database.turns.of_session(session)


@pytest.mark.parametrize("seed", range(30))
def test_random_damage_is_moved_aside_or_told_and_never_a_crash(path, seed):
    with closing(Database.open(path)) as database:
        for _ in range(4):
            session = database.sessions.create()
            for _ in range(6):
                turn = Turn(Prompt("hello world " * 50))
                database.turns.begin(session, turn)
                database.tapes.record_request(turn.id, SentRequest("POST", "u", {}, {"long": "b" * 2000}))
                database.tapes.append_reads(turn.id, [Read(0.1, os.urandom(300))])
                turn.apply(TextDelta("answer " * 100))
                turn.end(TurnState.COMPLETE)
                database.turns.end(turn)
    chance, data = random.Random(seed), bytearray(path.read_bytes())
    page, other = (chance.randrange(len(data) // 4096) * 4096 for _ in range(2))
    match seed % 3:
        case 0:
            for _ in range(chance.randint(1, 30)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        case 1:
            data[page : page + 4096] = chance.randbytes(4096)
        case 2:
            data[page : page + 4096], data[other : other + 4096] = data[other : other + 4096], data[page : page + 4096]
    path.write_bytes(data)
    with closing(Database.open(path)) as database:
        with suppress(StoreError):
            for summary in database.sessions.summaries():
                with suppress(StoreError):
                    for turn in database.turns.of_session(summary.id):
                        database.tapes.tape(turn.id)
        for read in (
            lambda: database.full_text.search("hello"),
            database.turns.interrupted,
            lambda: database.sessions.summaries("answer"),
        ):
            with suppress(StoreError):
                read()


def test_a_damaged_index_does_not_keep_an_ending_from_being_saved(database):
    session = database.sessions.create()
    for _ in range(2):
        turn = Turn(Prompt("x"))
        database.turns.begin(session, turn)
        turn.apply(TextDelta("saved all the same"))
        turn.end(TurnState.COMPLETE)
        database.turns.end(turn)
        database._connection.run("UPDATE found_data SET block = x'00'")
    with pytest.raises(StoreError):
        database._connection.run("INSERT INTO found (pieces) VALUES ('x')")
    assert database.turns.read(turn.id).text == "saved all the same"


def test_one_damaged_turn_does_not_keep_others_from_being_mended(database, monkeypatch):
    session = database.sessions.create()
    for text in ("one", "two"):
        database.turns.begin(session, Turn(Prompt(text)))
    database._connection.run("UPDATE turn SET opening = '?' WHERE number = 1")
    database._connection.run("UPDATE turn SET owner = 'nobody'")
    assert [turn.opening for turn in database.turns.interrupted()] == [Prompt("two")]


def test_memory_works_and_says_why(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(Database.memory("not saving: the disk is full")) as database:
        assert (database.notice, database.is_memory) == ("not saving: the disk is full", True)
        session = database.sessions.create()
        database.turns.begin(session, Turn(Prompt("x")))
        assert len(database.turns.of_session(session)) == 1
    assert list(tmp_path.iterdir()) == []


# -- migrations ------------------------------------------------------------------------------------

NEXT = (*STEPS, ("ALTER TABLE session ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'", "CREATE TABLE extra (id)"))


def test_an_old_file_is_copied_and_brought_up_to_date(path):
    session = fill(path, 3)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        migrate(raw, path, NEXT)
        assert raw.execute("SELECT id, colour FROM session").fetchall() == [(session, "red")]
        assert raw.execute("PRAGMA user_version").fetchone() == (len(NEXT),)
    backup = path.with_name(f"sessions.db.v{len(STEPS)}.bak")
    assert mode(backup) == 0o600
    with closing(sqlite3.connect(backup)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
        assert raw.execute("SELECT count(*) FROM turn").fetchone() == (3,)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("broken", range(3))
def test_a_migration_that_fails_changes_nothing(path, broken):
    session = fill(path, 3)
    statements = [*NEXT[-1]]
    statements.insert(broken, "this is not SQL")
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        with pytest.raises(sqlite3.OperationalError):
            migrate(raw, path, (*STEPS, tuple(statements)))
        assert not raw.in_transaction
    with closing(Database.open(path)) as database:
        assert (database.notice, len(database.turns.of_session(session))) == ("", 3)
    assert list(path.parent.glob("*.part")) == []


def test_an_interrupt_is_not_taken_for_damage_that_was_met_before_it(tmp_path, monkeypatch):
    path = tmp_path / "sessions.db"
    Database.open(path).close()
    interrupts = [KeyboardInterrupt]

    def purge(database, _seconds):
        database._connection.on_damage("a bad page")
        if interrupts:
            raise interrupts.pop()

    monkeypatch.setattr(SessionTable, "purge", purge)
    with pytest.raises(KeyboardInterrupt):
        Database.open(path)


@pytest.mark.parametrize("pages", [1, 2, 12])
def test_of_a_file_whose_beginning_is_gone_every_turn_that_stands_behind_it_is_there_afterwards(path, whole, pages):
    """Not even the header is there: the rows are told by how they look."""
    data = bytearray(whole)
    data[: 4096 * pages] = os.urandom(4096 * pages)
    data[: 4096 * pages : 4096] = b"\r" * pages  # as pages with rows begin: what they say of them is not believed
    path.parent.mkdir()
    path.write_bytes(data)
    with closing(Database.open(path)) as database:
        turns = [turn for summary in database.sessions.summaries() for turn in database.turns.of_session(summary.id)]
        assert f"{len(turns):,} of " in database.notice
        # Of a text that began on a lost page something else stands in its place; the turns are all there.
        assert len(turns) >= 60 - 8 * (pages > 2)
        said = {turn.opening.text: turn.text for turn in turns}
        for number in range(4):
            for at in range(15):
                if f"prompt {number}.{at}" in said and pages < 12:
                    assert said[f"prompt {number}.{at}"] == "words " * (at * 40)
        assert database._connection.row("PRAGMA integrity_check") == ("ok",)
        assert database._connection.rows("PRAGMA foreign_key_check") == []


def test_of_a_file_in_use_whose_beginning_is_gone_what_stands_in_the_log_is_read_too(path, tmp_path):
    with closing(Database.open(path)) as database:
        session, parent = database.sessions.create(), None
        for number in range(20):
            parent = say(database, session, f"prompt {number}", "long words " * 2000, parent)
        copy = tmp_path / "copy" / path.name
        copy.parent.mkdir()
        for side in ("", "-wal"):
            copy.with_name(path.name + side).write_bytes(path.with_name(path.name + side).read_bytes())
    copy.write_bytes(os.urandom(max(4096, copy.stat().st_size)))
    with closing(Database.open(copy)) as database:
        turns = database.turns.of_session(session)
        assert [turn.opening.text for turn in turns] == [f"prompt {number}" for number in range(20)]
        assert {turn.text for turn in turns} == {"long words " * 2000}
