"""The chat screen's part about the world outside: the clipboard, editors, pagers, browsers and files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from textual import on
from textual.app import SuspendNotSupported

from tui.domain.error import RilletError
from tui.ui.screens.base import ChatBase
from tui.ui.transcript.wish import CopyText, OpenBlock, OpenLink
from tui.wire.printable import count_hidden, printable

Given = TypeVar("Given")


class OutsideActions(ChatBase, is_part=True):
    """What leaves the screen, always because the person asked for it."""

    # -- the clipboard ------------------------------------------------------------------------------------

    def selected(self) -> str:
        """What is selected: in the conversation, in the composer, or elsewhere on the screen."""
        on_page = self.page.selected_text()
        return on_page if on_page.strip() else self.composer.selected_text or self.get_selected_text() or ""

    def drop_selection(self) -> None:
        """Select nothing any more, but for what is selected in the composer."""
        self.page.clear_selection()
        self.clear_selection()

    @on(CopyText)
    async def copy_text(self, wish: CopyText) -> None:
        """Copy what a part of the screen wants copied."""
        await self.copy(wish.text, wish.what)

    async def copy(self, text: str, what: str) -> None:
        """Put text on the clipboard, and say by which way it went; nothing does not empty the clipboard."""
        if not text:
            self.say("there is nothing to copy")
            return
        from tui.ui.clipboard import copy

        clean = printable(text)
        route = await copy(clean, self.rillet.write_terminal)
        hidden = count_hidden(text)
        words = f"{what}: {len(clean):,} characters {route}"
        self.say(words + (f"; {hidden} hidden characters were made visible" if hidden else ""), "success")

    async def action_copy_reply(self) -> None:
        """Copy the last reply, as Markdown."""
        turn = self.flow.turn
        if turn is None or not turn.text:
            self.say("there is no reply to copy")
        else:
            await self.copy(turn.prose, "the reply")

    # -- programs -----------------------------------------------------------------------------------------

    async def action_edit_outside(self) -> None:
        """Write the prompt in an editor; what is saved there comes back."""
        from tui.ui.editor import edit

        text = await self.hand_over(lambda: edit(self.composer.prompt.text, ".md"))
        if text is not None:
            self.composer.take()
            self.composer.write(text.rstrip("\n"))
        self.composer.focus()

    @on(OpenBlock)
    async def open_block(self, wish: OpenBlock) -> None:
        """Show a block in the pager or the editor, or save it."""
        from tui.ui.editor import edit, page, save_block

        text = printable(wish.text)
        if wish.how == "save":
            self.say(save_block(wish.text, wish.language), "success")
        elif wish.how == "pager":
            await self.hand_over(lambda: page(text))
        else:
            await self.hand_over(lambda: edit(text, ".txt"))

    @on(OpenLink)
    def open_link(self, wish: OpenLink) -> None:
        """Open an address in the browser, and say which host it is."""
        from tui.ui.editor import open_address

        self.say(open_address(wish.url))

    async def hand_over(self, run: Callable[[], Given]) -> Given | None:
        """Give the terminal to another program; a reply that is coming goes on meanwhile."""
        try:
            with self.app.suspend():
                return await asyncio.to_thread(run)
        except SuspendNotSupported:
            self.say("this terminal cannot be handed to another program", "warning")
        except RilletError as error:
            self.say(error.in_full, "warning")
        finally:
            self.refresh(layout=True)
        return None
