"""The writer: nobody waits for a lock, what was refused is done once, and what failed is told."""

import sqlite3
import threading
import time
from contextlib import closing

import pytest

from tui.domain.error import StoreBusyError, StoreError
from tui.domain.tape import Read, SentRequest
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store import late_packing, opening, reads, turn_table, writer
from tui.store.database import Database
from tui.store.packing import pack_behind
from tui.store.writer import BUDGET, Writer


@pytest.fixture
def apart(path):
    """A database that is written by a thread, and what its writer told, each time it was free again."""
    told = []
    with closing(Database.open(path)) as database:
        database.write_apart(told.append)
        yield database, told


@pytest.fixture
def lock(path, apart):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)  # between two looks at the condition


def soon(work):
    """Do something as soon as it is not refused any more."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return work()
        except StoreBusyError:
            assert time.monotonic() < deadline
            time.sleep(0.002)  # between two looks at the condition


def test_what_is_written_is_there_when_the_call_returns(apart, path):
    database, _ = apart
    turn = Turn(Prompt("hello"))
    session = soon(database.sessions.create)
    soon(lambda: database.turns.begin(session, turn))
    turn.end(TurnState.STOPPED)
    soon(lambda: database.turns.end(turn))
    soon(lambda: database.prompts.add_history("hello"))
    assert [each.text for each in database.turns.of_session(session)] == [""]
    with closing(Database.open(path)) as other:
        assert [each.opening for each in other.turns.of_session(session)] == [Prompt("hello")]
        assert other.prompts.history() == ["hello"]


def test_while_another_holds_the_lock_every_write_is_refused_at_once_and_every_read_answers(apart, lock):
    database, _ = apart
    began = time.monotonic()
    for number in range(40):
        with pytest.raises(StoreBusyError):
            database.prompts.save_draft(None, f"typed {number}")
        assert database.sessions.summaries() == []
    assert time.monotonic() - began < 60  # it was 5 s for each of them
    lock.execute("COMMIT")


def test_a_file_is_closed_while_another_holds_the_lock(apart, lock):
    database, _ = apart
    with pytest.raises(StoreBusyError):
        database.prompts.save_draft(None, "typed")
    database.close()


def test_a_turn_that_was_refused_is_begun_once(apart, lock):
    database, told = apart
    with pytest.raises(StoreBusyError):
        database.sessions.create("a title")
    lock.execute("COMMIT")
    until(lambda: told == [None])
    session = database.sessions.create("a title")
    assert database._connection.row("SELECT count(*) FROM session") == (1,)
    lock.execute("BEGIN IMMEDIATE")
    turn = Turn(Prompt("hello"))
    with pytest.raises(StoreBusyError):
        database.turns.begin(session, turn)
    assert turn.id == ""
    lock.execute("COMMIT")
    soon(lambda: database.turns.begin(session, turn))
    assert (turn.id, turn.number) == (f"{session}.1", 1)
    assert [each.id for each in database.turns.of_session(session)] == [turn.id]


def test_reads_that_were_refused_are_on_the_tape_once(apart, lock):
    database, _ = apart
    lock.execute("COMMIT")
    turn = Turn(Prompt("hello"))
    session = soon(database.sessions.create)
    soon(lambda: database.turns.begin(session, turn))
    soon(lambda: database.tapes.record_request(turn.id, SentRequest("POST", "http://127.0.0.1/", {}, {})))
    lock.execute("BEGIN IMMEDIATE")
    reads = [Read(0.1, b"one"), Read(0.2, b"two")]
    with pytest.raises(StoreBusyError):
        database.tapes.append_reads(turn.id, reads)
    lock.execute("COMMIT")
    soon(lambda: database.tapes.append_reads(turn.id, reads))
    assert [read.data for read in database.tapes.tape(turn.id).reads] == [b"one", b"two"]


def test_what_goes_wrong_late_is_told():
    told = []
    begun, goes_on = threading.Event(), threading.Event()
    writer = Writer(lambda: sqlite3.connect(":memory:"))
    writer.on_free = told.append

    def fail():
        begun.set()
        goes_on.wait(10)
        raise StoreError("the disk is full")

    with pytest.raises(StoreBusyError):
        writer.do(fail)
    goes_on.set()
    until(lambda: told)
    assert [str(problem) for problem in told] == ["the disk is full"]
    with pytest.raises(StoreError, match="full"):
        writer.do(fail)
    writer.close()


def test_opening_writes_nothing_where_nothing_is_to_be_done(path, apart, lock, monkeypatch):
    monkeypatch.setattr(opening, "BUSY_SECONDS", 60.0)
    began = time.monotonic()
    with closing(Database.open(path)) as other:
        assert other.sessions.summaries() == []
    assert time.monotonic() - began < 30


def test_where_every_write_takes_long_each_is_made_once(path):
    """As on a disk that takes longer to keep a write than anybody waits for it."""
    made: list[str] = []
    is_free = threading.Event()
    writer = Writer(lambda: sqlite3.connect(":memory:"))
    writer.on_free = lambda _problem: is_free.set()

    def ask(what):
        def work():
            time.sleep(2 * BUDGET)  # the work itself is slow
            made.append(what)
            return what

        return writer.do(work, asked=("write", what))

    owed = ["title", "ending"]
    while owed:
        is_free.clear()
        for what in list(owed):
            try:
                assert ask(what) == what
            except StoreBusyError:
                continue
            owed.remove(what)
        assert not owed or is_free.wait(10)
    assert made == ["title", "ending"]
    for what in ("title", "other", "title"):  # what is asked for after something else is another write
        with pytest.raises(StoreBusyError):
            ask(what)
        until(lambda: writer._now is None)
    assert made == ["title", "ending", "title", "other", "title"]
    writer.close()


@pytest.mark.parametrize("is_apart", [True, False])
def test_a_long_tape_is_packed_behind_and_whoever_follows_it_misses_nothing(path, monkeypatch, is_apart):
    monkeypatch.setattr(turn_table, "PACKED_AT_ONCE", 1000)
    monkeypatch.setattr(late_packing, "BLOCK_BYTES", 4000)
    monkeypatch.setattr(reads, "BLOCK_BYTES", 4000)
    monkeypatch.setattr(writer, "REST", 0.0)
    with closing(Database.open(path)) as database:
        if is_apart:
            database.write_apart(lambda _problem: None)
        turn = Turn(Prompt("hello"))
        session = soon(database.sessions.create)
        soon(lambda: database.turns.begin(session, turn))
        soon(lambda: database.tapes.record_request(turn.id, SentRequest("POST", "http://127.0.0.1/", {}, {})))
        came = [Read(number / 100, f"{number:0100}".encode()) for number in range(500)]
        for first in range(0, len(came), 10):
            soon(lambda some=came[first : first + 10]: database.tapes.append_reads(turn.id, some))
        turn.end(TurnState.STOPPED)
        soon(lambda: database.turns.end(turn))
        followed, row = [], None
        while len(followed) < len(came):
            piece, row = database.tapes.tape_since(turn.id, row)
            followed += piece.reads
        if not is_apart:
            pack_behind(path, lambda: True)
        until(lambda: database._connection.row("SELECT count(*) FROM flush") == (0,))
        assert database._connection.row("SELECT count(*) FROM block") >= (8,)
        assert followed == came == database.tapes.tape(turn.id).reads
        (summary,) = database.sessions.summaries()
        (packed,) = database._connection.row("SELECT sum(length(packed)) FROM block")
        assert packed < summary.size_bytes < packed + 400


def test_whoever_leaves_packs_a_long_tape_that_nobody_packs_behind(path, monkeypatch):
    monkeypatch.setattr(turn_table, "PACKED_AT_ONCE", 1000)
    monkeypatch.setattr(late_packing, "BLOCK_BYTES", 4000)
    came = [Read(number / 100, f"{number:0100}".encode()) for number in range(500)]
    with closing(Database.open(path)) as database:
        turn = Turn(Prompt("hello"))
        database.turns.begin(database.sessions.create(), turn)
        database.tapes.record_request(turn.id, SentRequest("POST", "http://127.0.0.1/", {}, {}))
        for first in range(0, len(came), 10):
            database.tapes.append_reads(turn.id, came[first : first + 10])
        turn.end(TurnState.STOPPED)
        database.turns.end(turn)
        assert database.tapes.flushed(turn.id) == came
    database.close()  # again
    with closing(Database.open(path)) as database:
        assert database.tapes.flushed(turn.id) == []
        assert database.tapes.tape(turn.id).reads == came
