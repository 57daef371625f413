"""A process that begins a turn and records reads until it is killed. Argument: the sessions file."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tui.domain.tape import Head, Read, SentRequest
from tui.domain.turn import Prompt, Turn
from tui.store.database import Database

database = Database.open(Path(sys.argv[1]))
session = database.sessions.create()
turn = Turn(Prompt("does it live?"), model="m", endpoint="e", dialect="chat")
database.turns.begin(session, turn)
print(turn.id, flush=True)
database.tapes.record_request(turn.id, SentRequest("POST", "http://x", {}, {"messages": []}))
database.tapes.record_head(turn.id, Head(200, {}))
began, count = time.monotonic(), 0
while True:
    reads = [Read(time.monotonic() - began, f"read {count + n}\n".encode() * 20) for n in range(5)]
    database.tapes.append_reads(turn.id, reads)
    count += 5
    print(count, flush=True)
