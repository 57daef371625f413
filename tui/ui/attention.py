"""The call for attention: a person who looks elsewhere is told once that something wants them."""

from __future__ import annotations

from collections.abc import Callable


class Attention:
    """Calls, and takes the call back when the person looks here again. What it writes is imported when it is needed."""

    def __init__(self, write: Callable[[str], None], is_away: Callable[[], bool]) -> None:
        """Write to the terminal, where the person is away and wants to be called."""
        self._write = write
        self._is_away = is_away
        self._has_called = False

    def call(self, words: str) -> None:
        """Have the person look here; the words may be foreign."""
        if self._is_away():
            from tui.ui.terminal.attention import BACK, call_for_attention

            self._write((BACK if self._has_called else "") + call_for_attention(words))
            self._has_called = True

    def take_back(self) -> None:
        """The person looks here: the window's title is its own again."""
        if self._has_called:
            from tui.ui.terminal.attention import BACK

            self._has_called = False
            self._write(BACK)
