"""One run of a program in a terminal: started, asked, watched, closed; and what it took."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import document, saved
from tests.bench.terminal import Terminal, replay

HERE = Path(__file__).parent
CODEX: list[str] = []
"""The command of OpenAI's Codex, where it is to be measured as a peer."""

CODEX_SETTINGS = """\
model = "bench-1"
model_provider = "bench"
approval_policy = "never"
sandbox_mode = "read-only"
check_for_update_on_startup = false
[model_providers.bench]
name = "bench"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "BENCH_KEY"
[projects."{home}"]
trust_level = "trusted"
[analytics]
enabled = false
"""
Figures = dict[str, float]
NAN = float("nan")


@dataclass(frozen=True)
class Case:
    """One reply: its length in tokens, tokens a second (0: as fast as it is read), and what it is made of."""

    name: str
    tokens: int
    rate: float
    kind: str = "mixed"
    floor: bool = True
    types: bool = True
    keys: str = ""
    """What is typed once the reply has begun: `\x05` opens the wire."""


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
        """Tell it what to stream next, or ask what it saw."""
        data = None if payload is None else json.dumps(payload).encode()
        with urllib.request.urlopen(self.url + path, data, timeout=300) as answer:
            return json.load(answer)


def program(name: str, url: str, home: str, *words: str) -> Terminal:
    """A terminal with rillet, a floor (`log`, `bare`), `codex`, or the rillet of a checkout (`@DIR`), not yet started."""
    tree = Path(name[1:]) if name.startswith("@") else HERE.parents[1]
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
        "PYTHONPATH": str(tree),
    }
    if name in {"log", "bare"}:
        return Terminal([sys.executable, str(HERE / f"floor_{name}.py"), url + "/v1"], env)
    if name == "codex":
        settings = Path(home, ".codex", "config.toml")
        settings.parent.mkdir(exist_ok=True)
        settings.write_text(CODEX_SETTINGS.format(url=url, home=home))
        return Terminal([*CODEX], env | {"BENCH_KEY": "x"}, cwd=home)
    python = tree / ".venv/bin/python" if name.startswith("@") else Path(sys.executable)
    argv = [str(python.with_name("rillet")), "--base-url", url + "/v1", "--dialect", "chat", "--model", "bench-1"]
    return Terminal([*argv, *words], env)


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * q))] if ordered else NAN


def start(terminal: Terminal) -> Figures:
    """Start a program; seconds from exec to the first paint, and to a typed character echoed."""
    terminal.start()
    painted = terminal.wait_for(lambda: bool(terminal.live.text.strip()), 20)
    terminal.type("zq")
    echoed = terminal.wait_for("zq", 20)
    if painted is None or echoed is None:
        raise SystemExit(f"the program did not start:\n{terminal.live.text}")
    return {"paint_s": painted - terminal.started, "echo_s": echoed - terminal.started}


REAL = "Ctrl+J new line"
"""What only the real screen of rillet shows, not the first frame."""


def run_start(name: str, endpoint: Endpoint) -> Figures:
    """From exec to the first paint, to a typed character, and and to the real screen of rillet."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        terminal = program(name, endpoint.url, home)
        try:
            figures = start(terminal)
            if name == "rillet" or name.startswith("@"):
                figures["real_s"] = (terminal.wait_for(REAL, 20) or NAN) - terminal.started
            terminal.quiet(0.3, 5)
            return figures | {"cpu_s": terminal.usage().cpu}
        finally:
            terminal.close()


def run_case(name: str, case: Case, endpoint: Endpoint) -> Figures:
    """One program, one reply: what it took."""
    endpoint.ask("/ctl", {"tokens": case.tokens, "rate": case.rate, "kind": case.kind})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        terminal = program(name, endpoint.url, home)
        start(terminal)
        terminal.type("\x7f\x7f")
        terminal.quiet(0.5, 15)
        terminal.type("benchmark")
        terminal.wait_for("benchmark", 5)
        terminal.quiet(0.3, 5)
        before, wrote = terminal.usage(), terminal.bytes_out
        terminal.live = None  # from here only recorded, and looked at afterwards
        began = terminal.type("\r" + case.keys)
        final = len(document.MARKER.findall(document.markdown(case.tokens, case.kind))) - 1
        typed, times = _watch(terminal, case, began, final)
        after = terminal.usage()
        log = endpoint.ask("/ctl/log")
        terminal.close()
    shown = replay(terminal.chunks, began, typed)
    sent = {int(number): t for number, t in log["markers"].items()}
    glass = [shown.markers[number] - t for number, t in sent.items() if number in shown.markers]
    ended = max((t for t, what in log["events"] if what == "stream_end"), default=NAN)
    echoes = [seen - t for seen, t in list(zip(shown.echoes, times, strict=True))[5:] if seen is not None]
    thousands = case.tokens / 1000
    quarters = _quarters(terminal.samples, shown.markers, final, began)
    return {
        "cpu_ms_per_1k": (after.cpu - before.cpu) / thousands * 1000,
        "echo_p50_ms": quantile(echoes, 0.5) * 1000,
        "echo_p95_ms": quantile(echoes, 0.95) * 1000,
        "glass_p50_ms": quantile(glass, 0.5) * 1000,
        "glass_p95_ms": quantile(glass, 0.95) * 1000,
        "finish_s": shown.markers.get(final, NAN) - ended,
        "last_to_first_quarter": quarters[3] / quarters[0] if quarters[0] else NAN,
        "seen": len(glass) / max(1, len(sent)),
        "growth_mb": (after.rss - before.rss) / 1e6,
        "peak_mb": max(rss for _, _, rss in terminal.samples) / 1e6,
        "written_mb_per_1k": (terminal.bytes_out - wrote) / 1e6 / thousands,
    }


def _watch(terminal: Terminal, case: Case, began: float, final: int) -> tuple[list[str], list[float]]:
    """Record until the last word has come, typing meanwhile; what was typed, and when.

    The word may be written in pieces: where it is not seen as it comes, the screen is looked at, after all has been sent.
    """
    typed: list[str] = []
    times: list[float] = []
    letters = random.Random(11)  # by chance, so that no six letters in a row come twice: so an echo is recognised
    last, ends_at = f"mk{final:05d}".encode(), began + (case.tokens / case.rate if case.rate else 5)
    until, look_at = ends_at + 40, ends_at + 0.5
    tail, at, key_at = b"", 0, began + 0.12
    while time.monotonic() < until and terminal.pump(0.02):
        tail = tail[-64:] + b"".join(data for _, data in terminal.chunks[at:])
        at = len(terminal.chunks)
        if last in tail:
            break
        if time.monotonic() >= look_at:
            if final in replay(terminal.chunks, began, []).markers:
                break
            look_at = time.monotonic() + 0.5
        if case.types and key_at <= time.monotonic() < ends_at:
            typed.append(letters.choice("abcdefghijklmnopqrstuvwxyz"))
            times.append(terminal.type(typed[-1]))
            key_at = times[-1] + 0.12
    terminal.pump(0.3)
    return typed, times


def _quarters(
    samples: Sequence[tuple[float, float, int]], shown: dict[int, float], final: int, began: float
) -> list[float]:
    """CPU seconds for each quarter of a reply, as its markers came to the screen."""
    edges = [began]
    for quarter in (1, 2, 3, 4):
        edges.append(min((t for number, t in shown.items() if number >= final * quarter // 4), default=NAN))

    def cpu_at(moment: float) -> float:
        before = [sample for sample in samples if sample[0] <= moment]
        after = [sample for sample in samples if sample[0] > moment]
        if not (before and after):
            return (before or after)[0 if after else -1][1] if moment == moment else NAN
        (t0, c0, _), (t1, c1, _) = before[-1], after[0]
        return c0 + (c1 - c0) * (moment - t0) / (t1 - t0)

    return [cpu_at(end) - cpu_at(begin) for begin, end in zip(edges, edges[1:], strict=False)]


def run_stop(endpoint: Endpoint, name: str = "rillet") -> Figures:
    """Seconds from Esc to the server seeing the connection closed, while an unthrottled reply streams."""
    endpoint.ask("/ctl", {"tokens": 400_000, "rate": 0, "kind": "mixed"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        terminal = program(name, endpoint.url, home)
        start(terminal)
        terminal.quiet(0.5, 15)
        terminal.type("\x7f\x7fbenchmark")
        terminal.wait_for("benchmark", 5)
        terminal.quiet(0.3, 5)
        terminal.type("\r")  # on its own: what comes all at once is a paste to some
        terminal.wait_for("mk0", 20)  # any marker: of a stream this fast, few are ever painted
        terminal.live = None
        terminal.pump(0.5)
        pressed = terminal.type("\x1b")
        terminal.pump(1.0)
        log = endpoint.ask("/ctl/log")
        terminal.close()
    closed = [t for t, what in log["events"] if what == "client_closed" and t > pressed]
    return {"stop_ms": (closed[0] - pressed) * 1000 if closed else NAN}


def run_opening(messages: int, endpoint: Endpoint) -> Figures:
    """Opening a saved session: seconds from exec to its last word, beside exec to an empty conversation."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        empty = program("rillet", endpoint.url, home)
        painted = start(empty)["paint_s"]
        empty.close()
        saved.save_session(home, messages)
        terminal = program("rillet", endpoint.url, home, "--continue")
        terminal.start()
        shown = terminal.wait_for(saved.LAST_WORD, 60)
        terminal.quiet(0.3, 10)
        memory = terminal.usage().rss
        terminal.close()
    opened = shown - terminal.started if shown else NAN
    return {"open_s": opened - painted, "memory_mb": memory / 1e6}
