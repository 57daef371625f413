"""The settings as a list: each one there is, what it takes, what it is and where that comes from."""

from __future__ import annotations

import pytest

from tui.domain.error import ConfigError
from tui.store.setting_edit import Edit, edit_text
from tui.store.setting_row import setting_rows
from tui.store.settings import Choices, Settings, parse_settings

FILE = """\
theme = "paper"
notify = false

[endpoints.lab]
base_url = "http://127.0.0.1:9/v1"
headers = { x-team = "blue" }

[tools.mcp.files]
command = ["mcp-server-files", "/srv"]
"""


def rows_of(tmp_path, text=FILE, choices=None):
    path = tmp_path / "config.toml"
    path.write_text(text)
    found = setting_rows(parse_settings(path, text), choices or Choices(), path)
    return {row.name: row for row in found}


def test_every_setting_is_there_with_what_it_is_for(tmp_path):
    rows = rows_of(tmp_path, "")
    for name in ("endpoint", "send_key", "panes.sizes", "deadlines.quiet", "endpoints.xai.model", "tools.builtin"):
        assert rows[name].about, name
    assert (rows["send_key"].kind, rows["send_key"].words) == ("choice", ("enter", "ctrl+enter"))
    assert (rows["mouse"].kind, rows["temperature"].kind, rows["roots"].kind) == ("switch", "number", "words")
    assert rows["endpoints.xai.base_url"].value == "https://api.x.ai/v1"
    assert not any(row.origin for row in rows.values())
    tops = {name.partition(".")[0] for name in rows}
    assert tops >= set(Settings.__struct_fields__) - {"presets"}, "presets are shown where there are some"


def test_what_the_file_says_is_told_with_its_line(tmp_path):
    rows = rows_of(tmp_path)
    assert (rows["notify"].value, rows["notify"].origin, rows["notify"].usual) == (False, "config.toml:2", True)
    assert (rows["endpoints.lab.base_url"].line, rows["tools.mcp.files.command"].line) == (5, 9)
    assert rows["endpoints.lab.model"].origin == ""


def test_what_was_chosen_in_rillet_comes_first_where_it_counts(tmp_path):
    chosen = Choices(theme="ink", endpoint="lab", model="m")
    rows = rows_of(tmp_path, choices=chosen)
    assert [(rows[name].value, rows[name].origin) for name in ("theme", "endpoint", "model")] == [
        ("ink", "chosen in rillet"),
        ("lab", "chosen in rillet"),
        ("m", "chosen in rillet"),
    ]
    rows = rows_of(tmp_path, 'endpoint = "xai"\n' + FILE, chosen)
    assert (rows["endpoint"].value, rows["model"].origin) == ("xai", "")


def test_endpoints_in_a_list_are_rows_too(tmp_path):
    rows = rows_of(tmp_path, '[[endpoints]]\nname = "a"\nbase_url = "https://a.example/v1"\n')
    assert (rows["endpoints.a.base_url"].value, rows["endpoints.a.base_url"].line) == ("https://a.example/v1", 3)


def test_servers_that_a_command_added_are_not_settings_of_this_file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("")
    added = parse_settings(path, FILE)
    assert not [row for row in setting_rows(added, Choices(), path) if row.keys[:2] == ("tools", "mcp")]


WRITTEN = [
    ("notify", "yes", True),
    ("temperature", "0.5", 0.5),
    ("max_tokens", "2000", 2000),
    ("roots", "~/src, /srv", ["~/src", "/srv"]),
    ("roots", '["~/a,b"]', ["~/a,b"]),
    ("send_key", "ctrl+enter", "ctrl+enter"),
    ("keymap", '{ "chat.models" = "f5" }', {"chat.models": "f5"}),
    ("endpoints.lab.key_env", "LAB_KEY", "LAB_KEY"),
    ("endpoints.lab.key_command", '["pass", "show x"]', ["pass", "show x"]),
    ("endpoints.lab.headers", '{ a = { env = "B" } }', {"a": {"env": "B"}}),
    ("endpoints.lab.server_tools", '["web_search"]', ["web_search"]),
    ("tools.builtin", "calculate", ["calculate"]),
]


@pytest.mark.parametrize(("name", "text", "value"), WRITTEN)
def test_what_is_written_is_the_value_and_the_file_takes_it(tmp_path, name, text, value):
    row = rows_of(tmp_path)[name]
    assert row.read(text) == value
    assert row.read(row.write(value)) == value
    path = tmp_path / "config.toml"
    made = edit_text(path, FILE, [Edit(row.keys, row.read(text))])
    assert rows_of(tmp_path, made)[name].value == value


@pytest.mark.parametrize(
    ("name", "text"), [("notify", "maybe"), ("temperature", "hot"), ("keymap", "{"), ("roots", '["')]
)
def test_what_it_cannot_be_is_told(tmp_path, name, text):
    with pytest.raises(ConfigError, match=name):
        rows_of(tmp_path)[name].read(text)


def test_how_long_is_waited_shows_what_holds_where_nothing_is_set(tmp_path):
    rows = rows_of(tmp_path, "[deadlines]\nquiet = 7\n")
    assert rows["deadlines.connect"].value == rows["deadlines.connect"].usual == 10.0
    assert (rows["deadlines.quiet"].usual, rows["deadlines.quiet"].value) == (60.0, 7)
    assert rows["endpoints.xai.deadlines.quiet"].value == 7
    assert rows["endpoints.local.deadlines.first_byte"].value == 300.0
