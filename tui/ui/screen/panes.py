"""Panes: which are open, where they stand, and who has the keys."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from textual.message import Message
from textual.screen import Screen

from tui.store.settings import PaneSettings
from tui.typeset.line import MEASURE
from tui.ui.host import Chat
from tui.ui.notice import BarResized, PlayingChanged
from tui.ui.panes.pane import Pane
from tui.ui.panes.row_menu import RowMenuPane, choices_of
from tui.ui.screen.controller import Run, RunWith, Take
from tui.ui.screen.stage import Stage
from tui.ui.theme.recede import BEHIND
from tui.ui.transcript import ShowOrigin
from tui.ui.widgets.list_view import ListView
from tui.ui.wish import ClosePane

NARROW = 100
"""Columns below which a pane takes the place of the page instead of standing beside it."""
LEFT_OVER = 24
"""Fewer columns than this of the page would be shreds of words beside a pane that lies over it."""
WHOLE_LINES = MEASURE + 4
"""Columns of a line of the page, with what is beside it: a narrower drawer would leave the ends of the lines that it covers."""
FRAME = 3
"""Rows of a drawer that are not its list: the title, a blank row, the rule below."""
LOW = 18
"""Rows below which the title and the keys give way to the page."""

PANES = {
    "calls": "CallsPane",
    "menu": "MenuPane",
    "row_menu": "RowMenuPane",
    "wire": "WirePane",
    "models": "ModelsPane",
    "sessions": "SessionsPane",
    "commands": "CommandsPane",
    "help": "HelpPane",
    "themes": "ThemesPane",
    "find": "FindPane",
    "install": "InstallPane",
    "tools": "ToolsPane",
    "question": "QuestionPane",
    "sheet": "SheetPane",
    "settings": "SettingsPane",
    "write": "WritePane",
    "key": "KeyPane",
    "endpoint": "EndpointPane",
    "notices": "NoticesPane",
    "leave": "LeavePane",
    "tree": "TreePane",
    "compare": "ComparePane",
    "stats": "StatsPane",
    "waterfall": "WaterfallPane",
    "race": "RacePane",
    "request": "RequestPane",
    "room": "RoomPane",
    "prompts": "PromptsPane",
    "aside": "AsidePane",
    "imports": "ImportPane",
}
"""The class of each pane, in the module of its name; it is imported when it is first shown."""

DOCKED = ("calls", "wire")
"""Those that stand beside the page, and are remembered."""

OVER = (
    "models",
    "sessions",
    "commands",
    "help",
    "themes",
    "tools",
    "notices",
    "tree",
    "compare",
    "sheet",
    "settings",
    "stats",
    "waterfall",
    "request",
    "prompts",
    "imports",
)
"""Those that an action of their name lays over everything."""


class PaneController:
    """Opens panes, closes them, and gives page and dock their places."""

    def __init__(self, stage: Stage, screen: Screen[None], chat: Chat) -> None:
        self._stage = stage
        self._screen = screen
        self._chat = chat
        self._left: Pane | None = None  # which one had the keys when another was laid over it

    @property
    def actions(self) -> Mapping[str, Run]:
        """Open each pane, and make the panes wider."""

        def opening(name: str) -> Run:
            return lambda: self.show_over(name)

        return {
            **{f"chat.{name}": opening(name) for name in OVER},
            "chat.calls": lambda: self.toggle_docked("calls"),
            "chat.wire": lambda: self.toggle_docked("wire"),
            "chat.row_menu": self._toggle_row_menu,
            "chat.wider": lambda: self._widen(4),
            "chat.narrower": lambda: self._widen(-4),
        }

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """None."""
        return {}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """A pane that wants to be left."""
        return {
            BarResized: lambda _notice: self._place_all_over(),
            PlayingChanged: lambda _notice: self._settle(),
            ClosePane: self.close_or_leave,
            ShowOrigin: self.show_origin,
        }

    # -- panes --------------------------------------------------------------------------------------------

    def _make(self, name: str) -> Pane:
        pane: Pane = getattr(import_module(f"tui.ui.panes.{name}"), PANES[name])(self._chat)
        pane.name_in_dock = name
        return pane

    @property
    def over(self) -> Pane | None:
        """The pane that lies over everything, if one does."""
        open_now = self._all_over
        return open_now[-1] if open_now else None

    @property
    def _all_over(self) -> list[Pane]:
        return [pane for pane in self._screen.query_children(Pane) if pane.is_over and not pane.is_leaving]

    @property
    def in_focus(self) -> Pane | None:
        """The pane that has the keys."""
        focused = self._screen.focused
        if focused is None:
            return None
        return next((node for node in focused.ancestors_with_self if isinstance(node, Pane)), None)

    def docked(self, name: str) -> Pane | None:
        """An open pane of the dock."""
        return next((pane for pane in self._stage.dock.panes if pane.name_in_dock == name), None)

    async def show_over(self, name: str) -> None:
        """Lay a pane over everything; the same key takes it away again."""
        if not self._screen.is_attached:  # the program is ending
            return
        await self._leave_row_menu()
        open_now = self.over
        if open_now is None:
            self._left = self.in_focus
        else:
            await self.close(open_now)
            if open_now.name_in_dock == name:
                return
        await self._lay_over(self._make(name))

    async def _lay_over(self, pane: Pane) -> None:
        self._place_over(pane)
        await self._screen.mount(pane)
        self._place_over(pane)
        self._recede()
        pane.take_focus()
        self._stage.key_bar.make_way()
        self._stage.port.offer_keys()

    async def _toggle_row_menu(self) -> None:
        """Open the menu of the row under the cursor of the list that has the keys, of a block on the page, or close it."""
        if await self._leave_row_menu():
            return
        pane = self.in_focus or self.over
        if pane is None and self._stage.page.has_focus:
            await self._chat.action_do("page.menu")
            return
        rows = pane.query(ListView).first() if pane is not None and pane.query(ListView) else None
        choices = choices_of(pane) if pane is not None and rows is not None and rows.has_row else []
        menu = self._make("row_menu")
        if not choices or pane is None or rows is None or not isinstance(menu, RowMenuPane):
            self._stage.say("there is no row here with which something can be done")
            return
        menu.tell(pane, rows, choices)
        await self._lay_over(menu)

    async def _leave_row_menu(self) -> bool:
        """Close the menu of a row; whether it was open."""
        menu = self.over
        if isinstance(menu, RowMenuPane):
            await menu.leave()
            return True
        return False

    def _recede(self) -> None:
        """Paint what lies behind a drawer fainter, and as it was when the drawer has gone."""
        is_behind = self.over is not None and self.over.dims
        if is_behind != self._screen.has_class(BEHIND):
            self._screen.set_class(is_behind, BEHIND, update=False)  # no style rule names it
            self._stage.page.renderer.repaint()
            for widget in (self._stage.page, self._stage.welcome, *self._stage.dock.query("*")):
                widget.refresh()

    def _place_over(self, pane: Pane) -> None:
        """Leave the title, the composer and the lines below it free; a menu knows its own place."""
        if isinstance(pane, RowMenuPane):
            pane.place(self._screen.size)
        elif pane.leaves_room:
            size = self._screen.size
            said = self._stage.key_bar.outer_size.height  # more than a row where what is said takes more
            top, bottom = (0, 1) if self._screen.has_class("-low") else (1, 1 + max(1, said))
            pane.styles.margin = (top, 0, 0, 0)
            columns = pane.wide_columns if size.width - pane.wide_columns >= LEFT_OVER else 0
            columns = columns or (max(pane.columns, WHOLE_LINES) if pane.dims else pane.columns)
            is_beside = size.width - columns >= LEFT_OVER
            pane.styles.width = columns if is_beside else "100%"
            pane.styles.border_right = None if is_beside else ("none", "transparent")
            room = max(4, size.height - top - bottom - self._stage.input_area.outer_size.height)
            pane.styles.max_height = room
            if pane.is_snug:
                for rows in pane.query(ListView):
                    rows.styles.max_height = max(1, room - FRAME)
            elif pane.list_height is not None:
                pane.list_height.fit(room, columns if is_beside else size.width)
            else:
                pane.styles.height = room

    async def toggle_docked(self, name: str) -> None:
        """Open a pane beside the page, or give it the keys, or close it where it has them."""
        pane = self.docked(name)
        if pane is not None and self.in_focus is pane:
            await self.close(pane)
            return
        pane = await self.open_docked(name)
        pane.take_focus()
        self._stage.port.offer_keys()

    async def open_docked(self, name: str) -> Pane:
        """Open a pane beside the page, where it is not open; whoever has the keys keeps them."""
        dock = self._stage.dock
        pane = self.docked(name)
        if pane is None:
            if self.is_narrow:
                for other in dock.panes:
                    await other.remove()
            pane = self._make(name)
            await dock.mount(pane)
            self._remember()
        self._settle()
        return pane

    async def play(self, speed: float) -> None:
        """Play the last turn again, beside its wire, which has the keys."""
        if not self._stage.dock.is_attached:  # the program is ending
            return
        from tui.ui.panes.wire import WirePane

        pane = await self.open_docked("wire")
        pane.take_focus()
        if isinstance(pane, WirePane):
            pane.play(speed)

    async def close(self, pane: Pane) -> None:
        """Take a pane away."""
        had_focus = self.in_focus is pane
        pane.is_leaving = True
        if had_focus:
            self._screen.set_focus(self._stage.composer)  # now: a pane that follows takes it from there
        await pane.remove()
        self._recede()
        if not pane.is_over:
            self._settle()
            self._remember()
        self._stage.port.offer_keys()

    async def close_or_leave(self, wish: ClosePane) -> None:
        """Esc in a pane: one over everything goes, one beside the page gives the keys back."""
        pane: Pane = wish.pane
        if pane.is_over or self.is_narrow:
            await self.close(pane)
            left = self._left
            if pane.is_over and self.over is None and left in self._stage.dock.panes and left is not None:
                left.take_focus()
                self._stage.port.offer_keys()
        else:
            self._stage.composer.focus()

    async def show_origin(self, wish: ShowOrigin) -> None:
        """Show the frame that brought what stands on the page."""
        pane = self.docked("wire")
        if pane is None and not wish.opens:
            return
        if wish.source is None:
            self._stage.say("No frame brought this: rillet put it there, or it is a mark that Markdown took away")
            return
        self._stage.key_bar.hush()  # what was said of another place is not true of this one
        pane = await self.open_docked("wire")
        pane.show_origin(wish.turn, wish.source)
        if wish.opens:
            pane.take_focus()
            self._stage.port.offer_keys()

    # -- the layout ---------------------------------------------------------------------------------------

    @property
    def is_narrow(self) -> bool:
        """Whether there is room for one thing only."""
        return self._screen.size.width < NARROW

    def fit(self, height: int) -> None:
        """The screen has another size: fold what does not fit."""
        self._screen.set_class(height < LOW, "-low")
        self._settle()
        self._place_all_over()

    def _place_all_over(self) -> None:
        for pane in self._all_over:
            self._place_over(pane)

    def _settle(self) -> None:
        """Give the page and the dock their places."""
        dock = self._stage.dock
        if self.is_narrow:
            for pane in dock.panes[:-1]:
                pane.display = False
        else:
            for pane in dock.query_children(Pane):
                pane.display = True
        dock.fit(max(NARROW, self._screen.size.width))
        has_room = self.is_narrow and not self._screen.has_class("-low")
        is_stacked = has_room and any(pane.shares_page for pane in dock.panes)
        dock.settle(is_narrow=self.is_narrow, is_stacked=is_stacked)
        self._screen.set_class(is_stacked, "-stacked")
        self._screen.set_class(self.is_narrow and dock.display and not is_stacked, "-covered")

    def _widen(self, columns: int) -> None:
        """Give the panes more columns, or fewer."""
        dock = self._stage.dock
        if dock.display and not self.is_narrow:
            dock.choose(dock.columns + columns)
            dock.choose(dock.fit(self._screen.size.width))
            self._remember()

    def _remember(self) -> None:
        """Keep which panes are open, and how wide."""
        dock, choices = self._stage.dock, self._stage.program.choices
        names = tuple(pane.name_in_dock for pane in dock.panes if not pane.is_leaving)
        sizes = dict(choices.sizes) if dock.chosen is None else {**choices.sizes, "panes": dock.chosen}
        self._stage.choose(shown=names, sizes=sizes)

    async def restore(self) -> None:
        """Open what was open last time, where there is room."""
        dock, choices, usual = self._stage.dock, self._stage.program.choices, self._stage.program.settings.panes
        dock.choose(choices.sizes.get("panes") or usual.sizes.get("panes"))
        dock.fit(max(NARROW, self._screen.size.width))
        shown = choices.shown if choices.shown is not None else usual.shown or ()
        names = [name for name in shown if name in DOCKED]
        if self._stage.conversation.recorded is not None and "wire" not in names:
            names.append("wire")  # it is what a recording is opened for
        if names and not self.is_narrow:
            await dock.mount_all([self._make(name) for name in names])
            self._settle()

    async def use_settings(self, before: PaneSettings) -> None:
        """Open, close and size what stands beside the page as the settings say now; that counts before what was chosen earlier.

        Args:
            before: What they said.
        """
        dock, usual = self._stage.dock, self._stage.program.settings.panes
        if usual.shown != before.shown:
            wanted = usual.shown or ()
            for pane in dock.query_children(Pane):
                if pane.name_in_dock not in wanted:
                    await self.close(pane)
            for name in () if self.is_narrow else wanted:
                await self.open_docked(name)
            self._stage.choose(shown=None)
        if usual.sizes != before.sizes:
            dock.choose(usual.sizes.get("panes"))
            self._stage.choose(sizes={})
        self._settle()
