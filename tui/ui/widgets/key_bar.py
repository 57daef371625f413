"""The bottom line: keys that can be pressed here, for a few seconds a sentence before them, or where the link under the mouse leads."""

from __future__ import annotations

import re

from textual.timer import Timer

from tui.page.line import Line, crop, width_of
from tui.ui.action.hint import GAP
from tui.ui.line import Lines

LASTING = 6.0
"""Seconds that a sentence stays when no key is pressed."""


class KeyBar(Lines):
    """Keys, and for a moment a sentence before them."""

    DEFAULT_CSS = "KeyBar { height: 1; padding: 0 1; background: $background; }"

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._keys: Line = []
        self._said: list[tuple[str, str]] = []
        self._timer: Timer | None = None
        self._pointed = ""

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
        self._restart()

    def point(self, url: str) -> None:
        """Show where the link under the mouse leads, as long as it is there; nothing when it has left it."""
        if url != self._pointed:
            self._pointed = url
            self.refresh()

    def hush(self) -> None:
        """A key was pressed: what was said has been seen."""
        if self._said:
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
        self.refresh()

    def lines(self, width: int) -> list[Line]:
        """The line at a width."""
        if self._pointed:
            return [crop(link_line(self._pointed), width)]
        if self._said:
            return [self._beside_keys(self._said[0], width)]
        return [crop(fit_keys(self._keys, width), width)]

    def _beside_keys(self, said: tuple[str, str], width: int) -> Line:
        """A sentence, and those of the keys that find room beside it."""
        sentence = crop([said], width)
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
