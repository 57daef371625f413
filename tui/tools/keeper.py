"""The keeper of a tool's process, on Linux: a small program of its own that stands between rillet and the tool.

What a tool starts and leaves behind comes to its keeper, in whatever session it hides, and is killed with the
tool; if rillet dies, so does the tool. The tool runs within limits of memory, processes and open files.

It is started as a script, and imports nothing of rillet: `keeper.py REPORT MEMORY DROPPED PROGRAM ARGUMENT...`.
REPORT is a descriptor, to which the number of the error is written where the program cannot be started. MEMORY is in
bytes, 0 where a cgroup limits memory and processes; that something was killed there for its memory is told on the tool's
standard error. DROPPED are variables that the tool must not get. SIGTERM is handed on to the tool, SIGUSR1 ends all of it
at once. It ends as the tool ended: with its status, or by its signal.

A server of tools is kept too. Nobody reads its report, so REPORT is `-` and the error goes to its standard error; and who
ends it sends SIGTERM, then SIGKILL, which would leave its children: what SIGTERM has not ended in a second is killed.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from contextlib import suppress

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_OPEN_FILES = 4096
_PROCESSES = 512
"""More threads than the whole system has when the tool starts: the limit counts all that the user has."""
_SECONDS = 2.0
"""For how long what does not die is killed again."""
_SERVER_GRACE = 1.0
"""Seconds between SIGTERM and the end of a server; whoever sent it waits for two."""
_GROUPS = "/sys/fs/cgroup"
_RAN_OUT = b"killed: all that it started took more memory than a tool may have\n"
_SIGNALS = (signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM)


def main(words: list[str]) -> None:
    """Start the tool, see it to its end, and leave nothing of it."""
    report, memory, dropped, *argv = words
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGUSR1), 0, 0, 0)
    for name in dropped.split(","):
        os.environ.pop(name, None)
    tool = os.fork()
    is_server = report == "-"
    if tool == 0:
        _become(None if is_server else int(report), int(memory), argv)
    if is_server:
        for stream in (0, 1):  # the server alone holds them: their end is its end
            os.close(stream)
    else:
        os.close(int(report))
    status = _follow(tool, is_server=is_server)
    if memory == "0" and ran_out(_GROUPS, _read("/proc/self/cgroup")):  # the manager then ends the rest by SIGTERM
        with suppress(OSError):
            os.write(2, _RAN_OUT)
    _kill_all()
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _become(report: int | None, memory: int, argv: list[str]) -> None:
    """Turn this process into the tool, within its limits; where that fails, say why."""
    try:
        if report is not None:
            os.set_inheritable(report, False)
        os.setsid()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        limits = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, _OPEN_FILES)]
        if memory:
            threads = int(_read("/proc/loadavg").split()[3].partition(b"/")[2])
            limits += [(resource.RLIMIT_DATA, memory), (resource.RLIMIT_NPROC, threads + _PROCESSES)]
        for kind, most in limits:
            soft, hard = resource.getrlimit(kind)
            ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
            floor = ceiling if soft == resource.RLIM_INFINITY else min(ceiling, soft)
            resource.setrlimit(kind, (floor, ceiling))
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and a program expects not to
            signal.signal(number, signal.SIG_DFL)
        os.execve(argv[0], argv, os.environ)
    except OSError as error:
        if report is None:
            os.write(2, f"{argv[0]} cannot be run: {(error.strerror or str(error)).lower()}\n".encode())
        else:
            os.write(report, str(error.errno or 0).encode())
    finally:
        os._exit(127)


def _follow(tool: int, *, is_server: bool) -> int:
    """Wait for the tool, handing on what it is asked; its wait status."""
    while True:
        number = signal.sigwait(_SIGNALS)
        if number == signal.SIGTERM:
            with suppress(OSError):
                os.killpg(tool, signal.SIGTERM)
            if is_server:
                signal.setitimer(signal.ITIMER_REAL, _SERVER_GRACE)
        elif number in (signal.SIGUSR1, signal.SIGALRM):
            _kill_below(os.getpid())
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == tool:
                    return ended[1]


def ran_out(root: str, groups: bytes) -> bool:
    """Whether the kernel has killed something of a cgroup for its memory; `groups` is what /proc says it is in."""
    name = next((line[3:] for line in groups.decode().splitlines() if line.startswith("0::/")), "")
    try:
        events = _read(f"{root}{name}/memory.events").split()
    except OSError:
        return False
    return int(dict(zip(events[::2], events[1::2], strict=False)).get(b"oom_kill", 0)) > 0


def _kill_all() -> None:
    """Kill what the tool left behind, again and again until nothing of it is there."""
    until = time.monotonic() + _SECONDS
    with suppress(ChildProcessError):
        while time.monotonic() < until:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                _kill_below(os.getpid())
                time.sleep(0.002)


def _kill_below(top: int) -> None:
    """Kill every process below one."""
    parents: dict[int, int] = {}
    with os.scandir("/proc") as entries:
        names = [entry.name for entry in entries if entry.name.isdigit()]
    for name in names:
        with suppress(OSError, ValueError, IndexError):
            parents[int(name)] = int(_read(f"/proc/{name}/stat").rpartition(b")")[2].split()[1])
    for process in parents:
        above, steps = process, 0
        while (above := parents.get(above, 0)) and above != top and steps < len(parents):
            steps += 1
        if above == top:
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    main(sys.argv[1:])
