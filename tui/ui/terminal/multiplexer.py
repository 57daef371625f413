"""What stands between rillet and the terminal: multiplexers and lines that pass on less than they are given."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing's own would be imported before the first frame
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOSH_LIMIT_BYTES = 12_282
"""Text that mosh passes on to a clipboard; of more it passes on a part, which terminals take for nothing."""

OF_EIGHT_COLOURS = ("xterm", "vt100", "vt220", "ansi", "linux", "rxvt", "screen", "cygwin")
"""Kinds of terminals that screen makes the nearest of eight colours for: greys are lost there."""


def is_in_screen(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether GNU screen is what rillet writes to."""
    return bool(environ.get("STY")) and (not environ.get("TMUX") or environ.get("TERM", "").startswith("screen."))


def colours_in_screen(environ: Mapping[str, str] = os.environ, processes: Path | str = "/proc") -> str:
    """The colours that GNU screen hands on, by Textual's name: 256, but for a terminal that it takes to show eight."""
    process = environ.get("STY", "").partition(".")[0]
    try:
        with open(f"{processes}/{process}/environ", encoding="utf-8", errors="replace") as file:  # noqa: PTH123  pathlib would be imported before the first frame
            variables = file.read().split("\0")
    except OSError:
        return "256"
    return "standard" if any(f"TERM={kind}" in variables for kind in OF_EIGHT_COLOURS) else "256"


def is_in_tmux(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether tmux is what rillet writes to."""
    return bool(environ.get("TMUX")) and not is_in_screen(environ)


def is_in_mosh(processes: Path | str = "/proc") -> bool:
    """Whether mosh carries what rillet writes, as far as the processes it was started by tell."""
    process = os.getppid()
    try:
        while process > 1:
            with open(f"{processes}/{process}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123  pathlib would be imported before the first frame
                name, _, rest = file.read().partition("(")[2].rpartition(")")
            if name == "mosh-server":
                return True
            process = int(rest.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return False
