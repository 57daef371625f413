"""What is wrong with a file is told with the place, and nothing of it is half imported."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing

import pytest

from tests.chat.importing.samples import plain_chatgpt, texts, write_database, write_json, write_lines
from tests.chat.importing.test_programs import codex_rollout, llm_new
from tui.chat.importing import source
from tui.chat.importing.run import Import, sources_of
from tui.domain.error import ConfigError, StoreError
from tui.store.database import Database


def run(database, *paths, tell=lambda _: True):
    work = Import(database, tell)
    return work.run(sources_of([str(path) for path in paths], work))


def test_of_an_export_that_is_cut_the_whole_conversations_are_taken_and_the_place_is_told(database, tmp_path):
    chats = [plain_chatgpt(f"c{number}", f"Prompt {number}") for number in range(5)]
    whole = json.dumps(chats, indent=1)
    path = tmp_path / "conversations.json"
    path.write_text(whole[: whole.index("Prompt 3") + 4])
    report = run(database, path)
    assert report.new == 3
    ((place, words),) = report.problems
    assert place == str(path)
    assert f"cut at line {whole[: whole.index('Prompt 3')].count(chr(10)) + 1}" in words.replace(",", "")
    assert {summary.title for summary in database.sessions.summaries()} == {"A chat"}
    assert [summary.turns for summary in database.sessions.summaries()] == [1, 1, 1]


def test_a_conversation_that_is_damaged_does_not_take_the_others_along(database, tmp_path):
    chats = [plain_chatgpt("c1"), {"mapping": "none"}, plain_chatgpt("c3"), 7]
    report = run(database, write_json(tmp_path / "conversations.json", chats))
    assert report.new == 2
    assert [place.rpartition(", ")[2] for place, _ in report.problems] == ["conversation 2", "conversation 4"]


@pytest.mark.parametrize("kind", ["zip", "empty", "text", "json", "database", "object"])
def test_a_file_that_is_of_no_program_is_refused_with_a_reason(database, tmp_path, kind):
    path = tmp_path / f"file.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("conversations.json", json.dumps([plain_chatgpt()]))
        path.write_bytes(path.read_bytes()[:-30])
    elif kind == "database":
        write_database(path, something=[{"a": 1}])
    else:
        path.write_text({"empty": "", "text": "hello", "json": "[1, 2]", "object": '{"a": 1}'}[kind])
    with pytest.raises(ConfigError) as told:
        run(database, path)
    assert path.name in told.value.message
    assert {"zip": "cut or damaged", "empty": "empty"}.get(kind, "no chats") in told.value.message


def test_what_is_not_there_is_told_with_what_could_be_named(database, tmp_path):
    with pytest.raises(ConfigError, match="there is no file"):
        run(database, tmp_path / "nothing.json")


def test_a_database_of_a_newer_program_says_what_is_missing(database, tmp_path):
    path = write_database(
        tmp_path / "logs.db",
        threads=[{"id": "t", "tip_message_hash": "m"}],
        parts=[{"uid": 1}],
        messages=[{"hash": "m"}],
    )
    report = run(database, path)
    assert report.new == 0
    assert any("another version" in words and "missing" in words for _, words in report.problems)


def test_a_database_that_another_program_writes_to_is_told_and_one_that_is_open_is_read(
    database, tmp_path, monkeypatch
):
    path = llm_new(tmp_path / "logs.db")
    monkeypatch.setattr(source, "_BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        report = run(database, path)
        assert report.new == 0
        assert ["another program is writing" in words for _, words in report.problems] == [True]
        other.execute("ROLLBACK")
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("UPDATE threads SET name = 'In the log'")
        report = run(database, path)
    assert report.new == 1
    assert database.sessions.summaries()[0].title == "In the log"


def test_a_log_that_is_still_written_is_taken_as_far_as_it_is_whole(database, tmp_path):
    path = write_lines(tmp_path / "rollout-base.jsonl", *codex_rollout())
    path.write_bytes(path.read_bytes() + b'{"timestamp": "2026')
    report = run(database, path)
    assert report.new == 1
    ((_, words),) = report.problems
    assert "line 13" in words
    (summary,) = database.sessions.summaries()
    assert texts(database.whole.read(summary.id)) == ["I look.", "It failed."]


def test_an_import_that_is_stopped_keeps_what_is_whole_and_goes_on_later(database, tmp_path):
    path = write_json(tmp_path / "conversations.json", [plain_chatgpt(f"c{number}") for number in range(20)])
    report = run(database, path, tell=lambda work: work.report.new < 5)
    assert (report.new, report.was_stopped) == (5, True)
    assert [summary.turns for summary in database.sessions.summaries()] == [1] * 5
    again = run(database, path)
    assert (again.new, again.same) == (15, 5)


def test_an_interrupt_in_the_middle_of_a_session_leaves_nothing_of_it(database, tmp_path, monkeypatch):
    path = write_json(tmp_path / "conversations.json", [plain_chatgpt(f"c{number}") for number in range(3)])
    note, count = database.full_text.note, 0

    def interrupt(turn_id, said):
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt
        note(turn_id, said)

    monkeypatch.setattr(database.full_text, "note", interrupt)
    report = run(database, path)
    assert (report.new, report.was_stopped) == (1, True)
    assert [summary.turns for summary in database.sessions.summaries()] == [1]
    assert database.rows("SELECT count(*) FROM session") == [(1,)]


def test_nothing_is_imported_where_nothing_is_saved(tmp_path):
    path = write_json(tmp_path / "conversations.json", [plain_chatgpt()])
    with closing(Database.memory()) as database, pytest.raises(StoreError):
        run(database, path)


def test_what_was_imported_is_found_and_stands_in_the_list_where_its_time_puts_it(database, tmp_path):
    run(database, write_json(tmp_path / "conversations.json", [plain_chatgpt("c1", "A grapefruit")]))
    own = database.sessions.create("Ours")
    from tui.domain.turn import Prompt, Turn

    database.turns.begin(own, Turn(Prompt("later")))
    run(database, write_json(tmp_path / "conversations.json", [plain_chatgpt("c2", "An orange")]))
    assert [summary.title for summary in database.sessions.summaries()] == ["Ours", "A chat", "A chat"]
    (hit,) = database.full_text.search("grapefruit")
    assert database.sessions.summary(hit.session_id).source == "chatgpt:c1"


def test_a_damaged_archive_in_a_folder_keeps_no_other_file_from_being_imported(database, tmp_path):
    folder = tmp_path / "chats"
    write_json(folder / "conversations.json", [plain_chatgpt()])
    (folder / "a.zip").write_bytes(b"PK\x03\x04 and no more")
    report = run(database, folder)
    assert (report.new, [place for place, _ in report.problems]) == (1, [str(folder / "a.zip")])


def test_messages_of_a_chat_that_is_not_there_are_told(database, tmp_path):
    said = [
        {"id": number, "chat_id": chat, "author": "user", "text": "hi"} for number, chat in enumerate((1, 1, 7, None))
    ]
    path = write_database(tmp_path / "store.db", chat=[{"id": 1, "name": "a"}], message=said)
    report = run(database, path)
    assert report.new == 1
    assert report.problems == [(str(path), "2 messages are of a conversation that the file does not hold")]
