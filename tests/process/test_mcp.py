"""MCP through the installed program, on a machine that has never seen rillet: an empty home, real servers."""

import contextlib
import json
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import environ_in
from tests.tools.conftest import sleepers

SERVER = Path(__file__).parents[1] / "tools" / "mcp" / "sdk_server.py"
PROGRAM = Path(sys.executable).with_name("rillet")


def run(home, *words, **env):
    """Run the installed program as a user does: from a directory of theirs, with nothing of ours on the path."""
    environ = environ_in(home, **env)
    del environ["PYTHONPATH"]
    return subprocess.run([PROGRAM, *words], env=environ, cwd=home, capture_output=True, text=True, timeout=60)


def settings(home, text):
    (home / "rillet.toml").write_text(text)
    return {"RILLET_CONFIG": str(home / "rillet.toml")}


@contextlib.contextmanager
def served():
    """The server over HTTP; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:  # it listens already: nobody else takes its port
        number, port = listener.fileno(), listener.getsockname()[1]
        command = [sys.executable, str(SERVER), "http", str(number)]
        child = subprocess.Popen(command, stderr=subprocess.DEVNULL, pass_fds=(number,))
    with child:
        try:
            yield port
        finally:
            child.kill()


def stdio_table():
    return f"[tools.mcp.tiny]\ncommand = {json.dumps([sys.executable, str(SERVER)])}\n"


def test_a_server_over_stdio_starts_in_an_empty_home(tmp_path, server):
    env = settings(tmp_path, stdio_table())
    listed = run(tmp_path, "tools", "list", **env)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "tiny__add" in listed.stdout

    tried = run(tmp_path, "tools", "test", "tiny__add", '{"a": 2, "b": 40}', **env)
    assert (tried.returncode, tried.stdout) == (0, "42\n")

    asked = run(
        tmp_path, "ask", "--base-url", server.url("tools"), "--model", "m", "--approve", "tiny__add", "hi", **env
    )
    assert asked.returncode == 0, asked.stderr
    results = [entry for entry in server.log[-1].body["messages"] if entry["role"] == "tool"]
    assert [entry["content"].isdigit() for entry in results] == [True]

    log = tmp_path / "state" / "rillet" / "mcp" / "mcp-tiny.log"
    assert log.stat().st_mode & 0o777 == 0o600
    assert log.parent.stat().st_mode & 0o777 == 0o700


def test_a_server_over_http_starts_in_an_empty_home(tmp_path):
    with served() as port:
        env = settings(tmp_path, f'[tools.mcp.web]\nurl = "http://127.0.0.1:{port}/mcp"\n')
        listed = run(tmp_path, "tools", "list", **env)
        assert (listed.returncode, listed.stderr) == (0, "")
        tried = run(tmp_path, "tools", "test", "web__add", '{"a": 2, "b": 40}', **env)
        assert (tried.returncode, tried.stdout) == (0, "42\n")


def test_a_server_starts_where_its_log_cannot_be_written(tmp_path):
    env = settings(tmp_path, stdio_table())
    (tmp_path / "state" / "rillet").mkdir(parents=True)
    (tmp_path / "state" / "rillet" / "mcp").write_text("in the way")
    assert "tiny__add" in run(tmp_path, "tools", "list", **env).stdout


def test_what_is_missing_is_named(tmp_path):
    env = settings(
        tmp_path,
        f'{stdio_table()}cwd = "{tmp_path}/gone"\n[tools.mcp.other]\ncommand = "no-such-server --port 1"\n',
    )
    listed = run(tmp_path, "tools", "list", **env)
    assert listed.returncode == 2
    assert f"tool tiny: there is no directory {tmp_path}/gone to run {sys.executable} in" in listed.stderr
    assert "tool other: there is no program no-such-server on the PATH" in listed.stderr


def test_no_proxy_hears_the_token_of_a_server_on_this_machine(tmp_path):
    with served() as port, socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.setblocking(False)
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"), address)
        for host in ("127.0.0.1", "localhost"):
            table = f'[tools.mcp.web]\nurl = "http://{host}:{port}/mcp"\nkey_env = "WEB_TOKEN"\n'
            env = settings(tmp_path, table) | {"WEB_TOKEN": "t0k3n-t0k3n-t0k3n", **proxies}
            tried = run(tmp_path, "tools", "test", "web__add", '{"a": 2, "b": 40}', **env)
            assert (tried.returncode, tried.stdout) == (0, "42\n"), tried.stderr
        with pytest.raises(BlockingIOError):
            proxy.accept()


@pytest.mark.skipif(sys.platform != "linux", reason="keepers are Linux's")
def test_a_stubborn_server_and_its_children_end_when_rillet_is_killed(tmp_path):
    mark = f"79.{random.randrange(10**9)}"
    fake = SERVER.with_name("fake_server.py")
    command = [sys.executable, str(fake), "stubborn", str(tmp_path / "starts"), mark]
    env = settings(tmp_path, f"[tools.mcp.fake]\ncommand = {json.dumps(command)}\n")
    environ = environ_in(tmp_path, **env)
    words = ("tools", "test", "fake__echo", '{"text": "hang"}')
    with subprocess.Popen([PROGRAM, *words], env=environ, cwd=tmp_path, stderr=subprocess.DEVNULL) as child:
        try:
            until(lambda: len(sleepers(mark)) > 2)
        finally:
            child.kill()
    until(lambda: not sleepers(mark))


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)  # between two looks at the condition
