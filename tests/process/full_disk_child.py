"""A process that asks three prompts: before the disk is full, while it is, and after. Arguments: sessions file, URL."""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

from tui.chat.conversation import Conversation
from tui.chat.program import Program
from tui.chat.replies import exhaust
from tui.domain.endpoint import Endpoint
from tui.store.database import Database
from tui.store.settings import Choices, Settings


def leave_room(more: int) -> None:
    used = max(each.stat().st_size for each in Path(sys.argv[1]).parent.glob("sessions.db*"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (used + more, resource.RLIM_INFINITY))


async def main() -> None:
    program = Program(Settings(), Choices(), Database.open(Path(sys.argv[1])), {})
    program.use_endpoint(Endpoint("test", sys.argv[2], "chat", needs_key=False), "m")
    conversation = Conversation(program, "test", "m")
    for room, prompt in ((1 << 30, "before"), (0, "while"), (1 << 30, "after")):
        leave_room(room)
        await exhaust(conversation.replies.stream(conversation.say(prompt)))
        print(prompt, bool(program.store_problem), flush=True)
    print(conversation.session.id)
    await program.close()


asyncio.run(main())
