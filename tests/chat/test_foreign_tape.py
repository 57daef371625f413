"""Exchanges from files of any kind: what was exported is read back, and what is broken is told with its place."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.chat.test_check import GOOD, taped
from tests.chat.test_export_tape import SPOKEN, recorded
from tests.exported import as_har, as_sse
from tests.page.test_wire_rows import frame
from tui.chat import foreign_tape, har_entries
from tui.chat import har as har_module
from tui.chat.check import check
from tui.chat.export_tape import opened_reads
from tui.chat.fold import fold
from tui.chat.foreign_tape import named_tapes, read_tapes, tapes_of
from tui.chat.har import cut_at_frames, har_tapes
from tui.domain.error import ConfigError
from tui.domain.tape import LongReads, Read, TapeEnd
from tui.domain.turn import Prompt, Turn
from tui.domain.turn_record import turn_record

POSTED = {"postData": {"text": '{"model": "m", "messages": [{"role": "user", "content": "hi"}]}'}}
BODY = "".join(GOOD)


def entry(**response):
    return {
        "startedDateTime": "2026-01-02T03:04:05Z",
        "time": 1000,
        "request": {
            "method": "POST",
            "url": "https://api.x.ai/v1/chat/completions",
            "headers": [{"name": ":authority", "value": "x"}, {"name": "Authorization", "value": "Bearer s3cr3t"}],
            **POSTED,
        },
        "response": {
            "status": 200,
            "headers": [],
            "content": {"mimeType": "text/event-stream", "text": BODY},
            **response,
        },
        "timings": {"blocked": -1, "send": 1, "wait": 399, "receive": 600},
    }


PICTURE = {"method": "GET", "url": "https://x.ai/a.png", "headers": []}


def without_bodies():
    """An entry as it is saved without bodies: neither what was asked nor what came."""
    made = entry(content={"size": 0, "mimeType": "text/event-stream"})
    del made["request"]["postData"]
    return made


def har(*entries):
    return json.dumps({"log": {"version": "1.2", "entries": list(entries)}}).encode()


def told(tape):
    record = turn_record(fold(tape, Turn(Prompt(""), dialect=tape.dialect)))
    record["error"] = record["error"] and {**record["error"], "message": "", "hint": ""}
    return {key: value for key, value in record.items() if key != "timing"}


@pytest.mark.parametrize("case", SPOKEN, ids=[case["name"] for case in SPOKEN])
def test_an_archive_that_rillet_wrote_holds_the_same_exchange(case):
    tape = recorded(case, 7)
    (again,) = har_tapes(as_har([tape]).encode(), "one.har")
    assert (again.dialect, again.model, again.endpoint) == (tape.dialect, tape.model, tape.endpoint)
    assert again.request == tape.request
    assert again.reads == list(opened_reads(tape, tape.response))
    assert (again.end, again.response.at) == (tape.end, tape.response.at)
    if "content-encoding" not in tape.response.headers:
        assert told(again) == told(tape)


def test_an_archive_of_a_browser_is_an_exchange_with_the_pace_it_can_have_had():
    picture = entry()
    picture["request"] = PICTURE
    (tape,) = har_tapes(har(picture, entry()), "one.har")
    assert (tape.dialect, tape.model, tape.endpoint) == ("chat", "m", "api.x.ai")
    assert tape.request.headers == {}
    assert tape.response.at == 0.4
    assert [read.data.decode() for read in tape.reads] == GOOD
    assert [read.at for read in tape.reads] == [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert told(tape)["text"] == "Hello you."


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "is not a HAR"),
        (b'{"log": 1}', "no log.entries"),
        (b'{"log": {"entries": {}}}', "no log.entries"),
        (har(), "holds no exchange with a model: it has no entries"),
        (har(without_bodies(), without_bodies()), "saved without bodies"),
        (har({**without_bodies(), "request": PICTURE}), "holds no exchange with a model: its one entry is none"),
        (har(*[{**without_bodies(), "request": PICTURE}] * 2), "none of its 2 entries is one"),
        (har(7), "entry 1 cannot be read: it is no object"),
        (har(entry(), 7), "entry 2 cannot be read: it is no object"),
        (har(entry())[:300], "it ends at byte 300, within entry 1"),
        (har(entry())[:-1], "it ends at byte"),
        (har(entry()) + b"}", "a bracket too many at byte"),
        (b'{"log": {"entries": [{"request": {"url": tru}}]}}', "entry 1 cannot be read"),
        (har(entry(), {"request": {}}), "entry 2 cannot be read"),
        (har(entry(status="no")), "entry 1 cannot be read"),
        (har(entry(content={"size": 99})), "saved without bodies"),
        (har(entry(headers=[{}])), "'name' is missing"),
        (har({**entry(), "time": "x"}), "entry 1 cannot be read"),
        (b'{"log":' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_broken_archive_is_told_with_its_place(data, words):
    with pytest.raises(ConfigError, match="one.har") as raised:
        list(har_tapes(data, "one.har"))
    assert words in raised.value.message


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_archive_is_read_entry_by_entry_however_its_bytes_come(size, monkeypatch):
    monkeypatch.setattr(har_entries, "PIECE_BYTES", size)
    odd = entry(content={"mimeType": "text/event-stream", "text": 'data: {"a": "\\"}]\\\\"}\n\n\u00e4 \ud800'})
    log = {"creator": {"entries": [{}]}, "entries": [entry(), odd, entry()], "pages": [{"entries": [7]}]}
    data = b"\xef\xbb\xbf" + json.dumps({"log": log}, indent=1).encode()
    assert list(har_entries.entries_of(io.BytesIO(data).read, "x")) == log["entries"]
    monkeypatch.setattr(har_entries, "MOST_ENTRY_BYTES", 500)
    with pytest.raises(ConfigError, match="x: entry 1 is larger than 500 B"):
        list(har_entries.entries_of(io.BytesIO(data).read, "x"))


def test_long_files_are_not_held_and_say_the_same(tmp_path, monkeypatch):
    reads = [Read(0.1 + number / 100, frame(f"w{number} ")) for number in range(3000)]
    whole = replace(taped(GOOD), reads=reads, end=TapeEnd(99.0, "eof"))
    (tmp_path / "a.tape").write_text("".join(line + "\n" for line in whole.lines()))
    (tmp_path / "b.har").write_text(as_har([whole, replace(whole, model="other")]))
    (tmp_path / "c.sse").write_bytes(as_sse(whole))
    held = read_tapes(tmp_path)
    monkeypatch.setattr(foreign_tape, "LONG_BYTES", 1000)
    monkeypatch.setattr(har_module, "SPOOLED_BYTES", 1000)
    long = read_tapes(tmp_path)
    for one, other in zip(held, long, strict=True):
        assert isinstance(other.reads, LongReads)
        assert [*other.reads] == [*one.reads]
        assert (len(other.reads), other.reads[-1], other.reads[700:703]) == (
            len(one.reads),
            one.reads[-1],
            one.reads[700:703],
        )
        assert replace(other, reads=[]) == replace(one, reads=[])
        assert check(other) == check(one)
    with (tmp_path / "a.tape").open("a") as file:
        file.write("{}\n")
    with pytest.raises(ConfigError, match=r"a\.tape is broken at byte"):
        read_tapes(tmp_path / "a.tape")


def test_a_raw_stream_is_a_tape_without_a_request():
    (tape,) = tapes_of(as_sse(taped(GOOD)), "it")
    assert (tape.dialect, told(tape)["text"], tape.request) == ("chat", "Hello you.", None)


@pytest.mark.parametrize(("data", "words"), [(b"", "is empty"), (b" \n", "is empty"), (b"hi\x1b\n", "line 1 is “hi")])
def test_what_is_no_stream_is_told(data, words):
    with pytest.raises(ConfigError) as raised:
        tapes_of(data, "it")
    assert words in raised.value.message
    assert "\x1b" not in raised.value.message


def test_a_folder_holds_the_exchanges_of_its_files(tmp_path):
    (tmp_path / "b.sse").write_bytes(as_sse(taped(GOOD)))
    (tmp_path / "a.tape").write_text("".join(line + "\n" for line in taped(GOOD, model="a\u2028b").lines()))
    (tmp_path / "c.har").write_bytes(har(entry(), entry()))
    (tmp_path / "notes.txt").write_text("no tape")
    (tmp_path / "more" / "deep").mkdir(parents=True)
    (tmp_path / "more" / "deep" / "d.sse").write_bytes(as_sse(taped(GOOD)))
    assert [tape.model for tape in read_tapes(tmp_path)] == ["a\u2028b", "grok-4", "m", "m", "grok-4"]
    assert [name for name, _ in named_tapes(tmp_path)] == ["a", "b", "c", "c", "more/deep/d"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="holds no tape"):
        read_tapes(tmp_path / "empty")


def test_a_body_is_cut_after_every_blank_line():
    assert cut_at_frames(b"a\n\nb\r\n\r\nc") == [b"a\n\n", b"b\r\n\r\n", b"c"]


@given(st.lists(st.sampled_from([b"a", b"\n", b"\n\n", b"data: x"])).map(b"".join))
def test_a_body_is_cut_behind_its_blank_lines_whatever_ends_them(data):
    pieces = cut_at_frames(data)
    assert b"".join(pieces) == data
    assert all(piece.endswith(b"\n\n") and piece.count(b"\n\n") == 1 for piece in pieces[:-1])
    assert [piece.replace(b"\n", b"\r\n") for piece in pieces] == cut_at_frames(data.replace(b"\n", b"\r\n"))


def test_a_long_body_of_one_piece_is_recognised_as_any(monkeypatch):
    body = {"object": "response", "id": "r", "output": [], "x": "y" * 100_000, "status": "completed"}
    asked = {"postData": {"text": '{"model": "m", "input": "hi"}'}}
    one = entry(content={"mimeType": "application/json", "text": json.dumps(body)})
    one["request"].update(url="https://llm.example.com/v1/any", **asked)
    (tape,) = har_tapes(har(one), "it.har")
    assert tape.dialect == "responses"
