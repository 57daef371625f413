"""The chat screen's part about panes: which are open, where they stand, and who has the keys."""

from __future__ import annotations

from importlib import import_module

from textual import events, on

from tui.ui.panes.pane import Pane
from tui.ui.screens.outside import OutsideActions
from tui.ui.transcript import AskFind, BlockMenu, Found
from tui.ui.wish import ClosePane

NARROW = 100
"""Columns below which a pane takes the place of the page instead of standing beside it."""
LEFT_OVER = 24
"""Fewer columns than this of the page would be shreds of words beside a pane that lies over it."""
LOW = 18
"""Rows below which the title and the keys give way to the page."""

PANES = {
    "calls": ("tui.ui.panes.calls", "CallsPane"),
    "menu": ("tui.ui.panes.menu", "MenuPane"),
    "wire": ("tui.ui.panes.wire", "WirePane"),
    "models": ("tui.ui.panes.models", "ModelsPane"),
    "sessions": ("tui.ui.panes.sessions", "SessionsPane"),
    "commands": ("tui.ui.panes.commands", "CommandsPane"),
    "help": ("tui.ui.panes.help", "HelpPane"),
    "themes": ("tui.ui.panes.themes", "ThemesPane"),
    "find": ("tui.ui.panes.find", "FindPane"),
    "install": ("tui.ui.panes.install", "InstallPane"),
    "tools": ("tui.ui.panes.tools", "ToolsPane"),
    "question": ("tui.ui.panes.question", "QuestionPane"),
    "notices": ("tui.ui.panes.notices", "NoticesPane"),
    "leave": ("tui.ui.panes.leave", "LeavePane"),
}
"""Where each pane is written; it is imported when it is first shown."""


DOCKED = ("calls", "wire")
"""Those that stand beside the page, and are remembered."""


class PaneActions(OutsideActions, is_part=True):
    """Which panes are open."""

    def make_pane(self, name: str) -> Pane:
        """A pane by its name."""
        module, kind = PANES[name]
        pane: Pane = getattr(import_module(module), kind)(self)
        pane.name_in_dock = name
        return pane

    @property
    def over(self) -> Pane | None:
        """The pane that lies over everything, if one does."""
        found = [pane for pane in self.query_children(Pane) if pane.is_over and not pane.is_leaving]
        return found[-1] if found else None

    def pane_in_focus(self) -> Pane | None:
        """The pane that has the keys."""
        node = self.focused
        while node is not None:
            if isinstance(node, Pane):
                return node
            node = node.parent  # type: ignore[assignment]  # a widget's parent is a widget up to the screen
        return None

    def docked(self, name: str) -> Pane | None:
        """An open pane of the dock."""
        return next((pane for pane in self.dock.panes if pane.name_in_dock == name), None)

    async def show_over(self, name: str) -> None:
        """Lay a pane over everything; the same key takes it away again."""
        if not self.is_attached:  # the program is ending
            return
        open_now = self.over
        if open_now is not None:
            await self.close_pane(open_now)
            if open_now.name_in_dock == name:
                return
        pane = self.make_pane(name)
        self._place_over(pane)
        await self.mount(pane)
        pane.take_focus()
        self.offer_keys()

    def _place_over(self, pane: Pane) -> None:
        """Leave the title, the composer and the lines below it free."""
        if pane.leaves_room:
            top, bottom = (0, 1) if self.has_class("-low") else (1, 2)
            pane.styles.margin = (top, 0, 0, 0)
            is_beside = self.size.width - pane.columns >= LEFT_OVER
            pane.styles.width = pane.columns if is_beside else "100%"
            pane.styles.border_right = None if is_beside else ("none", "transparent")
            pane.styles.height = max(4, self.size.height - top - bottom - self.desk.outer_size.height)

    async def toggle_docked(self, name: str) -> Pane | None:
        """Open a pane beside the page, or give it the keys, or close it where it has them; the pane if it is open."""
        pane = self.docked(name)
        if pane is not None and self.pane_in_focus() is pane:
            await self.close_pane(pane)
            return None
        pane = await self.open_docked(name)
        pane.take_focus()
        self.offer_keys()
        return pane

    async def open_docked(self, name: str) -> Pane:
        """Open a pane beside the page, where it is not open; whoever has the keys keeps them."""
        pane = self.docked(name)
        if pane is None:
            if self.is_narrow:
                for other in self.dock.panes:
                    await other.remove()
            pane = self.make_pane(name)
            await self.dock.mount(pane)
            self.remember_panes()
        self.settle()
        return pane

    async def close_pane(self, pane: Pane) -> None:
        """Take a pane away."""
        had_focus = self.pane_in_focus() is pane
        pane.is_leaving = True
        if had_focus:
            self.composer.focus()
        await pane.remove()
        if not pane.is_over:
            self.settle()
            self.remember_panes()
        self.offer_keys()

    @on(ClosePane)
    async def close_or_leave(self, wish: ClosePane) -> None:
        """Esc in a pane: one over everything goes, one beside the page gives the keys back."""
        pane: Pane = wish.pane
        if pane.is_over or self.is_narrow:
            await self.close_pane(pane)
        else:
            self.composer.focus()

    # -- the layout ---------------------------------------------------------------------------------------

    @property
    def is_narrow(self) -> bool:
        """Whether there is room for one thing only."""
        return self.size.width < NARROW

    def on_resize(self, event: events.Resize) -> None:
        """Fold what does not fit."""
        self.set_class(event.size.height < LOW, "-low")
        self.settle()
        if self.over is not None:
            self._place_over(self.over)
        self.call_after_refresh(self.offer_keys)

    def settle(self) -> None:
        """Give the page and the dock their places."""
        if self.is_narrow:
            for pane in self.dock.panes[:-1]:
                pane.display = False
        else:
            for pane in self.dock.query_children(Pane):
                pane.display = True
        self.dock.resize(self.dock.columns, max(NARROW, self.size.width))
        self.dock.settle(is_narrow=self.is_narrow)
        self.set_class(self.is_narrow and self.dock.display, "-covered")

    def action_widen(self, columns: int) -> None:
        """Give the panes more columns, or fewer."""
        if self.dock.display and not self.is_narrow:
            self.dock.resize(self.dock.columns + columns, self.size.width)
            self.remember_panes()

    def remember_panes(self) -> None:
        """Keep which panes are open, and how wide."""
        names = tuple(pane.name_in_dock for pane in self.dock.panes if not pane.is_leaving)
        self.choose(shown=names, sizes={**self.program.choices.sizes, "panes": self.dock.columns})

    async def restore_panes(self) -> None:
        """Open what was open last time, where there is room."""
        choices, usual = self.program.choices, self.program.settings.panes
        columns = choices.sizes.get("panes") or usual.sizes.get("panes") or self.dock.columns
        self.dock.resize(columns, max(NARROW, self.size.width))
        shown = choices.shown if choices.shown is not None else usual.shown or ()
        names = [name for name in shown if name in DOCKED]
        if names and not self.is_narrow:
            await self.dock.mount_all([self.make_pane(name) for name in names])
            self.settle()

    # -- actions --------------------------------------------------------------------------------------------

    async def action_toggle_calls(self) -> None:
        """Open, reach or close the inspector of tool calls."""
        await self.toggle_docked("calls")

    async def action_toggle_wire(self) -> None:
        """Open, reach or close the lane of what the wire says."""
        await self.toggle_docked("wire")

    async def action_show_models(self) -> None:
        """Choose the model that answers."""
        await self.show_over("models")

    async def action_show_sessions(self) -> None:
        """Choose a saved conversation."""
        await self.show_over("sessions")

    async def action_show_commands(self) -> None:
        """Choose from everything that can be done."""
        await self.show_over("commands")

    async def action_show_help(self) -> None:
        """Show what can be done here, and with which keys."""
        await self.show_over("help")

    async def action_show_themes(self) -> None:
        """Choose other colours."""
        await self.show_over("themes")

    async def action_show_themes_with(self, name: str) -> None:
        """Use the theme of that name."""
        themes, _ = self.rillet.read_themes()
        found = [theme for theme in themes if theme.name == name]
        if found:
            self.rillet.use_theme(found[0])
            self.choose(theme=name)
        else:
            self.say("there are the themes " + ", ".join(theme.name for theme in themes), "warning")

    async def action_find(self) -> None:
        """Find words in the conversation."""
        await self.show_over("find")

    async def action_find_with(self, words: str) -> None:
        """Find these words in the conversation."""
        if not words:
            await self.show_over("find")
            return
        self.page.find(words)
        self.page.focus()

    @on(BlockMenu)
    async def show_menu(self, wish: BlockMenu) -> None:
        """Offer what can be done with a block."""
        await self.show_over("menu")
        if (menu := self.over) is not None and menu.name_in_dock == "menu":
            menu.tell(wish.choices)  # type: ignore[attr-defined]  # it is the menu: it was asked for by its name

    @on(AskFind)
    async def ask_find(self) -> None:
        """The page wants to know what to find."""
        await self.show_over("find")

    @on(Found)
    def tell_found(self, notice: Found) -> None:
        """Say how many there are, and at which the reader is."""
        self.say(
            f"{notice.position} of {notice.count:,}   n the next, N the one before" if notice.count else "not found"
        )

    async def action_show_notices(self) -> None:
        """Show what must be read."""
        await self.show_over("notices")

    async def action_show_install(self) -> None:
        """Offer the model in the box, where it is not here yet."""
        if self.program.local is None:
            await self.show_over("install")
        else:
            self.say("the model in the box is installed")

    async def action_show_tools(self) -> None:
        """Choose the tools the model may call."""
        await self.show_over("tools")
