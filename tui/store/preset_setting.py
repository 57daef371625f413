"""Presets: sheets of conversations by name, in the settings or saved in the program."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tui.domain.endpoint_word import DialectName, Effort
from tui.domain.option import Options


class Preset(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`[presets.NAME]`: what a conversation is begun with; what is not set stays as it is.

    Attributes:
        system: The system prompt.
        endpoint: Who is asked.
        model: Which model.
        dialect: What is spoken there, where that is not what the endpoint usually speaks.
        effort: How hard it thinks.
        temperature: 0 to 2.
        top_p: 0 to 1.
        max_tokens: The most tokens of a reply.
        seed: The same seed gives the same reply, as far as the endpoint can.
        stop: Texts at which a reply ends.
        service_tier: How the endpoint serves it.
        parallel_tool_calls: Whether several tools may be called at once.
        tool_choice: What a prompt is answered with: auto, none, required, or the name of one tool.
        max_turns: The most rounds of tools that the endpoint runs itself.
        budget: US dollars that the conversation may cost before rillet asks.
        server_tools: Tools that the endpoint runs itself.
        schema: What every reply follows: a name of `[schemas]`, a file, or one line.
    """

    system: str | None = None
    endpoint: str = ""
    model: str = ""
    dialect: DialectName | None = None
    effort: Effort = ""
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    service_tier: str = ""
    parallel_tool_calls: bool | None = None
    tool_choice: str = ""
    max_turns: Annotated[int, msgspec.Meta(ge=1)] | None = None
    budget: Annotated[float, msgspec.Meta(ge=0)] | None = None
    server_tools: tuple[str, ...] | None = None
    schema: str = ""

    @property
    def options(self) -> Options:
        """The options in it."""
        return Options(
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_tokens,
            seed=self.seed,
            stop=self.stop,
            service_tier=self.service_tier,
            parallel_tool_calls=self.parallel_tool_calls,
            tool_choice=self.tool_choice,
            max_turns=self.max_turns,
            budget=self.budget,
        )
