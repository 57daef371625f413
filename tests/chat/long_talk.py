"""A long saved conversation."""

from tests.ui.fake import FakeProgram
from tui.chat.conversation import Conversation
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.turn import Prompt, Turn, TurnState


def talk(program: FakeProgram, turns: int) -> Conversation:
    """A saved conversation of so many turns, opened anew."""
    database = program.database
    database._connection.run("PRAGMA synchronous = OFF")
    session_id, parent = database.sessions.create("long"), None
    for number in range(turns):
        turn = Turn(Prompt(f"prompt {number}"), parent=parent, model="m", endpoint="xai", dialect="chat")
        database.turns.begin(session_id, turn)
        turn.apply(TextDelta(f"answer {number} " + "and so on " * 30))
        turn.apply(FinishDelta("stop"))
        turn.end(TurnState.COMPLETE)
        database.turns.end(turn)
        parent = turn.id
    return Conversation.reopen(program, session_id)
