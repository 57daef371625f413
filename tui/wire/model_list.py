"""Model lists: what each kind of endpoint says of its models, made comparable."""

from __future__ import annotations

import math
import re
from typing import Any

from tui.domain.lazy_pattern import LazyPattern
from tui.domain.model import LongPrices, Model
from tui.wire.printable import printable_line

_MOST = 10_000
_LONGEST_NAME = 200
_CENTS_PER_HUNDRED_MILLION = 10_000
"""xAI's unit of price, in dollars for a million tokens: 12500 is $1.25."""
_MODALITY_WORDS = {
    "image": "makes images only: cannot stream text",
    "video": "makes videos only: cannot stream text",
    "audio": "makes sound only: cannot stream text",
    "embedding": "makes embeddings only: cannot stream text",
    "embeddings": "makes embeddings only: cannot stream text",
    "transcription": "writes down sound only: cannot stream text",
    "rerank": "puts texts in an order only: cannot stream text",
    "moderation": "judges texts only: cannot stream text",
}
_SIZES = frozenset({"small", "base", "large", "xl", "mini", "nano", "hd", "fp8", "multilingual", "latest", "preview"})
_SIZE = LazyPattern(r"\d+[bmk]?|v\d+|[a-z]\d")
_TALKS = frozenset(
    {"chat", "instruct", "coder", "code", "vision", "vl", "vlm", "it", "writer", "assistant", "reasoning"}
)
"""Words in a name that say that it writes, whatever the others say."""
_KINDS = (
    ("chat completion completions text language llm vlm code responses text-generation", ""),
    ("chat-completion chat_completion image-text-to-text text2text-generation conversational generate", ""),
    ("image images image_generation image-generation image_edit text-to-image image-to-image text_to_image", "image"),
    ("video video_generation video-generation text-to-video image-to-video", "video"),
    ("audio tts speech audio_speech text-to-speech text-to-audio music", "audio"),
    ("transcription transcribe audio_transcription automatic-speech-recognition stt asr", "transcription"),
    ("embedding embeddings embed feature-extraction sentence-similarity text-embedding", "embedding"),
    ("rerank reranker reranking text-ranking score", "rerank"),
    ("moderation moderations", "moderation"),
)
_KIND_WORDS = {word: kind for words, kind in _KINDS for word in words.split()}
"""What lists call the kind of a model, and what it makes; empty for text."""
_TELLING_WORDS = {
    ("grok", "imagine", "video"): "video",
    ("grok", "imagine"): "image",
    ("grok", "2", "image"): "image",
    ("gpt", "image"): "image",
    ("image", "gen"): "image",
    ("dall", "e"): "image",
    ("stable", "diffusion"): "image",
    ("flux",): "image",
    ("imagen",): "image",
    ("sora",): "video",
    ("veo",): "video",
    ("text", "embedding"): "embedding",
    ("embedding",): "embedding",
    ("embeddings",): "embedding",
    ("embed",): "embedding",
    ("embed", "text"): "embedding",
    ("embeddinggemma",): "embedding",
    ("bge",): "embedding",
    ("gte",): "embedding",
    ("minilm",): "embedding",
    ("whisper",): "transcription",
    ("transcribe",): "transcription",
    ("rerank",): "rerank",
    ("reranker",): "rerank",
    ("moderation",): "moderation",
    ("tts",): "audio",
    ("sdxl",): "image",
}
"""Whole words with which the name of a model begins or ends that makes something else than text."""


def read_models(payload: Any, endpoint_name: str) -> list[Model]:
    """Read a model list of xAI (both kinds), OpenAI, OpenRouter, llama.cpp, vLLM, Ollama or LM Studio.

    Entries that make no sense are passed over; an id that comes twice is taken once, with what either
    entry says. Prices become US dollars for a million tokens.
    """
    models: dict[str, Model] = {}
    for entry in _entries(payload):
        model = _read_model(entry, endpoint_name)
        if model is not None and len(models) < _MOST:
            before = models.get(model.id)
            models[model.id] = model if before is None else _merge(before, model)
    return list(models.values())


def _entries(payload: Any) -> list[Any]:
    if isinstance(payload, list):
        return payload[: 2 * _MOST]
    if not isinstance(payload, dict):
        return []
    # llama.cpp sends both lists, and the context is in `data` only.
    lists = [payload.get("data"), payload.get("models")]
    return [entry for entries in lists if isinstance(entries, list) for entry in entries[:_MOST]]


def _read_model(entry: Any, endpoint_name: str) -> Model | None:
    if isinstance(entry, str):
        entry = {"id": entry}
    if not isinstance(entry, dict):
        return None
    names = (entry.get(name) for name in ("id", "model", "name"))
    model_id = next((name for name in names if isinstance(name, str) and name.strip()), "")
    # An id that is not printable cannot be asked for either.
    if not model_id or len(model_id) > 2 * _LONGEST_NAME or model_id != printable_line(model_id):
        return None
    architecture = _inner(entry, "architecture")
    inputs = _words(entry.get("input_modalities")) or _words(architecture.get("input_modalities"))
    outputs = (
        _words(entry.get("output_modalities"))
        or _words(architecture.get("output_modalities"))
        or _words(_inner(entry, "modalities").get("output"))
        or _arrow(architecture.get("modality"))
    )
    price_in, price_cached, price_out = _prices(entry)
    owner = entry.get("owned_by")
    return Model(
        id=model_id,
        endpoint=endpoint_name,
        aliases=_words(entry.get("aliases")),
        context=_context(entry),
        price_in=price_in,
        price_cached=price_cached,
        price_out=price_out,
        long=_long_prices(entry),
        inputs=inputs,
        outputs=outputs,
        owner=printable_line(owner)[:_LONGEST_NAME] if isinstance(owner, str) else "",
        refusal=_refusal(model_id, outputs, entry),
    )


def _merge(model: Model, other: Model) -> Model:
    return Model(
        id=model.id,
        endpoint=model.endpoint,
        aliases=model.aliases or other.aliases,
        context=other.context if model.context is None else model.context,
        price_in=other.price_in if model.price_in is None else model.price_in,
        price_cached=other.price_cached if model.price_cached is None else model.price_cached,
        price_out=other.price_out if model.price_out is None else model.price_out,
        long=model.long or other.long,
        inputs=model.inputs or other.inputs,
        outputs=model.outputs or other.outputs,
        owner=model.owner or other.owner,
        refusal=model.refusal or other.refusal,
    )


_XAI_PRICE_NAMES = ("prompt_text_token_price", "cached_prompt_text_token_price", "completion_text_token_price")
_XAI_LONG_NAMES = (
    "prompt_text_token_price_long_context",
    "cached_prompt_text_token_price_long_context",
    "completion_text_token_price_long_context",
)
_PRICE_NAMES = (
    ("prompt", "input", "input_tokens", "input_price"),
    ("input_cache_read", "cached_input", "cached", "cache_read_tokens", "cached_price"),
    ("completion", "output", "output_tokens", "output_price"),
)
_UNIT_NAMES = (
    ("input_cost_per_token", "prompt_price_per_token", "input_price_per_token"),
    ("cache_read_input_token_cost", "cached_price_per_token"),
    ("output_cost_per_token", "completion_price_per_token", "output_price_per_token"),
)
"""Names with the unit in them: dollars for a token."""
_TOO_DEAR = 0.001
"""Dollars for one token."""


def _prices(entry: dict[str, Any]) -> tuple[float | None, float | None, float | None]:
    for place in (entry, _inner(entry, "pricing"), _inner(entry, "model_info")):
        units = [_first_number(place, names) for names in _UNIT_NAMES]
        if any(price is not None for price in units):
            read, cached, written = (None if price is None else round(price * 1e6, 6) for price in units)
            return read, cached, written
    pricing = _inner(entry, "pricing") or _inner(_inner(entry, "metadata"), "pricing")
    if not pricing and {"input_price", "output_price"} & entry.keys():
        pricing = entry
    if pricing:
        numbers = [_first_number(pricing, names) for names in _PRICE_NAMES]
        # Nobody takes thousands of dollars for a million tokens: such a price is for a million already.
        unit = 1.0 if any(price is not None and price >= _TOO_DEAR for price in numbers) else 1e6
        read, cached, written = (None if price is None else round(price * unit, 6) for price in numbers)
        return read, cached, written
    return _xai_prices(entry, _XAI_PRICE_NAMES)


def _xai_prices(entry: dict[str, Any], names: tuple[str, str, str]) -> tuple[float | None, float | None, float | None]:
    in_ticks = [_number(entry.get(name)) for name in names]
    read, cached, written = (None if price is None else price / _CENTS_PER_HUNDRED_MILLION for price in in_ticks)
    return read, cached, written


def _long_prices(entry: dict[str, Any]) -> LongPrices | None:
    """What xAI takes for a prompt above a threshold, and all that is written to it."""
    above = _number(entry.get("long_context_threshold"))
    read, cached, written = (
        price or None for price in _xai_prices(entry, _XAI_LONG_NAMES)
    )  # 0 says that there is none
    if not above or (read is None and cached is None and written is None):
        return None
    return LongPrices(int(above), read, cached, written)


def _first_number(table: dict[str, Any], names: tuple[str, ...]) -> float | None:
    return next((number for name in names if (number := _number(table.get(name))) is not None), None)


def _context(entry: dict[str, Any]) -> int | None:
    meta = _inner(entry, "meta")
    values = (
        *(entry.get(name) for name in ("context_length", "max_model_len", "context_window", "max_context_length")),
        *(meta.get(name) for name in ("n_ctx", "n_ctx_train")),
        _inner(entry, "top_provider").get("context_length"),
        *(entry.get(name) for name in ("max_input_tokens", "inputTokenLimit")),
        _inner(entry, "model_info").get("max_input_tokens"),
    )
    numbers = (_number(value) for value in values)
    return next((int(number) for number in numbers if number), None)


def _refusal(model_id: str, outputs: tuple[str, ...], entry: dict[str, Any]) -> str:
    if outputs:
        if "text" in outputs:
            return ""
        return _MODALITY_WORDS.get(outputs[0], f"gives {' and '.join(outputs)} only: cannot stream text")
    if (modality := _told_kind(entry)) is not None:
        return _MODALITY_WORDS[modality] if modality else ""
    made = _made_by(model_id)
    if not made and "image_price" in entry and entry["image_price"] and not entry.get("completion_text_token_price"):
        made = "image"
    return _MODALITY_WORDS[made] if made else ""


def _told_kind(entry: dict[str, Any]) -> str | None:
    """What a list says that a model makes, empty for text; `None` where it does not say."""
    for name in ("type", "mode", "task", "model_type", "pipeline_tag", "kind", "category"):
        kind = entry.get(name)
        if isinstance(kind, str) and (made := _KIND_WORDS.get(kind.lower())) is not None:
            return made
    able = entry.get("capabilities")
    if isinstance(able, dict) and isinstance(talks := able.get("completion_chat"), bool):
        return "" if talks else None  # Mistral says what it does not do, and not what it does
    for listed in (able, entry.get("supportedGenerationMethods"), entry.get("supported_generation_methods")):
        words = [_KIND_WORDS.get(word.lower().removesuffix("content")) for word in _words(listed)]
        words += [_KIND_WORDS.get(word.lower()) for word in _words(listed)]
        if kinds := [word for word in words if word is not None]:
            return "" if "" in kinds else kinds[0]
    return None


def _made_by(model_id: str) -> str:
    """What the name of a model says that it makes; empty where it says nothing, and so text."""
    words = [word for word in re.split(r"[^a-z0-9]+", model_id.rpartition("/")[2].lower()) if word]
    if not _TALKS.isdisjoint(words):
        return ""
    while len(words) > 1 and (_SIZE.fullmatch(words[-1]) or words[-1] in _SIZES):  # a version, a date
        words.pop()
    if "reranker" in words:  # of a family whose others embed
        return "rerank"
    for telling, made in _TELLING_WORDS.items():
        if tuple(words[: len(telling)]) == telling or tuple(words[-len(telling) :]) == telling:
            return made
    return ""


def _inner(entry: dict[str, Any], name: str) -> dict[str, Any]:
    return inner if isinstance(inner := entry.get(name), dict) else {}


def _arrow(value: Any) -> tuple[str, ...]:
    """What comes out of a modality that is written as an arrow: `text+image->text`."""
    before, arrow, after = value.partition("->") if isinstance(value, str) else ("", "", "")
    del before
    return _words(after.split("+")) if arrow else ()


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(printable_line(word)[:_LONGEST_NAME] for word in value[:50] if isinstance(word, str) and word)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None
