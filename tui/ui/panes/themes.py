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
from tui.ui.theme.theming import Theme
from tui.ui.widgets.list_view import ListView, RowChosen, RowReached


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
        self._before = chat.rillet.look
        self._is_kept = False
        self._themes: list[Theme] = []
        self.rows = ListView(self._paint, takes_focus=False)
        self.field = Field("type to find", self.rows)

    def content(self) -> ComposeResult:
        """The field and the list."""
        yield self.field
        yield self.rows

    def on_mount(self) -> None:
        """Read every theme there is now."""
        self._themes, notices = self._chat.rillet.read_themes()
        names = [theme.name for theme in self._themes]
        self.rows.show(self._themes, cursor=names.index(self._before.name) if self._before.name in names else 0)
        for notice in notices:
            self._chat.key_bar.say(notice, "warning", waits=True)

    @on(Input.Changed)
    def narrow(self) -> None:
        """Show those that fit; the best of them is tried."""
        shown = best(self.field.value, self._themes, lambda theme: theme.name)
        self.rows.show(shown, cursor=0, empty="No match")
        if self.field.value.strip() and shown:
            self._chat.rillet.use_theme(shown[0])

    @on(RowReached)
    def try_theme(self, notice: RowReached) -> None:
        """Show the screen in it."""
        notice.stop()
        self._chat.rillet.use_theme(notice.item)

    @on(RowChosen)
    async def keep_theme(self, notice: RowChosen) -> None:
        """Keep it for the next time."""
        notice.stop()
        self._is_kept = True
        self._chat.rillet.use_theme(notice.item)
        self._chat.choose(theme=notice.item.name)
        await self._chat.close_pane(self)

    def on_unmount(self) -> None:
        """Left without choosing: everything looks as before."""
        if not self._is_kept and self._chat.rillet.look is not self._before:
            self._chat.rillet.use_theme(self._before)

    def _paint(self, theme: Theme, width: int) -> Line:
        del width
        kind = "your terminal's colours" if theme.ansi else "dark" if theme.dark else "light"
        mark = "●" if theme.name == self._before.name else " "
        return [(f"{mark} ", "accent"), (pad(theme.name, 14), ""), (kind, "muted")]
