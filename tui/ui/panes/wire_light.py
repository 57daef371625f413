"""What of the page is lit: the characters that the frame under the cursor brought."""

from __future__ import annotations

from tui.domain.turn import Turn
from tui.page.wire_log import WireLog
from tui.page.wire_row import WireRow
from tui.ui.host import Chat


def light_frame(chat: Chat, turn: Turn | None, row: WireRow | None, wire_log: WireLog | None, *, reveals: bool) -> None:
    """Light what a row brought to a turn, and scroll there where that is wanted; nothing without a row."""
    if row is None or wire_log is None:
        chat.page.lit.light(None, ())
        return
    frame = 0 if row.kind == "body" else row.frame
    chat.page.lit.light(turn, wire_log.origins.brought(frame) if frame >= 0 else (), reveals=reveals)
