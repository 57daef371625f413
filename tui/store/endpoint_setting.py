"""The settings of endpoints, and the endpoints that come of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec.structs import replace

from tui.domain.endpoint import Deadlines, Endpoint, Source, Way
from tui.domain.endpoint_word import DialectName, Effort
from tui.domain.host import with_scheme
from tui.domain.model import Prices
from tui.store.toml_file import WrongValueError
from tui.store.tool_setting import Seconds, ValueSource, refuse_key, split_words

XAI_URL = "https://api.x.ai/v1"
XAI_MODEL = "grok-4.7"
Price = Annotated[float, msgspec.Meta(ge=0)]
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


class PriceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[endpoints.NAME.prices."MODEL"]`: what a model costs there, in US dollars for a million tokens; `"*"` is any other.

    Attributes:
        input: Read.
        output: Written.
        cached: Read from a cache; as `input` where it is not set.
    """

    input: Price
    output: Price
    cached: Price | None = None


class EndpointSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[endpoints.NAME]`: an endpoint of the user's own, or changes to `xai`, `anthropic` or `local`.

    Attributes:
        base_url: The address up to and with `/v1`, which is found where it has no path; a query is kept.
        dialect: `chat` (Chat Completions), `responses` or `messages`.
        model: The model asked there unless another is chosen.
        title: Its name on the screen; the table's name where empty.
        key_env: The environment variable that holds the key, or several, the first that is set.
        key_command: A command whose first line of output is the key, such as `pass show xai`.
        key_keyring: The name of the key in the system's keyring, among those of rillet; `rillet[keyring]` reads it.
        key_header: The header that carries the key, such as `api-key`, where it is not the dialect's own.
        headers: Further headers: text, or `{ env = "NAME" }`, or `{ command = "pass show it" }`.
        organization: Whose account pays, where a key is good for several (`OpenAI-Organization`).
        project: Which of its projects (`OpenAI-Project`).
        query: Parameters that every URL ends with, such as Azure's `api-version`.
        socket: The path of a unix socket that is connected to; the base URL says what is asked for there.
        ca_file: The certificates (PEM) that are trusted here, in place of this machine's.
        client_cert: The certificate (PEM) that we show.
        client_key: Its key, where it is not in the same file.
        needs_key: Whether it can be asked without a key; by default one is needed if its source is named.
        allow_http: Whether plain http may leave this machine.
        keeps_alive: Whether connections are kept for the next request.
        limit_field: The name it gives to the token limit, where it is not the usual one.
        server_tools: Tools it runs itself, such as `web_search`: their names, or a table for each, with its filters and
            other fields; `type` in it is what the endpoint calls a tool that has another name here (`mcp`, `file_search`).
            A key among them is `{ env = "NAME" }` or `{ command = "pass show it" }`.
        effort: How hard its models think: from `none` over `low`, `medium` and `high` to `max`, as the model allows.
        routes_cache: Whether requests carry a key for its cache; by default where it is known to take one.
        body: A table that is added to every request.
        deadlines: How long to wait here.
        prices: What its models cost, a table for each by its name.
    """

    base_url: str = ""
    dialect: DialectName | None = None
    model: str = ""
    title: str = ""
    key_env: str | tuple[str, ...] = ()
    key_command: str | tuple[str, ...] = ()
    key_keyring: str = ""
    key_header: str = ""
    headers: dict[str, str | ValueSource] = {}
    organization: str = ""
    project: str = ""
    query: dict[str, str | int | bool] = {}
    socket: str = ""
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    needs_key: bool | None = None
    allow_http: bool | None = None
    keeps_alive: bool | None = None
    limit_field: str = ""
    server_tools: tuple[str, ...] | dict[str, dict[str, Any]] | None = None
    effort: Effort = ""
    routes_cache: bool | None = None
    body: dict[str, Any] = {}
    deadlines: DeadlineSettings = DeadlineSettings()
    prices: dict[str, PriceSettings] = {}

    def __post_init__(self) -> None:
        """See that commands can be split, and that headers can be sent and hold no key."""
        split_words(self.key_command, "key_command")
        for name, value in self.headers.items():
            check_header(["headers", name], name, value if isinstance(value, str) else "")
            refuse_key(["headers", name], name, value)
        if self.key_header:
            check_header(["key_header"], self.key_header, "")
        for field, text in (("organization", self.organization), ("project", self.project)):
            check_header([field], f"OpenAI-{field}", text)
        if isinstance(self.server_tools, dict):
            _tool_sources(["server_tools"], self.server_tools)
        for name in self.query:
            refuse_key(["query", name], name, str(self.query[name]))
        if self.client_key and not self.client_cert:
            raise WrongValueError(["client_key"], "“client_key” needs the certificate it belongs to: “client_cert”")

    @property
    def _place(self) -> str:
        """The base URL with the query; a socket needs no more than its path."""
        url = with_scheme(self.base_url) or ("http://localhost" if self.socket else "")
        if not url or not self.query:
            return url
        values = {name: str(value).lower() if isinstance(value, bool) else value for name, value in self.query.items()}
        return url + ("&" if "?" in url else "?") + urlencode(values)

    @property
    def _headers(self) -> dict[str, str | Source]:
        named = {"OpenAI-Organization": self.organization, "OpenAI-Project": self.project}
        headers: dict[str, str | Source] = {name: value for name, value in named.items() if value}
        for name, value in self.headers.items():
            headers[name] = value if isinstance(value, str) else Source(value.env, value.argv, value.form)
        return headers

    def over(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint, with what is set here in its place."""
        key_env = (self.key_env,) if isinstance(self.key_env, str) else self.key_env
        key_command = split_words(self.key_command, "key_command")
        if self._place and urlsplit(self._place).netloc != urlsplit(endpoint.base_url).netloc:
            # A key belongs to one host: that of the endpoint as it was must be named again for this one.
            endpoint = replace(endpoint, key_env=(), key_command=(), key_keyring="", needs_key=False, headers={})
        if key_env or key_command:
            endpoint = replace(endpoint, key_env=key_env, key_command=key_command, needs_key=True)
        if self.key_keyring:
            endpoint = replace(endpoint, key_keyring=self.key_keyring, needs_key=True)
        given = {
            "base_url": self._place or None,
            "key_header": self.key_header or None,
            "dialect": self.dialect,
            "model": self.model or None,
            "title": self.title or None,
            "needs_key": self.needs_key,
            "allow_http": self.allow_http,
            "keeps_alive": self.keeps_alive,
            "limit_field": self.limit_field or None,
            "server_tools": None if self.server_tools is None else tuple(self.server_tools),
            "tool_fields": _tool_sources([], self.server_tools) if isinstance(self.server_tools, dict) else None,
            "effort": self.effort or None,
            "routes_cache": self.routes_cache,
        }
        return replace(
            endpoint,
            **{key: value for key, value in given.items() if value is not None},
            body={**endpoint.body, **plain_json(self.body)},
            headers={**endpoint.headers, **self._headers},
            way=Way(*map(home_text, (self.socket, self.ca_file, self.client_cert, self.client_key))),
            deadlines=self.deadlines.over(endpoint.deadlines),
            prices={name: Prices(each.input, each.output, each.cached) for name, each in self.prices.items()},
        )


_HEADER = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_OURS = (
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "accept-encoding",
    "connection",
    "te",
    "upgrade",
)


def check_header(keys: list[str | int], name: str, value: str) -> None:
    """See that a header can be sent, and is not one that rillet must write itself.

    Raises:
        WrongValueError: If it cannot.
    """
    import re

    if not re.fullmatch(_HEADER, name):
        raise WrongValueError(keys, f"“{name}” cannot be the name of a header", "Use letters, digits and -.")
    if name.lower() in _OURS:
        raise WrongValueError(keys, f"“{name}” is a header that rillet writes itself", "Leave it out.")
    if not value.isascii() or not (value.isprintable() or not value):
        raise WrongValueError(keys, f"the value of “{name}” cannot stand in a header", "Use ASCII, on one line.")


def home_text(path: str) -> str:
    """A path with `~` for the home."""
    return os.path.expanduser(path)  # noqa: PTH111  # Path.expanduser raises without a home


_SOURCE_WORDS = frozenset({"env", "command", "form"})


def _tool_sources(keys: list[str | int], table: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of server tools, with a `Source` where a value stands elsewhere.

    Raises:
        WrongValueError: If a key stands in them itself, or a value is looked up in no place, or in two.
    """
    fields: dict[str, Any] = {}
    for name, value in table.items():
        here = [*keys, name]
        if isinstance(value, str):
            refuse_key(here, name, value)
        if not isinstance(value, Mapping):
            fields[name] = plain_json(value)
        elif value and value.keys() <= _SOURCE_WORDS:
            try:
                source = msgspec.convert(value, ValueSource)
            except msgspec.ValidationError as error:
                raise WrongValueError(here, f"“{name}” cannot be looked up: {error}") from error
            fields[name] = Source(source.env, source.argv, source.form)
        else:
            fields[name] = _tool_sources(here, value)
    return fields


def plain_json(value: Any) -> Any:
    """A value of TOML as JSON has it: a date is a text there."""
    if isinstance(value, dict):
        return {name: plain_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(each) for each in value]
    return value.isoformat() if isinstance(value, date | time) else value


def merge_endpoints(endpoints: Mapping[str, EndpointSettings], deadlines: DeadlineSettings) -> dict[str, Endpoint]:
    """The endpoints there are: xAI, Anthropic, the built-in model, and those of the settings."""
    usual = deadlines.over(Deadlines())
    builtin = {
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
        base = builtin.get(name) or Endpoint(name, "", title=name, needs_key=False, deadlines=usual)
        builtin[name] = settings.over(base)
    return builtin
