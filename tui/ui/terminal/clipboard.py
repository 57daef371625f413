"""The clipboard: by which ways text can reach it, and no more claimed than is known."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Literal

from tui.child import child
from tui.ui.terminal.multiplexer import MOSH_LIMIT_BYTES, is_in_mosh, is_in_screen, is_in_tmux

SCREEN_BYTES = 500
"""One piece of a sequence that GNU screen passes on; it drops longer ones."""

OSC_LIMIT_BYTES = 74_000
"""Terminals drop longer clipboard sequences without a word."""

_WITHOUT_OSC_52 = ("dumb", "linux")

PATIENCE = 3.0
"""Seconds that a clipboard program may take."""


def is_in_page(environ: Mapping[str, str]) -> bool:
    """Whether a page shows the screen: the clipboard is the browser's, wherever rillet runs, and takes any length."""
    return environ.get("TEXTUAL_DRIVER", "").startswith("tui.ui.web")


def programs(environ: Mapping[str, str], platform: str = sys.platform) -> list[tuple[str, ...]]:
    """The clipboard programs that can be meant here, best first."""
    if platform == "darwin":
        return [("pbcopy",)]
    routes: list[tuple[str, ...]] = []
    if environ.get("WAYLAND_DISPLAY"):
        routes.append(("wl-copy",))
    if environ.get("DISPLAY"):
        routes += [("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")]
    if environ.get("WSL_DISTRO_NAME"):
        routes.append(("clip.exe",))
    return routes


def osc_52(text: str, environ: Mapping[str, str]) -> str:
    """The sequence that asks the terminal to take text to its clipboard; wrapped where tmux or screen stands between."""
    sequence = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"
    if is_in_screen(environ):
        pieces = [sequence[at : at + SCREEN_BYTES] for at in range(0, len(sequence), SCREEN_BYTES)]
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    if is_in_tmux(environ):
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return sequence


def osc_52_limit() -> int:
    """The longest text, in bytes, that is known to arrive by OSC 52."""
    return MOSH_LIMIT_BYTES if is_in_mosh() else OSC_LIMIT_BYTES


def describe_route(environ: Mapping[str, str] = os.environ) -> str:
    """By which way text would go to the clipboard."""
    if (command := next((each for each in programs(environ) if shutil.which(each[0])), None)) is not None:
        return f"with {command[0]}"
    if is_in_tmux(environ) and shutil.which("tmux"):
        return "into tmux's buffer; its set-clipboard may pass it on"
    if environ.get("TERM", "dumb") not in _WITHOUT_OSC_52:
        return f"by OSC 52, up to {osc_52_limit() // 1000} KB; the terminal does not say whether it arrived"
    return "into a file: there is no clipboard to reach"


async def copy(
    text: str,
    write: Callable[[str], object],
    environ: Mapping[str, str] = os.environ,
    takes_clipboard: Literal["yes", "if set", "no"] = "yes",
) -> str:
    """Put text on the clipboard by the first way there is.

    Args:
        text: What is copied.
        write: Writes to the terminal.
        environ: The environment.
        takes_clipboard: Whether the terminal takes text for its clipboard, as far as it is known which terminal it is.

    Returns:
        What is known of the way, to be put behind “N characters”.
    """
    if is_in_page(environ):
        write(osc_52(text, {}))
        return "sent to the browser, which does not say whether it took them"
    for command in programs(environ):
        if shutil.which(command[0]) and await _feed(command, text):
            return f"copied with {command[0]}"
    is_short = len(text.encode(errors="replace")) <= osc_52_limit()
    if is_in_tmux(environ) and await _feed(("tmux", "load-buffer", "-w", "-"), text):
        return "copied to tmux's buffer; its set-clipboard may pass it on"
    if environ.get("VTE_VERSION") and not is_in_tmux(environ):  # its terminals do not all say their name
        takes_clipboard = "no"
    if not is_short or environ.get("TERM", "dumb") in _WITHOUT_OSC_52 or takes_clipboard == "no":
        return _to_file(text, ": there is no clipboard to reach")
    write(osc_52(text, environ))
    if takes_clipboard == "if set":  # so that it is not lost where nobody has set that
        return f"sent by OSC 52, which this terminal may not take; and {_to_file(text)}"
    return "sent by OSC 52; whether it arrived is not told"


async def _feed(command: tuple[str, ...], text: str) -> bool:
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        async with child(*command, stdin=pipe, stdout=nothing, stderr=nothing) as program:
            await asyncio.wait_for(program.communicate(text.encode(errors="replace")), PATIENCE)
    except (TimeoutError, OSError):
        return False
    return program.returncode == 0


def _to_file(text: str, why: str = "") -> str:
    from tui.domain.error import StoreError
    from tui.store.path import state_dir, write_private

    try:
        path = state_dir() / "clipboard.txt"
        write_private(path, text.encode(errors="replace"))
    except StoreError as error:
        return f"could not be copied: {error.message}"
    return f"written to {path}{why}"
