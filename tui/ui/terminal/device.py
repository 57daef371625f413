"""What the system says of the terminal."""

from __future__ import annotations

import os
import termios


def size_of(fileno: int) -> tuple[int, int] | None:
    """Columns and rows, unless the terminal does not tell or a variable says otherwise."""
    try:
        columns, rows = os.get_terminal_size(fileno)
    except (ValueError, OSError):
        return None
    return (columns, rows) if columns and rows and not any(map(os.environ.get, ("COLUMNS", "LINES"))) else None


def has_gone(fileno: int) -> bool:
    """Whether the terminal was closed."""
    try:
        termios.tcgetattr(fileno)
    except termios.error:
        return True
    return False


def is_foreground(fileno: int) -> bool:
    """Whether this process may use its terminal now, and is not one that runs behind the shell."""
    try:
        return os.tcgetpgrp(fileno) == os.getpgrp()
    except OSError:
        return True
