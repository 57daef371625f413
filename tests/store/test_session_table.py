from __future__ import annotations

import ast
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tui.domain.delta import TextDelta
from tui.domain.error import ConfigError, StoreError
from tui.domain.message import ImagePart
from tui.domain.tape import Read, SentRequest
from tui.domain.turn import Prompt, Turn, TurnState
from tui.store.database import Database
from tui.store.migration import STEPS, migrate
from tui.store.tape_table import TapeTable
from tui.store.turn_table import TurnTable


def say(
    database: Database, session: str, text: str, reply: str = "", parent: str | None = None, model: str = "m"
) -> Turn:
    turn = Turn(Prompt(text), parent=parent, model=model, endpoint="e", dialect="chat")
    database.turns.begin(session, turn)
    if reply:
        turn.apply(TextDelta(reply))
        turn.end(TurnState.COMPLETE)
        database.turns.end(turn)
    return turn


def test_sessions_are_listed_last_used_first_with_what_a_list_shows(path):
    now = [1000.0]
    database = Database.open(path, clock=lambda: now[0])
    first, second = database.sessions.create(), database.sessions.create("Named")
    say(database, first, "What is   the capital\nof France?", "Paris", model="old")
    now[0] = 500.0  # the wall clock goes back; the order does not
    say(database, second, "hello", "hi")
    say(database, first, "And of Spain?", model="new")
    listed = database.sessions.summaries()
    assert [(each.id, each.title, each.model, each.turns) for each in listed] == [
        (first, "What is the capital of France?", "new", 2),
        (second, "Named", "m", 1),
    ]
    assert (listed[0].created_at, listed[0].updated_at) == (1000.0, 500.0)
    assert database.sessions.summary(second) == listed[1]
    database.close()


def test_a_session_without_a_turn_is_not_listed(database):
    database.sessions.create("nothing said")
    assert database.sessions.summaries() == []


def test_words_filter_by_title_id_and_model(database):
    one, two = database.sessions.create("Straße nach Rom"), database.sessions.create("Cooking")
    say(database, one, "x", model="grok-4")
    say(database, two, "y", model="smollm2")
    assert [each.id for each in database.sessions.summaries("ROM strasse")] == [one]
    assert [each.id for each in database.sessions.summaries("smol")] == [two]
    assert [each.id for each in database.sessions.summaries(two[:6])] == [two]
    assert database.sessions.last() == two
    assert database.sessions.summaries("nothing like it") == []


def test_words_filter_by_what_was_said(database):
    one, two = database.sessions.create("A"), database.sessions.create("B")
    say(database, one, "Where do quokkas live?", "On Rottnest.")
    say(database, two, "hello", "こんにちは世界")
    assert [each.id for each in database.sessions.summaries("quok rott")] == [one]
    assert [each.id for each in database.sessions.summaries("rottn")] == [one]
    assert [each.id for each in database.sessions.summaries("世界")] == [two]


def test_without_sessions_there_is_no_last_one(database):
    database.sessions.create()
    assert database.sessions.last() is None


def test_a_session_is_found_by_the_beginning_of_its_id(database, monkeypatch):
    letters = iter("abcd1000" + "abcd1000" + "abcd0222" + "xyz00000")
    monkeypatch.setattr("tui.store.session_table._CHANCE.choice", lambda _: next(letters))
    one, two, three = (database.sessions.create() for _ in range(3))
    for session in (one, two, three):
        say(database, session, "x")
    assert (one, two, three) == ("abcd1000", "abcd0222", "xyz00000")
    assert database.sessions.find("abcd1") == one
    assert database.sessions.find(" ABCDLOOO ") == one
    assert database.sessions.find("x") == three
    with pytest.raises(ConfigError, match="more than one session begins with “abc”: abcd0222, abcd1000"):
        database.sessions.find("abc")
    for missing in ("zz", "", "%", "abcd10000"):
        with pytest.raises(ConfigError, match="there is no session"):
            database.sessions.find(missing)
    database.sessions.delete(three)
    with pytest.raises(ConfigError):
        database.sessions.find("xyz")


def test_ids_hold_no_letter_that_looks_like_another(database):
    ids = {database.sessions.create() for _ in range(50)}
    assert len(ids) == 50
    assert not set("".join(ids)) & set("iloU")
    assert {len(each) for each in ids} == {8}


def test_turns_count_from_one_and_form_a_tree(database):
    session = database.sessions.create()
    root = say(database, session, "q", "a")
    below = say(database, session, "r", "b", parent=root.id)
    branch = say(database, session, "q again", "c")
    assert [root.id, below.id, branch.id] == [f"{session}.{number}" for number in (1, 2, 3)]
    assert [(turn.number, turn.parent) for turn in database.turns.of_session(session)] == [
        (1, None),
        (2, root.id),
        (3, None),
    ]
    assert database.sessions.head(session) == branch.id
    database.sessions.set_head(session, below.id)
    assert database.sessions.head(session) == below.id


def test_a_turn_that_cannot_be_saved_keeps_what_it_was(database):
    turn = Turn(Prompt("x"), parent="nothing.1")
    with pytest.raises(StoreError, match="deleted"):
        database.turns.begin("nosuch", turn)
    assert (turn.id, turn.number) == ("", 0)
    with pytest.raises(StoreError, match="deleted"):
        database.turns.begin(database.sessions.create(), turn)
    assert database.sessions.summaries() == []


def test_an_ending_of_a_turn_that_is_gone_is_an_error(database):
    turn = Turn(Prompt("x"), "nosuch.1")
    turn.end(TurnState.STOPPED)
    with pytest.raises(StoreError, match="nosuch.1"):
        database.turns.end(turn)
    for ask in (database.turns.read, database.tapes.tape, database.sessions.summary):
        with pytest.raises(StoreError, match="there is no"):
            ask("nosuch.1")


def test_rename_keeps_the_title_from_the_next_prompts(database):
    session = database.sessions.create()
    say(database, session, "first")
    database.sessions.rename(session, "mine")
    say(database, session, "second")
    assert database.sessions.summary(session).title == "mine"


def test_a_deleted_session_can_be_had_back_for_thirty_days(path):
    now = [0.0]
    database = Database.open(path, clock=lambda: now[0])
    session = database.sessions.create()
    say(database, session, "remember the aubergine", "yes")
    database.prompts.save_draft(session, "half a thought")
    database.sessions.delete(session)
    assert (database.sessions.summaries(), database.full_text.search("aubergine")) == ([], [])
    now[0] = 29.9 * 86400
    with_old = Database.open(path, clock=lambda: now[0])
    with_old.sessions.undelete(session)
    assert [each.id for each in database.sessions.summaries()] == [session]
    assert len(database.full_text.search("aubergine")) == 1
    database.sessions.delete(session)
    now[0] += 30.1 * 86400
    later = Database.open(path, clock=lambda: now[0])
    with pytest.raises(StoreError, match="gone for good"):
        later.sessions.undelete(session)
    assert (later.turns.of_session(session), later.prompts.draft(session)) == ([], "")
    for table in ("session", "turn", "kept", "tape", "flush", "place", "draft"):
        assert later._connection.row(f"SELECT count(*) FROM {table}") == (0,)
    assert later._connection.rows("SELECT rowid FROM found WHERE found MATCH 'aub'") == []
    for each in (database, with_old, later):
        each.close()


def test_the_size_counts_prompts_tapes_and_replies(database):
    session = database.sessions.create()
    turn = Turn(Prompt("p" * 5000))
    database.turns.begin(session, turn)
    size = database.sessions.summary(session).size_bytes
    assert 5000 < size < 5200
    data = bytes(range(256)) * 8
    database.tapes.record_request(turn.id, SentRequest("POST", "u", {}, {"input": "p" * 5000}))
    asked = database.sessions.summary(session).size_bytes
    assert size < asked < size + 300  # the prompt is kept once
    database.tapes.append_reads(turn.id, [Read(0.0, data)])
    grown = database.sessions.summary(session).size_bytes
    assert grown > asked + 256
    database.tapes.record_request(turn.id, SentRequest("POST", "u", {}, {"input": "p" * 5000}))
    assert database.sessions.summary(session).size_bytes == asked
    turn.apply(TextDelta("r" * 300))
    turn.end(TurnState.COMPLETE)
    database.turns.end(turn)
    ended = database.sessions.summary(session).size_bytes
    assert ended > asked + 300
    database.turns.end(turn)
    assert database.sessions.summary(session).size_bytes == ended


def test_an_image_is_kept_once_however_often_it_is_sent(database, path):
    session = database.sessions.create()
    url = "data:image/png;base64," + "A" * 1_000_000
    for number in range(8):
        turn = Turn(Prompt(f"look {number}", (ImagePart(url),)))
        body = {"messages": [{"content": [{"image_url": {"url": url}}]}] * (number + 1)}
        database.turns.begin(session, turn, SentRequest("POST", "u", {}, body))
    assert database.sessions.summary(session).size_bytes < 1_100_000
    tape = database.tapes.tape(turn.id)
    assert tape.request is not None
    assert tape.request.body == body
    assert database.turns.read(turn.id).opening == turn.opening


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("capital", 1),
        ("CAPI", 1),
        ("fran capital", 1),
        ("cafe", 1),
        ('"quoted" AND', 0),
        ("* ( ) : ^ -", 0),
        ("天気", 1),
        ("berlin", 0),
        ("", 0),
        ("  ", 0),
        ("100%", 1),
        ("after", 1),
    ],
)
def test_search_finds_words_and_their_beginnings(database, words, found):
    session = database.sessions.create()
    say(database, session, "What is the capital of France?", "Paris, with a café. 100% sure. \0 after nul")
    say(database, session, "今日は天気がいい", "そうですね")
    hits = database.full_text.search(words)
    assert len(hits) == found
    for hit in hits:
        assert hit.session_id == session
        assert hit.title == "What is the capital of France?"
        marked = [hit.excerpt[start:end].casefold() for start, end in hit.spans]
        assert marked
        beginnings = tuple(words.casefold().replace("cafe", "café").strip("%").split())
        assert all(each.startswith(beginnings) for each in marked)


def test_history_is_newest_last_and_says_nothing_twice(database):
    for text in ("one", "two", "one", "  ", "three\nlines"):
        database.prompts.add_history(text)
    assert database.prompts.history() == ["two", "one", "three\nlines"]
    assert database.prompts.history(2) == ["one", "three\nlines"]


def test_history_is_bounded(database, monkeypatch):
    monkeypatch.setattr("tui.store.prompt_table.KEPT_PROMPTS", 5)
    for number in range(9):
        database.prompts.add_history(str(number))
    database.prompts.add_history("6")
    assert database.prompts.history(100) == ["4", "5", "7", "8", "6"]


def test_drafts_are_kept_for_each_session_and_for_none(database):
    database.prompts.save_draft(None, "new")
    database.prompts.save_draft("s", "old")
    assert (database.prompts.draft(None), database.prompts.draft("s"), database.prompts.draft("other")) == (
        "new",
        "old",
        "",
    )
    database.prompts.save_draft(None, "")
    assert database.prompts.draft(None) == ""


def test_the_newest_turns_can_be_had_alone(database):
    session = database.sessions.create()
    for number in range(1, 8):
        say(database, session, f"q{number}", "a")
    assert [turn.number for turn in database.turns.of_session(session, most=3)] == [5, 6, 7]
    assert [turn.number for turn in database.turns.of_session(session, below=5, most=3)] == [2, 3, 4]
    assert [turn.number for turn in database.turns.of_session(session, below=3)] == [1, 2]


def test_a_draft_keeps_its_images_and_an_image_is_written_once(database):
    cat, dog = ImagePart("data:,cat", name="cat.png"), ImagePart("data:,dog", name="dog.png")
    database.prompts.save_draft("s", "[image cat.png]", [cat])
    database.prompts.save_draft("s", "[image cat.png] and", [ImagePart("data:,never written", name="cat.png"), dog])
    assert database.prompts.draft_images("s") == [cat, dog]
    assert database.prompts.draft_images(None) == []
    database.prompts.save_draft("s", "only [image dog.png]", [dog])
    assert database.prompts.draft_images("s") == [dog]
    database.prompts.save_draft("s", "")
    assert database.prompts.draft_images("s") == []


DRAFT = """
import sys
from pathlib import Path
from tui.store.database import Database
database = Database.open(Path(sys.argv[1]))
print(repr([database.prompts.draft(None), database.prompts.draft("s")]), flush=True)
for line in sys.stdin:
    if line == "read\\n":
        print(repr([database.prompts.draft(None), database.prompts.draft("s")]), flush=True)
        continue
    database.prompts.save_draft(None, f"new {line}")
    database.prompts.save_draft("s", f"old {line}")
    print("saved", flush=True)
"""


class Typing:
    """Another process that types into a draft."""

    def __init__(self, path):
        root = Path(__file__).parent.parent.parent
        command = [sys.executable, "-c", DRAFT, str(path)]
        pipe = subprocess.PIPE
        environ = {**os.environ, "PYTHONPATH": str(root)}
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environ)
        self.began_with = ast.literal_eval(self.process.stdout.readline())

    def tell(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.process.communicate()


def test_two_rillets_never_overwrite_each_others_drafts_and_a_crash_keeps_them(path):
    with closing(Database.open(path)) as database:
        database._connection.run(
            "INSERT INTO session (id, title, touched, created_at, updated_at) VALUES ('s', 's', 1, 1e12, 1e12)"
        )
    one = Typing(path)
    assert one.tell("of one") == "saved"
    two = Typing(path)
    assert two.began_with == ["", ""], "what is being typed elsewhere is not taken"
    assert two.tell("of two") == "saved"
    assert ast.literal_eval(one.tell("read")) == ["new of one\n", "old of one\n"]
    one.kill()
    three = Typing(path)
    assert three.began_with == ["new of one\n", "old of one\n"]
    four = Typing(path)
    assert four.began_with == ["", ""]
    for each in (two, three, four):
        each.kill()
    with closing(Database.open(path)) as database:
        assert database.prompts.draft(None) == "new of two\n"
        database.prompts.save_draft(None, "")
        assert database.prompts.draft(None) == "new of one\n", "the other words are given back too"


def test_a_draft_and_its_images_come_along_from_an_older_file(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        migrate(raw, path, STEPS[:2])
        raw.execute("INSERT INTO draft VALUES ('', 'half [image a.png]'), ('gone', 'x')")
        raw.execute("INSERT INTO draft_image VALUES ('', 'a.png', 'data:,a')")
    with closing(Database.open(path)) as database:
        assert database.prompts.draft(None) == "half [image a.png]"
        assert database.prompts.draft_images(None) == [ImagePart("data:,a", name="a.png")]
        assert database.prompts.draft("gone") == ""


def test_a_session_keeps_its_system_prompt(path):
    database = Database.open(path)
    one, two, old = (
        database.sessions.create("a", "Be a cat"),
        database.sessions.create("b", ""),
        database.sessions.create(),
    )
    say(database, one, "hi")
    database.sessions.set_system(two, "Be a dog")
    database.close()
    again = Database.open(path)
    assert [again.sessions.system(session) for session in (one, two, old, "nosuch")] == [
        "Be a cat",
        "Be a dog",
        None,
        None,
    ]
    again.close()


def test_what_a_list_shows_is_kept_as_it_grows_and_shrinks(database):
    one, two = database.sessions.create(), database.sessions.create()
    for number in range(4):
        say(database, one, f"p{number}" * 100, "reply " * 50, model=f"m{number}")
    say(database, two, "x")
    database._connection.run("DELETE FROM turn WHERE id = ?", f"{one}.4")
    (real,) = database._connection.row("SELECT sum(size_bytes) FROM turn WHERE session_id = ?", one)
    listed = {each.id: (each.turns, each.size_bytes, each.model) for each in database.sessions.summaries()}
    assert listed[one] == (3, real, "m3")
    assert listed[two][0] == 1


def test_the_list_says_of_each_session_what_is_known_of_it_alone(database):
    sessions = [database.sessions.create(f"title {number}") for number in range(6)]
    for session in sessions:
        say(database, session, "hi")
    database.sessions.pin(sessions[1], is_pinned=True)
    database.sessions.set_tags(sessions[2], ["b", "a"])
    database.sessions.archive(sessions[3], is_archived=True)
    database.sessions.delete(sessions[4])
    database._connection.run("UPDATE session SET source = 'codex:x' WHERE id = ?", sessions[5])
    listed = database.sessions.summaries()
    assert [each.id for each in listed] == [sessions[each] for each in (1, 5, 2, 0)]
    assert listed == [database.sessions.summary(each.id) for each in listed]
    assert (listed[0].is_pinned, listed[1].source, listed[2].tags) == (True, "codex:x", ("a", "b"))
    assert database.sessions.summaries(most=3) == listed[:3]


def test_a_list_of_tapes_shows_what_a_tape_holds_without_reading_it(database, monkeypatch):
    one, two = database.sessions.create(), database.sessions.create()
    turn = say(database, one, "long " * 200)
    database.tapes.record_request(turn.id, SentRequest("POST", "u", {}, {}))
    database.tapes.append_reads(turn.id, [Read(0.0, b"abc"), Read(0.1, b"defg")])
    say(database, two, "never sent")
    monkeypatch.setattr(TurnTable, "of_session", None)
    monkeypatch.setattr(TapeTable, "tape", None)
    listed = [(line.split()[0], line.split()[2]) for line in database.tape_lines()]
    assert listed == [(f"{two}.1", "0"), (f"{one}.1", "7")]


def test_a_session_keeps_how_hard_its_model_thinks(path):
    database = Database.open(path)
    one, two = database.sessions.create("a"), database.sessions.create("b")
    database.sessions.set_effort(one, "high")
    database.close()
    again = Database.open(path)
    assert [again.sessions.effort(session) for session in (one, two, "nosuch")] == ["high", "", ""]
    again.close()


def test_the_dialect_that_a_turn_is_answered_in_is_kept_at_once():
    with closing(Database.memory()) as database:
        session_id = database.sessions.create()
        turn = Turn(Prompt("hi"), dialect="responses")
        database.turns.begin(session_id, turn)
        turn.dialect = "chat"
        database.turns.set_dialect(turn)
        assert database.turns.read(turn.id).dialect == "chat"
