"""The person's browser, with programs of our own in its place."""

import sys

import pytest

from tui.chat import browser
from tui.chat.browser import open_in_browser

ADDRESS = "http://127.0.0.1:9/a?b=c&d=%20"


def put(monkeypatch, tmp_path, script):
    program = tmp_path / "browser"
    program.write_text(f"#!{sys.executable} -I\nimport sys, os, time\nfrom pathlib import Path\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{program} %s")
    monkeypatch.setenv("PATH", str(tmp_path))


async def test_it_gets_the_address_whole_and_writes_nothing_over_the_screen(monkeypatch, tmp_path, capfd):
    put(monkeypatch, tmp_path, f"print('hi'); Path({str(tmp_path / 'opened')!r}).write_text(sys.argv[1])")
    monkeypatch.setattr(browser, "PATIENCE", 30.0)
    assert await open_in_browser(ADDRESS)
    assert (tmp_path / "opened").read_text() == ADDRESS
    assert capfd.readouterr() == ("", "")


async def test_before_a_shell_it_may_show_itself_there(monkeypatch, tmp_path):
    put(monkeypatch, tmp_path, "print('a page')")
    monkeypatch.setattr(browser, "PATIENCE", 30.0)
    with (tmp_path / "terminal").open("w") as terminal:
        assert await open_in_browser(ADDRESS, terminal)
    assert (tmp_path / "terminal").read_text() == "a page\n"


async def test_one_that_stays_is_not_waited_for(monkeypatch, tmp_path):
    leave = tmp_path / "leave"
    put(monkeypatch, tmp_path, f"while not Path({str(leave)!r}).exists(): time.sleep(0.01)")
    monkeypatch.setattr(browser, "PATIENCE", 0.05)
    try:
        assert await open_in_browser(ADDRESS)
    finally:
        leave.touch()


@pytest.mark.parametrize("script", ["sys.exit(1)", None])
async def test_that_there_is_none_is_known(monkeypatch, tmp_path, script):
    put(monkeypatch, tmp_path, script or "")
    if script is None:
        (tmp_path / "browser").unlink()
    monkeypatch.setattr(browser, "PATIENCE", 30.0)
    assert not await open_in_browser(ADDRESS)
