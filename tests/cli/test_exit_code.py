"""The table of exit codes, and those who show it."""

import re
from pathlib import Path

import pytest

from tui.cli import run
from tui.cli.exit_code import ExitCode

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_lists_each_code_with_its_meaning():
    table = README.read_text().partition("| exit code | means |\n|---|---|\n")[2].partition("\n\n")[0]
    rows = dict(re.findall(r"^\| (\d+) \| (.*) \|$", table, re.MULTILINE))
    assert rows == {str(int(code)): code.meaning for code in ExitCode}


def test_help_lists_each_code_with_its_meaning(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        run(["--help"])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80, "no line is broken by the terminal"
    for code in ExitCode:
        assert re.search(rf"^  {int(code)} +{re.escape(code.meaning)}$", shown, re.MULTILINE), code
