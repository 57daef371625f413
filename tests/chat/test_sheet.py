"""The sheet of a conversation: what is set goes into its requests, stays with it, and has a name as a preset."""

import json

import pytest

from tui.chat.conversation import Conversation
from tui.chat.preset import preset_from, use_preset
from tui.chat.replies import exhaust
from tui.chat.tool_session import ToolSession
from tui.domain.error import ConfigError
from tui.domain.message import ToolResultPart
from tui.domain.model import Model
from tui.domain.option import Options
from tui.domain.request import ReplySchema, ToolDefinition
from tui.net.body import make_body, pack_body
from tui.store.preset_setting import Preset
from tui.store.settings import Settings, known_endpoints, read_settings
from tui.wire.dialect import dialect_named


async def said(conversation, server, text="hello"):
    turn = conversation.say(text)
    await exhaust(conversation.replies.stream(turn))
    return turn, server.log[-1].body


async def test_options_go_into_the_requests_and_come_back_with_the_session(ask, program, server):
    conversation = ask(server.url("ok"))
    conversation.session.set_options(temperature=0.25, seed=4, stop=("END",), max_turns=3)
    conversation.sheet.server_tools = ("web_search",)
    conversation.sheet.schema, conversation.sheet.keeps_schema = ReplySchema("s", {"type": "object"}), True
    _, body = await said(conversation, server)
    assert (body["temperature"], body["seed"], body["stop"]) == (0.25, 4, ["END"])
    assert "max_turns" not in body, "this dialect has none"
    conversation.session.set_options(seed=None)
    again = Conversation.reopen(program, conversation.session.id)
    assert again.sheet.options == Options(temperature=0.25, stop=("END",), max_turns=3)
    assert (again.sheet.server_tools, again.sheet.schema, again.sheet.keeps_schema) == (
        ("web_search",),
        conversation.sheet.schema,
        True,
    )


async def test_a_model_is_not_sent_what_it_is_known_to_refuse(ask, server):
    conversation = ask(server.url("ok"), model="gpt-5.6")
    conversation.session.set_options(temperature=0.25, seed=4)
    _, body = await said(conversation, server)
    assert ("temperature" in body, body["seed"]) == (False, 4)
    assert (conversation.sheet.takes("temperature"), conversation.sheet.takes("seed")) == (False, True)
    assert not conversation.sheet.takes("max_turns")


async def test_a_budget_asks_before_it_is_passed_and_when_it_is_used_up(ask, program, server):
    conversation = ask(server.url("ok"))
    program._models["test"] = [Model("scripted-1", "test", price_in=1000.0, price_out=1000.0)]
    conversation.session.set_options(budget=0.5)
    count = len(server.log)
    with pytest.raises(ConfigError, match=r"has cost \$0, and this adds some \$1: its budget is \$0\.5"):
        conversation.say("much")
    assert len(server.log) == count
    conversation.session.set_options(budget=1.01)
    await said(conversation, server)
    count = len(server.log)
    with pytest.raises(ConfigError, match=r"has cost \$0\.0\d+, and this adds some \$1: its budget is \$1\.01"):
        conversation.say("more")
    assert len(server.log) == count
    await said(conversation, server, "all the same")
    assert len(server.log) == count + 1


def test_a_preset_sets_what_it_holds_and_a_sheet_becomes_one(ask, program):
    conversation = ask("http://127.0.0.1:9/v1")
    preset = Preset(system="Be brief.", temperature=0.1, effort="low", stop=("x",), schema="name, age int")
    program.settings = Settings(presets={"brief": preset})
    conversation.session.set_options(seed=3)
    use_preset(program, conversation, "brief")
    assert (conversation.sheet.system, conversation.sheet.effort) == ("Be brief.", "low")
    assert conversation.sheet.options == Options(temperature=0.1, seed=3, stop=("x",))
    assert (conversation.sheet.keeps_schema, conversation.sheet.model) == (True, "scripted-1")
    kept = preset_from(conversation)
    assert (kept.system, kept.temperature, kept.seed, kept.model) == ("Be brief.", 0.1, 3, "scripted-1")
    with pytest.raises(ConfigError, match="there is no preset") as told:
        use_preset(program, conversation, "brie")
    assert told.value.hint == "Did you mean “brief”?"


TOOLS = """
[endpoints.test]
base_url = "http://127.0.0.1:9/v1"
dialect = "responses"
[endpoints.test.server_tools.web_search]
allowed_domains = ["yr.no"]
[endpoints.test.server_tools.x_search]
allowed_x_handles = ["xai"]
from_date = 2026-01-02
[endpoints.test.server_tools.papers]
type = "file_search"
vector_store_ids = ["collection_1"]
[endpoints.test.server_tools.tickets]
type = "mcp"
server_url = "https://mcp.example.com"
"""


def test_tools_of_the_endpoint_take_their_filters_from_the_settings(ask, program, tmp_path):
    file = tmp_path / "config.toml"
    file.write_text(TOOLS)
    ask("http://127.0.0.1:9/v1")
    program.endpoints |= known_endpoints(read_settings(file), {})
    conversation = Conversation(program, "test", "m")
    conversation.sheet.server_tools = ("x_search", "papers", "tickets", "web_search")
    turn = conversation.say("hello")
    body = make_body(dialect_named("responses"), program.endpoints["test"], conversation.requests.of(turn))
    assert json.loads(pack_body(body))["tools"] == [
        {"type": "x_search", "allowed_x_handles": ["xai"], "from_date": "2026-01-02"},
        {"type": "file_search", "vector_store_ids": ["collection_1"]},
        {"server_label": "tickets", "type": "mcp", "server_url": "https://mcp.example.com"},
        {"type": "web_search", "allowed_domains": ["yr.no"]},
    ]
    assert "file_search_call.results" in body["include"]


async def test_each_turn_keeps_the_system_prompt_it_was_asked_with(ask, program, server):
    conversation = ask(server.url("ok"))
    conversation.session.set_system("Be a cat. " * 200)
    await said(conversation, server)
    conversation.session.set_system("Be a dog.")
    await said(conversation, server)
    conversation.session.set_system("")
    await said(conversation, server)
    again = Conversation.reopen(program, conversation.session.id)
    assert [turn.system for turn in again.turns] == ["Be a cat. " * 200, "Be a dog.", None]


async def test_the_dialect_and_the_model_belong_to_the_session_and_come_back(ask, program, server):
    conversation = ask(server.url("ok"))
    await said(conversation, server)
    conversation.session.set_dialect("responses")
    other = Conversation(program, conversation.sheet.endpoint, conversation.sheet.model)
    assert other.sheet.asked.dialect == "chat", "another conversation speaks what is usual there"
    turn = conversation.say("more")
    assert turn.dialect == "responses"
    await exhaust(conversation.replies.stream(turn))
    assert server.log[-1].path.endswith("/responses")
    conversation.session.set_model(conversation.sheet.endpoint, "scripted-2")
    conversation.sheet.switched_tools = ("calculate",)
    conversation.session.save_sheet()
    assert "calculate" in ToolSession(program, conversation, lambda turn: None).switched
    again = Conversation.reopen(program, conversation.session.id)
    assert (again.sheet.asked.dialect, again.sheet.model) == ("responses", "scripted-2")
    assert ToolSession(program, again, lambda turn: None).switched == ("calculate",)
    assert ToolSession(program, other, lambda turn: None).switched == ()
    again.session.set_dialect(None)
    assert Conversation.reopen(program, conversation.session.id).sheet.asked.dialect == "chat"
    again.session.set_dialect("messages")
    again.session.set_model("local", "m")
    assert again.sheet.asked.dialect == "chat", "a dialect is one endpoint's"


def test_a_preset_keeps_the_dialect_and_the_schema_too(ask, program):
    conversation = ask("http://127.0.0.1:9/v1")
    conversation.session.set_dialect("messages")
    conversation.sheet.schema, conversation.sheet.keeps_schema = ReplySchema("s", {"type": "object"}), True
    kept = preset_from(conversation)
    conversation.session.set_dialect(None)
    conversation.sheet.schema, conversation.sheet.keeps_schema = None, False
    program.settings = Settings(presets={"it": kept})
    use_preset(program, conversation, "it")
    assert (conversation.sheet.dialect, conversation.sheet.keeps_schema) == ("messages", True)
    assert conversation.sheet.schema.schema == {"type": "object"}


async def test_a_call_is_asked_for_once_and_its_results_may_be_answered(ask, server):
    conversation = ask(server.url("tools"))
    conversation.sheet.tools = (ToolDefinition("get_weather", "The weather.", {"type": "object"}),)
    conversation.session.set_options(tool_choice="required")
    turn, body = await said(conversation, server)
    assert body["tool_choice"] == "required"
    await exhaust(
        conversation.replies.stream(conversation.answer(turn, [ToolResultPart(turn.tool_calls[0].id, "5 C")]))
    )
    assert "tool_choice" not in server.log[-1].body, "or it would call without end"
    conversation.session.set_options(tool_choice="none")
    await exhaust(
        conversation.replies.stream(conversation.answer(turn, [ToolResultPart(turn.tool_calls[0].id, "5 C")]))
    )
    assert server.log[-1].body["tool_choice"] == "none"
