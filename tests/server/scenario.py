"""The table of scenarios: a name, and what the server then does.

A scenario is asked for as `name`, `name@argument`, and `name@argument;key=value;...`, either in the URL
(`/s/reset@400/v1/chat/completions`) or as the request's `model`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.server.speech import ChatSpeech, MessagesSpeech, ResponsesSpeech, Speech
from tests.server.step import Answer, Step


@dataclass
class Ask:
    """One request, as a scenario sees it; `count` is how often this very scenario was asked for before."""

    scenario: str
    argument: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    count: int = 0
    reused: bool = False
    origin: str = ""

    @property
    def dialect(self) -> str:
        return _DIALECTS.get(self.path.rstrip("/").rpartition("/")[2], "chat")

    def speech(self) -> Speech:
        model = str(self.body.get("model", "")) if isinstance(self.body, dict) else ""
        return _SPEECHES[self.dialect](model or "scripted-1")

    def number(self, default: float) -> float:
        """The argument as a number."""
        return float(self.argument) if self.argument else default

    def option(self, name: str, default: float) -> float:
        """An option as a number."""
        return float(self.options.get(name, default))

    def has_tool_results(self) -> bool:
        """Whether the conversation ends with the result of a tool call."""
        body = self.body if isinstance(self.body, dict) else {}
        entries = body.get("messages") or body.get("input") or []
        last = entries[-1] if isinstance(entries, list) and entries else {}
        if not isinstance(last, dict):
            return False
        blocks = last.get("content") if isinstance(last.get("content"), list) else []
        is_result = any(isinstance(block, dict) and block.get("type") == "tool_result" for block in blocks)
        return is_result or last.get("role") == "tool" or last.get("type") == "function_call_output"


_DIALECTS = {"responses": "responses", "messages": "messages"}
_SPEECHES: dict[str, type[Speech]] = {"chat": ChatSpeech, "responses": ResponsesSpeech, "messages": MessagesSpeech}

Play = Callable[[Ask], Answer]


@dataclass(frozen=True)
class Scenario:
    """A named behaviour of the server; `group` is S, H or D as in the list of faults, or `good`."""

    name: str
    group: str
    play: Play
    about: str


SCENARIOS: dict[str, Scenario] = {}


def scenario(*names: str, group: str) -> Callable[[Play], Play]:
    """Enter a function into the table, under one or more names."""

    def enter(play: Play) -> Play:
        for name in names:
            if name in SCENARIOS:
                raise ValueError(f"two scenarios are called {name}")
            SCENARIOS[name] = Scenario(name, group, play, (play.__doc__ or "").strip().splitlines()[0])
        return play

    return enter


def parse_scenario(text: str) -> tuple[str, str, dict[str, str]]:
    """Split `name@argument;key=value` into its three parts."""
    head, *pairs = text.split(";")
    name, _, argument = head.partition("@")
    return name, argument, dict(pair.partition("=")[::2] for pair in pairs)


def stream(steps: list[Step] | list[bytes], **more: Any) -> Answer:
    """An event stream."""
    return Answer(list(steps), **more)
