"""A program that is asked something: whatever becomes of the asking, nothing of it stays behind."""

import asyncio
import gc
import os
import signal
import sys
from contextlib import suppress

import pytest

from tui.child import child, exit_status, start_child

PIPE = asyncio.subprocess.PIPE
PIPES = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE, "start_new_session": True}
SLEEPS = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)")


def descriptors() -> set[tuple[str, str]]:
    """What is open, and under which number, but for what is looked with."""
    opened = set()
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            opened.add((name, os.readlink(f"/proc/self/fd/{name}")))
    return {(name, target) for name, target in opened if not target.startswith("/proc/")}


@pytest.fixture
async def nothing_left(monkeypatch):
    """Nothing is open afterwards that was not before, and what is forgotten complains of nothing.

    What other tests left behind goes first: it may be closed at any time, and may complain.
    """
    gc.collect()
    await (await asyncio.create_subprocess_exec("true")).wait()  # what watches children is there from now on
    before, complaints = descriptors(), []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    yield
    for _ in range(5):
        await asyncio.sleep(0)  # a pipe is closed a turn of the loop after it was let go of
    gc.collect()
    assert complaints == []
    assert descriptors() - before == set()


async def test_it_can_be_asked_and_has_ended(nothing_left):
    async with child(sys.executable, "-c", "print(input())", **PIPES) as program:
        assert (await program.communicate(b"hi\n"))[0] == b"hi\n"
    assert program.returncode == 0


@pytest.mark.parametrize("cancels", [1, 2])
@pytest.mark.parametrize("turns", range(16))
async def test_wherever_it_is_cancelled_it_ends_and_lets_go_of_its_pipes(nothing_left, turns, cancels):
    async def ask():
        async with child(*SLEEPS, **PIPES) as program:
            started.append(program)
            await program.wait()

    started = []
    task = asyncio.create_task(ask())
    for _ in range(turns):
        await asyncio.sleep(0)
    for _ in range(cancels):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert all(program.returncode == -signal.SIGKILL for program in started)


async def test_what_it_leaves_running_holds_no_pipe_of_ours(nothing_left):
    code = "import subprocess; print(subprocess.Popen(['sleep', '600'], start_new_session=True).pid)"
    async with child(sys.executable, "-c", code, **PIPES) as program:
        left = int(await program.stdout.readline())
        assert await exit_status(program) == 0
    os.kill(left, signal.SIGKILL)


async def test_one_that_cannot_be_started_leaves_nothing(nothing_left, tmp_path):
    with pytest.raises(FileNotFoundError):
        await start_child(str(tmp_path / "missing"), **PIPES)
