"""Measures the page: rillet in a 120x40 pty against a loopback endpoint, beside a bare Textual app in the same run.

    python -m tests.bench.page [--runs 3] [--only NAME ...]

For each case it prints CPU milliseconds per 1,000 tokens, key-to-echo and wire-to-glass times, the time from the
server's last byte to the last word on the screen, memory, and bytes written to the terminal; then each as a ratio to
the floor, where the floor did the same case.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.bench import document
from tests.bench.terminal import Terminal, replay

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    name: str
    tokens: int
    rate: float
    kind: str = "mixed"
    floor: bool = True


CASES = [
    Case("50/s", 300, 50),
    Case("500/s", 3000, 500),
    Case("10k unthrottled", 10_000, 0),
    Case("100k unthrottled", 100_000, 0, floor=False),
    Case("paragraph 500/s", 2000, 500, "paragraph"),
    Case("fence 500/s", 2000, 500, "fence"),
    Case("table 500/s", 2000, 500, "table"),
    Case("list 500/s", 2000, 500, "list"),
]


class Endpoint:
    """The endpoint of `tests.bench.endpoint`, in a process of its own."""

    def __enter__(self) -> Endpoint:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.endpoint"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=HERE.parents[1],
        )
        self.url = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait(5)
        self.process.stdout.close()

    def ask(self, path: str, payload: dict | None = None) -> dict:
        data = None if payload is None else json.dumps(payload).encode()
        with urllib.request.urlopen(self.url + path, data, timeout=30) as answer:
            return json.load(answer)


def program(name: str, url: str, home: str) -> Terminal:
    """A terminal with one of the two programs in it, not yet started."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "XDG_CONFIG_HOME": f"{home}/config",
        "XDG_DATA_HOME": f"{home}/data",
        "XDG_STATE_HOME": f"{home}/state",
        "XDG_CACHE_HOME": f"{home}/cache",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(HERE.parents[1]),
    }
    if name == "floor":
        return Terminal([sys.executable, str(HERE / "floor_log.py"), url + "/v1"], env)
    argv = [sys.executable, "-m", "tui", "--base-url", url + "/v1", "--dialect", "chat", "--model", "bench-1"]
    return Terminal(argv, env)


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * q))] if ordered else float("nan")


def start(terminal: Terminal) -> dict[str, float]:
    """Start a program; seconds from exec to the first paint, and to a typed character echoed."""
    terminal.start()
    painted = terminal.wait_for(lambda: bool(terminal.live.text.strip()), 20)
    typed = terminal.type("zq")
    echoed = terminal.wait_for("zq", 20)
    if painted is None or echoed is None:
        raise SystemExit(f"the program did not start:\n{terminal.live.text}")
    return {"first_paint": painted - terminal.started, "first_echo": echoed - terminal.started, "typed": typed}


def run_case(name: str, case: Case, endpoint: Endpoint) -> dict[str, float]:
    """One program, one case: what it took."""
    endpoint.ask("/ctl", {"tokens": case.tokens, "rate": case.rate, "kind": case.kind})
    with tempfile.TemporaryDirectory() as home:
        terminal = program(name, endpoint.url, home)
        found = start(terminal)
        terminal.type("\x7f\x7f")
        terminal.quiet(0.5, 15)
        terminal.type("benchmark")
        terminal.wait_for("benchmark", 5)
        terminal.quiet(0.3, 5)
        before = terminal.usage()
        wrote = terminal.bytes_out
        terminal.live = None  # from here only recorded, and looked at afterwards
        began = terminal.type("\r")
        last = f"mk{len(document.MARKER.findall(document.markdown(case.tokens, case.kind))) - 1:05d}"
        typed: list[str] = []
        times: list[float] = []
        # By chance, so that no six letters in a row come twice: that is how an echo is recognised.
        letters = random.Random(11)
        budget = (case.tokens / case.rate if case.rate else 0) + 40
        tail = b""
        at = 0
        while time.monotonic() - began < budget:
            if not terminal.pump(0.12 if case.rate else 0.02):
                break
            tail = tail[-64:] + b"".join(data for _, data in terminal.chunks[at:])
            at = len(terminal.chunks)
            if last.encode() in tail:
                break
            if case.rate:
                letter = letters.choice("abcdefghijklmnopqrstuvwxyz")
                typed.append(letter)
                times.append(terminal.type(letter))
        terminal.pump(0.3)
        after = terminal.usage()
        log = endpoint.ask("/ctl/log")
        peak = max(rss for _, _, rss in terminal.samples)
        terminal.close()
    shown = replay(terminal.chunks, began, typed)
    sent = {int(number): t for number, t in log["markers"].items()}
    glass = [shown.markers[number] - t for number, t in sent.items() if number in shown.markers]
    ended = max((t for t, what in log["events"] if what == "stream_end"), default=float("nan"))
    final = int(last[2:])
    echoes = [seen - t for seen, t in list(zip(shown.echoes, times, strict=True))[5:] if seen is not None]
    thousands = case.tokens / 1000
    return {
        "cpu_ms_per_1k": (after.cpu - before.cpu) / thousands * 1000,
        "echo_p50_ms": quantile(echoes, 0.5) * 1000,
        "echo_p95_ms": quantile(echoes, 0.95) * 1000,
        "glass_p50_ms": quantile(glass, 0.5) * 1000,
        "glass_p95_ms": quantile(glass, 0.95) * 1000,
        "finish_s": shown.markers.get(final, float("nan")) - ended,
        "seen": len(glass) / max(1, len(sent)),
        "growth_mb": (after.rss - before.rss) / 1e6,
        "peak_mb": peak / 1e6,
        "written_mb_per_1k": (terminal.bytes_out - wrote) / 1e6 / thousands,
        "first_paint_s": found["first_paint"],
        "first_echo_s": found["first_echo"],
    }


def run_stop(name: str, endpoint: Endpoint) -> float:
    """Seconds from Esc to the server seeing the connection closed, while an unthrottled reply streams."""
    endpoint.ask("/ctl", {"tokens": 400_000, "rate": 0, "kind": "mixed"})
    with tempfile.TemporaryDirectory() as home:
        terminal = program(name, endpoint.url, home)
        start(terminal)
        terminal.quiet(0.5, 15)
        terminal.type("\x7f\x7fbenchmark\r")
        terminal.wait_for("mk00010", 20)
        terminal.pump(0.5)
        pressed = terminal.type("\x1b")
        terminal.pump(1.5)
        log = endpoint.ask("/ctl/log")
        terminal.close()
    closed = [t for t, what in log["events"] if what == "client_closed" and t > pressed]
    return closed[0] - pressed if closed else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[])
    args = parser.parse_args()
    with Endpoint() as endpoint:
        for case in CASES:
            if args.only and case.name not in args.only:
                continue
            medians: dict[str, dict[str, float]] = {}
            for name in ("rillet", "floor") if case.floor else ("rillet",):
                runs = [run_case(name, case, endpoint) for _ in range(args.runs)]
                medians[name] = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            print(f"\n{case.name} ({case.kind}, {case.tokens:,} tokens), median of {args.runs}")
            for key, value in medians["rillet"].items():
                floor = medians.get("floor", {}).get(key)
                ratio = f"   floor {floor:10.3f}   ratio {value / floor:6.2f}" if floor else ""
                print(f"  {key:<18} {value:10.3f}{ratio}", flush=True)
        if not args.only or "stop" in args.only:
            stops = [run_stop("rillet", endpoint) for _ in range(args.runs)]
            print(f"\nEsc to the server seeing it, unthrottled: {statistics.median(stops) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
