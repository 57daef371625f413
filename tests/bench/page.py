"""Measures the page: rillet in a 120x40 pty against a loopback endpoint, beside bare Textual apps in the same run.

    python -m tests.bench.page [--runs 3] [--only NAME ...]

For each case it prints CPU milliseconds per 1,000 tokens, key-to-echo and wire-to-glass times, the time from the
server's last byte to the last word on the screen, memory, and bytes written to the terminal; each as a ratio to the
floor, where the floor did the same case. Runs of both are interleaved. At the end one table says what is expected,
and what was found. It never fails.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.bench.running import NAN, Case, Endpoint, Figures, run_case, run_opening, run_start, run_stop

CASES = [
    Case("50/s", 300, 50),
    Case("500/s", 3000, 500),
    Case("1k unthrottled", 1_000, 0, types=False),
    Case("10k unthrottled", 10_000, 0, types=False),
    Case("100k unthrottled", 100_000, 0, floor=False),
    Case("paragraph 500/s", 2000, 500, "paragraph"),
    Case("fence 500/s", 2000, 500, "fence"),
    Case("table 500/s", 2000, 500, "table"),
    Case("list 500/s", 2000, 500, "list"),
]


@dataclass(frozen=True)
class Expectation:
    """What is expected: a figure of a case, as it is or as a ratio to the floor, and the most it may be."""

    what: str
    case: str
    figure: str
    most: float
    is_ratio: bool = False


EXPECTATIONS = [
    Expectation("CPU at 500/s, to the floor's", "500/s", "cpu_ms_per_1k", 1.0, is_ratio=True),
    Expectation("echo p95 at 500/s, to the floor's", "500/s", "echo_p95_ms", 1.0, is_ratio=True),
    Expectation("10k unthrottled: last byte to last word, s", "10k unthrottled", "finish_s", 1.0),
    Expectation("100k: last quarter's CPU to the first's", "100k unthrottled", "last_to_first_quarter", 1.3),
    Expectation("100k: memory growth, MB", "100k unthrottled", "growth_mb", 25),
    Expectation("100k: peak memory, MB", "100k unthrottled", "peak_mb", 100),
    Expectation("10,000 messages opened, s after start-up", "10,000 messages", "open_s", 0.3),
    Expectation("start to a typed character, to the floor's", "start", "echo_s", 1.25, is_ratio=True),
    Expectation("wire to glass p50 at 500/s, ms", "500/s", "glass_p50_ms", 20),
    Expectation("wire to glass p95 at 500/s, ms", "500/s", "glass_p95_ms", 45),
    Expectation("wire to glass p95 at 50/s, ms", "50/s", "glass_p95_ms", 25),
    Expectation("Esc to the server, unthrottled, ms", "stop", "stop_ms", 50),
    Expectation("MB to the terminal per 1,000 tokens at 50/s", "50/s", "written_mb_per_1k", 0.6),
]


def median(runs: Iterable[Figures]) -> Figures:
    """Each figure's median over the runs that have it."""
    gathered: dict[str, list[float]] = {}
    for run in runs:
        for key, value in run.items():
            gathered.setdefault(key, [])
            if value == value:  # not a NaN
                gathered[key].append(value)
    return {key: statistics.median(values) if values else NAN for key, values in gathered.items()}


class Report:
    """What was measured, printed as it comes and summed up at the end."""

    def __init__(self, runs: int, only: list[str]) -> None:
        self._runs = runs
        self._only = only
        self._found: dict[str, tuple[Figures, Figures]] = {}

    def measure(
        self, name: str, ours: Callable[[], Figures], floor: Callable[[], Figures] | None = None, times: int = 1
    ) -> None:
        """Run rillet and the floor by turns, and print the medians; so many times as often where a run is short.

        A ratio is the median of those of each pair: a machine that is faster now and slower then is so for both.
        """
        if self._only and name not in self._only:
            return
        pairs = [(ours(), floor() if floor else {}) for _ in range(self._runs * times)]
        mine, theirs = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
        ratios = median({key: value / b[key] for key, value in a.items() if b.get(key)} for a, b in pairs)
        self._found[name] = mine, ratios
        print(f"\n{name}, median of {len(pairs)}")
        for key, value in mine.items():
            beside, ratio = theirs.get(key, NAN), ratios.get(key, NAN)
            words = f"   floor {beside:10.3f}   ratio {ratio:6.2f}" if ratio == ratio else ""
            print(f"  {key:<22} {value:10.3f}{words}", flush=True)

    def sum_up(self) -> None:
        """The table of what is expected."""
        print(f"\n{'expected':<48} {'at most':>8} {'found':>9}")
        for each in EXPECTATIONS:
            if each.case not in self._found:
                continue
            mine, ratios = self._found[each.case]
            value = (ratios if each.is_ratio else mine).get(each.figure, NAN)
            verdict = "not measured" if value != value else "met" if value <= each.most else "NOT MET"
            print(f"{each.what:<48} {each.most:>8g} {value:>9.2f}  {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[], help="start, stop, the names of cases, 10,000 messages")
    args = parser.parse_args()
    report = Report(args.runs, args.only)
    with Endpoint() as endpoint:
        report.measure("start", lambda: run_start("rillet", endpoint), lambda: run_start("bare", endpoint), times=7)
        for case in CASES:
            report.measure(
                case.name,
                lambda case=case: run_case("rillet", case, endpoint),
                (lambda case=case: run_case("log", case, endpoint)) if case.floor else None,
            )
        report.measure("stop", lambda: run_stop(endpoint))
        for messages in (1_000, 10_000):
            report.measure(f"{messages:,} messages", lambda messages=messages: run_opening(messages, endpoint))
    report.sum_up()


if __name__ == "__main__":
    main()
