"""Settings: every mistake is told with file, line, key and what was probably meant."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path

import pytest

from tui.domain.endpoint import Deadlines
from tui.domain.error import ConfigError, SettingsError, StoreError
from tui.store.choice import Choices, load_choices, save_choices
from tui.store.settings import Settings, known_endpoints, read_settings
from tui.store.tool_setting import AllowedPattern

FULL = """
endpoint = "lab"
model = "grok-4-fast"
system = "Be brief."
theme = "paper"
send_key = "ctrl+enter"
reduced_motion = true
mouse = false
max_tokens = 1000
temperature = 1
roots = ["~/notes", "/srv/docs"]

[keymap]
"chat.stop" = "escape,ctrl+g"

[panes]
shown = ["calls"]
sizes = { panes = 40 }

[deadlines]
connect = 5
quiet = 90.5

[local]
model = "~/models/other.gguf"
threads = 2
context = 4096

[endpoints.xai]
dialect = "responses"
key_command = "pass show 'xai key'"

[endpoints.lab]
base_url = "http://lab.example:8000/v1"
allow_http = true
model = "qwen"
key_env = ["LAB_KEY", "OTHER_KEY"]
limit_field = "max_tokens"
body = { top_k = 20 }
server_tools = ["web_search"]
[endpoints.lab.deadlines]
first_byte = 120

[tools]
builtin = ["read_file", "calculate"]
fetch_url = true

[tools.command.get_weather]
description = "The weather in a city"
argv = ["weather", "--city", "{city}"]
cwd = "/tmp"
timeout = 5
output_limit_bytes = 1000
env = ["LANG"]
parallel = true
[tools.command.get_weather.parameters]
type = "object"
properties.city = { type = "string" }
properties.key = { type = "string", description = "not a secret" }

[tools.python.stars]
function = "sky.stars:count"
path = ["~/tools"]

[tools.mcp.files]
command = "files-server --root /srv"
env = ["FILES_TOKEN"]
only = ["find"]
[tools.mcp.web]
url = "http://127.0.0.1:9000/mcp"
key_env = "WEB_KEY"

[[tools.allow]]
tool = "read_file"
arguments = { path = "docs/**" }

[schemas]
person = "name, age int"
[schemas.list]
type = "array"
"""


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "config.toml"


def test_the_settings_of_a_long_file_are_read(file):
    settings = read_settings(write(file, FULL))
    assert (settings.endpoint, settings.model, settings.system) == ("lab", "grok-4-fast", "Be brief.")
    assert (settings.send_key, settings.temperature, settings.max_tokens) == ("ctrl+enter", 1.0, 1000)
    assert (settings.mouse, settings.reduced_motion) == (False, True)
    assert settings.roots == ("~/notes", "/srv/docs")
    assert settings.keymap == {"chat.stop": "escape,ctrl+g"}
    assert (settings.panes.shown, settings.panes.sizes) == (("calls",), {"panes": 40})
    assert (settings.local.model, settings.local.threads, settings.local.enabled) == ("~/models/other.gguf", 2, True)
    weather = settings.tools.command["get_weather"]
    assert weather.argv == ("weather", "--city", "{city}")
    assert isinstance(weather.parameters, dict)
    assert weather.parameters["properties"]["city"] == {"type": "string"}
    assert (settings.tools.builtin, settings.tools.fetch_url) == (("read_file", "calculate"), True)
    assert settings.tools.mcp["files"].argv == ("files-server", "--root", "/srv")
    assert settings.tools.mcp["files"].only == ("find",)
    assert settings.tools.python["stars"].path == ("~/tools",)
    assert settings.tools.allow == (AllowedPattern(tool="read_file", arguments={"path": "docs/**"}),)
    assert settings.schemas == {"person": "name, age int", "list": {"type": "array"}}


def test_without_a_file_there_are_defaults(file):
    assert read_settings(file) == Settings()
    with pytest.raises(ConfigError, match="there is no file"):
        read_settings(file, must_exist=True)


def test_settings_cannot_be_changed(file):
    with pytest.raises(AttributeError):
        Settings().theme = "other"


MISTAKES = [
    # text, line, what the message says
    ('modle = "x"', 1, "there is no setting “modle”; did you mean “model”?"),
    ("\n\nzzz = 1", 3, "there is no setting “zzz”"),
    ("model = 3", 1, "“model” must be text, not 3"),
    ("mouse = 'yes'", 1, "“mouse” must be true or false, not “yes”"),
    ("max_tokens = true", 1, "“max_tokens” must be a whole number, not true"),
    ("max_tokens = 0", 1, "“max_tokens” must be a whole number >= 1, not 0"),
    ("temperature = 'hot'", 1, "“temperature” must be a number, not “hot”"),
    ("temperature = 3.5", 1, "“temperature” must be a number <= 2.0, not 3.5"),
    ("send_key = 'entr'", 1, "“send_key” cannot be “entr”; did you mean “enter”?"),
    ("send_key = 1", 1, "“send_key” cannot be 1"),
    ("roots = '/srv'", 1, "“roots” must be a list, not “/srv”"),
    ("roots = [\n'/srv',\n3]", 1, "“roots[2]” must be text, not 3"),
    ("roots = ['docs']", 1, "“docs” in “roots” must be absolute, or begin with ~"),
    ("tools = 3", 1, "“tools” must be a table, not 3"),
    ("# x\n[deadlines]\nquite = 3", 3, "there is no setting “deadlines.quite”; did you mean “quiet”?"),
    ("[deadlines]\nconnect = 0", 2, "“deadlines.connect” must be a number > 0.0, not 0"),
    ("[panes.sizes]\npanes = 'big'", 2, "“panes.sizes.panes” must be a whole number, not “big”"),
    (
        "[endpoints.lab]\nbase_ulr = 'http://x/v1'",
        2,
        "there is no setting “endpoints.lab.base_ulr”; did you mean “base_url”?",
    ),
    ("[endpoints.a]\nbase_url='http://a/v1'\n[endpoints.lab]\nmodel = 'm'", 3, "“endpoints.lab” needs “base_url”"),
    (
        "[endpoints.lab]\nbase_url = 'http://x/v1'\ndialect = 'response'",
        3,
        "“endpoints.lab.dialect” cannot be “response”; did you mean “responses”?",
    ),
    ("[endpoints]\nlab = { base_url = 'x', title = 3 }", 2, "“endpoints.lab.title” must be text"),
    ("[endpoints.'my lab']\nbase_url = 'x'", 1, "“my lab” cannot be a name"),
    ("[endpoints.local]\nmodel = 'x'", 1, "“local” is the built-in model"),
    ("[endpoints.lab]\nbase_url = 'x'\nkey_env = 3", 3, "“endpoints.lab.key_env” must be"),
    (
        "[endpoints.lab]\nbase_url = 'x'\nkey_command = \"pass 'x\"",
        3,
        "“key_command” is not a command: no closing quotation",
    ),
    (
        "[[endpoints]]\nname = 'a'\nbase_url = 'x'\n[[endpoints]]\nname = 'b'\nbase_url = 'y'\nmodle = 'z'",
        7,
        "“endpoints.b.modle”; did you mean “model”?",
    ),
    ("[[endpoints]]\nname = 'a'\nbase_url = 'x'\n[[endpoints]]\nbase_url = 'y'", 4, "needs a “name”"),
    ("[[endpoints]]\nname = 'a'\nbase_url = 'x'\n[[endpoints]]\nname = 'a'", 5, "two endpoints “a”"),
    (
        "[tools]\nbuiltin = ['read_file', 'read_flie']",
        2,
        "“tools.builtin[2]” cannot be “read_flie”; did you mean “read_file”?",
    ),
    ("[tools.command.w]\nargv = ['w']", 1, "“tools.command.w” needs “description”"),
    ("[tools.command.w]\ndescription = 'd'\nargv = []", 3, "“argv” must begin with a program"),
    ("[tools.command.w]\ndescription = 'd'\nargv = ['{x}']", 3, "must not choose the program"),
    (
        "[tools.command.w]\ndescription = 'd'\nargv = ['x']\ntimeot = 3",
        4,
        "“tools.command.w.timeot”; did you mean “timeout”?",
    ),
    ("[tools.command.calculate]\ndescription = 'd'\nargv = ['x']", 1, "is the name of a built-in tool"),
    ("[tools.python.f]\nfunction = 'os.system'", 2, "must be “module:function”, not “os.system”"),
    ("[tools.mcp.f]\ntimeout = 3", 1, "needs either a “command” or a “url”"),
    ("[[tools.allow]]\ntool = 'a'\n[[tools.allow]]\ntol = 'b'", 4, "“tools.allow[2].tol”; did you mean “tool”?"),
    ("[schemas]\nperson = 3", 2, "“schemas.person” must be"),
    ('system = """\nmodle = 1\n"""\nmodle = 2', 4, "“modle”"),
    ("[keymap]\nquit = ['q']", 2, "“keymap.quit” must be text, not a list"),
    ("model = ", 1, "this is not TOML"),
    ("a = 1\nb = = 2", 2, "this is not TOML"),
    ("a = [1,\n2", 2, "this is not TOML"),
    ("a = 1\na = 2", 2, "this is not TOML"),
    ('model = "m"\nendpoint = "lop"\n[endpoints.loop]\nbase_url = "http://127.0.0.1/v1"', 2, "did you mean “loop”?"),
    ('endpoint = "zzz"', 1, "“endpoint” cannot be “zzz”: there is no such endpoint"),
    ("a = " + "[" * 20000, 1, "nested too deeply"),
    ("a = " + "9" * 5000, 1, "this is not TOML"),
    (b"a = 1\nb = '\xff'", 2, "this is not UTF-8"),
]


@pytest.mark.parametrize(("text", "line", "says"), MISTAKES)
def test_a_mistake_is_told_with_file_line_key_and_the_nearest_right_key(file, text, line, says):
    write(file, text)
    with pytest.raises(ConfigError) as caught:
        read_settings(file)
    message = caught.value.message
    assert re.match(rf"{re.escape(str(file))}:{line}(:\d+)?: ", message), message
    assert says in message
    assert "\n" not in message


SECRET = "xai-" + "a1B2" * 10


@pytest.mark.parametrize(
    "text",
    [
        f'[endpoints.xai]\nkey_env = "{SECRET}"',
        f'[endpoints.xai]\nkey_command = "echo {SECRET}"',
        f'[endpoints.xai]\napi_key = "{SECRET}"',
        '[endpoints.xai]\nkey = "anything at all"',
        '[endpoints.xai]\nAPI_KEY = "anything at all"',
        f'\n[tools.command.w]\ndescription = "d"\nargv = ["curl", "Authorization: Bearer {SECRET}"]',
        f'[endpoints.xai]\nbody = {{ user = "{SECRET}" }}',
        f'# fine\nsystem = "the key is {SECRET}"',
    ],
)
def test_a_key_in_the_settings_is_refused_and_not_repeated(file, text):
    with pytest.raises(ConfigError, match="keys do not belong in a file") as caught:
        read_settings(write(file, text))
    assert "key_env" in caught.value.hint
    assert "key_command" in caught.value.hint
    assert "a1B2" not in str(caught.value) + repr(caught.value.record())
    assert "anything" not in str(caught.value)


@pytest.mark.parametrize("text", ['system = "Use sk-learn, and bearer certificates."', 'model = "sk-instruct-large"'])
def test_what_only_resembles_a_key_is_not_refused(file, text):
    read_settings(write(file, text))


def test_files_that_are_none_are_a_sentence_and_never_a_wait(file, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    (tmp_path / "large").write_bytes(b"# \n" * 4_000_000)
    for name, says in (
        ("fifo", "not a regular file"),
        ("loop", "cannot be read"),
        ("dangling", "a link to what is not there"),
        ("large", "too large"),
        (".", "not a regular file|cannot be read"),
    ):
        with pytest.raises(SettingsError, match=says):
            read_settings(tmp_path / name)


def test_a_byte_order_mark_is_no_mistake(file):
    assert read_settings(write(file, b"\xef\xbb\xbfmodel = 'm'")).model == "m"


# -- endpoints -----------------------------------------------------------------------------------------


def test_xai_and_the_model_in_the_box_are_known():
    known = known_endpoints(Settings(), {})
    xai, local = known["xai"], known["local"]
    assert list(known) == ["xai", "anthropic", "local"]
    assert (xai.base_url, xai.dialect, xai.model, xai.title) == ("https://api.x.ai/v1", "responses", "grok-4.7", "xAI")
    assert (xai.key_env, xai.needs_key) == (("XAI_API_KEY",), True)
    assert xai.server_tools == ("web_search", "x_search", "code_interpreter")
    assert (local.is_local, local.needs_key, local.keeps_alive, local.limit_field) == (True, False, False, "max_tokens")


def test_the_settings_add_endpoints_and_change_xai(file):
    known = known_endpoints(read_settings(write(file, FULL)), {})
    xai, lab = known["xai"], known["lab"]
    assert (xai.base_url, xai.dialect, xai.model) == ("https://api.x.ai/v1", "responses", "grok-4.7")
    assert xai.key_command == ("pass", "show", "xai key")
    assert (lab.title, lab.model, lab.key_env, lab.needs_key) == ("lab", "qwen", ("LAB_KEY", "OTHER_KEY"), True)
    assert (lab.allow_http, lab.limit_field, lab.server_tools) == (True, "max_tokens", ("web_search",))
    assert lab.body == {"top_k": 20}
    assert lab.deadlines == Deadlines(connect=5.0, quiet=90.5, quiet_reasoning=90.5, first_byte=120.0)
    assert xai.deadlines == Deadlines(connect=5.0, quiet=90.5, quiet_reasoning=90.5)
    assert known["local"].deadlines.quiet == 90.5


def test_an_endpoint_without_a_key_source_needs_no_key(file):
    settings = read_settings(write(file, "[[endpoints]]\nname = 'lm'\nbase_url = 'http://127.0.0.1:1234/v1'"))
    assert known_endpoints(settings, {})["lm"].needs_key is False


def test_the_key_of_xai_does_not_follow_it_to_another_host(file):
    settings = read_settings(write(file, "[endpoints.xai]\nbase_url = 'https://elsewhere.example/v1'"))
    assert known_endpoints(settings, {})["xai"].key_env == ()
    settings = read_settings(write(file, "[endpoints.xai]\nbase_url = 'https://api.x.ai/v2'"))
    assert known_endpoints(settings, {})["xai"].key_env == ("XAI_API_KEY",)


# -- choices -------------------------------------------------------------------------------------------


def test_choices_are_kept_in_a_private_file(tmp_path):
    path = tmp_path / "rillet" / "choices.toml"
    choices = Choices(
        endpoint="xai",
        model="grok-4 \ud800",
        theme="ink",
        shown=("wire",),
        sizes={"panes": 30},
        favourites=("xai/grok-4", "a \x1b[2J"),
        allowed=(AllowedPattern(tool="read_file", arguments={"path": "**"}),),
    )
    save_choices(path, choices)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = load_choices(path)
    assert read.model == "grok-4 \ufffd"
    assert (read.shown, read.sizes, read.favourites, read.allowed) == (
        choices.shown,
        choices.sizes,
        choices.favourites,
        choices.allowed,
    )
    save_choices(path, Choices(theme="paper"))
    assert tomllib.loads(path.read_text()) == {"theme": "paper"}
    assert load_choices(path) == Choices(theme="paper")


@pytest.mark.parametrize("text", ["", "later = 1", "shown = 'x'", "[[allowed]]\ntool = 3"])
def test_choices_that_make_no_sense_are_not_made(tmp_path, text):
    path = write(tmp_path / "choices.toml", text)
    assert load_choices(path) == Choices()
    assert load_choices(tmp_path / "missing.toml") == Choices()
    path = write(tmp_path / "choices.toml", f'endpoint = "lab"\n{text}')
    assert load_choices(path) == Choices(endpoint="lab")


@pytest.mark.parametrize("text", ["not toml", "model = 3", "endpoint = []", b"\xff", b"endpoint = 'la\0"])
def test_choices_that_do_not_say_whom_to_ask_are_no_choices_of_somebody_else(tmp_path, text):
    path = write(tmp_path / "choices.toml", text)
    with pytest.raises(SettingsError, match="which endpoint was made the default in rillet cannot be read") as caught:
        load_choices(path)
    assert caught.value.is_choice


def test_a_disk_that_does_not_take_them_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError):
        save_choices(tmp_path / "file" / "choices.toml", Choices())


def test_anthropic_is_known_and_can_be_chosen(file):
    settings = read_settings(write(file, 'endpoint = "anthropic"\n[endpoints.anthropic]\neffort = "low"\n'))
    anthropic = known_endpoints(settings, {})["anthropic"]
    assert (anthropic.base_url, anthropic.dialect) == ("https://api.anthropic.com/v1", "messages")
    assert (anthropic.key_env, anthropic.effort) == (("ANTHROPIC_API_KEY",), "low")


def test_a_limit_that_is_set_holds_for_models_that_think_too(file):
    xai = known_endpoints(Settings(), {})["xai"].deadlines
    assert (xai.first_byte_reasoning, xai.quiet_reasoning, xai.whole_turn_reasoning) == (900, 900, 3600)
    settings = read_settings(write(file, "[deadlines]\nquiet = 5\nwhole_turn = 50\nwhole_turn_reasoning = 70\n"))
    mine = known_endpoints(settings, {})["xai"].deadlines
    assert (mine.quiet_reasoning, mine.whole_turn_reasoning) == (5, 70)
