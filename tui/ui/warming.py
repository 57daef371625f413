"""Warming: fetching what the first prompt will need, after the first paint and beside everything else."""

from __future__ import annotations

import gc
import importlib
from contextlib import suppress
from threading import Thread

MODULES = (
    "tui.typeset.document",
    "markdown_it",
    "httpx",
    "tui.net.client",
    "tui.net.exchange",
    "tui.wire.chat_completions",
    "tui.wire.responses",
    "pygments.lexers",
    "ssl",
)


def warm() -> None:
    """Import in a thread; what is not there is missed when it is used, not here."""

    def fetch() -> None:
        for name in MODULES:
            with suppress(ImportError):
                importlib.import_module(name)
        gc.collect()
        gc.enable()
        gc.freeze()  # what is loaded now stays: the collector need not look at it again
        gc.set_threshold(20_000, 50, 100)

    Thread(target=fetch, name="rillet-warming", daemon=True).start()
