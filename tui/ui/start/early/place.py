"""Where files of a kind are: the rule of `store/path`, without what that imports."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "rillet"


def directory(variable: str, usual: str, environ: Mapping[str, str]) -> str:
    """The directory of a kind of files.

    Raises:
        ValueError: If it cannot be told here.
    """
    chosen = environ.get(variable, "")
    if os.path.isabs(chosen):
        return f"{chosen}/{NAME}"
    home = os.path.expanduser("~")
    if chosen or sys.platform != "linux" or not os.path.isabs(home):
        raise ValueError(variable)
    return f"{home}/{usual}/{NAME}"
