"""The settings of endpoints, and the endpoints that come of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from tui.domain.endpoint import Deadlines, Endpoint
from tui.domain.endpoint_word import DialectName, Effort
from tui.store.tool_setting import Seconds, split_words

XAI_URL = "https://api.x.ai/v1"
XAI_MODEL = "grok-4.7"
BUILT_IN = ("xai", "anthropic", "local")
"""The names of the endpoints that are there without settings."""
ANTHROPIC_URL = "https://api.anthropic.com/v1"
ANTHROPIC_MODEL = "claude-sonnet-5-5"
LOCAL_MODEL = "smollm2-135m"


class DeadlineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[deadlines]` and `[endpoints.NAME.deadlines]`: how long to wait, in seconds.

    Attributes:
        connect: For a connection.
        first_byte: For the first byte of an answer.
        first_byte_reasoning: The same, from models that think before they speak.
        quiet: Between two reads, before the reply counts as broken off.
        quiet_reasoning: The same, from models that think before they speak; as `quiet`, where only that is set.
        quiet_notice: Until the status bar says that nothing comes.
        alive: For progress, while the server only says that it is alive.
        whole_turn: For a whole reply, with its retries, however lively it is.
        whole_turn_reasoning: The same, from models that think before they speak; as `whole_turn`, where only that is set.
    """

    connect: Seconds | None = None
    first_byte: Seconds | None = None
    first_byte_reasoning: Seconds | None = None
    quiet: Seconds | None = None
    quiet_reasoning: Seconds | None = None
    quiet_notice: Seconds | None = None
    alive: Seconds | None = None
    whole_turn: Seconds | None = None
    whole_turn_reasoning: Seconds | None = None

    def over(self, deadlines: Deadlines) -> Deadlines:
        """The deadlines, with those that are set here in their place."""
        given = {key: value for key, value in msgspec.structs.asdict(self).items() if value}
        for name in ("quiet", "whole_turn"):
            if name in given:
                given.setdefault(f"{name}_reasoning", given[name])
        return replace(deadlines, **given)


class EndpointSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[endpoints.NAME]`: an endpoint of the user's own, or changes to `xai`, `anthropic` or `local`.

    Attributes:
        base_url: The address up to and with `/v1`.
        dialect: `chat` (Chat Completions), `responses` or `messages`.
        model: The model asked there unless another is chosen.
        title: Its name on the screen; the table's name where empty.
        key_env: The environment variable that holds the key, or several, the first that is set.
        key_command: A command whose first line of output is the key, such as `pass show xai`.
        needs_key: Whether it can be asked without a key; by default one is needed if its source is named.
        allow_http: Whether plain http may leave this machine.
        keeps_alive: Whether connections are kept for the next request.
        limit_field: The name it gives to the token limit, where it is not the usual one.
        server_tools: Tools it runs itself, such as `web_search`.
        effort: How hard its models think: `none`, `low`, `medium`, `high`, `xhigh`, as the model allows.
        routes_cache: Whether requests carry a key for its cache; by default where it is known to take one.
        body: A table that is added to every request.
        deadlines: How long to wait here.
    """

    base_url: str = ""
    dialect: DialectName | None = None
    model: str = ""
    title: str = ""
    key_env: str | tuple[str, ...] = ()
    key_command: str | tuple[str, ...] = ()
    needs_key: bool | None = None
    allow_http: bool | None = None
    keeps_alive: bool | None = None
    limit_field: str = ""
    server_tools: tuple[str, ...] | None = None
    effort: Effort = ""
    routes_cache: bool | None = None
    body: dict[str, Any] = {}
    deadlines: DeadlineSettings = DeadlineSettings()

    def __post_init__(self) -> None:
        """See that the command can be split."""
        split_words(self.key_command, "key_command")

    def over(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint, with what is set here in its place."""
        key_env = (self.key_env,) if isinstance(self.key_env, str) else self.key_env
        key_command = split_words(self.key_command, "key_command")
        if self.base_url and urlsplit(self.base_url).netloc != urlsplit(endpoint.base_url).netloc:
            # A key belongs to one host: that of the endpoint as it was must be named again for this one.
            endpoint = replace(endpoint, key_env=(), key_command=(), needs_key=False)
        if key_env or key_command:
            endpoint = replace(endpoint, key_env=key_env, key_command=key_command, needs_key=True)
        given = {
            "base_url": self.base_url or None,
            "dialect": self.dialect,
            "model": self.model or None,
            "title": self.title or None,
            "needs_key": self.needs_key,
            "allow_http": self.allow_http,
            "keeps_alive": self.keeps_alive,
            "limit_field": self.limit_field or None,
            "server_tools": self.server_tools,
            "effort": self.effort or None,
            "routes_cache": self.routes_cache,
        }
        return replace(
            endpoint,
            **{key: value for key, value in given.items() if value is not None},
            body={**endpoint.body, **self.body},
            deadlines=self.deadlines.over(endpoint.deadlines),
        )


def merge_endpoints(endpoints: Mapping[str, EndpointSettings], deadlines: DeadlineSettings) -> dict[str, Endpoint]:
    """The endpoints there are: xAI, Anthropic, the built-in model, and those of the settings."""
    usual = deadlines.over(Deadlines())
    known = {
        "xai": Endpoint(
            "xai",
            XAI_URL,
            "responses",  # Chat Completions there have no reasoning and no server tools
            title="xAI",
            model=XAI_MODEL,
            key_env=("XAI_API_KEY",),
            server_tools=("web_search", "x_search", "code_interpreter"),
            deadlines=usual,
        ),
        "anthropic": Endpoint(
            "anthropic",
            ANTHROPIC_URL,
            "messages",
            title="Anthropic",
            model=ANTHROPIC_MODEL,
            key_env=("ANTHROPIC_API_KEY",),
            server_tools=("web_search",),
            deadlines=usual,
        ),
        "local": Endpoint(
            "local",
            "",  # known once it runs
            title="built in",
            model=LOCAL_MODEL,
            needs_key=False,
            is_local=True,
            keeps_alive=False,
            limit_field="max_tokens",
            # On a busy machine it reads ten tokens a second.
            deadlines=deadlines.over(Deadlines(first_byte=300.0, quiet=120.0, alive=300.0)),
        ),
    }
    for name, settings in endpoints.items():
        base = known.get(name) or Endpoint(name, "", title=name, needs_key=False, deadlines=usual)
        known[name] = settings.over(base)
    return known
