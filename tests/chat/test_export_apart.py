"""A long conversation is written by a process of its own, while the screen goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.fake import FakeProgram
from tui.chat.conversation import Conversation
from tui.chat.export import FEW, export, export_apart, may_take_long
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.error import ConfigError
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database
from tui.store.path import data_dir, database_path, make_dir

TURNS = 600


@pytest.fixture
def program() -> Iterator[FakeProgram]:
    program = FakeProgram()
    make_dir(data_dir())
    program.database = Database.open(database_path())
    yield program
    program.database.close()


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


def test_only_what_is_long_and_saved_where_others_find_it_is_written_apart(program: FakeProgram) -> None:
    assert not may_take_long(program, talk(program, FEW))
    long = talk(program, FEW + 1)
    assert may_take_long(program, long)
    program.database.path = Path("/elsewhere")
    assert not may_take_long(program, long)


async def test_it_writes_what_the_screen_would_and_says_how_far_it_is(program: FakeProgram, tmp_path: Path) -> None:
    conversation = talk(program, TURNS)
    shares: list[float] = []
    for name in ("talk.md", "talk.json", "talk.html", "talk.txt"):
        shares.clear()
        words = await export_apart(conversation, str(tmp_path / name), shares.append)
        assert words == f"wrote 600 turns to {tmp_path / name}"
        assert shares == sorted(shares) and len(shares) > 2
        assert shares[0] < 0.5 < shares[-1] <= 1.0
        export(conversation, str(tmp_path / f"own-{name}"))
        assert (tmp_path / name).read_text() == (tmp_path / f"own-{name}").read_text()


async def test_what_is_given_up_leaves_no_file(program: FakeProgram, tmp_path: Path) -> None:
    conversation, has_begun = talk(program, TURNS), asyncio.Event()
    path = tmp_path / "talk.html"
    work = asyncio.create_task(export_apart(conversation, str(path), lambda _share: has_begun.set()))
    await has_begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert [*tmp_path.iterdir()] == []


async def test_what_cannot_be_written_is_said_as_ever(program: FakeProgram, tmp_path: Path) -> None:
    conversation = talk(program, FEW + 1)
    path = tmp_path / "talk.md"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        await export_apart(conversation, str(path), lambda _share: None)
    assert path.read_text() == "mine"
    with pytest.raises(ConfigError, match=r"cannot write .*nowhere.*No such file"):
        await export_apart(conversation, str(tmp_path / "nowhere" / "talk.md"), lambda _share: None)
