"""The time of a call: what lengthens it, and what does not."""

import asyncio

import pytest

from tests.virtual import in_virtual_time
from tui.tools import clock
from tui.tools.clock import CallClock, Progress


async def report(one, seconds):
    """Tell of progress, again and again, for so long."""
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        one.tell(Progress(1))
        await asyncio.sleep(0.01)


@in_virtual_time
async def test_progress_lengthens_the_time():
    async with CallClock(0.2) as one:
        await report(one, 0.5)
        await asyncio.sleep(0.15)
    with pytest.raises(TimeoutError):
        async with CallClock(0.2) as one:
            await report(one, 0.5)
            await asyncio.sleep(0.25)


@in_virtual_time
async def test_not_for_ever(monkeypatch):
    monkeypatch.setattr(clock, "LONGEST", 0.3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(20), CallClock(0.2) as one:
            await report(one, 60)


@in_virtual_time
async def test_progress_shortens_no_time_that_is_longer(monkeypatch):
    monkeypatch.setattr(clock, "LONGEST", 0.1)
    async with CallClock(20) as one:
        one.tell(Progress(1))
        await asyncio.sleep(0.2)


@in_virtual_time
async def test_the_time_of_a_person_is_not_that_of_the_tool(monkeypatch):
    monkeypatch.setattr(clock, "LONGEST", 0.3)
    async with CallClock(0.2) as parent, CallClock(0.2, parent=parent) as one:
        one.pause()
        one.pause()
        one.tell(Progress(1))
        await asyncio.sleep(0.4)
        one.go_on()
        await asyncio.sleep(0.1)
        one.go_on()
        await report(one, 0.2)
