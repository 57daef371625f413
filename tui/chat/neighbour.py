"""Neighbours: servers of models on this machine that no settings name, found by the ports they usually listen at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tui.domain.endpoint import Deadlines, Endpoint
from tui.domain.error import RilletError
from tui.domain.model import Model
from tui.net.address import origin_of
from tui.net.model_list import fetch_models

if TYPE_CHECKING:
    from tui.net.client import Client

PORTS = {11434: "Ollama", 1234: "LM Studio", 8080: "llama.cpp", 8000: "vLLM"}
"""Where they listen unless told otherwise, and who that is then."""

_SECONDS = 2.0


async def find_neighbours(
    client: Client, endpoints: Iterable[Endpoint], *, deadlines: Deadlines
) -> list[tuple[Endpoint, list[Model]]]:
    """Those that list their models, with these; none that is set up already, and never with a key."""
    taken = {origin_of(endpoint.base_url) for endpoint in endpoints if endpoint.base_url}
    wanted = [
        Endpoint(
            name.lower().replace(" ", "-"), f"http://127.0.0.1:{port}", title=name, needs_key=False, deadlines=deadlines
        )
        for port, name in PORTS.items()
        if not {f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")} & taken
    ]
    answers = await asyncio.gather(*(_models_of(client, endpoint) for endpoint in wanted))
    return [(endpoint, models) for endpoint, models in zip(wanted, answers, strict=True) if models]


async def _models_of(client: Client, endpoint: Endpoint) -> list[Model]:
    try:
        return await fetch_models(client, endpoint, None, seconds=_SECONDS)
    except RilletError:
        return []
