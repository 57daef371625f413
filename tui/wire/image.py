"""Images in words, for a screen of text."""

from __future__ import annotations

import base64
import binascii

from tui.domain.message import ImagePart
from tui.domain.quantity import describe_size
from tui.wire.printable import printable_line

HEAD_CHARACTERS = 400_000
"""So much of an image's base64 is looked at for its size in pixels: of a photograph, a preview may stand before that."""


def describe_image(image: ImagePart) -> str:
    """An image in words: `cat.png, image/png, 12 KB, 640 x 480`, or its address."""
    if not image.url.startswith("data:"):
        return f"image at {printable_line(image.url)}"
    kind, _, data = image.url[5:].partition(",")
    words = f"{printable_line(kind.partition(';')[0]) or 'image'}, {describe_size(len(data) * 3 // 4)}"
    if (pixels := pixels_of(image)) is not None:
        words += f", {pixels[0]} x {pixels[1]}"
    return f"{printable_line(image.name)}, {words}" if image.name else words


def media_type(image: ImagePart) -> str:
    """Its media type: `image/png`; empty where only its address is known."""
    return image.url[5:].partition(",")[0].partition(";")[0] if image.url.startswith("data:") else ""


def image_bytes(image: ImagePart, characters: int | None = None) -> bytes:
    """Its bytes, or those of the first characters of its base64; none where only its address is known."""
    head, _, data = image.url.partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        return b""
    data = data if characters is None else data[: characters // 4 * 4]
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return b""


def pixels_of(image: ImagePart) -> tuple[int, int] | None:
    """Its width and height, read from its head: of PNG, GIF, JPEG and WebP."""
    data = image_bytes(image, HEAD_CHARACTERS)
    size: tuple[int, int] | None = None
    if data[:4] == b"\x89PNG":
        size = pixels_of_png(data)
    elif data[:4] == b"GIF8" and len(data) >= 10:
        size = data[6] | data[7] << 8, data[8] | data[9] << 8
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        size = _webp(data)
    elif data[:2] == b"\xff\xd8":
        size = _jpeg(data)
    return size if size is not None and all(size) else None


def pixels_of_png(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG."""
    is_png = data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24
    return (_number(data[16:20]), _number(data[20:24])) if is_png else None


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _webp(data: bytes) -> tuple[int, int] | None:
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        return None
    little = int.from_bytes
    if kind == b"VP8X":
        return little(body[4:7], "little") + 1, little(body[7:10], "little") + 1
    if kind == b"VP8L":
        bits = little(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return (little(body[6:8], "little") & 0x3FFF, little(body[8:10], "little") & 0x3FFF) if kind == b"VP8 " else None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            return _number(data[at + 7 : at + 9]), _number(data[at + 5 : at + 7])
        at += 2 + max(2, _number(data[at + 2 : at + 4]))
    return None
