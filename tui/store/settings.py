"""Settings: what the user wrote into `config.toml`; rillet changes it on confirmation only (`setting_edit`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from tui.domain.endpoint import Endpoint
from tui.domain.error import SettingsError
from tui.store.choice import Choices, load_choices, save_choices
from tui.store.endpoint_setting import BUILT_IN, DeadlineSettings, EndpointSettings, merge_endpoints
from tui.store.keep import parse_keep
from tui.store.preset_setting import Preset
from tui.store.toml_file import WrongValueError, dotted, located, parse, read_struct, read_text, shown
from tui.store.tool_setting import ToolSettings, check_name

__all__ = [
    "Choices",
    "Settings",
    "known_endpoints",
    "load_choices",
    "looks_like_key",
    "parse_settings",
    "read_settings",
    "save_choices",
]

_KEY_NAMES = {
    "key",
    "api_key",
    "apikey",
    "api-key",
    "token",
    "access_token",
    "auth_token",
    "secret",
    "password",
    "bearer",
}
_KEY_ADVICE = 'Name its source instead: key_env = "XAI_API_KEY", or key_command = "pass show xai".'
_FREE_TABLES = (("schemas",), ("tools", "allow"), ("keymap",))


@cache
def _key_shape() -> re.Pattern[str]:
    """What looks like a key; compiled when there is a file to look at."""
    return re.compile(
        r"(?<![A-Za-z0-9])(?:sk-|xai-|gsk_|csk-|pplx-|nvapi-|hf_|r8_|ghp_|github_pat_|AIza|[Bb]earer\s+)"
        r"(?=[A-Za-z0-9_.-]*[0-9])[A-Za-z0-9_.-]{16,}"
    )


class PaneSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[panes]`: how the screen is divided at first; what is changed in the program is remembered over it.

    Attributes:
        shown: The panes that stand beside the page: `wire`, `calls`; none where it is not set.
        sizes: Columns of the panes beside the page, as `panes`.
    """

    shown: tuple[Literal["calls", "wire"], ...] | None = None
    sizes: dict[str, Annotated[int, msgspec.Meta(ge=1, le=1000)]] = {}


class TapeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[tapes]`: the recordings.

    Attributes:
        keep: How long they are kept, such as `30 days`; or how much of them, such as `500 MB`; or `all`.
    """

    keep: str = "all"


class BudgetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[budget]`: US dollars, beyond which rillet asks before it sends.

    Attributes:
        conversation: For each conversation.
        month: For all that is asked in a month.
    """

    conversation: Annotated[float, msgspec.Meta(ge=0)] | None = None
    month: Annotated[float, msgspec.Meta(ge=0)] | None = None


class LocalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[local]`: the built-in model.

    Attributes:
        enabled: Whether there is one.
        model: Path of a GGUF file to use in place of the one rillet fetches.
        threads: Threads it computes with; by default what suits the machine.
        context: Tokens of context; by default what suits the model.
    """

    enabled: bool = True
    model: str = ""
    threads: Annotated[int, msgspec.Meta(ge=1, le=256)] | None = None
    context: Annotated[int, msgspec.Meta(ge=256, le=1 << 20)] | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings, each with its default.

    Attributes:
        endpoint: The endpoint that is asked unless another is chosen; xAI where there is a key, else `local`.
        model: The model that is asked; the endpoint's own where empty.
        system: The system prompt.
        max_tokens: The most tokens of a reply.
        temperature: 0 to 2.
        theme: The colours, by the name of a theme; `auto`, and where it is empty, light or dark as the terminal is.
        send_key: `enter` sends and ctrl+j breaks the line, or `ctrl+enter` sends and enter breaks it.
        mouse: Whether the mouse is used.
        reduced_motion: Whether the figures of a running turn change every few seconds only; nothing else moves.
        notify: Whether rillet calls, by a bell, a notification and the window's title, when a reply is ready or a call waits
            and its window is not in focus.
        bidi: Who puts text that runs from right to left in the order it is seen in: `auto` asks what the terminal is, `visual`
            is rillet, `runs` a terminal that does it itself, `words` one that turns single words (kitty), `off` nobody.
        roots: Directories the tools may read; absolute, or from `~`.
        keymap: Keys for an action, by the action's id: `"ctrl+x,f5"`.
        panes: How the screen is divided.
        deadlines: How long to wait.
        local: The built-in model.
        tapes: How long recordings are kept.
        budget: What may be spent unasked.
        endpoints: Endpoints by name; `[endpoints.NAME]`, or `[[endpoints]]` with a `name`.
        tools: The tools there are.
        schemas: JSON Schemas by name: a table, a table with a `file`, or text (a file, JSON, or one line).
        presets: Sheets of conversations by name: `/preset NAME`, `--preset NAME`.
    """

    endpoint: str = ""
    model: str = ""
    system: str = ""
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    theme: str = ""
    send_key: Literal["enter", "ctrl+enter"] = "enter"
    mouse: bool = True
    reduced_motion: bool = False
    notify: bool = True
    bidi: Literal["auto", "visual", "runs", "words", "off"] = "auto"
    roots: tuple[str, ...] = ()
    keymap: dict[str, str] = {}
    panes: PaneSettings = PaneSettings()
    deadlines: DeadlineSettings = DeadlineSettings()
    local: LocalSettings = LocalSettings()
    tapes: TapeSettings = TapeSettings()
    budget: BudgetSettings = BudgetSettings()
    endpoints: dict[str, EndpointSettings] = {}
    tools: ToolSettings = ToolSettings()
    schemas: dict[str, dict[str, Any] | str] = {}
    presets: dict[str, Preset] = {}

    def __post_init__(self) -> None:
        """See that what is named exists and can be reached."""
        if parse_keep(self.tapes.keep) is None:
            raise WrongValueError(
                ["tapes", "keep"],
                f"“tapes.keep” cannot be {shown(self.tapes.keep)}",
                "For example: “30 days”, “500 MB”, “all”.",
            )
        for index, root in enumerate(self.roots):
            if not root.startswith(("/", "~")) and not Path(root).is_absolute():
                raise WrongValueError(["roots", index], f"“{root}” in “roots” must be absolute, or begin with ~")
        for name, endpoint in self.endpoints.items():
            keys: list[str | int] = ["endpoints", name]
            check_name(keys, name)
            if name == "local":
                raise WrongValueError(
                    keys, "“local” is the built-in model", "Set it up in [local], or choose another name."
                )
            if name not in BUILT_IN and not (endpoint.base_url or endpoint.socket):
                raise WrongValueError(keys, f"“{dotted(keys)}” needs “base_url”")
        names = sorted({*BUILT_IN, *self.endpoints})
        if self.endpoint and self.endpoint not in names:
            from difflib import get_close_matches

            near = get_close_matches(self.endpoint, names, 1)
            raise WrongValueError(
                ["endpoint"],
                f"“endpoint” cannot be {shown(self.endpoint)}: there is no such endpoint"
                + (f"; did you mean “{near[0]}”?" if near else ""),
                f"There are: {', '.join(names)}.",
            )


def read_settings(path: Path, *, must_exist: bool = False) -> Settings:
    """The settings in a file; the defaults where there is none.

    Raises:
        ConfigError: If something in it is wrong: the message names file, line, key and the nearest right key.
    """
    text = read_text(path)
    if text is None:
        if must_exist:
            raise SettingsError(f"there is no file {path}", "Give the path of a settings file in TOML.")
        return Settings()
    return parse_settings(path, text)


def parse_settings(path: Path, text: str) -> Settings:
    """The settings that a text holds; `path` is named where something is wrong.

    Raises:
        ConfigError: As `read_settings`.
    """
    document = parse(path, text)
    try:
        _refuse_keys(document)
        names = _name_endpoints(document)
    except WrongValueError as error:
        raise located(path, text, error) from error
    try:
        return read_struct(Settings, document)
    except WrongValueError as error:
        if names and error.keys[:1] == ("endpoints",) and len(error.keys) > 1:
            error.keys = ("endpoints", names[str(error.keys[1])], *error.keys[2:])
        raise located(path, text, error) from error


def known_endpoints(settings: Settings, environ: Mapping[str, str]) -> dict[str, Endpoint]:  # noqa: ARG001  # for the caller
    """The endpoints by name: `xai`, `local`, and those of the settings."""
    return merge_endpoints(settings.endpoints, settings.deadlines)


def _name_endpoints(document: dict[str, Any]) -> dict[str, int]:
    """Bring `[[endpoints]]` into the form of `[endpoints.NAME]`; where each stood."""
    listed = document.get("endpoints")
    if not isinstance(listed, list):
        return {}
    tables: dict[str, Any] = {}
    places: dict[str, int] = {}
    for index, table in enumerate(listed):
        name = table.pop("name", None) if isinstance(table, dict) else None
        if not isinstance(name, str):
            raise WrongValueError(["endpoints", index], "each of “[[endpoints]]” needs a “name”")
        if name in tables:
            raise WrongValueError(["endpoints", index, "name"], f"there are two endpoints “{name}”")
        tables[name], places[name] = table, index
    document["endpoints"] = tables
    return places


def _refuse_keys(document: Mapping[str, Any]) -> None:
    """Refuse a key that stands in the settings, without repeating it."""
    for keys, text in _texts(document, ()):
        is_free = any(keys[: len(free)] == free for free in _FREE_TABLES) or "parameters" in keys
        named = next((str(key) for key in reversed(keys) if isinstance(key, str)), "")
        if _key_shape().search(text) or (not is_free and named.lower() in _KEY_NAMES and text):
            raise WrongValueError(keys, f"“{dotted(keys)}” holds a key, and keys do not belong in a file", _KEY_ADVICE)


def looks_like_key(text: str) -> bool:
    """Whether a text holds what looks like a key."""
    return _key_shape().search(text) is not None


def _texts(value: Any, keys: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, (*keys, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(each, (*keys, index))
