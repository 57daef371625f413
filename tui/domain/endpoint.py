"""Endpoints: a base URL, the dialect spoken there, and where its key comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from tui.domain.endpoint_word import DialectName, Effort


class Secret:
    """A key. It can be used, and not be printed: its repr, its str and its pickle do not hold it.

    `source` says where it was found (`XAI_API_KEY`); empty where nobody need know.
    """

    __slots__ = ("_value", "source")

    def __init__(self, value: str, source: str = "") -> None:
        """Hold a key."""
        self._value = value
        self.source = source

    def reveal(self) -> str:
        """The key itself, for the one header that carries it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a secret cannot be pickled")

    def __bool__(self) -> bool:
        return bool(self._value)


class Deadlines(Struct, frozen=True):
    """How long to wait, in seconds: for a connection, for the first byte, and between reads.

    `first_byte_reasoning`, `quiet_reasoning` and `whole_turn_reasoning` are for models that think before they speak;
    `quiet_notice` is when the status bar begins to say that nothing comes; `alive` bounds keep-alive comments without progress, and
    `whole_turn` everything, from the first sending of the request to the end of the reply.
    """

    connect: float = 10.0
    first_byte: float = 60.0
    first_byte_reasoning: float = 900.0
    quiet: float = 60.0
    quiet_reasoning: float = 900.0
    quiet_notice: float = 10.0
    alive: float = 180.0
    whole_turn: float = 1800.0
    whole_turn_reasoning: float = 3600.0


class Endpoint(Struct, frozen=True):
    """A base URL, the dialect spoken there, and where its key comes from; never the key itself.

    `key_env` names an environment variable, `key_command` a command whose first line of output is
    the key. `allow_http` permits plain http to a host other than this machine. `body` is added to
    every request. `limit_field` is the name the endpoint gives to the token limit. `effort` is how hard its models
    think, where nobody says; `routes_cache` whether requests carry a key by which the endpoint finds what it has cached of
    a conversation (`None`: where it is known to).
    """

    name: str
    base_url: str
    dialect: DialectName = "chat"
    title: str = ""
    model: str = ""
    key_env: tuple[str, ...] = ()
    key_command: tuple[str, ...] = ()
    needs_key: bool = True
    allow_http: bool = False
    is_local: bool = False
    keeps_alive: bool = True
    limit_field: str = ""
    server_tools: tuple[str, ...] = ()
    effort: Effort = ""
    routes_cache: bool | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)
    body: Mapping[str, Any] = field(default_factory=dict)
