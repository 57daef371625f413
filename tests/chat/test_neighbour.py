"""Servers of models on this machine are found by themselves, and get no key."""

from __future__ import annotations

import pytest

from tests.server import FaultServer, text_answer
from tui.chat import neighbour
from tui.domain.endpoint import Deadlines, Endpoint
from tui.net.client import Client


@pytest.fixture
def servers(monkeypatch):
    with FaultServer() as speaking, FaultServer("web") as silent:
        silent.add("web", text_answer("<html>", 200, "text/html"))
        monkeypatch.setattr(neighbour, "PORTS", {speaking.port: "LM Studio", silent.port: "vLLM", 9: "Ollama"})
        yield speaking, silent


async def test_only_what_lists_models_is_found(servers):
    speaking, silent = servers
    async with Client(environ={}) as client:
        ((found, models),) = await neighbour.find_neighbours(client, [], deadlines=Deadlines())
    assert models
    assert (found.name, found.title, found.base_url) == ("lm-studio", "LM Studio", f"http://127.0.0.1:{speaking.port}")
    assert not found.needs_key
    seen = [*speaking.lists, *silent.lists]
    assert seen
    assert not any("authorization" in entry.headers or "x-api-key" in entry.headers for entry in seen)


async def test_what_is_set_up_already_is_not_asked(servers):
    speaking, _ = servers
    async with Client(environ={}) as client:
        known = [Endpoint("mine", f"http://localhost:{speaking.port}/v1")]
        assert await neighbour.find_neighbours(client, known, deadlines=Deadlines()) == []
    assert speaking.lists == speaking.log == []
