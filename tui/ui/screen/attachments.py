"""Images: how they come into the composer, and how that is said."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from textual.message import Message

from tui.domain.error import ConfigError
from tui.domain.message import ImagePart
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.stage import Stage
from tui.ui.wish import AttachDropped


class AttachmentController:
    """Attaches images to what is being written."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def actions(self) -> Mapping[str, Run]:
        """Paste the image in the clipboard."""
        return {"chat.paste_image": self.paste_image}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """Attach by name."""
        return {"chat.attach": self.attach}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """Files that were dropped onto the terminal."""
        return {AttachDropped: self.attach_dropped}

    async def attach(self, text: str) -> None:
        """Attach the images that a text names."""
        from tui.chat.image import split_places

        composer = self._stage.composer
        if not (places := split_places(text)):
            composer.write_command("/attach ")
            return
        try:
            await self._add(places)
        except ConfigError:
            composer.write_command(f"/attach {text}")
            raise

    async def attach_dropped(self, wish: AttachDropped) -> None:
        """Attach the images that were dropped onto the terminal; what is none is text like any other."""
        try:
            await self._add(wish.paths)
        except ConfigError:
            self._stage.composer.paste(wish.text)

    async def _add(self, places: Sequence[str]) -> None:
        from tui.chat.image import read_image

        self._put_in([await asyncio.to_thread(read_image, place) for place in places])

    def paste_image(self) -> None:
        """Attach the image in the clipboard, once the system's tool has given it."""
        self._stage.port.start_worker(self._paste_image())

    async def _paste_image(self) -> None:
        from tui.chat.clipboard_image import clipboard_image

        try:
            self._put_in([await clipboard_image()])
        except ConfigError as error:
            self._stage.say(error.in_full, "warning")

    def _put_in(self, images: Sequence[ImagePart]) -> None:
        stage = self._stage
        for image in images:
            stage.composer.attach(image)
        if blindness := stage.program.blindness(stage.conversation.sheet.endpoint, stage.conversation.sheet.model):
            stage.say(blindness, "warning")

    def tell_images(self) -> None:
        """Say which images go with what is written."""
        self._stage.input_area.tell_images(self._stage.composer.images)
