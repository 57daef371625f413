"""Which endpoint and model are asked, as a command line and the environment say."""

import pytest

from tui.chat.conversation import Conversation
from tui.chat.opening import one_run_endpoint, open_program
from tui.chat.program import Program
from tui.domain.model import is_reasoning_model, refuses_effort
from tui.store.database import Database
from tui.store.endpoint_setting import EndpointSettings
from tui.store.settings import Choices, Settings


def test_without_a_key_the_model_in_the_box_is_asked() -> None:
    program = open_program({}, saves=False)
    assert (program.default_endpoint, program.default_model) == ("local", "smollm2-135m")


def test_with_a_key_xai_is_asked() -> None:
    program = open_program({"XAI_API_KEY": "xai-0123456789"}, saves=False)
    assert (program.default_endpoint, program.default_model) == ("xai", "grok-4.7")


def test_a_file_of_ones_own_is_asked_by_its_own_name(tmp_path) -> None:
    file = tmp_path / "Other-1B.gguf"
    file.write_bytes(b"GGUF\x03\x00\x00\x00" + bytes(64))
    program = open_program({"XAI_API_KEY": "xai-0123456789"}, gguf=file, saves=False)
    assert program.default_endpoint == "local"
    assert program.default_model == program.built_in.model.weights.alias == program.endpoints["local"].model


def test_a_key_for_one_endpoint_is_not_looked_for_at_another() -> None:
    program = open_program({"XAI_API_KEY": "xai-0123456789"}, base_url="http://127.0.0.1:1/v1", model="m", saves=False)
    assert program.endpoint("url").key_env == ("RILLET_API_KEY",)
    assert (
        "XAI_API_KEY"
        in open_program({}, base_url="https://api.x.ai/v1", model="m", saves=False).endpoint("url").key_env
    )


@pytest.mark.parametrize("host", ["api.x.ai", "us-east-1.api.x.ai", "eu-west-1.api.x.ai"])
def test_a_region_of_xai_is_xai(host):
    endpoint = one_run_endpoint(f"https://{host}/v1", None, Settings())
    assert (endpoint.dialect, endpoint.key_env) == ("responses", ("RILLET_API_KEY", "XAI_API_KEY"))
    assert "x_search" in endpoint.server_tools
    other = one_run_endpoint("https://notapi.x.ai.example/v1", None, Settings())
    assert (other.dialect, other.key_env, other.server_tools) == ("chat", ("RILLET_API_KEY",), ())


@pytest.mark.parametrize(
    ("model", "thinks", "refuses"),
    [
        ("grok-4.7", True, False),
        ("grok-latest", True, False),
        ("grok-4.20-0309-reasoning", True, True),
        ("grok-4.20-0309-non-reasoning", False, True),
        ("x-ai/grok-4.5", True, False),
        ("gpt-5.6", True, False),
        ("smollm2-135m", False, False),
    ],
)
def test_models_that_think_and_models_that_cannot_be_told_how_hard(model, thinks, refuses):
    assert (is_reasoning_model(model), refuses_effort(model)) == (thinks, refuses)


def test_a_conversation_has_one_cache_key_that_says_nothing(program):
    one, other = Conversation(program, "xai", "m"), Conversation(program, "xai", "m")
    keys = {one.requests.of(one.say(words)).cache_key for words in ("a", "b")}
    assert len(keys) == 1
    assert keys.isdisjoint({other.requests.of(other.say("a")).cache_key})
    reopened = Conversation.reopen(program, one.session.id)
    assert {reopened.requests.of(reopened.say("c")).cache_key} == keys


LAB = EndpointSettings(base_url="http://127.0.0.1:9/v1", model="lab-model")
OTHER = EndpointSettings(base_url="http://127.0.0.1:8/v1", model="other-model")


@pytest.mark.parametrize(
    ("settings", "choices", "expected"),
    [
        ({"endpoint": "lab", "model": "set"}, {}, ("lab", "set")),
        ({"model": "set"}, {"endpoint": "lab", "model": "chosen"}, ("lab", "chosen")),
        ({"model": "set"}, {"endpoint": "lab"}, ("lab", "lab-model")),
        ({"endpoint": "lab"}, {"endpoint": "lab", "model": "chosen"}, ("lab", "chosen")),
        ({"endpoint": "lab", "model": "set"}, {"endpoint": "other", "model": "chosen"}, ("lab", "set")),
        ({"model": "set"}, {}, ("xai", "set")),
    ],
)
def test_a_model_is_asked_only_where_it_was_named(settings, choices, expected):
    set_ = Settings(endpoints={"lab": LAB, "other": OTHER}, **settings)
    program = Program(set_, Choices(**choices), Database.memory(), {"XAI_API_KEY": "k"})
    assert (program.default_endpoint, program.default_model) == expected


def test_the_model_of_the_settings_is_not_asked_of_the_model_in_the_box():
    program = Program(Settings(model="grok-4"), Choices(), Database.memory(), {})
    assert program.default_endpoint == "local"
    assert program.default_model != "grok-4"


def test_an_endpoint_of_the_settings_that_is_named_once_more_keeps_its_model(tmp_path, monkeypatch):
    path = tmp_path / "config.toml"
    path.write_text('endpoint = "lab"\nmodel = "set"\n[endpoints.lab]\nbase_url = "http://127.0.0.1:9/v1"\n')
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert open_program({}, config=path, saves=False, endpoint="lab").default_model == "set"
