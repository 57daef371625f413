"""A price list of known models, for endpoints that do not tell what theirs cost: a snapshot, and the month it is of.

It is gathered from the lists that the vendors publish, by way of genai-prices (MIT), and meant to be renewed with a release.
What an endpoint says itself goes before it.
"""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from tui.domain.model import LongPrices, Model

MONTH = "2026-11"
"""When these were the prices."""

_LIST = """
anthropic.com claude-3-5-haiku-latest 200000 0.8 0.08 4
anthropic.com claude-3-5-sonnet 200000 3 0.3 15
anthropic.com claude-3-7-sonnet-latest 200000 3 0.3 15
anthropic.com claude-fable-5 1000000 10 1 50
anthropic.com claude-fable-5-1 1000000 10 0.25 50
anthropic.com claude-fable-5-2 1000000 8 0.2 40
anthropic.com claude-haiku-4-5 200000 1 0.1 5
anthropic.com claude-haiku-5-5 1000000 0.1 0.01 0.5 100000 0.5 0.05 2.5
anthropic.com claude-mythos-5-2 1000000 8 0.2 40
anthropic.com claude-opus-4-0 200000 15 1.5 75
anthropic.com claude-opus-4-1 200000 15 1.5 75
anthropic.com claude-opus-4-5 200000 5 0.5 25
anthropic.com claude-opus-4-6 1000000 5 0.5 25
anthropic.com claude-opus-4-7 1000000 5 0.5 25
anthropic.com claude-opus-4-8 1000000 5 0.5 25
anthropic.com claude-opus-5 1000000 5 0.5 25
anthropic.com claude-opus-5-5 1000000 4 0.2 20
anthropic.com claude-sonnet-4-0 200000 3 0.3 15
anthropic.com claude-sonnet-4-5 200000 3 0.3 15 200000 6 0.6 22.5
anthropic.com claude-sonnet-4-6 1000000 3 0.3 15
anthropic.com claude-sonnet-5 1000000 2 0.2 10
anthropic.com claude-sonnet-5-5 1000000 2 0.1 10
deepseek.com deepseek-chat 64000 0.27 0.07 1.1
deepseek.com deepseek-flash 1000000 0.3 0.006 1.2
deepseek.com deepseek-reasoner 64000 0.55 0.14 2.19
deepseek.com deepseek-v4-flash 1000000 0.3 0.006 1.2
deepseek.com deepseek-v4-pro 1000000 1.32 0.044 3.96
googleapis.com gemini-2.5-flash 1048576 0.3 0.03 2.5
googleapis.com gemini-2.5-flash-lite 1000000 0.1 0.01 0.4
googleapis.com gemini-2.5-flash-preview - 0.15 - 0.6
googleapis.com gemini-2.5-pro - 1.25 0.125 10 200000 2.5 0.25 15
googleapis.com gemini-3-flash-preview 1000000 0.5 0.05 3
googleapis.com gemini-3-pro-preview - 2 0.2 12 200000 4 0.4 18
googleapis.com gemini-3.1-flash-lite 1000000 0.25 0.025 1.5
googleapis.com gemini-3.1-pro-preview - 2 0.2 12 200000 4 0.4 18
googleapis.com gemini-3.5-flash 1000000 1.5 0.15 9
googleapis.com gemini-3.5-flash-lite 1000000 0.3 0.03 2.5
googleapis.com gemini-3.6-flash 1000000 1.5 0.15 7.5
googleapis.com gemini-3.7-flash 1000000 1.5 0.15 7.5
googleapis.com gemini-3.8-flash 1000000 1.5 0.15 7.5
googleapis.com gemini-4-argon 1048576 4 0.2 20
openai.com gpt-4.1 1000000 2 0.5 8
openai.com gpt-4.1-mini 1000000 0.4 0.1 1.6
openai.com gpt-4.1-nano 1000000 0.1 0.025 0.4
openai.com gpt-4o 128000 2.5 1.25 10
openai.com gpt-4o-mini 128000 0.15 0.075 0.6
openai.com gpt-5 400000 1.25 0.125 10
openai.com gpt-5-mini 400000 0.25 0.025 2
openai.com gpt-5-nano 400000 0.05 0.005 0.4
openai.com gpt-5-pro 400000 15 - 120
openai.com gpt-5.1 400000 1.25 0.125 10
openai.com gpt-5.1-codex-mini 400000 0.25 0.025 2
openai.com gpt-5.2 400000 1.75 0.175 14
openai.com gpt-5.2-pro 400000 21 - 168
openai.com gpt-5.3 128000 1.75 0.175 14
openai.com gpt-5.3-codex 400000 1.75 0.175 14
openai.com gpt-5.4 1050000 2.5 0.25 15 272000 5 0.5 22.5
openai.com gpt-5.4-mini 400000 0.75 0.075 4.5
openai.com gpt-5.4-nano 400000 0.2 0.02 1.25
openai.com gpt-5.4-pro 1050000 30 - 180 272000 60 - 270
openai.com gpt-5.5 1000000 5 0.5 30 272000 10 1 45
openai.com gpt-5.5-pro 1000000 30 - 180 272000 60 - 270
openai.com gpt-5.6-luna 1050000 0.2 0.02 1.2 272000 0.4 0.04 1.8
openai.com gpt-5.6-sol 1050000 4 0.4 20 272000 8 0.8 30
openai.com gpt-5.6-terra 1050000 2 0.2 12 272000 4 0.4 18
openai.com gpt-6-astra 1050000 10 1 50 272000 20 2 75
openai.com gpt-6-luna 1050000 0.1 0.01 0.5 272000 0.2 0.02 0.75
openai.com gpt-6-sol 1050000 2 0.2 10 272000 4 0.4 15
openai.com gpt-6.1-sol 1050000 2 0.1 10 272000 4 0.2 15
openai.com gpt-6.1-terra 1050000 1 0.05 5 272000 2 0.1 7.5
openai.com gpt-chat-latest - 5 0.5 30
openai.com o1 200000 15 7.5 60
openai.com o1-mini 128000 1.1 0.55 4.4
openai.com o1-pro 200000 150 - 600
openai.com o3 200000 2 0.5 8
openai.com o3-mini 200000 1.1 0.55 4.4
openai.com o3-pro 200000 20 - 80
openai.com o4-mini 200000 1.1 0.275 4.4
x.ai grok-3 131072 3 0.75 15
x.ai grok-3-fast 131072 5 1.25 25
x.ai grok-3-mini 131072 0.3 0.075 0.5
x.ai grok-3-mini-fast 131072 0.6 0.15 4
x.ai grok-4-0709 256000 3 0.75 15
x.ai grok-4-1-fast-non-reasoning 2000000 0.2 0.05 0.5
x.ai grok-4-1-fast-reasoning 2000000 0.2 0.05 0.5
x.ai grok-4-fast-non-reasoning 2000000 0.2 0.05 0.5
x.ai grok-4-fast-reasoning 2000000 0.2 0.05 0.5
x.ai grok-4.20 1000000 1.25 0.2 2.5 199999 2.5 0.4 5
x.ai grok-4.20-multi-agent-0309 1000000 1.25 0.2 2.5 199999 2.5 0.4 5
x.ai grok-4.3 1000000 1.25 0.2 2.5 199999 2.5 0.4 5
x.ai grok-4.5 500000 2 0.3 6 199999 4 0.6 12
x.ai grok-4.6 500000 2 0.5 6 199999 4 1 12
x.ai grok-4.7 500000 2 0.5 6 199999 4 1 12
x.ai grok-build-0.1 256000 1 0.2 2 199999 2 0.4 4
x.ai grok-code-fast-1 256000 0.2 0.02 1.5
"""
"""A model a line: the domain it is asked at, its id, its context in tokens, and dollars for a million tokens read, read from
a cache, and written; then, for some, the tokens beyond which a prompt costs other prices, and those."""


@cache
def _models() -> dict[tuple[str, str], Model]:
    return {(line.split()[0], line.split()[1]): _read(line) for line in _LIST.strip().splitlines()}


def _read(line: str) -> Model:
    domain, name, context, *prices = line.split()
    price_in, price_cached, price_out, *more = [None if word == "-" else float(word) for word in prices]
    long = LongPrices(int(more[0] or 0), *more[1:]) if more else None
    return Model(
        id=name,
        endpoint=domain,
        context=None if context == "-" else int(context),
        price_in=price_in,
        price_cached=price_cached,
        price_out=price_out,
        long=long,
    )


def listed_model(base_url: str, model_id: str) -> Model | None:
    """What is known of a model at its vendor's own address; of a dated one, what is known of the one without the date."""
    host = urlsplit(base_url).hostname or ""
    domain = ".".join(host.split(".")[-2:])
    name = model_id.lower()
    while name:
        if (model := _models().get((domain, name))) is not None:
            return model
        name, _, tail = name.rpartition("-")
        if not (tail.isdecimal() or tail in {"latest", "preview", "reasoning"}):
            return None
    return None
