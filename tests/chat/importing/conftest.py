"""A database of ours to import into, and what an import of a file leaves there."""

from __future__ import annotations

import pytest

from tui.chat.importing.run import Import, sources_of
from tui.store.database import Database


@pytest.fixture
def database(tmp_path):
    database = Database.open(tmp_path / "rillet" / "sessions.db")
    yield database
    database.close()


@pytest.fixture
def take(database):
    """Imports files, checks that a second time nothing is added, and gives the report and the sessions as they are now."""

    def take(*paths):
        work = Import(database)
        report = work.run(sources_of([str(path) for path in paths], work))
        again = Import(database)
        second = again.run(sources_of([str(path) for path in paths], again))
        assert (second.new, second.grown, second.turns) == (0, 0, 0)
        assert second.same == report.new + report.grown + report.same
        listed = [*database.sessions.summaries(), *archived(database)]
        return report, {each.source: database.whole.read(each.id) for each in listed}

    return take


def archived(database):
    rows = database.rows("SELECT id FROM session WHERE archived_at IS NOT NULL AND deleted_at IS NULL")
    return [database.sessions.summary(session_id) for (session_id,) in rows]


@pytest.fixture
def one(take):
    """Imports files that hold one session."""

    def one(*paths):
        report, sessions = take(*paths)
        assert report.problems == []
        (session,) = sessions.values()
        return session

    return one
