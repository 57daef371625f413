"""`rillet tape check`: each fault of a recorded stream is told, and a good one is not blamed."""

import gzip
import json

import pytest
from msgspec.structs import replace

from tests.conformance.harness import CASES, cut, head_of, reads_of
from tui.chat.check import check, rule_lines
from tui.chat.checking.checker import Checker
from tui.chat.checking.ending import check_ending
from tui.chat.checking.note import Notes
from tui.chat.checking.rule import RULES
from tui.cli.tape import check_lines
from tui.domain.delta import OddityDelta
from tui.domain.tape import Head, Read, SentRequest, Tape, TapeEnd
from tui.domain.turn import Prompt, Turn

SSE = {"content-type": "text/event-stream"}
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def chunk(content="", finish=None, **more):
    delta = {"content": content} if content else {}
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "c", "object": "chat.completion.chunk", "model": "grok-4", "choices": choices, **more}


def frames(*chunks, done=True):
    told = [f"data: {json.dumps(one, ensure_ascii=False)}\n\n" for one in chunks]
    return told + ["data: [DONE]\n\n"] * done


FIRST = {
    "id": "c",
    "object": "chat.completion.chunk",
    "model": "grok-4",
    "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hello"}, "finish_reason": None}],
}
GOOD = frames(FIRST, chunk(" you"), chunk("."), chunk(finish="stop"), chunk(usage=USAGE))


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
    ("silence", taped(GOOD), "the longest silence was 0.10 s"),
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


def call(**more):
    one = {"index": 0, "id": "call_1", "function": {"name": "look", "arguments": "{}"}, **more}
    return {**chunk(), "choices": [{"index": 0, "delta": {"tool_calls": [one]}, "finish_reason": None}]}


def whole(*chunks, **more):
    """A good reply around some chunks."""
    return taped(frames(FIRST, *chunks, chunk(finish="stop", usage=USAGE)), **more)


def timed(*ats, comments=(), text="data: x\n\n"):
    tape = taped([])
    pieces = [
        *((at, json.dumps(chunk("w ")).join(("data: ", "\n\n"))) for at in ats),
        *((at, ": ping\n\n") for at in comments),
    ]
    tape.reads = [Read(at, text.encode()) for at, text in sorted(pieces)]
    return tape


START = {
    "type": "message_start",
    "message": {"id": "m", "model": "claude", "content": [], "usage": {"input_tokens": 1}},
}
STOP = {"type": "message_stop"}


def opened(index=0, **block):
    return {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": "", **block}}


def said(text="Hi", index=0):
    return {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}}


def closed(index=0):
    return {"type": "content_block_stop", "index": index}


def stop(reason="end_turn", output=3):
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": output}}


def messages(*events):
    return taped(response_events(*events), dialect="messages", model="claude")


def responses(*events):
    return taped(response_events(*events), dialect="responses")


def item(index=0, kind="message", **more):
    return {"type": "response.output_item.added", "output_index": index, "item": {"type": kind, **more}}


LONG = "All of this was said before, word for word."
BROKEN = [
    ("no-answer", Tape("chat", "m", "e")),
    ("stopped", taped(GOOD[:2], end="stopped")),
    ("charset", taped(GOOD, headers={"content-type": "text/event-stream; charset=latin-1"})),
    ("content-length", taped(GOOD, headers={**SSE, "content-length": "9"})),
    ("cacheable", taped(GOOD, headers={**SSE, "cache-control": "public, max-age=60"})),
    ("compressed", taped([gzip.compress("".join(GOOD).encode())], headers={**SSE, "content-encoding": "gzip"})),
    (
        "split-char",
        taped(
            [
                GOOD[0],
                (frame := frames(chunk("ü"))[0].encode())[: frame.index(b"\xc3") + 1],
                frame[frame.index(b"\xc3") + 1 :],
            ]
        ),
    ),
    ("bad-utf8", taped([GOOD[0].encode().replace(b"Hello", b"H\xff")])),
    ("mixed-eol", taped([GOOD[0], GOOD[1].replace("\n", "\r\n"), *GOOD[2:]])),
    ("frame-split", taped([GOOD[0][:20], GOOD[0][20:], *GOOD[1:]])),
    ("not-json", taped([GOOD[0], "data: {oops\n\n"])),
    ("bad-frame", taped([GOOD[0], "data: 7\n\n", *GOOD[1:]])),
    ("empty-data", taped([GOOD[0], "data:\n\n", *GOOD[1:]])),
    ("large-frame", whole(chunk("x" * 70_000))),
    ("repeated-frame", whole(chunk(" Read it twice."), chunk(" Read it twice."))),
    ("last-frame", taped([*GOOD[:-1], "data: [DONE]"])),
    (
        "event-name",
        taped([f"event: other\ndata: {json.dumps(CREATED)}\n\n", *response_events(COMPLETED)], dialect="responses"),
    ),
    ("id-field", taped([f"id: 1\n{GOOD[0]}", *GOOD[1:]])),
    ("lone-surrogate", taped([GOOD[0].replace("Hello", "\\ud83d"), *GOOD[1:]])),
    ("unknown-field", whole({**chunk(" x"), "sparkle": 1})),
    ("no-type", taped(['data: {"a": 1}\n\n'], dialect="messages")),
    ("done-twice", taped([*GOOD, GOOD[-1]])),
    ("after-done", taped([*GOOD, GOOD[1]])),
    ("done-word", taped([*GOOD[:-1], "data: DONE\n\n"])),
    ("finish-early", whole(chunk(finish="stop"), chunk(" more"))),
    ("finish-twice", whole(chunk(finish="tool_calls"))),
    ("unknown-finish", taped(frames(FIRST, chunk(finish="sparkle", usage=USAGE)))),
    ("finish-mismatch", whole(call())),
    ("no-start", messages(opened(), said(), closed(), stop(), STOP)),
    ("block-order", messages(START, said(), closed(), stop(), STOP)),
    ("index-gap", messages(START, opened(2), said(index=2), closed(2), stop(), STOP)),
    ("id-changes", whole({**chunk(" x"), "id": "d"})),
    ("model-changes", whole({**chunk(" x"), "model": "grok-5"})),
    ("created-changes", whole({**chunk(" x"), "created": 1}, {**chunk(" y"), "created": 2})),
    ("reasoning-late", whole({**chunk(), "choices": [{"index": 0, "delta": {"reasoning_content": "hm"}}]})),
    ("no-role", taped(frames(chunk("Hi"), chunk(finish="stop", usage=USAGE)))),
    ("empty-choices", whole({**chunk(), "choices": []})),
    ("many-choices", whole({**chunk(), "choices": [{"index": 1, "delta": {"content": "x"}}]})),
    ("object-word", whole({**chunk(" x"), "object": "text_completion"})),
    (
        "delta-and-message",
        whole({**chunk(), "choices": [{"index": 0, "delta": {"content": "x"}, "message": {"content": "x"}}]}),
    ),
    (
        "repeated-text",
        taped(
            frames(
                {**FIRST, "choices": chunk(LONG[:20])["choices"]}, chunk(LONG[20:]), chunk(LONG), chunk(finish="stop")
            )
        ),
    ),
    ("one-delta", taped(frames({**FIRST, "choices": chunk(LONG * 4)["choices"]}, chunk(finish="stop", usage=USAGE)))),
    ("call-no-id", taped(frames(FIRST, call(id=None), chunk(finish="tool_calls", usage=USAGE)))),
    ("call-no-name", taped(frames(FIRST, call(function={"arguments": "{}"}), chunk(finish="tool_calls", usage=USAGE)))),
    ("call-id-twice", taped(frames(FIRST, call(), call(index=1), chunk(finish="tool_calls", usage=USAGE)))),
    ("usage", taped(frames(FIRST, chunk("x" * 900), chunk(finish="stop", usage={**USAGE, "completion_tokens": 3})))),
    ("usage-shrinks", whole({**chunk(" x"), "usage": {"completion_tokens": 9}})),
    (
        "unknown-part",
        messages(START, opened(type="sparkle"), closed(), opened(1), said(index=1), closed(1), stop(), STOP),
    ),
    (
        "text-replaced",
        responses(
            CREATED,
            item(),
            {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Hi"},
            {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "Ho"},
            COMPLETED,
        ),
    ),
    ("slow-start", timed(12.0, 12.1)),
    ("stall", timed(*(0.1 * number for number in range(1, 20)), 9.0, 9.1)),
    ("bursts", timed(*(0.4 * burst + 0.0002 * number for burst in range(1, 9) for number in range(6)))),
    ("keep-alives", timed(0.1, 20.0, comments=(5.0, 11.0, 16.0))),
    ("written-call", whole(chunk('<tool_call>{"name": "look", "arguments": {}}</tool_call>'))),
    ("late-break", taped(GOOD[:-1], end="reset", message="the connection was reset")),
    ("loop", taped([GOOD[0], *frames(*[chunk("again ")] * 6, done=False), *GOOD[2:]])),
    ("burst", taped([GOOD[0], "".join(frames(*[chunk(f"w{n} ") for n in range(45)], done=False)), *GOOD[2:]])),
    ("left-out", None),
]


@pytest.mark.parametrize(("code", "tape"), BROKEN, ids=[code for code, _ in BROKEN])
def test_each_rule_finds_what_it_is_for_and_says_what_clients_make_of_it(code, tape):
    if tape is None:  # it is told by the exchange that was live, and on no tape
        turn = Turn(Prompt("hi"))
        turn.apply(OddityDelta("left out", "m does not take include"))
        notes = Notes()
        check_ending(turn, None, "m", notes)
        found = {finding.code: finding for finding in notes.findings}
    else:
        found = {finding.code: finding for finding in check(tape)}
    assert code in found, found
    assert found[code].effect


def test_a_silence_after_frames_that_came_at_once_is_not_held_against_a_gap_of_nothing():
    found = {finding.code: finding.words for finding in check(timed(*[0.1] * 12, 4.1))}
    assert found["stall"] == "4.0 s passed before frame 13, where the ones before came at once"


def test_frames_between_bursts_are_not_counted_as_bursts():
    ats = [0.1, *(0.4 * burst + 0.0002 * number for burst in range(1, 9) for number in range(6)), 3.6, 4.0]
    (found,) = (finding for finding in check(timed(*ats)) if finding.code == "bursts")
    assert found.words == "8 bursts of some 6 frames came, one every 0.40 s"


def test_every_rule_is_tried():
    assert {code for code, *_ in (*WRONG, *NOTEWORTHY, *BROKEN)} == set(RULES)
    assert len(RULES) >= 40


def test_the_rules_are_told_with_what_clients_make_of_them():
    lines = "\n".join(rule_lines())
    for code, rule in RULES.items():
        assert code in lines
        assert rule.words in lines
        assert rule.effect in lines


def test_a_frame_that_is_odd_is_marked_while_the_reply_comes():
    tape = taped([GOOD[0], GOOD[1], GOOD[1].replace('"c"', '"d"'), *GOOD[2:]])
    checker = Checker(tape.dialect, tape.request, tape.model)
    checker.head(tape.response)
    for read in tape.reads[:3]:
        checker.read(read)
    assert checker.marks == {2: ["id-changes"]}
    assert [(finding.code, finding.frame) for finding in checker.findings] == [("id-changes", 2)]


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize("case", [case for case in CASES if case["dialect"] != "sse"], ids=lambda case: case["name"])
def test_however_the_bytes_are_cut_the_frames_are_judged_alike(case, size):
    def codes(reads):
        tape = Tape(case["dialect"], "m", "e", None, head_of(case))
        tape.reads = [Read(0.1, data) for data in reads]
        tape.ended(TapeEnd(9.0, case["body_end"]))
        of_reads = {"frame-split", "split-char", "silence", "buffered"}
        return {finding.code for finding in check(tape)} - of_reads

    body = b"".join(reads_of(case))
    assert codes(cut(body, size)) == codes([body])


def test_a_quick_server_is_no_proxy_that_holds_back():
    tape = taped(GOOD, pace=0.0005)
    tape.reads = [Read(read.at - 0.09, read.data) for read in tape.reads]
    assert "buffered" not in {finding.code for finding in check(tape)}


def test_a_word_that_a_model_says_twice_is_no_fault():
    codes = {finding.code for finding in check(whole(chunk(" ha"), chunk(" ha"), chunk(" ha")))}
    assert codes == {"silence"}


def test_how_far_the_prompt_is_read_is_no_unknown_field():
    told = {**chunk(" x"), "prompt_progress": {"total": 9, "cache": 0, "processed": 4, "time_ms": 1}}
    assert not [finding for finding in check(whole(told)) if finding.code == "unknown-field"]


def test_a_good_stream_is_not_blamed():
    lines, code = check_lines(taped(GOOD))
    assert code == 0
    assert lines[-1].startswith("nothing is wrong: grok-4 at xai, chat, 6 reads")
    assert [line.split()[1] for line in lines[:-1]] == ["silence"]


def test_a_compressed_stream_is_opened_and_noted():
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


@pytest.mark.parametrize(
    "tape",
    [
        taped([*GOOD[:3], "data: {oops\n\n"], end="refused", message="not JSON"),
        taped([*GOOD[:3], 'data: {"error": {"message": "overloaded"}}\n\n']),
        taped(GOOD[:3], end="stopped"),
    ],
    ids=["not JSON", "an error", "stopped"],
)
def test_of_a_stream_that_was_not_read_to_its_end_nobody_says_that_done_is_missing(tape):
    codes = {finding.code for finding in check(tape)}
    assert codes & {"not-json", "error", "stopped"}
    assert "no-done" not in codes


def test_of_a_raw_stream_without_times_nobody_says_that_it_came_in_one_read():
    pieces = frames(*(chunk("word ") for _ in range(60)), chunk(finish="stop", usage=USAGE))
    raw = replace(taped(GOOD), reads=[Read(0.0, pieces[0].encode()), Read(0.0, "".join(pieces[1:]).encode())])
    assert "burst" not in {finding.code for finding in check(raw)}
    timed = replace(raw, reads=[replace(read, at=0.2) for read in raw.reads])
    assert "burst" in {finding.code for finding in check(timed)}
