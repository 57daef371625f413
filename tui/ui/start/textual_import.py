"""A lean start: what has to be settled before Textual is imported, because it is read or paid for then."""

from __future__ import annotations

import gc
import os
import sys
from types import ModuleType

from tui.ui.terminal.multiplexer import colours_in_screen, is_in_screen

ESCAPE_MS = "20"
"""How long Esc waits to be told from a sequence, in milliseconds; Textual's own 100 would be felt at every stop."""

SWITCH_SECONDS = 0.001
"""How long the thread that reads keys may wait for its turn while a reply keeps the loop busy; Python's own is 5 ms."""

_PALETTE = "textual.command"
_NAMES = ("CommandListItem", "CommandPalette", "DiscoveryHit", "Hit", "Hits", "Provider", "SimpleProvider")


def import_textual() -> None:
    """Import Textual as rillet uses it: a quick Esc, nothing animated, and without its command palette.

    The palette brings a tree of directories, a select and seven more widgets along, a sixth of the whole start,
    and rillet has its own. Textual names its classes only in annotations and behind a switch that is off, so empty
    ones do; whoever imports the palette afterwards gets the real one.
    """
    os.environ.setdefault("ESCDELAY", ESCAPE_MS)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    if is_in_screen():  # COLORTERM is that of the terminal around it: it makes other colours of what it does not know
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", colours_in_screen())
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.disable()  # imports make no garbage worth a look; `tui.ui.start.warm` switches it on again
    if "textual.app" in sys.modules or _PALETTE in sys.modules:
        return
    stand_in = ModuleType(_PALETTE)
    for name in _NAMES:
        setattr(stand_in, name, type(name, (), {}))
    sys.modules[_PALETTE] = stand_in
    try:
        import textual.app  # noqa: F401  for its effect
    finally:
        del sys.modules[_PALETTE]
