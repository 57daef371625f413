"""Patience with a server that never came up: it is tried again by itself, less and less often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.tools.definition import ToolError
from tui.tools.mcp.http import Faults

SERVICE_PAUSES = (2.0, 5.0, 15.0, 30.0, 60.0, 300.0)
"""Seconds before a service is tried again; the last one again and again."""
PROGRAM_PAUSES = (10.0, 60.0, 300.0)
"""Seconds before a program is started again; after the last one it is left alone, for whatever it does, it does each time."""

_TOO_MUCH = (408, 429)


class Patience:
    """When a server is tried again."""

    def __init__(self, again: Callable[[], object], *, is_service: bool) -> None:
        """Know the server; `again` tries it once more."""
        self._again = again
        self._pauses = SERVICE_PAUSES if is_service else PROGRAM_PAUSES
        self._is_service = is_service
        self._tries = 0
        self._timer: asyncio.TimerHandle | None = None

    def wait(self, error: BaseException, faults: Faults) -> None:
        """It did not come up: try again later, where that may help. What a person must change is not tried again."""
        self._cancel()
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        is_refused = 400 <= faults.status < 500 and faults.status not in _TOO_MUCH
        if isinstance(error, ToolError) or is_refused or (not self._is_service and self._tries >= len(self._pauses)):
            return
        pause = self._pauses[min(self._tries, len(self._pauses) - 1)]
        self._tries += 1
        self._timer = asyncio.get_running_loop().call_later(pause, self._again)

    def end(self) -> None:
        """It came up, or somebody decided about it."""
        self._cancel()
        self._tries = 0

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
