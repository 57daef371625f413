"""An exchange that goes well, and what it leaves behind."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing
from itertools import pairwise

import pytest
from msgspec.structs import replace

from tests.net.asking import KEEPING, KEY, PATIENT, SWIFT, ask, ask_scenario, endpoint_at, pooled, request_for
from tests.server import TEXT, THOUGHT, FaultServer, Pause
from tests.server.good import say
from tests.server.step import Answer, End, json_answer
from tui.domain.delta import FinishDelta, OddityDelta, ReasoningDelta, TextDelta, ToolCallDelta, UsageDelta
from tui.domain.endpoint import Deadlines, Secret
from tui.domain.joining import join_deltas
from tui.domain.tape import HIDDEN_KEY, Tape
from tui.domain.timing import Timing
from tui.net import dial
from tui.net.client import USER_AGENT
from tui.net.exchange import exchange
from tui.net.key import find_key
from tui.wire.dialect import dialect_named
from tui.wire.reply import Reply

DIALECTS = pytest.mark.parametrize("dialect", ["chat", "responses"])


@DIALECTS
async def test_a_reply_is_streamed(server, client, dialect):
    outcome = await ask_scenario(server, client, "reasoning", dialect=dialect)
    assert outcome.error is None
    assert outcome.text == TEXT
    assert "".join(d.text for d in outcome.deltas if isinstance(d, ReasoningDelta) and not d.replaces) == THOUGHT
    assert any(isinstance(delta, FinishDelta) for delta in outcome.deltas)
    usage = [delta.usage for delta in outcome.deltas if isinstance(delta, UsageDelta)][-1]
    assert (usage.input, usage.cached) == (9, 4)


@DIALECTS
async def test_the_fragments_of_a_tool_call_make_up_its_arguments(server, client, dialect):
    outcome = await ask_scenario(server, client, "tools", dialect=dialect)
    fragments = [d for d in outcome.deltas if isinstance(d, ToolCallDelta) and not d.replaces]
    assert {delta.index for delta in fragments} == {0}
    assert json.loads("".join(delta.arguments for delta in fragments)) == {"city": "Paris"}


async def test_the_request_carries_what_it_must_and_no_more(server, client):
    await ask_scenario(server, client, "ok")
    headers = server.log[-1].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"] == USER_AGENT
    assert server.log[-1].body["model"] == "scripted-1"
    assert "cookie" not in headers


async def test_without_a_key_there_is_no_authorization(server, client):
    outcome = await ask_scenario(server, client, "ok", key=None)
    assert "authorization" not in server.log[-1].headers
    assert "authorization" not in outcome.tape.request.headers


async def test_the_endpoint_adds_to_the_body_and_names_the_limit(server, client):
    endpoint = endpoint_at(server.url("ok"), body={"cache_prompt": True}, limit_field="max_tokens")
    await ask(client, endpoint, request_for(max_tokens=7, body={"seed": 3}))
    body = server.log[-1].body
    assert (body["cache_prompt"], body["max_tokens"], body["seed"]) == (True, 7, 3)
    assert "max_completion_tokens" not in body


@DIALECTS
async def test_the_tape_gives_the_whole_reply_again_and_holds_no_key(server, client, dialect):
    outcome = await ask_scenario(server, client, "split@7", dialect=dialect)
    tape = outcome.tape
    assert KEY not in "\n".join(tape.lines())
    assert tape.request.headers["user-agent"] == USER_AGENT
    assert tape.request.headers[dialect_named(dialect).key_header[0]] == HIDDEN_KEY, "that one went along is told"
    assert tape.response.status == 200
    assert tape.end.kind == "eof"
    assert [read.at for read in tape.reads] == sorted(read.at for read in tape.reads)
    reply = Reply(dialect_named(dialect), tape.response)
    deltas = [delta for read in tape.reads for delta in reply.feed(read.data)] + list(reply.close())
    assert join_deltas(deltas) == join_deltas(outcome.deltas)
    assert Tape.from_lines(tape.lines()).reads[0].data == tape.reads[0].data


async def test_a_compressed_reply_is_read_though_it_was_not_asked_for(server, client):
    outcome = await ask_scenario(server, client, "gzip")
    assert outcome.text == TEXT
    assert outcome.tape.reads[0].data[:2] == b"\x1f\x8b"


async def test_the_instants_are_in_order(server, client):
    outcome = await ask_scenario(server, client, "ok")
    timing = outcome.timing
    assert timing.sent_at <= timing.head_at <= timing.progress_at <= timing.read_at
    assert outcome.tape.response.at <= outcome.tape.reads[0].at


async def test_how_far_the_request_came_is_told_before_its_head(client, monkeypatch):
    may_connect, may_answer, timing = asyncio.Event(), asyncio.Event(), Timing()
    reach = dial._reach

    async def slow(host, port):
        await may_connect.wait()
        return await reach(host, port)

    async def serve(reader, writer):
        await may_answer.wait()
        writer.close()

    async def come_to(awaits):
        while timing.awaits != awaits:
            await asyncio.sleep(0)

    monkeypatch.setattr(dial, "_reach", slow)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    asking = asyncio.ensure_future(ask(client, endpoint_at(url, deadlines=PATIENT), timing=timing, retries=0))
    async with asyncio.timeout(60):
        await come_to("connection")
        may_connect.set()
        await come_to("head")
        assert [*timing.phases] == ["connected", "sent"]
        may_answer.set()
        assert (await asking).error is not None
    server.close()


async def test_connections_are_used_again(server, client):
    for _ in range(3):
        assert (await ask_scenario(server, client, "ok", pauses=KEEPING)).error is None
    assert len({exchange.connection for exchange in server.log[-3:]}) == 1


async def test_connections_are_not_used_again_where_that_is_not_wanted(server, client):
    for _ in range(2):
        assert (await ask_scenario(server, client, "ok", keeps_alive=False)).error is None
    assert len({exchange.connection for exchange in server.log[-2:]}) == 2
    assert pooled(client) == []


async def test_an_idle_connection_that_has_died_is_replaced_without_a_word(server, client):
    endpoint = endpoint_at(server.url("drop-reused"))
    for _ in range(3):
        outcome = await ask(client, endpoint)
        assert outcome.error is None
        assert outcome.text == TEXT
        assert outcome.retries == []


@DIALECTS
async def test_after_the_end_nothing_is_waited_for(server, client, dialect):
    outcome = await ask_scenario(server, client, "hold", dialect=dialect, deadlines=PATIENT)
    assert outcome.error is None
    assert outcome.text == TEXT
    assert outcome.seconds < 25
    await server.until(lambda: server.log[-1].hung_up_at)


async def test_after_a_finish_reason_only_a_little_is_waited_for(server, client):
    outcome = await ask_scenario(server, client, "hold-finish", deadlines=PATIENT)
    assert outcome.error is None
    assert any(isinstance(delta, UsageDelta) for delta in outcome.deltas)
    assert SWIFT.after_finish <= outcome.seconds < 25


async def test_comments_after_the_finish_reason_do_not_hold_us(server, client):
    def play(asked):
        return Answer([*say(asked)[:-1], *[b": ping\n\n", Pause(0.01)] * 2000])

    outcome = await ask(client, endpoint_at(server.add("pinging-tail", play)))
    assert outcome.error is None
    assert outcome.seconds < 25


async def test_a_break_after_the_finish_reason_is_only_noted(server, client):
    def play(asked):
        return Answer([*say(asked)[:-1], End.RESET])

    outcome = await ask(client, endpoint_at(server.add("late-break", play)))
    assert outcome.error is None
    assert outcome.text == TEXT
    assert any(isinstance(delta, OddityDelta) for delta in outcome.deltas)


async def test_a_prompt_that_is_no_unicode_is_sent_all_the_same(server, client):
    await ask(client, endpoint_at(server.url("ok")), request_for("half \ud800"))
    assert server.log[-1].body["model"] == "half ?"


async def test_late_usage_still_counts(server, client):
    outcome = await ask_scenario(server, client, "late-usage@50", pauses=replace(SWIFT, after_finish=30))
    assert any(isinstance(delta, UsageDelta) for delta in outcome.deltas)


async def test_the_rest_of_a_reply_may_come_slowly(server, client):
    outcome = await ask_scenario(server, client, "stall@600;seconds=0.2")
    assert outcome.error is None
    assert outcome.text == TEXT


async def test_stream_options_are_left_out_where_they_are_refused_by_name(server, client):
    url = server.url("no-stream-options")
    for asked in (2, 3):
        outcome = await ask(client, endpoint_at(url))
        assert outcome.error is None
        assert outcome.text == TEXT
        assert outcome.retries == []
        assert server.count("no-stream-options") == asked  # the second time it is known
    assert "stream_options" not in server.log[-1].body


async def test_a_reader_that_is_busy_does_not_run_out_the_clock(server, client):
    deadlines = Deadlines(connect=30, first_byte=30, quiet=2.0, alive=30)
    outcome_text, was_busy = "", False
    endpoint = endpoint_at(server.url("drip@1"), deadlines=deadlines)
    stream = exchange(client, endpoint, None, request_for(), recorder=Tape(), timing=Timing(), pauses=SWIFT)
    async with aclosing(stream) as deltas:
        async for delta in deltas:
            if isinstance(delta, TextDelta):
                outcome_text += delta.text
                if not was_busy:
                    was_busy = True
                    await asyncio.sleep(
                        deadlines.quiet * 1.2
                    )  # being busy for longer than the clock allows is the subject
                elif len(outcome_text) >= 10:
                    break
    assert outcome_text


async def test_a_fast_reply_leaves_the_loop_to_others(client):
    with FaultServer() as server:
        longest, ticking = 0.0, True

        async def tick():
            nonlocal longest
            while ticking:
                began = time.thread_time()  # what other programs take of the machine is no matter here
                await asyncio.sleep(0)
                longest = max(longest, time.thread_time() - began)

        ticker = asyncio.create_task(tick())
        outcome = await ask_scenario(server, client, "ok;tokens=3000")
        ticking = False
        await ticker
        assert outcome.error is None
        assert longest < 0.25


async def test_two_exchanges_run_side_by_side(server, client):
    outcomes = await asyncio.gather(*(ask_scenario(server, client, "ok;tokens=20;rate=400") for _ in range(4)))
    assert all(outcome.error is None for outcome in outcomes)
    assert len({outcome.text for outcome in outcomes}) == 1


async def test_a_key_that_is_repeated_back_is_masked(server, client):
    outcome = await ask_scenario(server, client, "secret-echo")
    assert outcome.error.kind == "auth"
    assert KEY not in outcome.error.message
    assert outcome.error.message.startswith(f"The key was refused by {server.origin.removeprefix('http://')}; it came")
    assert "it came from TEST_API_KEY (401): Incorrect API key provided: *" in outcome.error.message
    assert "TEST_API_KEY" in outcome.error.hint
    assert outcome.tape.end.message == outcome.error.message


@pytest.mark.parametrize("form", ["\\u{:04x}", "%{:02X}"])
@pytest.mark.parametrize("status", [200, 401])
async def test_a_key_that_is_repeated_back_in_escapes_is_not_on_the_tape(server, client, form, status):
    escaped = "".join(form.format(ord(letter)) for letter in KEY).encode()
    body = b'{"error": {"message": "Wrong key ' + escaped + b'"}}'
    answer = Answer([*(body[i : i + 7] for i in range(0, len(body), 7))], status, {"content-type": "application/json"})
    outcome = await ask(client, endpoint_at(server.add(f"escaped-{form[0]}-{status}", answer)))
    assert "Wrong key ***" in outcome.error.message
    taped = b"".join(read.data for read in outcome.tape.reads)
    assert taped == body.replace(escaped, b"*" * len(escaped))


async def test_of_several_sources_the_one_that_was_used_is_named(server, client):
    endpoint = endpoint_at(server.url("http-xai"), key_env=("FIRST_KEY", "TEST_API_KEY"))
    outcome = await ask(client, endpoint, key=await find_key(endpoint, {"TEST_API_KEY": KEY}))
    assert "it came from TEST_API_KEY (400): Incorrect API key provided" in outcome.error.message
    assert "FIRST_KEY" not in outcome.error.message + outcome.error.hint


async def test_nothing_is_sent_where_the_base_url_is_wrong(client):
    outcome = await ask(client, endpoint_at("http://example.com/v1"))
    assert outcome.error.kind == "config"
    assert outcome.tape.request is None


def test_the_package_is_cheap_to_import():
    import subprocess
    import sys

    code = (
        "import sys; import tui.net.exchange, tui.net.model_list\n"
        "print(*{'httpx', 'anyio', 'idna', 'http.client', 'urllib.request', 'email.utils'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("key", ["data", "k", "hi", "test", "usage", "content"])
async def test_a_key_that_is_a_word_changes_nothing_of_the_reply(server, client, key):
    outcome = await ask_scenario(server, client, "usage", key=Secret(key))
    assert (outcome.error, outcome.text) == (None, TEXT)
    assert [delta.usage.input for delta in outcome.deltas if isinstance(delta, UsageDelta)][-1] == 9
    assert server.log[-1].headers["authorization"] == f"Bearer {key}"


async def test_how_far_a_prompt_is_read_is_asked_of_servers_that_are_known_to_tell(client):
    def llama(asked):
        return Answer(say(asked), headers={"content-type": "text/event-stream", "server": "llama.cpp"})

    def strict(asked):
        if "return_progress" in asked.body:
            return json_answer({"error": "Unknown field: return_progress"}, 422)
        return Answer(say(asked), headers={"content-type": "text/event-stream", "server": "llama.cpp"})

    with FaultServer() as server, FaultServer() as other:
        for each, play in ((server, llama), (other, strict)):
            each.add("llama", play)
            for _ in range(3):
                outcome = await ask(client, endpoint_at(each.url("llama")))
                assert (outcome.error, outcome.text, outcome.retries) == (None, TEXT, [])
                assert not any(isinstance(delta, OddityDelta) for delta in outcome.deltas)
        asked = [[exchange.body.get("return_progress") for exchange in each.log] for each in (server, other)]
        assert asked == [[None, True, True], [None, True, None, None]]


async def test_a_prompt_that_is_still_being_read_is_no_quiet_endpoint(server, client):
    def reading(asked):
        def steps():
            for read in range(8):
                yield Pause(0.3)
                yield b'data: {"choices":[],"prompt_progress":{"total":8,"processed":%d}}\n\n' % read
            yield b"".join(say(asked))

        return Answer(steps())

    swift = Deadlines(first_byte=2, quiet=2, alive=2)
    outcome = await ask(client, endpoint_at(server.add("reading", reading), deadlines=swift))
    assert (outcome.error, outcome.text) == (None, TEXT)


async def test_what_waited_to_be_read_is_on_the_tape_with_the_times_at_which_it_came(server, client):
    tape, timing, texts = Tape(), Timing(), []
    endpoint = endpoint_at(server.url("ok;tokens=12;rate=25"))
    deltas = exchange(client, endpoint, Secret(KEY), request_for(), recorder=tape, timing=timing)
    async with aclosing(deltas):
        async for delta in deltas:
            if isinstance(delta, TextDelta):
                texts.append(delta.text)
                if len(texts) == 1:
                    await server.until(lambda: server.log[-1].is_answered)
    came = [read.at for read in tape.reads]
    assert len(texts) < 6 < len(came), "it was read at once, and came bit by bit"
    assert came == sorted(came)
    assert came[-1] - came[1] >= 0.02
    gaps = [later - earlier for earlier, later in pairwise(came)]
    assert timing.longest_gap <= max(gaps) + 1e-6, "each word has the time of its own read"
