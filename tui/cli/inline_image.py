"""Images that a model made, shown in the terminal itself, in the two ways that terminals have for it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Literal

_MOST_BYTES = 16 << 20
_PIECE = 4096
"""Letters that kitty takes at once."""
_COLUMNS = 60
_PNG = b"\x89PNG\r\n\x1a\n"
_KITTY = frozenset({"xterm-kitty", "xterm-ghostty"})
_PROGRAMS: Mapping[str, Literal["kitty", "iterm"]] = {
    "ghostty": "kitty",
    "wezterm": "iterm",
    "iterm.app": "iterm",
    "mintty": "iterm",
    "rio": "iterm",
}


def way_of(environ: Mapping[str, str]) -> Literal["", "kitty", "iterm"]:
    """How the terminal takes images; empty where it is not known to. Through a multiplexer none comes."""
    if environ.get("TMUX") or environ.get("STY"):
        return ""
    if environ.get("KITTY_WINDOW_ID") or environ.get("TERM") in _KITTY:
        return "kitty"
    return _PROGRAMS.get(environ.get("TERM_PROGRAM", "").lower(), "")


def inline_image(url: str, environ: Mapping[str, str]) -> str:
    """What shows an image in the terminal; empty where it cannot be shown: one that is only an address, say.

    What is written is made anew from the bytes of the image, so nothing that a model wrote drives the terminal.
    """
    way = way_of(environ)
    head, comma, body = url.partition(",")
    if not way or not comma or not (head.startswith("data:image/") and head.endswith(";base64")):
        return ""
    try:
        data = base64.b64decode(body, validate=False)
    except (binascii.Error, ValueError):
        return ""
    if not data or len(data) > _MOST_BYTES:
        return ""
    text = base64.b64encode(data).decode("ascii")
    if way == "iterm":
        return f"\x1b]1337;File=inline=1;size={len(data)};width={_COLUMNS};preserveAspectRatio=1:{text}\x07\n"
    if not data.startswith(_PNG):  # kitty takes no other kind
        return ""
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    shown = ""
    for number, piece in enumerate(pieces):
        first = f"a=T,f=100,q=2,c={_COLUMNS}," if number == 0 else ""
        shown += f"\x1b_G{first}m={int(number < len(pieces) - 1)};{piece}\x1b\\"
    return f"{shown}\n"
