"""A loop that has bytes read before its turn: it sleeps on while they are left lying, and not a moment longer."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.net import test_straight
from tests.server import FaultServer
from tui.net.client import Client
from tui.net.quick_loop import QuickLoop, QuickSelector


def on_quick_loop(run: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        return runner.run(run)


class Taker:
    """Reads a socket as the loop's reader and before its turn."""

    def __init__(self, leaves: Callable[[bytes], bool]) -> None:
        self.loop = asyncio.get_running_loop()
        assert isinstance(self.loop, QuickLoop)
        self.ours, self.theirs = socket.socketpair()
        self.leaves, self.came = leaves, b""
        self.loop.add_reader(self.ours, self.read)
        self.loop.readers[self.ours.fileno()] = self.read_at_once

    def read(self) -> None:
        self.came += self.ours.recv(100)

    def read_at_once(self) -> bool:
        self.came += (data := self.ours.recv(100))
        return self.leaves(data)

    def close(self) -> None:
        assert isinstance(self.loop, QuickLoop)
        del self.loop.readers[self.ours.fileno()]
        self.loop.remove_reader(self.ours)
        self.ours.close()
        self.theirs.close()


def test_what_is_left_lying_takes_no_turn_and_a_timer_comes_when_it_is_due(monkeypatch):
    turns = []
    select = QuickSelector.select
    monkeypatch.setattr(QuickSelector, "select", lambda self, timeout=None: turns.append(1) or select(self, timeout))

    async def run() -> None:
        loop = asyncio.get_running_loop()
        taker = Taker(lambda _: True)
        turns.clear()
        began = loop.time()
        sending = threading.Thread(target=lambda: [(time.sleep(0.002), taker.theirs.send(b"x")) for _ in range(20)])
        sending.start()
        await asyncio.sleep(0.5)
        assert 0.5 <= loop.time() - began < 30
        assert len(turns) < 10
        sending.join()
        while len(taker.came) < 20:
            await asyncio.sleep(0.01)
        assert taker.came == b"x" * 20
        taker.close()

    on_quick_loop(run())


def test_the_loop_goes_on_at_once_where_something_is_to_be_done():
    async def run() -> None:
        done = asyncio.Event()

        def leaves(data: bytes) -> bool:
            if data == b"end":
                done.set()
            return data != b"end"

        taker = Taker(leaves)
        timer = asyncio.get_running_loop().call_later(60, done.set)
        asyncio.get_running_loop().call_later(0.01, taker.theirs.send, b"word")
        asyncio.get_running_loop().call_later(0.02, taker.theirs.send, b"end")
        async with asyncio.timeout(30):
            await done.wait()
        assert taker.came == b"wordend"
        timer.cancel()
        taker.close()

    on_quick_loop(run())


def test_others_have_their_turn_beside_a_socket_that_never_rests():
    async def run() -> None:
        taker = Taker(lambda _: True)
        taker.theirs.setblocking(False)
        woken = asyncio.Event()
        other, writer = socket.socketpair()
        asyncio.get_running_loop().add_reader(other, woken.set)

        def flood() -> None:
            if not woken.is_set():
                taker.theirs.send(b"x")
                asyncio.get_running_loop().call_soon(flood)

        flood()
        asyncio.get_running_loop().call_later(0.01, writer.send, b"!")
        async with asyncio.timeout(30):
            await woken.wait()
        asyncio.get_running_loop().remove_reader(other)
        other.close()
        writer.close()
        taker.close()

    on_quick_loop(run())


def ask(server: FaultServer, test: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
    async def run() -> None:
        async with Client(environ={}) as client:
            await test(server, client, *arguments)

    on_quick_loop(run())


@pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
@pytest.mark.parametrize("seed", range(5))
def test_a_reply_is_the_same_on_it(server, dialect, seed):
    ask(server, test_straight.test_a_reply_is_the_same_whichever_way_its_texts_go, dialect, seed)


def test_the_end_of_a_reply_is_told_on_it_though_what_came_before_waits(server):
    ask(server, test_straight.test_what_waits_for_the_next_frame_is_read_before_the_end_is_told)


@pytest.mark.parametrize("end", [test_straight.End.RESET, test_straight.End.CUT])
def test_a_break_is_met_on_it_after_all_that_came(server, end):
    ask(server, test_straight.test_a_break_comes_after_all_that_came_before_it, end)
