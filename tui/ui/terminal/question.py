"""What a terminal is asked about itself when rillet starts: one piece, whose last question every terminal answers.

Imports next to nothing: the first frame asks, before anything is imported.
"""

from __future__ import annotations

from tui.ui.terminal.multiplexer import is_in_screen, is_in_tmux

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ASK_VERSION, ASK_GROUND, ASK_SYNC, ASK_KITTY_FLAGS = "\x1b[>0q", "\x1b]11;?\x1b\\", "\x1b[?2026$p", "\x1b[?u"
ASK_CELL = "\x1b[16t"
ASK_COLOURS = "\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[0m"
"""Sets a colour that no palette has, and asks which one is set."""

UNSURE_SIGNS = (
    "\u26a0\ufe0f",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\U0001f44d\U0001f3fd",
    "\U0001f1e9\U0001f1ea",
    "1\ufe0f\u20e3",
)
"""A warning, a family, a thumb with a tone of skin, a flag, a key: terminals give them different widths; a table of widths that is right for these is right for the others."""

ASK_WIDTHS = "".join(f"\x1b[2;1H{sign}\x1b[6n" for sign in UNSURE_SIGNS) + "\x1b[2;1H\x1b[2K"
"""Writes each and asks where the cursor is; not in the first row, whose answer would be that of a key."""

ASK_IMAGES = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
ASK_ATTRIBUTES = "\x1b[c"
"""Every terminal answers this one: once its answer is there, no other will come."""

FOLLOW_GROUND, LEAVE_GROUND = "\x1b[?2031h", "\x1b[?2031l"
"""Asks to be told when the terminal turns light or dark, and not to be any more."""


def questions(environ: Mapping[str, str], *, has_screen: bool = True) -> str:
    """All that can be asked here, in one piece.

    Args:
        environ: The environment, which tells of terminals that would show a question.
        has_screen: Whether what is painted over everything next may be written on.
    """
    if environ.get("TERM", "") == "linux":
        return ""
    if environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return ASK_GROUND + ASK_ATTRIBUTES
    asked = ASK_VERSION + ASK_GROUND + ASK_SYNC + ASK_KITTY_FLAGS
    if has_screen:
        asked += ASK_WIDTHS
    if not is_in_screen(environ):  # which hands on what stands in such a string as text
        asked += ASK_COLOURS
        if not is_in_tmux(environ):  # which would take it for a title
            asked += ASK_IMAGES
        asked += ASK_CELL
    return asked + ASK_ATTRIBUTES
