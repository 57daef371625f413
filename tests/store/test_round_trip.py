"""What is saved is what is read back, for anything a stream can bring."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tui.domain import delta as d
from tui.domain import error as e
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.request import ReplySchema
from tui.domain.tape import FailedAttempt, Head, Read, SentRequest, Tape, TapeEnd
from tui.domain.timing import Timing
from tui.domain.turn import Continuation, Prompt, ToolResults, Turn, TurnState
from tui.domain.usage import Usage
from tui.store import sent, tape_table
from tui.store.database import Database
from tui.store.row import reply_record, restore_reply

LONG = "x" * 2000
texts = st.one_of(
    st.text(max_size=20), st.sampled_from(["\0", "\x00kept", LONG, LONG + "ü", '"\\u0000kept"', "\x1b[2J"])
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, values, max_size=3)
small = st.integers(0, 3)
counts = st.none() | st.integers(0, 10**12)
usages = st.builds(
    Usage,
    counts,
    counts,
    counts,
    counts,
    counts,
    st.none() | st.floats(0, 9),
    st.none() | st.floats(0, 99),
    objects,
    counts,
    counts,
)
deltas = st.one_of(
    st.builds(d.TextDelta, texts, small, st.booleans()),
    st.builds(d.ImageDelta, small, texts, st.booleans()),
    st.builds(d.ReasoningDelta, texts, small, st.booleans()),
    st.builds(d.RefusalDelta, texts, small, st.booleans()),
    st.builds(d.ToolCallDelta, small, texts, texts, texts, st.booleans(), st.none() | objects),
    st.builds(d.ServerToolDelta, small, objects),
    st.builds(d.ItemDelta, small, objects),
    st.builds(d.EchoDelta, texts, texts | st.lists(values, max_size=2)),
    st.builds(d.CitationDelta, texts, texts, small, small, small),
    st.builds(d.UsageDelta, usages),
    st.builds(d.IdentityDelta, texts, texts),
    st.builds(d.OddityDelta, texts, texts),
    st.builds(d.RetryDelta, small, small, st.floats(0, 9), texts),
    st.builds(d.FinishDelta, texts, texts),
)
images = st.lists(st.builds(ImagePart, texts, st.sampled_from(["auto", "low"])), max_size=2).map(tuple)
openings = st.one_of(
    st.builds(Prompt, texts, images),
    st.builds(
        ToolResults, st.lists(st.builds(ToolResultPart, texts, texts, st.booleans(), images), max_size=2).map(tuple)
    ),
    st.just(Continuation()),
)
errors = st.one_of(
    st.none(),
    *(
        st.builds(kind, texts, texts)
        for kind in (
            e.RilletError,
            e.ConfigError,
            e.KeyMissingError,
            e.ConnectError,
            e.StoreError,
            e.StreamError,
            e.FrameError,
            e.BrokenError,
        )
    ),
    st.builds(lambda m, h, x: e.TruncatedError(m, h, empty=x), texts, texts, st.booleans()),
    st.builds(lambda m, x: e.LimitError(m, limit=x), texts, texts),
    st.builds(lambda m, k, c: e.EndpointError(m, kind=k, code=c), texts, st.sampled_from(["stream", "server"]), texts),
    st.builds(
        lambda m, k, s, c, r: e.RefusedError(
            m, "h", kind=k, status=s, code=c, retry_after=r, retry_after_at="2026-11-22"
        ),
        texts,
        st.sampled_from(["auth", "rate_limit"]),
        st.integers(400, 599),
        texts,
        st.none() | st.floats(0, 9),
    ),
)
schemas = st.none() | st.builds(ReplySchema, texts, objects, st.booleans())
seconds = st.integers(0, 5000).map(lambda thousandths: thousandths / 1000)
endings = st.sampled_from([state for state in TurnState if state.is_over])


def visible(turn: Turn) -> dict[str, Any]:
    names = (
        "opening id number parent model endpoint dialect schema state answered_by response_id has_finished finish_reason "
        "incomplete_reason usage text reasoning refusal server_tools items echo citations oddities oddity_count retry next"
    ).split()
    return {
        **{name: getattr(turn, name) for name in names},
        "marks": [
            (dict(turn.body.numbered)[mark.part], mark.start, mark.end, mark.source)
            for mark in turn.marks
            if mark.part in dict(turn.body.numbered)
        ],
        "parts": (turn.body.parts, turn.thoughts.parts, turn.refusals.parts),
        "order": (list(turn.items), list(turn.server_tools)),
        "calls": [(call.index, call.record()) for call in turn.tool_calls],
        "timing": {name: value and round(value, 5) for name, value in turn.timing.record().items()},
        "error": turn.error and (type(turn.error), turn.error.record()),
    }


@pytest.fixture(scope="module")
def memory() -> Iterator[Database]:
    database = Database.memory()
    yield database
    database.close()


@settings(max_examples=150, deadline=None)
@given(openings, schemas, st.lists(deltas, max_size=12), endings, errors, seconds, seconds)
def test_a_turn_is_read_back_as_it_was_saved(memory, opening, schema, changes, state, error, latency, more):
    session = memory.sessions.create()
    turn = Turn(opening, model="grok-4", endpoint="xai", dialect="chat", schema=schema)
    memory.turns.begin(session, turn)
    assert memory.turns.of_session(session)[0].opening == opening
    assert memory.turns.of_session(session)[0].schema == schema
    for change in changes:
        turn.apply(change)
    turn.timing = Timing(1.0, 1.1, 1.0 + latency, None, None, 1.0 + latency, 1.0 + latency + more, 1.0 + latency + more)
    turn.end(state, error)
    memory.turns.end(turn)
    assert visible(memory.turns.of_session(session)[0]) == visible(turn)
    assert visible(memory.turns.read(turn.id)) == visible(turn)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.builds(Read, st.floats(0, 1e6), st.binary(max_size=50)), max_size=4), max_size=4), objects)
def test_a_tape_is_read_back_as_it_was_recorded(memory, flushes, body):
    session = memory.sessions.create()
    turn = Turn(Prompt("hello"), model="m", endpoint="e", dialect="responses")
    memory.turns.begin(session, turn)
    request = SentRequest(
        "POST", "http://x/v1/responses", {"accept": "text/event-stream"}, body, "2026-11-22T00:00:00Z"
    )
    memory.tapes.record_request(turn.id, request)
    memory.tapes.record_head(turn.id, Head(200, {"content-type": "text/event-stream"}, 0.25, {"sent": 0.01}))
    for reads in flushes:
        memory.tapes.append_reads(turn.id, reads)
    memory.tapes.record_end(turn.id, TapeEnd(1.5, "eof", "done"))
    tape = memory.tapes.tape(turn.id)
    assert (tape.dialect, tape.model, tape.endpoint) == ("responses", "m", "e")
    assert tape.request == request
    assert tape.response == Head(200, {"content-type": "text/event-stream"}, 0.25, {"sent": 0.01})
    assert tape.reads == [read for reads in flushes for read in reads]
    assert tape.end == TapeEnd(1.5, "eof", "done")


def test_a_tape_that_grows_is_read_on_from_where_one_was(memory):
    turn, other = Turn(Prompt("hello")), Turn(Prompt("hello"))
    session = memory.sessions.create()
    memory.turns.begin(session, turn)
    memory.turns.begin(session, other)
    assert memory.tapes.tape_since(turn.id) == (Tape(), 0)
    memory.tapes.record_request(turn.id, SentRequest("POST", "http://x", {}, {"long": "x" * 5000}))
    memory.tapes.record_head(turn.id, Head(200, {}, 0.25))
    first, second, third = ([Read(at, bytes([number]))] for number, at in enumerate((0.1, 0.2, 0.3)))
    memory.tapes.append_reads(turn.id, first)
    memory.tapes.append_reads(other.id, second)
    memory.tapes.append_reads(turn.id, third)
    piece, row = memory.tapes.tape_since(turn.id)
    whole = memory.tapes.tape(turn.id)
    assert (piece.request, piece.response, piece.reads, piece.end) == (whole.request, whole.response, first, None)
    piece, row = memory.tapes.tape_since(turn.id, row)
    assert (piece.request, piece.response, piece.reads) == (None, whole.response, third)
    assert memory.tapes.tape_since(turn.id, row) == (Tape(response=whole.response), row)
    memory.tapes.append_reads(turn.id, second)
    memory.tapes.record_end(turn.id, TapeEnd(1.5, "eof"))
    piece, last = memory.tapes.tape_since(turn.id, row)
    assert (piece.reads, piece.end) == (second, TapeEnd(1.5, "eof"))
    assert last > row


def test_a_request_that_repeats_a_long_conversation_is_put_together_only_for_whoever_wants_it(memory, monkeypatch):
    monkeypatch.setattr(tape_table, "MANY_ENTRIES", 4)
    monkeypatch.setattr(sent, "_TOGETHER", 2)
    session, parent, said = memory.sessions.create(), None, []
    for number in range(9):
        said = [*said, {"role": "user", "content": f"{number} " * 200}]
        turn = Turn(Prompt("hello"), parent=parent)
        memory.turns.begin(session, turn)
        memory.tapes.record_request(
            turn.id, request := SentRequest("POST", "http://x", {}, {"model": "m", "messages": said})
        )
        parent = turn.id
        first = memory.tapes.tape_since(turn.id)[0].request
        assert first == (request if number < 4 else replace(request, body={"model": "m", "messages": None}))
        assert memory.tapes.request(turn.id) == request
    steps, count = memory.tapes.requesting(turn.id), 0
    with pytest.raises(StopIteration) as last:
        while True:
            next(steps)
            count += 1
    assert last.value.value == request
    assert count > 4
    assert memory.tapes.request("nobody.1") is None


def test_a_request_that_is_sent_again_starts_the_tape_over(memory):
    turn = Turn(Prompt("hello"))
    memory.turns.begin(memory.sessions.create(), turn, SentRequest("POST", "http://first", {}, {}))
    memory.tapes.record_head(turn.id, Head(500, {}))
    memory.tapes.append_reads(turn.id, [Read(0.1, b"oops")])
    first = SentRequest("POST", "http://first", {}, {"a": 1})
    attempt = FailedAttempt(first, Head(500, {}), [Read(0.1, b"oops")], TapeEnd(0.2, "refused", "busy"), 1.5)
    memory.tapes.record_request(turn.id, SentRequest("POST", "http://second", {}, {}), [attempt])
    tape = memory.tapes.tape(turn.id)
    assert tape.attempts == [attempt]
    assert memory.tapes.tape_since(turn.id)[0].attempts == [attempt]
    assert tape.request is not None
    assert (tape.request.url, tape.response, tape.reads) == ("http://second", None, [])


def test_lone_surrogates_are_replaced_and_never_refused(memory):
    session = memory.sessions.create("title \ud800")
    turn = Turn(Prompt("a\ud800b" + "\udc00" * 2000), model="m\udfff")
    memory.turns.begin(session, turn)
    turn.apply(d.TextDelta("reply \ud83d"))
    turn.apply(d.EchoDelta("k\ud800", ["\ud800"]))
    turn.end(TurnState.COMPLETE)
    memory.turns.end(turn)
    memory.prompts.add_history("\ud800")
    memory.prompts.save_draft(session, "\ud800")
    saved = memory.turns.read(turn.id)
    assert saved.opening == Prompt("a\ufffdb" + "\ufffd" * 2000)
    assert (saved.text, saved.model, saved.echo) == ("reply \ufffd", "m\ufffd", {"k\ufffd": ["\ufffd"]})
    assert memory.prompts.draft(session) == memory.prompts.history(1)[0] == "\ufffd"


def test_headers_that_let_someone_in_are_not_written(memory):
    turn = Turn(Prompt("hello"))
    headers = {"Authorization": "Bearer sk-x", "x-api-key": "k", "cookie": "c", "accept": "*/*"}
    memory.turns.begin(memory.sessions.create(), turn, SentRequest("POST", "http://x", headers, {}))
    memory.tapes.record_head(turn.id, Head(200, {"set-cookie": "c", "server": "s"}))
    tape = memory.tapes.tape(turn.id)
    assert tape.request is not None
    assert tape.response is not None
    assert (tape.request.headers, tape.response.headers) == ({"accept": "*/*"}, {"server": "s"})


def test_several_messages_are_told_apart_and_joined_as_one_text():
    turn = Turn(Prompt("hi"))
    turn.apply(d.TextDelta("I look."))
    turn.apply(d.TextDelta("It is "))
    turn.apply(d.TextDelta("cold.", 1, message=1))
    turn.apply(d.TextDelta(" Very.", 2, message=1))
    assert turn.texts == ["I look.It is ", "cold. Very."]
    assert (turn.text, turn.prose) == ("I look.It is cold. Very.", "I look.It is \n\ncold. Very.")
    back = Turn(Prompt("hi"))
    restore_reply(back, TurnState.COMPLETE, json.loads(json.dumps(reply_record(turn))))
    assert (back.texts, back.text) == (turn.texts, turn.text)
