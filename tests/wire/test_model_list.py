import pytest

from tui.domain.model import LongPrices, Model
from tui.wire.model_list import read_models


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {
                "models": [
                    {
                        "id": "grok-4.3",
                        "aliases": ["grok-4.3-latest"],
                        "owned_by": "xai",
                        "input_modalities": ["text", "image"],
                        "output_modalities": ["text"],
                        "prompt_text_token_price": 12500,
                        "cached_prompt_text_token_price": 2000,
                        "completion_text_token_price": 25000,
                    }
                ]
            },
            Model("grok-4.3", "e", ("grok-4.3-latest",), None, 1.25, 0.2, 2.5, ("text", "image"), ("text",), "xai"),
        ),
        (
            {"object": "list", "data": [{"id": "grok-4.3", "context_length": 256000, "prompt_text_token_price": None}]},
            Model("grok-4.3", "e", context=256000),
        ),
        (
            {
                "data": [
                    {
                        "id": "x/y",
                        "context_length": 8192,
                        "pricing": {"prompt": "0.0000002", "completion": "0.0000005"},
                        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
                    }
                ]
            },
            Model("x/y", "e", context=8192, price_in=0.2, price_out=0.5, inputs=("text",), outputs=("text",)),
        ),
        (
            {
                "models": [{"name": "smollm2", "model": "smollm2"}],
                "data": [{"id": "smollm2", "owned_by": "llamacpp", "meta": {"n_ctx": 2048, "n_ctx_train": 8192}}],
            },
            Model("smollm2", "e", context=2048, owner="llamacpp"),
        ),
        ({"data": [{"id": "q", "max_model_len": 4096}]}, Model("q", "e", context=4096)),
        ({"models": [{"name": "llama3:8b"}]}, Model("llama3:8b", "e")),
        (["plain"], Model("plain", "e")),
    ],
)
def test_each_kind_of_list(payload, expected):
    assert read_models(payload, "e") == [expected]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"id": "grok-imagine", "output_modalities": ["image"]}, "images"),
        ({"id": "grok-imagine-video"}, "videos"),
        ({"id": "gpt-image-1"}, "images"),
        ({"id": "text-embedding-3-small"}, "embeddings"),
        ({"id": "whisper-1"}, "sound"),
        ({"id": "x", "type": "embedding"}, "embeddings"),
        ({"id": "grok-4"}, ""),
        ({"id": "gpt-image-chat", "output_modalities": ["image", "text"]}, ""),
    ],
)
def test_what_cannot_stream_text_says_why(entry, why):
    (model,) = read_models({"data": [entry]}, "e")
    assert why in model.refusal
    assert model.can_stream == (not why)


def test_junk_is_passed_over():
    junk = [
        None,
        7,
        {},
        {"id": 7},
        {"id": ""},
        {"id": "a\x1b[31m"},
        {"id": "x" * 1000},
        {"id": "ok", "context_length": "many", "pricing": {"prompt": "nan"}, "aliases": [7, "b"]},
    ]
    assert read_models({"data": junk}, "e") == [Model("ok", "e", ("b",))]
    for payload in (None, 7, "x", {}, {"data": 7}, {"data": {"id": "x"}}):
        assert read_models(payload, "e") == []


def test_a_list_without_end_is_cut():
    assert len(read_models({"data": [{"id": str(n)} for n in range(20_000)]}, "e")) == 10_000


@pytest.mark.parametrize(
    "name",
    [
        *("influx-coder-7b", "llama3-embedded-systems", "qwen3-embedded-c", "notts-tts-writer", "devsora-chat"),
        *("cove-veo-chat", "whisperer-8b-chat", "x/reflux-1", "embedder", "gpt-imagery"),
    ],
)
def test_a_name_that_only_contains_a_telling_word_says_nothing(name):
    assert read_models([name], "e")[0].refusal == ""


@pytest.mark.parametrize(
    "name",
    [
        *("text-embedding-3-small", "nomic-embed-text", "openai/tts-1", "gpt-4o-mini-tts-2025-12-15", "flux.1-schnell"),
        *("grok-imagine-video", "dall-e-3", "gpt-image-1", "veo-3.1", "sora-2", "whisper-1", "mxbai-embed-large"),
    ],
)
def test_a_name_that_begins_or_ends_with_a_telling_word_says_what_it_makes(name):
    assert "cannot stream text" in read_models([name], "e")[0].refusal


def test_what_the_list_says_comes_before_the_name():
    assert read_models({"data": [{"id": "flux-writer", "type": "chat"}]}, "e")[0].refusal == ""
    assert read_models({"data": [{"id": "plain", "mode": "embedding"}]}, "e")[0].refusal


@pytest.mark.parametrize(
    ("pricing", "prices"),
    [
        ({"prompt": "0.00000125", "completion": "0.00001"}, (1.25, None, 10.0)),
        ({"prompt": 1.25, "completion": 10, "input_cache_read": 0.125}, (1.25, 0.125, 10.0)),
        ({"input": 0.05, "output": 0.2, "cached_input": 0}, (0.05, 0.0, 0.2)),
        ({"prompt": "0.00015", "completion": "0.0006"}, (150.0, None, 600.0)),
        ({"prompt": "0", "completion": "0"}, (0.0, None, 0.0)),
    ],
)
def test_a_price_for_a_million_tokens_is_not_taken_for_that_of_one(pricing, prices):
    [model] = read_models({"data": [{"id": "m", "pricing": pricing}]}, "e")
    assert (model.price_in, model.price_cached, model.price_out) == prices


def test_the_prices_of_long_prompts_are_read():
    entry = {
        "id": "grok-4.7",
        "prompt_text_token_price": 20000,
        "completion_text_token_price": 60000,
        "prompt_text_token_price_long_context": 40000,
        "cached_prompt_text_token_price_long_context": 10000,
        "completion_text_token_price_long_context": 120000,
        "long_context_threshold": 200000,
    }
    (model,) = read_models({"data": [entry]}, "xai")
    assert model.long == LongPrices(200_000, 4.0, 1.0, 12.0)


@pytest.mark.parametrize("threshold", [None, 0, "many", -1])
def test_prices_without_a_threshold_are_of_no_long_prompt(threshold):
    entry = {"id": "a", "prompt_text_token_price_long_context": 4, "long_context_threshold": threshold}
    assert read_models({"data": [entry]}, "xai")[0].long is None


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"id": "m", "architecture": {"modality": "text->image"}}, "images"),
        ({"id": "flux-1", "architecture": {"modality": "text+image->text"}}, ""),
        ({"id": "m", "mode": "audio_transcription"}, "sound"),
        ({"id": "m", "capabilities": ["embedding"]}, "embeddings"),
        ({"id": "bge-m3", "capabilities": ["completion", "tools"]}, ""),
        ({"id": "m", "supportedGenerationMethods": ["embedContent"]}, "embeddings"),
        ({"id": "m", "modalities": {"output": ["audio"]}}, "sound"),
        ({"id": "whisper-chat"}, ""),
        ({"id": "flux-7b-instruct"}, ""),
        ({"id": "bge-reranker-v2-m3"}, "in an order"),
        ({"id": "qwen3-embedding-8b"}, "embeddings"),
    ],
)
def test_the_kind_of_a_model_as_lists_and_names_tell_it(entry, words):
    refusal = read_models([entry], "e")[0].refusal
    assert words in refusal
    assert bool(words) is bool(refusal)


@pytest.mark.parametrize(
    ("entry", "prices"),
    [
        ({"pricing": {"prompt": "0.000003", "completion": "0.000015"}}, (3.0, 15.0)),
        ({"pricing": {"input": 3, "output": 15}}, (3.0, 15.0)),
        ({"pricing": {"input": 0.01, "output": 0.001}}, (0.01, 0.001)),
        ({"metadata": {"pricing": {"input_tokens": 0.3, "output_tokens": 0.9}}}, (0.3, 0.9)),
        ({"input_price": 0.0000025, "output_price": 0.00001}, (2.5, 10.0)),
        ({"model_info": {"input_cost_per_token": 1e-06, "output_cost_per_token": 4e-06}}, (1.0, 4.0)),
    ],
)
def test_prices_by_the_token_and_by_the_million_under_many_names(entry, prices):
    model = read_models([{"id": "m", **entry}], "e")[0]
    assert (model.price_in, model.price_out) == pytest.approx(prices)


def test_a_long_price_of_nothing_is_none():
    names = ("prompt_text_token_price", "completion_text_token_price")
    entry = {"id": "m", **dict.fromkeys(names, 20000), "long_context_threshold": 200000}
    model = read_models([{**entry, "prompt_text_token_price_long_context": 40000, f"{names[1]}_long_context": 0}], "e")[
        0
    ]
    assert (model.long.price_in, model.long.price_out) == (4.0, None)
