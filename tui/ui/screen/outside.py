"""What leaves the screen, always because the person asked for it: the clipboard, editors, pagers, browsers, files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from textual.app import SuspendNotSupported
from textual.message import Message

from tui.domain.error import ConfigError, RilletError
from tui.ui.action.slash import command_named
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.stage import Stage
from tui.ui.transcript.wish import CopyText, OpenBlock, OpenLink
from tui.wire.printable import count_hidden, printable, printable_line

Given = TypeVar("Given")


class Selections(Protocol):
    """What the screen knows of selections that are Textual's own."""

    def get_selected_text(self) -> str | None:
        """What is selected on the screen, outside page and composer."""

    @property
    def selections(self) -> Mapping[Any, Any]:
        """What is selected in widgets of Textual's own."""

    def clear_selection(self) -> None:
        """Select nothing there any more."""


class OutsideController:
    """Copies, hands the terminal to other programs, and opens addresses."""

    def __init__(self, stage: Stage, selections: Selections) -> None:
        self._stage = stage
        self._selections = selections

    @property
    def actions(self) -> Mapping[str, Run]:
        """Copy the reply, write in the editor, say which templates there are."""
        return {
            "chat.copy_reply": self.copy_reply,
            "chat.editor": self.edit_outside,
            "chat.template": self.tell_templates,
        }

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """Write a template."""
        return {"chat.template": self.write_template}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """What the page wants copied or opened."""
        return {CopyText: self.copy_text, OpenBlock: self.open_block, OpenLink: self.open_link}

    # -- the clipboard ------------------------------------------------------------------------------------

    def selected(self) -> str:
        """What is selected: in the conversation, in the composer, or elsewhere on the screen."""
        stage = self._stage
        on_page = stage.page.selected_text()
        return (
            on_page if on_page.strip() else stage.composer.selected_text or self._selections.get_selected_text() or ""
        )

    @property
    def has_selection(self) -> bool:
        """Whether anything is selected outside the composer."""
        return self._stage.page.has_selection or bool(self._selections.selections)

    def drop_selection(self) -> None:
        """Select nothing any more, but for what is selected in the composer."""
        self._stage.page.clear_selection()
        self._selections.clear_selection()

    async def copy_text(self, wish: CopyText) -> None:
        """Copy what a part of the screen wants copied."""
        await self.copy(wish.text, wish.what)

    async def copy(self, text: str, what: str) -> None:
        """Put text on the clipboard, and say by which way it went; nothing does not empty the clipboard."""
        if not text:
            self._stage.say("there is nothing to copy")
            return
        from tui.ui.terminal.clipboard import copy

        clean = printable(text)
        rillet = self._stage.port.rillet
        route = await copy(clean, rillet.write_terminal, takes_clipboard=rillet.following.answers.clipboard)
        hidden = count_hidden(text)
        words = f"{what}: {len(clean):,} characters {route}"
        self._stage.say(words + (f"; {hidden} hidden characters were made visible" if hidden else ""), "success")

    async def copy_reply(self) -> None:
        """Copy the last reply, as Markdown."""
        turn = self._stage.runner.turn
        if turn is not None:
            await self.copy(turn.prose, "the reply")

    # -- programs -----------------------------------------------------------------------------------------

    async def edit_outside(self) -> None:
        """Write the prompt in an editor; what is saved there comes back."""
        from tui.ui.terminal.editor import edit

        composer = self._stage.composer
        text = await self.hand_over(lambda: edit(composer.prompt.text, ".md"))
        if text is not None:
            composer.take()
            composer.write(text.rstrip("\n"))
        composer.focus()

    async def tell_templates(self) -> None:
        """Say which templates there are, and where; the command is there to be finished."""
        from tui.chat.template import read_templates
        from tui.store.path import prompts_dir

        names = ", ".join(f"/{name}" for name in await asyncio.to_thread(read_templates, prompts_dir()))
        self._stage.composer.write_command("/template ")
        self._stage.say(
            printable_line(f"templates: {names or 'none yet'}; a name opens one in your editor; in {prompts_dir()}")
        )

    async def write_template(self, name: str) -> None:
        """Write a template in an editor: what it says, what is being written, or an example to begin with."""
        from tui.chat.template import EXAMPLE, read_templates, save_template, template_file
        from tui.store.path import prompts_dir
        from tui.ui.terminal.editor import edit

        stage, path = self._stage, template_file(prompts_dir(), name)
        if command_named(name) is not None:
            raise ConfigError(f"/{name} is a command of rillet's own", "Give the template another name.")
        there = (await asyncio.to_thread(read_templates, prompts_dir())).get(name)
        text = await self.hand_over(lambda: edit(there.text if there else stage.composer.prompt.text or EXAMPLE, ".md"))
        stage.composer.focus()
        if text is None or not text.strip():
            stage.say("nothing was written")
            return
        await asyncio.to_thread(save_template, path, text)
        made = (await asyncio.to_thread(read_templates, prompts_dir())).get(name)
        usage = made.usage if made is not None else ""
        stage.say(printable_line(f"/{name} {usage}".rstrip() + f" is a command now, in {path}"), "success")

    async def open_block(self, wish: OpenBlock) -> None:
        """Show a block in the pager or the editor, or save it."""
        from tui.ui.terminal.editor import edit, page, save_block

        text = printable(wish.text)
        match wish.how:
            case "save":
                self._stage.say(save_block(wish.text, wish.language), "success")
            case "pager":
                await self.hand_over(lambda: page(text))
            case "editor":
                await self.hand_over(lambda: edit(text, ".txt"))

    def open_link(self, wish: OpenLink) -> None:
        """Open an address in the browser, and say which host it is."""
        from tui.ui.terminal.editor import open_address

        async def open_and_say() -> None:
            await open_address(wish.url, self._stage.say)

        self._stage.port.start_worker(open_and_say())

    async def hand_over(self, run: Callable[[], Given]) -> Given | None:
        """Give the terminal to another program; a reply that streams goes on meanwhile."""
        rillet = self._stage.port.rillet
        try:
            with rillet.suspend():
                return await asyncio.to_thread(run)
        except SuspendNotSupported:
            self._stage.say("this terminal cannot be handed to another program", "warning")
        except RilletError as error:
            self._stage.say(error.in_full, "warning")
        finally:
            rillet.repaint()
        return None
