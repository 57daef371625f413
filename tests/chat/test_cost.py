"""What a reply costs, where only the price list of the endpoint says."""

import asyncio

import pytest

from tests.server.good import say
from tests.server.scenario import stream
from tests.server.step import Answer, At, json_answer
from tui.chat import program as program_module
from tui.chat.replies import exhaust
from tui.domain.model import Model
from tui.page.ending import describe_figures


async def test_the_cost_by_the_price_list_is_marked_as_an_estimate(ask, program, server):
    conversation = ask(server.url("ok"))
    program._models["test"] = [Model("scripted-1", "test", price_in=1000.0, price_out=2000.0)]
    turn = conversation.say("hello")
    await exhaust(conversation.replies.stream(turn))
    usage = turn.usage
    assert usage.cost_usd is None
    assert usage.estimated_usd == (usage.input * 1000 + usage.output * 2000) / 1e6
    assert any(figure.startswith("~$0.0") for figure in describe_figures(turn))


async def test_the_first_reply_already_costs_what_the_endpoint_lists(ask, server, monkeypatch):
    monkeypatch.setattr(program_module, "_PRICE_SECONDS", 60.0)
    prices = {"prompt": "0.000001", "completion": "0.000002"}

    def play(asked):
        if asked.path.endswith("/models"):
            return json_answer({"data": [{"id": "scripted-1", "pricing": prices}]})
        return stream(say(asked))

    conversation = ask(server.add("listed", play))
    turn = conversation.say("hello")
    await exhaust(conversation.replies.stream(turn))
    assert turn.usage.estimated_usd == pytest.approx((turn.usage.input + turn.usage.output * 2) / 1e6)
    again = conversation.say("and again")
    await exhaust(conversation.replies.stream(again))
    assert again.usage.estimated_usd > 0
    assert (
        len([each for each in server.lists if each.scenario == "listed"]) == 2
    )  # it is looked for in two places, once


async def test_a_list_that_does_not_come_is_given_up_with_the_reply(ask, server, monkeypatch):
    monkeypatch.setattr(program_module, "_PRICE_SECONDS", 0.05)

    def play(asked):
        return Answer([At(3600)]) if asked.path.endswith("/models") else stream(say(asked))

    conversation = ask(server.add("no-list", play))
    turn = conversation.say("hello")
    await exhaust(conversation.replies.stream(turn))
    assert turn.usage.estimated_usd is None
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_without_a_list_no_cost_is_made_up(ask, server):
    conversation = ask(server.url("ok"))
    turn = conversation.say("hello")
    await exhaust(conversation.replies.stream(turn))
    assert turn.usage.estimated_usd is None
    assert not any("$" in figure for figure in describe_figures(turn))
    assert not any("tool call" in figure for figure in describe_figures(turn))
