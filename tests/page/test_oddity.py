"""What is odd about a stream is told at the row that it is about, by the very rules of `tape check`."""

import json

import pytest

from tests.chat.test_check import BROKEN, NOTEWORTHY, WRONG
from tests.conformance.harness import CASES, head_of, reads_of
from tests.ui.script import chunk, ending, tape, words
from tui.chat.check import check
from tui.chat.checking.rule import USUAL
from tui.chat.fold import fold
from tui.domain.tape import Head, Read, Tape, TapeEnd
from tui.domain.turn import Prompt, Turn
from tui.page.oddity import Oddity
from tui.page.wire_log import WireLog


def read_log(made):
    """The wire log of a tape with its turn, read to its end."""
    turn = fold(made, Turn(Prompt("hi"), dialect=made.dialect or "chat", model=made.model))

    def tape_since(row):
        piece = Tape(request=made.request, response=made.response, end=made.end, attempts=made.attempts)
        piece.reads = made.reads if not row else []
        return piece, len(made.reads)

    log = WireLog(tape_since, dialect=lambda: turn.dialect, turn=lambda: turn)
    while not log.advance(1.0, is_over=True):
        pass
    return log


def odd(made):
    return [(row.kind, oddity.code) for row in read_log(made).rows if row.odd for oddity in row.odd]


def spoken(*more):
    made = tape(
        (0.2, chunk({"role": "assistant", "content": ""})),
        *words("A b c d e f.", 0.3),
        *[(at, value if value == "[DONE]" else {"object": "chat.completion.chunk", **value}) for at, value in more],
    )
    made.end = TapeEnd(9.0, "eof")
    return made


TAPES = [each[1] for each in (*WRONG, *NOTEWORTHY, *BROKEN) if each[1] is not None]


@pytest.mark.parametrize("number", range(len(TAPES)))
def test_the_rows_are_judged_as_tape_check_judges(number):
    made = TAPES[number]
    if made.response is None:
        return
    log = read_log(made)
    told = [finding for finding in check(made) if finding.code != "httpx-sse"]
    if made.response.headers.get("content-encoding", "identity") == "identity":
        assert [finding.code for finding in log.odd.findings] == [finding.code for finding in told]
    assert log.odd.count == len([each for each in log.odd.findings if each.code not in USUAL])
    seen = {oddity.code for row in log.rows for oddity in row.odd}
    assert seen == {each.code for each in log.odd.findings} - USUAL


@pytest.mark.parametrize("case", [case for case in CASES if case["dialect"] != "sse"], ids=lambda case: case["name"])
def test_so_are_those_of_every_stream_of_the_corpus(case):
    made = Tape(case["dialect"], "m", "e", None, head_of(case), end=TapeEnd(9.0, case["body_end"]))
    made.reads = [Read(0.1 + number * 0.01, data) for number, data in enumerate(reads_of(case))]
    of_bytes = {"httpx-sse"}
    if made.response.headers.get("content-encoding"):
        of_bytes |= {"bom", "bad-utf8", "mixed-eol", "split-char", "frame-split", "id-field"}
    assert [finding.code for finding in read_log(made).odd.findings if finding.code not in of_bytes] == [
        finding.code for finding in check(made) if finding.code not in of_bytes
    ]


def test_a_stream_as_it_should_be_is_not_odd():
    assert odd(spoken(*ending(1.0))) == []


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (spoken(), [("eof", "no-done"), ("eof", "no-finish")]),
        (spoken(*ending(1.0)[:1], (1.1, "[DONE]")), [("eof", "no-usage")]),
        (spoken((0.9, {"choices": 7}), *ending(1.0)), [("empty", "bad-frame")]),
        (spoken(*[(0.6, chunk({"content": "again"}))] * 6, *ending(1.0)), [("text", "loop"), ("eof", "between-words")]),
    ],
)
def test_what_is_odd_is_told_where_it_is(made, found):
    assert odd(made) == found


def test_a_head_is_odd_at_its_row_and_a_burst_at_its_last():
    made = spoken(*ending(1.0))
    made.reads[3:3] = [
        Read(0.4, b"".join(b"data: " + json.dumps(chunk({"content": f"w{n}"})).encode() + b"\n\n" for n in range(60)))
    ]
    made.response = Head(200, {"content-type": "text/plain"}, 0.1)
    assert odd(made) == [("head 200", "media-type"), ("text", "burst")]


def test_each_is_explained():
    oddity = Oddity("index-gap", "call 3 came where 1 was due")
    assert oddity.words == "an index skips a number: call 3 came where 1 was due"
    assert oddity.advice.startswith("A client that appends to a list by index")
    assert Oddity("no-done", "[DONE] did not come: a client waits").words == "[DONE] did not come: a client waits"
