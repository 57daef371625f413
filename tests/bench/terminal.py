"""Runs a terminal program in a 120x40 PTY, plays the terminal, and keeps every byte with the time it was read.

All times are CLOCK_MONOTONIC seconds, the clock that the endpoint logs with. Nothing is parsed while a stream runs:
chunks are only stored, and replayed through TextScreen afterwards, so that the probe does not slow what it measures.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import tempfile
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.screen import TextScreen

COLUMNS, LINES = 120, 40
PEER_NICE = int(os.environ.get("PEER_NICE", "0"))  # as root on a shared machine: -17, so that neighbours hardly count
HZ = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

# Questions that programs put to their terminal, and the answers of a plain modern xterm.
_QUERIES: list[tuple[re.Pattern[bytes], Callable[[re.Match[bytes], Terminal], bytes]]] = [
    (re.compile(rb"\x1b\[0?c"), lambda m, t: b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[>0?c"), lambda m, t: b"\x1b[>41;370;0c"),
    (re.compile(rb"\x1b\[5n"), lambda m, t: b"\x1b[0n"),
    (re.compile(rb"\x1b\[6n"), lambda m, t: b"\x1b[%d;%dR" % t.cursor()),
    (re.compile(rb"\x1b\[\?(\d+)\$p"), lambda m, t: b"\x1b[?%b;%d$y" % (m[1], 2 if m[1] == b"2026" else 0)),
    (
        re.compile(rb"\x1b\](1[0-2]);\?(?:\x07|\x1b\\)"),
        lambda m, t: b"\x1b]%b;rgb:%b\x1b\\" % (m[1], b"ffff/ffff/ffff" if m[1] == b"10" else b"0000/0000/0000"),
    ),
    (re.compile(rb"\x1b\]4;(\d+);\?(?:\x07|\x1b\\)"), lambda m, t: b"\x1b]4;%b;rgb:8080/8080/8080\x1b\\" % m[1]),
    (re.compile(rb"\x1b\[>0?q"), lambda m, t: b"\x1bP>|XTerm(370)\x1b\\"),
    (re.compile(rb"\x1b\[14t"), lambda m, t: b"\x1b[4;%d;%dt" % (LINES * 16, COLUMNS * 8)),
    (re.compile(rb"\x1b\[16t"), lambda m, t: b"\x1b[6;16;8t"),
    (re.compile(rb"\x1b\[18t"), lambda m, t: b"\x1b[8;%d;%dt" % (LINES, COLUMNS)),
    (re.compile(rb"\x1bP\+q([0-9A-Fa-f;]*)\x1b\\"), lambda m, t: b"\x1bP0+r%b\x1b\\" % m[1]),
]


def weigh(nice: int) -> None:
    """Set the priority of this process, and of its session's scheduling group where Linux groups sessions."""
    if nice:
        os.setpriority(os.PRIO_PROCESS, 0, nice)
        group = Path("/proc/self/autogroup")
        if group.exists():
            group.write_text(str(nice))


@dataclass
class Usage:
    """CPU seconds of a process and all below it (ended children that were waited for included), and their memory."""

    cpu: float = 0.0
    rss: int = 0
    processes: int = 0


def tree_usage(root: int) -> Usage:
    parents: dict[int, list[int]] = {}
    stats: dict[int, tuple[float, int]] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            text = Path(f"/proc/{name}/stat").read_text()
        except OSError:
            continue
        fields = text.rsplit(")", 1)[1].split()
        ticks = sum(int(fields[i]) for i in (11, 12, 13, 14))  # utime, stime, cutime, cstime
        parents.setdefault(int(fields[1]), []).append(int(name))
        stats[int(name)] = (ticks / HZ, int(fields[21]) * PAGE)
    found, todo = Usage(), [root]
    while todo:
        pid = todo.pop()
        if pid in stats:
            cpu, rss = stats[pid]
            found.cpu += cpu
            found.rss += rss
            found.processes += 1
        todo.extend(parents.get(pid, ()))
    return found


@dataclass
class Terminal:
    argv: list[str]
    env: dict[str, str]
    cwd: str = tempfile.gettempdir()
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    samples: list[tuple[float, float, int]] = field(default_factory=list)  # time, cpu, rss of the tree
    live: TextScreen | None = field(default_factory=lambda: TextScreen(COLUMNS, LINES))
    _tail: bytes = b""
    ended: bool = False

    def start(self) -> None:
        self.started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                weigh(PEER_NICE)
                signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job would leave it ignored
                os.chdir(self.cwd)
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, COLUMNS * 8, LINES * 16))
                os.execvpe(self.argv[0], self.argv, self.env)
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, COLUMNS * 8, LINES * 16))
        os.set_blocking(self.fd, False)

    def cursor(self) -> tuple[int, int]:
        return (self.live.y + 1, min(self.live.x, COLUMNS - 1) + 1) if self.live else (1, 1)

    @property
    def bytes_out(self) -> int:
        return sum(len(data) for _, data in self.chunks)

    def echoes_itself(self) -> bool:
        """True while the kernel, not the program, would echo what is typed."""
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def type(self, keys: str | bytes) -> float:
        data = keys.encode() if isinstance(keys, str) else keys
        now = time.monotonic()
        os.write(self.fd, data)
        return now

    def until_taken(self) -> None:
        """Wait until the program, which has taken the terminal, has read all that was typed."""
        end = time.monotonic() + 60.0
        while time.monotonic() < end and self.pump(0.005):
            with contextlib.suppress(OSError):  # it has just ended
                terminal = os.open(f"/proc/{self.pid}/fd/0", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
                try:
                    (left,) = struct.unpack("i", fcntl.ioctl(terminal, termios.FIONREAD, b"\0" * 4))
                finally:
                    os.close(terminal)
                if not left:
                    return

    def pump(self, seconds: float) -> bool:
        """Read what comes for this long; False when the program has ended."""
        end = time.monotonic() + seconds
        while not self.ended:
            now = time.monotonic()
            if not self.samples or now - self.samples[-1][0] >= 0.2:
                usage = tree_usage(self.pid)
                self.samples.append((now, usage.cpu, usage.rss))
            wait = end - now
            if wait <= 0:
                return True
            if select.select([self.fd], [], [], min(wait, 0.1))[0]:
                self._read()
        return False

    def _read(self) -> None:
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        now = time.monotonic()
        if not data:
            self.ended = True
            return
        self.chunks.append((now, data))
        if self.live:
            self.live.feed(data)
        recent = self._tail + data
        if b"\x1b" in recent:
            for pattern, answer in _QUERIES:
                for match in pattern.finditer(recent):
                    if match.end() > len(self._tail):
                        os.write(self.fd, answer(match, self))
        self._tail = data[-24:] if len(data) >= 24 else recent[-24:]

    def wait_for(self, wanted: str | re.Pattern[str] | Callable[[], bool], timeout: float) -> float | None:
        """The time at which the live screen first showed this (or the call first held), or None."""
        if isinstance(wanted, str):
            wanted = re.compile(re.escape(wanted))
        test = wanted if callable(wanted) else lambda: bool(self.live and wanted.search(self.live.text))
        end = time.monotonic() + timeout
        while not test():
            if time.monotonic() > end or not self.pump(0.01):
                return None
        return self.chunks[-1][0] if self.chunks else time.monotonic()

    def quiet(self, seconds: float, timeout: float, cpu_share: float = 0.15) -> bool:
        """Wait until the tree has used less than this share of one core for so long."""
        end = time.monotonic() + timeout
        while time.monotonic() < end and self.pump(0.1):
            now, cpu, _ = self.samples[-1]
            before = [s for s in self.samples if s[0] <= now - seconds]
            if before and now > before[-1][0] and (cpu - before[-1][1]) / (now - before[-1][0]) < cpu_share:
                return True
        return False

    def usage(self) -> Usage:
        return tree_usage(self.pid)

    def close(self) -> None:
        """Hang up, then end every process of the tree that we started."""
        try:
            has_ended = os.waitpid(self.pid, os.WNOHANG)[0] != 0
        except ChildProcessError:  # somebody has waited for its end
            has_ended = True
        if has_ended:
            os.close(self.fd)
            return
        for sign in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            for pid in self._tree():
                try:
                    os.kill(pid, sign)
                except ProcessLookupError:
                    pass
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self.fd)
                    return
                try:
                    if select.select([self.fd], [], [], 0.02)[0]:
                        os.read(self.fd, 1 << 16)
                except OSError:
                    time.sleep(0.02)

    def _tree(self) -> list[int]:
        children: dict[int, list[int]] = {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    parent = int(Path(f"/proc/{name}/stat").read_text().rsplit(")", 1)[1].split()[1])
                except OSError:
                    continue
                children.setdefault(parent, []).append(int(name))
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo.extend(children.get(pid, ()))
        return found[::-1]


@dataclass
class Replay:
    """What a recording showed, and when."""

    markers: dict[int, float]
    echoes: list[float | None]
    screen: TextScreen


_MARK = re.compile(r"mk(\d{5})")


def replay(chunks: list[tuple[float, bytes]], since: float, typed: list[str]) -> Replay:
    """First sight of every marker after ``since``; and of each prefix of what was typed (its last six letters)."""
    screen, markers = TextScreen(COLUMNS, LINES), {}
    echoes: list[float | None] = [None] * len(typed)
    now = 0.0

    above = ""

    def see(line: str) -> None:
        for number in _MARK.findall(line):
            markers.setdefault(int(number), now)

    def see_leaving(line: str) -> None:  # a line that scrolls off counts as painted, even if a chunk brought it whole
        nonlocal above
        see(above + line if above[-1:].strip() else line)
        above = line

    screen.on_scroll_off = see_leaving
    whole = "".join(typed)
    wanted = [whole[max(0, i - 5) : i + 1] for i in range(len(typed))]
    first = 0
    for now, data in chunks:
        screen.feed(data)
        dirty = screen.take_dirty()
        if now < since:
            markers.clear()
            continue
        for y in dirty:
            line = screen.line(y)
            if line[-1] != " " and y + 1 < LINES:  # a marker may be cut at the right edge
                line += screen.line(y + 1)
            if "mk" in line:
                see(line)
            for i in range(first, len(wanted)):
                if echoes[i] is None and wanted[i] in line:
                    for earlier in range(first, i + 1):
                        if echoes[earlier] is None:
                            echoes[earlier] = now
        while first < len(wanted) and echoes[first] is not None:
            first += 1
    return Replay(markers, echoes, screen)
