"""The theme that follows the terminal: ink on a dark background, paper on a light one.

Imports nothing: the first frame is painted before anything is.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

AUTO = "auto"
"""The name of this theme, which is the one in use where none was chosen."""

BY_GROUND = {"dark": "ink", "light": "paper"}

_LIGHT_NUMBERS = frozenset((7, *range(9, 16)))


def likely_ground(environ: Mapping[str, str], remembered: object = "") -> str:
    """Whether the terminal is light or dark, before it has said so: what its variable tells, else how it was last."""
    colour = environ.get("COLORFGBG", "").rpartition(";")[2]
    if colour.isdigit():
        return "light" if int(colour) in _LIGHT_NUMBERS else "dark"
    return "light" if remembered == "light" else "dark"
