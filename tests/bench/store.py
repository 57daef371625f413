"""The store at scale: what a turn takes on the disk, and how long lists, search and opening take beside the bare query.

`python -m tests.bench.store --turns 10000` makes a file of that many turns (kept at `--file`, and used again) and prints
a table; `--starts 7` measures starts instead. Run with another checkout first on the path it measures that one: what it calls has been there from the start.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.bench.running import NAN, REAL, Endpoint, program, quantile, start
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.tape import Head, Read, SentRequest, TapeEnd
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database
from tui.store.fold import Wanted
from tui.store.query import parse_query
from tui.store.search import Hit

WORDS = [
    f"{a}{b}{c}"
    for a in ("mea", "ro", "ti", "gal", "sun")
    for b in ("do", "li", "ner", "va")
    for c in ("w", "n", "r", "s", "")
]

WORDS_ASKED = (
    "m",
    "me",
    "mea",
    "meadow",
    "me ro",
    "sunliw galvar",
    "rovas tidow galner",
    "zebra",
    "nowhere",
    "量",
    "量子",
)
FILTERS_ASKED = (
    "model:grok me",
    "model:none me",
    "state:failed meadow",
    "endpoint:xai zebra",
    "tag:work me",
    "since:2020 me",
)


def fill(path: Path, turns: int, longest: int, context: int = 0) -> None:
    """Sessions of some 45 turns and one long one, prompts of some 110 characters, replies of some 700.

    `context` is how many of the newest messages a request repeats; all of them where it is 0, as rillet does. An early
    build would need terabytes for that.
    """
    chance = random.Random(1)
    with closing(Database.open(path)) as database:
        database._connection.run("PRAGMA synchronous = OFF")
        left = turns
        while left > 0:
            length = min(left, longest if left == turns else chance.randint(10, 80))
            _talk(database, chance, length, context)
            left -= length


def _talk(database: Database, chance: random.Random, length: int, context: int) -> None:
    session, parent, messages = database.sessions.create(), None, []
    for number in range(length):
        prompt = " ".join(chance.choices(WORDS, k=chance.randint(8, 28)))
        reply = chance.choices(WORDS, k=chance.randint(60, 160))
        messages.append({"role": "user", "content": prompt})
        turn = Turn(Prompt(prompt), parent=parent, model="grok-4", endpoint="xai", dialect="chat")
        database.turns.begin(session, turn)
        body = {"model": "grok-4", "stream": True, "messages": messages[-context:]}
        database.tapes.record_request(
            turn.id, SentRequest("POST", "https://api.x.ai/v1/chat/completions", {"accept": "*/*"}, body)
        )
        database.tapes.record_head(
            turn.id, Head(200, {"content-type": "text/event-stream", "x-request-id": f"{number:032x}"}, 0.2)
        )
        reads = [
            Read(0.3 + at * 0.02 + chance.random() / 100, _chunk(number, f" {word}")) for at, word in enumerate(reply)
        ]
        for first in range(0, len(reads), 10):  # five flushes a second
            database.tapes.append_reads(turn.id, reads[first : first + 10])
        database.tapes.record_end(turn.id, TapeEnd(reads[-1].at, "eof"))
        turn.apply(TextDelta(" ".join(reply)))
        turn.apply(FinishDelta("stop"))
        turn.end(TurnState.COMPLETE)
        database.turns.end(turn)
        messages.append({"role": "assistant", "content": " ".join(reply)})
        parent = turn.id


def _chunk(number: int, text: str) -> bytes:
    delta = {"index": 0, "delta": {"content": text, "role": "assistant"}, "finish_reason": None}
    chunk = {
        "id": f"{number:036x}",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": "grok-4",
        "choices": [delta],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()


def timed(work: Callable[[], object], times: int = 5) -> float:
    """The best of some tries, in milliseconds."""
    best = 1e9
    for _ in range(times):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best * 1000


def measure(path: Path) -> None:
    """Print the table."""
    with closing(sqlite3.connect(path)) as raw:
        (turns,) = raw.execute("SELECT count(*) FROM turn").fetchone()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        print(f"{turns:,} turns, {path.stat().st_size / 1e6:,.1f} MB, {path.stat().st_size / turns:,.0f} bytes a turn")
        for name, size in raw.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY 1 ORDER BY 2 DESC LIMIT 9"):
            print(f"    {name:<28} {size / turns:8,.0f}")
    with closing(Database.open(path)) as database:
        run = database._connection.rows
        titles = timed(lambda: run("SELECT title FROM session ORDER BY touched DESC"))
        _row("list of sessions, the first 100", timed(lambda: database.sessions.summaries(most=100)), titles)
        _row(
            "list of sessions",
            timed(database.sessions.summaries),
            titles,
        )
        for word in WORDS_ASKED:
            match = Wanted(word).match()
            bare = timed(lambda match=match: run("SELECT count(*) FROM found WHERE found MATCH ?", match))
            _row(f"sessions that say {word}", timed(lambda word=word: database.sessions.summaries(word), 3), bare)
            _row(f"hits for {word}, a screen", timed(lambda word=word: _hits(database, word, 24)), bare)
            _row(f"hits for {word}, 50", timed(lambda word=word: _hits(database, word, 50)), bare)
        for text in FILTERS_ASKED if hasattr(database.sessions, "hits") else ():  # an early build has none
            query = parse_query(text)
            match = Wanted(query.words).match()
            bare = timed(lambda match=match: run("SELECT count(*) FROM found WHERE found MATCH ?", match))
            _row(f"sessions: {text}", timed(lambda query=query: database.sessions.matching(query)), bare)
            _row(f"hits: {text}, 50", timed(lambda query=query: database.sessions.hits(query, 50)), bare)
        print(f"{'opening beside another':<28} {timed(lambda: Database.open(path).close(), 3):9.1f} ms")
    home = path.parent.parent
    code = "import sys; from tui.cli import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "tape", "list"]
    environ = {"PYTHONPATH": ":".join(each for each in sys.path if each), "XDG_DATA_HOME": str(home), "HOME": str(home)}
    took = timed(lambda: subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True), 2)
    print(f"{'rillet tape list':<28} {took:9.1f} ms")


def _hits(database: Database, words: str, most: int) -> list[Hit]:
    """The newest sessions in which words were said; an early build finds them at once."""
    hits = database.full_text.search_sessions(words, most)
    return hits if isinstance(hits, list) else next(hits, [])


def measure_start(path: Path, times: int) -> None:
    """Print how long a start takes with no file, beside an open rillet, and where a lock is held and a turn has crashed."""
    took: dict[str, list[float]] = {"no file": [], "beside another": [], "… under a lock": []}
    with Endpoint() as endpoint, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        Path(home, "data").symlink_to(path.parent.parent.absolute())
        other = program("rillet", endpoint.url, home)
        start(other)
        other.wait_for(REAL, 20)
        for _ in range(times):
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as empty:
                took["no file"].append(_start(endpoint, empty))
            took["beside another"].append(_start(endpoint, home))
            with closing(sqlite3.connect(path, isolation_level=None)) as raw:
                owned = raw.execute("SELECT key FROM turn ORDER BY key DESC LIMIT 1").fetchone()
                raw.execute("UPDATE turn SET owner = 'nobody' WHERE key = ?", owned)
                raw.execute("BEGIN IMMEDIATE")
                took["… under a lock"].append(_start(endpoint, home))
                raw.execute("ROLLBACK")
                raw.execute("UPDATE turn SET owner = NULL WHERE key = ?", owned)
        other.close()
    floor = quantile(took["no file"], 0.5)
    for what, seconds in took.items():
        middle = quantile(seconds, 0.5)
        spread = f"{min(seconds):.3f} to {max(seconds):.3f}"
        print(f"start, {what:<20} {middle:7.3f} s to a typed character   {middle / floor:5.2f} x   ({spread})")


def _start(endpoint: Endpoint, home: str) -> float:
    terminal = program("rillet", endpoint.url, home)
    try:
        start(terminal)
        return (terminal.wait_for(REAL, 20) or NAN) - terminal.started
    finally:
        terminal.close()


def _row(what: str, took: float, bare: float) -> None:
    print(f"{what:<36} {took:9.1f} ms   bare {bare:7.1f} ms   {took / max(bare, 1e-6):6.1f} x")


def main() -> None:
    """Make the file where it is missing, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument(
        "--longest", type=int, default=0, help="turns of the longest session; a tenth of all by default"
    )
    parser.add_argument("--starts", type=int, default=0, help="so many starts are measured, each in three ways")
    parser.add_argument("--file", type=Path, required=True, help="HOME/rillet/sessions.db")
    chosen = parser.parse_args()
    if not chosen.file.exists():
        fill(chosen.file, chosen.turns, chosen.longest or chosen.turns // 10)
    if chosen.starts:
        measure_start(chosen.file, chosen.starts)
    else:
        measure(chosen.file)


if __name__ == "__main__":
    main()
