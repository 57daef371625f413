"""`rillet doctor` and `rillet models`: the questions first, then the report; JSON as its schema says."""

from __future__ import annotations

import json

import pytest

from tests.cli import running
from tui.schema.check import violations

KEY = "xai-F4k3K3yF4k3K3yF4k3K3yF4k3K3yF4k3"


@pytest.fixture
def report(rillet):
    """Runs the doctor for JSON, and holds it against its schema."""

    def run(*words, **more):
        done = rillet("doctor", "--json", *words, **more)
        told = json.loads(done.stdout)
        schema = json.loads(rillet("doctor", "--schema").stdout)
        assert violations(schema, told) == []
        return done, told

    return run


def test_the_questions_are_shown_with_their_number_before_the_card(rillet, server):
    done = rillet("doctor", server.url("ok"), env={"RILLET_API_KEY": KEY})
    assert done.returncode == 0
    assert f"rillet asks {server.url('ok')} at most 18 small questions" in done.stderr
    assert "with the key from RILLET_API_KEY" in done.stderr
    assert done.stderr.count("POST /") == 12
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"127.0.0.1:{server.port} · scripted-1 · key from RILLET_API_KEY")
    assert "Messages (/messages)" in lines
    assert "This machine" in lines
    assert KEY not in done.stdout + done.stderr


def test_a_key_of_another_endpoint_is_not_sent(rillet, server):
    before = len(server.log)
    done = rillet("doctor", server.url("ok"), env={"XAI_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY})
    assert done.returncode == 0
    assert ", without a key:" in done.stderr
    assert all(KEY not in str(entry.headers) for entry in server.log[before:])


def test_an_endpoint_of_the_settings_by_its_name(report, server, home):
    settings = home / "config.toml"
    settings.write_text(f'[endpoints.lab]\nbase_url = "{server.url("ok")}"\nmodel = "m"\n')
    done, told = report("lab", "--dialect", "chat", env={"RILLET_CONFIG": str(settings)})
    assert done.returncode == 0
    assert (told["card"]["endpoint"], told["card"]["model"]) == ("lab", "m")
    assert [each["dialect"] for each in told["card"]["dialects"]] == ["chat"]
    machine = {fact["name"]: fact["words"] for fact in told["machine"]}
    assert str(settings) in machine["settings"]
    assert "lab" in machine["endpoints"]


@pytest.mark.parametrize(("scenario", "code"), [("http@401", 3), ("http@500", 1), ("html-200", 1), ("close", 4)])
def test_the_exit_code_says_why_nothing_is_spoken(report, server, scenario, code):
    done, told = report(server.url(scenario), "--dialect", "chat")
    assert done.returncode == code
    assert told["card"]["reason"]


def test_this_machine_alone_asks_nobody(report, server):
    before = len(server.log)
    done, told = report(env={"HTTPS_PROXY": "http://me:pa55word@proxy.test:3128", "XAI_API_KEY": KEY, "TERM": "xterm"})
    assert (done.returncode, done.stderr, told["card"]) == (0, "", None)
    machine = {fact["name"]: fact["words"] for fact in told["machine"]}
    assert machine["proxy"] == "https through proxy.test:3128"
    assert machine["endpoints"].startswith("xai (key from XAI_API_KEY), anthropic (no key)")
    assert "TERM=xterm" in machine["terminal"]
    assert "OSC 52" in machine["clipboard"]
    assert "authorities" in machine["certificates"]
    assert "textual" in machine["libraries"]
    assert machine["tools"]
    assert KEY not in done.stdout
    assert "pa55word" not in done.stdout
    assert len(server.log) == before


def test_settings_that_cannot_be_used_are_a_line_of_the_machine(report, home):
    settings = home / "config.toml"
    settings.write_text("endpoint = 3\n")
    _, told = report(env={"RILLET_CONFIG": str(settings)})
    machine = {fact["name"]: fact["words"] for fact in told["machine"]}
    assert machine["settings"].startswith("cannot be used: ")


def test_a_database_is_counted_and_not_changed(report, ask, rillet):
    ask("ok", "hi")
    _, told = report()
    machine = {fact["name"]: fact["words"] for fact in told["machine"]}
    assert ", 1 session" in machine["database"]


def test_an_endpoint_that_is_not_there(rillet):
    done = rillet("doctor", "xia")
    assert done.returncode == 2
    assert "Did you mean “xai”?" in done.stderr


def test_the_models_of_an_endpoint(rillet, server):
    done = rillet("models", "--base-url", server.url("models-xai"))
    assert done.returncode == 0
    head, first, *_ = done.stdout.splitlines()
    assert head.split() == ["model", "context", "$", "in", "$", "cached", "$", "out", "takes"]
    assert first.split()[:4] == ["grok-4", "1.25", "0.3", "2.5"]
    assert "US dollars for a million tokens" in done.stdout


def test_the_models_as_json(rillet, server):
    done = rillet("models", "--base-url", server.url("models-xai"), "--json")
    told = json.loads(done.stdout)
    assert told[0]["id"] == "grok-4"
    assert {"price_in", "price_out", "context", "inputs", "aliases", "can_stream"} <= set(told[0])


def test_no_list_of_models(rillet, server):
    done = rillet("models", "--base-url", server.url("models-404"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "has no list of models" in done.stderr


def test_the_models_of_an_endpoint_by_name(rillet):
    done = rillet("models", "--endpoint", "local")
    assert done.returncode == 0
    assert "smollm2-135m" in done.stdout


def test_a_tape_that_is_served_is_told_with_its_own_oddities(report, ask, rillet, home):
    ask("no-usage", "hi", env={"RILLET_API_KEY": KEY})
    (line,) = rillet("tape", "list").stdout.splitlines()
    assert rillet("tape", "export", line.split()[0], str(home / "one.tape")).returncode == 0
    with running.start("serve", str(home / "one.tape"), home=home) as serving:
        try:
            url = serving.stdout.readline().strip()
            done, told = report(url, "--dialect", "chat")
        finally:
            serving.terminate()
    assert done.returncode == 0
    (chat,) = told["card"]["dialects"]
    assert chat["usage"]["verdict"] == "none"
    assert "no usage came" in chat["usage"]["words"]
    assert chat["stream"]["verdict"] in ("truly", "at once"), "it is played as quickly as it came"
