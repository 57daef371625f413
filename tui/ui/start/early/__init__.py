"""What is on the screen before Textual is imported: the title and the composer, and in it what is typed.

Importing any of this must cost next to nothing: the interpreter's own modules only, no `typing`, no `re`, no `pathlib`.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tui.ui.start.early.screen import EarlyScreen

LEAST_COLUMNS, LEAST_ROWS = 20, 8
"""A terminal smaller than this has no room for a first frame."""

ODD_TERMINALS = ("", "dumb", "unknown")
OURS_TO_CHANGE = ("TEXTUAL_DRIVER", "TEXTUAL_ALLOW_SIGNALS", "NO_COLOR", "COLUMNS", "LINES")
"""Variables with which Textual does something else with the terminal than is expected here."""


def open_early(words: list[str]) -> EarlyScreen | None:
    """Take the terminal and show the first frame, where these words ask for the chat; `None` where anything is odd."""
    if words and not words[0].startswith("-"):
        return None
    environ = os.environ
    if environ.get("TERM", "").lower() in ODD_TERMINALS or any(map(environ.get, OURS_TO_CHANGE)):
        return None
    try:
        import termios
    except ImportError:
        return None
    from tui.ui.start.early.draft import database_file
    from tui.ui.start.early.look import Look, read_look
    from tui.ui.start.early.words import read_words

    try:
        if not is_ours():
            return None
        asked = read_words(words)
        look = read_look(asked, environ) if asked is not None else None
        size = os.get_terminal_size(1)
        if asked is None or look is None or size.columns < LEAST_COLUMNS or size.lines < LEAST_ROWS:
            return None
        from tui.ui.start.early.screen import EarlyScreen

        words_asked = asked

        def look_on(ground: str) -> Look | None:
            return read_look(words_asked, environ, ground)

        screen = EarlyScreen(
            look, database_file(environ) if asked.saves else "", look_on, has_session=asked.opens_session
        )
        screen.open()
    except (OSError, ValueError, termios.error):
        return None
    return screen


def is_ours() -> bool:
    """Whether input and output are one terminal, which this process may use now."""
    if not (os.isatty(0) and os.isatty(1) and os.isatty(2)):
        return False
    terminals = {os.fstat(number).st_rdev for number in range(3)}
    return len(terminals) == 1 and os.tcgetpgrp(0) == os.getpgrp()
