"""The person's browser. An address is given to it beside rillet: some browsers stay until they are closed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TextIO

PATIENCE = 3.0
"""Seconds in which a browser that cannot be opened says so; one that is still there then has the address."""

_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


async def open_in_browser(address: str, terminal: TextIO | None = None) -> bool:
    """Open an address in the browser, that of `$BROWSER` first; whether there is one.

    It is no part of this process: it may stay as long as it wants, and what it waits for may be an answer of ours. It
    writes to `terminal`, where that is given, else nowhere: it would write over the screen.
    """
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[bool] = loop.create_future()

    def tell(is_open: bool) -> None:
        if not opened.done():
            opened.set_result(is_open)

    def run() -> None:
        shown = subprocess.DEVNULL if terminal is None else terminal
        done = subprocess.run(
            [sys.executable, "-I", "-c", _OPEN, address],
            stdin=subprocess.DEVNULL if terminal is None else None,
            stdout=shown,
            stderr=shown,
            start_new_session=terminal is None,
            check=False,
        )
        with suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(tell, done.returncode == 0)

    threading.Thread(target=run, daemon=True, name="browser").start()
    await asyncio.wait({opened}, timeout=PATIENCE)
    return opened.result() if opened.done() else True
