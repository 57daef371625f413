"""The tape on its way to the disk."""

from tui.chat.recorder import HELD_BYTES, TapeRecorder
from tui.domain.tape import Read, SentRequest
from tui.domain.turn import Prompt, Turn


async def test_a_stream_that_is_very_fast_is_not_held_in_memory_until_the_period_is_over(program):
    database = program.database
    turn = Turn(Prompt("x"))
    database.turns.begin(database.sessions.create(), turn)
    recorder = TapeRecorder(database, turn.id, lambda error: None)
    recorder.sent(SentRequest("POST", "http://127.0.0.1/v1", {}, {}))
    piece = b"x" * 65536
    for number in range(HELD_BYTES // len(piece) + 1):
        recorder.read(Read(number / 1000, piece))
    assert sum(len(read.data) for read in database.tapes.tape(turn.id).reads) == HELD_BYTES, (
        "without a turn of the loop"
    )
    recorder.flush()
    assert sum(len(read.data) for read in database.tapes.tape(turn.id).reads) == HELD_BYTES + len(piece)
