"""Images that a model made: kept as files beside the sessions, and told with their size and path."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path

from tui.domain.error import StoreError
from tui.domain.message import ImagePart
from tui.domain.turn import Turn
from tui.store.path import data_dir, make_dir, write_private
from tui.wire.image import describe_image

_DATA_URL = re.compile(r"data:image/(?P<kind>[a-z0-9.+-]{1,20});base64,(?P<data>[A-Za-z0-9+/=\s]*)\Z")
_ENDINGS = {"jpeg": "jpg", "svg+xml": "svg"}


def image_place(turn: Turn, index: int) -> Path | None:
    """Where an image of a turn is kept; `None` for one that is only an address, or no image."""
    match = _DATA_URL.match(turn.images[index])
    if match is None or not turn.id:
        return None
    ending = _ENDINGS.get(match["kind"], re.sub(r"[^a-z0-9]", "", match["kind"]) or "image")
    name = re.sub(r"[^A-Za-z0-9_-]", "-", turn.id)
    return data_dir() / "images" / f"{name}-{index}.{ending}"


def keep_images(turn: Turn) -> None:
    """Write the images of a turn to their files.

    Raises:
        StoreError: If the disk does not take them.
    """
    for index in turn.images:
        place = image_place(turn, index)
        match = _DATA_URL.match(turn.images[index])
        if place is None or match is None:
            continue
        try:
            data = base64.b64decode(match["data"], validate=False)
        except (binascii.Error, ValueError):
            continue
        make_dir(place.parent)
        try:
            write_private(place, data)
        except OSError as error:
            raise StoreError(f"an image could not be saved: {error.strerror}") from error


def image_lines(turn: Turn) -> list[str]:
    """A sentence for each image of a turn: what it is, its size, and where it is kept."""
    lines = []
    for index in sorted(turn.images):
        place = image_place(turn, index)
        words = describe_image(ImagePart(turn.images[index]))
        lines.append(f"{words}: {place}" if place is not None and place.exists() else words)
    return lines
