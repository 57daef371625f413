"""Whether a draft may wait for the conversation that is opened: then nothing is echoed before it is known."""

from __future__ import annotations

import os

from tui.ui.start.early.place import directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def database_file(environ: Mapping[str, str]) -> str:
    """The file of the saved sessions, as `store/path` says.

    Raises:
        ValueError: If that cannot be told.
    """
    return directory("XDG_DATA_HOME", ".local/share", environ) + "/sessions.db"


def may_have_draft(path: str, *, any_session: bool) -> bool:
    """Whether there may be a draft in a file of saved sessions: of any, or of one that has not begun.

    Only looked at, and without a lock: nothing is written, made or waited for. What cannot be read may hold one.
    """
    if not path or not os.path.exists(path):
        return False
    is_in_use = any(os.path.exists(path + side) for side in ("-wal", "-journal"))
    how = "mode=ro" if is_in_use else "mode=ro&immutable=1"  # else SQLite would make files beside it
    try:
        import _sqlite3

        name = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        connection = _sqlite3.connect(f"file:{name}?{how}", timeout=0, uri=True)
        try:
            which = "" if any_session else " WHERE session_id = ''"
            return connection.execute(f"SELECT 1 FROM draft{which} LIMIT 1").fetchone() is not None  # noqa: S608  two texts of ours
        finally:
            connection.close()
    except (ImportError, _sqlite3.Error):
        return True
