"""Estimates: how many tokens something takes before an endpoint has counted it; they learn from what it counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tui.domain.message import ImagePart, Message, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from tui.domain.request import Request

MESSAGE_TOKENS = 4
"""Tokens that frame a message."""
IMAGE_TOKENS = 800
"""Tokens of an image: most models cut one into tiles, and count some hundreds."""
LEAST_FACTOR, MOST_FACTOR = 0.4, 2.5
"""No tokenizer is further from the rough measure than that: what was counted was something else."""
LEARNT = 0.5
"""How much of what is known gives way to a new count."""

_LETTERS = 4.3
_SIGNS = 2.4
_OTHER_LETTERS = 2.3
_IDEOGRAPHS = 1.3
"""Characters of a token: of Latin letters and spaces, of digits and signs, of other alphabets, of ideographs."""

_NO_SIGNS = dict.fromkeys(map(ord, " \nABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
"""What leaves the digits and signs of a text, many times faster than looking at its characters one by one."""


def estimate_tokens(text: str) -> float:
    """How many tokens a text takes, roughly."""
    if text.isascii():
        signs = len(text.translate(_NO_SIGNS))
        return (len(text) - signs) / _LETTERS + signs / _SIGNS
    latin = signs = others = ideographs = 0
    for letter in text:
        if letter.isascii():
            if letter.isalpha() or letter in " \n":
                latin += 1
            else:
                signs += 1
        elif "\u2e80" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7af" or letter >= "\U00010000":
            ideographs += 1
        else:
            others += 1
    return latin / _LETTERS + signs / _SIGNS + others / _OTHER_LETTERS + ideographs / _IDEOGRAPHS


def estimate_length(characters: float) -> float:
    """How many tokens so many characters take, where nothing is known of them but their number."""
    return characters / _LETTERS


def estimate_message(message: Message) -> tuple[float, float]:
    """How many tokens a message takes: its words, and its images."""
    words, images = float(MESSAGE_TOKENS), 0.0
    for part in message.parts:
        match part:
            case TextPart(text=text):
                words += estimate_tokens(text)
            case ImagePart():
                images += IMAGE_TOKENS
            case ToolCallPart(name=name, arguments=arguments):
                words += MESSAGE_TOKENS + estimate_tokens(name) + estimate_tokens(arguments)
            case ToolResultPart(text=text, images=shown):
                words += MESSAGE_TOKENS + estimate_tokens(text)
                images += IMAGE_TOKENS * len(shown)
            case ReasoningPart():
                pass  # it goes back as sealed items only, which endpoints do not count as they are written
    return words, images


def estimate_messages(messages: Iterable[Message]) -> float:
    """How many tokens messages take, images included."""
    return sum(sum(estimate_message(message)) for message in messages)


def estimate_json(value: Any) -> float:
    """How many tokens a JSON value takes, as the definition of a tool does."""
    from tui.wire.json_text import write_json

    return estimate_tokens(write_json(value))


def learn(factors: Mapping[str, float], model: str, estimated: float, counted: int) -> dict[str, float]:
    """What a count teaches: by which factor the rough measure is wrong for a model."""
    if estimated < 20 or counted < 20:
        return dict(factors)
    factor = min(MOST_FACTOR, max(LEAST_FACTOR, counted / estimated))
    learnt = factors.get(model)
    return {**factors, model: round(factor if learnt is None else learnt + (factor - learnt) * LEARNT, 4)}


def estimate_request(request: Request) -> float:
    """How many tokens a request takes, roughly."""
    system = estimate_tokens(request.system) + MESSAGE_TOKENS if request.system else 0.0
    return system + estimate_tools(request) + estimate_messages(request.messages)


def estimate_tools(request: Request) -> float:
    """How many tokens the definitions of a request's tools take."""
    definitions = sum(estimate_json([tool.name, tool.description, dict(tool.parameters)]) for tool in request.tools)
    return definitions + sum(map(estimate_json, request.server_tools))
