"""An endpoint that is being set up: what was written of it, what asking it tells, and the table of the settings it becomes."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from tui.chat.opening import one_run_endpoint
from tui.domain.endpoint_word import DIALECT_NAMES, DialectName
from tui.domain.error import ConfigError, RilletError
from tui.store.endpoint_setting import BUILT_IN, EndpointSettings
from tui.store.settings import looks_like_key

if TYPE_CHECKING:
    from tui.chat.program import Program
    from tui.domain.endpoint import Endpoint
    from tui.store.settings import Settings

TYPED = "typed"
KEYRING = "keyring"
_VARIABLE = re.compile(r"\$?([A-Z_][A-Z0-9_]*)")


class EndpointForm(Struct):
    """What was written of an endpoint.

    Attributes:
        address: The base URL, as it was written.
        key: Where its key comes from: empty for none, a variable, `keyring`, `typed` for one of this run, else a command.
        dialect: What is spoken there; empty until it is known.
        model: The model that is asked there.
        name: What it is called in the settings.
        models: The models that it lists.
        dialects: What it speaks, as far as that was asked.
        words: What came of asking.
        is_wrong: Whether that was no answer.
    """

    address: str = ""
    key: str = ""
    dialect: DialectName | None = None
    model: str = ""
    name: str = ""
    models: tuple[str, ...] = ()
    dialects: tuple[DialectName, ...] = ()
    words: str = ""
    is_wrong: bool = False

    @classmethod
    def of(cls, endpoint: Endpoint) -> EndpointForm:
        """A form that begins with what is known of an endpoint."""
        key = KEYRING if endpoint.key_keyring else endpoint.key_env[0] if endpoint.key_env else ""
        return cls(
            address=endpoint.base_url, key=key, dialect=endpoint.dialect, model=endpoint.model, name=endpoint.name
        )

    def endpoint(self, settings: Settings) -> Endpoint:
        """The endpoint as it is written now.

        Raises:
            ConfigError: If the address is none.
        """
        base = one_run_endpoint(self.address, self.dialect, settings)
        base = replace(
            base, name=self.name, title=self.name, model=self.model, key_env=(), needs_key=False, server_tools=()
        )
        own = EndpointSettings(**{name: value for name, value in self.table().items() if name.startswith("key_")})
        return own.over(base)

    def table(self) -> dict[str, Any]:
        """The table of the settings: only what is not usual."""
        table: dict[str, Any] = {"base_url": self.address.strip()}
        if self.dialect and self.dialect != DIALECT_NAMES[0]:
            table["dialect"] = self.dialect
        if self.model:
            table["model"] = self.model
        return table | key_table(self.key, self.name)


def key_table(key: str, name: str) -> dict[str, str]:
    """Where a key comes from, as the settings say it."""
    word = key.strip()
    if not word or word == TYPED:
        return {}
    if word == KEYRING:
        return {"key_keyring": name}
    if (match := _VARIABLE.fullmatch(word)) is not None:
        return {"key_env": match[1]}
    return {"key_command": word}


def check_key_source(text: str) -> None:
    """See that a key itself was not written where its source belongs.

    Raises:
        ConfigError: If it was; it is not repeated.
    """
    if looks_like_key(text):
        raise ConfigError("that looks like a key itself, and was taken off the screen", "Write where it comes from.")


def name_for(host: str, taken: Collection[str]) -> str:
    """A name for an endpoint that no other has: the part of its host that tells it from others."""
    text = host.partition("//")[2] or host
    text = text.partition("/")[0]
    bare = text.rpartition(":")[0] or text
    parts = [part for part in bare.split(".") if part not in ("api", "www", "v1")]
    is_number = all(part.isdigit() for part in parts)
    plain = text if is_number or len(parts) == 1 else parts[-2]
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-")[:60] or "endpoint"
    names = (plain, *(f"{plain}-{number}" for number in range(2, 1000)))
    return next(name for name in names if name not in taken and name not in BUILT_IN)


async def ask_about(program: Program, form: EndpointForm) -> EndpointForm:
    """What an endpoint tells of itself: the dialects it speaks and the models it lists. What was written stays."""
    from tui.net.address import host_of
    from tui.net.dialect_probe import Spoken, spoken_dialects, vendor_dialect
    from tui.net.model_list import fetch_models

    try:
        program.put_endpoint(form.endpoint(program.settings))
        endpoint, key = await program.reach(program.endpoint(form.name))
    except RilletError as error:
        return replace(form, words=error.in_full, is_wrong=True)
    host = host_of(endpoint.base_url)
    try:
        listed = await fetch_models(program.client, endpoint, key, seconds=8.0)
        models, problem = tuple(model.id for model in listed if model.can_stream), ""
    except RilletError as error:
        if error.kind == "auth":
            what = "refuses this key" if key is not None else "wants a key"
            return replace(form, words=f"{host} {what}", is_wrong=True)
        models, problem = (), error.in_full
    own = vendor_dialect(endpoint.base_url)
    certain, untold = Spoken((own,)) if own else await spoken_dialects(program.client, endpoint, key)
    dialects = (*certain, *untold)
    if not dialects and not models:
        return replace(form, words=problem or f"{host} speaks no dialect that rillet knows", is_wrong=True)
    speaks = f"speaks {', '.join(certain)}" if certain else "does not say what it speaks"
    speaks += f" (is asked too much to tell of {', '.join(untold)})" if untold and certain else ""
    lists = (
        f"lists {len(models)} {'model' if len(models) == 1 else 'models'}" if models else f"lists no models: {problem}"
    )
    return replace(
        form,
        dialect=form.dialect if form.dialect in dialects else dialects[0] if dialects else form.dialect,
        model=form.model if form.model in models or not models else models[0],
        models=models,
        dialects=dialects,
        words=f"{host} {speaks} and {lists}",
        is_wrong=False,
    )
