"""Work that takes long and is done beside everything else: how far it is is shown, and the key that goes back gives it up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from textual.worker import Worker

from tui.domain.error import RilletError

Tell = Callable[[float], None]
"""Is told the share that is done."""


class Say(Protocol):
    """Tells a sentence on the bottom line."""

    def __call__(self, text: str, tone: str = "muted") -> None:
        """Tell it."""


class Work:
    """One thing at a time."""

    def __init__(
        self, start: Callable[[Coroutine[Any, Any, None]], Worker[None]], say: Say, show: Callable[[str], None]
    ) -> None:
        """Nothing is done yet; `start` runs what is, and `show` shows a few words as long as it is done."""
        self._start, self._say, self._show = start, say, show
        self._worker: Worker[None] | None = None
        self._what = ""

    def begin(self, what: str, work: Callable[[Tell], Coroutine[None, None, str]]) -> None:
        """Do something that ends with a sentence; `what` says in a word or two what is done, as long as it is.

        While something else is done, that is said and nothing begins.
        """
        if self._worker is not None:
            self._say(f"still {self._what}: {{chat.back}} gives that up")
            return
        self._what = what
        self._tell(0.0)
        self._worker = self._start(self._run(work))

    def stop(self) -> bool:
        """Give up what is done; whether something was."""
        if self._worker is None:
            return False
        self._worker.cancel()
        return True

    async def _run(self, work: Callable[[Tell], Coroutine[None, None, str]]) -> None:
        what = self._what
        try:
            self._say(await work(self._tell), "success")
        except RilletError as error:
            self._say(error.in_full, "warning")
        except asyncio.CancelledError:
            self._say(f"gave up {what}")
            raise
        finally:
            self._worker = None
            self._show("")

    def _tell(self, share: float) -> None:
        self._show(f"{self._what} {share:.0%}")
