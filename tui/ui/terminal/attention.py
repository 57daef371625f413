"""Calls for attention: a bell, a notification and a title, as far as the terminal knows them."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tui.ui.terminal.multiplexer import is_in_screen, is_in_tmux
from tui.wire.printable import printable_line

_LONGEST = 120
_PROGRAMS_WITH_9 = frozenset(("iTerm.app", "WezTerm", "ghostty"))
_TERMS_WITH_9 = ("xterm-kitty", "xterm-ghostty")
_TERMS_WITH_777 = ("foot", "rxvt", "contour")

BACK = "\x1b[23;2t"
"""Gives the window its title back."""


def call_for_attention(words: str, environ: Mapping[str, str] = os.environ) -> str:
    """What is written to the terminal so that a person looks at it; `words` may be foreign."""
    text = printable_line(words)[:_LONGEST].replace(";", ",")
    title = f"\x1b[22;2t\x1b]2;{text}\x07"
    return f"\x07{title}{_notification(text, environ)}"


def _notification(text: str, environ: Mapping[str, str]) -> str:
    term = environ.get("TERM", "")
    if is_in_screen(environ):
        return ""
    if (
        environ.get("TERM_PROGRAM") in _PROGRAMS_WITH_9
        or term.startswith(_TERMS_WITH_9)
        or environ.get("KITTY_WINDOW_ID")
    ):
        sequence = f"\x1b]9;{text}\x07"
    elif term.startswith(_TERMS_WITH_777) or environ.get("VTE_VERSION"):
        sequence = f"\x1b]777;notify;rillet;{text}\x07"
    else:
        return ""
    if is_in_tmux(environ):  # which hands it on where it is told to
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return sequence
