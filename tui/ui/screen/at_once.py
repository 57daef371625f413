"""Keys that do what they do at once: Esc that stops a reply, and letters that only go on with what is written.

A key goes through the queues of the app, the composer and the screen, and what it changes comes the same way back: 3,500
calls for a letter. Where nothing waits in those queues and a letter can mean nothing else, all of that is known before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.strip import Strip

from tui.typeset.line import width_of
from tui.ui.action.table import SCOPES
from tui.ui.terminal.difference import is_unsure
from tui.ui.terminal.shortcut import Shortcut, Shortcuts

if TYPE_CHECKING:
    from textual.events import Key

    from tui.ui.action.keymap import Keymap
    from tui.ui.widgets.composer import Composer

_FOREIGN = "\u0590"
"""Letters before it stand for themselves, one cell each: Latin, Greek, Cyrillic."""

_SIGNS = frozenset(" .,;:?!'\"-_+*=%")


class AtOnce:
    """Does on a screen what a key does there, without a message.

    Attributes:
        has_begun: Whether what was typed before the screen was there has been dealt with: no letter comes before that.
    """

    def __init__(
        self, screen: Screen[Any], composer: Composer, stop: Callable[[], bool], tell: Callable[[], object]
    ) -> None:
        """Stop by `stop`, which says whether it did; `tell` says that what is written in the composer has changed."""
        self.has_begun = False
        self.stop = stop
        self.echo = Shortcut(composer)
        self._shortcuts = Shortcuts(screen, self.echo)
        self._screen, self._composer = screen, composer
        self._tell = tell
        self._keymap: Keymap | None = None
        self._bound: frozenset[str] = frozenset()

    def type(self, key: Key) -> bool:
        """Write a letter that goes on with what is written; `False`, and nothing done, where it may mean more than that."""
        letter, composer, screen = key.character or "", self._composer, self._screen
        if not (letter in _SIGNS or (letter.isalnum() and letter < _FOREIGN and width_of(letter) == len(letter) == 1)):
            return False
        app: Any = screen.app
        if (
            not self.has_begun
            or app.screen_stack[-1:] != [screen]
            or screen.focused is not composer
            or not app.app_focus
        ):
            return False
        if screen.selections or screen._select_state is not None or composer.is_offered_something:  # noqa: SLF001  what it would take back
            return False
        if key.key in self._keys_of(app.keys) or not all(map(_rests, (app, composer, screen))):
            return False
        try:
            with composer._context():  # noqa: SLF001  as if its own loop had called
                if not composer.add_letter(letter):
                    return False
                composer.on_text_area_changed()
                self._tell()
                if not self._write(letter):
                    self.echo.renew()
        except Exception as error:  # noqa: BLE001  as its own loop does: the program ends and says why
            app._handle_exception(error)  # noqa: SLF001
        return True

    def catch_up(self) -> None:
        """Paint what waits to be painted."""
        if not self._shortcuts.catch_up():
            self._screen._on_timer_update()  # noqa: SLF001  which Textual's own timer would call

    def _keys_of(self, keymap: Keymap) -> frozenset[str]:
        """The keys that may do something where something is written."""
        if keymap is not self._keymap:
            ids = {*keymap.changed, *(action.id for action in SCOPES["composer"])}
            self._keymap, self._bound = keymap, frozenset(key for each in ids for key in keymap.keys(each))
        return self._bound

    def _write(self, letter: str) -> bool:
        """Have the terminal show a letter that was just written; `False` where it takes more than that."""
        composer = self._composer
        width = composer.outer_size.width
        x, y = composer._cursor_offset  # noqa: SLF001  behind the letter
        row = y - round(composer.scroll_y)
        strip = self.echo.shown(row) if 0 <= row < composer.outer_size.height else None
        if strip is None or strip.cell_length != width or x < 2:
            return False
        longer = with_letter(strip, x - 1, letter)
        if longer is None:
            return False
        *_, written, cursor, _blank = longer
        segments = (Segment(letter, written.style), cursor)
        if not self.echo.write_behind(row, x - 1, (strip, longer), segments):
            return False
        composer._styles_cache.clear()  # noqa: SLF001  what Textual keeps of it is not what shows
        return True


def with_letter(strip: Strip, cell: int, letter: str) -> Strip | None:
    """A row whose cursor stands in a cell behind its text, with a letter there and the cursor behind that.

    Returns:
        The row; `None` if its text, the cursor and what is blank behind it are not to be told apart.
    """
    segments = list(strip)
    if len(segments) < 3 or any(is_unsure(text) for text, _, _ in segments):
        return None
    *before, (text, style, _), cursor, (blank, ground, _) = segments
    has_place = sum(width_of(each.text) for each in before) + width_of(text) == cell
    if not has_place or cursor.text != " " or len(blank) < 2 or blank.strip(" "):
        return None
    return Strip([*before, Segment(text + letter, style), cursor, Segment(blank[1:], ground)], strip.cell_length)


def _rests(pump: MessagePump) -> bool:
    """Whether a loop of messages has nothing to do: none waits, and none is being dealt with."""
    queue: Any = pump._message_queue  # noqa: SLF001  which tells whether anybody waits for it to fill
    return queue.empty() and bool(queue.ready_event._waiters) and pump._pending_message is None  # noqa: SLF001
