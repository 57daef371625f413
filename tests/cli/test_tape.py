"""`rillet tape` and `rillet replay --events`: what the wire said, again."""

import json
import os
import sqlite3
import stat
from contextlib import closing
from typing import get_args

import pytest

from tests.cli.running import KEY
from tui.domain.export_word import EXPORT_FORMS, CodeForm
from tui.domain.message import ToolResultPart
from tui.domain.tape import Read, SentRequest
from tui.domain.turn import Continuation, Prompt, ToolResults, Turn, TurnState
from tui.store.database import Database
from tui.store.keep import Keep

UNTIMED = ("t", "timing")


def events_of(done, *, without=UNTIMED):
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [{key: value for key, value in event.items() if key not in without} for event in events]


@pytest.mark.parametrize("dialect", ["chat", "responses"])
@pytest.mark.parametrize("scenario", ["reasoning", "tools", "reset@2000", "short@2000", "http@400", "error-object"])
def test_a_tape_replays_to_the_same_events(ask, rillet, home, scenario, dialect):
    live = ask(f"{scenario};tape-{dialect}", "--dialect", dialect, "--events", "hi", env={"RILLET_API_KEY": KEY})
    (line,) = rillet("tape", "list").stdout.splitlines()
    address = line.split()[0]
    path = home / "one.tape"
    assert rillet("tape", "export", address, str(path)).returncode == 0
    again = rillet("replay", str(path), "--events", "--speed", "0")
    assert rillet("replay", address, "--events", "--speed", "0").stdout == again.stdout, (
        "a saved turn is named as elsewhere"
    )
    assert again.returncode == live.returncode
    was, now = events_of(live), events_of(again)
    assert was[0].pop("turn") == address
    assert was[0].pop("session") == address.partition(".")[0]  # a tape goes without its session
    for event in was, now:
        if event[-1]["error"] is not None:
            event[-1]["error"] = event[-1]["error"]["message"]
    assert now == was
    assert KEY not in path.read_text()


def test_a_tape_is_shown_read_by_read(ask, rillet):
    ask("escapes", "hi", env={"RILLET_API_KEY": KEY})
    address = rillet("tape", "list").stdout.split()[0]
    shown = rillet("tape", "show", address)
    assert shown.returncode == 0
    assert "> POST http://127.0.0.1" in shown.stdout
    assert "< 200" in shown.stdout
    assert " ms " in shown.stdout
    assert "eof" in shown.stdout
    assert not set(map(chr, (*range(9), *range(11, 32), 127, *range(128, 160)))) & set(shown.stdout)
    assert KEY not in shown.stdout


def test_a_replay_keeps_the_pace(ask, rillet, home):
    ask("ok;tokens=30;rate=60", "hi")
    address = rillet("tape", "list").stdout.split()[0]
    path = home / "pace.tape"
    rillet("tape", "export", address, str(path))
    events = events_of(rillet("replay", str(path), "--events", "--speed", "4"), without=())
    times = [event["t"] for event in events[:-1]]
    assert times == sorted(times)
    assert 0.4 < times[-1] < 3


def test_an_export_overwrites_nothing(ask, rillet, home):
    ask("ok", "hi")
    address = rillet("tape", "list").stdout.split()[0]
    path = home / "mine"
    path.write_text("precious")
    done = rillet("tape", "export", address, str(path))
    assert (done.returncode, "is there already" in done.stderr, path.read_text()) == (2, True, "precious")


@pytest.mark.parametrize("text", ["", "{}", "[1]", "not json", '{"tape": 1}\n{"at": "x"}\n', "\0\xff"])
def test_a_file_that_is_no_tape_is_named(rillet, home, text):
    path = home / "bad.tape"
    path.write_bytes(text.encode("latin-1"))
    done = rillet("replay", str(path), "--events")
    assert done.returncode == 2
    assert "is not a tape" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_tape_is_checked_by_its_address_and_as_a_file(ask, rillet, home):
    ask("ok;check", "hi", env={"RILLET_API_KEY": KEY})
    address = rillet("tape", "list").stdout.split()[0]
    path = home / "one.tape"
    rillet("tape", "export", address, str(path))
    by_address, as_file = rillet("tape", "check", address), rillet("tape", "check", str(path))
    assert by_address.stdout == as_file.stdout
    assert "silence" in as_file.stdout
    ask("cut@300;check", "hi", env={"RILLET_API_KEY": KEY})
    newest = rillet("tape", "list").stdout.split()[0]
    cut = rillet("tape", "check", newest)
    assert cut.returncode == 1
    assert "✗ no-finish" in cut.stdout
    missing = rillet("tape", "check", "missing.tape")
    assert missing.returncode == 2


def test_what_began_a_recorded_turn_is_told_in_words():
    database = Database.memory()
    session, above = database.sessions.create(), None
    for opening in (Prompt("Weather?"), ToolResults((ToolResultPart("1", "mild"),)), Continuation()):
        turn = Turn(opening, parent=above)
        database.turns.begin(session, turn, SentRequest("POST", "http://x/v1", {}, {}))
        above = turn.id
    told = [line.rpartition("   ")[2].strip() for line in database.tape_lines()]
    assert told == ["Weather?", "(the result of its tool call)", "(the rest of a reply that was cut)"]
    database.close()


@pytest.mark.parametrize("model", ["m", "a-very-long-name-of-a-model-1", "modèle\n"])
def test_a_list_of_tapes_is_the_same_however_it_is_made(model):
    with closing(Database.memory()) as database:
        prompts = ["plain", " two  spaces ", "über alles", "a\nb\tc", "x" * 300, "long " * 400, "\x1b[31m", ""]
        session, above = database.sessions.create(), None
        turns = []
        for prompt in prompts:
            turn = Turn(Prompt(prompt), parent=above, model=model)
            database.turns.begin(session, turn, SentRequest("POST", "http://x/v1", {}, {}))
            database.tapes.append_reads(turn.id, [Read(0.1, b"x" * 1234567)])
            above = turn.id
            turns.append(turn)
        unfinished = database.tape_lines()
        for turn in turns:
            turn.end(TurnState.STOPPED)
            database.turns.end(turn)
        made = database.tape_lines()
        assert [line.replace("stopped", "waiting") for line in made] == unfinished
        database._connection.run("DELETE FROM listed")
        assert made == database.tape_lines()
        assert len(made) == 8
        assert all("\n" not in line and "\x1b" not in line and "1,234,567 B" in line for line in made)


def test_a_list_of_tapes_says_what_has_become_of_them_since():
    with closing(Database.memory()) as database:
        ids = []
        for session in (database.sessions.create(), database.sessions.create()):
            turn = Turn(Prompt("hi"), model="m")
            database.turns.begin(session, turn, SentRequest("POST", "http://x/v1", {}, {}))
            database.tapes.append_reads(turn.id, [Read(0.1, b"x" * 77)])
            turn.end(TurnState.COMPLETE)
            database.turns.end(turn)
            ids.append(turn.id)
        assert [line.split()[:3] for line in database.tape_lines()] == [[each, "complete", "77"] for each in ids[::-1]]
        database.tapes.append_reads(ids[0], [Read(0.2, b"yy")])  # a busy disk took it late
        assert [line.split()[2] for line in database.tape_lines()] == ["77", "79"]
        database.upkeep.prune(Keep(size_bytes=0))
        assert [line.split()[2] for line in database.tape_lines()] == ["0", "0"]
        database.sessions.delete(ids[0].partition(".")[0])
        database.sessions.purge(-1)
        assert [line.split()[0] for line in database.tape_lines()] == [ids[1]]
        assert database._connection.row("SELECT count(*) FROM listed") == (1,)


HEAD = {"tape": 1, "dialect": "chat", "model": "m", "endpoint": "e"}
REQUEST = {"method": "POST", "url": "http://x.example/v1", "headers": {}, "body": {"model": "m"}, "sent_at": ""}
RESPONSE = {"head": {"status": 200, "headers": {"content-type": "text/event-stream"}, "at": 0.1}}
END = {"end": {"at": 0.3, "kind": "eof", "message": ""}}


def but(row, **changes):
    """A row with other values; the inner object is changed where it has one."""
    (key, inner), *more = row.items()
    return {**row, key: {**inner, **changes}} if isinstance(inner, dict) and not more else {**row, **changes}


@pytest.mark.parametrize(
    "rows",
    [
        [{**HEAD, "dialect": 7}],
        [{**HEAD, "model": None}],
        [{**HEAD, "endpoint": []}],
        [{**HEAD, "request": 7}],
        [{**HEAD, "request": {**REQUEST, "body": None}}],
        [{**HEAD, "request": {**REQUEST, "body": []}}],
        [{**HEAD, "request": {**REQUEST, "headers": {"a": 1}}}],
        [{**HEAD, "request": {**REQUEST, "headers": []}}],
        [{**HEAD, "request": {**REQUEST, "url": "http://[x/"}}],
        [{**HEAD, "request": {**REQUEST, "url": "http://x:port/"}}],
        [{**HEAD, "request": {**REQUEST, "url": 7}}],
        [{**HEAD, "request": {}}],
        [{**HEAD, "request": REQUEST}, but(RESPONSE, status="200")],
        [{**HEAD, "request": REQUEST}, but(RESPONSE, status=None)],
        [{**HEAD, "request": REQUEST}, but(RESPONSE, headers=[])],
        [{**HEAD, "request": REQUEST}, but(RESPONSE, headers={"a": None})],
        [{**HEAD, "request": REQUEST}, but(RESPONSE, at="soon")],
        [{**HEAD, "request": REQUEST}, but(RESPONSE, at=float("nan"))],
        [{**HEAD, "request": REQUEST}, {"head": 7}],
        [{**HEAD, "request": REQUEST}, RESPONSE, {"at": "x", "text": "y"}],
        [{**HEAD, "request": REQUEST}, RESPONSE, {"at": float("inf"), "text": "y"}],
        [{**HEAD, "request": REQUEST}, RESPONSE, {"at": -1, "text": "y"}],
        [{**HEAD, "request": REQUEST}, RESPONSE, {"at": 1, "text": 7}],
        [{**HEAD, "request": REQUEST}, RESPONSE, {"at": 1, "b64": "!"}],
        [{**HEAD, "request": REQUEST}, RESPONSE, {"at": 1, "text": "\ud800"}],
        [{**HEAD, "request": REQUEST}, RESPONSE, 7],
        [{**HEAD, "request": REQUEST}, RESPONSE, []],
        [{**HEAD, "request": REQUEST}, RESPONSE, but(END, at="late")],
        [{**HEAD, "request": REQUEST}, RESPONSE, but(END, kind="nobody knows")],
        [{**HEAD, "request": REQUEST}, RESPONSE, but(END, message=None)],
        [{**HEAD, "request": REQUEST}, RESPONSE, {"end": None}],
        [7],
        [{"tape": "1"}],
    ],
)
def test_a_tape_of_a_wrong_shape_is_a_sentence_with_its_line(rillet, home, rows):
    path = home / "odd.tape"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for words in (["tape", "check", str(path)], ["replay", str(path), "--events", "--speed", "0"]):
        done = rillet(*words)
        assert done.returncode == 2, done.stderr
        assert f"is not a tape: line {len(rows)}: " in done.stderr


@pytest.mark.parametrize("dialect", ["", "nobody's"])
def test_a_tape_of_a_dialect_that_nobody_speaks_is_no_fault_of_the_program(rillet, home, dialect):
    path = home / "odd.tape"
    rows = [{**HEAD, "dialect": dialect, "request": REQUEST}, RESPONSE, {"at": 0.2, "text": "data: [DONE]\n\n"}, END]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for words in (["tape", "check", str(path)], ["replay", str(path), "--events", "--speed", "0"]):
        done = rillet(*words)
        assert done.returncode in (0, 1, 2, 5), done.stderr
        assert "Traceback" not in done.stderr
        assert "its own fault" not in done.stderr


def test_a_pipe_is_no_tape_and_nobody_waits_for_it(rillet, home):
    pipe = home / "pipe.tape"
    os.mkfifo(pipe)
    for words in (["tape", "check", str(pipe)], ["replay", str(pipe), "--events"]):
        done = rillet(*words)
        assert (done.returncode, "is not a regular file" in done.stderr) == (2, True)


def test_recordings_are_dropped_and_what_was_said_stays(ask, rillet):
    ask("ok", "hi")
    assert rillet("tape", "prune").stdout.startswith("0 recordings dropped")
    done = rillet("tape", "prune", "--keep", "0 MB")
    assert (done.returncode, done.stdout.split(",")[0]) == (0, "1 recording dropped")
    assert "hi" in rillet("sessions").stdout
    assert "there is no" not in rillet("tape", "list").stderr
    assert rillet("tape", "prune", "--keep", "a while").returncode == 2


@pytest.mark.parametrize(
    ("keep", "stay"),
    [
        ("all", ["old", "newer", "newest"]),
        ("30 days", ["newer", "newest"]),
        ("1 week", ["newest"]),
        ("0.0005 MB", ["newest"]),
    ],
)
def test_recordings_are_kept_as_the_settings_say(ask, rillet, home, keep, stay):
    for prompt in ("old", "newer", "newest"):
        ask("ok", prompt)
    with closing(sqlite3.connect(home / "data/rillet/sessions.db")) as raw, raw:
        for days, prompt in ((40, "old"), (20, "newer")):
            raw.execute(
                "UPDATE turn SET created_at = created_at - ? WHERE opening LIKE ?", (days * 86400, f'%"{prompt}"%')
            )
        sizes = [size for (size,) in raw.execute("SELECT sum(length(packed)) FROM block GROUP BY key >> 20")]
        assert max(sizes) < 500 < min(sizes) * 2
    settings = home / "config.toml"
    settings.write_text(f'[tapes]\nkeep = "{keep}"\n')
    where = {"RILLET_CONFIG": str(settings)}
    assert rillet("settings", env=where).stdout.splitlines()[0].split("  ")[0] == f'tapes.keep = "{keep}"'
    gone = 3 - len(stay)
    pruned = rillet("tape", "prune", env=where)
    assert (pruned.returncode, pruned.stdout.split(",")[0]) == (0, f"{gone} recording{'s' * (gone != 1)} dropped")
    for line in rillet("tape", "list").stdout.splitlines():
        shown = rillet("tape", "show", line.split()[0])
        assert (shown.returncode == 0) == any(line.endswith(f" {prompt}") for prompt in stay), (line, shown)
    assert len(rillet("sessions").stdout.splitlines()) == 3
    assert rillet("tape", "prune", env=where).stdout.startswith("0 recordings dropped")


def test_a_file_is_looked_through_and_what_was_told_of_it_is_taken_as_read(ask, rillet, home):
    ask("ok", "hi")
    assert rillet("recover").stdout == "The sessions file is whole.\n"
    path = home / "data/rillet/sessions.db"
    with closing(sqlite3.connect(path)) as raw:
        (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'tape'").fetchone()
    data = path.read_bytes()
    path.write_bytes(data[: (page - 1) * 4096] + bytes(4096) + data[page * 4096 :])
    assert "1 of 1 turns" in rillet("recover").stdout
    assert rillet("sessions").stderr == ""
    assert rillet("backup", "list").stdout == ""
    assert rillet("backup", "restore", "2026").returncode == 2


def test_a_copy_is_made_when_it_is_asked_for_and_restored(ask, rillet):
    assert rillet("backup", "now").returncode == 1
    ask("ok", "hi")
    name = rillet("backup", "now").stdout.split()[0]
    assert rillet("backup", "list").stdout.startswith(name)
    assert rillet("sessions", "rm", json.loads(rillet("sessions", "list", "--json").stdout)[0]["id"]).returncode == 0
    assert rillet("backup", "restore", name).returncode == 0
    assert "hi" in rillet("sessions").stdout


@pytest.mark.parametrize("form", EXPORT_FORMS)
def test_a_recording_is_exported_in_every_form_without_its_key(ask, rillet, rillet_process, home, form):
    ask("ok", "hi", env={"RILLET_API_KEY": KEY})
    address = rillet("tape", "list").stdout.split()[0]
    printed = rillet_process("tape", "export", address, *(["-"] if form == "sse" else []), "--as", form)
    assert (printed.returncode, printed.stderr) == (0, "")
    done = rillet("tape", "export", address, str(home / "file"), "--as", form)
    assert (done.returncode, done.stdout) == (0, "")
    assert (home / "file").read_text() == printed.stdout
    assert stat.S_IMODE((home / "file").stat().st_mode) == 0o600
    assert KEY not in printed.stdout
    if form not in get_args(CodeForm):
        assert "dog" in printed.stdout


def test_a_tape_in_a_file_is_exported_too(ask, rillet, home):
    ask("ok", "hi")
    address = rillet("tape", "list").stdout.split()[0]
    rillet("tape", "export", address, str(home / "one.tape"))
    assert rillet("tape", "export", str(home / "one.tape"), str(home / "one.har"), "--as", "har").returncode == 0
    (entry,) = json.loads((home / "one.har").read_text())["log"]["entries"]
    assert entry["response"]["status"] == 200


def test_without_a_terminal_open_names_what_does_without_one(rillet):
    done = rillet("open", "slow.sse")
    assert done.returncode == 2
    assert "rillet tape check FILE" in done.stderr
