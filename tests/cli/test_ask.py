"""`rillet ask`: what goes to which stream, the events, the exit codes, and what stays on disk."""

import io
import json
import os
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.running import KEY, environ_in, start
from tests.conformance.harness import CASES
from tests.process.numbered import Numbered
from tests.server import TEXT, FaultServer
from tui.cli.ask import Printer, read_prompt
from tui.domain.delta import RefusalDelta
from tui.domain.tool_call import CallOutcome, ToolCall
from tui.domain.turn import Prompt, Turn, TurnState
from tui.domain.turn_record import turn_record

TURN_KEYS = (
    "type state text reasoning reasoning_parts refusal tool_calls finish_reason incomplete_reason usage tokens "
    "citations model response_id items server_tools next error timing"
).split()


def events_of(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def prompt_sent(server):
    return server.log[-1].body["messages"][-1]["content"]


@pytest.mark.parametrize("dialect", ["chat", "responses"])
def test_the_text_goes_to_standard_output_and_nothing_else_does(ask, dialect):
    done = ask("ok", "--dialect", dialect, "hi")
    assert (done.returncode, done.stdout, done.stderr) == (0, TEXT + "\n", "")


def test_the_prompt_is_the_argument_and_standard_input_joined(ask, server):
    assert ask("echo", "Review this:", stdin="diff --git\n+line\n").stdout == "Review this:\n\ndiff --git\n+line\n"
    assert prompt_sent(server) == "Review this:\n\ndiff --git\n+line"
    assert ask("echo", stdin="only this").stdout == "only this\n"
    assert ask("echo", "only that", stdin="").stdout == "only that\n"
    nothing = ask("echo", stdin=" \n")
    assert (nothing.returncode, "there is no prompt" in nothing.stderr) == (2, True)


@pytest.mark.parametrize("dialect", ["chat", "responses"])
def test_images_go_with_the_prompt(ask, server, tmp_path, dialect):
    (tmp_path / "a b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    address = "https://x.example/cat.png"
    images = ("--image", str(tmp_path / "a b.png"), "--image", address)
    assert ask("ok", "--dialect", dialect, *images, "What?").returncode == 0
    body = server.log[-1].body
    text, one, two = (body["messages"] if dialect == "chat" else body["input"])[-1]["content"]
    assert text["text"] == "What?"
    urls = [part["image_url"]["url"] if dialect == "chat" else part["image_url"] for part in (one, two)]
    assert urls == ["data:image/png;base64,iVBORw0KGgo=", address]
    assert "a b.png" not in json.dumps(body)


def test_an_image_that_cannot_be_read_sends_nothing(ask, server, tmp_path):
    before = len(server.log)
    done = ask("ok", "--image", str(tmp_path / "none.png"), "What?")
    assert (done.returncode, "none.png cannot be read" in done.stderr) == (2, True)
    assert len(server.log) == before


def test_the_system_prompt_is_sent(ask, server):
    ask("ok", "--system", "Be brief.", "hi")
    assert server.log[-1].body["messages"][0] == {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize(
    ("scenario", "code", "says"),
    [
        ("http@500", 1, ("The endpoint failed (500)", "the prompt is saved: rillet --session")),
        ("error-object", 1, ("had an error", "7 words came and are saved: rillet --session")),
        ("html-200", 1, ("HTML page", "Hotel Login", "base URL")),
        ("http@401", 3, ("key was refused", "RILLET_API_KEY")),
        ("http-xai", 3, ("key was refused", "RILLET_API_KEY")),
        ("reset@900", 4, ("broke", "Try again", "4 words came and are saved")),
        ("close", 4, ("hung up",)),
        ("short@900", 5, ("ended before it was finished", "4 words came and are saved")),
        ("length", 5, ("cut at the token limit",)),
        ("filtered", 5, ("filtered",)),
        ("tool-cut", 5, ("1 tool call came and is saved",)),
        ("endless-line", 5, ("more than 4 MB",)),
        ("empty", 0, ("the reply is empty",)),
        ("tools", 0, ("tool call: get_weather",)),
        ("redirect-host", 1, ("redirects to elsewhere.invalid",)),
        ("http-escapes", 1, ("␛]52",)),
    ],
)
def test_each_ending_has_its_exit_code_and_its_sentence(ask, scenario, code, says):
    done = ask(f"{scenario};cli", "hi", env={"RILLET_API_KEY": KEY})
    assert done.returncode == code, done.stderr
    for words in says:
        assert words in done.stderr
    assert all(line.startswith("rillet: ") for line in done.stderr.splitlines())
    assert "\x1b" not in done.stderr
    assert "Traceback" not in done.stderr
    assert KEY not in done.stdout + done.stderr


def test_no_key_no_host_and_no_server_are_told_apart(rillet):
    missing = rillet("ask", "--endpoint", "xai", "hi")
    assert (missing.returncode, missing.stdout) == (3, "")
    assert "There is no key for xAI" in missing.stderr
    assert "XAI_API_KEY" in missing.stderr
    local = rillet("ask", "hi")
    assert local.returncode == 3
    assert "rillet local install" in local.stderr
    unknown = rillet("ask", "--base-url", "https://no-such-host.invalid/v1", "--model", "m", "hi")
    assert unknown.returncode == 4
    assert "Cannot find host no-such-host.invalid" in unknown.stderr
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    nobody = rillet("ask", "--base-url", f"http://127.0.0.1:{port}/v1", "--model", "m", "hi")
    assert nobody.returncode == 4
    assert f"Nothing listens at 127.0.0.1:{port}" in nobody.stderr
    assert "Is the server running?" in nobody.stderr


@pytest.mark.parametrize("dialect", ["chat", "responses"])
@pytest.mark.parametrize(
    ("scenario", "kinds"),
    [
        ("ok", {"text", "finish", "usage"}),
        ("reasoning", {"reasoning", "text", "finish", "usage"}),
        ("tools", {"tool_call", "finish", "usage"}),
        ("flaky@1", {"retry", "text", "finish", "usage"}),
        ("http@400", set()),
        ("error-object", {"text"}),
    ],
)
def test_events_are_json_lines_from_the_request_to_the_turn(ask, scenario, kinds, dialect):
    done = ask(f"{scenario};events-{dialect}", "--dialect", dialect, "--events", "hi")
    events = events_of(done)
    said = [event["type"] for event in events]
    assert said[0] == "request"
    assert said[-1] == "turn"
    assert said.count("turn") == said.count("request") == 1
    assert set(said[1:-1]) == kinds
    if "text" in kinds and scenario != "error-object":
        assert said.count("text") == len(TEXT.split())  # as the endpoint cut it, however it came
    times = [event["t"] for event in events[:-1]]
    assert times == sorted(times)
    assert times[0] == 0.0
    turn = events[-1]
    assert set(TURN_KEYS) <= set(turn)
    assert set(turn) == {"type", *turn_record(Turn(None))}
    assert (events[0]["model"], events[0]["dialect"]) == ("m", dialect)
    assert turn["text"] == "".join(event["text"] for event in events if event["type"] == "text")
    for event in events:
        if event["type"] == "tool_call":
            assert set(event) >= {"type", "index", "id", "name", "arguments", "t"}
    if scenario == "tools":
        arguments = "".join(event["arguments"] for event in events if event["type"] == "tool_call")
        assert turn["tool_calls"][0]["arguments"] == arguments == '{"city": "Paris"}'
        assert turn["next"] == "tools"
    if scenario == "ok":
        assert turn["tokens"] == {
            "input": 9,
            "cached": 4,
            "output": 12,
            "reasoning": turn["tokens"]["reasoning"],
            "total": 21,
        }
        assert turn["timing"]["latency"] <= turn["timing"]["duration"]
    if scenario == "http@400":
        assert turn["error"]["status"] == 400
        assert done.returncode == 1


def test_events_come_one_by_one(home, server):
    """Each is printed when its delta arrives, not when the reply is over."""
    reply = Numbered()
    reply.may_end.clear()
    with start(
        "ask", "--base-url", server.add("numbered", reply), "--model", "m", "--events", "hi", home=home
    ) as child:
        for line in child.stdout:
            if json.loads(line)["type"] == "text":
                break
        child.terminate()
        assert json.loads(child.stdout.readlines()[-1])["state"] == "stopped"
        child.communicate(timeout=60)
    assert child.returncode == 143
    assert not reply.finished_at


def test_what_is_asked_is_saved_for_its_owner_only(ask, home):
    os.umask(0o022)
    ask("reset@900", "keep this prompt")
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    folders = {path for path in home.rglob("*") if path.is_dir() and path.name == "rillet"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    with sqlite3.connect(home / "data/rillet/sessions.db") as database:
        ((state, opening),) = database.execute("SELECT state, opening FROM turn").fetchall()
    database.close()
    assert (state, "keep this prompt" in opening) == ("failed", True)


def test_no_save_keeps_nothing(ask, home):
    done = ask("ok", "--no-save", "hi")
    assert done.stdout == TEXT + "\n"
    broken = ask("reset@900", "--no-save", "hi")
    assert "saved" not in broken.stderr
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_a_schema_is_asked_for_and_held_against_the_reply(ask, home, server):
    schema = home / "schema.json"
    schema.write_text('{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}')
    good = ask("structured", "--schema", str(schema), "hi")
    assert (good.returncode, json.loads(good.stdout)) == (0, {"city": "Paris"})
    assert server.log[-1].body["response_format"]["type"] == "json_schema"
    bad = ask("ok", "--schema", str(schema), "hi")
    assert bad.returncode == 5
    assert "JSON" in bad.stderr


def test_asking_never_imports_the_screen(home, server):
    check = (
        "import sys; from tui.cli import run\n"
        f"code = run(['ask', '--base-url', {server.url('ok')!r}, '--model', 'm', 'hi'])\n"
        "heavy = {'textual', 'markdown_it', 'mcp', 'tui.ui', 'tui.typeset'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], env=environ_in(home), stdin=subprocess.DEVNULL, capture_output=True
    )
    assert done.returncode == 0, done.stderr


WEATHER = """
[tools.command.get_weather]
description = "The weather in a city"
argv = ["/bin/sh", "-c", "echo ran >> ran; echo 5 degrees", "{city}"]
parameters = "city str?"
"""


@pytest.fixture
def approve(rillet, server, home):
    """Runs `rillet ask --approve get_weather` against a reply; the second value is how often the tool ran."""

    def run(url, *words):
        (home / "weather.toml").write_text(WEATHER.replace(">> ran", f">> {home}/ran"))
        asked = ("--config", str(home / "weather.toml"), "--approve", "get_weather", *words, "hi")
        done = rillet("ask", "--base-url", url, "--model", "m", *asked)
        ran = home / "ran"
        return done, ran.read_text().count("ran") if ran.exists() else 0

    return run


@pytest.mark.parametrize(
    "name",
    [
        "chat-finish-network-error",
        "chat-finish-engine-failure-nobody-knows",
        "resp-incomplete-max-messages",
        "resp-incomplete-a-reason-of-tomorrow",
        "resp-completed-says-incomplete",
    ],
)
def test_no_tool_runs_for_a_reply_that_may_have_been_cut(approve, server, name):
    case = next(case for case in CASES if case["name"] == name)
    done, ran = approve(server.play(case), "--dialect", case["dialect"])
    assert (done.returncode, ran) == (5, 0), done.stderr
    assert "the tool calls were not run" in done.stderr


def test_a_tool_runs_with_the_arguments_that_come_after_the_finish_reason(approve, server):
    case = next(case for case in CASES if case["name"] == "chat-finish-tool-calls-before-arguments")
    approve(server.play(case))
    result = [entry for entry in server.log[-1].body["messages"] if entry["role"] == "assistant"][0]
    assert json.loads(result["tool_calls"][0]["function"]["arguments"]) == {"city": "Oslo"}


def test_arguments_that_are_not_json_are_said_and_run_nothing(approve, server):
    done, ran = approve(server.url("tool-bad-json"))
    assert (done.returncode, ran) == (5, 0)
    assert "the arguments of get_weather are not JSON" in done.stderr


def test_an_approval_that_nobody_can_give_is_said_and_ends_in_5(rillet, server):
    case = next(case for case in CASES if case["name"] == "resp-mcp-approval-request")
    where = ("--base-url", server.play(case), "--model", "m", "--dialect", "responses")
    done = rillet("ask", *where, "hi")
    assert done.returncode == 5
    assert 'waits for approval: ask_question of the MCP server deepwiki {"repo":"a/b"}' in done.stderr
    assert "--approve deepwiki:ask_question" in done.stderr


def test_the_limit_of_rounds_is_said_as_that(approve, server):
    done, ran = approve(server.url("tool-loop"))
    assert (done.returncode, ran) == (5, 8), done.stderr
    assert "8 rounds, which is the limit; the last calls were not run" in done.stderr
    assert "nothing was run" not in done.stderr


@pytest.mark.parametrize("proxy", ["http://me:geheim#1@127.0.0.1:9", "http://proxy:port"])
def test_a_proxy_variable_that_cannot_be_read_is_a_mistake_of_the_settings(rillet_process, home, proxy):
    (home / "far.toml").write_text(
        '[endpoints.far]\nbase_url = "http://llm.example/v1"\nallow_http = true\nmodel = "m"\n'
    )
    words = ("ask", "--config", str(home / "far.toml"), "--endpoint", "far", "hi")
    done = rillet_process(*words, env={"HTTP_PROXY": proxy})
    assert (done.returncode, done.stdout) == (2, "")
    assert "HTTP_PROXY cannot be read as the address of a proxy." in done.stderr
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr


SHELL = "import sys; from tui.cli import run; sys.exit(run(sys.argv[1:]))"


@pytest.mark.parametrize(
    "words", [["--version"], ["paths"], ["ask", "hi"], ["ask", "--events", "hi"], ["decode", "--dialect", "chat"]]
)
def test_output_that_takes_nothing_is_a_sentence(server, tmp_path, words):
    if words[0] == "ask":
        words = ["ask", "--base-url", server.url("ok"), "--model", "m", *words[1:]]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", SHELL, *words],
            input=b'data: {"choices":[{"delta":{"content":"hi"}}]}\n\n' if words[0] == "decode" else b"",
            stdout=full,
            stderr=subprocess.PIPE,
            env=environ_in(tmp_path),
        )
    assert done.returncode == 1
    assert done.stderr.decode() == "rillet: standard output takes nothing more: No space left on device\n"


@pytest.mark.parametrize("words", ["--help", "ask --help", "sessions list --help"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_help_that_nobody_can_be_given_is_no_success(tmp_path, words, unbuffered):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", SHELL, *words.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environ_in(tmp_path, PYTHONUNBUFFERED=unbuffered),
        )
    assert done.returncode == 1
    assert done.stderr.decode() == "rillet: standard output takes nothing more: No space left on device\n"


@pytest.mark.parametrize("words", ["paths", "--help", "sessions list --help", "--plain --version"])
def test_output_that_is_closed_is_a_sentence(tmp_path, words):
    command = f"{sys.executable} -c '{SHELL}' {words} >&-"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, env=environ_in(tmp_path))
    assert (done.returncode, done.stderr) == (2, b"rillet: standard output is closed: there is nowhere to write to\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("decode", b'"kind":"empty"'),
        ("ask -", b"there is no prompt"),
        ("keys", b"keys are pressed in a terminal"),
        ("mcp import -", b"this is not JSON"),
        ("--plain --no-save", b"Ctrl+D leaves"),
    ],
)
def test_input_that_is_closed_is_input_of_which_nothing_comes(tmp_path, words, said):
    command = f"{sys.executable} -c '{SHELL}' {words} <&- 2>&1"
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, env=environ_in(tmp_path))
    assert said in done.stdout
    assert b"Traceback" not in done.stdout


def test_a_dash_as_the_prompt_is_what_is_piped_in(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"from the pipe\n")))
    assert read_prompt("-") == "from the pipe"


def test_output_that_is_not_utf8_takes_characters_that_are_not_ascii(server, tmp_path):
    for words, said in ((["ask"], b"na\\xefve \\u65e5"), (["ask", "--events"], "naïve 日".encode())):
        done = subprocess.run(
            [sys.executable, "-c", SHELL, *words, "--base-url", server.url("echo"), "--model", "m", "naïve 日"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=environ_in(tmp_path, PYTHONIOENCODING="ascii"),
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert said in done.stdout


def test_the_time_a_tool_took_is_written_like_every_other():
    notes = io.StringIO()
    call = ToolCall(0, name="slow", fragments=["{}"], outcome=CallOutcome("done", "ok", duration=90.4))
    Printer(io.StringIO(), notes).result(call, 0.0)
    assert notes.getvalue() == "rillet: tool done in 1 min 30 s: slow {}: ok\n"


def test_a_refusal_is_said_whole_however_it_was_cut():
    notes, turn = io.StringIO(), Turn(Prompt("hi"))
    printer = Printer(io.StringIO(), notes)
    for words in ("I cannot ", "help with ", "that."):
        turn.apply(RefusalDelta(words))
        printer.delta(RefusalDelta(words), 0.0)
    turn.state = TurnState.COMPLETE
    printer.turn(turn)
    assert notes.getvalue().splitlines()[0] == "rillet: refused: I cannot help with that."
    assert notes.getvalue().count("refused") == 1


def test_a_tool_that_ran_is_said_with_its_arguments_and_what_came_of_it(approve, server):
    done, ran = approve(server.url("tools"))
    assert (done.returncode, ran) == (0, 1), done.stderr
    assert "tool done" in done.stderr
    assert "get_weather" in done.stderr
    assert "5 degrees" in done.stderr
    events = events_of(approve(server.url("tools"), "--events")[0])
    kinds = [event["type"] for event in events]
    at = kinds.index("tool_result")
    assert kinds.index("tool_call") < at < len(kinds) - 1 - kinds[::-1].index("request")
    result = events[at]
    assert {name: result[name] for name in ("name", "state", "is_error", "text")} == {
        "name": "get_weather",
        "state": "done",
        "is_error": False,
        "text": "5 degrees",
    }
    assert json.loads(result["arguments"]) == json.loads(
        "".join(event["arguments"] for event in events if event["type"] == "tool_call")
    )


def test_a_tool_that_was_offered_and_not_approved_is_named_and_told_as_not_run(rillet, server, home):
    (home / "weather.toml").write_text(WEATHER)
    words = ("--config", str(home / "weather.toml"), "--tool", "get_weather", "--events", "hi")
    done = rillet("ask", "--base-url", server.url("tools"), "--model", "m", *words)
    assert done.returncode == 5
    (result,) = [event for event in events_of(done) if event["type"] == "tool_result"]
    assert result["state"] == "not run"
    assert "approval" in result["text"]


def test_settings_that_everyone_can_write_are_pointed_out(ask, home):
    path = home / "mine.toml"
    path.write_text("reduced_motion = true\n")
    for mode, is_told in ((0o600, False), (0o664, False), (0o666, True)):
        path.chmod(mode)
        done = ask("ok", "--config", str(path), "hi")
        assert done.returncode == 0
        assert (f"everyone on this machine can write {path}" in done.stderr) is is_told


def test_a_key_that_a_tool_prints_is_neither_kept_nor_sent_on(rillet, server, home):
    (home / "told").write_text(f"key={KEY} and k%65y")
    (home / "leak.toml").write_text(WEATHER.replace("echo ran >> ran; echo 5 degrees", f"cat {home}/told"))
    words = ("--config", str(home / "leak.toml"), "--approve", "get_weather", "--events", "hi")
    done = rillet("ask", "--base-url", server.url("tools"), "--model", "m", *words, env={"RILLET_API_KEY": KEY})
    assert done.returncode == 0, done.stderr
    (result,) = [event for event in events_of(done) if event["type"] == "tool_result"]
    assert result["text"] == "key=" + "*" * len(KEY) + " and k%65y"
    assert KEY not in json.dumps(server.log[-1].body)
    assert not [path for path in (home / "data").rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def case_named(name):
    return next(case for case in CASES if case["name"] == name)


def test_a_blank_line_stands_between_two_messages_and_the_last_is_judged(rillet, server):
    url = server.play(case_named("resp-two-messages"))
    done = rillet("ask", "--base-url", url, "--model", "m", "--dialect", "responses", "hi")
    assert (done.returncode, done.stdout) == (0, "One. \n\nTwo.\n")


def test_an_image_is_saved_and_told(rillet, server, home):
    for name, dialect in (("chat-images", "chat"), ("resp-image-generation", "responses")):
        url = server.play(case_named(name))
        done = rillet("ask", "--base-url", url, "--model", "m", "--dialect", dialect, "hi")
        assert (done.returncode, done.stdout) == (0, "")
        line = next(line for line in done.stderr.splitlines() if "image: image/png, 9 B: " in line)
        path = Path(line.partition(" B: ")[2])
        assert path.read_bytes() == b"\x89PNG\r\n\x1a\n"
        assert (path.is_relative_to(home), path.stat().st_mode & 0o777) == (True, 0o600)
        assert "the reply is empty" not in done.stderr
    kept = rillet("ask", "--no-save", "--base-url", url, "--model", "m", "--dialect", "responses", "hi")
    assert "image: image/png, 9 B\n" in kept.stderr


def test_asking_once_over_http_loads_no_foreign_http_no_tls_and_no_screen(server, home):
    (home / "told.py").write_text(
        "import sys\nfrom tui.cli import run\nrun(sys.argv[1:])\nprint(sorted({'click', 'rich', 'textual', 'httpx', 'anyio', 'http.client', '_ssl', '_hashlib'} & set(sys.modules)))\n"
    )
    words = ["ask", "--base-url", server.url("ok"), "--model", "m", "--no-save", "hi"]
    done = subprocess.run(
        [sys.executable, str(home / "told.py"), *words],
        env=environ_in(home),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == (f"{TEXT}\n[]\n", "")


def test_tls_is_there_when_it_is_spoken(home):
    certificate = Path(__file__).parents[1] / "net/certificate/own.pem"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with FaultServer(tls=context) as server:
        words = ["ask", "--base-url", server.url("ok"), "--model", "m", "--no-save", "hi"]
        command = [sys.executable, "-m", "tui", *words]
        done = subprocess.run(
            command,
            env=environ_in(home) | {"SSL_CERT_FILE": str(certificate)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.stdout, done.stderr) == (f"{TEXT}\n", "")
        done = subprocess.run(command, env=environ_in(home), capture_output=True, text=True, timeout=60)
        assert "nobody this machine trusts has signed it" in done.stderr


def test_asking_does_without_what_only_other_replies_need(server, home):
    (home / "told.py").write_text(
        "import sys\nfrom tui.__main__ import main\ntry:\n    main()\nfinally:\n"
        "    print(sorted({'html.entities', 'tui.local.model', 'tui.page.citation'} & set(sys.modules)))\n"
    )
    words = ["ask", "--base-url", server.url("ok"), "--model", "m", "--no-save", "hi"]
    command = [sys.executable, str(home / "told.py"), *words]
    done = subprocess.run(command, env=environ_in(home), capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == (f"{TEXT}\n[]\n", "")


def test_sources_are_told_with_what_they_are_named_for(rillet, server):
    url = server.play(case_named("msg-server-tool-citations"))
    done = rillet("ask", "--base-url", url, "--model", "m", "--dialect", "messages", "hi")
    assert (done.returncode, done.stdout) == (0, "Cold.\n")
    assert "rillet: [1] A https://a.example, for “Cold.”\n" in done.stderr
    done = rillet("ask", "--events", "--base-url", url, "--model", "m", "--dialect", "messages", "hi")
    told = [event for event in events_of(done) if event["type"] == "citation"]
    assert [(event["url"], event.get("start"), event.get("end")) for event in told[-1:]] == [
        ("https://a.example", 0, 5)
    ]


def test_options_are_flags_and_a_preset_comes_under_them(ask, server, home):
    (home / "config" / "rillet").mkdir(parents=True)
    (home / "config" / "rillet" / "config.toml").write_text(
        '[presets.calm]\ntemperature = 0.1\nseed = 3\nsystem = "Hm."\n'
    )
    done = ask("ok", "--preset", "calm", "--temperature", "0.4", "--stop-at", "END", "--top-p", "0.9", "hi")
    body = server.log[-1].body
    assert done.returncode == 0
    assert (body["temperature"], body["seed"], body["stop"], body["top_p"]) == (0.4, 3, ["END"], 0.9)
    assert body["messages"][0] == {"role": "system", "content": "Hm."}
    count = len(server.log)
    for words, says in (
        (["--temperature", "hot"], "temperature cannot be “hot”"),
        (["--preset", "clam"], "Did you mean “calm”?"),
        (["--server-tool", "web_search"], "has no tool of its own “web_search”"),
    ):
        done = ask("ok", *words, "hi")
        assert (done.returncode, len(server.log)) == (2, count)
        assert says in done.stderr


def test_a_saved_session_goes_on_and_the_events_name_it(ask, server):
    first = events_of(ask("ok", "--events", "one"))
    session = first[0]["session"]
    assert first[0]["type"] == "request"
    assert events_of(ask("ok", "--events", "--session", session[:6], "two"))[0]["session"] == session
    assert events_of(ask("ok", "--events", "--continue", "three"))[0]["session"] == session
    assert [each["content"] for each in server.log[-1].body["messages"] if each["role"] == "user"] == [
        "one",
        "two",
        "three",
    ]
    other = events_of(ask("ok", "--events", "four"))[0]["session"]
    assert other != session
    wrong = ask("ok", "--session", "zzzz", "five")
    assert (wrong.returncode, "zzzz" in wrong.stderr) == (2, True)


def test_a_standard_input_that_nobody_writes_to_is_said_to_be_waited_for(monkeypatch, capsys):
    from tui.cli import ask as module

    monkeypatch.setattr(module, "WAITS_SILENTLY", 0.01)
    reading, writing = os.pipe()
    with open(reading) as source:
        monkeypatch.setattr(sys, "stdin", source)
        threading.Timer(0.1, os.close, [writing]).start()
        assert module.read_prompt("hi") == "hi"
    assert "waiting for standard input" in capsys.readouterr().err
