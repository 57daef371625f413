"""A long conversation is written by a process of its own, while the screen goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.chat.long_talk import talk
from tests.ui.fake import FakeProgram
from tui.chat.export import FEW, export, export_apart, may_take_long
from tui.domain.error import ConfigError

TURNS = 600


def test_only_what_is_long_and_saved_where_others_find_it_is_written_apart(filed: FakeProgram) -> None:
    assert not may_take_long(filed, talk(filed, FEW))
    long = talk(filed, FEW + 1)
    assert may_take_long(filed, long)
    filed.database.path = Path("/elsewhere")
    assert not may_take_long(filed, long)


async def test_it_writes_what_the_screen_would_and_says_how_far_it_is(filed: FakeProgram, tmp_path: Path) -> None:
    conversation = talk(filed, TURNS)
    shares: list[float] = []
    for name in ("talk.md", "talk.json", "talk.html", "talk.txt"):
        shares.clear()
        words = await export_apart(conversation, str(tmp_path / name), shares.append)
        assert words == f"wrote 600 turns to {tmp_path / name}"
        assert shares == sorted(shares) and len(shares) > 2
        assert shares[0] < 0.5 < shares[-1] <= 1.0
        export(conversation, str(tmp_path / f"own-{name}"))
        assert (tmp_path / name).read_text() == (tmp_path / f"own-{name}").read_text()


async def test_what_is_given_up_leaves_no_file(filed: FakeProgram, tmp_path: Path) -> None:
    conversation, has_begun = talk(filed, TURNS), asyncio.Event()
    path = tmp_path / "talk.html"
    work = asyncio.create_task(export_apart(conversation, str(path), lambda _share: has_begun.set()))
    await has_begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert [*tmp_path.iterdir()] == []


async def test_what_cannot_be_written_is_said_as_ever(filed: FakeProgram, tmp_path: Path) -> None:
    conversation = talk(filed, FEW + 1)
    path = tmp_path / "talk.md"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        await export_apart(conversation, str(path), lambda _share: None)
    assert path.read_text() == "mine"
    with pytest.raises(ConfigError, match=r"cannot write .*nowhere.*No such file"):
        await export_apart(conversation, str(tmp_path / "nowhere" / "talk.md"), lambda _share: None)
