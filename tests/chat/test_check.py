"""`rillet tape check`: each fault of a recorded stream is told, and a good one is not blamed."""

import json

import pytest

from tests.conformance.harness import CASES, head_of, reads_of
from tui.chat.check import check
from tui.cli.tape import check_lines
from tui.domain.tape import Head, Read, SentRequest, Tape, TapeEnd

SSE = {"content-type": "text/event-stream"}
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def chunk(content="", finish=None, **more):
    delta = {"content": content} if content else {}
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "c", "object": "chat.completion.chunk", "model": "grok-4", "choices": choices, **more}


def frames(*chunks, done=True):
    told = [f"data: {json.dumps(one, ensure_ascii=False)}\n\n" for one in chunks]
    return told + ["data: [DONE]\n\n"] * done


GOOD = frames(chunk("Hello"), chunk(" you"), chunk("."), chunk(finish="stop"), chunk(usage=USAGE))


def taped(
    pieces, *, headers=SSE, pace=0.1, status=200, dialect="chat", body=None, end="eof", message="", model="grok-4"
):
    request = SentRequest("POST", "https://api.x.ai/v1/chat/completions", {}, body or {"model": model}, "")
    tape = Tape(dialect, model, "xai", request, Head(status, headers, 0.05))
    for number, piece in enumerate(pieces):
        data = piece if isinstance(piece, bytes) else piece.encode()
        tape.read(Read(0.1 + number * pace, data))
    tape.ended(TapeEnd(0.2 + len(pieces) * pace, end, message))
    return tape


def response_events(*events):
    return [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events]


CREATED = {
    "type": "response.created",
    "sequence_number": 0,
    "response": {"id": "r", "model": "grok-4", "status": "in_progress", "output": []},
}
COMPLETED = {
    "type": "response.completed",
    "sequence_number": 1,
    "response": {
        "id": "r",
        "model": "grok-4",
        "status": "completed",
        "output": [],
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
    },
}
CALL = {
    "index": 0,
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": Paris}'},
}
SCHEMA = {
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "p", "schema": {"type": "object", "properties": {"age": {"type": "integer"}}}},
    }
}

WRONG = [
    ("no-finish", taped(frames(chunk("Hello"), done=False)), "no finish reason came: The reply ended before"),
    ("no-finish", taped(frames(chunk("Hello"), done=False), end="reset", message="the connection was reset"), "reset"),
    ("cut", taped(frames(chunk("Hello"), chunk(finish="length", usage=USAGE))), "cut at the token limit (“length”)"),
    ("no-done", taped(GOOD[:-1]), "[DONE] did not come"),
    (
        "buffered",
        taped(GOOD, pace=0.0005),
        "all 6 frames came within 2.5 ms: something between you and the endpoint is buffering",
    ),
    ("media-type", taped(GOOD, headers={"content-type": "application/json"}), "“application/json”"),
    (
        "no-usage",
        taped(frames(chunk("Hi"), chunk(finish="stop")), body={"stream_options": {"include_usage": True}}),
        "although it was asked for",
    ),
    (
        "arguments",
        taped(
            frames(
                {**chunk(), "choices": [{"index": 0, "delta": {"tool_calls": [CALL]}, "finish_reason": None}]},
                chunk(finish="tool_calls", usage=USAGE),
            )
        ),
        "the arguments of get_weather are not JSON: a value is missing",
    ),
    (
        "sequence",
        taped(response_events(CREATED, {**COMPLETED, "sequence_number": 7}), dialect="responses"),
        "event 7 came where 1 was due",
    ),
    ("bom", taped(["\ufeff" + GOOD[0], *GOOD[1:]]), "byte order mark"),
    ("error", taped(frames(chunk("Hi"), {"error": {"message": "overloaded"}}, done=False)), "overloaded"),
    (
        "no-stream",
        taped(
            [
                json.dumps(
                    {
                        "id": "c",
                        "model": "grok-4",
                        "choices": [
                            {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
                        ],
                        "usage": USAGE,
                    }
                )
            ],
            headers={"content-type": "application/json"},
        ),
        "in one piece",
    ),
    (
        "refused",
        taped(['{"error": {"message": "no credit"}}'], status=402, headers={"content-type": "application/json"}),
        "status 402",
    ),
    (
        "schema",
        taped(frames(chunk('{"age": "x"}'), chunk(finish="stop", usage=USAGE)), body=SCHEMA),
        "age: expected an integer",
    ),
    ("no-text", taped(frames(chunk(), chunk(finish="stop", usage=USAGE))), "no text came"),
    ("unframed", taped([*GOOD[:-1], "hello\n\n", GOOD[-1]]), "1 line belongs to no frame: “hello”"),
]

NOTEWORTHY = [
    ("between-words", taped(frames(chunk("I saw a "), chunk(finish="stop", usage=USAGE))), "ends with “I saw a”"),
    ("silence", taped(GOOD), "the longest silence was 0.100 s"),
    ("model", taped(GOOD, model="grok-latest"), "“grok-latest” was asked, and “grok-4” answered"),
    ("no-usage", taped(frames(chunk("Hi"), chunk(finish="stop"))), "no usage came"),
    (
        "unknown-event",
        taped(
            response_events(
                CREATED, {"type": "response.sparkle", "sequence_number": 1}, {**COMPLETED, "sequence_number": 2}
            ),
            dialect="responses",
        ),
        "response.sparkle",
    ),
    ("httpx-sse", taped(["\ufeff" + GOOD[0], *GOOD[1:]]), "lost the first event"),
    ("httpx-sse", taped(["id: 7\n" + GOOD[0], ": ping\n\n", *GOOD[1:]]), "1 empty event that is not in the stream"),
    ("httpx-sse", taped([*GOOD[:-1], "data: [DONE]"]), "dropped the last event, “[DONE]”"),
    (
        "httpx-sse",
        taped(
            frames(chunk("Füchse"), chunk(finish="stop", usage=USAGE)),
            headers={"content-type": "text/event-stream; charset=iso-8859-1"},
        ),
        "other text in 1 of 3 events, for it believes the charset “iso-8859-1”",
    ),
    ("httpx-sse", taped(GOOD, headers={"content-type": "text/plain"}), "refused the reply for its media type"),
]


@pytest.mark.parametrize(
    ("code", "tape", "words"), WRONG, ids=[f"{code}-{number}" for number, (code, *_) in enumerate(WRONG)]
)
def test_what_is_wrong_is_told_by_its_code_and_in_words(code, tape, words):
    found = {finding.code: finding for finding in check(tape)}
    assert code in found, found
    assert words in found[code].words
    assert found[code].is_wrong
    assert check_lines(tape)[1] == 1


@pytest.mark.parametrize(
    ("code", "tape", "words"), NOTEWORTHY, ids=[f"{code}-{number}" for number, (code, *_) in enumerate(NOTEWORTHY)]
)
def test_what_is_worth_knowing_is_told_and_blames_nobody(code, tape, words):
    found = [finding for finding in check(tape) if finding.code == code]
    assert any(words in finding.words for finding in found), found
    assert not any(finding.is_wrong for finding in found)


def test_a_good_stream_is_not_blamed():
    lines, code = check_lines(taped(GOOD))
    assert code == 0
    assert lines[-1].startswith("nothing is wrong: grok-4 at xai, chat, 6 reads")
    assert [line.split()[1] for line in lines[:-1]] == ["silence"]


def test_a_compressed_stream_is_opened_and_noted():
    import gzip

    tape = taped([gzip.compress("".join(GOOD).encode())], headers={**SSE, "content-encoding": "gzip"})
    found = {finding.code: finding.is_wrong for finding in check(tape)}
    assert found["compressed"] is False
    assert found["buffered"] is True
    assert "no-finish" not in found


def test_what_the_endpoint_said_cannot_drive_the_terminal():
    tape = taped([*frames(chunk("x", finish="stop", model="a\x1b[2Jb")), "\x1b]0;x\x07\n"], model="m\x1b[1m")
    lines, _ = check_lines(tape)
    assert not set("".join(lines)) & {"\x1b", "\x07"}


def test_a_request_that_was_never_answered_is_told():
    assert [finding.code for finding in check(Tape("chat", "m", "e"))] == ["no-answer"]


@pytest.mark.parametrize("case", [case for case in CASES if case["dialect"] != "sse"], ids=lambda case: case["name"])
def test_every_conformance_case_can_be_checked(case):
    tape = Tape(case["dialect"], "m", "e", None, head_of(case))
    for number, data in enumerate(reads_of(case)):
        tape.read(Read(number * 0.01, data))
    tape.ended(TapeEnd(9.0, case["body_end"] if case["body_end"] != "close" else "eof"))
    codes = {finding.code for finding in check(tape)}
    is_whole = case["expect"].get("error") is None and case["http"]["status"] < 300
    assert is_whole != bool(codes & {"no-finish", "error", "refused"})
