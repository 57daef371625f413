"""A fault server for each file, a client for each test; nothing may be left open or running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.server import FaultServer
from tui.net.client import Client


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(environ={}) as made:
        yield made
    me = asyncio.current_task()
    left = [task for task in asyncio.all_tasks() if task is not me and "runner" not in repr(task.get_coro())]
    assert not left
