"""An image from the clipboard, by the tool that the system has for it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from tui.chat.image import MOST_BYTES, image_of
from tui.child import child, exit_status
from tui.domain.error import ConfigError
from tui.domain.message import ImagePart

PATIENCE = 2.0
"""Seconds that a tool has: a clipboard whose owner does not answer gives nothing."""
_KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp")
_PASSED_ON = ("PATH", "HOME", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "LANG")
"""What a tool is told of the environment: no keys."""
_DATA = re.compile(rb"\xc2\xab?data ....([0-9A-Fa-f]+)")
"""How AppleScript writes bytes."""


def tools(environ: Mapping[str, str], platform: str = sys.platform) -> Iterator[Sequence[str]]:
    """The commands that may print the image, those of this desktop only, best first."""
    if platform == "darwin":
        yield ("pngpaste", "-")
        yield ("osascript", "-e", "the clipboard as «class PNGf»")
        return
    if environ.get("WAYLAND_DISPLAY"):
        yield from (("wl-paste", "--no-newline", "--type", kind) for kind in _KINDS)
    if environ.get("DISPLAY"):
        yield from (("xclip", "-selection", "clipboard", "-t", kind, "-o") for kind in _KINDS)


async def clipboard_image(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> ImagePart:
    """The image in the clipboard.

    Raises:
        ConfigError: If there is none, it is too large, or nothing here can read it.
    """
    named = list(tools(environ, platform))
    there = [words for words in named if shutil.which(words[0], path=environ.get("PATH"))]
    if not there:
        if not named:
            raise ConfigError("there is no desktop here whose clipboard could be read", "/attach FILE takes a file.")
        missing = " or ".join(dict.fromkeys(words[0] for words in named))
        raise ConfigError(f"to read an image from the clipboard takes {missing}", "Install it, or /attach a file.")
    environment = {name: environ[name] for name in _PASSED_ON if name in environ}
    for words in there:
        content = await _output(words, environment)
        if words[0] == "osascript":
            match = _DATA.search(content)
            content = bytes.fromhex(match[1].decode()) if match is not None and not len(match[1]) % 2 else b""
        if content:
            return image_of(content, "clipboard")
    raise ConfigError("there is no image in the clipboard", "A text is pasted by your terminal's own key.")


async def _output(words: Sequence[str], environment: Mapping[str, str]) -> bytes:
    """What a tool prints, as far as an image may reach; nothing where it fails or takes too long."""
    most = MOST_BYTES * 2 + 1024 if words[0] == "osascript" else MOST_BYTES + 1
    pipe, nothing, content = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL, bytearray()
    try:
        async with (
            child(*words, stdin=nothing, stdout=pipe, stderr=nothing, env=environment, start_new_session=True) as tool,
            asyncio.timeout(PATIENCE),
        ):
            try:
                while tool.stdout is not None and len(content) < most and (read := await tool.stdout.read(65536)):
                    content += read
                if len(content) < most and await exit_status(tool):
                    return b""
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(tool.pid, signal.SIGKILL)  # with what it has started, though it has ended itself
    except (TimeoutError, OSError):
        return b""
    return bytes(content)
