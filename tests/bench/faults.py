"""Thousands of randomly faulted streams through the whole program below the screen: no hang, no crash, no silent ending.

Run: python -m tests.bench.faults [COUNT] [SEED]     (10,000 streams take a few minutes; the seed is printed)

Each stream is a random scenario in a random dialect, whose bytes are cut anew, and damaged at a random place: bytes
dropped, doubled, swapped or replaced by garbage, or the connection reset, cut, ended or stalled there. What must hold:

* it ends by itself, within its clocks;
* nothing but a `RilletError` ends it, and that is a sentence;
* it is complete only if the finish signal was seen, and what is not complete has an error that says why;
* calls of what is not complete are never to be run;
* the tape folds to the turn that was shown.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.server import SCENARIOS, Answer, Ask, End, FaultServer, Pause, Step
from tui.chat.conversation import Conversation
from tui.chat.fold import fold, turn_for
from tui.chat.program import Program
from tui.domain.endpoint import Deadlines, Endpoint
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.turn import Turn, TurnState
from tui.domain.turn_record import turn_record
from tui.net.retry import Pauses
from tui.store.database import Database
from tui.store.settings import Choices, Settings
from tui.wire.printable import printable

AT_ONCE = 16
MOST_SECONDS = 60.0  # far more than all its clocks together: what takes this long, hangs
MOST_BYTES = 300_000
DEADLINES = Deadlines(connect=10, first_byte=2, first_byte_reasoning=2, quiet=2, quiet_notice=0.1, alive=3)
PAUSES = Pauses(retry=0.002, retry_cap=0.01, retry_after_limit=0.05, error_body=0.1, after_finish=0.1)
SLOW = {"drip", "pings", "pings-first", "retry-after-date", "endless-empty", "models-stall", "late-usage"}
DAMAGES = ("none", "cut anew", "drop", "double", "swap", "garbage", "zero", "reset", "cut", "short", "stall")
GARBAGE = (
    b"\xff\xfe",
    b"\0" * 40,
    b"\r",
    b"\n\n",
    b"data: ",
    b"data: [DONE]\n\n",
    b'{"',
    b"}",
    b"\xef\xbb\xbf",
    b"event: x\n",
)


def bytes_of(steps: Iterable[Step]) -> tuple[list[bytes], End | None]:
    """The bytes of an answer up to a bound, and how it ends its connection."""
    pieces, size = [], 0
    for step in steps:
        if isinstance(step, bytes):
            pieces.append(step[: MOST_BYTES - size])
            size += len(step)
            if size >= MOST_BYTES:
                return pieces, None
        elif isinstance(step, End):
            return pieces, step
    return pieces, None


def damage(answer: Answer, how: str, pick: random.Random) -> Answer:
    """The answer, damaged at a random place."""
    if answer.framing == "raw" or how == "none":
        return answer
    pieces, end = bytes_of(answer.steps)
    body = b"".join(pieces)
    at = pick.randint(0, len(body))
    length = pick.choice((1, 2, 7, 40, 300))
    match how:
        case "drop":
            body = body[:at] + body[at + length :]
        case "double":
            body = body[:at] + body[at : at + length] * 2 + body[at + length :]
        case "swap":
            body = body[:at] + body[at + length : at + 2 * length] + body[at : at + length] + body[at + 2 * length :]
        case "garbage":
            body = body[:at] + pick.choice((*GARBAGE, pick.randbytes(length))) + body[at:]
        case "zero":
            body = body[:at] + b"\0" * len(body[at : at + length]) + body[at + length :]
        case "reset" | "cut" | "short" | "stall":
            body, end = body[:at], {"reset": End.RESET, "cut": End.CUT, "stall": End.HOLD}.get(how)
    steps = list(recut(body, pick))
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
    return Answer([*steps, *([end] if end else [])], answer.status, headers, "chunked", answer.raw_head)


def recut(body: bytes, pick: random.Random) -> Iterator[Step]:
    """The body in pieces of random sizes; now and then a moment's rest, so that they are reads of their own."""
    most = pick.choice((3, 50, 1000, 70_000))
    most = max(most, len(body) // 400)
    start = 0
    while start < len(body):
        size = pick.randint(1, most)
        yield body[start : start + size]
        start += size
        if pick.random() < 0.01:
            yield Pause(0.001)


class Run:
    """Counts what comes of the streams, and keeps what should not have."""

    def __init__(self, server: FaultServer, seed: int) -> None:
        self.server, self.seed = server, seed
        self.ends: Counter[str] = Counter()
        self.damages: Counter[str] = Counter()
        self.wrongs: list[str] = []
        self.slowest = 0.0
        self.names = sorted(name for name in SCENARIOS if name not in SLOW)
        server.add("random", self._play)
        self._numbers = itertools.count()
        self._plans: dict[str, tuple[str, str, int]] = {}

    def _play(self, ask: Ask) -> Answer:
        name, how, seed = self._plans[ask.options["n"]]
        entry = SCENARIOS[name]
        ask.scenario, ask.argument = name, ""
        if name in ("huge-reply", "huge-line"):
            ask.argument = "1"
        elif name == "endless":  # by 40 characters, eight megabytes take longer than is allowed here
            ask.options = {"size": "2000"}
        elif name.startswith("retry-after"):
            ask.argument = "0.02"
        return damage(entry.play(ask), how, random.Random(seed))

    async def one(self, program: Program, number: int) -> None:
        """One stream, and what must hold of it."""
        pick = random.Random(f"{self.seed}/{number}")
        name, how, dialect = pick.choice(self.names), pick.choice(DAMAGES), pick.choice(DIALECT_NAMES)
        self._plans[str(number)] = (name, how, pick.randrange(1 << 30))
        endpoint = Endpoint(
            "test", self.server.url(f"random;n={number}"), dialect, needs_key=False, deadlines=DEADLINES
        )
        program.endpoints[f"e{number}"] = endpoint
        conversation = Conversation(program, f"e{number}", "scripted-1")
        turn = conversation.say("hi")
        began = time.monotonic()
        about = f"number {number}: {name}, {dialect}, {how}"
        try:
            async with asyncio.timeout(MOST_SECONDS):
                async for _ in conversation.replies.stream(turn):
                    pass
        except TimeoutError:
            self.wrongs.append(f"hang: {about}")
        except Exception as error:  # that is what this looks for
            self.wrongs.append(f"crash: {about}: {error!r}")
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.damages[how] += 1
        self.ends[f"{turn.state} {turn.error.kind if turn.error else ''}".strip()] += 1
        self.wrongs += [f"{wrong}: {about}" for wrong in wrongs_of(turn, conversation)]
        assert conversation.session.id is not None
        program.database.sessions.delete(conversation.session.id)
        del program.endpoints[f"e{number}"]

    async def all(self, count: int) -> None:
        """So many streams, some at a time."""
        numbers = iter(range(count))

        async def work() -> None:
            program = Program(Settings(), Choices(), Database.memory(), {})
            program.pauses = PAUSES
            for done, number in enumerate(numbers, 1):
                await self.one(program, number)
                if done % 200 == 0:  # a database in memory only grows
                    await program.close()
                    program = Program(Settings(), Choices(), Database.memory(), {})
                    program.pauses = PAUSES
            await program.close()

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def wrongs_of(turn: Turn, conversation: Conversation) -> Iterator[str]:
    """What does not hold of a turn that should have ended."""
    if not turn.state.is_over:
        yield "no ending"
        return
    if turn.state is TurnState.COMPLETE and not turn.has_finished:
        yield "complete without a finish signal"
    if turn.state is not TurnState.COMPLETE and turn.error is None:
        yield f"silent ending as {turn.state}"
    if turn.error is not None and not (turn.error.message and turn.error.message == printable(turn.error.message)):
        yield f"no sentence: {turn.error.message!r}"
    if turn.state is not TurnState.COMPLETE and turn.next != "error":
        yield f"next is {turn.next}"
    tape = conversation.replies.tape(turn)
    if tape.request is None:
        yield "no tape"
        return
    shown, folded = turn_record(turn), turn_record(fold(tape, turn_for(tape, turn)))
    different = [key for key in shown if key not in ("timing", "error") and shown[key] != folded[key]]
    if different:
        yield f"the tape folds to another {', '.join(different)}"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30)
    began = time.monotonic()
    with FaultServer() as server:
        run = Run(server, seed)
        asyncio.run(run.all(count))
    print(f"{count:,} streams in {time.monotonic() - began:.0f} s, seed {seed}; the slowest took {run.slowest:.1f} s")
    for title, counts in (("ended", run.ends), ("damaged", run.damages)):
        print(title)
        for what, number in counts.most_common():
            print(f"  {number:6,}  {what}")
    print(f"what should not have been: {len(run.wrongs)}")
    for wrong in run.wrongs[:40]:
        print(f"  {wrong}")
    sys.exit(1 if run.wrongs else 0)


if __name__ == "__main__":
    main()
