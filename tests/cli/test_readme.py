"""Every example of the README does what the README says: each command, each settings block, each name in it."""

import fcntl
import json
import os
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
import tomllib
from pathlib import Path

import pytest

from tests.cli.running import environ_in
from tests.server import FaultServer
from tests.tools.mcp.http_server import HttpServer
from tui.cli.parser import make_parser

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROGRAM = Path(sys.executable).with_name("rillet")
PNG = b"\x89PNG\r\n\x1a\n"
STREAM = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'
PYTHON_TOOL = (
    'def convert(amount: float, unit: str = "km") -> float:\n    """Convert miles."""\n    return amount * 1.6\n'
)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def inline():
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)]


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line.strip()]
INSTALLS = [line for line in COMMANDS if "pip install" in line]
PRINTING_COMMANDS = "ask|decode|tape|sessions|import|paths|tools|mcp|models|doctor|local|serve --faults|stats|race"
PRINTS = re.compile(rf"(^|\| )rillet ({PRINTING_COMMANDS})\b")
PRINTING = [line for line in COMMANDS if PRINTS.search(line)]
SERVERS = [line for line in COMMANDS if line.startswith("rillet serve") and "--faults" not in line]
SCREENS = [line for line in COMMANDS if "rillet" in line and line not in (*PRINTING, *INSTALLS, *SERVERS)]
EXPORTS = [line for line in COMMANDS if line.startswith("export ")]


def test_no_command_is_left_untried():
    assert sorted(COMMANDS) == sorted({*INSTALLS, *PRINTING, *SERVERS, *SCREENS, *EXPORTS})


@pytest.fixture
def machine(home):
    """A user's machine: a home, a project they are in, and the programs that the README's examples name."""
    programs = home / "bin"
    programs.mkdir()
    (programs / "rillet").symlink_to(PROGRAM)
    server = Path(__file__).parents[1] / "tools" / "mcp" / "sdk_server.py"
    for name, lines in {
        "weather": ['echo "sunny: $*"'],
        "pass": ["echo k3y-of-w0rk-k3y-of-w0rk"],
        "git": ["echo '+a line'"],
        "curl": [f"cat {home}/stream"],
        "mcp-server-files": [f"exec {shlex.quote(sys.executable)} {shlex.quote(str(server))}"],
    }.items():
        program = programs / name
        program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        program.chmod(0o755)
    for folder in ("src/project", "models", "config/rillet"):
        (home / folder).mkdir(parents=True)
    (home / "config/rillet/my_tools.py").write_text(PYTHON_TOOL)
    (home / "models/other.gguf").write_bytes(b"GGUF")
    (home / "src/project/cat.png").write_bytes(PNG)
    (home / "src/project/claude.json").write_text('{"mcpServers": {"other": {"command": "mcp-server-files"}}}')
    (home / "src/project/slow.sse").write_text(STREAM)
    (home / "stream").write_text(STREAM)
    return home


def environ(machine, **more):
    found = environ_in(machine, PATH=f"{machine}/bin:/usr/bin:/bin", TERM="xterm-256color", **more)
    del found["PYTHONPATH"]
    return found


def shell(machine, line, **more):
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=machine / "src/project",
        env=environ(machine, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def use_settings(machine, text, url=""):
    """The README's settings; with a url, an endpoint of ours is asked."""
    if url:
        text = re.sub(r'^(endpoint|model) = ".*$', "", text, flags=re.MULTILINE)
        text = f'endpoint = "here"\nmodel = "m"\n{text}\n[endpoints.here]\nbase_url = "{url}"\n'
    (machine / "config/rillet/config.toml").write_text(text)


@pytest.mark.parametrize("block", blocks("toml"))
def test_settings_are_taken_and_their_tools_can_be_used(machine, block):
    with HttpServer() as hub:
        use_settings(machine, block.replace("https://mcp.example.com/mcp", hub.url))
        done = shell(machine, "rillet tools list", HUB_TOKEN="t0k3n")
    assert (done.returncode, done.stderr) == (0, "")
    tools = tomllib.loads(block).get("tools", {})
    for table, names in tools.items():
        if table in ("command", "python"):
            assert {name for name in names if f"\n{name} " not in f"\n{done.stdout}"} == set()
        if table == "mcp":
            assert {name for name in names if f"\n{name}__" not in f"\n{done.stdout}"} == set()


def test_azure_and_portkey_get_what_they_need(machine, server):
    """By the README's own settings, at a loopback server in their place."""
    (text,) = [block for block in blocks("toml") if "[endpoints.azure]" in block]
    for name, host in (("azure", "https://NAME.openai.azure.com"), ("portkey", "https://api.portkey.ai")):
        use_settings(machine, text.replace(host, f"{server.origin}/s/ok"))
        keys = {"AZURE_OPENAI_API_KEY": "az-key", "PORTKEY_API_KEY": "pk-key", "OPENAI_API_KEY": "oa-key"}
        done = shell(machine, f"rillet ask --endpoint {name} Hi", **keys)
        assert (done.returncode, done.stderr) == (0, "")
    azure, portkey = [asked for asked in server.log if "chat/completions" in asked.path][-2:]
    assert azure.path == "/s/ok/openai/deployments/gpt-5.1/chat/completions?api-version=2025-04-01-preview"
    assert azure.headers["api-key"] == "az-key"
    assert "authorization" not in azure.headers
    assert portkey.path == "/s/ok/v1/chat/completions"
    assert portkey.headers["x-portkey-api-key"] == "pk-key"
    assert portkey.headers["x-portkey-provider"] == "openai"
    assert portkey.headers["authorization"] == "Bearer oa-key"


def test_a_socket_for_one_run(machine):
    with FaultServer(socket_path=str(machine / "llm.sock")) as server:
        done = shell(machine, f"rillet ask --base-url unix:{machine}/llm.sock --model m Hi")
        assert (done.returncode, done.stderr) == (0, "")
        assert server.log[-1].path == "/v1/chat/completions"


def test_the_tool_of_the_settings_runs(machine):
    use_settings(machine, blocks("toml")[0])
    done = shell(machine, """rillet tools test get_weather '{"city": "Paris", "days": 3}'""")
    assert (done.returncode, done.stdout) == (0, "sunny: --city=Paris --days=3\n")
    assert shell(machine, """rillet tools test get_weather '{"city": "Paris"}'""").stdout == "sunny: --city=Paris\n"


@pytest.mark.parametrize("line", PRINTING)
def test_a_command_that_prints(machine, server, line):
    scenario = "structured" if "--schema" in line else "tools" if "--approve" in line else "ok;tokens=30;rate=15"
    use_settings(machine, blocks("toml")[0], server.url(scenario))
    if "tape" in line:
        assert shell(machine, 'rillet ask "Hi"').returncode == 0
        turn = shell(machine, "rillet tape list").stdout.split()[0]
        assert shell(machine, f"rillet tape export {turn} kept.tape").returncode == 0
        line = re.sub(r"\w{8}\.\d+", turn, line)
        if "export" not in line:
            line = line.replace("slow.tape", "kept.tape").replace("quick.tape", "kept.tape")
    line = re.sub(r"(rillet doctor) http\S+", rf"\1 '{server.url(scenario)}' 2>&1", line)
    if line.startswith("rillet mcp"):  # they follow one another
        for earlier in [other for other in PRINTING[: PRINTING.index(line)] if other.startswith("rillet mcp")]:
            assert shell(machine, earlier).returncode == 0
    done = shell(machine, line)
    notes = [note for note in done.stderr.splitlines() if not note.startswith("rillet: tool done in ")]
    assert (done.returncode, notes) == (0, []), (done.stdout, done.stderr)
    assert done.stdout or "export" in line
    if "--approve" in line:
        (result,) = [entry["content"] for entry in server.log[-1].body["messages"] if entry["role"] == "tool"]
        assert result.startswith("sunny: ")
    if "--schema" in line:
        assert set(json.loads(done.stdout)) >= {"name", "age"}
    if "--events" in line:
        kinds = [json.loads(event)["type"] for event in done.stdout.splitlines()]
        assert (kinds[0], kinds[-1]) == ("request", "turn")


@pytest.mark.parametrize("line", SERVERS)
def test_a_command_that_serves(machine, line):
    child = subprocess.Popen(
        ["bash", "-c", f"exec {line}"],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job of a script has it ignored
        cwd=machine / "src/project",
        env=environ(machine),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = child.stdout.readline().strip()
        use_settings(machine, "", url)
        done = shell(machine, 'rillet ask "Hi"')
        assert done.stdout == "Hi\n"
        assert done.returncode == (4 if "cut" in line else 0)
    finally:
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=60)


@pytest.mark.parametrize("line", SCREENS)
def test_a_command_that_opens_the_screen(machine, server, line):
    before = "\n".join(EXPORTS)
    if "replay" in line:
        use_settings(machine, blocks("toml")[0], server.url("ok"))
        assert shell(machine, 'rillet ask "Hi"').returncode == 0
        turn = shell(machine, "rillet tape list").stdout.split()[0]
        assert shell(machine, f"rillet tape export {turn} slow.tape").returncode == 0
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(machine / "src/project")
        os.execve("/bin/bash", ["bash", "-euc", f"{before}\n{line}"], environ(machine))
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        written, until, has_asked = "", time.monotonic() + 60, False
        while select.select([terminal], [], [], max(0.0, until - time.monotonic()))[0]:
            try:
                written += os.read(terminal, 65536).decode(errors="replace")
            except OSError:  # it has closed the terminal
                break
            if "\x1b[?1049h" in written and "rillet" in written and not has_asked:
                has_asked = True
                os.write(terminal, b"\x11")  # Ctrl+Q
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, written[-2000:]
        assert has_asked, written
    finally:
        os.close(terminal)


@pytest.mark.parametrize("line", INSTALLS)
def test_an_install_names_what_there_is(line):
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())
    ((_, extras),) = re.findall(r"(\.|rillet)\[([\w,]+)\]", line)
    assert set(extras.split(",")) <= set(said["project"]["optional-dependencies"])
    programs = {Path(word).name for word in re.findall(r"\.venv/bin/\w+", line)}
    assert programs <= {"pip", "pytest", *said["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-scripts"].values()}


@pytest.mark.parametrize("code", sorted({code for code in inline() if re.match(r"rillet \S", code)}))
def test_a_command_in_the_text_can_be_written(code):
    head, _, choices = code.rpartition(" ")
    for choice in choices.split("|"):
        assert callable(make_parser().parse_words(shlex.split(f"{head} {choice}")[1:]).command)


def test_keys_and_slash_commands_in_the_text_are_there():
    from tests.ui.fake import FakeProgram
    from tui.chat.conversation import Conversation
    from tui.store.settings import Settings
    from tui.ui.action.table import COMMANDS as KNOWN
    from tui.ui.app import RilletApp

    codes = inline()
    written = [code for code in codes if re.fullmatch(r'"[\w.]+" = ".*"', code)]
    assert written
    program = FakeProgram(settings=Settings(keymap=tomllib.loads("\n".join(written))))
    assert RilletApp(program, Conversation(program, "xai", "grok-4")).notices == []
    names = {match[1] for code in codes if (match := re.match(r"/([a-z]\w+)( |$)", code))}
    assert names
    templates = {match[1] for code in codes if (match := re.search(r"/prompts/(\w+)\.md$", code))}
    assert names <= {action.slash for action in KNOWN} | templates


def test_what_the_settings_allow_runs_unasked(machine, server):
    use_settings(machine, blocks("toml")[0], server.url("tools"))
    done = shell(machine, 'rillet ask --tool get_weather "Weather in Paris?"')
    assert done.returncode == 5  # the model gave days too, and the pattern names the city alone
    text = blocks("toml")[0].replace('{ city = "*" }', '{ city = "*", days = "*" }')
    use_settings(machine, text, server.url("tools"))
    assert shell(machine, 'rillet ask --tool get_weather "Weather in Paris?"').returncode == 0


def test_every_file_that_it_names_is_there():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    links += [code for code in inline() if re.fullmatch(r"[A-Z]+\.md|LICENSE", code)]
    links += [code.split()[1] for code in inline() if code.startswith("bash ")]
    assert [link for link in links if not (ROOT / link).exists()] == []
