"""A saved turn with a tape of a million frames: how long its wire takes to open at the end, to scroll, and in what memory.

`python -m tests.bench.tape --home DIR` makes the session there (kept, and used again), opens it in the real program in a
terminal, twice, opens the wire, and goes to and fro in it. `--frames` says how many frames, `--only again` leaves out the
first time. Of a key it prints the milliseconds to the paint, and how much of a core it took: that is the same on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

from tests.bench.running import Endpoint, program, quantile
from tests.bench.saved import hurry
from tests.bench.store import WORDS
from tests.bench.terminal import Terminal
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.tape import Head, Read, SentRequest, TapeEnd
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database
from tui.store.reads import BLOCK_BYTES

LAST = "zzlast"
"""What the last frame with text says, and no other."""
STEP = 0.002
"""Seconds between two frames: 500 a second, for half an hour."""


def frames(count: int):
    """The reads of a long reply, a frame each, of some 230 bytes as xAI's are."""
    about = (
        '"object":"chat.completion.chunk","created":1790000000,"model":"grok-4-0709","system_fingerprint":"fp_a1b2c3"'
    )
    head = f'data: {{"id":"0a6b0f2e-91c4-4b52-8f0e-3f7c3f0d1a55",{about},"choices":[{{"index":0,"delta":{{"content":'
    chance = random.Random(5)
    for number in range(count):
        text = LAST if number == count - 1 else f"{chance.choice(WORDS)} " if number % 99 else f"\n\nline {number}\n\n"
        yield Read(0.4 + number * STEP, (head + json.dumps(text) + ',"role":"assistant"}}]}\n\n').encode())
    usage = f'"usage":{{"prompt_tokens":9,"completion_tokens":{count}}}'
    end = f'""}},"finish_reason":"stop"}}],{usage}}}\n\n'
    yield Read(0.4 + count * STEP, (head + end).encode())
    yield Read(0.4 + count * STEP, b"data: [DONE]\n\n")


def save_tape(home: str, count: int) -> None:
    """Save a session with one turn, whose tape has so many frames."""
    path = Path(home) / "data" / "rillet" / "sessions.db"
    if path.exists():
        return
    path.parent.mkdir(parents=True)
    with closing(Database.open(path)) as database:
        hurry(database)
        session = database.sessions.create("long")
        turn = Turn(Prompt("Tell me everything."), model="bench-1", endpoint="url", dialect="chat")
        database.turns.begin(session, turn)
        body = {"model": "bench-1", "stream": True, "messages": [{"role": "user", "content": "Tell me everything."}]}
        tapes = database.tapes
        tapes.record_request(turn.id, SentRequest("POST", "http://127.0.0.1/v1/chat/completions", {}, body))
        tapes.record_head(turn.id, Head(200, {"content-type": "text/event-stream"}, 0.3))
        held: list[Read] = []
        size = 0
        for read in frames(count):
            held.append(read)
            size += len(read.data)
            if size >= BLOCK_BYTES:
                tapes.pack_blocks(turn.id, held)
                held, size = [], 0
        tapes.pack_blocks(turn.id, held)
        tapes.record_end(turn.id, TapeEnd(0.4 + count * STEP, "eof"))
        turn.apply(TextDelta("It is on the tape."))  # the page is measured elsewhere
        turn.apply(FinishDelta("stop"))
        turn.end(TurnState.COMPLETE)
        database.turns.end(turn)
        database.sessions.set_head(session, turn.id)


def key_to_paint(terminal: Terminal, key: str, words: str, limit: float = 20) -> float:
    """Milliseconds from a key to words on the screen."""
    pressed = terminal.type(key)
    seen = terminal.wait_for(words, limit)
    return (seen - pressed) * 1000 if seen else float("nan")


TIMES = {"first": "for the first time", "again": "again"}


def measure(home: str, count: int, only: str | None) -> None:
    """Print what it took, where the tape was never read through, and again once it was."""
    path = Path(home) / "data" / "rillet" / "sessions.db"
    if only != "again":
        with closing(Database.open(path)) as database:
            database._connection.run("DELETE FROM survey")
    for words in TIMES.values() if only is None else [TIMES[only]]:
        print(words)
        _measure_once(home, count)
    with closing(Database.open(path)) as database:
        print(f"kept beside the tape        {database.rows('SELECT sum(length(packed)) FROM survey')[0][0]:8,} B")
    print(f"{count:,} frames")


def _measure_once(home: str, count: int) -> None:
    for kept in ("config", "state"):  # a pane that was open would be open from the start
        shutil.rmtree(Path(home) / kept, ignore_errors=True)
    with Endpoint() as endpoint:
        terminal = program("rillet", endpoint.url, home, "--continue")
        try:
            terminal.start()
            terminal.wait_for("It is on the tape.", 60)
            terminal.quiet(1.0, 20)
            before = terminal.usage()
            began = core_seconds(terminal.pid)
            took = key_to_paint(terminal, chr(5), LAST)
            print(
                f"opens at its end            {took:8.0f} ms, {(core_seconds(terminal.pid) - began) * 1000:.0f} of a core"
            )
            print(f"memory, just opened         {(terminal.usage().rss - before.rss) / 1e6:8.1f} MB more")
            terminal.quiet(0.3, 2)
            opened = time.monotonic(), terminal.usage().cpu
            for words, keys in (
                ("a page up", ["\x1b[5~"] * 12),
                ("to its beginning", ["\x1b[H"]),
                ("a page down", ["\x1b[6~"] * 12),
                ("to its end", ["\x1b[F"]),
                ("to its middle", [_click(terminal, "███", share) for share in (0.5, 0.3, 0.7, 0.55, 0.12, 0.9)]),
                ("a page up there", ["\x1b[5~"] * 12),
                ("an arrow", ["\x1b[A"] * 12),
            ):
                _print_keys(terminal, words, keys)
            used = terminal.usage().cpu
            while time.monotonic() - opened[0] < 120:
                terminal.pump(2.0)
                if (cpu := terminal.usage().cpu) - used < 0.2:
                    break
                used = cpu
            after = terminal.usage()
            took = time.monotonic() - opened[0]
            print(f"since it was open           {after.cpu - opened[1]:8.1f} s of a core, in {took:.0f} s")
            print(f"memory then                 {(after.rss - before.rss) / 1e6:8.1f} MB more")
            for _ in range(2):  # plays, and pauses
                terminal.type(" ")
                terminal.pump(2.0)
            began = core_seconds(terminal.pid)
            pressed = terminal.type(_click(terminal, "███", 0.5))
            seen = terminal.wait_for(lambda: _frame_played(terminal) > count // 4, 60)
            took = (seen - pressed) * 1000 if seen else float("nan")
            print(
                f"played: to its middle       {took:8.0f} ms, {(core_seconds(terminal.pid) - began) * 1000:.0f} of a core"
            )
            terminal.quiet(0.5, 20)
            for words, key in (("a step back", "\x1b[D"), ("a step on", "\x1b[C")):
                _print_keys(terminal, f"played: {words}", [key] * 8)
            print(f"memory then                 {(terminal.usage().rss - before.rss) / 1e6:8.1f} MB more")
        finally:
            terminal.close()


def _click(terminal: Terminal, words: str, share: float) -> str:
    """A click so far along a row of the wire that holds words, the first one."""
    row = next(number for number, line in enumerate(terminal.live.text.split("\n"), 1) if words in line)
    column = round(75 + share * 44)
    return f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"


def _frame_played(terminal: Terminal) -> int:
    """How far a turn is played, as the pane says it."""
    match = re.search(r"[▶‖■] \S+  .*?  (?:frame )?([\d,]+)", terminal.live.text)
    return int(match[1].replace(",", "")) if match else -1


def core_seconds(pid: int) -> float:
    """Seconds of a core that the threads of a process have taken, to the nanosecond."""
    ran = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # it has ended
            ran += int((task / "schedstat").read_text().split()[0])
    return ran / 1e9


def _print_keys(terminal: Terminal, words: str, keys: list[str]) -> None:
    """Print how long keys took until something was painted, and how much of a core each."""
    took: list[float] = []
    used: list[float] = []
    for key in keys:
        terminal.pump(0.15)
        began = core_seconds(terminal.pid)
        took.append(_painted(terminal, key))
        terminal.pump(0.05)
        used.append((core_seconds(terminal.pid) - began) * 1000)
    print(
        f"{words:<27} {quantile(took, 0.5):8.1f} ms, at most {max(took):.1f};"
        f" of a core {quantile(used, 0.5):.1f}, at most {max(used):.1f}",
        flush=True,
    )


def _painted(terminal: Terminal, key: str) -> float:
    """Milliseconds from a key to the first that is painted after it."""
    at = len(terminal.chunks)
    pressed = terminal.type(key)
    while terminal.pump(0.002) and len(terminal.chunks) == at and time.monotonic() - pressed < 10:
        pass
    return (terminal.chunks[at][0] - pressed) * 1000 if len(terminal.chunks) > at else float("nan")


def main() -> None:
    """Make the session where it is missing, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--home", help="where the session is made and kept")
    parser.add_argument("--only", choices=TIMES, help="one of the two times")
    chosen = parser.parse_args()
    if chosen.home:
        save_tape(chosen.home, chosen.frames)
        measure(chosen.home, chosen.frames, chosen.only)
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        save_tape(home, chosen.frames)
        measure(home, chosen.frames, chosen.only)


if __name__ == "__main__":
    main()
