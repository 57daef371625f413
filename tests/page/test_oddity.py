"""What is odd about a stream is told at the row that it is about, with what a client makes of it."""

import json

import pytest

from tests.page.test_origin import read_log
from tests.ui.script import chunk, ending, tape, words
from tui.domain.tape import Head, Read, TapeEnd
from tui.page.oddity import EXPLAINED, OddityWatch


def odd(made):
    log = read_log(made, "chat")
    rows = [row for row in log.rows if row.odd]
    assert log.odd_count == len(rows)
    return [(row.kind, oddity.code) for row in rows for oddity in row.odd]


def spoken(*more):
    made = tape(*words("A b c d e f.", 0.3), *more)
    made.end = TapeEnd(9.0, "eof")
    return made


def test_a_stream_as_it_should_be_is_not_odd():
    assert odd(spoken(*ending(1.0))) == []


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (spoken(), [("eof", "no finish"), ("eof", "no done")]),
        (spoken(*ending(1.0)[:1], (1.1, "[DONE]")), [("eof", "no usage")]),
        (spoken((0.9, {"choices": 7}), *ending(1.0)), [("empty", "bad frame")]),
        (spoken(*[(0.6, chunk({"content": "again"}))] * 6, *ending(1.0)), [("text", "repeated text")]),
        (spoken(*ending(30.0)), [("finish", "silence")]),
    ],
)
def test_what_is_odd_is_told_where_it_is(made, found):
    assert odd(made) == found


def test_a_burst_a_cut_character_and_a_head_are_told():
    made = spoken(*ending(1.0))
    made.reads[0:0] = [
        Read(0.2, b"".join(b"data: " + json.dumps(chunk({"content": f"w{n}"})).encode() + b"\n\n" for n in range(60)))
    ]
    assert ("text", "burst") in odd(made)
    whole = b"data: " + json.dumps(chunk({"content": "é"}), ensure_ascii=False).encode() + b"\n\n"
    at = whole.index("é".encode()) + 1
    made = spoken(*ending(1.0))
    made.reads[0:0] = [Read(0.2, whole[:at]), Read(0.21, whole[at:])]
    assert odd(made) == [("text", "split character")]
    made.response = Head(200, {"content-type": "text/plain", "content-encoding": "gzip"})
    assert [each.code for each in OddityWatch(made.response).at_head] == ["media type", "compressed"]


def test_each_is_explained():
    assert all(words[0].isupper() and words.endswith(".") for words in EXPLAINED.values())
