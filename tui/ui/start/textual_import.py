"""A lean start: what has to be settled before Textual is imported, because it is read or paid for then."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from tui.ui.terminal.multiplexer import colours_in_screen, is_in_screen

ESCAPE_MS = "20"
"""How long Esc waits to be told from a sequence, in milliseconds; Textual's own 100 would be felt at every stop."""

SWITCH_SECONDS = 0.001
"""How long the thread that reads keys may wait for its turn while a reply keeps the loop busy; Python's own is 5 ms."""

NEVER_SHOWN = (
    "pickle",  # what belongs to a style and is no style
    "platformdirs",  # where a download goes
    "rich.markup",
    "rich.padding",
    "rich.panel",
    "rich.table",
    "rich.tree",
    "textual._xterm_parser",  # `keyboard` reads what the terminal sends
    "textual.canvas",  # lines between widgets
    "textual.command",
    "textual.css._help_renderables",
    "textual.css._help_text",
    "textual.file_monitor",
    "textual.layouts.grid",
    "textual.layouts.stream",
    "textual.markup",
    "textual.suggestions",
    "textual.widgets._toast",
    "textual.widgets._tooltip",
)
"""Modules that Textual imports for what rillet hardly ever uses: errors in style sheets, a palette, toasts, grids.

The palette alone brings a tree of directories, a select and seven more widgets along, a sixth of the whole start.
Textual names what is in them in annotations, in calls and in `isinstance`, and inherits from none of it.
"""

NEEDED = ("textual.app", "textual.drivers.linux_driver", "textual.layouts.factory", "textual.widgets._text_area")
"""The modules of Textual that bring along what is shown."""


def import_textual() -> None:
    """Import Textual as rillet uses it: a quick Esc, nothing animated, and without what is never shown."""
    os.environ.setdefault("ESCDELAY", ESCAPE_MS)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    if is_in_screen():  # COLORTERM is that of the terminal around it: it makes other colours of what it does not know
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", colours_in_screen())
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.disable()  # imports make no garbage worth a look; `tui.ui.start.warm` switches it on again
    if "textual.app" in sys.modules:
        return
    with _stood_in_for(NEVER_SHOWN):
        for name in NEEDED:
            import_module(name)


@contextmanager
def _stood_in_for(names: tuple[str, ...]) -> Iterator[None]:
    """Give whoever imports these modules meanwhile what loads them when it is used, and whoever does later themselves."""
    stand_ins = {name: _StandIn(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


class _StandIn(ModuleType):
    """Stands for a module: whatever is taken from it is a class that makes or calls the real thing."""

    def __getattr__(self, name: str) -> type:
        """Something of the module."""
        if name.startswith("__"):
            raise AttributeError(name)
        module = self.__name__

        def make(_kind: type, *values: Any, **options: Any) -> Any:
            return getattr(import_module(module), name)(*values, **options)

        return type(name, (), {"__new__": make})
