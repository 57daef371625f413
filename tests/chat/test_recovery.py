"""What a crash left half-done is mended from its tape, each turn by itself."""

import json

import pytest

from tui.chat.recovery import recover_turns
from tui.domain.tape import Head, Read, SentRequest
from tui.domain.turn import Prompt, Turn, TurnState


def interrupted(database, text: str) -> str:
    """A turn whose process died after some words."""
    turn = Turn(Prompt("x"), model="m", endpoint="xai", dialect="chat")
    database.turns.begin(database.sessions.create(), turn, SentRequest("POST", "http://x", {}, {"messages": []}))
    database.tapes.record_head(turn.id, Head(200, {"content-type": "text/event-stream"}, 0.1))
    for number, word in enumerate(text.split()):
        chunk = {"choices": [{"index": 0, "delta": {"content": f"{word} "}}]}
        database.tapes.append_reads(turn.id, [Read(0.2 + number, f"data: {json.dumps(chunk)}\n\n".encode())])
    database._connection.run("UPDATE turn SET owner = 'nobody' WHERE id = ?", turn.id)
    return turn.id


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        ("UPDATE flush SET packed = x'00' WHERE key = 1", ""),
        ("UPDATE flush SET packed = x'00' WHERE key = 2", "one "),
        ("UPDATE tape SET request = '{' WHERE turn_id = ?", "one two three "),
        ("UPDATE tape SET head = '{' WHERE turn_id = ?", "one two three "),
    ],
)
async def test_one_damaged_tape_keeps_no_other_reply_from_being_mended(program, damage, left):
    database = program.database
    first, second, third = (interrupted(database, "one two three") for _ in range(3))
    database._connection.run(damage, *([first] if "?" in damage else []))
    damaged, *others = recover_turns(database)
    assert ("damaged" in damaged) == ("flush" in damage)
    assert ("first word" in damaged, *others) == (
        False,
        *["A reply was interrupted; what had come of it is kept: 3 words."] * 2,
    )
    assert [database.turns.read(turn_id).text for turn_id in (first, second, third)] == [left, *["one two three "] * 2]
    assert {database.turns.read(turn_id).state for turn_id in (first, second, third)} == {TurnState.TRUNCATED}
    assert recover_turns(database) == []
