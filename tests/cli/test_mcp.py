"""`rillet mcp`: servers added, listed, tried, taken away, and brought over from other programs."""

import json
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[1] / "tools" / "mcp" / "talkative_server.py"
KEY = "ghp_F4k3K3yF4k3K3yF4k3K3yF4k3K3yF4k3"


@pytest.fixture
def added(home):
    """What the file of added servers holds."""
    return lambda: tomllib.loads((home / "config/rillet/mcp.toml").read_text())["tools"]["mcp"]


def test_a_server_is_added_tried_and_taken_away(rillet, home, added):
    assert "there are no servers" in rillet("mcp", "list").stdout
    done = rillet(
        "mcp", "add", "--env", "DEBUG=1", "--env", "LANG", "--timeout", "5", "talk", "--", sys.executable, str(SERVER)
    )
    assert done.returncode == 0, done.stderr
    assert added() == {
        "talk": {
            "command": [sys.executable, str(SERVER)],
            "env": {"DEBUG": "1", "LANG": {"env": "LANG"}},
            "timeout": 5.0,
        }
    }
    assert (home / "config/rillet/mcp.toml").stat().st_mode & 0o777 == 0o600
    listed = rillet("mcp", "list").stdout.split()
    assert listed == ["talk", "on", *shlex.split(shlex.join([sys.executable, str(SERVER)])), "mcp.toml"]

    tried = rillet("mcp", "test", "talk", env={"LANG": "C"})
    assert tried.returncode == 0, tried.stderr
    assert "talk is ready (Talkative 3): 13 tools" in tried.stdout
    assert "  talk__roots\n" in tried.stdout
    assert "task is left out" in tried.stderr
    assert rillet("tools", "test", "talk__old", '{"x": 1}', env={"LANG": "C"}).stdout == 'old {"x": 1}\n'

    assert rillet("mcp", "remove", "talk").returncode == 0
    assert "there are no servers" in rillet("mcp", "list").stdout
    gone = rillet("mcp", "remove", "talk")
    assert (gone.returncode, "there is no MCP server “talk”" in gone.stderr) == (2, True)


def test_a_server_that_does_not_start_says_why(rillet):
    rillet("mcp", "add", "bad", "--", sys.executable, "-c", "import sys; sys.exit('no licence \x1b[31m')")
    tried = rillet("mcp", "test", "bad")
    assert tried.returncode == 2
    assert "bad failed: it ended before it answered" in tried.stderr
    assert "no licence <ESC>[31m" in tried.stderr or "no licence" in tried.stderr
    assert "\x1b" not in tried.stderr


def test_one_that_takes_the_place_of_another_is_told(rillet, home, added):
    assert "added talk to" in rillet("mcp", "add", "talk", "--", "first").stdout
    assert "replaced talk in" in rillet("mcp", "add", "talk", "--", "second").stdout
    (home / "claude.json").write_text('{"mcpServers": {"talk": {"command": "third"}}}')
    done = rillet("mcp", "import", str(home / "claude.json"))
    assert "talk takes the place of the one that was added before" in done.stdout + done.stderr
    assert added() == {"talk": {"command": ["third"]}}
    (home / "claude.json").write_text('{"mcpServers":')
    assert rillet("mcp", "import", str(home / "claude.json")).stderr.count("this is not JSON") == 1


def test_the_settings_go_before_and_are_never_written(rillet, home):
    settings = home / "config/rillet/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[tools.mcp.one]\nurl = "https://one.example/mcp"\n')
    before = settings.read_bytes()
    assert rillet("mcp", "add", "one", "https://other.example/mcp").returncode == 0
    assert rillet("mcp", "add", "two", "https://two.example/mcp").returncode == 0
    assert rillet("mcp", "list").stdout.splitlines() == [
        "one  on  https://one.example/mcp  config.toml",
        "two  on  https://two.example/mcp  mcp.toml",
    ]
    rillet("mcp", "remove", "one")
    refused = rillet("mcp", "remove", "one")
    assert (refused.returncode, "which no command writes" in refused.stderr) == (2, True)
    assert settings.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x",), "where is the server?"),
        (("x", "--env", "A=b", "--", "prog"), "stands behind the name"),
        (("a b", "https://x.example/"), "cannot be a name"),
        (("--env", "API_KEY=abc", "x", "--", "y"), "API_KEY looks like a key"),
        (("--header", f"Authorization: Bearer {KEY}", "x", "https://x.example/"), "Authorization looks like a key"),
        (("x", "--", "y", "--token", KEY), "holds a key"),
        (("x", f"https://x.example/?key={KEY}"), "holds a key"),
        (("--header", "nothing", "x", "https://x.example/"), "cannot be read"),
    ],
)
def test_what_cannot_be_added(rillet, home, words, said):
    done = rillet("mcp", "add", *words)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert KEY not in done.stderr
    assert not (home / "config/rillet/mcp.toml").exists()


def test_the_servers_of_another_program_come_over_without_their_keys(rillet, home, added):
    listed = {
        "mcpServers": {
            "files": {"command": "npx", "args": ["-y", "server", "/srv"], "env": {"GITHUB_TOKEN": KEY, "DEBUG": "1"}},
            "my hub!": {"type": "http", "url": "https://hub.example/", "headers": {"Authorization": "Bearer ${HUB}"}},
            "off": {"url": "https://off.example/", "disabled": True, "headers": {"Authorization": f"Bearer {KEY}"}},
            "leaky": {"command": "x", "args": ["--key", KEY]},
            "empty": {},
            "odd": 7,
        }
    }
    (home / "claude.json").write_text(json.dumps(listed))
    done = rillet("mcp", "import", str(home / "claude.json"))
    assert done.returncode == 0, done.stderr
    assert added() == {
        "files": {
            "command": ["npx", "-y", "server", "/srv"],
            "env": {"GITHUB_TOKEN": {"env": "GITHUB_TOKEN"}, "DEBUG": "1"},
        },
        "my-hub": {"url": "https://hub.example/", "headers": {"Authorization": {"env": "HUB", "form": "Bearer {}"}}},
        "off": {
            "url": "https://off.example/",
            "enabled": False,
            "headers": {"Authorization": {"env": "OFF_TOKEN", "form": "Bearer {}"}},
        },
    }
    for words in (
        "put it into the variable GITHUB_TOKEN",
        "my hub! is called my-hub here",
        "empty is left out",
        "odd is left out",
        "leaky is left out",
    ):
        assert words in done.stdout
    assert KEY not in done.stdout + done.stderr
    assert rillet("mcp", "list").returncode == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"mcpServers": {}}', '{"servers": 3}'])
def test_what_is_no_list_of_servers(rillet, home, text):
    (home / "list.json").write_text(text)
    done = rillet("mcp", "import", str(home / "list.json"))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert rillet("mcp", "import", str(home / "gone.json")).returncode == 2
