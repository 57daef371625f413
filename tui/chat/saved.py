"""Opening the saved sessions, without the rest of the program: a command that only reads them should not wait for that."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from tui.domain.error import StoreError
from tui.store.database import Database
from tui.store.path import data_dir, database_path, disk_error, make_dir


def open_database(*, saves: bool = True, tell: Callable[[str], None] = lambda _words: None) -> Database:
    """The saved sessions; in memory, with a notice that says why, where the disk fails or nothing is to be saved.

    What a file that cannot be written holds can be read all the same. `tell` is told while a damaged file is mended.
    """
    if not saves:
        database = Database.memory()
        database.why_unsaved, database.is_unsaved_by_choice = "--no-save", True
        return database
    try:
        make_dir(data_dir())
        return Database.open(database_path(), tell=tell)
    except StoreError as error:
        from tui.store.unsaved import UnsavedDatabase

        saved: Database | None = None
        with suppress(StoreError):
            saved = Database.open_to_read(database_path(), tell=tell)
        return UnsavedDatabase(saved, why=error.message, notice=f"not saving: {error.message}")


def open_to_read(tell: Callable[[str], None] = lambda _words: None) -> Database:
    """The saved sessions for a command that only reads them: nothing on the disk is changed.

    Raises:
        StoreError: If there is a file of which nothing can be read, or nobody may look whether there is one.
    """
    path = database_path()
    try:
        path.lstat()
    except FileNotFoundError:
        return Database.memory()
    except OSError as error:
        raise disk_error(error, f"{path} cannot be reached") from error
    return Database.open_to_read(path, tell=tell)
