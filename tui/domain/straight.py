"""The straight way: what comes while whoever awaits it sleeps is handed on without waking them."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from tui.domain.delta import Delta


class Straight(Struct, frozen=True):
    """Where a text goes that comes while everybody who hands deltas on waits for the next: past all of them.

    Attributes:
        wait: Seconds until it would be dealt with at once, for what comes until then can come with it; `None` where it is
            for those who wait to deal with it.
        take: Deal with it.
    """

    wait: Callable[[], float | None]
    take: Callable[[Delta], object]
