"""How long the event loop stands still while a person does something in one long session: no key is taken meanwhile.

    python -m tests.bench.stall [--turns 10000] [--home DIR] [--only send tree]

For each thing that is done: seconds until its last paint, the longest times for which the loop stood still, in
milliseconds (those over 30), and memory. The session is made where `--home` holds none, and a copy of it is used. It
never fails.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench import saved
from tests.bench.running import NAN, Endpoint, program
from tests.bench.terminal import Terminal

BEATING = """
import asyncio, os, time
stalls = open(os.environ["HOME"] + "/stalls", "a", buffering=1)
run = asyncio.BaseEventLoop.run_forever
def run_forever(loop):
    def beat(due):
        now = time.monotonic()
        if now - due > 0.03:
            stalls.write(f"{now} {now - due}\\n")
        loop.call_later(0.005, beat, time.monotonic() + 0.005)
    loop.call_soon(beat, time.monotonic())
    return run(loop)
asyncio.BaseEventLoop.run_forever = run_forever
from tui.__main__ import main
main()
"""
"""rillet whose event loop notes how late it comes to what it is to do every 5 ms."""


class Step(NamedTuple):
    """One thing that is done: its name, what is typed one after another, and whether a reply is waited for."""

    name: str
    keys: tuple[str, ...]
    asks: bool = False


LEAVE = Step("leave", ("\x1b",) * 4)  # the matches, the cursor, the page; or a pane
STEPS = (
    Step("beginning", ("\x1b[1;5H",)),
    Step("end", ("\x1b[1;5F",)),
    Step("find", ("\x06", "here000100", "\r")),
    Step("next", ("n",)),
    LEAVE,
    Step("tree", ("/tree ", "\r")),
    LEAVE,
    Step("turns", ("/turns ", "\r")),
    LEAVE,
    Step("sheet", ("\x1bOQ",)),
    LEAVE,
    Step("request", ("\x1bn",)),
    LEAVE,
    Step("send", ("hello there", "\r"), asks=True),
    Step("wire", ("\x05",)),
    LEAVE,
    Step("compact", ("/compact ", "\r"), asks=True),
    Step("undo", ("/compact undo", "\r")),
    Step("redo", ("/compact redo", "\r")),
    Step("btw", ("/btw what is it", "\r"), asks=True),
    LEAVE,
    Step("edit", ("\x1be", " more", "\r"), asks=True),
    Step("compare", ("/compare ", "\r")),
    LEAVE,
)


def take(step: Step, terminal: Terminal, home: str) -> None:
    """Do it, and print what came of it."""
    *before, last = step.keys
    first = time.monotonic()
    for keys in before:
        terminal.type(keys)
        terminal.pump(0.3)  # what comes all at once is a paste
    seen = len(terminal.chunks)
    began = terminal.type(last)
    terminal.pump(0.3)
    if step.asks:
        terminal.wait_for(lambda: "Esc stop" not in terminal.live.text, 300)
    terminal.quiet(0.4, 60)
    painted = terminal.chunks[-1][0] - began if len(terminal.chunks) > seen else NAN
    stood = (map(float, line.split()) for line in Path(home, "stalls").read_text().splitlines())
    longest = sorted((round(gap * 1000) for at, gap in stood if at >= first), reverse=True)[:4]
    memory = terminal.usage().rss / 1e6
    print(f"{step.name:<12} last paint {painted:6.2f} s   {memory:6.0f} MB   stood still {longest}", flush=True)


def measure(source: Path, only: list[str], endpoint: Endpoint) -> None:
    """Open a copy of the session, and do one thing after another."""
    home = tempfile.mkdtemp(prefix="rillet-stall-")
    shutil.copytree(source, home, dirs_exist_ok=True)
    terminal = program("rillet", endpoint.url, home, "--continue")
    terminal.argv = [sys.executable, "-c", BEATING, *terminal.argv[1:]]
    try:
        terminal.start()
        terminal.wait_for(saved.LAST_WORD, 120)
        terminal.quiet(0.5, 60)
        for step in STEPS:
            if not only or step is LEAVE or step.name in only:
                take(step, terminal, home)
    finally:
        terminal.close()
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Make the session where there is none, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=10_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--only", nargs="*", default=[], choices=[step.name for step in STEPS if step is not LEAVE])
    options = parser.parse_args()
    with Endpoint() as endpoint, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        endpoint.ask("/ctl", {"tokens": 40, "rate": 0, "kind": "mixed"})
        home = options.home or Path(made)
        if not (home / "data").exists():
            saved.save_session(str(home), options.turns * 2)
        measure(home, options.only, endpoint)


if __name__ == "__main__":
    main()
