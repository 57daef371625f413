"""What reading a long tape through told is kept beside it, and is all that is needed when it is opened again."""

import json
import random
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from tests.page.test_wire_rows import HEAD, frame, full, join, read_through, said
from tests.ui.script import chunk, ending
from tui.chat.live_replies import LiveReplies
from tui.domain.tape import FailedAttempt, Head, Read, SentRequest, Tape, TapeEnd
from tui.domain.turn import Prompt, Turn, TurnState
from tui.page import spans, survey
from tui.page.time_lines import figure_line, label_line, time_line
from tui.page.wire_list import log_of, times_of
from tui.page.wire_log import WireLog
from tui.store.database import Database
from tui.store.keep import Keep
from tui.wire.json_text import write_json


@pytest.fixture
def database(monkeypatch):
    monkeypatch.setattr("tui.store.reads.BLOCK_BYTES", 4000)
    monkeypatch.setattr(spans, "TOGETHER", 50)
    database = Database.memory()
    yield database
    database.close()


def datas(count=400):
    """Frames with text and thoughts, keep-alives, one that is no JSON; cut anywhere."""
    chance = random.Random(3)
    data = b"".join(
        b": ping\n\n"
        if not number % 37
        else b'data: {"id": "other", "choices": []}\n\n'
        if number == 223
        else f"data: {write_json(chunk({'reasoning_content': 'Hm. '}))}\n\n".encode()
        if number < 90
        else frame(f"w{number} ")
        for number in range(count)
    )
    data += b"".join(f"data: {write_json(said)}\n\n".encode() for _, said in ending(1.0)[:-1]) + b"data: [DONE]"
    while data:
        size = chance.choice([1, 40, 250, 250, 400])
        yield data[:size]
        data = data[size:]


def save(database, reads, *, is_over=True):
    """A turn whose tape this is."""
    turn = Turn(Prompt("hi"), model="m", endpoint="e", dialect="chat")
    request = SentRequest("POST", "http://x", {}, {"model": "m"})
    database.turns.begin(database.sessions.create("long"), turn, request)
    database.tapes.record_head(turn.id, HEAD)
    database.tapes.append_reads(turn.id, reads)
    database.tapes.record_end(turn.id, TapeEnd(99.0, "eof"))
    if is_over:
        end(database, turn)
    return turn


def end(database, turn):
    turn.end(TurnState.COMPLETE)
    database.turns.end(turn)


def tape(count=400):
    return [Read(0.2 + number * 0.01 + (number > 200) * 3, data) for number, data in enumerate(datas(count))]


def opened(database, turn):
    """The wire log of a turn, and how often reads of its tape were fetched for it until it knew all of it."""
    fetched = []
    replies = LiveReplies(SimpleNamespace(database=database), None, lambda: 0.0)
    tape_since = replies.tape_since
    replies.tape_since = lambda turn, row=None: fetched.append(row) or tape_since(turn, row)
    log = read_through(log_of(replies, turn))
    return log, len(fetched)


WORDS = ["the", " sky", " is", "\n\nline", " ä𝄞", " blue", "it is what it is", '"so"', " \\ ", "😀"]


def odd_datas(event, seed):
    """Frames, mostly like the one before them, a read each; now and then a word again, a thought, a keep-alive, a field more."""
    chance = random.Random(seed)
    lead = f"event: {event}\n" if event else ""
    said = ""
    for number in range(900):
        said = said if chance.random() < 0.05 else chance.choice(WORDS)
        delta = {"reasoning_content": said} if chance.random() < 0.01 else {"content": said}
        value = chunk(delta)
        if chance.random() < 0.01:
            value["odd"] = number
        if chance.random() < 0.003:
            value["id"] = f"other-{number}"
        if chance.random() < 0.005:
            yield b": ping\n\n"
        if number == 500:
            said = "long " * 400
            value = chunk({"content": said})
        if number == 700:
            value = {
                "choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{"}}]}}]
            }
        is_escaped = chance.random() < 0.5
        yield f"{lead}data: {json.dumps(value, ensure_ascii=is_escaped, separators=(',', ':'))}\n\n".encode()
    yield from (f"{lead}data: {write_json(each)}\n\n".encode() for _, each in ending(1.0)[:-1])
    yield b"data: [DONE]\n\n"


def numbered_datas(event, seed):
    """Events of Responses, mostly a text each that has the next number and some padding; now and then anything else."""
    chance = random.Random(seed)
    is_padded, is_numbered = chance.random() < 0.7, chance.random() < 0.8
    number, said = 0, "hm"

    def told(type_, **more):
        nonlocal number
        number += 1
        value = {"type": type_, **more} | ({"sequence_number": number} if is_numbered else {})
        if is_padded and type_.endswith("text.delta"):
            value["obfuscation"] = "".join(chance.choice("aB3x") for _ in range(chance.randrange(9)))
        lead = f"event: {type_}\n" if event else ""
        return (
            f"{lead}data: {json.dumps(value, ensure_ascii=chance.random() < 0.1, separators=(',', ':'))}\n\n".encode()
        )

    yield told("response.created", response={"id": "r1", "model": "m", "status": "in_progress", "output": []})
    item = {"id": "i1", "type": "message", "role": "assistant", "content": []}
    yield told("response.output_item.added", output_index=0, item=item)
    part = {"type": "output_text", "text": "", "annotations": []}
    place = {"item_id": "i1", "output_index": 0, "content_index": 0}
    yield told("response.content_part.added", **place, part=part)
    for at in range(900):
        said = said if chance.random() < 0.05 else chance.choice(WORDS)
        number += chance.choice([0] * 200 + [-1, 1, 5])
        more = {"odd": at} if chance.random() < 0.01 else {}
        here = place | ({"item_id": "i2"} if chance.random() < 0.003 else {})
        if chance.random() < 0.005:
            yield b": ping\n\n"
        yield told(
            "response.output_text.delta", **here, delta="long " * 400 if at == 500 else said, logprobs=[], **more
        )
    yield told("response.completed", response={"id": "r1", "model": "m", "status": "completed", "output": []})


@pytest.mark.parametrize("event", ["", "ping"])
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("lost", [0.0, 0.37])
@pytest.mark.parametrize("dialect", ["chat", "responses"])
def test_what_is_read_a_block_at_a_time_tells_the_same_as_what_is_read_one_by_one(event, seed, lost, dialect):
    chance = random.Random(seed)
    at, reads = 0.2, []
    for data in odd_datas(event, seed) if dialect == "chat" else numbered_datas(event, seed):
        at = round(at + chance.choice([0.0, 0.001, 0.02, 0.02, 0.3] + [5.0] * (chance.random() < 0.02)), 6)
        reads.append(Read(at, data))
    request = SentRequest("POST", "http://x", {}, {"model": "m"})
    turn = Turn(Prompt("hi"), model="m", endpoint="e", dialect=dialect)
    turn.end(TurnState.COMPLETE)
    logs = []
    for is_joined in (False, True):
        whole = Tape(dialect, "m", "e", request, HEAD, end=TapeEnd(at + 1, "eof"))
        if lost:
            whole.attempts = [FailedAttempt(request, Head(503, {}, 0.1), [], TapeEnd(0.2, "refused"), lost)]

        def since(row, is_joined=is_joined, whole=whole):
            first = row or 0
            some = reads[first : first + 120]
            return replace(whole, reads=join(some) if is_joined else some), first + len(some)

        logs.append(read_through(WireLog(since, dialect=lambda: dialect, turn=lambda: turn)))
    one, other = logs
    assert other.timeline.gathered == one.timeline.gathered
    assert other.origins.brought_by_all == one.origins.brought_by_all
    assert other.odd.notes.examples == one.odd.notes.examples
    assert other.odd.notes.frames == one.odd.notes.frames
    assert other.size_bytes == one.size_bytes
    assert full(other.rows[:]) == full(one.rows[:])


def test_a_tape_that_was_read_through_is_not_read_again(database):
    turn = save(database, tape())
    log, fetched = opened(database, turn)
    again, fetched_again = opened(database, turn)
    assert fetched > 12
    assert fetched_again <= 2
    assert said(again.rows[:]) == said(log.rows[:])
    assert [row.odd for row in again.rows] == [row.odd for row in log.rows]
    assert (again.size_bytes, again.odd.frames, again.odd.findings) == (
        log.size_bytes,
        log.odd.frames,
        log.odd.findings,
    )
    assert "id-changes" in {finding.code for finding in again.odd.findings}
    for line in (figure_line, label_line, time_line):
        assert line(again.timeline, 100) == line(log.timeline, 100)
    assert list(again.timeline.columns(80, 0.0, 99.0)) == list(log.timeline.columns(80, 0.0, 99.0))
    assert again.timeline.unusual_gaps() == log.timeline.unusual_gaps() != []
    for number in range(log.timeline.frames + 2):
        assert again.rows.place_of_frame(number) == log.rows.place_of_frame(number)
        assert again.origins.brought(number) == log.origins.brought(number)
    for strand in ("text", "thought"):
        frames = [log.origins.frame_of(strand, 0, at) for at in range(-1, 2200)]
        assert [again.origins.frame_of(strand, 0, at) for at in range(-1, 2200)] == frames
    for row in log.rows:
        assert again.reads_of(row) == log.reads_of(row)
        assert again.rows.place_at(row.at) == log.rows.place_at(row.at)


def test_what_is_of_another_tape_or_another_rillet_is_made_anew(database, monkeypatch):
    turn = save(database, tape())
    whole = said(opened(database, turn)[0].rows[:])
    kept = database.tapes.survey(turn.id)
    assert survey.unpack_survey(kept, 7, TapeEnd(99.0, "eof")) is None
    for other in (None, b"", kept[:-9], b"0 0.0\n" + kept, kept.partition(b"\n")[0] + b"\nabc"):
        if other is None:
            database._connection.run("DELETE FROM survey")
        else:
            database.tapes.keep_survey(turn.id, other)
        log, fetched = opened(database, turn)
        assert fetched > 12
        assert said(log.rows[:]) == whole
        assert database.tapes.survey(turn.id) == kept
    database.tapes.record_end(turn.id, TapeEnd(98.0, "reset", "gone"))
    log, fetched = opened(database, turn)
    assert fetched > 12
    assert log.rows[-1].kind == "reset"
    assert opened(database, turn)[1] <= 2


def test_it_goes_with_the_reads_and_counts_as_they_do(database):
    def size():
        return database.sessions.summaries()[0].size_bytes

    turn = save(database, tape())
    without = size()
    opened(database, turn)
    kept = database.tapes.survey(turn.id)
    assert size() == without + len(kept)
    database.tapes.keep_survey(turn.id, kept + b" ")
    assert size() == without + len(kept) + 1

    late = Read(20.0, b": late\n\n")
    database.tapes.append_reads(turn.id, [late])
    assert opened(database, turn)[0].timeline.reads == len(tape()) + 1, "what is not in a block yet is not left out"
    database.tapes.pack_tape("", turn.id)
    assert database.tapes.survey(turn.id) is None
    opened(database, turn)
    assert database.tapes.survey(turn.id)
    database.upkeep.prune(Keep(size_bytes=0))
    assert database.tapes.survey(turn.id) is None
    assert 0 <= size() < 2000

    turn = save(database, tape())
    opened(database, turn)
    database._connection.run("DELETE FROM turn WHERE id = ?", turn.id)
    assert database.rows("SELECT count(*) FROM survey") == [(0,)]


def test_what_was_followed_while_it_came_is_kept_when_the_turn_is_over(database):
    reads = tape()
    turn = save(database, reads, is_over=False)
    replies = LiveReplies(SimpleNamespace(database=database), None, lambda: 0.0)
    log = log_of(replies, turn)
    premature = log_of(replies, turn)
    while not premature.advance(1.0, is_over=False):
        pass
    read_through(log)
    assert log.rows[-1].kind == "usage", "what the turn comes to is not known"
    turn.end(TurnState.COMPLETE)
    read_through(log)
    assert log.rows[-1].kind == "eof"
    assert database.tapes.survey(turn.id) is None, "its reads are in no blocks yet"
    database.turns.end(turn)
    read_through(premature)
    assert database.tapes.survey(turn.id) is None, "what it came to was not known"
    read_through(log)
    again, fetched = opened(database, turn)
    assert fetched <= 2
    assert said(again.rows[:]) == said(log.rows[:])


def test_a_short_tape_has_none(database):
    turn = save(database, tape(20))
    opened(database, turn)
    assert database.tapes.survey(turn.id) is None


def test_times_alone_are_those_of_the_whole_and_ask_for_no_request(database, monkeypatch):
    for turn in (save(database, tape()), save(database, tape(20)), save(database, [], is_over=False)):
        replies = LiveReplies(SimpleNamespace(database=database), None, lambda: 0.0)
        with monkeypatch.context() as patch:
            patch.setattr(type(database.tapes), "request", None)
            times = read_through(times_of(replies, turn))
        assert database.tapes.survey(turn.id) is None, "it knows nothing of the rules"
        whole = read_through(log_of(replies, turn))
        assert times.timeline.gathered == whole.timeline.gathered
        with monkeypatch.context() as patch:
            patch.setattr(type(database.tapes), "request", None)
            assert read_through(times_of(replies, turn)).timeline.gathered == whole.timeline.gathered
