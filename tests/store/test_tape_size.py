"""Tapes stay small: a request holds what is new, reads are in blocks once a turn has ended, and both come back exactly."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.delta import TextDelta
from tui.domain.tape import Head, Read, SentRequest, Tape, TapeEnd
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store import sent
from tui.store.database import Database
from tui.store.reads import pack_block, unpack_block
from tui.store.sent import LOST


@pytest.fixture
def database():
    """In memory: what is measured are pages, and the disk's own pace is not."""
    database = Database.memory()
    yield database
    database.close()


def said(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


def chunk(text: str) -> bytes:
    delta = {
        "id": "c-1",
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": text}}],
    }
    return f"data: {json.dumps(delta)}\n\n".encode()


def ask(database, session, messages, reply, parent=None, name="messages"):
    """One turn as it is streamed: the request, a read for each word, the end."""
    turn = Turn(Prompt(str(messages[-1])), parent=parent, model="m", endpoint="e", dialect="chat")
    database.turns.begin(session, turn)
    body = {"model": "m", "stream": True, name: list(messages), "tools": [{"name": "t", "parameters": {"x": "y"}}]}
    database.tapes.record_request(turn.id, SentRequest("POST", "http://x", {"a": "b"}, body, "2026-11-28T00:00:00Z"))
    database.tapes.record_head(turn.id, Head(200, {}, 0.1))
    reads = [Read(0.2 + number / 100, chunk(word)) for number, word in enumerate(reply.split())]
    for start in range(0, len(reads), 10):
        database.tapes.append_reads(turn.id, reads[start : start + 10])
    database.tapes.record_end(turn.id, TapeEnd(9.0, "eof"))
    turn.apply(TextDelta(reply))
    turn.end(TurnState.COMPLETE)
    database.turns.end(turn)
    return turn.id, body, reads


def talk(database, turns, words=60):
    """A long session; what was sent and what came in each of its turns."""
    chance = random.Random(5)
    session, parent, messages, all_of_it = database.sessions.create(), None, [said("system", "Be brief.")], []
    for number in range(turns):
        messages.append(said("user", f"question {number} about {chance.random()}"))
        reply = " ".join(str(chance.randrange(10**6)) for _ in range(words))
        parent, body, reads = ask(database, session, messages, reply, parent)
        messages.append(said("assistant", reply))
        all_of_it.append((parent, body, reads))
    return all_of_it


def used(database) -> int:
    (size,) = database._connection.row("PRAGMA page_count")
    (free,) = database._connection.row("PRAGMA freelist_count")
    return (size - free) * 4096


def test_a_session_grows_with_its_text_and_not_with_the_square_of_it(database):
    sizes = [used(database)]
    for turns in (100, 100, 100):
        talk(database, turns)
        sizes.append(used(database))
    short = (sizes[3] - sizes[0]) / 300
    before = used(database)
    talk(database, 600)
    long = (used(database) - before) / 600
    assert long < 1.1 * short


def test_requests_from_which_the_oldest_entries_are_left_out_are_small_too(database):
    session, parent, messages = database.sessions.create(), None, [said("system", "Be brief.")]
    sizes = []
    for number in range(120):
        messages += [said("user", f"question {number} " + "x" * 50), said("assistant", "y" * 60 + str(number))]
        latest = [messages[0], *messages[1:][-40:]]
        parent, body, _ = ask(database, session, latest, "fine", parent)
        sizes.append(database._connection.row("SELECT length(request) FROM tape WHERE turn_id = ?", parent)[0])
        assert database.tapes.tape(parent).request.body == body
    assert max(sizes[30:]) < 800


def test_a_turn_of_usual_size_takes_at_most_five_kilobytes(database):
    before = used(database)
    turns = talk(database, 300, words=90)  # 90 words are some 620 characters
    assert (used(database) - before) / len(turns) < 5000


def test_every_request_and_every_read_comes_back_exactly(database):
    for turn_id, body, reads in talk(database, 40):
        tape = database.tapes.tape(turn_id)
        assert tape.request == SentRequest("POST", "http://x", {"a": "b"}, body, "2026-11-28T00:00:00Z")
        assert list(tape.request.body) == list(body), "in its order"
        assert [(round(read.at, 6), read.data) for read in tape.reads] == [
            (round(each.at, 6), each.data) for each in reads
        ]


messages = st.lists(st.sampled_from(["a", "b", "c", {"role": "user", "content": "x" * 1500}, 1, None]), max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(messages, st.integers(0, 5), st.sampled_from(["messages", "input", "none"])), max_size=8))
def test_whatever_two_requests_share_both_come_back(asked):
    database, turns = Database.memory(), []
    session = database.sessions.create()
    for items, above, name in asked:
        parent = turns[above % len(turns)][0] if turns else None
        turn = Turn(Prompt("x"), parent=parent)
        body = {"model": "m", name: items, "n": above}
        database.turns.begin(session, turn, SentRequest("POST", "u", {}, body))
        turns.append((turn.id, body))
    for turn_id, body in turns:
        assert database.tapes.tape(turn_id).request.body == body
    database.close()


def test_what_a_long_request_shares_is_seen_without_reading_its_entries(database, monkeypatch):
    monkeypatch.setattr(sent, "_common", None)
    session = database.sessions.create()
    messages = [{"i": [number], "t": [[], {"i": [], "t": '],"t":"'}], "content": "x" * 20} for number in range(200)]
    first, body, _ = ask(database, session, messages, "one")
    more = [*messages, said("assistant", "one"), said("user", "two")]
    second, longer, _ = ask(database, session, more, "x", first)
    (size,) = database._connection.row("SELECT length(request) FROM tape WHERE turn_id = ?", second)
    assert size < 1000
    assert [database.tapes.tape(each).request.body for each in (first, second)] == [body, longer]


def test_a_request_that_is_sent_again_replaces_the_first(database):
    session = database.sessions.create()
    first, body, _ = ask(database, session, [said("user", "a")], "one two")
    second, _, _ = ask(
        database, session, [*body["messages"], said("assistant", "one two"), said("user", "b")], "x", first
    )
    other = {"messages": [said("user", "something else")]}
    database.tapes.record_request(second, SentRequest("POST", "u", {}, other))
    tape = database.tapes.tape(second)
    assert (tape.request.body, tape.reads, tape.response) == (other, [], None)


def test_what_is_lost_above_takes_no_later_request_along(database):
    turns = talk(database, 6)
    database._connection.run("DELETE FROM tape WHERE turn_id = ?", turns[2][0])
    turn_id, body, reads = turns[5]
    tape = database.tapes.tape(turn_id)
    assert tape.request.body["messages"][-5:] == body["messages"][-5:]
    assert LOST in tape.request.body["messages"]
    assert len(tape.reads) == len(reads)


def follow(database, turn_id, row=None):
    reads = []
    while True:
        piece, last = database.tapes.tape_since(turn_id, row)
        if last == (row or 0):
            return reads, last
        reads += piece.reads
        row = last


def test_whoever_follows_a_tape_misses_nothing_when_its_turn_ends(database, monkeypatch):
    monkeypatch.setattr("tui.store.reads.BLOCK_BYTES", 1000)
    turn = Turn(Prompt("x"))
    database.turns.begin(database.sessions.create(), turn, SentRequest("POST", "u", {}, {}))
    reads = [Read(number / 8, bytes([number]) * 40) for number in range(200)]
    for start in range(0, 100, 7):
        database.tapes.append_reads(turn.id, reads[start : min(100, start + 7)])
    seen, row = follow(database, turn.id)
    assert seen == reads[:100]
    database.tapes.append_reads(turn.id, reads[100:])
    turn.end(TurnState.COMPLETE)
    database.turns.end(turn)
    rest, end = follow(database, turn.id, row)
    assert seen + rest == reads
    assert end == 200
    assert database.tapes.tape(turn.id).reads == reads
    for start in (0, 1, 99, 130, 199):
        assert follow(database, turn.id, start or None)[0] == reads[start:]
    assert database._connection.row("SELECT count(*) FROM flush") == (0,)
    assert database._connection.row("SELECT count(*) FROM block")[0] > 5


def test_what_comes_after_a_turn_has_ended_is_kept_too(database):
    session = database.sessions.create()
    turn_id, _, reads = ask(database, session, [said("user", "a")], "one two three")
    late = Read(20.0, b"late")
    database.tapes.append_reads(turn_id, [late])
    assert [read.data for read in database.tapes.tape(turn_id).reads] == [*(read.data for read in reads), b"late"]
    turn = database.turns.read(turn_id)
    database.turns.end(turn)
    assert [read.data for read in database.tapes.tape(turn_id).reads] == [*(read.data for read in reads), b"late"]


def test_blocks_go_with_their_turn(database):
    talk(database, 3)
    database._connection.run("DELETE FROM session")
    assert database._connection.row("SELECT count(*) FROM block") == (0,)


def test_the_size_of_a_session_is_what_its_rows_take(database):
    talk(database, 20)
    (listed,) = database.sessions.summaries()
    (real,) = database._connection.row(
        """SELECT (SELECT sum(length(packed)) FROM block) + (SELECT sum(length(CAST(request AS BLOB))) FROM tape)
            + (SELECT sum(length(CAST(text AS BLOB))) FROM kept)
            + (SELECT sum(length(CAST(opening AS BLOB)) + length(CAST(reply AS BLOB))) FROM turn)"""
    )
    assert listed.size_bytes == pytest.approx(real, rel=0.02)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**12), st.binary(max_size=40)), max_size=30))
def test_a_block_is_read_back_as_it_was_packed(reads):
    block = [Read(at / 1e6, data) for at, data in reads]
    assert unpack_block(pack_block(block)) == block


def test_a_tape_without_reads_is_one():
    assert unpack_block(pack_block([])) == Tape().reads
