"""When a request is sent again, how often, and after which wait."""

from __future__ import annotations

import asyncio
import email.utils
import json
import time
from contextlib import aclosing

import pytest

from tests.net.asking import KEY, SWIFT, ask, ask_scenario, endpoint_at, request_for
from tests.server import TEXT, Answer, End, FaultServer
from tests.server.good import say
from tests.server.scenario import stream
from tests.server.step import json_answer
from tui.domain.delta import LEFT_OUT, IdentityDelta, OddityDelta, RetryDelta
from tui.domain.endpoint import Endpoint
from tui.domain.error import BrokenError, ConnectError, RefusedError
from tui.domain.message import Message, TextPart
from tui.domain.request import Request
from tui.domain.tape import Head, Tape
from tui.domain.timing import Timing
from tui.net.exchange import exchange
from tui.net.retry import PAUSES, Pauses, asked_wait, backoff, describe_instant, may_retry
from tui.wire.dialect import dialect_named
from tui.wire.error_body import read_refusal

NOW = 1_770_000_000.0


def refused(status: int = 429, body: bytes = b"", **headers: str) -> RefusedError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_refusal(Head(status, named), body, secrets=())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20", 20.0),
        ("2.5", 2.5),
        ("1", 1.0),
        ("120", 120.0),
        ("121", 121.0),
        ("3600", 3600.0),
        ("0", None),
        ("-10", None),
        ("nan", None),
        ("inf", None),
        ("-inf", None),
        ("1e35", None),
        ("9" * 40, None),
        ("", None),
        (" ", None),
        ("soon", None),
        ("10 seconds", None),
        ("٣", None),
        (email.utils.formatdate(NOW + 20, usegmt=True), 20.0),
        (email.utils.formatdate(NOW + 400, usegmt=True), 400.0),
        (email.utils.formatdate(NOW - 20, usegmt=True), None),
        ("Fri, 29 Sep 2000 16:26:57 GMT", None),
        ("Fri, 99 Sep 2026 99:26:57 GMT", None),
        ("Zun, 29 Sep 2000 16:26:27 GMT", None),
        ("Fri, 01 Jan 100000 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_obeyed_where_it_makes_sense(value, expected):
    found = asked_wait(refused(retry_after=value), NOW)
    assert found == pytest.approx(expected) if expected else found is None


def test_milliseconds_are_asked_first():
    assert asked_wait(refused(retry_after_ms="250", retry_after="60"), NOW) == 0.25
    assert asked_wait(refused(retry_after_ms="soon", retry_after="60"), NOW) == 60.0


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, False), (401, False), (403, False), (404, False), (408, True), (409, True), (410, False), (413, False)]
    + [(422, False), (429, True), (500, True), (502, True), (503, True), (504, True), (529, True), (307, False)],
)
def test_some_statuses_are_worth_another_try(status, expected):
    assert may_retry(refused(status), {}) is expected


def test_the_endpoint_has_the_first_word():
    assert may_retry(refused(400), {"x-should-retry": "true"})
    assert not may_retry(refused(503), {"x-should-retry": "false"})
    assert may_retry(refused(503), {"x-should-retry": "perhaps"})


def test_waiting_does_not_bring_money():
    body = b'{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}'
    assert not may_retry(refused(429, body), {})
    assert not may_retry(refused(429, body), {"x-should-retry": "true"})


def test_the_wait_doubles_to_a_limit_less_a_quarter_at_most():
    for attempt, longest in ((1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (9, 8.0)):
        for _ in range(50):
            assert longest * 0.75 <= backoff(attempt, PAUSES) <= longest


def test_an_instant_in_words():
    assert describe_instant(0, NOW) == time.strftime("%H:%M", time.localtime(NOW))
    assert describe_instant(86400 * 3, NOW).startswith("2026-02-0")


@pytest.mark.parametrize("scenario", ["flaky@2", "flaky-reset@2", "http@503", "reset-head", "close", "flaky-body@2"])
async def test_two_retries_each_announced(server, client, scenario):
    before = server.count(scenario)
    outcome = await ask_scenario(server, client, scenario)
    assert [(retry.attempt, retry.of) for retry in outcome.retries] == [(1, 2), (2, 2)]
    assert all(retry.reason for retry in outcome.retries)
    assert server.count(scenario) - before == 3
    if scenario.startswith("flaky"):
        assert outcome.error is None
        assert outcome.text == TEXT
        assert outcome.tape.end.kind == "eof"
    else:
        assert outcome.error is not None


async def test_each_attempt_stays_on_the_tape(server, client):
    outcome = await ask_scenario(server, client, "retry-after@0.04")
    (attempt,) = outcome.tape.attempts
    assert attempt.response.status == 429
    assert attempt.response.headers["retry-after"] == "0.04"
    assert b"Too many" in attempt.body
    assert (attempt.end.kind, attempt.wait) == ("refused", 0.04)
    assert attempt.request.body == outcome.tape.request.body
    assert outcome.tape.response.status == 200
    outcome = await ask_scenario(server, client, "close")
    assert {(attempt.response, attempt.end.kind) for attempt in outcome.tape.attempts} == {(None, "reset")}
    outcome = await ask_scenario(server, client, "no-stream-options")
    (attempt,) = outcome.tape.attempts
    assert attempt.wait == 0
    assert "stream_options" in attempt.request.body
    assert "stream_options" not in outcome.tape.request.body


async def test_refusals_that_will_not_change_are_not_repeated(server, client):
    for scenario in ("http@400", "http@401", "http@404", "http@422", "credits", "http-xai@400"):
        outcome = await ask_scenario(server, client, scenario)
        assert isinstance(outcome.error, RefusedError)
        assert outcome.retries == []
        assert server.count(scenario) == 1
        assert outcome.tape.end.kind == "refused"


async def test_a_begun_reply_is_never_asked_for_again(server, client):
    for scenario in ("reset@400", "cut@400", "half-chunk"):
        outcome = await ask_scenario(server, client, scenario)
        assert isinstance(outcome.error, BrokenError)
        assert outcome.retries == []
        assert server.count(scenario) == 1
        assert outcome.text
        assert outcome.tape.end.kind == "reset"


async def test_a_comment_is_a_byte_of_the_stream(server, client):
    url = server.add("comment-then-reset", Answer([b": hi\n\n", End.RESET]))
    outcome = await ask(client, endpoint_at(url))
    assert isinstance(outcome.error, BrokenError)
    assert outcome.retries == []


@pytest.mark.parametrize(
    ("scenario", "wait"),
    [("retry-after@0.05", 0.05), ("retry-after-ms@30", 0.03), ("retry-after@0.05;status=503", 0.05)],
)
async def test_the_endpoint_says_how_long_to_wait(server, client, scenario, wait):
    outcome = await ask_scenario(server, client, scenario)
    assert outcome.error is None
    assert [retry.wait for retry in outcome.retries] == [wait]
    assert outcome.timing.lost_to_retries >= wait
    assert outcome.seconds >= wait


async def test_a_date_is_a_wait_too(server, client):
    outcome = await ask_scenario(server, client, "retry-after-date@90", pauses=Pauses(retry_after_limit=10))
    assert outcome.retries == []
    assert "asks to wait 1 min" in outcome.error.hint


async def test_a_long_wait_is_told_not_sat_out(server, client):
    outcome = await ask_scenario(server, client, "retry-after@3600")
    assert isinstance(outcome.error, RefusedError)
    assert "asks to wait 1 h: try again at " in outcome.error.hint
    assert outcome.error.retry_after == 3600
    assert server.count("retry-after@3600") == 1


@pytest.mark.parametrize("junk", ["nan", "-5", "soon"])
async def test_nonsense_gives_way_to_our_own_wait(server, client, junk):
    outcome = await ask_scenario(server, client, f"retry-after@{junk}")
    assert outcome.error is None
    assert outcome.retries[0].wait <= SWIFT.retry_cap


async def test_the_endpoint_can_order_a_retry(server, client):
    outcome = await ask_scenario(server, client, "should-retry@true;status=400")
    assert outcome.error is None
    assert len(outcome.retries) == 1
    outcome = await ask_scenario(server, client, "should-retry@false;status=503")
    assert isinstance(outcome.error, RefusedError)
    assert outcome.retries == []


async def test_a_countdown_can_be_ended(server, client):
    tape, pauses = Tape(), Pauses(retry=60)
    stream = exchange(
        client,
        endpoint_at(server.url("http@503;x=1")),
        None,
        request_for(),
        recorder=tape,
        timing=Timing(),
        pauses=pauses,
    )
    seen = asyncio.Event()

    async def read():
        async with aclosing(stream) as deltas:
            async for delta in deltas:
                assert isinstance(delta, RetryDelta)
                seen.set()

    task = asyncio.create_task(read())
    await seen.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert tape.end.kind == "stopped"
    assert server.count("http@503;x=1") == 1


async def test_no_retries_means_none(server, client):
    outcome = await ask_scenario(server, client, "close;n=0", retries=0)
    assert isinstance(outcome.error, ConnectError)
    assert server.count("close;n=0") == 1


async def test_redirects_are_refused_and_named(server, client):
    outcome = await ask_scenario(server, client, "redirect-host")
    assert isinstance(outcome.error, RefusedError)
    assert "elsewhere.invalid" in outcome.error.message
    assert "pw" not in outcome.error.message
    loops = server.count("redirect-loop")
    outcome = await ask_scenario(server, client, "redirect-loop")
    assert outcome.error.status == 307
    assert server.count("redirect-loop") == loops + 1


async def test_no_key_follows_a_redirect(server, client):
    with FaultServer() as other:
        location = {"location": other.url("ok") + "/chat/completions"}
        outcome = await ask(client, endpoint_at(server.add("elsewhere", Answer([], 307, location, "length"))))
        assert outcome.error.status == 307
        assert other.log == []
    assert server.log[-1].headers["authorization"] == f"Bearer {KEY}"


BUSY = {
    "json": json_answer({"code": "The service is currently unavailable", "error": "Timed out waiting for first token"}),
    "chat": stream([b'data: {"error": {"message": "The model is overloaded", "code": 529}}\n\n']),
    "created": stream(
        [
            b'data: {"type":"response.created","response":{"id":"r","model":"m"}}\n\n',
            b'event: error\ndata: {"type":"error","code":"server_error","message":"try again later"}\n\n',
        ]
    ),
    "failed": stream(
        [
            b'data: {"type":"response.created","response":{"id":"r","model":"m"}}\n\n',
            b'data: {"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded","message":"slow"}}}\n\n',
        ]
    ),
    "messages": stream(
        [b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n']
    ),
}


@pytest.mark.parametrize(
    ("busy", "dialect"),
    [("json", "chat"), ("chat", "chat"), ("created", "responses"), ("failed", "responses"), ("messages", "messages")],
)
async def test_an_overload_told_inside_a_200_is_asked_again(server, client, busy, dialect):
    url = server.add(f"busy-{busy}", lambda asked: BUSY[busy] if asked.count == 0 else stream(say(asked)))
    outcome = await ask(client, endpoint_at(url, dialect=dialect))
    assert (outcome.error, outcome.text) == (None, TEXT)
    assert len(outcome.retries) == 1


async def test_what_does_not_pass_or_comes_after_the_first_word_is_not_asked_again(server, client):
    broke = stream([b'data: {"error": {"message": "insufficient_quota", "code": 429}}\n\n'])
    outcome = await ask(client, endpoint_at(server.add("broke", lambda _ask: broke)))
    assert (outcome.error.kind, outcome.retries) == ("stream", [])
    late = stream(
        [
            b'data: {"choices":[{"index":0,"delta":{"content":"Half"}}]}\n\n',
            b'data: {"error": {"message": "overloaded", "code": 529}}\n\n',
        ]
    )
    outcome = await ask(client, endpoint_at(server.add("late", lambda _ask: late)))
    assert (outcome.text, outcome.error.kind, outcome.retries) == ("Half", "stream", [])


async def test_a_date_to_wait_for_counts_from_the_endpoint_s_own_clock(server, client):
    headers = {"date": "Mon, 01 Jan 2001 00:00:00 GMT", "retry-after": "Mon, 01 Jan 2001 00:00:01 GMT"}
    busy = json_answer({"error": "busy"}, 429, headers)
    url = server.add("dated", lambda asked: busy if asked.count == 0 else stream(say(asked)))
    outcome = await ask(client, endpoint_at(url))
    assert [retry.wait for retry in outcome.retries] == [1.0]


async def test_a_delay_in_the_body_is_a_wait_too(server, client):
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.02s"}]
    error = {"error": {"code": 429, "message": "quota", "details": details}}
    told = f"data: {json.dumps(error)}\n\n".encode()
    for name, busy in (("refused", json_answer([error], 429)), ("streamed", stream([told]))):
        url = server.add(f"delayed-{name}", lambda asked, busy=busy: busy if asked.count == 0 else stream(say(asked)))
        outcome = await ask(client, endpoint_at(url))
        assert [retry.wait for retry in outcome.retries] == [0.02]


@pytest.mark.parametrize(
    ("dialect", "field", "message"),
    [
        ("responses", "include", "Encrypted content is not supported with this model."),
        ("responses", "reasoning", "Unsupported parameter: 'reasoning.effort'"),
        ("chat", "reasoning_effort", "This model does not support the parameter reasoning_effort"),
        ("chat", "stream_options", "Unknown field: stream_options"),
    ],
)
async def test_a_field_that_is_refused_is_left_out_once_and_for_all_and_that_is_said(
    client, server, dialect, field, message
):
    refusal = json_answer({"error": {"message": message}}, 400)
    url = server.add(f"strict-{field}", lambda asked: refusal if field in asked.body else stream(say(asked)))
    request = request_for(reasoning_effort="high")
    first = await ask(client, endpoint_at(url, dialect=dialect), request)
    assert (first.error, first.text, first.retries) == (None, TEXT, [])
    told = [delta.detail for delta in first.deltas if isinstance(delta, OddityDelta) and delta.kind == LEFT_OUT]
    assert told == (
        [] if field == "stream_options" else [f"scripted-1 does not take {field}: it was asked again without"]
    )
    before = len(server.log)
    assert (await ask(client, endpoint_at(url, dialect=dialect), request)).text == TEXT
    assert len(server.log) == before + 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("max_completion_tokens", "Unrecognized request argument supplied: max_completion_tokens"),
        (
            "max_completion_tokens",
            [{"loc": ["body", "max_completion_tokens"], "msg": "Extra inputs are not permitted"}],
        ),
        ("max_tokens", "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
    ],
)
async def test_a_token_limit_whose_name_is_refused_goes_by_its_other_name_and_is_never_dropped(
    client, server, name, said
):
    refusal = json_answer({"error": {"message": said}}, 400)
    url = server.add(f"limit-{len(str(said))}", lambda asked: refusal if name in asked.body else stream(say(asked)))
    other = {"max_tokens": "max_completion_tokens"}.get(name, "max_tokens")
    endpoint = endpoint_at(url, limit_field=name)
    first = await ask(client, endpoint, request_for(max_tokens=5))
    assert (first.error, first.text, first.retries) == (None, TEXT, [])
    assert (server.log[-1].body[other], name in server.log[-1].body) == (5, False)
    told = [delta.detail for delta in first.deltas if isinstance(delta, OddityDelta) and delta.kind == LEFT_OUT]
    assert told == [f"scripted-1 does not take {name}: it was asked again with {other}"]
    before = len(server.log)
    assert (await ask(client, endpoint, request_for(max_tokens=7))).text == TEXT
    assert (len(server.log), server.log[-1].body[other]) == (before + 1, 7), "it is known the next time"


async def test_a_token_limit_that_no_name_of_is_taken_is_a_refusal(client, server):
    refusal = json_answer({"error": {"message": "max_completion_tokens and max_tokens are not supported"}}, 400)
    url = server.add("no-limit", lambda asked: refusal)
    outcome = await ask(client, endpoint_at(url), request_for(max_tokens=5))
    assert "not supported" in outcome.error.message
    assert [sorted({"max_tokens", "max_completion_tokens"} & set(each.body)) for each in server.log[-2:]] == [
        ["max_completion_tokens"],
        ["max_tokens"],
    ]


async def test_items_that_are_not_taken_back_are_left_out_once(client, server):
    refusal = json_answer({"error": "Failed to deserialize the JSON body: ModelInput"}, 422)

    def play(asked):
        return refusal if any("web_search" in str(item) for item in asked.body["input"]) else stream(say(asked))

    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes."}]}
    items = ({"type": "web_search_call", "id": "ws"}, said)
    messages = (Message("user", (TextPart("a"),)), Message("assistant", (TextPart("Yes."),), items=items, origin="o"))
    request = Request("m", (*messages, Message("user", (TextPart("b"),))), origin="o")
    outcome = await ask(client, endpoint_at(server.add("no-items", play), dialect="responses"), request)
    assert (outcome.error, outcome.text) == (None, TEXT)
    assert [d.kind for d in outcome.deltas if isinstance(d, OddityDelta)] == [LEFT_OUT]


@pytest.mark.parametrize(
    ("name", "dialect", "field", "header"),
    [
        ("xai", "responses", "k", None),
        ("xai", "chat", None, "k"),
        ("openai", "chat", "k", None),
        ("other", "responses", None, None),
        ("anthropic", "messages", None, None),
    ],
)
async def test_the_cache_is_told_which_conversation_it_is(client, server, name, dialect, field, header):
    endpoint = Endpoint(name, server.url("ok"), dialect, needs_key=False)
    await ask(client, endpoint, request_for(cache_key="k"))
    asked = server.log[-1]
    assert (asked.body.get("prompt_cache_key"), asked.headers.get("x-grok-conv-id")) == (field, header)


@pytest.mark.parametrize(
    ("asked_in", "answers_in"), [("chat", "responses"), ("responses", "chat"), ("messages", "chat")]
)
async def test_where_nothing_is_at_the_path_of_a_dialect_the_other_is_tried_once_and_said(
    client, server, asked_in, answers_in
):
    path = dialect_named(answers_in).path
    nothing = json_answer({"detail": "Not Found"}, 404)
    url = server.add(f"only-{asked_in}", lambda asked: stream(say(asked)) if asked.dialect == answers_in else nothing)
    before = len(server.log)
    outcome = await ask(client, endpoint_at(url, dialect=asked_in), request_for(server_tools=({"type": "x"},)))
    assert (outcome.error, outcome.text, outcome.retries) == (None, TEXT, [])
    assert len(server.log) == before + 2
    assert [d.dialect for d in outcome.deltas if isinstance(d, IdentityDelta) and d.dialect] == [answers_in]
    told = [d.detail for d in outcome.deltas if isinstance(d, OddityDelta) and d.kind == LEFT_OUT]
    assert len(told) == 1
    assert f"nothing at {dialect_named(asked_in).path}: it was asked at {path} instead" in told[0]


async def test_where_neither_is_there_the_first_refusal_is_told(client, server):
    url = server.add("nowhere", lambda asked: json_answer({"detail": f"no {asked.path.rpartition('/')[2]}"}, 404))
    before = len(server.log)
    outcome = await ask(client, endpoint_at(url, dialect="chat"))
    assert isinstance(outcome.error, RefusedError)
    assert "no completions" in outcome.error.message
    assert len(server.log) == before + 2


@pytest.mark.parametrize(
    "error",
    [
        {"code": "model_not_found", "message": "no"},
        {"type": "not_found_error", "message": "model: scripted-1"},
        {"message": "The model 'x' does not exist"},
    ],
)
async def test_a_model_that_is_missing_is_not_looked_for_in_another_dialect(client, server, error):
    url = server.add(f"missing-{len(str(error))}", lambda asked: json_answer({"error": error}, 404))
    before = len(server.log)
    outcome = await ask(client, endpoint_at(url))
    assert isinstance(outcome.error, RefusedError)
    assert len(server.log) == before + 1


async def test_a_model_for_the_other_dialect_only_is_asked_in_that(client, server):
    refusal = json_answer({"error": {"message": "scripted-1 is only supported in v1/responses."}}, 404)
    url = server.add("not-chat", lambda asked: stream(say(asked)) if "input" in asked.body else refusal)
    assert (await ask(client, endpoint_at(url))).text == TEXT
