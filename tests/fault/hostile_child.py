"""A process that asks one thing and measures itself; prints one JSON object.

Arguments: a base URL, a dialect, `saves` or `memory`, and how many seconds without progress it bears.

`lag` is the most CPU time that passed between two turns of a task that only waits: for so long the screen would have
answered no key. `pause` is the same by the clock on the wall, which also counts what else the machine does.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import time

from tui.chat.conversation import Conversation
from tui.chat.opening import open_program
from tui.domain.endpoint import Deadlines, Endpoint
from tui.net.client import warm_up
from tui.ui.start.warm import MODULES


async def main() -> None:
    url, dialect, saves, seconds = sys.argv[1:]
    deadlines = Deadlines(connect=5, first_byte=20, quiet=float(seconds), quiet_notice=1, alive=float(seconds))
    program = open_program(os.environ, base_url=url, saves=saves == "saves", model="scripted-1")
    program.use_endpoint(Endpoint("test", url, dialect, needs_key=False, deadlines=deadlines), "scripted-1")
    conversation = Conversation(program, "test", "scripted-1")
    lag = pause = 0.0

    async def tick() -> None:
        nonlocal lag, pause
        while True:
            wall, cpu = time.monotonic(), time.thread_time()
            await asyncio.sleep(0.002)
            lag, pause = max(lag, time.thread_time() - cpu), max(pause, time.monotonic() - wall)

    for name in (*MODULES, f"tui.wire.dialect.{dialect}.reply"):  # as the screen does, behind its first paint
        importlib.import_module(name)
    await asyncio.to_thread(warm_up, needs_tls=False)
    turn = conversation.say("hi")
    ticking = asyncio.ensure_future(tick())
    async for _ in conversation.replies.stream(turn):
        pass
    ticking.cancel()
    await program.close()
    print(
        json.dumps(
            {
                "state": str(turn.state),
                "message": turn.error.message if turn.error else "",
                "lag": round(lag, 4),
                "pause": round(pause, 4),
                "cpu": round(time.process_time(), 2),
                "chars": turn.body.size,
            }
        )
    )


asyncio.run(main())
