"""Fetching the list of models, good and bad."""

from __future__ import annotations

import asyncio

import pytest

from tests.net.asking import KEY, LIMITS, endpoint_at, pooled
from tests.server import Answer, End, json_answer
from tui.domain.endpoint import Secret
from tui.domain.error import ConnectError, FrameError, LimitError, RefusedError
from tui.net.model_list import fetch_models


async def fetch(client, url, seconds=2.0, **more):
    return await fetch_models(client, endpoint_at(url, **more), Secret(KEY), seconds=seconds)


async def test_a_plain_list(server, client):
    models = await fetch(client, server.url("ok"))
    assert [model.id for model in models] == ["scripted-1", "scripted-2", "scripted-reasoning"]
    assert {model.endpoint for model in models} == {"test"}
    assert [log.path.rpartition("/")[2] for log in server.lists[-2:]] == ["language-models", "models"]
    assert server.lists[-1].headers["authorization"] == f"Bearer {KEY}"


async def test_prices_come_first_and_the_rest_is_added(server, client):
    models = {model.id: model for model in await fetch(client, server.url("models-xai"))}
    assert models["grok-4"].price_in == 1.25
    assert models["grok-4"].aliases == ("grok-4-latest",)
    assert "grok-image" in models


async def test_the_plain_list_may_know_the_context(server, client):
    def play(asked):
        if asked.path.endswith("/language-models"):
            return json_answer({"models": [{"id": "m", "output_modalities": ["text"]}]})
        return json_answer({"data": [{"id": "m", "context_length": 4096}]})

    models = await fetch(client, server.add("context", play))
    assert [(model.id, model.context) for model in models] == [("m", 4096)]


async def test_the_model_in_the_box_is_asked_once(server, client):
    before = len(server.lists)
    await fetch(client, server.url("ok"), is_local=True)
    assert [log.path for log in server.lists[before:]] == ["/s/ok/v1/models"]


async def test_ten_thousand_models(server, client):
    assert len(await fetch(client, server.url("models-many"))) == 10_000


@pytest.mark.parametrize(
    ("scenario", "kind", "words"),
    [
        ("models-404", RefusedError, "has no list of models"),
        ("models-html", FrameError, "a web page instead of a list of models"),
        ("models-junk", FrameError, "cannot be read"),
        ("models-huge", LimitError, "longer than 4 MB"),
        ("http@401", RefusedError, r"^The key was refused by 127\.0\.0\.1:\d+; it came from TEST_API_KEY \(401\)"),
        ("redirect-host", RefusedError, "elsewhere.invalid"),
        ("hung-up", ConnectError, "hung up"),
        ("models-stall", ConnectError, "No list of models came"),
    ],
)
async def test_no_list(server, client, scenario, kind, words):
    server.add("hung-up", Answer([End.CUT], status=0, framing="raw"))
    with pytest.raises(kind, match=words) as caught:
        await fetch(client, server.url(scenario), seconds=0.3)
    assert KEY not in str(caught.value.record())
    if scenario in ("models-huge", "models-stall"):
        await server.until(lambda: server.lists[-1].hung_up_at)


async def test_an_empty_list_is_said_to_be_one(server, client):
    with pytest.raises(FrameError, match="lists no models"):
        await fetch(client, server.add("none", json_answer({"data": []})))


async def test_a_base_url_without_its_path_gets_a_hint(server, client):
    def play(asked):
        return json_answer({"detail": "Not Found"}, 404)

    server.add("bare", play)
    server.default = "bare"
    try:
        with pytest.raises(RefusedError) as caught:
            await fetch(client, server.origin)
    finally:
        server.default = "ok"
    assert f"{server.origin}/v1 either" in caught.value.hint


async def test_ids_with_escape_codes_are_made_harmless(server, client):
    models = await fetch(client, server.url("models-escapes"))
    assert len(models) == 3


async def test_leaving_hangs_up(server, client):
    before = len(server.lists)
    task = asyncio.create_task(fetch(client, server.url("models-stall"), deadlines=LIMITS))
    await server.until(lambda: len(server.lists) > before)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.until(lambda: server.lists[before].hung_up_at)
    assert pooled(client) == []


async def test_a_compressed_list_is_opened_within_bounds(server, client):
    import gzip

    body = gzip.compress(b'{"data":[{"id":"zipped"}]}')
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    models = await fetch(client, server.add("zipped", Answer([body], 200, headers, "length")))
    assert {model.id for model in models} == {"zipped"}
