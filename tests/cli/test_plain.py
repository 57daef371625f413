"""Plain mode: the whole chat, line by line, read as a screen reader reads it."""

import codecs
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.running import environ_in, rillet
from tui.domain.endpoint import Endpoint
from tui.page.wording import model_and_place

ESCAPE = re.compile(r"\x1b")


class Reader:
    """A person at a terminal that can only add lines."""

    def __init__(self, home, *words, **env):
        self.terminal, its = pty.openpty()
        command = [sys.executable, "-m", "tui", *words]
        self.child = subprocess.Popen(
            command,
            stdin=its,
            stdout=its,
            stderr=its,
            env=environ_in(home, **{"TERM": "xterm", "RILLET_API_KEY": "x", **env}),
            cwd=home,
            start_new_session=True,
            preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
        )
        os.close(its)
        self._raw = b""
        self.seen = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        os.close(self.terminal)

    @property
    def written(self):
        """All that was written; a read may have ended within a character or the end of a line."""
        text = codecs.getincrementaldecoder("utf-8")().decode(self._raw)
        return text.removesuffix("\r").replace("\r\n", "\n")

    def read_until(self, words):
        until = time.monotonic() + 60
        while (at := self.written.find(words, self.seen)) < 0:
            assert time.monotonic() < until, self.written
            if select.select([self.terminal], [], [], 1)[0]:
                try:
                    self._raw += os.read(self.terminal, 65536)
                except OSError:
                    assert words in self.written[self.seen :], self.written
        part, self.seen = self.written[self.seen : at + len(words)], at + len(words)
        return part

    def type(self, text):
        os.write(self.terminal, text.encode())


def begin(home, server, scenario, *words, **env):
    return Reader(home, "--plain", "--base-url", server.url(scenario), "--model", "m", *words, **env)


def test_a_prompt_is_answered_with_who_speaks_before_each_line_and_nothing_is_painted_over(home, server):
    with begin(home, server, "ok") as reader:
        reader.read_until("rillet. The model is m at 127.0.0.1")
        reader.read_until("You:")
        reader.type("Hello\n")
        reader.read_until("m: ")
        reader.read_until("[complete, first token")
        reader.read_until("You:")
        reader.type("\x04")
        reader.read_until("rillet --plain --session")
        assert reader.child.wait(30) == 0
        assert not ESCAPE.search(reader.written)


def test_the_built_in_model_has_the_name_that_it_has_on_the_screen():
    endpoint = Endpoint("local", "http://127.0.0.1:1/v1", needs_key=False, is_local=True)
    assert model_and_place("smollm2-135m", endpoint) == "smollm2-135m, built in"


def test_a_side_question_and_a_summary_that_is_undone(home, server):
    with begin(home, server, "ok") as reader:
        reader.read_until("You:")
        for typed, heard in (
            ("Hello", "[complete"),
            ("/btw what is that?", "[complete"),
            ("/compact 0", "This is sent in place of the earlier turns"),
            ("/compact undo", "The turns themselves are sent."),
            ("/history", "You: Hello"),
        ):
            reader.type(f"{typed}\n")
            reader.read_until(heard)
        assert "what is that" not in reader.read_until("(undone: the turns themselves are sent)")


@pytest.fixture
def marker(home):
    """What a tool of the settings makes when it runs."""
    marker = home / "ran"
    (home / "config" / "rillet").mkdir(parents=True)
    (home / "config" / "rillet" / "config.toml").write_text(
        f"""[tools.command.get_weather]
description = "The weather"
argv = ["touch", "{marker}", "--", "{{location}}"]
parameters = {{ type = "object", properties = {{ location = {{ type = "string" }} }} }}
"""
    )
    return marker


@pytest.mark.parametrize("typed", ["1\n", "1\n1\n1\n"])
def test_what_was_typed_before_the_question_or_pasted_runs_nothing(home, server, marker, typed):
    with begin(home, server, "tools") as reader:
        reader.read_until("You:")
        reader.type(f"What is the weather?\n{typed}")
        reader.read_until("What was typed before this question does not answer it")
        reader.read_until("Number:")
        reader.type("1\n1\n")
        reader.read_until("Several lines at once answer nothing")
        reader.read_until("Number:")
        assert not marker.exists()
        reader.type("1\n")
        reader.read_until("Tool get_weather: done")
        assert marker.exists()


def test_a_call_is_read_out_and_runs_only_after_its_number(home, server, marker):
    with begin(home, server, "tools") as reader:
        reader.read_until("You:")
        reader.type("What is the weather?\n")
        question = reader.read_until("4. Edit")
        assert "May this run?" in question
        assert "get_weather" in question
        assert "a program of your settings" in question
        assert str(marker) in question
        reader.read_until("Number:")
        assert not marker.exists()
        reader.type("9\n")
        reader.read_until("There is no number 9")
        reader.type("1\n")
        reader.read_until("Tool get_weather: done")
        assert marker.exists()


def test_a_reply_is_stopped_and_what_came_is_kept(home, server):
    with begin(home, server, "stall") as reader:
        reader.read_until("You:")
        reader.type("Hello\n")
        reader.read_until("m: ")
        os.kill(reader.child.pid, signal.SIGINT)
        reader.read_until("stopped by you")
        reader.type("/history\n")
        assert "You: Hello" in reader.read_until("stopped by you")


def test_an_old_session_is_found_by_its_words_and_goes_on(home, server):
    with begin(home, server, "ok") as reader:
        reader.read_until("You:")
        reader.type("A question about ospreys\n")
        reader.read_until("[complete")
        reader.type("/quit\n")
        assert reader.child.wait(30) == 0
    with begin(home, server, "ok") as reader:
        reader.read_until("You:")
        reader.type("/sessions ospreys\n")
        assert "1. A question about ospreys, 1 turn," in reader.read_until("Which conversation?")
        reader.type("1\n")
        reader.read_until("/history reads it.")
        reader.type("/history\n")
        assert "You: A question about ospreys" in reader.read_until("[complete")


@pytest.mark.parametrize("name", ["dumb", "unknown", "DUMB"])
def test_what_cannot_be_drawn_on_gets_plain_mode_by_itself(home, server, name):
    words = ("--base-url", server.url("ok"), "--model", "m")
    with Reader(home, *words, TERM=name) as reader:
        reader.read_until("Type a prompt, or /help.")
        reader.type("\x04")
        assert reader.child.wait(30) == 0
        assert not ESCAPE.search(reader.written)


def test_lines_from_a_pipe_are_prompts_too(home, server):
    done = rillet(
        "--plain", "--base-url", server.url("ok"), "--model", "m", home=home, stdin="one\\\ntwo\n/history\n/nope\n",
        env={"RILLET_API_KEY": "x"},
    )  # fmt: skip
    assert done.returncode == 0
    assert "You: one\ntwo" in done.stdout
    assert "There is no command /nope" in done.stdout


@pytest.mark.parametrize("words", ["/help", "/model", "/system", "/title", "/tools", "/retry", "/edit", "/continue"])
def test_every_command_answers_in_an_empty_conversation(home, server, words):
    done = rillet(
        "--plain", "--base-url", server.url("ok"), "--model", "m", home=home, stdin=f"{words}\n\n/quit\n",
        env={"RILLET_API_KEY": "x"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("You:") >= 2
    assert "Traceback" not in done.stderr
