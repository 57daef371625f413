"""Where there is a screen, and where `rillet` says what to use instead."""

from tests.cli.running import rillet


def test_without_a_terminal_there_is_no_screen(tmp_path):
    done = rillet(home=tmp_path)
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "rillet ask" in done.stderr
