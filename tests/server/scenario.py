"""The table of scenarios: a name, and what the server then does.

A scenario is asked for as `name`, `name@argument`, and `name@argument;key=value;...`, either in the URL
(`/s/reset@400/v1/chat/completions`) or as the request's `model`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.server.speech import ChatSpeech, ResponsesSpeech, Speech
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
        return "responses" if self.path.rstrip("/").endswith("/responses") else "chat"

    def speech(self) -> Speech:
        model = str(self.body.get("model", "")) if isinstance(self.body, dict) else ""
        return (
            ResponsesSpeech(model or "scripted-1") if self.dialect == "responses" else ChatSpeech(model or "scripted-1")
        )

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
        return isinstance(last, dict) and (last.get("role") == "tool" or last.get("type") == "function_call_output")


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
