"""The terminals: how each is started with a command in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shlex import join

Command = list[str]

XTERM = ("xterm", "-xrm", "XTerm*metaSendsEscape: true", "-e")
"""What is around a multiplexer; without that setting Alt and a letter type another letter, which no multiplexer lets rillet ask for."""


def mosh(command: Command) -> Command:
    """A client of a server that is started for it, in an xterm."""
    script = (
        "set -- $(LC_ALL=C.UTF-8 mosh-server new -i 127.0.0.1 -- "
        + join(command)
        + " 2>/dev/null | sed -n 's/^MOSH CONNECT //p'); MOSH_KEY=$2 exec mosh-client 127.0.0.1 $1"
    )
    return [*XTERM, "sh", "-c", script]


def in_weston(command: Command) -> Command:
    """A foot in a Wayland compositor, whose screen is a window of X."""
    weston = (
        "weston --backend=x11-backend.so --use-pixman --shell=kiosk-shell.so --width=1100 --height=700 --idle-time=0"
    )
    wait = 'until [ -S "$XDG_RUNTIME_DIR/matrix" ]; do sleep 0.1; done'
    return ["sh", "-c", f"{weston} --socket=matrix & {wait}; WAYLAND_DISPLAY=matrix foot {join(command)}; kill $!"]


def in_tmux(command: Command) -> Command:
    """A tmux of its own, without anybody's settings."""
    return [*XTERM, "tmux", "-f", "/dev/null", "-L", f"rillet-{os.getpid()}", "new-session", join(command)]


KINDS: dict[str, tuple[str, Callable[[Command], Command]]] = {
    "xterm": ("xterm", lambda command: ["xterm", "-e", *command]),
    "kitty": ("kitty", lambda command: ["kitty", "--config", "NONE", "-o", "update_check_interval=0", *command]),
    "alacritty": ("alacritty", lambda command: ["alacritty", "-e", *command]),
    "urxvt": ("urxvt", lambda command: ["urxvt", "-e", *command]),
    "st": ("st", lambda command: ["st", "-e", *command]),
    "xfce4-terminal": ("xfce4-terminal", lambda command: ["xfce4-terminal", "--disable-server", "-x", *command]),
    "konsole": ("konsole", lambda command: ["konsole", "--separate", "-e", *command]),
    "foot": ("foot", in_weston),
    "tmux": ("tmux", in_tmux),
    "screen": ("screen", lambda command: [*XTERM, "screen", "-c", "/dev/null", *command]),
    "mosh": ("mosh-client", mosh),
}


def is_here(name: str) -> bool:
    """Whether a terminal is installed."""
    return shutil.which(KINDS[name][0]) is not None


def version(name: str) -> str:
    """Its version, as Debian numbers it."""
    program = KINDS[name][0]
    package = {"urxvt": "rxvt-unicode", "st": "stterm", "mosh-client": "mosh"}.get(program, program)
    told = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False
    )
    return told.stdout.partition("-")[0].partition(":")[2] or told.stdout.partition("-")[0]


PYTHON = sys.executable
ROOT = Path(__file__).parents[2]
