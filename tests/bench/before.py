"""Compares this build with an earlier one, by turns in the same run, and this build with itself.

    python -m tests.bench.before DIR [--pairs 15]

DIR is a checkout of the earlier build with a virtual environment `.venv` in it. For each figure it prints the medians of
both, the median of the ratios pair by pair, and the spread of the same ratio where this build runs against itself: what
lies within that spread is no difference. It never fails.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from tests.bench.running import Case, Endpoint, Figures, run_case, run_start, run_stop

CASES = [
    Case("50/s", 300, 50),
    Case("500/s", 3000, 500),
    Case("500/s, wire open", 3000, 500, types=False, keys="\x05"),
    Case("10k unthrottled", 10_000, 0, types=False),
]
FIGURES = {
    "start": ("paint_s", "echo_s", "real_s", "cpu_s"),
    "stop": ("stop_ms",),
    "50/s": ("cpu_ms_per_1k", "echo_p95_ms", "glass_p95_ms", "written_mb_per_1k"),
    "500/s": ("cpu_ms_per_1k", "echo_p95_ms", "glass_p50_ms", "glass_p95_ms", "peak_mb"),
    "500/s, wire open": ("cpu_ms_per_1k", "peak_mb"),
    "10k unthrottled": ("cpu_ms_per_1k", "finish_s", "peak_mb"),
}
"""The figures that are compared, by what is run."""


def run_all(name: str, endpoint: Endpoint) -> dict[str, Figures]:
    """Everything once, with one build."""
    figures = {"start": run_start(name, endpoint), "stop": run_stop(endpoint, name)}
    return figures | {case.name: run_case(name, case, endpoint) for case in CASES}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", metavar="DIR", type=Path)
    parser.add_argument("--pairs", type=int, default=15)
    options = parser.parse_args()
    before = f"@{options.before.resolve()}"
    pairs: list[tuple[dict[str, Figures], dict[str, Figures]]] = []
    selves: list[tuple[dict[str, Figures], dict[str, Figures]]] = []
    with Endpoint() as endpoint:
        for number in range(options.pairs):
            old, new = [run_all(name, endpoint) for name in ((before, "rillet") if number % 2 else ("rillet", before))][
                :: 1 if number % 2 else -1
            ]
            pairs.append((old, new))
            if number % 3 == 0:
                selves.append((new, run_all("rillet", endpoint)))
            print(f"pair {number + 1} of {options.pairs}", flush=True)
    print(f"\n{'':<36}{'before':>10}{'now':>10}{'ratio':>8}   itself")
    for what, figures in FIGURES.items():
        for figure in figures:
            olds, news = ([pair[at][what][figure] for pair in pairs] for at in range(2))
            ratios = [new / old for old, new in zip(olds, news, strict=True) if old]
            itself = [again[what][figure] / new[what][figure] for new, again in selves if new[what][figure]]
            medians = [statistics.median(values) for values in (olds, news)]
            print(
                f"{what + ', ' + figure:<36}{medians[0]:>10.3f}{medians[1]:>10.3f}"
                f"{statistics.median(ratios):>8.2f}   {min(itself):.2f} to {max(itself):.2f}"
            )


if __name__ == "__main__":
    main()
