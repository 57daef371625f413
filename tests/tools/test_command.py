import asyncio
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.tools.conftest import sleepers
from tui.tools.command import CommandTool, command_problems, command_tool, fill
from tui.tools.definition import ToolError
from tui.tools.process import MEMORY_BYTES, clean_environment, looks_like_key, run_process
from tui.tools.root import Roots

CITY = {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string"}}, "required": ["city"]}


def python(script, *rest, parameters=None, **given):
    """A command tool that runs a small Python program."""
    return CommandTool("t", "A test.", (sys.executable, "-c", script, *rest), parameters or {}, **given)


async def run(tool, roots=(), **arguments):
    return await command_tool(tool, Roots(roots)).run(arguments)


@pytest.mark.parametrize(
    ("argv", "arguments", "filled"),
    [
        (["w", "{city}"], {"city": "Paris"}, ["w", "Paris"]),
        (
            ["w", "{city}"],
            {"city": "a b; rm -rf / $(x) `y` 'z' \"q\" \n*"},
            ["w", "a b; rm -rf / $(x) `y` 'z' \"q\" \n*"],
        ),
        (["w", "--city={city}"], {"city": "-rf"}, ["w", "--city=-rf"]),
        (["w", "in {city}, {unit}"], {"city": "X", "unit": "C"}, ["w", "in X, C"]),
        (["w", "--", "{city}"], {"city": "--help"}, ["w", "--", "--help"]),
        (["w", "{{{city}}}"], {"city": "X"}, ["w", "{X}"]),
        (["w", "--unit={unit}", "{city}"], {"city": "X"}, ["w", "X"]),
        (["w", "{city}"], {"city": ["a", "b"]}, ["w", "a", "b"]),
        (["w", "--city={city}"], {"city": ["a", "b"]}, ["w", "--city=a", "--city=b"]),
        (["w", "{city}"], {"city": []}, ["w"]),
        (["w", "{city}"], {"city": 3.5}, ["w", "3.5"]),
        (["w", "{city}"], {"city": True}, ["w", "true"]),
        (["w", "{city}"], {"city": {"a": "é"}}, ["w", '{"a":"é"}']),
        (["w", "{city}"], {"city": ""}, ["w", ""]),
        (["w", "x{city}"], {"city": "-f"}, ["w", "x-f"]),
    ],
)
def test_arguments_fill_elements_of_the_argv_and_nothing_else(argv, arguments, filled):
    assert fill(CommandTool("w", "", tuple(argv), CITY), arguments) == filled


@pytest.mark.parametrize("value", ["-rf", "--help", "-", ["a", "-b"], -5])
@pytest.mark.parametrize("argv", [["w", "{city}"], ["w", "{city}.txt"], ["w", "{city}", "--", "x"]])
def test_an_argument_never_becomes_an_option(argv, value):
    with pytest.raises(ToolError, match="must not begin with"):
        fill(CommandTool("w", "", tuple(argv), CITY), {"city": value})


def test_a_nul_is_refused():
    with pytest.raises(ToolError, match="NUL"):
        fill(CommandTool("w", "", ("w", "--x={city}"), CITY), {"city": "a\0b"})


def test_defaults_of_the_schema_fill_in():
    tool = CommandTool(
        "w", "", ("w", "{a}"), {"type": "object", "properties": {"a": {"type": "integer", "default": 7}}}
    )
    assert fill(tool, {}) == ["w", "7"]


def test_paths_are_confined_to_the_roots(tmp_path):
    (tmp_path / "in.txt").write_text("x")
    tool = CommandTool(
        "w", "", ("cat", "{f}"), {"type": "object", "properties": {"f": {"type": "string", "format": "path"}}}
    )
    assert fill(tool, {"f": "in.txt"}, Roots([tmp_path])) == ["cat", str(tmp_path / "in.txt")]
    for path in ("../x", "/etc/passwd", "no.txt"):
        with pytest.raises(ToolError):
            fill(tool, {"f": path}, Roots([tmp_path]))


@pytest.mark.parametrize(
    ("argv", "key", "words"),
    [
        ([], "argv", "the program is missing"),
        (["{city}"], "argv", "the program itself cannot be an argument"),
        (["w", "{town}"], "argv", "{town} is not among the parameters"),
        (["w"], "argv", "the parameter city is not used"),
        (["w", "{city"], "argv", "a lone “{”"),
        (["w", "-{city}"], "argv", "could become an option"),
        (["w", "--{city}"], "argv", "could become an option"),
        (["w", "-o{city}"], "argv", "could become an option"),
        (["sh", "-c", "echo {city}"], "argv", "run as code by sh"),
        (["/bin/bash", "-ec", "{city}"], "argv", "run as code"),
        (["python3", "-c", "print('{city}')"], "argv", "run as code"),
        (["env", "sh", "-c", "{city}"], "argv", "run as code by sh"),
        (["env", "-i", "A=b", "/bin/sh", "-c", "{city}"], "argv", "run as code by sh"),
        (["sh", "-c", "--", "{city}"], "argv", "run as code by sh"),
        (["sudo", "-u", "me", "bash", "-lc", "{city}"], "argv", "run as code by bash"),
        (["busybox", "sh", "-c", "{city}"], "argv", "run as code"),
        (["timeout", "5", "python3", "-c", "{city}"], "argv", "run as code by python3"),
        (["node", "--eval={city}"], "argv", "run as code by node"),
        (["perl", "-e{city}"], "argv", "run as code by perl"),
        (["su", "me", "-c", "{city}"], "argv", "run as code by su"),
        (["ssh", "host", "ls", "{city}"], "argv", "run as code by ssh"),
        (["watch", "{city}"], "argv", "run as code by watch"),
        (["awk", "{city}", "file"], "argv", "run as code by awk"),
        (["w", "{city}", "--unit", "{unit}"], "argv", "--unit={unit} as one element"),
    ],
)
def test_templates_that_would_be_dangerous_are_refused(argv, key, words):
    problems = list(command_problems(CommandTool("w", "", tuple(argv), CITY)))
    assert any(found == key and words in what for found, what in problems), problems


@pytest.mark.parametrize(
    "argv",
    [
        ["w", "{city}", "--unit={unit}"],
        ["sh", "-c", "echo $1", "x", "{city}", "{unit}"],
        ["w", "--", "{city}", "{unit}"],
        ["env", "sh", "-c", "echo $1", "x", "{city}", "{unit}"],
        ["awk", "{{print $1}}", "{city}", "{unit}"],
        ["grep", "python", "-e", "{city}", "{unit}"],
        ["timeout", "5", "w", "{city}", "{unit}"],
    ],
)
def test_good_templates_have_no_problems(argv):
    assert list(command_problems(CommandTool("w", "", tuple(argv), CITY))) == []


def test_other_keys_are_checked_too():
    tool = CommandTool("w", "", ("w",), "a int, b what", env={"MY_API_KEY": "x"}, keep_env=("GITHUB_TOKEN",))
    assert [(key, what) for key, what in command_problems(tool)] == [
        ("parameters", "“what” is not a type (character 10)")
    ]
    tool = CommandTool("w", "", ("w", "{a}"), "a int", env={"MY_API_KEY": "x"}, keep_env=("GITHUB_TOKEN",))
    assert [key for key, _ in command_problems(tool)] == ["env", "keep_env"]
    assert [key for key, _ in command_problems(CommandTool("w", "", ("w",), {"type": "array"}))] == ["parameters"]


async def test_output_errors_and_exit_status_come_back():
    good = await run(python("print('sunny, 21')"))
    assert (good.text, good.is_error) == ("sunny, 21", False)
    bad = await run(python("import sys; print('half'); print('no such city', file=sys.stderr); sys.exit(3)"))
    assert (bad.text, bad.is_error) == ("half\n[errors]\nno such city\n[exit status 3]", True)
    assert (await run(python("pass"))).text == "[no output]"
    killed = await run(python("import os; os.kill(os.getpid(), 9)"))
    assert killed.text == "[ended by SIGKILL]"


async def test_the_environment_is_clean(monkeypatch):
    monkeypatch.setenv("XAI_API_KEY", "xai-secret-value-000000")
    monkeypatch.setenv("INNOCENT", "sk-looks-like-a-key-0000")
    monkeypatch.setenv("CITY", "Paris")
    monkeypatch.setenv("OTHER", "unseen")
    script = "import os, sys; print(sorted(os.environ)); print(sys.stdin.read() == '')"
    out = await run(python(script, env={"UNIT": "C", "SOME_TOKEN": "x"}, keep_env=("CITY", "INNOCENT", "XAI_API_KEY")))
    names, stdin_is_empty = out.text.splitlines()
    allowed = {"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TERM"}
    assert set(eval(names)) - allowed == {"UNIT", "CITY"}
    assert stdin_is_empty == "True"
    assert clean_environment()["TERM"] == "dumb"


@pytest.mark.parametrize(
    ("name", "value", "is_key"),
    [
        ("XAI_API_KEY", "", True), ("OPENAI_APIKEY", "", True), ("GH_TOKEN", "", True), ("AWS_SECRET_ACCESS_KEY", "", True),
        ("DB_PASSWORD", "", True), ("SSH_AUTH_SOCK", "", True), ("X", "sk-abcdefghijklmnop", True), ("CREDENTIALS", "", True),
        ("PATH", "/usr/bin", False), ("KEYBOARD_LAYOUT", "us", False), ("CITY", "Paris", False), ("LANG", "C.UTF-8", False),
    ],
)  # fmt: skip
def test_what_looks_like_a_key(name, value, is_key):
    assert looks_like_key(name, value) is is_key


async def test_the_path_holds_no_relative_directory(monkeypatch):
    monkeypatch.setenv("PATH", f".::bin:{os.environ['PATH']}")
    assert all(part.startswith("/") for part in clean_environment()["PATH"].split(":"))


async def test_it_runs_where_the_settings_say(tmp_path):
    assert (await run(python("import os; print(os.getcwd())", cwd=str(tmp_path)))).text == str(tmp_path)
    with pytest.raises(ToolError, match="there is no directory"):
        await run(python("pass", cwd=str(tmp_path / "gone")))


@pytest.mark.parametrize(
    ("program", "words"),
    [("no-such-program-here", "no program no-such-program-here on the PATH"), ("/no/such", "no program /no/such")],
)
async def test_a_missing_program_is_a_sentence(program, words):
    with pytest.raises(ToolError, match=words):
        await run(CommandTool("t", "", (program,)))


async def test_a_file_that_is_no_program_is_a_sentence(tmp_path):
    path = tmp_path / "tool"
    path.write_bytes(b"\x00\x01")
    path.chmod(0o644)
    with pytest.raises(ToolError, match="is not executable"):
        await run(CommandTool("t", "", (str(path),)))
    path.chmod(0o755)
    with pytest.raises(ToolError, match="cannot be run: exec format error"):
        await run(CommandTool("t", "", (str(path),)))


async def test_output_that_is_not_utf_8_is_said():
    out = await run(python("import sys; sys.stdout.buffer.write(b'caf\\xe9 \\xff!')"))
    assert out.text == "caf\ufffd \ufffd!\n[2 characters were not UTF-8 and stand as \ufffd]"


async def test_a_hundred_megabytes_are_cut_at_the_limit():
    began = time.monotonic()
    out = await run(python("import sys\nfor _ in range(1600): sys.stdout.write('x' * 65536)", output_limit=100_000))
    assert time.monotonic() - began < 30
    assert out.is_error
    assert out.text == "x" * 100_000 + "\n[cut: it wrote more than 100,000 bytes and was stopped]"


STUBBORN = """
import fcntl, os, signal, sys, time
mark = open(sys.argv[1], "w")
fcntl.flock(mark, fcntl.LOCK_EX)
for name in ("SIGTERM", "SIGINT", "SIGHUP"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
if os.fork() == 0:
    time.sleep(600)
print("ready", file=mark, flush=True)
time.sleep(600)
"""


def is_anyone_alive(mark):
    """Whether any process of the program still holds the lock on its file: a lock ends with the last of them."""
    with mark.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


async def wait_until(is_true):
    async with asyncio.timeout(60):
        while not is_true():
            await asyncio.sleep(0.01)


async def run_too_long(start, mark):
    """What comes of a program whose time is over once it is up, which it says by writing to its mark; and that time."""
    for seconds in (0.5, 2.0, 8.0, 32.0):
        out = await start(seconds)
        if mark.exists() and mark.read_text():
            return out, seconds
    raise AssertionError("it never came up")


async def test_a_program_that_ignores_signals_is_killed_with_its_children(tmp_path):
    mark = tmp_path / "group"
    out, seconds = await run_too_long(lambda seconds: run(python(STUBBORN, str(mark), timeout=seconds)), mark)
    assert out.is_error
    assert out.text == f"[stopped: it took longer than {seconds:g} seconds]"
    await wait_until(lambda: not is_anyone_alive(mark))


async def test_cancelling_kills_at_once(tmp_path):
    mark = tmp_path / "group"
    task = asyncio.create_task(run(python(STUBBORN, str(mark))))
    await wait_until(lambda: mark.exists() and mark.read_text())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await wait_until(lambda: not is_anyone_alive(mark))


async def test_a_stop_while_it_starts_leaves_no_pipe_open():
    open_before = set(os.listdir("/dev/fd"))
    for turns in range(8):  # of the event loop: a start takes several
        task = asyncio.create_task(run_process(["sleep", "60"], timeout=30, output_limit=1000))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await wait_until(lambda: len(os.listdir("/dev/fd")) <= len(open_before))


async def test_a_child_left_behind_does_not_keep_the_call_waiting(tmp_path):
    mark = tmp_path / "group"
    script = STUBBORN.replace("time.sleep(600)\n", "sys.exit(0)\n", 2).replace("    sys.exit(0)", "    time.sleep(600)")
    began = time.monotonic()
    out = await run(python(script + "\nprint('done')", str(mark)))
    assert time.monotonic() - began < 30
    assert not out.is_error
    await wait_until(lambda: not is_anyone_alive(mark))


async def test_a_program_in_time_gets_to_say_goodbye(tmp_path):
    script = """
import signal, sys, time
def bye(*_):
    print("saved", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, bye)
open(sys.argv[1], "w").write("ready")
time.sleep(600)
"""
    mark = tmp_path / "mark"
    argv = [sys.executable, "-c", script, str(mark)]
    finished, _ = await run_too_long(
        lambda seconds: run_process(argv, timeout=seconds, output_limit=1000, grace=60.0), mark
    )
    assert (finished.out, finished.has_timed_out) == (b"saved\n", True)
    assert signal.getsignal(signal.SIGTERM) is not None


@pytest.mark.parametrize(
    "argv",
    [
        ("weather", "--city={city}", "{days}"),
        ("weather", "--units=metric", "{days}", "{city}"),
        ("weather", "--count={days}", "{city}", "--", "{days}"),
        ("weather", "-n{days}", "{days}", "{city}"),
    ],
)
def test_an_option_that_holds_its_value_does_not_want_the_next_argument(argv):
    tool = CommandTool("weather", "", argv, "city str, days int?")
    assert list(command_problems(tool)) == []


@pytest.mark.parametrize("option", ["-d", "--days"])
def test_an_option_that_may_lose_its_value_is_pointed_out(option):
    tool = CommandTool("weather", "", ("weather", option, "{days}", "{city}"), "city str, days int?")
    ((key, what),) = command_problems(tool)
    assert key == "argv"
    assert f"{option} would then stand alone; write {option}={{days}} as one element" in what


def test_the_very_command_is_told_before_it_runs(tmp_path):
    one = CommandTool("say", "", ("echo", "--text={text}", "{who}"), "text, who?", cwd=str(tmp_path))
    made = command_tool(one, Roots(()))
    assert made.preview({"text": "a b"}) == f"in {tmp_path}: echo '--text=a b'"
    with pytest.raises(ToolError, match="take it for an option"):
        made.preview({"text": "a", "who": "-rf"})


@pytest.mark.skipif(sys.platform != "linux", reason="/proc and prctl are Linux's")
def test_a_tool_cannot_read_the_environment_of_the_program_that_starts_it():
    script = """
import asyncio, ctypes
from tui.tools.registry import build_registry
asyncio.run(build_registry())
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n", "PR_GET_DUMPABLE"


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="keepers are Linux's")


@LINUX
@pytest.mark.parametrize(
    "hides",
    [
        "setsid sleep {mark} & ",
        "setsid sh -c 'sleep {mark} & sleep {mark} & exit' & ",
        "(setsid nohup sleep {mark} > /dev/null 2>&1 &) ; ",
        "trap '' TERM HUP; setsid sh -c 'trap \"\" TERM; sleep {mark}; sleep {mark}' & ",
    ],
)
@pytest.mark.parametrize("ends", ["by itself", "in time", "stopped"])
async def test_what_hides_in_another_session_ends_with_the_call(hides, ends):
    mark = f"77.{random.randrange(10**9)}"
    shell = hides.format(mark=mark) + ("sleep 0.2; echo done" if ends == "by itself" else "sleep 60")
    running = asyncio.ensure_future(
        run_process(["sh", "-c", shell], timeout=0.5 if ends == "in time" else 30, output_limit=1000, grace=0.2)
    )
    if ends == "stopped":
        while not sleepers(mark):
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    else:
        finished = await running
        assert finished.has_timed_out is (ends == "in time")
        assert finished.out == (b"done\n" if ends == "by itself" else b"")
    assert sleepers(mark) == []


@LINUX
async def test_a_tool_cannot_take_all_of_the_memory_or_leave_a_core():
    script = "import resource as r; print([r.getrlimit(k)[1] for k in (r.RLIMIT_DATA, r.RLIMIT_CORE, r.RLIMIT_NOFILE)])"
    finished = await run_process([sys.executable, "-c", script], timeout=30, output_limit=1000)
    data, core, files = json.loads(finished.out)
    assert 0 < data <= MEMORY_BYTES
    assert core == 0
    assert 0 < files <= 4096
    script = f"bytearray({MEMORY_BYTES + (1 << 20)})"
    finished = await run_process([sys.executable, "-c", script], timeout=30, output_limit=10_000)
    assert finished.status == 1
    assert b"MemoryError" in finished.err


@LINUX
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
async def test_the_signal_that_ended_a_tool_is_told(number):
    finished = await run_process(["sh", "-c", f"kill -{int(number)} $$"], timeout=30, output_limit=1000)
    assert finished.status == -number
