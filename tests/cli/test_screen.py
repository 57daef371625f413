"""Where there is a screen, and where `rillet` says what to use instead."""

import os
import pty
import sys

import pytest

from tests.cli.running import environ_in, rillet


@pytest.mark.parametrize("name", ["dumb", "unknown", "DUMB"])
def test_a_terminal_that_cannot_be_drawn_on_is_told_of_ask_and_nothing_is_drawn(tmp_path, name):
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execve(sys.executable, [sys.executable, "-m", "tui"], environ_in(tmp_path, TERM=name))
    written = ""
    try:
        while piece := os.read(terminal, 65536):
            written += piece.decode()
    except OSError:  # it has closed the terminal
        pass
    finally:
        os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 2
    assert f"TERM={name}" in written
    assert "rillet ask" in written
    assert "\x1b[?1049h" not in written


def test_without_a_terminal_there_is_no_screen(tmp_path):
    done = rillet(home=tmp_path)
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "rillet ask" in done.stderr
