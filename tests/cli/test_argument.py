"""Command lines that make no sense: a sentence, the nearest right word, exit code 2, no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from tui import __version__
from tui.chat.opening import forget_choice
from tui.cli import run
from tui.cli.chat_words import read_words
from tui.cli.parser import make_parser, parse_words
from tui.store.choice import Choices, load_choices, save_choices
from tui.store.path import choices_path


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    """Runs a command line in this process; returns its exit code and what it complained of."""
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    for name in ("XAI_API_KEY", "RILLET_API_KEY", "RILLET_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stdin", None)

    def try_(*words):
        try:
            code = run(words)
        except SystemExit as left:
            code = left.code
        return code, capsys.readouterr().err

    return try_


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["asc", "hi"], "did you mean ask?"),
        (["--modell", "x"], "--modell; did you mean --model?"),
        (["--endpont=xai"], "did you mean --endpoint?"),
        (["ask", "--modle", "x", "hi"], "did you mean --model?"),
        (["ask", "--shema", "f", "hi"], "did you mean --schema?"),
        (["ask", "--zzzzzz", "hi"], "unrecognized arguments: --zzzzzz"),
        (["ask", "--dialect", "chats", "hi"], "did you mean chat?"),
        (["ask", "--event5", "hi"], "did you mean --events?"),
        (["serve", "--sped", "2", "x"], "did you mean --speed?"),
        (["serve", "--port", "99999", "x"], "“99999” is no whole number from 0 to 65535"),
        (["--web-port", "-1"], "is no whole number from 0 to 65535"),
        (["serve", "--times", "0", "x"], "“0” is no whole number of at least 1"),
        (["serve", "--speed", "nan", "x"], "“nan” is no number of at least 0"),
        (["replay", "--speed", "-1", "x"], "“-1” is no number of at least 0"),
        (["race", "--runs", "0", "-m", "m"], "is no whole number of at least 1"),
        (["stats", "--days", "x"], "“x” is no whole number of at least 1"),
        (["tape", "lst"], "did you mean list?"),
        (["local", "instal"], "did you mean install?"),
        (["hello"], '“hello” is no command; to ask it once: rillet ask "hello"'),
        (["why", "me"], 'rillet ask "why me"'),
        (["ask", "hello", "world"], 'needs quotes: rillet ask "hello world"'),
        (["tape"], "COMMAND"),
        (["--session"], "--session: expected one argument"),
        (["ask", "a", "\x1b[2J"], "␛[2J"),
        (["ask"], "there is no prompt"),
        (["ask", "--endpoint", "xia", "hi"], "Did you mean “xai”?"),
        (["ask", "--endpoint", "zzz", "hi"], "There are: anthropic, local, xai"),
        (["ask", "--endpoint", "xai", "--base-url", "http://127.0.0.1:9/v1", "hi"], "exclude each other"),
        (["ask", "--base-url", "http://127.0.0.1:9/v1", "hi"], "Name one with --model"),
        (["ask", "--base-url", "http://example.com/v1", "--model", "m", "hi"], "Write https://"),
        (["ask", "--base-url", "https://me:pw@example.com/v1", "--model", "m", "hi"], "before the @"),
        (["ask", "--base-url", "https://a.b/v1/chat/completions", "--model", "m", "hi"], "Write https://a.b/v1"),
        (["ask", "--config", "/no/such.toml", "hi"], "/no/such.toml"),
        (["ask", "--schema", "/no/such.json", "--model", "m", "hi"], "/no/such.json"),
        (["ask", "--tool", "zzz", "--model", "m", "hi"], "there is no tool"),
        (["replay", "/no/such.tape"], "/no/such.tape"),
        (["tape", "show", "zzzz.1"], "zzzz"),
        (["tape", "check", "zzzz.1"], "no session “zzzz”, and no file of that name"),
        (["serve", "folder"], "no session “folder”, and no file of that name"),
        (["tape", "export", "zzzz", "/tmp/x"], "zzzz"),
    ],
)
def test_a_wrong_command_line_is_explained(said, words, says):
    code, err = said(*words)
    assert code == 2, err
    assert says in err
    assert err.startswith("rillet: ")
    assert "pw@" not in err


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("tape export a.1 --as har x.har", "file", "x.har"),
        ("tape export --as har a.1 x.har", "file", "x.har"),
        ("serve a.tape --times 1 b.tape --port 0", "tapes", ["a.tape", "b.tape"]),
        ("sessions search one --limit 3 two", "words", ["one", "two"]),
        ("tools test name --root /tmp {}", "arguments", "{}"),
        ("ask --model m hi --events", "prompt", "hi"),
        ("ask -- --hi", "prompt", "--hi"),
    ],
)
def test_options_may_stand_between_the_arguments_of_a_command(words, name, value):
    parsed = getattr(parse_words(words.split()), name)
    assert (str(parsed) if isinstance(parsed, Path) else parsed) == value


def test_the_screen_needs_a_terminal(said):
    code, err = said()
    assert code == 2
    assert "rillet ask" in err


@pytest.mark.parametrize(
    ("settings", "line", "says"),
    [
        ('endpont = "xai"\n', 1, "endpoint"),
        ("\nmodel = 7\n", 2, "model"),
        ("model = \n", 1, "not TOML"),
        ('[endpoints.mine]\nbase_ur = "https://a.b/v1"\n', 2, "base_url"),
        ('[endpoints.mine]\nbase_url = "https://a.b/v1"\nmodel = "m"\napi_key = "sk-abc"\n', 4, "key_env"),
        ("[deadlines]\nquiet = -1\n", 2, "quiet"),
    ],
)
def test_wrong_settings_are_told_with_file_line_and_key(said, tmp_path, settings, line, says):
    path = tmp_path / "mine.toml"
    path.write_text(settings)
    code, err = said("ask", "--config", str(path), "hi")
    assert code == 2
    assert f"{path}:{line}" in err
    assert says in err
    assert "sk-abc" not in err


LAB = '[endpoints.lab]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'


def test_an_endpoint_that_the_settings_misname_is_refused_and_not_another_one(said, tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_API_KEY", "xai-F4k3K3yF4k3K3yF4k3K3y")
    path = tmp_path / "mine.toml"
    path.write_text(f'endpoint = "labb"\n{LAB}')
    code, err = said("ask", "--config", str(path), "hi")
    assert code == 2
    assert f"{path}:1: “endpoint” cannot be “labb”: there is no such endpoint; did you mean “lab”?" in err


def test_settings_that_are_named_must_be_there(said, tmp_path, monkeypatch):
    monkeypatch.setenv("RILLET_CONFIG", str(tmp_path / "gone.toml"))
    code, err = said("ask", "hi")
    assert code == 2
    assert f"there is no file {tmp_path / 'gone.toml'}" in err


@pytest.mark.parametrize(
    "words", [("--plain",), ("ask", "hi"), ("race", "--prompt", "hi", "-m", "a", "-m", "b"), ("models",)]
)
@pytest.mark.parametrize("text", ['endpoint = "labb"\n', "theme = \n", None])
def test_settings_that_cannot_be_used_ask_nobody_else_whatever_is_wanted(said, tmp_path, monkeypatch, words, text):
    monkeypatch.setenv("XAI_API_KEY", "xai-F4k3K3yF4k3K3yF4k3K3y")
    path = tmp_path / "mine.toml"
    if text is not None:
        path.write_text(text)
    code, err = said("--config", str(path), *words)
    assert code == 2
    assert str(path) in err


def test_an_endpoint_that_was_made_the_default_and_is_gone_is_not_replaced(said, tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_API_KEY", "xai-F4k3K3yF4k3K3yF4k3K3y")
    save_choices(choices_path(), Choices(endpoint="lab", model="m"))
    code, err = said("ask", "hi")
    assert code == 2
    assert "the endpoint “lab”, which was made the default in rillet, is not in the settings" in err
    assert said("ask", "--base-url", "http://127.0.0.1:9/v1", "--model", "m", "hi")[0] == 4, "another was named"
    forget_choice()
    assert load_choices(choices_path()) == Choices()


def test_a_damaged_file_of_choices_sends_no_prompt_to_another_endpoint(said, tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_API_KEY", "xai-F4k3K3yF4k3K3yF4k3K3y")
    save_choices(choices_path(), Choices(endpoint="lab", model="m"))
    choices_path().write_bytes(choices_path().read_bytes()[:-3])
    code, err = said("ask", "hi")
    assert code == 2
    assert "which endpoint was made the default in rillet cannot be read" in err
    code, err = said("ask", "--base-url", "http://127.0.0.1:9/v1", "--model", "m", "hi")
    assert code == 4, "another was named"
    assert "as if it was not" in err
    forget_choice()
    assert load_choices(choices_path()) == Choices()


def test_a_mistake_in_the_settings_keeps_nobody_from_what_is_saved(said, tmp_path):
    path = tmp_path / "CONFIG/rillet/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("what = is this")
    assert said("sessions") == (0, "")
    assert said("tape", "list") == (0, "")


def test_the_version_costs_no_imports():
    for words in (["--version"], ["decode"], ["tape", "list"], ["sessions"]):
        check = (
            "import sys; from tui.cli import run\n"
            f"try: run({words!r})\nexcept SystemExit: pass\n"
            "heavy = {'textual', 'rich', 'httpx', 'pygments', 'markdown_it', 'mcp', 'anyio'} & set(sys.modules)\n"
            "if sys.argv[1] == 'version': heavy |= {'asyncio', 'msgspec'} & set(sys.modules)\n"
            "sys.exit(str(heavy) if heavy else 0)"
        )
        kind = "version" if words == ["--version"] else "other"
        done = subprocess.run(
            [sys.executable, "-c", check, kind], stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert done.returncode == 0, (words, done.stderr)
        if kind == "version":
            assert done.stdout == f"rillet {__version__}\n"


def test_an_option_of_another_command_is_not_meant(said):
    code, told = said("ask", "--json", "hi")
    assert (code, "unrecognized arguments: --json" in told) == (2, True)
    assert "did you mean --json" not in told


@pytest.mark.parametrize(
    "words",
    [
        "ask hi --model m --root /a --root /b",
        "decode --dialect responses",
        "tape list",
        "tape export k3v7m2qa.1 --as har",
        "sessions list --deleted",
        "backup restore 2026",
        "tools test clock {}",
        "models --endpoint xai",
        "paths",
        "stats",
        "mcp list",
    ],
)
def test_a_command_is_parsed_alike_without_the_parsers_of_all_others(words):
    whole = vars(make_parser().parse_words(words.split()))
    del whole["whole"]
    assert vars(parse_words(words.split())) == whole


@pytest.mark.parametrize(
    "words",
    [
        "",
        "--continue --no-save --theme=nord",
        "--base-url http://127.0.0.1/v1 --dialect responses -m m --effort high",
        "--root /a --root=/b --server-tool web_search --gguf m.gguf --config c.toml",
        "--temperature 0.5 --max-tokens 12 --seed 3 --parallel yes --stop-at x --system=",
        "--plain --session k3v7 --web-port 8080",
    ],
)
def test_the_words_of_the_chat_mean_the_same_without_argparse(words):
    namespace = read_words(words.split())
    assert namespace is not None
    assert vars(namespace) == vars(parse_words(words.split()))


@pytest.mark.parametrize(
    "words",
    [
        "ask hi",
        "hello",
        "--help",
        "--mod m",
        "-mm",
        "--model",
        "--temperature -1",
        "--dialect none",
        "--web-port 70000",
        "--continue=yes",
        "--",
    ],
)
def test_words_that_are_not_plainly_those_of_the_chat_are_left_to_argparse(words):
    assert read_words(words.split()) is None
