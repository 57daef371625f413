"""Tapes survive their file form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.tape import ATTEMPT_BYTES, Head, Read, SentRequest, Tape, TapeEnd, pack_bytes, unpack_bytes


@given(st.binary(max_size=200))
def test_bytes_survive_packing(data: bytes) -> None:
    assert unpack_bytes(pack_bytes(data)) == data


@given(st.lists(st.tuples(st.integers(0, 10**9), st.binary(max_size=50)), max_size=8))
def test_a_tape_survives_its_file_form(reads: list[tuple[int, bytes]]) -> None:
    tape = Tape("chat", "grok-4", "xai")
    tape.sent(
        SentRequest("POST", "https://api.x.ai/v1/chat/completions", {"accept": "*/*"}, {"model": "grok-4"}, "2026")
    )
    tape.head(Head(200, {"content-type": "text/event-stream"}, 0.25))
    for micro, data in reads:
        tape.read(Read(micro / 1_000_000, data))
    tape.ended(TapeEnd(2.5, "eof"))
    assert Tape.from_lines(tape.lines()) == tape


def test_a_tape_that_was_cut_is_read_as_far_as_it_goes() -> None:
    tape = Tape("chat", "m", "e")
    tape.read(Read(0.1, b"data: 1\n\n"))
    assert Tape.from_lines(list(tape.lines())[:2]).reads == tape.reads


def test_attempts_before_the_request_survive_the_file_form() -> None:
    tape = Tape("chat", "m", "e")
    tape.sent(SentRequest("POST", "http://x/v1", {}, {"model": "m", "top_k": 1}, "2026"))
    tape.head(Head(400, {"content-type": "application/json"}, 0.2))
    tape.read(Read(0.25, b"no top_k" + b"!" * ATTEMPT_BYTES))
    tape.failed(TapeEnd(0.3, "refused", "no top_k"), 0.0)
    tape.sent(SentRequest("POST", "http://x/v1", {}, {"model": "m"}, "2026"))
    tape.failed(TapeEnd(2.0, "reset", "The connection broke."), 0.5)
    tape.sent(SentRequest("POST", "http://x/v1", {}, {"model": "m"}, "2026"))
    again = Tape.from_lines(tape.lines())
    assert again == tape
    first, second = again.attempts
    assert (first.request.body["top_k"], second.request.body) == (1, {"model": "m"})
    assert first.body.startswith(b"no top_k")
    assert len(first.body) == ATTEMPT_BYTES, "a body that goes on for ever does not stand on the tape"
    assert (second.response, second.lasted) == (None, 2.5)


@pytest.mark.parametrize("attempts", ["[{}]", '[{"request":{}}]', "1", '[{"request":{"method":"GET"},"wait":-1}]'])
def test_attempts_that_cannot_be_read_are_told_with_their_line(attempts: str) -> None:
    with pytest.raises(ValueError, match=r"^line 1: "):
        Tape.from_lines([f'{{"tape":1,"attempts":{attempts}}}'])


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", '{"tape":2}', '{"tape":1}\n{"at":0.1}', '{"tape":1}\n{"head":{"x":1}}']
)
def test_what_is_no_tape_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"^line \d"):
        Tape.from_lines(text.splitlines())


def test_sending_again_starts_the_tape_over() -> None:
    tape = Tape()
    tape.read(Read(0.1, b"x"))
    tape.sent(SentRequest("POST", "u", {}, {}))
    assert tape.reads == []


def test_the_stages_on_the_way_to_a_head_are_kept_where_they_are_known():
    tape = Tape("chat", "m", "e", SentRequest("POST", "http://127.0.0.1/v1", {}, {}))
    tape.response = Head(200, {}, 0.25, {"connected": 0.01, "sent": 0.02})
    assert Tape.from_lines(tape.lines()).response == tape.response
    tape.response = Head(200, {}, 0.25)
    assert "phases" not in "".join(tape.lines())
