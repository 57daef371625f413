"""Keys: found in the environment or told by a command, checked, and never shown."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from tui.child import child, exit_status
from tui.domain.endpoint import Endpoint, Secret, Source
from tui.domain.error import ConfigError, KeyMissingError
from tui.domain.quantity import describe_seconds
from tui.wire.printable import mask_keys, printable_line

_OUTPUT_LIMIT_BYTES = 65536
_GRACE_SECONDS = 0.5


async def find_key(endpoint: Endpoint, environ: Mapping[str, str], *, seconds: float = 10.0) -> Secret | None:
    """Find an endpoint's key: the first variable that is set, else what the keyring has, else what its command says.

    Returns:
        The key, or `None` where there is none and none is needed.

    Raises:
        KeyMissingError: If a key is needed and there is none.
        ConfigError: If there is one that cannot be used, or the command fails.
    """
    for name in endpoint.key_env:
        if value := environ.get(name, "").strip():
            return check_key(value, f"in {name}", name)
    if endpoint.key_keyring:
        from tui.net.keyring import read_key

        shown = printable_line(endpoint.key_keyring)
        if value := await read_key(endpoint.key_keyring):
            return check_key(value, f"“{shown}” in the keyring", f"the keyring's “{shown}”")
        if not endpoint.key_command:
            raise KeyMissingError(
                f"There is no key “{shown}” in the keyring.", "On the screen, /key takes one, and keeps it there."
            )
    if endpoint.key_command:
        value = await _ask_command(endpoint.key_command, environ, seconds)
        shown = printable_line(endpoint.key_command[0])
        return check_key(value, f"from the command {shown}", f"what {shown} prints")
    if not endpoint.needs_key:
        return None
    title = printable_line(endpoint.title or endpoint.name)
    if endpoint.key_env:
        raise KeyMissingError(
            f"There is no key for {title}.", f"Set {' or '.join(endpoint.key_env)}; on the screen, /key takes one."
        )
    raise KeyMissingError(
        f"There is no key for {title}.",
        "Give the endpoint a key_env or a key_command; on the screen, /key takes a key.",
    )


async def find_headers(endpoint: Endpoint, environ: Mapping[str, str], *, seconds: float = 10.0) -> Endpoint:
    """An endpoint with the values of its own headers found, each as a `Secret`.

    Raises:
        KeyMissingError: If a variable that the settings name is not set.
        ConfigError: If what is found cannot be used, or a command fails.
    """
    headers: dict[str, str | Source | Secret] = dict(endpoint.headers)
    title = printable_line(endpoint.title or endpoint.name)
    for name, source in endpoint.headers.items():
        if isinstance(source, Source):
            headers[name] = await find_value(source, environ, f"the header {printable_line(name)} of {title}", seconds)
    return replace(endpoint, headers=headers)


async def find_value(source: Source, environ: Mapping[str, str], what: str, seconds: float = 10.0) -> Secret:
    """Look a value up that may be a key; `what` says in errors what it is for.

    Raises:
        KeyMissingError: If the variable is not set.
        ConfigError: If what is found cannot be used, or the command fails.
    """
    if source.command:
        value = await _ask_command(source.command, environ, seconds)
        shown = printable_line(source.command[0])
        secret = check_key(value, f"from the command {shown}", f"what {shown} prints")
    elif value := environ.get(source.env, "").strip():
        secret = check_key(value, f"in {printable_line(source.env)}", source.env)
    else:
        raise KeyMissingError(f"There is no value for {what}.", f"Set {printable_line(source.env)}.")
    return Secret(secret.reveal(), secret.source, source.form)


def sources_in(fields: Mapping[str, Any]) -> list[Source]:
    """The values that the fields of a server tool have looked up."""
    sources: list[Source] = []
    for value in fields.values():
        if isinstance(value, Source):
            sources.append(value)
        elif isinstance(value, Mapping):
            sources += sources_in(value)
    return sources


def key_name(endpoint: Endpoint, key: Secret | None = None) -> str:
    """Where an endpoint's key comes from, for errors: where this one was found, or where one would be; never the key."""
    if key is not None and key.source:
        return key.source
    if endpoint.key_env:
        return " or ".join(endpoint.key_env)
    if endpoint.key_keyring:
        return f"the keyring's “{printable_line(endpoint.key_keyring)}”"
    return f"what {printable_line(endpoint.key_command[0])} prints" if endpoint.key_command else ""


def check_key(value: str, where: str, source: str) -> Secret:
    """A key that is fit for a header; an error names its source and what is wrong, not the key.

    Raises:
        ConfigError: If it is not.
    """
    fault = ""
    if "\n" in value or "\r" in value:
        fault = "more than one line"
    elif any(letter.isspace() for letter in value):
        fault = "a space"
    elif not value.isascii():
        fault = "a character that is not ASCII"
    elif not value.isprintable():
        fault = "a control character"
    if fault:
        raise ConfigError(f"The key {where} holds {fault}.", "Copy the key again, by itself.")
    return Secret(value, source)


async def _ask_command(command: tuple[str, ...], environ: Mapping[str, str], seconds: float) -> str:
    """The first line a command prints.

    It runs without a shell and without a terminal, in a session of its own so that all of it can be ended.
    """
    shown = printable_line(command[0])
    options = {"stdin": DEVNULL, "stdout": PIPE, "stderr": PIPE, "env": dict(environ), "start_new_session": True}
    output, complaint = bytearray(), bytearray()
    try:
        async with child(*command, **options) as process:
            status = await _hear(process, output, complaint, seconds)
    except TimeoutError as error:
        raise ConfigError(
            f"The key command {shown} gave no key within {describe_seconds(seconds)}.", "Does it wait for a password?"
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be run"
        raise ConfigError(f"The key command {shown} did not start: {reason}.", "Check key_command.") from error
    if status:
        first = mask_keys(printable_line(_first_line(complaint)))[:200]
        raise ConfigError(f"The key command {shown} failed with status {status}" + (f": {first}" if first else "."))
    if not (line := _first_line(output)):
        raise ConfigError(f"The key command {shown} printed nothing.", "Its first line must be the key.")
    return line


async def _hear(process: Process, output: bytearray, complaint: bytearray, seconds: float) -> int:
    """How it ended; what it says is added to what there is.

    Raises:
        TimeoutError: If it has not ended in time.
    """
    reading = [
        asyncio.create_task(_read_some(stream, data))
        for stream, data in ((process.stdout, output), (process.stderr, complaint))
    ]
    try:
        async with asyncio.timeout(seconds):
            status = await exit_status(process)
        # What it left in the background, an agent perhaps, may hold the pipes open for as long as it lives.
        await asyncio.wait(reading, timeout=_GRACE_SECONDS)
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    return status


async def _read_some(stream: asyncio.StreamReader | None, data: bytearray) -> None:
    """What a stream says, to its end or as far as a key could matter."""
    while stream is not None and len(data) < _OUTPUT_LIMIT_BYTES and (piece := await stream.read(4096)):
        data += piece


def _first_line(data: bytearray) -> str:
    lines = data.decode("utf-8", "replace").strip().splitlines()
    return lines[0].strip() if lines else ""
