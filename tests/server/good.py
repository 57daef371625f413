"""Good replies: at a chosen length and rate, with reasoning, tool calls and structured output."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

from tests.server.scenario import Ask, scenario, stream
from tests.server.speech import Speech
from tests.server.step import Answer, At, Step

TEXT = "The quick brown fox jumps over the lazy dog in twelve words."
"""What `ok` says, word by word."""

THOUGHT = "Let me think about foxes."
_WORDS = (
    "stream token frame delta wire tape turn socket model answer river stone light paper number "
    "window garden letter market summer silver quiet simple"
).split()


def words_of(text: str) -> list[str]:
    """The text in pieces, each word with the space before it."""
    first, *rest = text.split(" ")
    return [first, *(" " + word for word in rest)]


def say(ask: Ask, text: str = TEXT, reason: str = "", *, usage: bool = True) -> list[bytes]:
    """A whole good reply as frames."""
    speech = ask.speech()
    frames = speech.start()
    for word in words_of(text):
        frames += speech.text(word)
    return [*frames, *speech.finish(reason, usage=usage), *speech.done()]


@scenario("ok", group="good")
def ok(ask: Ask) -> Answer:
    """A short reply of twelve words, or `tokens=`, `rate=` (a second), `seed=`, `kind=prose|fence|table|list`."""
    if "tokens" not in ask.options:
        return stream(say(ask))
    rate = ask.option("rate", 0)
    return Answer(_paced(ask, int(ask.option("tokens", 100)), rate))


def _paced(ask: Ask, count: int, rate: float) -> Iterator[Step]:
    speech = ask.speech()
    yield from speech.start()
    kind = ask.options.get("kind", "prose")
    tokens = tokens_of(kind, random.Random(ask.option("seed", 7)))
    for number, token in enumerate(itertools.islice(tokens, count)):
        if rate:
            yield At(number / rate)
        yield b"".join(speech.text(token))
    yield from speech.finish()
    yield from speech.done()


def tokens_of(kind: str, pick: random.Random) -> Iterator[str]:
    """Endless Markdown of one kind, token by token."""
    for number in itertools.count(1):
        if kind == "fence":
            yield from (
                "```python\n",
                f"def step_{number}",
                "(value):\n",
                "    return ",
                f"value + {number}\n",
                "```\n\n",
            )
        elif kind == "table":
            if number == 1:
                yield from ("| name ", "| count |\n", "|---|", "---|\n")
            yield from (f"| {pick.choice(_WORDS)} ", f"| {number} |\n")
        elif kind == "list":
            yield f"{number}."
            yield from (f" {pick.choice(_WORDS)}" for _ in range(pick.randint(3, 9)))
            yield "\n"
        else:
            yield pick.choice(_WORDS).title()
            yield from (f" {pick.choice(_WORDS)}" for _ in range(pick.randint(5, 14)))
            yield ".\n\n" if number % 4 == 0 else ". "


@scenario("echo", group="good")
def echo(ask: Ask) -> Answer:
    """Says the last user message back."""
    return stream(say(ask, last_user_text(ask.body) or "(nothing)"))


def last_user_text(body: Any) -> str:
    """The text of the last user message of a request body, in either dialect."""
    entries = (body or {}).get("messages") or (body or {}).get("input") or []
    if isinstance(entries, str):
        return entries
    for entry in reversed(entries):
        if entry.get("role") == "user":
            content = entry.get("content")
            if isinstance(content, str):
                return content
            return "".join(part.get("text", "") for part in content or [])
    return ""


@scenario("reasoning", group="S")
def reasoning(ask: Ask) -> Answer:
    """Thinks aloud, then answers; `rate=` words a second."""
    speech, rate = ask.speech(), ask.option("rate", 0)
    frames = speech.start()
    for word in words_of(THOUGHT):
        frames += speech.reasoning(word)
    for word in words_of(TEXT):
        frames += speech.text(word)
    frames += [*speech.finish(), *speech.done()]
    return Answer(_at_rate(frames, rate))


def _at_rate(frames: list[bytes], rate: float) -> Iterator[Step]:
    for number, data in enumerate(frames):
        if rate:
            yield At(number / rate)
        yield data


@scenario("tools", group="good")
def tools(ask: Ask) -> Answer:
    """Calls the first `calls=` (1) tools it is given, in fragments; after the results, says that it has them."""
    if ask.has_tool_results():
        return stream(say(ask, "The tools have answered, thank you."))
    speech = ask.speech()
    frames = speech.start()
    if ask.options.get("text"):
        frames += speech.text(ask.options["text"])
    for number, (name, arguments) in enumerate(_calls(ask)):
        frames += speech.call(f"call_{ask.count}_{number}", name, _fragments(arguments))
    frames += [*speech.finish(), *speech.done()]
    return Answer(_at_rate(frames, ask.option("rate", 0)))


@scenario("tool-loop", group="S")
def tool_loop(ask: Ask) -> Answer:
    """Calls a tool for ever, whatever the results."""
    speech = ask.speech()
    frames = speech.start()
    for number, (name, arguments) in enumerate(_calls(ask)):
        frames += speech.call(f"call_{ask.count}_{number}", name, _fragments(arguments))
    return stream([*frames, *speech.finish(), *speech.done()])


def _calls(ask: Ask) -> list[tuple[str, str]]:
    offered = [tool.get("function", tool) for tool in (ask.body or {}).get("tools") or []]
    offered = [tool for tool in offered if "name" in tool] or [{"name": "get_weather"}]
    count = int(ask.option("calls", 1))
    chosen = [offered[i % len(offered)] for i in range(count)]
    return [
        (tool["name"], ask.options.get("arguments") or json.dumps(_example(tool.get("parameters")))) for tool in chosen
    ]


def _example(schema: Any) -> Any:
    """Some value that fits a simple schema."""
    if not isinstance(schema, dict):
        return {"city": "Paris"}
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: _example(inner) for name, inner in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [_example(schema.get("items") or {"type": "string"})]
    return {"integer": 7, "number": 7.5, "boolean": True, "null": None}.get(str(kind), "Paris")


def _fragments(arguments: str, size: int = 5) -> list[str]:
    return [arguments[i : i + size] for i in range(0, len(arguments), size)]


@scenario("structured", group="good")
def structured(ask: Ask) -> Answer:
    """Answers with JSON that fits the schema asked for, in fragments; `rate=` fragments a second."""
    body = ask.body or {}
    asked = (body.get("response_format") or {}).get("json_schema") or (body.get("text") or {}).get("format") or {}
    speech = ask.speech()
    frames = speech.start()
    for part in _fragments(json.dumps(_example(asked.get("schema"))), 4):
        frames += speech.text(part)
    frames += [*speech.finish(), *speech.done()]
    return Answer(_at_rate(frames, ask.option("rate", 0)))


def call_frames(speech: Speech, name: str = "get_weather", arguments: str = '{"city": "Paris"}') -> list[bytes]:
    """One whole tool call in fragments."""
    return speech.call("call_1", name, _fragments(arguments))
