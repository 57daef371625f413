"""The bottom line: keys that can be pressed here, for a few seconds a sentence before them, or where the link under the mouse leads."""

from __future__ import annotations

import re
import time

from textual.timer import Timer

from tui.page.line import Line, crop, width_of
from tui.typeset.wrap import wrap_told
from tui.ui.action.hint import GAP
from tui.ui.line import Lines
from tui.ui.notice import BarResized

LASTING = 6.0
"""Seconds that a sentence stays when no key is pressed."""
READ = 0.8
"""Seconds after which a sentence gives way to keys that are wanted."""
MOST = 6
"""Rows of a sentence that are shown: what an endpoint says can be of any length."""


class KeyBar(Lines):
    """Keys, and for a moment a sentence before them."""

    DEFAULT_CSS = "KeyBar { padding: 0 1; background: $background; }"

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._keys: Line = []
        self._said: list[tuple[str, str]] = []
        self._timer: Timer | None = None
        self._pointed = ""
        self._said_at = 0.0

    @property
    def sentence(self) -> str:
        """What is being said, empty when nothing is."""
        return self._said[0][0] if self._said else ""

    def offer(self, keys: Line) -> None:
        """Show these keys."""
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def say(self, text: str, tone: str = "muted", *, waits: bool = False) -> None:
        """Say a sentence now; with `waits`, after those that are being said."""
        if not waits:
            self._said.clear()
        self._said.append((text, tone))
        self._said_at = time.monotonic()
        self._restart()

    def point(self, url: str) -> None:
        """Show where the link under the mouse leads, as long as it is there; nothing when it has left it."""
        if url != self._pointed:
            self._pointed = url
            self._show_anew()

    def hush(self) -> None:
        """A key was pressed: what was said has been seen."""
        if self._said:
            self._next()

    def make_way(self) -> None:
        """Something else has the keys: what was said before, and is no warning, gives theirs its room."""
        is_read = time.monotonic() - self._said_at > READ
        if is_read and len(self._said) == 1 and self._said[0][1] not in {"warning", "error"}:
            self._next()

    def take_back(self, text: str) -> None:
        """A sentence is not true any more: it need not be read."""
        if self.sentence == text:
            self._next()

    def _next(self) -> None:
        if self._said:
            self._said.pop(0)
        self._restart()

    def _restart(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._said:
            self._timer = self.set_timer(LASTING, self._next)
        self._show_anew()

    def _show_anew(self) -> None:
        width = self.content_size.width
        self.refresh(layout=bool(width) and len(self.lines(width)) != self.size.height)

    def on_resize(self) -> None:
        """What lies over the page leaves it the room it takes."""
        self.post_message(BarResized())

    def lines(self, width: int) -> list[Line]:
        """The line at a width; more, where a sentence is longer than one."""
        if self._pointed:
            return [crop(link_line(self._pointed), width)]
        if self._said:
            text, tone = self._said[0]
            *rows, last = [row for row, _ in wrap_told([(text, tone)], width)]
            if len(rows) >= MOST:
                rows, last = rows[: MOST - 1], [*crop(rows[MOST - 1], width - 1), ("…", tone)]
            return [*rows, self._beside_keys(last, width)]
        return [crop(fit_keys(self._keys, width), width)]

    def _beside_keys(self, sentence: Line, width: int) -> Line:
        """The end of a sentence, and those of the keys that find room beside it."""
        keys = fit_keys(self._keys, width - width_of(sentence) - width_of([GAP]))
        has_room = bool(keys) and width_of([*sentence, GAP, *keys]) <= width
        return [*sentence, GAP, *keys] if has_room else sentence


def link_line(url: str) -> Line:
    """An address in which the host stands out: what precedes it may only look like one."""
    scheme, slashes, rest = url.partition("://")
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    user, at, host = authority.rpartition("@")
    return [
        ("→ ", "accent"),
        (f"{scheme}{slashes}{user}{at}", "muted"),
        (host, "strong"),
        (rest[len(authority) :], "muted"),
    ]


def fit_keys(keys: Line, width: int) -> Line:
    """Whole keys only: where not all fit, the last one, which leads to the others, stays and those before it go."""
    while width_of(keys) > width and keys.count(GAP) > 1:
        last = len(keys) - 1 - keys[::-1].index(GAP)
        before = last - 1 - keys[:last][::-1].index(GAP)
        keys = keys[:before] + keys[last:]
    return keys
