"""Reading: moving through the conversation, finding words in it, and what can be done with a block."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.panes import PaneController
from tui.ui.screen.stage import Stage
from tui.ui.transcript import AskFind, BlockMenu, Found, LinkPointed
from tui.ui.transcript.wish import NewBelow
from tui.ui.widgets.input_area import JumpToEnd


class ReadingController:
    """Moves the reader, and tells where they are."""

    def __init__(self, stage: Stage, panes: PaneController) -> None:
        self._stage = stage
        self._panes = panes

    @property
    def actions(self) -> Mapping[str, Run]:
        """Moving, and finding."""
        page = self._stage.page
        return {
            "chat.write": self._stage.composer.focus,
            "chat.read": page.focus,
            "chat.home": lambda: page.scroll_home(animate=False),
            "chat.end": page.jump_end,
            "chat.page_up": lambda: page.scroll_page_up(animate=False),
            "chat.page_down": lambda: page.scroll_page_down(animate=False),
            "chat.find": self.ask_find,
        }

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """Find by words."""
        return {"chat.find": self.find}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """What the page asks for and tells."""
        return {
            AskFind: lambda _wish: self.ask_find(),
            BlockMenu: self.show_menu,
            Found: self.tell_found,
            JumpToEnd: lambda _wish: self._stage.page.jump_end(),
            LinkPointed: lambda notice: self._stage.key_bar.point(notice.url),
            NewBelow: lambda notice: self._stage.input_area.tell_below(notice.count),
        }

    async def ask_find(self) -> None:
        """Ask what to find."""
        await self._panes.show_over("find")

    async def find(self, words: str) -> None:
        """Find these words in the conversation."""
        self._stage.page.find(words)
        self._stage.page.focus()

    async def show_menu(self, wish: BlockMenu) -> None:
        """Offer what can be done with a block."""
        from tui.ui.panes.menu import MenuPane

        await self._panes.show_over("menu")
        if isinstance(menu := self._panes.over, MenuPane):
            menu.tell(wish.choices)

    def tell_found(self, notice: Found) -> None:
        """Say how many matches there are, and at which the reader is."""
        keys = "{page.find_next} the next, {page.find_before} the one before"
        if not notice.is_whole:
            self._stage.say(f"{notice.count:,} found so far   {keys}" if notice.count else "looking for it …")
        else:
            self._stage.say(f"{notice.position:,} of {notice.count:,}   {keys}" if notice.count else "not found")
