"""What was recorded is played to any client, as it was, in every dialect, and with faults on request."""

import asyncio
import json
import socket

import pytest

from tests.chat.test_check import GOOD, taped
from tests.chat.test_export_tape import SPOKEN, recorded
from tests.conformance.compare import differences
from tests.exported import as_sse
from tui.chat.check import check
from tui.chat.fold import fold
from tui.chat.foreign_tape import tapes_of
from tui.chat.replies import exhaust
from tui.chat.serving.faults import FAULTS, parse_faults
from tui.chat.serving.playing import Player, named_takes
from tui.domain.error import ConfigError
from tui.domain.tape import SentRequest
from tui.domain.turn import Prompt, Turn, TurnState
from tui.domain.turn_record import turn_record
from tui.net.http_server import Asked, Server
from tui.page.framing import Framing
from tui.wire.dialect import dialect_named


@pytest.fixture
async def serve():
    """Serves tapes by their names; returns the base URL."""
    servers = []

    async def start(*tapes, **how):
        named = [tape if isinstance(tape, tuple) else ("one", tape) for tape in tapes]
        lines = []
        server = Server(Player(list(named_takes(named)), **{"speed": 0, **how}).answer, lines.append)
        await server.open()
        servers.append(server)
        return f"http://127.0.0.1:{server.port}/v1"

    yield start
    for server in servers:
        await server.close()


def frames_of(tape):
    framing = Framing(tape.response)
    frames = []
    try:
        for read in tape.reads:
            frames += framing.feed(read.data)
        last = framing.close()
    except Exception as error:
        return frames, type(error).__name__
    return [*frames, *([last] if last else [])], framing.body_start


@pytest.mark.parametrize("case", SPOKEN, ids=[case["name"] for case in SPOKEN])
async def test_a_recording_that_is_served_is_recorded_with_equal_frames(case, serve, ask):
    tape = recorded(case)
    body = {"max_tokens": case["token_limit"]} if "token_limit" in case else {}
    conversation = ask(await serve(tape), case["dialect"], body=body, model="m")
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    assert differences({**case["expect"]}, turn_record(turn)) == []
    again = conversation.replies.tape(turn)
    assert again.response.status == tape.response.status
    done = frames_of(again)
    whole = frames_of(tape)
    # What comes after the end of a reply is not read, here and in the field.
    assert done[0] == whole[0][: len(done[0])]
    if turn.state is TurnState.COMPLETE or len(done[0]) == len(whole[0]):
        assert done[1] == whole[1] or len(done[0]) < len(whole[0])
    conversation2 = ask(await serve(again), case["dialect"], body=body, model="m")
    second = conversation2.say("hi")
    await exhaust(conversation2.replies.stream(second))
    assert frames_of(conversation2.replies.tape(second)) == done


RETOLD = [case for case in SPOKEN if case["expect"].get("error", 0) is None]


@pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
@pytest.mark.parametrize("case", RETOLD, ids=[case["name"] for case in RETOLD])
async def test_a_reply_is_told_in_every_dialect_that_has_words_for_it(case, dialect, serve, ask):
    if dialect == case["dialect"]:
        pytest.skip("its own")
    tape = recorded(case)
    was = fold(tape, Turn(Prompt(""), dialect=tape.dialect))
    conversation = ask(await serve(tape), dialect, model="m")
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    if turn.error is not None and "has no word" in turn.error.message or "have no word" in str(turn.error):
        assert was.images or was.server_tools or was.refusal or was.is_cut or turn.error.status == 501
        return
    if turn.error is not None and turn.error.status == 501:
        return
    assert (turn.error, turn.text, turn.refusal) == (None, was.text, was.refusal)
    assert turn.thoughts.text == was.thoughts.text
    assert [(call.name, call.arguments or "{}") for call in turn.tool_calls] == [
        (call.name, call.arguments or "{}") for call in was.tool_calls
    ]
    assert turn.is_cut == was.is_cut
    wrong = {finding.code for finding in check(conversation.replies.tape(turn)) if finding.is_wrong}
    assert wrong <= {
        "cut",
        "no-text",
        "arguments",
        "schema",
        "written-call",
        "buffered",
        "no-usage",
        "repeated-frame",
        "usage",
        "call-no-name",
    }


@pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
async def test_a_request_without_stream_has_the_reply_in_one_piece(dialect, serve, ask):
    conversation = ask(await serve(taped(GOOD)), dialect, model="grok-4", body={"stream": False})
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    assert (turn.error, turn.text, turn.usage.output) == (None, "Hello you.", 3)
    assert conversation.replies.tape(turn).response.headers["content-type"] == "application/json"


async def text_of(conversation, prompt="hi"):
    turn = conversation.say(prompt)
    await exhaust(conversation.replies.stream(turn))
    return turn.text


def prompted(words, prompt, model="grok-4"):
    tape = taped([frame.replace("Hello", words) for frame in GOOD], model=model)
    body = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    tape.sent(SentRequest("POST", "https://api.x.ai/v1/chat/completions", {}, body))
    again = taped([frame.replace("Hello", words) for frame in GOOD], model=model)
    again.request = tape.request
    return again


async def test_a_tape_is_chosen_by_model_then_by_prompt_then_in_turn(serve, ask):
    url = await serve(
        ("a", prompted("A", "one")),
        ("b", prompted("B", "two")),
        ("c", prompted("C", "x", "m2")),
        ("d", taped(GOOD, model="")),
    )
    asked = ask(url, model="grok-4")
    assert [await text_of(asked, prompt) for prompt in ("two", "one", "two")] == ["B you.", "A you.", "B you."]
    assert [await text_of(asked, "what else?") for _ in range(3)] == ["A you.", "B you.", "A you."]
    assert await text_of(ask(url, model="m2"), "anything") == "C you."
    assert await text_of(ask(url, model="d"), "anything") == "Hello you."


async def test_a_tape_is_played_at_its_own_pace(serve, ask):
    """What comes while the machine is busy with something else may be read together."""
    conversation = ask(await serve(taped(GOOD, pace=0.2), speed=1.0), model="grok-4")
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    assert turn.timing.latency > 0.09
    assert turn.timing.duration > 1.0
    gaps = [read.at for read in conversation.replies.tape(turn).reads]
    assert 1 < len(gaps) <= len(GOOD)
    assert gaps[-1] - gaps[0] > 0.3


BREAKS = {
    "cut=2": ("Hello you", "transport", TurnState.FAILED),
    "close=2": ("Hello you", "truncated", TurnState.TRUNCATED),
    "reset=1": ("Hello", "transport", TurnState.FAILED),
    "no-answer": ("", "transport", TurnState.FAILED),
    "401": ("", "auth", TurnState.FAILED),
    "status=404": ("", "not_found", TurnState.FAILED),
    "error=2": ("Hello you", "stream", TurnState.FAILED),
    "no-finish,no-done": ("Hello you.", "truncated", TurnState.TRUNCATED),
    "garbage=1": ("Hello", "protocol", TurnState.FAILED),
    "html": ("", "protocol", TurnState.FAILED),
    "gzip-cut": (None, None, TurnState.TRUNCATED),
}
HARMLESS = [
    "bytes",
    "bytes=7",
    "at-once",
    "bursts=0.05",
    "gzip",
    "no-done",
    "crlf",
    "bom",
    "media-type",
    "late=0.05",
    "keep-alives",
    "no-usage",
    "pause=0.05",
]


@pytest.mark.parametrize("fault", BREAKS)
async def test_a_fault_ends_a_reply_as_it_says(fault, serve, ask):
    text, kind, state = BREAKS[fault]
    conversation = ask(await serve(taped(GOOD), faults=parse_faults([fault])), model="grok-4")
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    assert turn.state is state, turn.error
    if text is not None:
        assert (turn.text, turn.error.kind) == (text, kind)


@pytest.mark.parametrize("fault", HARMLESS)
async def test_a_fault_that_harms_no_good_client(fault, serve, ask):
    url = (await serve(taped(GOOD))).removesuffix("/v1")
    conversation = ask(f"{url}/fault/{fault}/v1", model="grok-4")
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    assert (turn.error, turn.text) == (None, "Hello you.")


async def test_frames_are_left_out_and_said_twice(serve, ask):
    url = await serve(taped(GOOD), faults=parse_faults(["drop=2"]))
    assert await text_of(ask(url, model="grok-4")) == "Hello."
    url = await serve(taped(GOOD), faults=parse_faults(["repeat=2"]))
    assert await text_of(ask(url, model="grok-4")) == "Hello you you."


async def test_a_fault_strikes_the_first_requests_only_and_retry_after_is_told(serve, ask, program):
    program.retries = 1
    conversation = ask(await serve(taped(GOOD), faults=parse_faults(["429=0"]), fault_times=1), model="grok-4")
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    assert (turn.error, turn.text) == (None, "Hello you.")


async def test_a_stall_lasts_until_the_client_hangs_up(serve):
    url = await serve(taped(GOOD), faults=parse_faults(["stall=1"]))
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].split("/")[0]))
    body = json.dumps({"model": "grok-4", "messages": [], "stream": True}).encode()
    writer.write(
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    data = b""
    while b"Hello" not in data:
        data += await reader.read(1000)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1000), 0.2)
    writer.close()


async def asked(url, head):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].split("/")[0]))
    writer.write(head.removesuffix(b"\r\n") + b"Connection: close\r\n\r\n")
    data = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    return data


async def test_what_is_not_there_is_told_with_what_is(serve):
    url = await serve(taped(GOOD))
    data = await asked(url, b"GET /v1/nothing HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n")
    assert data.startswith(b"HTTP/1.1 404 ")
    assert b"POST /v1/chat/completions" in data
    models = await asked(url, b"GET /v1/models HTTP/1.1\r\nHost: localhost:1\r\n\r\n")
    assert b'"grok-4"' in models


async def test_a_page_of_another_host_gets_nothing(serve):
    data = await asked(await serve(taped(GOOD)), b"GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    assert data.startswith(b"HTTP/1.1 403 ")
    assert b"grok-4" not in data


async def test_a_raw_stream_is_served_a_frame_at_a_time(serve, ask):
    (tape,) = tapes_of(as_sse(taped(GOOD)), "it.sse")
    assert await text_of(ask(await serve(("it", tape)), model="it")) == "Hello you."


async def test_nobody_but_this_machine_can_ask(serve):
    port = int((await serve(taped(GOOD))).split(":")[2].split("/")[0])
    with socket.socket() as other:
        other.settimeout(1)
        own = socket.gethostbyname(socket.gethostname())
        if own.startswith("127."):
            pytest.skip("this machine has no other address")
        assert other.connect_ex((own, port)) != 0


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("cutt=3", "Did you mean “cut”?"),
        ("gzip=3", "takes no number"),
        ("cut=x", "is no number"),
        ("cut=-1", "is no number"),
    ],
)
def test_a_fault_that_is_not_there_is_told(word, words):
    with pytest.raises(ConfigError) as raised:
        parse_faults([word])
    assert words in raised.value.in_full


REFUSED = {"chat": "rate_limit_exceeded", "responses": "rate_limit_exceeded", "messages": "rate_limit_error"}
FAILED = {
    "chat": b'data: {"error":{"message":"failed, as asked for"',
    "responses": b'event: error\ndata: {"type":"error","sequence_number":0,"code":"server_error"',
    "messages": b'event: error\ndata: {"type":"error","error":{"type":"api_error"',
}


@pytest.mark.parametrize("dialect", REFUSED)
async def test_a_refusal_and_an_error_are_told_in_the_dialect_that_was_asked_in(dialect, serve):
    url = await serve(taped(GOOD))
    body = json.dumps({"model": "grok-4", "stream": True}).encode()
    path = dialect_named(dialect).path

    async def told(fault):
        head = f"POST /fault/{fault}/v1{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].split("/")[0]))
        writer.write(head.encode() + body)
        data = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        return data

    refused = await told("429=7")
    assert refused.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
    assert b"retry-after: 7\r\n" in refused
    assert REFUSED[dialect].encode() in refused
    failed = await told("error=2")
    assert FAILED[dialect] in failed
    assert failed.endswith(b"}\n\n\r\n0\r\n\r\n"), "an endpoint says nothing after its error"
    assert b"[DONE]" not in failed


async def test_the_log_names_the_faults_that_struck():
    player = Player(list(named_takes([("one", taped(GOOD))])), faults=parse_faults(["429=3", "gzip"]))
    answer = player.answer(Asked("POST", "/v1/chat/completions", {}, {"model": "grok-4", "stream": True}))
    assert answer.note == "one: 6 reads, 429=3, gzip"


async def test_a_frame_that_is_there_for_the_usage_alone_is_left_out_with_it(serve, ask):
    told = [*GOOD[:-2], 'data: {"id": "c", "choices": [], "usage": {"prompt_tokens": 9}}\n\n', GOOD[-1]]
    conversation = ask(await serve(taped(told), faults=parse_faults(["no-usage"])), model="grok-4")
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    frames = b"".join(read.data for read in conversation.replies.tape(turn).reads)
    assert (turn.text, turn.usage, frames.count(b"data:")) == ("Hello you.", None, len(told) - 1)


async def test_messages_begin_with_the_tokens_that_were_sent(serve, ask):
    conversation = ask(await serve(taped(GOOD)), "messages", model="grok-4")
    turn = conversation.say("hi")
    await exhaust(conversation.replies.stream(turn))
    first = conversation.replies.tape(turn).reads[0].data
    assert b'"usage":{"input_tokens":9,' in first
    assert (turn.usage.input, turn.usage.output) == (9, 3)


def test_every_fault_is_tried():
    tried = {part.partition("=")[0] for words in (*BREAKS, *HARMLESS) for part in words.split(",")}
    assert set(FAULTS) - tried == {"stall", "429", "500", "503", "drop", "repeat"}
