"""What a reply costs, where only the price list of the endpoint says."""

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


async def test_without_a_list_no_cost_is_made_up(ask, server):
    conversation = ask(server.url("ok"))
    turn = conversation.say("hello")
    await exhaust(conversation.replies.stream(turn))
    assert turn.usage.estimated_usd is None
    assert not any("$" in figure for figure in describe_figures(turn))
    assert not any("tool call" in figure for figure in describe_figures(turn))
