"""`rillet import`: what it prints, how it ends, and how it is stopped."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time

import pytest

from tests.chat.importing.samples import plain_chatgpt, write_json
from tests.cli.running import environ_in


def test_chats_are_imported_listed_and_not_imported_twice(rillet, home):
    path = write_json(
        home / "Downloads" / "conversations.json", [plain_chatgpt("c1", "A grapefruit"), plain_chatgpt("c2")]
    )
    scanned = rillet("import", "--scan")
    assert scanned.stdout.splitlines()[0].split()[:3] == ["chatgpt", "2", "chats"]
    assert scanned.stdout.splitlines()[-1] == "import them: rillet import chatgpt"
    done = rillet("import", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "2 sessions imported, 2 turns (ChatGPT 2)"
    assert "2 were there already" in rillet("sessions", "import", "chatgpt").stdout
    assert "A chat" in rillet("sessions", "--find", "grapefruit").stdout


def test_what_cannot_be_read_is_told_and_json_says_all_of_it(rillet, home):
    path = write_json(home / "conversations.json", [plain_chatgpt(), {"mapping": 1}])
    done = rillet("import", str(path))
    assert done.returncode == 1
    assert "conversation 2: it is no conversation" in done.stderr
    told = json.loads(rillet("import", "--json", str(path)).stdout)
    assert (told["imported"], told["same"], len(told["problems"])) == (0, 1, 1)
    wrong = rillet("import", str(home / "nothing.json"))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "there is no file" in wrong.stderr
    assert rillet("import").returncode == 2
    assert json.loads(rillet("import", "--scan", "--json").stdout) == []


def test_escape_stops_an_import_and_what_is_whole_stays(home):
    path = write_json(
        home / "conversations.json", [plain_chatgpt(f"c{number}", "word " * 300) for number in range(3000)]
    )
    mine, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "import", str(path)],
        env=environ_in(home),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as child:
        os.close(theirs)
        seen, until = b"", time.monotonic() + 60
        while b"Esc stops" not in seen and time.monotonic() < until:
            if select.select([mine], [], [], 1)[0]:
                seen += os.read(mine, 4096)
        os.write(mine, b"\x1b")
        out = child.communicate(timeout=60)[0].decode()
    os.close(mine)
    assert child.returncode == 130
    assert out.startswith("stopped: ")
    assert 0 < int(out.split()[1].replace(",", "")) < 3000


@pytest.mark.parametrize("words", [["curl", "FILE"], ["FILE"], ["curl", "-"]])
def test_a_curl_command_too_long_for_a_command_line_is_opened_from_a_file_or_a_pipe(home, words):
    file = home / "ask.sh"
    body = {"model": "m", "messages": [{"role": "user", "content": "Why so long? " + "word " * 40_000}]}
    file.write_text(f"curl https://llm.example.com/v1/chat/completions -d '{json.dumps(body)}'\n")
    command = [sys.executable, "-m", "tui", "import", *(str(file) if word == "FILE" else word for word in words)]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(home)
        if words[-1] == "-":
            os.dup2(os.open(file, os.O_RDONLY), 0)
        os.execve(command[0], command, environ_in(home, TERM="xterm-256color"))
    text = ""
    try:
        while "Why so long?" not in text:
            assert select.select([terminal], [], [], 60)[0], text
            text += os.read(terminal, 65536).decode(errors="replace")
        os.write(terminal, b"\x11")
        while "\x1b[?1049l" not in text:
            assert select.select([terminal], [], [], 60)[0], text
            text += os.read(terminal, 65536).decode(errors="replace")
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def test_a_curl_command_in_a_file_that_cannot_be_read_is_told_with_its_place(rillet, home):
    file = home / "ask.sh"
    file.write_text("curl https://llm.example.com/v1/chat/completions -d @body.json\n")
    done = rillet("import", str(file))
    assert done.returncode == 2
    assert "the body is in a file, which is not read: paste it" in done.stderr
