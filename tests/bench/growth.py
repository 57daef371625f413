"""What grows with the length: one reply, one session, the list of sessions; time is to stay flat, memory to grow with the text.

    python -m tests.bench.growth [--tokens 10000 100000 1000000] [--turns 1000 10000 100000] [--hits 10000] [--sessions 20 2000]

For a reply of each length, at the same pace from its first token to its last: processor time for 1,000 tokens in its first
and in its last tenth, a key's echo after it, and bytes of memory for each of its characters (the limit of a body is
raised for that). Unthrottled, the endpoint is ahead by what the sockets hold, and no tenth is what it seems. For a session
of so many turns: seconds until its last word, beside the start, and the echo there; and until a turn of it that was
found by a word is shown at its place. For so many sessions: seconds
until the list is there, and until a letter has narrowed it. It never fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.bench import document, saved
from tests.bench.running import NAN, Endpoint, program, quantile, start
from tests.bench.terminal import Terminal
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database

FASTEST = 10_000
"""Tokens a second, at most; a tenth of a reply takes a second at least."""

UNLIMITED = (
    "from tui.wire.limit import LIMITS; import msgspec, sys;"
    "msgspec.structs.force_setattr(LIMITS, 'body_bytes', 10**12);"
    "from tui.__main__ import main; main()"
)
"""rillet that takes a reply of any length."""


def echo(terminal: Terminal, keys: int = 40) -> float:
    """Milliseconds from a key to its letter, the middle one: a machine that is busy now and then does not count."""
    times = []
    for number in range(keys):
        letter = "qzjx"[number % 4]
        seen = len(terminal.chunks)
        typed = terminal.type(letter)
        terminal.wait_for(
            lambda seen=seen, letter=letter: any(letter.encode() in data for _, data in terminal.chunks[seen:]), 5
        )
        times.append((terminal.chunks[-1][0] - typed) * 1000)
        terminal.pump(0.05)
    return quantile(times, 0.5)


def cpu_at(samples: Sequence[tuple[float, float, int]], moment: float) -> float:
    """Processor seconds used until a moment."""
    before = [sample for sample in samples if sample[0] <= moment] or list(samples[:1])
    after = [sample for sample in samples if sample[0] > moment] or list(samples[-1:])
    (t0, c0, _), (t1, c1, _) = before[-1], after[0]
    return c0 if t1 == t0 else c0 + (c1 - c0) * (moment - t0) / (t1 - t0)


def measure_reply(tokens: int, endpoint: Endpoint) -> None:
    """One reply of so many tokens."""
    endpoint.ask("/ctl", {"tokens": tokens, "rate": min(FASTEST, tokens / 10), "kind": "mixed"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        terminal = program("rillet", endpoint.url, home)
        terminal.argv = [sys.executable, "-c", UNLIMITED, *terminal.argv[1:]]
        try:
            start(terminal)
            terminal.type("\x7f\x7f")
            terminal.quiet(0.5, 15)
            terminal.type("benchmark")
            terminal.wait_for("benchmark", 5)
            terminal.quiet(0.3, 5)
            before, terminal.live = terminal.usage(), None
            terminal.type("\r")
            until = time.monotonic() + 60 + tokens / 1000  # it may be slower than it is sent
            while time.monotonic() < until and not any(
                name == "stream_end" for _, name in endpoint.ask("/ctl/log")["events"]
            ):
                terminal.pump(0.5)
                terminal.chunks.clear()  # megabytes that nobody looks at
            terminal.quiet(0.5, 20)
            terminal.pump(0.5)
            after, sent = (
                terminal.usage(),
                {int(number): t for number, t in endpoint.ask("/ctl/log")["markers"].items()},
            )
            last = max(sent, default=0)
            edges = [sent.get(number, NAN) for number in (0, last // 10, last * 9 // 10, last)]
            first, _, final = (
                cpu_at(terminal.samples, b) - cpu_at(terminal.samples, a)
                for a, b in zip(edges, edges[1:], strict=False)
            )
            tenth = tokens / 10_000
            grown = (after.rss - before.rss) / (tokens * document.CHARS_PER_TOKEN)
            print(
                f"{tokens:>9,} tokens   first tenth {first / tenth * 1000:6.1f} ms/1k   last {final / tenth * 1000:6.1f} ms/1k"
                f"   key p50 {echo(terminal):5.1f} ms   {grown:5.1f} bytes a character",
                flush=True,
            )
        finally:
            terminal.close()


def measure_session(turns: int, endpoint: Endpoint) -> None:
    """One session of so many turns."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        saved.save_session(home, turns * 2)
        terminal = program("rillet", endpoint.url, home, "--continue")
        try:
            terminal.start()
            shown = terminal.wait_for(saved.LAST_WORD, 120) or NAN
            terminal.quiet(0.5, 30)
            print(
                f"{turns:>9,} turns    last word after {shown - terminal.started:5.2f} s   key p50 {echo(terminal):5.1f} ms"
                f"   {terminal.usage().rss / 1e6:6.1f} MB",
                flush=True,
            )
        finally:
            terminal.close()


def measure_hit(turns: int, endpoint: Endpoint) -> None:
    """What was said near the beginning, in the middle and near the end of a session of so many turns, found and opened."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        saved.save_session(home, turns * 2)
        for number in (turns // 200, turns // 2, turns - turns // 200 - 1):
            terminal, word = program("rillet", endpoint.url, home), f"here{number:06d}"
            try:
                terminal.start()
                terminal.wait_for("Ctrl+J new line", 20)
                terminal.quiet(0.5, 20)
                terminal.type("\x12")
                terminal.wait_for("Sessions", 20)
                terminal.type(word)
                terminal.wait_for(lambda word=word: terminal.live.text.count(word) > 1, 20)
                terminal.quiet(0.3, 5)
                pressed = terminal.type("\r")
                opened = terminal.wait_for(
                    lambda word=word: "Sessions" not in terminal.live.text and word in terminal.live.text, 30
                )
                print(
                    f"{turns:>9,} turns    hit in turn {number:6,} open after {((opened or NAN) - pressed) * 1000:5.0f} ms",
                    flush=True,
                )
            finally:
                terminal.close()


def measure_list(sessions: int, endpoint: Endpoint) -> None:
    """The list of so many sessions."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        path = Path(home, "data", "rillet", "sessions.db")
        path.parent.mkdir(parents=True)
        with closing(Database.open(path)) as database:
            saved.hurry(database)
            for number in range(sessions):
                turn = Turn(Prompt(f"subject{number:05d} of a talk"), model="bench-1", endpoint="url", dialect="chat")
                database.turns.begin(database.sessions.create(f"subject{number:05d} of a talk"), turn)
                turn.apply(TextDelta(document.markdown(40, "paragraph", number % 7)))
                turn.apply(FinishDelta("stop"))
                turn.end(TurnState.COMPLETE)
                database.turns.end(turn)
        terminal = program("rillet", endpoint.url, home)
        try:
            terminal.start()
            terminal.wait_for("Ctrl+J new line", 20)
            terminal.quiet(0.5, 20)
            pressed = terminal.type("\x12")
            listed = terminal.wait_for(f"subject{sessions - 1:05d}", 30) or NAN
            terminal.quiet(0.3, 5)
            typed = terminal.type("00003")
            narrowed = terminal.wait_for(lambda: f"subject{sessions - 1:05d}" not in terminal.live.text, 30) or NAN
            print(
                f"{sessions:>9,} sessions list after {(listed - pressed) * 1000:5.0f} ms   narrowed after {(narrowed - typed) * 1000:5.0f} ms",
                flush=True,
            )
        finally:
            terminal.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--turns", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--hits", type=int, nargs="*", default=[10_000])
    parser.add_argument("--sessions", type=int, nargs="*", default=[20, 2_000])
    options = parser.parse_args()
    with Endpoint() as endpoint:
        for tokens in options.tokens:
            measure_reply(tokens, endpoint)
        for turns in options.turns:
            measure_session(turns, endpoint)
        for turns in options.hits:
            measure_hit(turns, endpoint)
        for sessions in options.sessions:
            measure_list(sessions, endpoint)


if __name__ == "__main__":
    main()
