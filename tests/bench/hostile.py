"""Measures what a person feels while a stream is hostile: rillet in a 120x40 pty, typing all the while.

    python -m tests.bench.hostile [--seconds 3] [--only NAME ...]

For each scenario of the fault server's groups S and D it prints how long the screen took to echo a key (median, 95th
percentile, longest) and the most memory the program held. At the end it says what is expected, and which scenarios
are over it. It never fails.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from tests.bench.running import HERE, NAN, program, quantile, start
from tests.bench.terminal import replay
from tests.server.scenario import SCENARIOS

ECHO_MS = 100.0
MEMORY_MB = 150.0
KEY_SECONDS = 0.1


@dataclass(frozen=True)
class Felt:
    """What was felt in one scenario; the times in milliseconds. `missing` keys were never seen on the screen."""

    name: str
    p50: float
    p95: float
    longest: float
    memory_mb: float
    missing: int
    has_ended: bool

    @property
    def is_good(self) -> bool:
        """Whether it is as expected."""
        return not (self.missing or self.has_ended or self.longest > ECHO_MS or self.memory_mb > MEMORY_MB)


def feel(name: str, url: str, seconds: float) -> Felt:
    """Ask in one scenario, and type while it lasts and a little longer."""
    letters = random.Random(name)
    with tempfile.TemporaryDirectory() as home:
        terminal = program("rillet", url.removesuffix("/v1") + f"/s/{name}", home)
        start(terminal)
        terminal.type("\x7f\x7f")
        terminal.quiet(0.5, 15)
        terminal.type("Hello")
        terminal.wait_for("Hello", 5)
        terminal.live = None  # from here only recorded, and looked at afterwards
        began = terminal.type("\r")
        typed: list[str] = []
        times: list[float] = []
        key_at = began + KEY_SECONDS
        while time.monotonic() < began + seconds and terminal.pump(0.01):
            if time.monotonic() >= key_at:
                typed.append(letters.choice("abcdefghijklmnopqrstuvxyz"))
                times.append(terminal.type(typed[-1]))
                key_at = times[-1] + KEY_SECONDS
        has_ended = not terminal.pump(0.5)
        terminal.close()
    shown = replay(terminal.chunks, began, typed)
    late = [(seen - t) * 1000 for seen, t in zip(shown.echoes, times, strict=True) if seen is not None]
    return Felt(
        name,
        quantile(late, 0.5),
        quantile(late, 0.95),
        max(late, default=NAN),
        max((rss for _, _, rss in terminal.samples), default=0) / 1e6,
        len(typed) - len(late),
        has_ended,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--only", nargs="*", default=[])
    args = parser.parse_args()
    names = args.only or [name for name, each in SCENARIOS.items() if each.group in ("S", "D")]
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.server", "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=HERE.parents[1]
    )
    found: list[Felt] = []
    try:
        url = server.stdout.readline().strip()
        print(f"{'scenario':<24} {'p50':>7} {'p95':>7} {'longest':>8} ms {'memory':>7} MB")
        for name in names:
            each = feel(name, url, args.seconds)
            found.append(each)
            note = f"  {each.missing} keys not seen" if each.missing else ""
            note += "  THE PROGRAM ENDED" if each.has_ended else ""
            figures = f"{each.p50:>7.1f} {each.p95:>7.1f} {each.longest:>8.1f}    {each.memory_mb:>7.0f}"
            print(f"{name:<24} {figures}{note}", flush=True)
    finally:
        server.terminate()
        server.wait(5)
    bad = [each.name for each in found if not each.is_good]
    print(f"\nexpected: every key echoed within {ECHO_MS:.0f} ms, memory under {MEMORY_MB:.0f} MB")
    print(f"{len(found) - len(bad)} of {len(found)} as expected" + (f"; not: {', '.join(bad)}" if bad else ""))


if __name__ == "__main__":
    main()
