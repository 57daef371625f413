"""Images that go with a prompt: read from a file, or named by their address."""

from __future__ import annotations

import base64
import os
import re
import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tui.domain.error import ConfigError
from tui.domain.message import ImagePart
from tui.domain.quantity import describe_size
from tui.wire.printable import printable_line

MOST_BYTES = 20_000_000
"""What xAI takes for one image."""

_LONGEST_NAME = 48
_LONGEST_DROP = 4096
_ADDRESS = re.compile(r"https?://[^/\s]+/?\S*\Z", re.IGNORECASE)
_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_KINDS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)


def read_image(where: str) -> ImagePart:
    """An image by what a user writes: a path, a `file:` address, or the web address it is fetched from by the endpoint.

    Raises:
        ConfigError: If there is no such file, it is no image that endpoints take, or it is too large.
    """
    if _ADDRESS.match(where):
        return ImagePart(where, name=_name_of(urlsplit(where).path) or _name_of(where))
    path = _path_of(where)
    name = _name_of(str(path)) or str(path)
    try:
        if not path.is_file() and path.exists():  # to open a pipe would be to wait for somebody to write to it
            raise ConfigError(f"{name} is not a file")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "this is no path"
        raise ConfigError(f"{name} cannot be read: {why}") from error
    return image_of(content, name)


def image_of(content: bytes, name: str) -> ImagePart:
    """The image that these bytes are.

    Raises:
        ConfigError: If they are no image that endpoints take, or too many.
    """
    kind = next((kind for begins, kind in _KINDS if begins.match(content)), "")
    if not kind:
        raise ConfigError(
            f"{name} is no image", "PNG, JPEG, GIF and WebP can be sent; a text goes along as @FILE in the prompt."
        )
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{name} is too large", f"At most {describe_size(MOST_BYTES)} can be sent.")
    return ImagePart(f"data:{kind};base64,{base64.b64encode(content).decode()}", name=name)


def split_places(text: str) -> list[str]:
    """The places that a user names behind one another, quoted where need be; a file's name may hold spaces as it is."""
    try:
        return [text] if _path_of(text).is_file() else shlex.split(text)
    except (OSError, ValueError):  # too long for a path, or a quotation without an end
        return [text]


def dropped_images(text: str) -> list[str]:
    """The paths of image files that a pasted text is made of and of nothing else.

    So terminals write the files that are dropped onto them: absolute, quoted or escaped, or as `file:` addresses.
    Nothing is looked up.
    """
    text = text.strip()
    if len(text) > _LONGEST_DROP or "\n" in text or not text.lower().rstrip("'\"").endswith(_SUFFIXES):
        return []
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    for paths in (words, [text]):
        if paths and all(path.startswith(("/", "~/", "file:///")) for path in paths):
            return paths if all(path.lower().endswith(_SUFFIXES) for path in paths) else []
    return []


def _path_of(where: str) -> Path:
    path = unquote(urlsplit(where).path) if where.startswith("file://") else where
    return Path(os.path.expanduser(path))  # noqa: PTH111  # Path.expanduser raises where there is no home


def _name_of(path: str) -> str:
    name = printable_line(path.rstrip("/").rpartition("/")[2])
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 12]}…{name[-11:]}"
