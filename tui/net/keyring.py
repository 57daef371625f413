"""Keys in the system's keyring: read and kept by name, among those of rillet. The library is an extra."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from tui.domain.error import ConfigError
from tui.domain.quantity import describe_seconds
from tui.keyring import find_keyring
from tui.wire.printable import printable_line

SERVICE = "rillet"
"""What the entries stand under."""
_SECONDS = 60.0
"""How long a keyring may take: it may ask the person to unlock it."""
_T = TypeVar("_T")


async def read_key(name: str, *, seconds: float = _SECONDS) -> str:
    """The key of that name; empty where there is none.

    Raises:
        ConfigError: If there is no keyring, or it does not answer.
    """
    value = await _ask(lambda keyring: keyring.get_password(SERVICE, name), seconds)
    return value.strip() if isinstance(value, str) else ""


async def keep_key(name: str, key: str, *, seconds: float = _SECONDS) -> None:
    """Keep a key under a name.

    Raises:
        ConfigError: If there is no keyring, or it does not take it.
    """
    await _ask(lambda keyring: keyring.set_password(SERVICE, name, key), seconds)


async def delete_key(name: str, *, seconds: float = _SECONDS) -> bool:
    """Take a key out of the keyring; whether there was one.

    Raises:
        ConfigError: If there is no keyring, or it does not answer.
    """

    def delete(keyring: Any) -> bool:
        if keyring.get_password(SERVICE, name) is None:
            return False
        keyring.delete_password(SERVICE, name)
        return True

    return await _ask(delete, seconds)


async def _ask(what: Callable[[Any], _T], seconds: float) -> _T:
    def ask() -> _T:
        keyring = find_keyring()
        if keyring is None:
            raise ConfigError(
                "This machine has no keyring that rillet can use.",
                "pip install 'rillet[keyring]' brings what reads it. Else name a variable or a command: key_env, key_command.",
            )
        try:
            return what(keyring)
        except keyring.errors.KeyringError as error:
            said = printable_line(str(error))[:200] or type(error).__name__
            raise ConfigError(f"The keyring did not answer: {said}.", "Is it unlocked?") from None

    try:
        async with asyncio.timeout(seconds):
            return await asyncio.to_thread(ask)
    except TimeoutError as error:
        raise ConfigError(
            f"The keyring did not answer within {describe_seconds(seconds)}.", "Does it wait to be unlocked?"
        ) from error
