"""The chat screen's part about images: how they come into the composer, and how that is said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual import on
from textual.widgets import TextArea

from tui.domain.error import ConfigError
from tui.ui.screens.schema import SchemaActions
from tui.ui.wish import AttachDropped


class ImageActions(SchemaActions, is_part=True):
    """What can be done with images."""

    async def action_attach_with(self, text: str) -> None:
        """Attach images to what is being written."""
        from tui.chat.image import split_places

        if not (places := split_places(text)):
            self.composer.write_command("/attach ")
            return
        try:
            await self._add(places)
        except ConfigError:
            self.composer.write_command(f"/attach {text}")
            raise

    @on(AttachDropped)
    async def attach_dropped(self, wish: AttachDropped) -> None:
        """Attach the images that were dropped onto the terminal; what is none is text like any other."""
        try:
            await self._add(wish.paths)
        except ConfigError:
            self.composer.paste(wish.text)

    async def _add(self, places: Sequence[str]) -> None:
        from tui.chat.image import read_image

        for image in [await asyncio.to_thread(read_image, place) for place in places]:
            self.composer.attach(image)
        if blindness := self.program.blindness(self.conversation.endpoint, self.conversation.model):
            self.say(blindness, "warning")

    @on(TextArea.Changed)
    def tell_images(self, event: TextArea.Changed) -> None:
        """Say which images go with what is written."""
        if event.text_area is self.composer:
            self.desk.tell_images(self.composer.images)
