"""`rillet local`: what it prints, where, and how it exits."""

from __future__ import annotations

import io
import re
from functools import partial

import pytest

from tui.cli import local as command
from tui.domain.error import ConfigError, ConnectError, FrameError, StoreError
from tui.local.install import Progress, install_weights
from tui.local.weights import find_weights, models_dir, remove_weights


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def run(index, data_dir, monkeypatch):
    """Run a command against the tiny release; the exit code, standard output and standard error."""
    monkeypatch.setattr(command, "check_runtime", lambda: None)
    monkeypatch.setattr(command, "find_weights", partial(find_weights, release=index.release))
    monkeypatch.setattr(command, "remove_weights", partial(remove_weights, release=index.release))
    fetch = partial(install_weights, release=index.release, fetcher=index.fetcher())
    monkeypatch.setattr(command, "install_weights", fetch)

    def _run(action, err=None):
        err, out = err or io.StringIO(), io.StringIO()
        code = command.run(action, data_dir, err, out)
        return code, out.getvalue(), err.getvalue()

    return _run


def test_from_nothing_to_installed_and_back(run, data_dir):
    code, out, err = run("path")
    assert (code, out) == (1, "")
    assert "rillet local install" in err
    code, out, _ = run("status")
    assert code == 1
    assert "not installed; run: rillet local install" in out

    code, out, err = run("install")
    assert (code, out) == (0, "")
    assert "is ready" in err
    assert "It makes things up." in err

    path = models_dir(data_dir) / "tiny.gguf"
    assert run("path") == (0, f"{path}\n", "")
    code, out, _ = run("status")
    assert code == 0
    assert re.search(rf"{re.escape(str(path))} \([\d.]+ KB, verified\)", out)
    assert "xllamacpp" in out

    code, out, _ = run("remove")
    assert code == 0
    assert out.startswith("removed ")
    assert not path.exists()
    assert run("remove") == (0, "there was nothing to remove\n", "")


def test_a_script_gets_a_line_for_downloading_checking_and_unpacking(run):
    _, _, err = run("install")
    assert [line.split()[0] for line in err.splitlines()[:3]] == ["downloading", "checking", "unpacking"]
    assert "\r" not in err
    assert "\x1b" not in err


def test_a_terminal_gets_a_bar_on_one_line(run):
    _, _, err = run("install", Terminal())
    bars, *rest = err.split("\n")
    assert bars.count("\r") > 3
    assert "unpacking   [########################]" in bars
    assert rest[0].startswith("The built-in model is ready")


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress("downloading", 0, 92_871_040), "downloading [........................]   0.0 of 92.9 MB"),
        (Progress("checking", 46_435_520, 92_871_040), "checking    [############............]  46.4 of 92.9 MB"),
        (Progress("unpacking", 5_000_000, None), "unpacking      5.0 MB"),
    ],
)
def test_the_bar(progress, line):
    assert command.bar(progress) == line


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectError("no way there", "Try again."), 4),
        (ConfigError("neither pip nor uv", "Try again."), 2),
        (StoreError("the disk is full", "Try again."), 1),
        (FrameError("another file", "Try again."), 1),
    ],
)
def test_a_failure_is_a_sentence_a_hint_and_a_code(rillet, monkeypatch, error, code):
    async def fail(_):
        yield Progress("downloading", 0, 1)
        raise error

    monkeypatch.setattr(command, "check_runtime", lambda: None)
    monkeypatch.setattr(command, "install_weights", fail)
    done = rillet("local", "install")
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.endswith(f"rillet: {error.message}\nrillet: Try again.\n")


def test_without_the_runtime_nothing_is_fetched(rillet, run, index, monkeypatch):
    def refuse():
        raise ConfigError("needs xllamacpp", "Run: pip install 'rillet[local]'")

    monkeypatch.setattr(command, "check_runtime", refuse)
    done = rillet("local", "install")
    assert done.returncode == 2
    assert "pip install 'rillet[local]'" in done.stderr
    assert index.calls == []
    code, out, _ = run("status")
    assert code == 1
    assert "runtime  needs xllamacpp" in out


def test_an_interrupt_says_that_it_can_go_on(run, monkeypatch):
    async def interrupt(_):
        yield Progress("downloading", 0, 1)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "install_weights", interrupt)
    code, _, err = run("install")
    assert code == 130
    assert "run it again" in err
