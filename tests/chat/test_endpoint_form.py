"""An endpoint that is set up: what it tells of itself, where its key comes from, and what is written of it."""

from __future__ import annotations

import pytest

from tui.chat.endpoint_form import EndpointForm, ask_about, check_key_source, key_table, name_for
from tui.domain.error import ConfigError
from tui.net.dialect_probe import _pause, spoken_dialects
from tui.store.settings import Settings


@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("", {}),
        ("typed", {}),
        ("keyring", {"key_keyring": "lab"}),
        ("LAB_KEY", {"key_env": "LAB_KEY"}),
        ("$LAB_KEY", {"key_env": "LAB_KEY"}),
        ("pass show lab", {"key_command": "pass show lab"}),
    ],
)
def test_where_a_key_comes_from(key, table):
    assert key_table(key, "lab") == table
    form = EndpointForm(address="https://llm.example.com/v1", key=key, name="lab")
    endpoint = form.endpoint(Settings())
    assert endpoint.needs_key == bool(table)
    assert form.table() == {"base_url": "https://llm.example.com/v1", **table}


def test_a_key_itself_is_not_taken_and_not_repeated():
    with pytest.raises(ConfigError) as caught:
        check_key_source("xai-" + "0123456789" * 3)
    assert "0123456789" not in caught.value.in_full


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://api.example.com/v1", "example"),
        ("https://llm.corp.example.co/v1", "example"),
        ("http://localhost:1234", "localhost-1234"),
        ("127.0.0.1:8080/v1", "127-0-0-1-8080"),
        ("https://taken.example/v1", "taken-2"),
        ("https://api.x.ai/v1", "x"),
    ],
)
def test_a_name_is_proposed_that_no_other_has(address, name):
    assert name_for(address, {"taken"}) == name


@pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
async def test_the_dialect_is_found_by_asking_with_nothing(dialect, program, server, monkeypatch):
    seen = []

    async def spoken(client, endpoint, key, place, name, *, seconds):
        seen.append(name)
        return name == dialect

    monkeypatch.setattr("tui.net.dialect_probe._is_spoken", spoken)
    told = await ask_about(program, EndpointForm(address=server.url("ok"), name="lab"))
    assert (told.dialect, told.models[0], told.is_wrong) == (dialect, "scripted-1", False)
    assert told.model == "scripted-1"
    assert set(seen) == {"chat", "responses", "messages"}


async def test_asking_costs_nothing_and_keeps_what_was_written(program, server):
    form = EndpointForm(address=server.url("ok"), name="lab", model="mine", dialect="messages")
    told = await ask_about(program, form)
    posts = [each for each in server.log if each.method == "POST"]
    assert {each.path.rpartition("/v1")[2] for each in posts} == {"/chat/completions", "/responses", "/messages"}
    assert all(each.body == {} for each in posts)
    assert "messages" in told.dialects
    assert (told.dialect, told.model) == ("messages", "scripted-1"), "a model that it does not list is not kept"


async def test_nobody_there_is_told(program):
    told = await ask_about(program, EndpointForm(address="http://127.0.0.1:9/v1", name="lab"))
    assert told.is_wrong
    assert "127.0.0.1:9" in told.words


async def test_an_endpoint_that_was_asked_too_much_is_asked_again_and_loses_no_dialect(program, server, monkeypatch):
    answers: dict[str, list[bool | float]] = {
        "chat": [0.001, True],
        "responses": [0.001, 0.001, True],
        "messages": [False],
    }

    async def answer(client, endpoint, key, place, name, *, seconds):
        return answers[name].pop(0)

    monkeypatch.setattr("tui.net.dialect_probe._answer", answer)
    endpoint = EndpointForm(address=server.url("ok"), name="lab").endpoint(Settings())
    assert await spoken_dialects(program.client, endpoint, None) == (("chat", "responses"), ())


async def test_an_endpoint_that_never_tells_because_it_is_asked_too_much_loses_no_dialect(program, server, monkeypatch):
    async def answer(client, endpoint, key, place, name, *, seconds):
        return {"chat": False, "responses": 0.001, "messages": True}[name]

    monkeypatch.setattr("tui.net.dialect_probe._answer", answer)
    form = EndpointForm(address=server.url("ok"), name="lab", dialect="responses")
    told = await ask_about(program, form)
    assert (told.dialects, told.dialect) == (("messages", "responses"), "responses"), "what was written stays"
    assert "speaks messages (is asked too much to tell of responses)" in told.words


@pytest.mark.parametrize(("told", "seconds"), [({}, 0.5), ({"Retry-After": "1"}, 1.0), ({"retry-after": "600"}, 2.0)])
def test_how_long_an_endpoint_that_was_asked_too_much_is_left_alone(told, seconds):
    assert _pause(told) == seconds
