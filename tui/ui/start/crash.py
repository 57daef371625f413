"""The crash report: where the program failed, without a single value it was working on."""

from __future__ import annotations

import sys
import traceback

from tui.wire.printable import mask_keys, printable


def report() -> str:
    """The exception being handled, as text: no locals, no keys, no control characters."""
    kind, error, where = sys.exc_info()
    if kind is None or error is None:
        return "rillet ended for a reason it does not know.\n"
    frames = "".join(traceback.format_tb(where)[-12:])
    words = printable(mask_keys(f"{kind.__name__}: {error}"))[:500]
    return (
        f"rillet failed, and that is its own fault.\n\n{printable(frames)}\n{words}\n\n"
        "What was said is saved; `rillet --continue` opens it again.\n"
    )
