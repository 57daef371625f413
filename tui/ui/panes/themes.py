"""The themes: moving through the list shows each at once, Enter keeps it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.page.line import Line, pad
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.panes.field import Field
from tui.ui.panes.match import best
from tui.ui.panes.pane import Pane
from tui.ui.theme.auto import AUTO, BY_GROUND
from tui.ui.theme.theming import Theme
from tui.ui.widgets.list_view import ListView, RowChosen, RowReached

Row = tuple[str, Theme]
"""The name that is chosen, and what is shown then."""


class ThemesPane(Pane):
    """A list of themes; the whole screen is the preview."""

    columns = 48
    title_words = "Themes"
    is_snug = True
    dims = False
    hints = (
        Hint(("list.up", "list.down"), "try"),
        Hint(("list.choose",), "keep"),
        Hint(("pane.close",), "keep the old one"),
    )

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._before, self._name = chat.rillet.look, chat.rillet.following.theme
        self._is_kept = False
        self._themes: list[Row] = []
        self.rows = ListView(self._paint, takes_focus=False)
        self.field = Field("type to find", self.rows)

    def content(self) -> ComposeResult:
        """The field and the list."""
        yield self.field
        yield self.rows

    def on_mount(self) -> None:
        """Read every theme there is now."""
        themes, notices = self._chat.rillet.read_themes()
        by_name = {theme.name: theme for theme in themes}
        ground = self._chat.rillet.following.likely
        self._themes = [(AUTO, by_name[BY_GROUND[ground]]), *by_name.items()]
        names = [name for name, _ in self._themes]
        self.rows.show(self._themes, cursor=names.index(self._name) if self._name in names else 0)
        for notice in notices:
            self._chat.key_bar.say(notice, "warning", waits=True)

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit; the best of them is tried."""
        shown = best(self.field.value, self._themes, lambda row: row[0])
        self.rows.show(shown, cursor=0, empty="No match")
        if self.field.value.strip() and shown:
            self._chat.rillet.use_theme(shown[0][1])

    @on(RowReached)
    def try_theme(self, notice: RowReached) -> None:
        """Show the screen in it."""
        notice.stop()
        self._chat.rillet.use_theme(notice.item[1])

    @on(RowChosen)
    async def keep_theme(self, notice: RowChosen) -> None:
        """Keep it for the next time."""
        notice.stop()
        self._is_kept = True
        name, _ = notice.item
        self._chat.rillet.following.choose(name)
        self._chat.choose(theme=name)
        await self._chat.close_pane(self)

    def on_unmount(self) -> None:
        """Left without choosing: everything looks as before."""
        if not self._is_kept and self._chat.rillet.look is not self._before:
            self._chat.rillet.use_theme(self._before)

    def _paint(self, row: Row, width: int) -> Line:
        del width
        name, theme = row
        kind = "your terminal's colours" if theme.ansi else "dark" if theme.dark else "light"
        if name == AUTO:
            kind = f"as your terminal is: {kind}"
        mark = "●" if name == self._name else " "
        return [(f"{mark} ", "accent"), (pad(name, 14), ""), (kind, "muted")]
