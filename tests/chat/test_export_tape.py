"""A tape as files of other programs: nothing is lost on the way, and code sends the very request again."""

import base64
import json
import os
import shutil
import subprocess
import sys
import zlib
from typing import get_args

import pytest
from msgspec.structs import replace

from tests.chat.test_check import GOOD, taped
from tests.conformance.compare import differences
from tests.conformance.harness import CASES, cut, head_of, reads_of, result
from tests.exported import as_case, as_har, as_sse
from tests.server import FaultServer
from tui.chat.export_code import endpoint_of, key_variable, request_code
from tui.chat.export_tape import export_tape
from tui.chat.foreign_tape import tapes_of
from tui.chat.new_file import write_new
from tui.domain.endpoint import AT_ADDRESS, Endpoint, Secret, Source
from tui.domain.error import ConfigError, StoreError
from tui.domain.export_word import CodeForm
from tui.domain.tape import FailedAttempt, Head, LongReads, Read, SentRequest, Tape, TapeEnd
from tui.net.client import headers_for, show_headers
from tui.wire.dialect import dialect_named
from tui.wire.json_text import parse_json

KEY = "sk-t0p-s3cr3t-0123456789"
SPOKEN = [case for case in CASES if case["dialect"] != "sse"]
BODY = {
    "model": 'm\'; "$(id)" \x1b[31m\u202e',
    "messages": [{"role": "user", "content": "it's `$HOME` \\ 'here'\n– ü 𝄞 </script> ${x}\u2028"}],
    "stream": True,
    "temperature": 0.5,
    "top_k": None,
    "nested": {"empty": [], "yes": True, "list": [1, {"a": "b"}]},
}


def recorded(case, size=0):
    """The tape of a case, as it would have been recorded."""
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    if "token_limit" in case:
        body["max_tokens"] = case["token_limit"]
    request = SentRequest("POST", "http://127.0.0.1:9/v1", {}, body, "2026-01-02T03:04:05.678+00:00")
    reads = reads_of(case)
    reads = cut(b"".join(reads), size) if size else reads
    tape = Tape(case["dialect"], "m", "test", request, head_of(case))
    tape.reads = [Read(round(0.1 + number * 0.01, 6), data) for number, data in enumerate(reads)]
    tape.ended(TapeEnd(9.0, "reset" if case["body_end"] == "reset" else "eof"))
    return tape


@pytest.mark.parametrize("case", SPOKEN, ids=[case["name"] for case in SPOKEN])
def test_an_exchange_is_a_case_that_expects_what_came(case):
    made = json.loads(as_case(recorded(case)))
    assert reads_of(made) == reads_of(case)
    assert differences(made["expect"], result(made, reads_of(made))) == []
    assert (made["http"]["status"], made["body_end"]) == (case["http"]["status"], case["body_end"])
    assert {"name", "dialect", "tags", "why", "source"} <= set(made)


def test_a_case_says_at_which_address_it_was_recorded():
    tape = recorded(SPOKEN[0])
    url = "http://me:secret@127.0.0.1:8931/v1/chat/completions"
    tape = replace(tape, endpoint=AT_ADDRESS, request=replace(tape.request, url=url))
    assert json.loads(as_case(tape))["source"] == ["recorded from 127.0.0.1:8931"]


@pytest.mark.parametrize("case", SPOKEN, ids=[case["name"] for case in SPOKEN])
def test_an_exchange_is_an_entry_of_an_archive(case):
    tape = recorded(case, 7)
    (entry,) = json.loads(as_har([tape]))["log"]["entries"]
    assert (entry["startedDateTime"], entry["time"]) == ("2026-01-02T03:04:05.678+00:00", 9000.0)
    assert json.loads(entry["request"]["postData"]["text"]) == tape.request.body
    content = entry["response"]["content"]
    body = base64.b64decode(content["text"]) if content.get("encoding") else content["text"].encode()
    assert body == as_sse(tape)
    assert sum(size for _, size in entry["_reads"]) == content["size"] == len(body)
    assert entry["response"]["status"] == case["http"]["status"]


def test_the_stages_of_an_exchange_add_up_to_its_time():
    tape = recorded(SPOKEN[0])
    phases = {"connected": 0.01, "secured": 0.03, "sent": 0.04}
    tape.response = Head(200, {"content-type": "text/event-stream"}, 0.1, phases)
    (entry,) = json.loads(as_har([tape]))["log"]["entries"]
    timings = entry["timings"]
    assert (timings["connect"], timings["ssl"], timings["send"], timings["wait"]) == (30.0, 20.0, 10.0, 60.0)
    # The time for TLS is within that of the connection, as HAR 1.2 has it.
    assert sum(timings[name] for name in ("connect", "send", "wait", "receive")) == entry["time"]


def test_an_archive_tells_of_a_request_without_an_answer():
    tape = Tape("chat", "m", "e", SentRequest("POST", "https://x.example/v1?a=b&c=", {}, {"model": "m"}))
    (entry,) = json.loads(as_har([tape]))["log"]["entries"]
    assert (entry["response"]["status"], entry["response"]["content"]["size"]) == (0, 0)
    assert entry["request"]["queryString"] == [{"name": "a", "value": "b"}, {"name": "c", "value": ""}]


def test_an_attempt_that_came_to_nothing_is_an_entry_of_its_own():
    tape = recorded(SPOKEN[0])
    refused = Head(429, {"content-type": "application/json", "retry-after": "2"}, 0.2)
    attempt = FailedAttempt(
        tape.request, refused, [Read(0.25, b'{"error":"busy"}')], TapeEnd(0.25, "refused", "x"), 2.0
    )
    tape.attempts = [attempt]
    archive = as_har([tape])
    first, last = json.loads(archive)["log"]["entries"]
    assert (first["response"]["status"], first["response"]["content"]["text"]) == (429, '{"error":"busy"}')
    assert (first["time"], first["_waited"], last["response"]["status"]) == (250.0, 2000.0, SPOKEN[0]["http"]["status"])
    (again,) = tapes_of(archive.encode(), "archive.har")
    assert [(each.response.status, each.body, each.lasted) for each in again.attempts] == [(429, attempt.body, 2.25)]


@pytest.mark.parametrize("form", ["sse", "case"])
def test_a_tape_without_an_answer_is_no_stream(form):
    with pytest.raises(ConfigError, match="no response"):
        export_tape(Tape("chat", "m", "e", SentRequest("POST", "https://x.example/v1", {}, {})), form)


@pytest.mark.parametrize("form", get_args(CodeForm))
def test_a_tape_without_a_request_cannot_be_sent_again(form):
    with pytest.raises(ConfigError, match="no request"):
        request_code(Tape(), form)


def sent(url, dialect, body=BODY):
    """What rillet records of a request; the key is not in it."""
    spoken = dialect_named(dialect)
    headers = {"user-agent": "rillet/1", "accept": "text/event-stream", "content-type": "application/json"}
    headers |= dict(spoken.headers) | {"x-extra": "it's"}
    return Tape(dialect, "m", "test", SentRequest("POST", url + spoken.path, headers, body))


def run_code(form, code, tmp_path):
    programs = {"curl": ["bash"], "python": [sys.executable], "fetch": [shutil.which("node") or "node"]}
    path = tmp_path / {"curl": "ask.sh", "python": "ask.py", "fetch": "ask.mjs"}[form]
    path.write_text(code, "utf-8")
    return subprocess.run(
        [*programs[form], str(path)], env={"PATH": os.environ["PATH"], "API_KEY": KEY}, capture_output=True, timeout=30
    )


@pytest.mark.parametrize("form", ["curl", "python", "fetch"])
@pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
def test_code_sends_the_very_request(form, dialect, tmp_path):
    if form != "python" and shutil.which({"curl": "curl", "fetch": "node"}[form]) is None:
        pytest.skip(f"{form} is not here")
    with FaultServer() as server:
        tape = sent(server.url("ok"), dialect)
        code = request_code(tape, form)
        done = run_code(form, code, tmp_path)
        assert (done.returncode, done.stderr.decode() if form != "curl" else "") == (0, "")
        assert b"data: " in done.stdout
        (exchange,) = server.log
    assert exchange.body == BODY
    name, prefix = dialect_named(dialect).key_header
    assert exchange.headers[name] == prefix + KEY
    assert exchange.headers["x-extra"] == "it's"
    assert KEY not in code
    assert not [letter for letter in code if not letter.isprintable() and letter != "\n"]


@pytest.mark.parametrize("form", ["curl", "python", "fetch", "openai"])
def test_a_key_goes_in_the_header_that_the_endpoint_has_for_it(form, tmp_path):
    endpoint = Endpoint("e", "https://e.example/v1", key_header="Api-Key")
    spoken = dialect_named("chat")
    headers = headers_for(endpoint, Secret(KEY), spoken, is_stream=True, has_body=True)
    tape = sent("https://e.example/v1", "chat")
    tape.request = replace(tape.request, headers=show_headers(headers, endpoint, spoken))
    assert KEY not in "\n".join(tape.lines())
    code = request_code(tape, form)
    assert "***" not in code
    assert "api-key" in code
    assert "authorization" not in code.lower()
    assert "API_KEY" in code


def test_a_body_that_is_too_long_for_an_argument_goes_through_standard_input(tmp_path):
    if shutil.which("curl") is None:
        pytest.skip("curl is not here")
    body = {"messages": [{"role": "user", "content": "it's\n" * 60_000}]}
    with FaultServer() as server:
        done = run_code("curl", request_code(sent(server.url("ok"), "chat", body), "curl"), tmp_path)
        assert done.returncode == 0
        assert server.log[0].body == body


@pytest.mark.parametrize("dialect", ["chat", "responses"])
def test_code_for_the_sdk_is_python_and_gives_it_no_field_it_does_not_know(dialect):
    code = request_code(sent("https://api.x.ai/v1", dialect), "openai")
    compile(code, "ask.py", "exec")
    assert "base_url='https://api.x.ai/v1', api_key=os.environ[\"XAI_API_KEY\"]" in code
    assert "extra_body={\n        'top_k': None," in code
    assert "'x-extra': \"it's\"" in code
    assert "user-agent" not in code


def test_what_is_asked_in_the_address_is_no_part_of_the_path_for_the_sdk():
    tape = sent("https://llm.example.com/openai/deployments/x", "chat")
    tape = replace(tape, request=replace(tape.request, url=tape.request.url + "?api-version=2025-04-01&empty="))
    code = request_code(tape, "openai")
    compile(code, "ask.py", "exec")
    assert "base_url='https://llm.example.com/openai/deployments/x', " in code
    assert "default_query={'api-version': '2025-04-01', 'empty': ''}" in code


def test_the_sdk_does_not_speak_messages():
    with pytest.raises(ConfigError, match="does not speak Messages"):
        request_code(sent("https://api.anthropic.com/v1", "messages"), "openai")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.x.ai/v1/responses", "XAI_API_KEY"),
        ("https://eu-west-1.api.x.ai/v1/responses", "XAI_API_KEY"),
        ("https://api.openai.com/v1/responses", "OPENAI_API_KEY"),
        ("https://api.anthropic.com/v1/messages", "ANTHROPIC_API_KEY"),
        ("https://llm.example.com/v1/messages", "API_KEY"),
    ],
)
def test_the_variable_is_the_one_in_which_that_key_is_kept(url, name):
    assert key_variable(url) == name


MINE = Endpoint("mine", "https://llm.example.com/v1", key_env=("MY_KEY", "OTHER_KEY"))
NEAR = Endpoint("near", "https://llm.example.com/v1", key_env=("NEAR_KEY",))


@pytest.mark.parametrize(
    ("url", "name", "endpoints", "variable"),
    [
        ("https://llm.example.com/v1/messages", "mine", [NEAR, MINE], "MY_KEY"),
        ("https://llm.example.com/v1/messages", "gone", [MINE, NEAR], "MY_KEY"),
        ("https://other.example.com/v1/messages", "mine", [MINE], "API_KEY"),
        ("https://llm.example.com/v1/messages", "mine", [replace(MINE, key_env=("my key", "B"))], "B"),
        ("https://llm.example.com/v1/messages", "mine", [replace(MINE, key_env=())], "API_KEY"),
        (
            "https://api.x.ai/v1/responses",
            "x",
            [Endpoint("x", "https://api.x.ai/v1", key_env=("RILLET_API_KEY", "XAI_API_KEY"))],
            "XAI_API_KEY",
        ),
    ],
)
def test_the_variable_is_the_one_that_the_settings_name_for_that_endpoint(url, name, endpoints, variable):
    tape = sent(url, "chat")
    tape.endpoint, tape.request = name, replace(tape.request, url=url)
    assert key_variable(url, endpoint_of(tape, endpoints)) == variable
    for form in get_args(CodeForm):
        assert variable in request_code(tape, form, endpoints)


@pytest.mark.parametrize("form", ["curl", "python", "fetch"])
def test_a_header_that_stands_in_a_variable_comes_from_there_again(form, tmp_path):
    if form != "python" and shutil.which({"curl": "curl", "fetch": "node"}[form]) is None:
        pytest.skip(f"{form} is not here")
    with FaultServer() as server:
        tape = sent(server.url("ok"), "chat")
        tape.request = replace(tape.request, headers={**tape.request.headers, "x-mine": "${API_KEY} as it is"})
        headers = {"X-Team": Source(env="API_KEY", form="it's {} $"), "X-Told": Source(command=("pass", "x"))}
        asked = Endpoint("test", server.url("ok"), headers=headers)
        assert run_code(form, request_code(tape, form, [asked]), tmp_path).returncode == 0
        assert server.log[0].headers["x-team"] == f"it's {KEY} $"
        assert server.log[0].headers["x-mine"] == "${API_KEY} as it is"
    only = replace(asked, headers={"Authorization": Source(env="MINE", form="Token {}")})
    assert request_code(tape, "curl", [only]).lower().count("authorization") == 1
    sdk = request_code(tape, "openai", [asked])
    compile(sdk, "ask.py", "exec")
    assert """'x-team': "it's " + os.environ["API_KEY"] + ' $',""" in sdk


def test_a_raw_stream_is_the_bytes_that_came():
    assert as_sse(taped(GOOD)).decode() == "".join(GOOD)
    assert parse_json(b"".join(export_tape(taped(GOOD), "tape")).decode().splitlines()[0])["tape"] == 1


def test_what_came_before_compressed_bytes_were_damaged_is_exported():
    packer = zlib.compressobj(wbits=31)
    reads = [packer.compress(text.encode()) + packer.flush(zlib.Z_SYNC_FLUSH) for text in GOOD]
    head = Head(200, {"content-type": "text/event-stream", "content-encoding": "gzip"}, 0.1)
    tape = Tape("chat", "m", "e", SentRequest("POST", "https://x.example/v1", {}, {}), head)
    tape.reads = [Read(0.2 + number, data) for number, data in enumerate([*reads[:3], b"\xff" * 40])]
    assert as_sse(tape).decode() == "".join(GOOD[:3])
    (entry,) = json.loads(as_har([tape]))["log"]["entries"]
    assert entry["response"]["content"]["text"] == "".join(GOOD[:3])


@pytest.mark.parametrize("data", [b"\xff\x00" * 5000, "ü𝄞".encode() * 3000, b"", b"ab\xc3"])
def test_the_body_of_an_entry_is_the_same_however_it_came(data):
    for size in (1, 2, 7, 4096):
        tape = Tape("chat", "m", "e", SentRequest("POST", "https://x.example/v1", {}, {}), Head(200, {}, 0.1))
        tape.reads = [Read(0.2, data[at : at + size]) for at in range(0, len(data), size)]
        (entry,) = json.loads(as_har([tape]))["log"]["entries"]
        content = entry["response"]["content"]
        text = content["text"]
        assert (base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()) == data
        assert content["size"] == len(data)


@pytest.mark.parametrize("form", ["tape", "har", "sse", "case"])
def test_a_long_tape_is_exported_piece_by_piece(form):
    fetched = []

    def since(number):
        fetched.append(number)
        return [Read(0.2 + at * 0.001, GOOD[1].encode()) for at in range(number, min(number + 500, 20_000))]

    tape = Tape("chat", "m", "e", SentRequest("POST", "https://x.example/v1", {}, {}), Head(200, {}, 0.1))
    tape.reads, tape.end = LongReads(20_000, since), TapeEnd(99.0, "eof")
    before = len(fetched)
    longest = 0
    for number, piece in enumerate(export_tape(tape, form)):
        longest = max(longest, len(piece))
        if form in ("tape", "sse") and number == 1:
            assert len(fetched) <= before + 3  # the first is written before the last is read
    assert longest < 100_000


def test_a_file_that_cannot_be_written_to_its_end_is_not_left(tmp_path):
    def pieces():
        yield b"the beginning"
        raise StoreError("the tape of turn a.1 cannot be read: the sessions file is damaged")

    with pytest.raises(StoreError):
        write_new(tmp_path / "new.har", pieces())
    assert not (tmp_path / "new.har").exists()
