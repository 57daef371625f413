"""Images in words, for a screen of text."""

from __future__ import annotations

from tui.domain.message import ImagePart
from tui.domain.quantity import describe_size
from tui.wire.printable import printable_line


def describe_image(image: ImagePart) -> str:
    """An image in words: `cat.png, image/png, 12 KB`, or its address."""
    if not image.url.startswith("data:"):
        return f"image at {printable_line(image.url)}"
    kind, _, data = image.url[5:].partition(",")
    words = f"{printable_line(kind.partition(';')[0]) or 'image'}, {describe_size(len(data) * 3 // 4)}"
    return f"{printable_line(image.name)}, {words}" if image.name else words
