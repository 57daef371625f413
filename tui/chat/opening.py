"""Opening the program: settings, choices, database and endpoints, as a command line asks for them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from tui.chat.built_in import BuiltIn
from tui.chat.program import Program
from tui.chat.recovery import try_recovery
from tui.chat.saved import open_database
from tui.chat.settings_file import SettingsFile, check_choice, read_with_added
from tui.domain.endpoint import AT_ADDRESS, Deadlines, Endpoint, Way
from tui.domain.endpoint_word import DialectName
from tui.domain.error import ConfigError, SettingsError, StoreError
from tui.store.mcp_file import mcp_path
from tui.store.path import (
    choices_path,
    is_settings_path_chosen,
    settings_path,
)
from tui.store.settings import Choices, Settings, load_choices, save_choices
from tui.store.toml_file import warn_of_writers


def open_program(
    environ: Mapping[str, str],
    *,
    config: Path | None = None,
    gguf: Path | None = None,
    roots: Sequence[Path] = (),
    saves: bool = True,
    endpoint: str | None = None,
    base_url: str | None = None,
    dialect: DialectName | None = None,
    model: str | None = None,
    needs_model: bool = True,
    tell: Callable[[str], None] = lambda _words: None,
) -> Program:
    """Put the program together.

    Args:
        environ: The environment variables.
        config: A settings file in place of the usual one.
        gguf: A file to use as the built-in model.
        roots: Directories that tools may read, besides those of the settings.
        saves: Whether anything is kept on disk.
        endpoint: The endpoint to ask.
        base_url: An endpoint for this run only.
        dialect: The dialect to speak there.
        model: The model to ask.
        needs_model: Whether there must be one.
        tell: Told what takes long, if anything does.

    Raises:
        SettingsError: If the settings cannot be used as they are: nothing is asked of an endpoint that they do not name.
        ConfigError: If what is asked for makes no sense.
    """
    settings, file, notices = _settings(config, [str(path.absolute()) for path in roots])
    is_named = base_url is not None or endpoint is not None or gguf is not None
    choices = _choices(notices, is_named=is_named or bool(settings.endpoint))
    if not is_named:
        check_choice(settings, choices)
    database = open_database(saves=saves, tell=tell)
    program = Program(settings, choices, database, environ, built_in=BuiltIn(settings.local, gguf))
    program.notices += notices
    program.settings_file = file
    program.is_default_named = is_named or model is not None
    if base_url is not None:
        if endpoint is not None:
            raise ConfigError("--base-url and --endpoint exclude each other", "Give one of them.")
        program.use_endpoint(one_run_endpoint(base_url, dialect, settings), model or "")
    else:
        if gguf is not None and endpoint is None:
            endpoint = "local"
        if endpoint is not None:
            chosen = program.endpoint(endpoint)
            program.use_endpoint(chosen, program.model_of(endpoint) if gguf is None else "")
        if dialect is not None:
            program.use_dialect(program.default_endpoint, dialect)
        if model is not None:
            program.default_model = model
    if needs_model and not program.default_model:
        name, hint = program.default_endpoint, "Name one with --model, or set it in the settings."
        if not is_named and name in settings.endpoints:  # whoever has a screen can mend that, and go on
            raise SettingsError(
                f"no model is chosen for {name}", f'Set model = "…" in [endpoints.{name}], or --model ID.'
            )
        raise ConfigError(f"no model is chosen for {name}", hint)
    if not database.is_memory:
        program.notices += try_recovery(database)
    return program


def one_run_endpoint(base_url: str, dialect: DialectName | None, settings: Settings) -> Endpoint:
    """The endpoint of `--base-url`: key from `RILLET_API_KEY`, or from `XAI_API_KEY` at xAI's own hosts only.

    `unix:/run/llm.sock` is a unix socket.

    Raises:
        ConfigError: If the URL is not one that can be asked.
    """
    from tui.net.address import check_base_url, vendor_of

    path = re.sub("^unix:(//)?", "", base_url.strip())
    socket = path if path != base_url.strip() else ""
    url = check_base_url("http://localhost" if socket else base_url, allow_http=False)
    is_xai = vendor_of(url) == "xai"
    return Endpoint(
        name=AT_ADDRESS,
        base_url=url,
        dialect=dialect or ("responses" if is_xai else "chat"),
        title=socket or urlsplit(url).netloc,
        key_env=("RILLET_API_KEY", "XAI_API_KEY") if is_xai else ("RILLET_API_KEY",),
        needs_key=is_xai,
        server_tools=("web_search", "x_search", "code_interpreter") if is_xai else (),
        deadlines=settings.deadlines.over(Deadlines()),
        way=Way(os.path.expanduser(socket)),  # noqa: PTH111  # Path.expanduser raises without a home
    )


def _settings(config: Path | None, roots: Sequence[str]) -> tuple[Settings, SettingsFile | None, list[str]]:
    try:
        path = config or settings_path()
    except StoreError as error:
        return Settings(roots=tuple(roots)), None, [f"There are no settings: {error.in_full}"]
    must_exist = config is not None or is_settings_path_chosen()
    file = SettingsFile(path.absolute(), must_exist=must_exist, roots=roots)
    settings = read_with_added(path, must_exist=must_exist)
    settings = msgspec.structs.replace(settings, roots=(*settings.roots, *roots))
    warnings = [warn_of_writers(each) for each in (path, mcp_path(path))]
    return settings, file, [warning for warning in warnings if warning]


def forget_choice() -> None:
    """Drop the endpoint that was made the default in the program.

    Raises:
        StoreError: If the disk does not take it.
    """
    try:
        choices = load_choices(choices_path())
    except SettingsError:
        choices = Choices()
    save_choices(choices_path(), msgspec.structs.replace(choices, endpoint="", model=""))


def _choices(notices: list[str], *, is_named: bool) -> Choices:
    """The choices made in the program; where somebody is named to ask, damage to them is a notice only."""
    try:
        return load_choices(choices_path())
    except StoreError:
        return Choices()
    except SettingsError as error:
        if not is_named:
            raise
        notices.append(f"{error.message}; all that was chosen in rillet is as if it was not")
        return Choices()
