"""Two programs that hold the same session: nothing is lost, nobody waits, the numbers stay apart."""

import asyncio
from contextlib import AsyncExitStack

from tui.chat.conversation import Conversation
from tui.chat.program import Program
from tui.chat.replies import exhaust
from tui.domain.endpoint import Endpoint
from tui.domain.turn import TurnState
from tui.store.database import Database
from tui.store.settings import Choices, Settings


async def test_two_programs_stream_into_one_session(server, tmp_path):
    path = tmp_path / "sessions.db"
    async with AsyncExitStack() as stack:
        programs = []
        for _ in range(2):
            program = Program(Settings(), Choices(), Database.open(path), {})
            stack.push_async_callback(program.close)
            program.use_endpoint(Endpoint("test", server.url("echo"), needs_key=False), "m")
            programs.append(program)
        first = Conversation(programs[0], "test", "m")
        turn = first.say("the beginning")
        await exhaust(first.replies.stream(turn))
        both = [first, Conversation.reopen(programs[1], first.session.id)]

        async def talk(conversation, name):
            for number in range(5):
                spoken = conversation.say(f"{name} {number}")
                await exhaust(conversation.replies.stream(spoken))

        await asyncio.gather(talk(both[0], "one"), talk(both[1], "two"))
        assert [program.store_problem for program in programs] == ["", ""]
        turns = programs[0].database.turns.of_session(first.session.id)
        assert [turn.number for turn in turns] == list(range(1, 12))
        assert {turn.state for turn in turns} == {TurnState.COMPLETE}
        assert all(turn.text == turn.opening.text for turn in turns)
        said = {name: [turn for turn in turns if turn.opening.text.startswith(name)] for name in ("one", "two")}
        for turns in said.values():  # each goes on from its own last turn: two branches
            assert [turn.parent for turn in turns[1:]] == [turn.id for turn in turns[:-1]]
