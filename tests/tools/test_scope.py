"""A systemd scope for each tool, with a systemd-run of our own: what is asked of it, and when it is not used."""

import os
import stat
import sys
from pathlib import Path

import pytest

from tui.tools import scope
from tui.tools.definition import ToolError
from tui.tools.keeper import ran_out
from tui.tools.process import MEMORY_BYTES, describe_bounds, run_process
from tui.tools.scope import NO_SCOPE, PROCESSES, find_scope

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="cgroups are Linux's")

RUNS = """#!/bin/sh
printf '%s\\n' "$*" >> {log}
while [ "$1" != -- ]; do shift; done
shift
export INVOCATION_ID=0f
exec "$@"
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with cgroup v2 and a user manager, as far as files tell; gives the folder."""
    name = next((line[4:] for line in Path("/proc/self/cgroup").read_text().split() if line.startswith("0::/")), "")
    group = tmp_path / "cgroup" / name
    group.mkdir(parents=True)
    (tmp_path / "cgroup" / "cgroup.controllers").write_text("memory pids\n")
    (group / "memory.max").write_text(f"{MEMORY_BYTES}\n")
    (group / "pids.max").write_text(f"{PROCESSES}\n")
    (tmp_path / "systemd").mkdir()
    (tmp_path / "systemd" / "private").touch()
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(scope, "_ROOT", tmp_path / "cgroup")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    scope._find.cache_clear()
    yield tmp_path
    scope._find.cache_clear()


def put_systemd_run(machine, script=RUNS):
    program = machine / "bin" / "systemd-run"
    program.write_text(script.format(log=machine / "log"))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


async def test_a_tool_runs_in_a_scope_with_limits_and_hears_nothing_of_the_manager(machine):
    put_systemd_run(machine)
    script = "import os; print(sorted(os.environ))"
    for _ in range(2):
        finished = await run_process(
            [sys.executable, "-c", script], timeout=30, output_limit=10_000, env={"PATH": os.environ["PATH"]}
        )
        assert finished.status == 0, finished.err
        assert b"XDG_RUNTIME_DIR" not in finished.out
        assert b"DBUS" not in finished.out
        assert b"INVOCATION_ID" not in finished.out
    asked = [line for line in (machine / "log").read_text().splitlines() if line.startswith("--user")]
    assert len(asked) == 3, "it is tried once, and then used"
    for words in asked:
        assert words.startswith("--user --scope --quiet --collect")
        assert f"--property=MemoryMax={MEMORY_BYTES}" in words
        assert f"--property=TasksMax={PROCESSES}" in words
    assert "a systemd scope holds each to 4 GB of memory and 512 processes" in describe_bounds()


async def test_a_program_that_cannot_be_started_in_a_scope_says_why(machine):
    put_systemd_run(machine)
    program = machine / "bin" / "broken"
    program.write_text("no program")
    program.chmod(0o755)
    with pytest.raises(ToolError, match="broken cannot be run: exec format error"):
        await run_process([str(program)], timeout=30, output_limit=100)


def test_a_tool_whose_memory_ran_out_in_its_scope_is_known(tmp_path):
    (tmp_path / "app.slice" / "a.scope").mkdir(parents=True)
    events = tmp_path / "app.slice" / "a.scope" / "memory.events"
    groups = b"4:memory:/other\n0::/app.slice/a.scope\n"
    assert not ran_out(str(tmp_path), groups), "an older kernel tells nothing"
    for killed in (0, 1, 12):
        events.write_text(f"low 0\nhigh 0\nmax 37\noom 1\noom_kill {killed}\noom_group_kill 0\n")
        assert ran_out(str(tmp_path), groups) == (killed > 0)
    assert not ran_out(str(tmp_path), b"1:name=systemd:/\n")


@pytest.mark.parametrize("limit", ["memory.max", "pids.max"])
def test_a_scope_whose_limits_do_not_hold_is_none(machine, limit):
    put_systemd_run(machine)
    next((machine / "cgroup").rglob(limit)).write_text("max\n")
    assert find_scope(MEMORY_BYTES, os.environ["PATH"]) is NO_SCOPE
    assert "for each process" in describe_bounds()


@pytest.mark.parametrize(
    "script",
    ["#!/bin/sh\necho 'Failed to connect to bus' >&2; exit 1\n", "#!/bin/sh\nexec sleep 60\n", "nothing that runs\n"],
)
def test_a_manager_that_fails_or_says_nothing_is_not_waited_for_twice(machine, monkeypatch, script):
    monkeypatch.setattr(scope, "PATIENCE", 0.3)
    put_systemd_run(machine, script)
    assert find_scope(MEMORY_BYTES, os.environ["PATH"]) is NO_SCOPE
    (machine / "bin" / "systemd-run").unlink()
    assert find_scope(MEMORY_BYTES, os.environ["PATH"]) is NO_SCOPE


@pytest.mark.parametrize("missing", ["cgroup/cgroup.controllers", "systemd/private"])
def test_nothing_is_started_where_there_is_no_manager_or_no_cgroup(machine, missing):
    put_systemd_run(machine)
    (machine / missing).unlink()
    assert find_scope(MEMORY_BYTES, os.environ["PATH"]) is NO_SCOPE
    assert not (machine / "log").exists()
