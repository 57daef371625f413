"""How full the context is, what a conversation has cost, and what is asked before a budget is passed."""

import gc
from pathlib import Path

import pytest

from tests.chat.long_talk import talk
from tests.ui.fake import FakeProgram, reply
from tui.chat import turn_tree
from tui.chat.account import account_of, month_start
from tui.chat.conversation import Conversation
from tui.chat.pricing import by_settings
from tui.chat.replies import exhaust
from tui.domain.cost import estimate_cost
from tui.domain.delta import FinishDelta, TextDelta, UsageDelta
from tui.domain.error import ConfigError, SettingsError
from tui.domain.model import Model
from tui.domain.price_list import listed_model
from tui.domain.request import ReplySchema, ToolDefinition
from tui.domain.usage import Usage
from tui.page.wording import account_line, short_count
from tui.store.settings import BudgetSettings, Settings, known_endpoints, parse_settings
from tui.typeset.line import line_text


def answer(usage):
    return [TextDelta("Fine."), UsageDelta(usage), FinishDelta("stop")]


async def say(conversation, text):
    turn = conversation.say(text)
    await exhaust(conversation.replies.stream(turn))
    return turn


@pytest.mark.parametrize(
    ("url", "model", "price"),
    [
        ("https://api.x.ai/v1", "grok-4.7", 2.0),
        ("https://eu-west-1.api.x.ai/v1", "grok-4.7", 2.0),
        ("https://api.openai.com/v1", "gpt-4o-2024-08-06", 2.5),
        ("https://api.anthropic.com", "claude-opus-4-5-20251101", 5.0),
        ("http://127.0.0.1:8000/v1", "gpt-4o", None),
        ("https://api.x.ai/v1", "gpt-4o", None),
        ("https://api.x.ai/v1", "grok-99", None),
    ],
)
def test_the_price_list_knows_models_at_their_vendors_only(url, model, price):
    known = listed_model(url, model)
    assert (known.price_in if known is not None else None) == price


def test_a_long_prompt_costs_by_its_own_prices():
    model = listed_model("https://api.x.ai/v1", "grok-4.7")
    assert estimate_cost(Usage(input=100_000, output=0), model) == pytest.approx(0.2)
    assert estimate_cost(Usage(input=300_000, output=0), model) == pytest.approx(1.2)


async def test_no_turn_is_read_to_account_for_a_summary_of_a_long_conversation(monkeypatch):
    program = FakeProgram(reply("In short."))
    monkeypatch.setattr(turn_tree, "RECENT", 4)
    conversation = talk(program, 80)
    summary = conversation.summarise(2, "")
    await exhaust(conversation.replies.stream(summary))
    gc.collect()
    read = []
    monkeypatch.setattr(type(conversation.tree), "_read", lambda _tree, turn_ids: read.extend(turn_ids) or {})
    assert not account_of(program, conversation).is_exact
    assert read == []


async def test_the_account_adds_up_all_branches_and_says_what_the_endpoint_counted():
    usage = Usage(input=1000, output=50, reasoning=10, cost_usd=0.25)
    program = FakeProgram(answer(usage), answer(usage), reply("and without any usage"))
    conversation = Conversation(program, "xai", "grok-4")
    turn = await say(conversation, "first")
    again = conversation.regenerate(turn)
    await exhaust(conversation.replies.stream(again))
    account = account_of(program, conversation)
    assert (account.used, account.is_exact, account.window) == (1040, True, 256_000)
    assert (account.spent.dollars, account.spent.input, account.spent.is_estimate) == (0.5, 2000, False)
    conversation.say("one more that nobody has counted yet")
    account = account_of(program, conversation)
    assert not account.is_exact
    assert 1040 < account.used < 1060


async def test_the_definitions_of_tools_fill_the_context_too():
    program = FakeProgram([TextDelta("Fine."), FinishDelta("stop")])
    conversation = Conversation(program, "xai", "grok-4")
    await say(conversation, "first")
    before = account_of(program, conversation).used
    conversation.sheet.tools = tuple(
        ToolDefinition(f"tool_{number}", "Does something for the warehouse.", {"type": "object"})
        for number in range(100)
    )
    assert account_of(program, conversation).used > before + 1000


def test_it_is_said_in_a_few_words():
    def words(*given, **more):
        return line_text(account_line(*given, **more))

    assert words(12_345, 500_000, 0.0, is_exact=True, is_estimate=False) == "context 12.3k of 500k (2%)"
    assert words(940, 0, 0.5, is_exact=False, is_estimate=True) == "context ~940 of ?~$0.5000 in all"
    assert words(0, 0, 0.0, is_exact=True, is_estimate=False) == ""
    assert [short_count(each) for each in (999, 1000, 99_950, 131_072, 1_050_000)] == [
        "999",
        "1k",
        "100k",
        "131k",
        "1.1M",
    ]


@pytest.mark.parametrize("budget", [BudgetSettings(conversation=0.3), BudgetSettings(month=0.3)])
async def test_a_budget_asks_before_it_is_passed_and_once_more_sends(budget):
    usage = Usage(input=1000, output=50, cost_usd=0.29)
    program = FakeProgram(answer(usage), answer(usage), settings=Settings(budget=budget))
    conversation = Conversation(program, "xai", "grok-4")
    await say(conversation, "first")
    with pytest.raises(ConfigError, match=r"nothing was sent: this (conversation|month) has cost about \$0.29"):
        conversation.say("second")
    assert len(conversation.turns) == 1
    with pytest.raises(ConfigError):
        conversation.say("something else")
    await say(conversation, "something else")
    assert len(program.requests) == 2


async def test_what_the_price_list_says_is_marked_with_its_month():
    program = FakeProgram(answer(Usage(input=1000, output=50, estimated_usd=0.25)))
    model = listed_model("https://api.x.ai/v1", "grok-4.7")
    program.about = lambda _name, _model: model
    conversation = Conversation(program, "xai", "grok-4.7")
    await say(conversation, "first")
    account = account_of(program, conversation)
    assert (account.spent.is_estimate, account.prices_of, account.window) == (True, "2026-11", 500_000)


async def test_a_context_that_fills_is_said_before_sending():
    usage = Usage(input=230_000, output=50)
    program = FakeProgram(answer(usage), answer(usage))
    conversation = Conversation(program, "xai", "grok-4")
    await say(conversation, "first")
    with pytest.raises(ConfigError, match="256,000 tokens that grok-4 can read"):
        conversation.say("second")
    await say(conversation, "second")
    assert len(program.requests) == 2


async def test_a_prompt_that_waits_for_its_second_asking_keeps_its_schema_and_names_nothing():
    program = FakeProgram(answer(Usage(input=10, output=5, cost_usd=900.0)), reply("{}"))
    conversation = Conversation(program, "xai", "grok-4")
    conversation.session.set_options(budget=1.0)
    await say(conversation, "first")
    conversation.session.title = ""
    conversation.sheet.schema = schema = ReplySchema("answer", {"type": "object"})
    with pytest.raises(ConfigError, match="its budget is"):
        conversation.say("as JSON")
    assert (conversation.sheet.schema, conversation.session.title) == (schema, "")
    turn = await say(conversation, "as JSON")
    assert (turn.schema, conversation.sheet.schema, conversation.session.title) == (schema, None, "as JSON")


async def test_without_a_budget_nothing_is_asked():
    program = FakeProgram(answer(Usage(input=10, output=5, cost_usd=900.0)), reply("Fine."))
    conversation = Conversation(program, "xai", "grok-4")
    await say(conversation, "first")
    await say(conversation, "second")


def test_the_budget_is_set_in_dollars():
    settings = parse_settings(Path("config.toml"), "[budget]\nconversation = 1.5\nmonth = 20\n")
    assert (settings.budget.conversation, settings.budget.month) == (1.5, 20)


def test_a_month_begins_with_its_first_day():
    assert 0 <= 1_795_905_523 - month_start(1_795_905_523) < 31 * 86400


async def test_a_model_that_nobody_prices_is_told_once_it_was_counted_and_never_the_built_in_one(monkeypatch):
    counted = Usage(input=1000, output=50)
    program = FakeProgram(answer(counted), answer(counted), answer(Usage(input=10, output=5, cost_usd=0.25)))
    monkeypatch.setattr(program, "about", lambda _name, _model: None)
    conversation = Conversation(program, "xai", "grok-4")
    assert not account_of(program, conversation).is_unpriced
    await say(conversation, "first")
    assert account_of(program, conversation).is_unpriced
    assert "price unknown" in line_text(account_line(1050, 0, 0.0, is_exact=True, is_estimate=False, is_unpriced=True))
    conversation.sheet.endpoint = "local"
    assert not account_of(program, conversation).is_unpriced
    conversation.sheet.endpoint = "xai"
    await say(conversation, "second")
    await say(conversation, "third")  # the endpoint says what it charged
    assert not account_of(program, conversation).is_unpriced


def test_prices_of_the_settings_go_before_any_others():
    settings = parse_settings(
        Path("config.toml"),
        """
        [endpoints.work]
        base_url = "https://api.x.ai/v1"
        [endpoints.work.prices."grok-4.7"]
        input = 1
        output = 2.5
        [endpoints.work.prices."*"]
        input = 0
        cached = 0
        output = 0
        """,
    )
    endpoint = known_endpoints(settings, {})["work"]
    listed = listed_model(endpoint.base_url, "grok-4.7")
    priced = by_settings(endpoint, listed)
    assert (priced.price_in, priced.price_cached, priced.price_out, priced.long) == (1, None, 2.5, None)
    assert estimate_cost(Usage(input=300_000, output=100_000), priced) == pytest.approx(0.55)
    assert by_settings(endpoint, Model("another", "work")).price_in == 0


@pytest.mark.parametrize(
    "table", ["input = 1", "input = -1\noutput = 2", 'input = "1"\noutput = 2', "input = 1\noutput = 2\ncahced = 1"]
)
def test_prices_that_make_no_sense_are_refused(table):
    with pytest.raises(SettingsError):
        parse_settings(
            Path("c.toml"), f'[endpoints.work]\nbase_url = "https://x.example/v1"\n[endpoints.work.prices.m]\n{table}'
        )
