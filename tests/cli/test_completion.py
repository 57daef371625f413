"""Completion in shells, asked of the shells themselves where they are installed."""

import shutil
import subprocess

import pytest

from tests.cli.running import rillet

CASES = [
    (["rillet", "ta"], "tape"),
    (["rillet", "mcp", "imp"], "import"),
    (["rillet", "ask", "--el"], "--elicit"),
    (["rillet", "ask", "--elicit", "def"], "defaults"),
    (["rillet", "completion", "fi"], "fish"),
]


@pytest.mark.parametrize(("words", "completed"), CASES)
@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_a_shell_completes_commands_options_and_their_values(tmp_path, shell, words, completed):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(rillet("completion", shell, home=tmp_path).stdout)
    if shell == "bash":
        ask = f"source {script}; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _rillet; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    else:
        ask = f"source {script}; complete -C '{' '.join(words)}'"
    done = subprocess.run(
        [shell, "-c", ask],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert completed in [line.split("\t")[0] for line in done.stdout.splitlines()], done


def test_the_script_for_zsh_is_one(tmp_path):
    script = tmp_path / "_rillet"
    script.write_text(rillet("completion", "zsh", home=tmp_path).stdout)
    assert script.read_text().startswith("#compdef rillet\n")
    if shutil.which("zsh") is not None:
        assert subprocess.run(["zsh", "-n", script]).returncode == 0


def test_another_shell_is_refused(tmp_path):
    done = rillet("completion", "dos", home=tmp_path)
    assert (done.returncode, "bash" in done.stderr) == (2, True)
