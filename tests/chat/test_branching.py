"""A long branch becomes a session of its own while everything else goes on."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from tests.chat.long_talk import talk
from tests.ui.fake import FakeProgram
from tui.chat.branching import copy_apart
from tui.chat.exporting import branch_of
from tui.domain.error import StoreError

TURNS = 200


def plain(program: FakeProgram, session_id: str):
    """A session without what is its own."""
    return replace(program.database.whole.read(session_id), id="", title="", created_at=0, updated_at=0)


async def test_the_copy_is_the_branch_and_says_how_far_it_is(filed: FakeProgram) -> None:
    conversation = talk(filed, TURNS)
    database, session_id = filed.database, conversation.session.id
    database.sessions.set_system(session_id, "Be brief.")
    turn = conversation.tree.find(f"{session_id}.150")
    shares: list[float] = []
    copy = await copy_apart(filed.database, conversation, turn, "long (fork)", shares.append)
    assert shares == sorted(shares)
    assert len(shares) > 1
    assert shares[-1] == 1.0
    put = database.whole.put(replace(branch_of(database.whole.read(session_id), 150), id=""))
    one, other = (plain(filed, each) for each in (copy, put.session_id))
    assert len(one.turns) == 150
    for each, like in zip(one.turns, other.turns, strict=True):
        assert (each.above, each.began_at, each.turn.text) == (like.above, like.began_at, like.turn.text)
        assert (each.turn.opening, each.turn.state) == (like.turn.opening, like.turn.state)
    assert replace(one, turns=[]) == replace(other, turns=[])
    listed = {each.id: each.title for each in database.sessions.summaries()}
    assert listed[copy] == "long (fork)"


async def test_nothing_is_left_of_a_copy_that_is_given_up(filed: FakeProgram) -> None:
    conversation = talk(filed, TURNS)
    before = [each.id for each in filed.database.sessions.summaries()]
    has_begun = asyncio.Event()
    turn = conversation.tree.find(conversation.tree.head)
    work = asyncio.create_task(
        copy_apart(filed.database, conversation, turn, "given up", lambda _share: has_begun.set())
    )
    await has_begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert [each.id for each in filed.database.sessions.summaries()] == before
    due = "SELECT count(*) FROM session WHERE deleted_at = 0"
    while not filed.database.rows(due)[0][0]:
        await asyncio.sleep(0.01)
    filed.database.purge()
    assert filed.database.rows("SELECT count(*) FROM session") == [(len(before),)]
    assert filed.database.rows("SELECT count(*) FROM turn") == [(TURNS,)]


async def test_a_turn_that_cannot_be_read_is_said_and_nothing_copied(filed: FakeProgram) -> None:
    conversation = talk(filed, TURNS)
    turn = conversation.tree.find(conversation.tree.head)
    assert conversation.tree.outline
    filed.database._connection.run("UPDATE turn SET reply = '{' WHERE number = 20")
    with pytest.raises(StoreError, match="damaged"):
        await copy_apart(filed.database, conversation, turn, "torn", lambda _share: None)
    assert len(filed.database.sessions.summaries()) == 1
