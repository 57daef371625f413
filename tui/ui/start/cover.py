"""The first frame, which covers the screen until there is something to take its place, and the keys that are typed meanwhile."""

from __future__ import annotations

from textual import events
from textual.driver import Driver as TextualDriver

from tui.ui.terminal.driver import Driver

Typed = events.Key | events.Paste


class Cover:
    """Keeps what is typed until something takes it; what was typed over the first frame shows once it is in the composer.

    Attributes:
        is_on: Whether the first frame is what is seen.
    """

    def __init__(self, *, is_on: bool) -> None:
        """Begin with nothing typed."""
        self.is_on = is_on
        self._keys: list[Typed] | None = []

    def keep(self, key: Typed) -> bool:
        """Keep a key until there is something that takes it; whether it was kept."""
        if self._keys is None:
            return False
        self._keys.append(key)
        return True

    def take_keys(self) -> list[Typed]:
        """What was kept; from now on nothing is."""
        keys, self._keys = self._keys or [], None
        return keys

    def take_over(self, driver: TextualDriver | None) -> bool:
        """Take the terminal over from the first frame; whether that has to be seen a little longer.

        What was typed there is in the composer only after the keys have had their turn.
        """
        if self.is_on and isinstance(driver, Driver):
            for message in driver.take_over():
                if not (isinstance(message, Typed) and self.keep(message)):
                    driver.process_message(message)
        self.is_on = self.is_on and bool(self._keys)
        return self.is_on
