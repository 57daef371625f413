"""What a screen does with a key that can mean one thing only, before any message is posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.events import Key


class AtOnce(Protocol):
    """What a screen does with a key before any message is posted; each says whether it did."""

    def stop(self) -> bool:
        """Stop the reply."""

    def type(self, key: Key, /) -> bool:
        """Write a letter."""
