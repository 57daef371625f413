"""Endpoints: a base URL, the dialect spoken there, and where its key comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from msgspec import Struct, field

from tui.domain.endpoint_word import DialectName, Effort
from tui.domain.model import Prices

AT_ADDRESS = "url"
"""The name of an endpoint that the command line gives by its address alone."""


class Secret:
    """A key. It can be used, and not be printed: its repr, its str and its pickle do not hold it.

    `source` says where it was found (`XAI_API_KEY`); empty where nobody need know. In `form`, `{}` stands for the key.
    """

    __slots__ = ("_value", "form", "source")

    def __init__(self, value: str, source: str = "", form: str = "{}") -> None:
        """Hold a key."""
        self._value = value
        self.source = source
        self.form = form

    def reveal(self) -> str:
        """The key itself, for the one header that carries it."""
        return self._value

    def in_form(self) -> str:
        """The key as its header carries it."""
        return self.form.replace("{}", self._value)

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


class Source(Struct, frozen=True):
    """Where a value is found that may be a key: in a variable, or in what a command prints; `{}` in `form` stands for it."""

    env: str = ""
    command: tuple[str, ...] = ()
    form: str = "{}"

    @property
    def placeholder(self) -> str:
        """What stands for the value wherever a request is shown or written down; of a command it names the program only."""
        if self.env:
            return self.form.replace("{}", f"${{{self.env}}}")
        which = crc32("\0".join(self.command).encode(errors="replace"))
        return self.form.replace("{}", f"$({self.command[0]} … {which:08x})")


class Way(Struct, frozen=True):
    """How a host is reached, where that is not the usual way; paths of files, empty where there is none.

    `socket` is a unix socket, `authority` the certificates that are trusted there in place of this machine's,
    `certificate` and `private_key` are what we show of ourselves.
    """

    socket: str = ""
    authority: str = ""
    certificate: str = ""
    private_key: str = ""


class Endpoint(Struct, frozen=True):
    """A base URL, the dialect spoken there, and where its key comes from; never the key itself.

    `key_env` names an environment variable, `key_keyring` an entry of the system's keyring, `key_command` a command
    whose first line of output is the key. `allow_http` permits plain http to a host other than this machine. `body` is added to
    every request, `tool_fields` to those of its own tools that they are named for (a `Source` in them is a value that is
    looked up when it is needed; `values` holds those that were found, by their placeholders), and `headers` go with it:
    text, or where to find it, and once found a `Secret`. `key_header` names the
    header that carries the key, where it is not the dialect's. `limit_field` is the name the endpoint gives to the token limit. `effort` is how hard its models
    think, where nobody says; `routes_cache` whether requests carry a key by which the endpoint finds what it has cached of
    a conversation (`None`: where it is known to). `prices` is what its models cost, by their names, where the settings say so;
    those of `*` are of all others.
    """

    name: str
    base_url: str
    dialect: DialectName = "chat"
    title: str = ""
    model: str = ""
    key_env: tuple[str, ...] = ()
    key_command: tuple[str, ...] = ()
    key_keyring: str = ""
    needs_key: bool = True
    allow_http: bool = False
    is_local: bool = False
    keeps_alive: bool = True
    limit_field: str = ""
    server_tools: tuple[str, ...] = ()
    tool_fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    values: Mapping[str, Secret] = field(default_factory=dict)
    effort: Effort = ""
    routes_cache: bool | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str | Source | Secret] = field(default_factory=dict)
    key_header: str = ""
    way: Way = Way()
    prices: Mapping[str, Prices] = field(default_factory=dict)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The keys that its own headers and tools carry, as far as they were found."""
        headers = (value for value in self.headers.values() if isinstance(value, Secret))
        return (*headers, *self.values.values())
