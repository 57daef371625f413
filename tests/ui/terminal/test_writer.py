"""What is written to a terminal comes whole and in order, whatever the terminal takes, and never in the way of a closed one."""

from __future__ import annotations

import os
import pty
import threading
import tty
from collections.abc import Iterator
from typing import NamedTuple, TextIO

import pytest

from tui.ui.terminal.writer import Writer


class Ends(NamedTuple):
    """A terminal: what a program writes to, and what shows it."""

    file: TextIO
    shown: int


@pytest.fixture
def ends() -> Iterator[Ends]:
    shown, own = pty.openpty()
    tty.setraw(own)
    with open(own, "w", encoding="utf-8") as file:
        yield Ends(file, shown)
    os.close(shown)


def read(fileno: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += os.read(fileno, 65536)
    return data


def test_a_text_is_there_before_anything_else_runs(ends: Ends) -> None:
    writer = Writer(ends.file)  # its thread has not been started: nothing else can have written it
    writer.write("now ›")
    assert read(ends.shown, 7) == "now ›".encode()
    writer.start()
    writer.stop()  # which closes what it had opened


def test_what_a_terminal_does_not_take_at_once_comes_later_and_in_order(ends: Ends) -> None:
    writer = Writer(ends.file)
    writer.start()
    texts = [f"{number:06d}·{'x' * 5000}\n" for number in range(60)]
    wanted = "".join(texts).encode()
    came: list[bytes] = []
    reader = threading.Thread(target=lambda: came.append(read(ends.shown, len(wanted))))
    for text in texts[:20]:  # more than a terminal keeps that nobody reads from
        writer.write(text)
    reader.start()
    for text in texts[20:]:
        writer.write(text)
    writer.stop()
    reader.join(10)
    assert came == [wanted]


def test_a_terminal_that_has_gone_takes_everything() -> None:
    shown, own = pty.openpty()
    with open(own, "w", encoding="utf-8") as file:
        writer = Writer(file)
        writer.start()
        os.close(shown)
        for _ in range(100):
            writer.write("gone")
        writer.stop()
    assert not writer.is_alive()


def test_where_a_terminal_cannot_be_opened_again_the_thread_writes(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.ui.terminal.writer.open_at_once", lambda _file: None)
    writer = Writer(ends.file)
    writer.start()
    writer.write("one ")
    writer.write("two")
    writer.stop()
    assert read(ends.shown, 7) == b"one two"
