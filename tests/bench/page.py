"""Measures the page: rillet in a 120x40 pty against a loopback endpoint, beside bare Textual apps in the same run.

    python -m tests.bench.page [--runs 3] [--only NAME ...] [--codex PATH/bin/codex.js]

For each case it prints CPU milliseconds per 1,000 tokens, key-to-echo and wire-to-glass times, the time from the
server's last byte to the last word on the screen, memory, and bytes written to the terminal; each as a ratio to the
floor, where the floor did the same case. Runs of both are interleaved. At the end one table says what is expected,
and what was found. It never fails.

With --codex, OpenAI's Codex does the same beside them, started with node as its users do. It is npm's `@openai/codex`:
`npm install --prefix DIR @openai/codex@0.171.0`, then --codex DIR/node_modules/@openai/codex/bin/codex.js. It gets a home
of its own and settings for the loopback endpoint, and what is expected of a ratio to it is left out where it is not there.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.running import CODEX, NAN, Case, Endpoint, Figures, run_case, run_opening, run_start, run_stop

CASES = [
    Case("50/s", 300, 50),
    Case("500/s", 3000, 500),
    Case("1k at 500/s", 1000, 500, types=False),
    Case("1k unthrottled", 1_000, 0, types=False),
    Case("10k unthrottled", 10_000, 0, types=False),
    Case("100k unthrottled", 100_000, 0, floor=False),
    Case("paragraph 500/s", 2000, 500, "paragraph"),
    Case("fence 500/s", 2000, 500, "fence"),
    Case("table 500/s", 2000, 500, "table"),
    Case("list 500/s", 2000, 500, "list"),
]


PEER_CASES = ("50/s", "500/s", "10k unthrottled")
"""Those that Codex does too: it takes long for the others."""


@dataclass(frozen=True)
class Expectation:
    """What is expected: a figure of a case, as it is or as a ratio to the floor or to Codex, and the most it may be."""

    what: str
    case: str
    figure: str
    most: float
    is_ratio: bool = False
    to_codex: bool = False


EXPECTATIONS = [
    Expectation("start to a typed character, to Codex's", "start", "echo_s", 0.4, to_codex=True),
    Expectation("start to first paint, to Codex's", "start", "paint_s", 0.7, to_codex=True),
    Expectation("CPU at 50/s, to Codex's", "50/s", "cpu_ms_per_1k", 0.35, to_codex=True),
    Expectation("CPU at 500/s, to Codex's", "500/s", "cpu_ms_per_1k", 0.25, to_codex=True),
    Expectation("wire to glass p50 at 500/s, to Codex's", "500/s", "glass_p50_ms", 0.8, to_codex=True),
    Expectation("wire to glass p95 at 500/s, to Codex's", "500/s", "glass_p95_ms", 0.8, to_codex=True),
    Expectation("wire to glass p95 at 50/s, to Codex's", "50/s", "glass_p95_ms", 0.2, to_codex=True),
    Expectation("echo p95 at 500/s, to Codex's", "500/s", "echo_p95_ms", 0.5, to_codex=True),
    Expectation(
        "10k unthrottled: last byte to last word, to Codex's", "10k unthrottled", "finish_s", 0.1, to_codex=True
    ),
    Expectation("Esc to the server, to Codex's", "stop", "stop_ms", 1.0, to_codex=True),
    Expectation("peak memory of 1,000 tokens at 500/s, MB", "1k at 500/s", "peak_mb", 48),
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
    Expectation("MB to the terminal per 1,000 tokens at 50/s", "50/s", "written_mb_per_1k", 0.12),
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


def _ratio(mine: Figures, theirs: Figures) -> Figures:
    return {key: value / theirs[key] for key, value in mine.items() if theirs.get(key)}


class Report:
    """What was measured, printed as it comes and summed up at the end."""

    def __init__(self, runs: int, only: list[str]) -> None:
        self._runs = runs
        self._only = only
        self._found: dict[str, tuple[Figures, Figures, Figures]] = {}

    def measure(
        self,
        name: str,
        ours: Callable[[], Figures],
        floor: Callable[[], Figures] | None = None,
        codex: Callable[[], Figures] | None = None,
        times: int = 1,
    ) -> None:
        """Run rillet, the floor and Codex by turns, and print the medians; so many times as often where a run is short.

        A ratio is the median of those of each pair: a machine that is faster now and slower then is so for both.
        """
        if self._only and name not in self._only:
            return
        others = {"floor": floor, "codex": codex if CODEX else None}
        rounds = [
            {"rillet": ours(), **{other: run() for other, run in others.items() if run}}
            for _ in range(self._runs * times)
        ]
        mine = median(each["rillet"] for each in rounds)
        ratios = {other: median(_ratio(each["rillet"], each.get(other, {})) for each in rounds) for other in others}
        self._found[name] = mine, ratios["floor"], ratios["codex"]
        print(f"\n{name}, median of {len(rounds)}")
        for key, value in mine.items():
            words = ""
            for other in others:
                if (ratio := ratios[other].get(key, NAN)) == ratio:
                    beside = median(each[other] for each in rounds)[key]
                    words += f"   {other} {beside:10.3f}   ratio {ratio:6.2f}"
            print(f"  {key:<22} {value:10.3f}{words}", flush=True)

    def sum_up(self) -> None:
        """The table of what is expected."""
        print(f"\n{'expected':<48} {'at most':>8} {'found':>9}")
        for each in EXPECTATIONS:
            if each.case not in self._found:
                continue
            if each.to_codex and not CODEX:
                continue
            mine, to_floor, to_codex = self._found[each.case]
            value = (to_floor if each.is_ratio else to_codex if each.to_codex else mine).get(each.figure, NAN)
            verdict = "not measured" if value != value else "met" if value <= each.most else "NOT MET"
            print(f"{each.what:<48} {each.most:>8g} {value:>9.2f}  {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[], help="start, stop, the names of cases, 10,000 messages")
    parser.add_argument("--codex", type=Path, metavar="FILE", help="Codex's bin/codex.js, to be measured beside")
    args = parser.parse_args()
    if args.codex:
        CODEX[:] = ["node", str(args.codex.resolve())]
    report = Report(args.runs, args.only)
    with Endpoint() as endpoint:
        report.measure(
            "start",
            lambda: run_start("rillet", endpoint),
            lambda: run_start("bare", endpoint),
            lambda: run_start("codex", endpoint),
            times=7,
        )
        for case in CASES:
            report.measure(
                case.name,
                lambda case=case: run_case("rillet", case, endpoint),
                (lambda case=case: run_case("log", case, endpoint)) if case.floor else None,
                (lambda case=case: run_case("codex", case, endpoint)) if case.name in PEER_CASES else None,
            )
        report.measure("stop", lambda: run_stop(endpoint), codex=lambda: run_stop(endpoint, "codex"))
        for messages in (1_000, 10_000):
            report.measure(f"{messages:,} messages", lambda messages=messages: run_opening(messages, endpoint))
    report.sum_up()


if __name__ == "__main__":
    main()
