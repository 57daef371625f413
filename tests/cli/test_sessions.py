"""`rillet sessions`: what it lists, and how a deleted session is had back from the shell."""

import re

import pytest

from tui.cli.parser import make_parser
from tui.store.database import Database


@pytest.fixture
def asked(ask, home):
    """Two saved sessions, the first of them deleted; their ids."""
    for prompt in ("Tell of docker", "Tell of the sea"):
        assert ask("ok", prompt).returncode == 0
    database = Database.open(home / "data/rillet/sessions.db")
    second, first = (each.id for each in database.sessions.summaries())
    database.sessions.delete(first)
    database.close()
    return first, second


def test_a_deleted_session_is_listed_and_restored(rillet, asked):
    first, second = asked
    for words in (["sessions"], ["sessions", "list"]):
        listed = rillet(*words)
        assert second in listed.stdout
        assert "1 turn  " in listed.stdout
        assert first not in listed.stdout
    deleted = rillet("sessions", "list", "--deleted").stdout
    assert first in deleted
    assert second not in deleted
    missing = rillet("sessions", "restore", second)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "rillet sessions list --deleted" in missing.stderr
    restored = rillet("sessions", "restore", first[:7])
    assert restored.returncode == 0
    assert "Tell of docker" in restored.stdout
    assert first in rillet("sessions", "list", "--find", "docker").stdout
    assert first in rillet("sessions", "--find", "docker").stdout
    assert rillet("sessions", "list", "--deleted").stdout == ""


def test_sessions_are_shown_found_tagged_exported_and_thrown_away(ask, rillet, home):
    import json

    assert ask("ok", "Tell of a grapefruit").returncode == 0
    (told,) = json.loads(rillet("sessions", "list", "--json").stdout)
    session = told["id"]
    assert (told["title"], told["turns"], told["tags"]) == ("Tell of a grapefruit", 1, [])
    assert "YOU\nTell of a grapefruit" in rillet("sessions", "show", session).stdout
    assert json.loads(rillet("sessions", "show", session, "--json").stdout)["id"] == session
    assert rillet("sessions", "search", "GRAPEFRUIT", "model:m").returncode == 0
    assert rillet("sessions", "search", "GRAPEFRUIT", "model:other").returncode == 1
    found = rillet("sessions", "search", "grape")
    assert f"{session}.1" in found.stdout
    assert "‹grape›fruit" in found.stdout
    (hit,) = json.loads(rillet("sessions", "search", "grape", "--json").stdout)
    assert [hit["excerpt"][slice(*span)] for span in hit["spans"]] == ["grape"]
    assert rillet("sessions", "search", "nowhere").returncode == 1
    assert (
        "#fruit pinned" in rillet("sessions", "tag", session[:5], "fruit", "sweet", "--remove", "sweet", "--pin").stdout
    )
    assert session in rillet("sessions", "--find", "tag:fruit").stdout
    assert rillet("sessions", "--find", "tag:meat").stdout == ""
    assert rillet("sessions", "list", "--find", "since:nonsense").returncode == 2
    assert "<!DOCTYPE html>" in rillet("sessions", "export", f"{session}.1", "--as", "html").stdout
    path = home / "talk.json"
    assert "as json" in rillet("sessions", "export", session, str(path)).stdout
    assert rillet("sessions", "export", session, str(path)).returncode == 2
    assert "1 were there already" in rillet("import", str(path)).stdout
    assert rillet("sessions", "export", session, "--as", "json").stdout == path.read_text()
    assert rillet("sessions", "export", session, "-", "--as", "json").stdout == path.read_text(), (
        "“-” is standard output"
    )
    assert rillet("sessions", "export", f"{session}.7").returncode == 2
    assert json.loads(rillet("sessions", "rm", session, "--json").stdout) == [session]
    assert "1 are in the bin" in rillet("import", str(path)).stdout
    assert json.loads(rillet("sessions", "list", "--deleted", "--json").stdout)[0]["deleted_at"]
    assert json.loads(rillet("sessions", "restore", session, "--json").stdout)["tags"] == ["fruit"]
    assert rillet("sessions", "rm", session).returncode == 0
    assert "0 sessions" in rillet("sessions", "prune", "--older", "3").stdout
    assert rillet("sessions", "prune").stdout.startswith("1 session dropped for good")
    assert rillet("sessions", "list", "--deleted").stdout == ""
    assert json.loads(rillet("sessions", "prune", "--json").stdout)["dropped"] == 0
    assert b"grapefruit" not in (home / "data/rillet/sessions.db").read_bytes()
    assert "1 session imported" in rillet("import", str(path)).stdout


def test_what_the_messages_tell_to_run_is_a_command(capsys):
    """A sentence that says “rillet sessions list” is worth nothing if that is not one."""
    from pathlib import Path

    import tui

    told = set()
    for file in Path(tui.__file__).parent.rglob("*.py"):
        told |= set(re.findall(r"rillet (?:sessions|local|tape|tools) [a-z]+", file.read_text()))
    assert "rillet sessions list" in told
    for line in sorted(told):
        with pytest.raises(SystemExit) as left:
            make_parser().parse_words([*line.split()[1:], "--help"])
        assert left.value.code == 0, line
    capsys.readouterr()


def test_the_system_prompt_of_the_command_line_is_saved_with_the_conversation(ask, home):
    assert ask("ok", "--system", "Be a cat", "hi").returncode == 0
    database = Database.open(home / "data/rillet/sessions.db")
    assert database.sessions.system(database.sessions.last()) == "Be a cat"
    database.close()
