"""What came below the rows that show since the reader left the end."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message

from tui.page.page import Page
from tui.ui.transcript.viewport import Viewport
from tui.ui.transcript.wish import NewBelow


class Below:
    """Counts new rows below what shows, and tells when their number changes."""

    def __init__(self, page: Page, viewport: Viewport, post: Callable[[Message], object]) -> None:
        """Start with nothing seen."""
        self._page = page
        self._viewport = viewport
        self._post = post
        self._seen_entry = 0
        self._seen_rows: int | None = 0
        self._told = 0

    def shift(self, count: int) -> None:
        """So many entries were put above all others."""
        self._seen_entry += count

    def reset(self) -> None:
        """The conversation is another one: nothing of it has been seen."""
        self._seen_entry = self._seen_rows = 0

    def see_all(self) -> None:
        """The reader is at the end: all there is has been seen."""
        last = self._page.entries[-1]
        self._seen_entry = len(self._page.entries) - 1
        # A reply that is over gets no more rows that are new, only more than it was taken for.
        self._seen_rows = None if last.turn.state.is_over else last.height

    def rewrap(self) -> None:
        """Rows mean something else at another width: of the entry that was seen to its end, nothing is new."""
        if self._page.entries and self._seen_rows is not None:
            self._seen_rows = self._page.entries[self._seen_entry].height

    def refold(self, index: int, by: int) -> None:
        """An entry shows so many rows more (fewer if negative), which are no news."""
        if index == self._seen_entry and self._seen_rows is not None:
            self._seen_rows += by

    def tell(self, *, is_following: bool) -> None:
        """Say how many rows are new below what shows."""
        page = self._page
        count = 0
        if not is_following and page.entries:
            seen = page.entries[self._seen_entry].height if self._seen_rows is None else self._seen_rows
            seen_to = page.top_of(self._seen_entry) + seen
            count = max(0, page.total - max(seen_to, self._viewport.top_row + self._viewport.rows))
        if count != self._told:
            self._told = count
            self._post(NewBelow(count))
