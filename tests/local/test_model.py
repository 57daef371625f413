"""The built-in model with a child that plays its part: states, endings, deaths and reasons."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tui.domain.error import ConfigError, EndpointError, StoreError
from tui.local import model as model_module
from tui.local.model import LocalModel, LocalState, open_local_model
from tui.local.process import HOST_COMMAND, read_reason
from tui.local.runtime import check_runtime, count_threads
from tui.local.weights import Weights, models_dir

# Speaks the handshake of host.py; `does` says how well. It writes down who it is and what it was told.
FAKE_HOST = """
import json, os, sys, time
does, notes = sys.argv[1:]
config = json.loads(sys.stdin.buffer.readline())
log = open(config["log"], "w", buffering=1)
with open(notes, "a") as file:
    file.write(json.dumps({"pid": os.getpid(), "config": config, "argv": sys.argv, "sid": os.getsid(0)}) + "\\n")
if does == "die":
    sys.exit(3)
if does == "log":
    log.write("0.00.021.567 E gguf_init_from_reader: invalid magic \\x1b[2J\\n0.00.03.1 E cmn  common_init_: failed to load model\\n")
    sys.exit(1)
if does == "babble":
    print("hello", flush=True)
    sys.exit(5)
print(json.dumps({"state": "loading"}), flush=True)
if does == "stall":
    time.sleep(60)
print(json.dumps({"state": "ready", "url": f"http://127.0.0.1:{os.getpid()}/v1"}), flush=True)
sys.stdin.buffer.read()
"""


class Stage:
    """A directory with weights, a fake child, and what was seen of both."""

    def __init__(self, directory):
        self.directory = directory
        self.script = directory / "fake_host.py"
        self.script.write_text(FAKE_HOST)
        self.notes = directory / "notes"
        self.log = directory / "state" / "local.log"
        self.gguf = directory / "some.gguf"
        self.gguf.write_bytes(b"GGUF")
        self.weights = Weights(self.gguf, "some", is_own=True)
        self.states: list[LocalState] = []

    def command(self, does="serve"):
        return (sys.executable, "-I", "-S", str(self.script), does, str(self.notes))

    @asynccontextmanager
    async def model(self, does="serve", **options):
        model = LocalModel(
            self.weights,
            self.directory / "data",
            self.log,
            listener=self.states.append,
            **{"command": self.command(does), **options},
        )
        try:
            yield model
        finally:
            await model.close()

    @property
    def children(self):
        return [json.loads(line) for line in self.notes.read_text().splitlines()] if self.notes.exists() else []

    @property
    def names(self):
        return [state.name for state in self.states]


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


def is_running(pid):
    try:
        os.kill(pid, 0)
        # An orphan that is dead stays a zombie where nobody reaps it.
        return not os.path.exists("/proc") or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


async def test_nothing_is_started_before_it_is_needed(stage):
    async with stage.model() as model:
        assert model.state == LocalState("idle")
        assert stage.states == []
    assert stage.children == []


async def test_it_starts_on_first_use_and_only_once(stage):
    async with stage.model() as model:
        (url, key), other = await asyncio.gather(model.ready(), model.ready())
        assert (await model.ready()) == other == (url, key)
        (child,) = stage.children
        assert url == f"http://127.0.0.1:{child['pid']}/v1"
        assert stage.names == ["starting", "loading", "ready"]
    assert stage.names[-1] == "stopped"
    assert not is_running(child["pid"])


async def test_start_returns_at_once_and_ready_waits_for_it(stage):
    async with stage.model() as model:
        model.start()
        assert model.state.name == "starting"
        model.start()
        await model.ready()
        assert len(stage.children) == 1


async def test_the_key_goes_over_standard_input_only(stage):
    async with stage.model() as model:
        _, key = await model.ready()
        (child,) = stage.children
        assert child["config"]["key"] == key.reveal()
        assert len(key.reveal()) >= 32
        assert key.reveal() not in " ".join(child["argv"])
        assert key.reveal() not in repr(vars(model)) + stage.log.read_text()
    async with stage.model() as other:
        assert (await other.ready())[1].reveal() != key.reveal()


async def test_the_child_is_told_what_was_measured_to_be_best(stage):
    async with stage.model() as model:
        await model.ready()
        config = stage.children[0]["config"]
        assert config["model"] == str(stage.gguf)
        assert (config["n_ctx"], config["n_parallel"], config["alias"], config["template"]) == (8192, 2, "some", "")
        assert config["threads"] == count_threads()
        # In a session of its own, the terminal's Ctrl+C does not reach it.
        assert stage.children[0]["sid"] == stage.children[0]["pid"]


async def test_our_own_weights_come_with_our_template(stage, monkeypatch):
    monkeypatch.setattr(model_module, "verify_weights", lambda *_: None)
    stage.weights = Weights(stage.gguf, "smollm2-135m")
    async with stage.model() as model:
        await model.ready()
        assert "<tool_call>" in stage.children[0]["config"]["template"]


async def test_damaged_weights_are_not_loaded(stage):
    stage.weights = Weights(stage.gguf, "smollm2-135m")
    async with stage.model() as model:
        with pytest.raises(StoreError, match="damaged"):
            await model.ready()
        assert model.state.name == "failed"
    assert stage.children == []


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("log", "the built-in model could not be loaded: invalid magic ␛[2J"),
        ("die", "the built-in model ended by itself with code 3"),
        ("babble", "the built-in model ended by itself with code 5"),
    ],
)
async def test_a_child_that_fails_says_why(stage, does, says):
    async with stage.model(does) as model:
        with pytest.raises(EndpointError) as raised:
            await model.ready()
        assert raised.value.message == says
        assert str(stage.log) in raised.value.hint
        assert model.state.reason == says
        assert stage.names[-1] == "failed"


async def test_a_program_that_is_not_there_is_a_sentence(stage):
    async with stage.model(command=("/nonexistent/python",)) as model:
        with pytest.raises(EndpointError, match="could not be started: No such file"):
            await model.ready()


async def test_a_child_that_takes_too_long_is_ended(stage):
    for seconds in (0.3, 1.2, 4.8, 19.2):  # until it began to load in so short a time
        stage.states.clear()
        async with stage.model("stall", ready_timeout=seconds) as model:
            with pytest.raises(EndpointError, match=f"not ready after {seconds} seconds"):
                await model.ready()
            names = stage.names
        if "loading" in names:
            break
    assert names == ["starting", "loading", "failed"]
    await until(lambda: not is_running(stage.children[-1]["pid"]))


async def test_a_crash_is_noticed_and_the_next_use_starts_another(stage):
    async with stage.model() as model:
        await model.ready()
        os.kill(stage.children[0]["pid"], signal.SIGKILL)
        await until(lambda: model.state.name == "failed")
        assert "SIGKILL (was the memory full?)" in model.state.reason
        url, _ = await model.ready()
        assert url == f"http://127.0.0.1:{stage.children[1]['pid']}/v1"
        assert stage.names == ["starting", "loading", "ready", "failed", "starting", "loading", "ready"]


async def test_freeing_gives_another_child_in_the_background(stage):
    async with stage.model() as model:
        first, _ = await model.ready()
        model.free()
        assert model.state.name == "starting"
        second, _ = await model.ready()
        assert first != second
        await until(lambda: not is_running(stage.children[0]["pid"]))
        assert "failed" not in stage.names


async def test_freeing_what_is_not_running_starts_nothing(stage):
    async with stage.model() as model:
        model.free()
        assert model.state.name == "idle"


async def test_who_waits_while_it_is_freed_gets_the_new_child(stage):
    async with stage.model("stall") as model:
        waiting = asyncio.ensure_future(model.ready())
        await until(lambda: model.state.name == "loading")
        model._command = stage.command()
        model.free()
        url, _ = await waiting
        assert url == f"http://127.0.0.1:{stage.children[-1]['pid']}/v1"


async def test_stopping_while_it_starts_ends_those_who_wait(stage):
    async with stage.model("stall") as model:
        waiting = asyncio.ensure_future(model.ready())
        await until(lambda: model.state.name == "loading")
        model.stop()
        with pytest.raises(EndpointError, match="was stopped"):
            await waiting
        await until(lambda: not is_running(stage.children[0]["pid"]))


async def test_stopping_at_any_moment_leaves_no_child(stage):
    for turns in range(12):
        async with stage.model() as model:
            model.start()
            for _ in range(turns):
                await asyncio.sleep(0)
            model.stop()
    await until(lambda: not any(is_running(child["pid"]) for child in stage.children))


async def test_giving_up_waiting_does_not_end_the_child(stage):
    async with stage.model() as model:
        waiting = asyncio.ensure_future(model.ready())
        await until(lambda: stage.names)
        waiting.cancel()
        await model.ready()
        assert waiting.cancelled()
        assert len(stage.children) == 1


def test_a_loop_that_ends_takes_the_child_along(stage):
    async def use():
        model = LocalModel(stage.weights, stage.directory, stage.log, command=stage.command())
        await model.ready()

    asyncio.run(use())
    assert not is_running(stage.children[0]["pid"])


@pytest.mark.parametrize("stands_at", ["reading", "loading"])
def test_the_real_child_dies_with_its_parent(stage, stands_at):
    # xllamacpp is played by a module that holds on to the interpreter as the real one does while it loads.
    (stage.directory / "xllamacpp.py").write_text(
        textwrap.dedent(
            """
            import ctypes, sys
            class CommonParams:
                def __getattr__(self, name):
                    setattr(self, name, type("Group", (), {})())
                    return getattr(self, name)
            class Server:
                listening_address = "http://127.0.0.1:1"
                def __init__(self, parameters):
                    if parameters.model.path == "hang":
                        ctypes.PyDLL(None).sleep(60)
            """
        )
    )
    config = {
        "model": "hang" if stands_at == "loading" else "serve",
        "log": str(stage.directory / "host.log"),
        "alias": "a",
        "key": "k",
        "threads": 1,
        "n_ctx": 1,
        "n_parallel": 1,
        "template": "",
    }
    parent = textwrap.dedent(
        f"""
        import subprocess, sys
        child = subprocess.Popen({[sys.executable, HOST_COMMAND[-1]]!r}, stdin=-1, stdout=-1, start_new_session=True)
        child.stdin.write({(json.dumps(config) + chr(10)).encode()!r})
        child.stdin.flush()
        print(child.pid, flush=True)
        while True:
            print(child.stdout.readline().decode().strip(), flush=True)
        """
    )
    environ = {**os.environ, "PYTHONPATH": str(stage.directory)}
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, env=environ, text=True) as process:
        pid = int(process.stdout.readline())
        assert json.loads(process.stdout.readline()) == {"state": "loading"}
        if stands_at == "reading":
            assert json.loads(process.stdout.readline()) == {"state": "ready", "url": "http://127.0.0.1:1/v1"}
        process.kill()
        killed = time.monotonic()
        while is_running(pid):
            assert time.monotonic() - killed < 60
            time.sleep(0.01)
    assert (stage.directory / "host.log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("log", "code", "says"),
    [
        ("", -9, "was ended by SIGKILL (was the memory full?)"),
        ("", -4, "was ended by SIGILL (this processor lacks what it needs)"),
        ("", -64, "was ended by SIGRTMAX"),
        ("", 1, "ended by itself with code 1"),
        ("Traceback\nImportError: libgomp.so.1: cannot open\n", 1, "could not be started: libgomp.so.1: cannot open"),
        (
            "0.1 W x: careful\n0.2 E srv    load_model: no room\nRuntimeError: check\n",
            1,
            "could not be loaded: no room",
        ),
        (f"0.2 E f: {'x' * 999}", 1, f"could not be loaded: {'x' * 300}…"),
    ],
)
def test_reasons(log, code, says):
    assert read_reason(log, code) == says


def test_a_missing_runtime_is_a_sentence_with_what_to_do(stage, monkeypatch):
    monkeypatch.setattr("tui.local.runtime.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="xllamacpp, which is not installed") as raised:
        check_runtime()
    assert "pip install 'rillet[local]'" in raised.value.hint
    monkeypatch.setattr("tui.local.runtime.platform.machine", lambda: "riscv64")
    with pytest.raises(ConfigError, match="is not made for"):
        check_runtime()


async def test_without_the_runtime_it_fails_before_anything_is_started(stage, monkeypatch):
    monkeypatch.setattr("tui.local.runtime.find_spec", lambda _: None)
    async with stage.model(command=None) as model:
        with pytest.raises(ConfigError):
            await model.ready()
        assert stage.names == ["starting", "failed"]


async def test_threads_and_context_are_those_of_the_settings(stage):
    async with stage.model(threads=3, context=16384) as model:
        await model.ready()
        config = stage.children[0]["config"]
        assert (config["threads"], config["n_ctx"], config["n_parallel"]) == (3, 2 * 16384, 2)


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (3, 2), (4, 3), (8, 4), (64, 4)])
def test_threads_never_take_all_cores(monkeypatch, cores, threads):
    monkeypatch.setattr("tui.local.runtime._count_cores", lambda: cores)
    assert count_threads() == threads


def test_opening_finds_weights_or_says_there_are_none(stage):
    data_dir = stage.directory / "data"
    assert open_local_model(data_dir, stage.log) is None
    own = open_local_model(data_dir, stage.log, stage.gguf)
    assert own is not None
    assert own.weights.is_own
    assert own.state.name == "idle"
    assert not models_dir(data_dir).exists()
    with pytest.raises(ConfigError, match="is not a GGUF file"):
        open_local_model(data_dir, stage.log, stage.script)
