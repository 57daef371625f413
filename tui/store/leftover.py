"""What a process leaves beside the sessions file when it is killed while it writes a copy of that: each is as large as the file."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from tui.store.owner import is_running

_HALF = re.compile(r"\.(?P<pid>[0-9]{1,9})\.(?:part|gz)(?:-journal|-wal|-shm)?")
"""Ends the name of a file that is being written, with the number of the process that does."""


def drop_leftovers(path: Path) -> None:
    """Drop the halves of copies whose processes are gone: they hold what was said, and nobody will read them."""
    for place, beginning in ((path.parent, f"{path.name}."), (path.parent / "backups", ".")):
        with suppress(OSError):
            for each in place.iterdir():
                end = _HALF.search(each.name)
                is_half = end is not None and end.end() == len(each.name) and each.name.startswith(beginning)
                if is_half and end is not None and not is_running(int(end["pid"])):
                    each.unlink(missing_ok=True)
