"""What is typed while there is no composer: it is written into the prompt once there is one, and sent by nobody."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual import events

from tui.domain.error import StoreError
from tui.wire.printable import printable_line

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.store.database import Database


class Typed:
    """Text that waits for a composer.

    Attributes:
        text: What was typed and not deleted again.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.text = ""

    def read(self, data: bytes) -> None:
        """Take what was sent by the keyboard before."""
        from tui.ui.terminal.keyboard import Keyboard

        for message in Keyboard().feed(data.decode("utf-8", "replace")):
            if isinstance(message, events.Key) and message.key == "enter":
                self.text += "\n"
            elif isinstance(message, events.Key | events.Paste):
                self.take(message)
        self.text = self.text.rstrip("\n")  # an Enter sends nothing now

    def take(self, event: events.Key | events.Paste) -> bool:
        """Take a key or a paste; whether it changed anything."""
        before = self.text
        if isinstance(event, events.Paste):
            self.text += event.text.replace("\r\n", "\n").replace("\r", "\n")
        elif event.key == "backspace":
            self.text = self.text[:-1]
        elif event.is_printable:
            self.text += event.character or ""
        return self.text != before

    @property
    def line(self) -> str:
        """All of it as one line."""
        return printable_line(" ".join(self.text.split("\n")))

    def keep(self, database: Database, conversation: Conversation) -> None:
        """Put it behind the draft of a conversation, which the composer begins with."""
        if self.text:
            session_id = conversation.session.id
            with suppress(StoreError):  # the screen says itself that nothing is saved
                drafts = database.prompts
                drafts.save_draft(session_id, drafts.draft(session_id) + self.text, drafts.draft_images(session_id))
