"""Which endpoint and model are asked, as a command line and the environment say."""

from tui.chat.opening import open_program


def test_without_a_key_the_model_in_the_box_is_asked() -> None:
    program = open_program({}, saves=False)
    assert (program.default_endpoint, program.default_model) == ("local", "smollm2-135m")


def test_with_a_key_xai_is_asked() -> None:
    program = open_program({"XAI_API_KEY": "xai-0123456789"}, saves=False)
    assert (program.default_endpoint, program.default_model) == ("xai", "grok-4")


def test_a_file_of_ones_own_is_asked_by_its_own_name(tmp_path) -> None:
    file = tmp_path / "Other-1B.gguf"
    file.write_bytes(b"GGUF\x03\x00\x00\x00" + bytes(64))
    program = open_program({"XAI_API_KEY": "xai-0123456789"}, gguf=file, saves=False)
    assert program.default_endpoint == "local"
    assert program.default_model == program.local.weights.alias == program.endpoints["local"].model


def test_a_key_for_one_endpoint_is_not_looked_for_at_another() -> None:
    program = open_program({"XAI_API_KEY": "xai-0123456789"}, base_url="http://127.0.0.1:1/v1", model="m", saves=False)
    assert program.endpoint("url").key_env == ("RILLET_API_KEY",)
    assert (
        "XAI_API_KEY"
        in open_program({}, base_url="https://api.x.ai/v1", model="m", saves=False).endpoint("url").key_env
    )
