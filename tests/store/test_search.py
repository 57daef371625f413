"""What is looked for in all that was said, and where it is found."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.test_packing import REPLY, write_first
from tui.domain.delta import ReasoningDelta, TextDelta, ToolCallDelta
from tui.domain.error import ConnectError, StoreBusyError
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.tool_call import CallOutcome
from tui.domain.turn import Prompt, ToolResults, Turn, TurnState
from tui.page.find import pattern_of
from tui.store import search
from tui.store.database import Database
from tui.store.fold import Wanted, fold, pieces
from tui.store.indexing import INDEXING, PLACING, drop_old_index, indexing_left
from tui.store.packing import pack_behind
from tui.store.search import SearchTable
from tui.store.spoken import spoken


def say(database, prompt, reply="", *, session=None, opening=None, parent=None, **more):
    session = session or database.sessions.create()
    turn = Turn(opening or Prompt(prompt), parent=parent)
    database.turns.begin(session, turn)
    if reply:
        turn.apply(TextDelta(reply))
    if "thought" in more:
        turn.apply(ReasoningDelta(more["thought"]))
    if "arguments" in more:
        turn.apply(ToolCallDelta(0, "call_1", more["tool"], more["arguments"]))
        turn.tool_calls[0].outcome = CallOutcome("done", more["result"], aside=more.get("aside", ""))
    turn.end(TurnState.FAILED if "error" in more else TurnState.COMPLETE, more.get("error"))
    database.turns.end(turn)
    return turn


SAID = [
    "Tell me about the meadow and the river.",
    "Go on, use Qz for it",
    "plot it in R please",
    "C++ or C#?",
    "rename snake_case_name",
    "so naïve, said Müller",
    "我喜欢量子计算",
    "量子真好",
    "antidisestablishmentarianism",
    "Die Straße ist lang",
    "Ελλάδα και ΟΔΟΣ",
    "write camelCase there",
    "Ｆｕｌｌ width, and ﬁne ligatures",
    "パソコンが好き",
    "İstanbul'a",
    "Привет, Йод",
    "हिन्दी में लिखो",
    "ภาษาไทยง่าย",
    "say “quoted words” twice",
    "a->b and x != y",
    "100% sure",
    "cafe\u0301 with a combining accent",
]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        *[
            (words, "meadow")
            for words in ("meadow", "MEADOW", "mea", "me", "eado", "river meadow", "dow iver", "river.")
        ],
        *[
            ("Go", "Go on"),
            ("go", "Go on"),
            ("Qz", "Go on"),
            ("R", "in R"),
            ("r", "in R"),
            ("C++", "C++"),
            ("c#", "C++"),
        ],
        *[(words, "snake_case_name") for words in ("snake_case_name", "case_na", "snake", "name", "na")],
        *[(words, "naïve") for words in ("naive", "NAÏVE", "naïve", "Muller", "müller", "mul")],
        *[("量子", "我喜欢量子计算"), ("量子", "量子真好"), ("子", "我喜欢量子计算"), ("喜欢量子", "我喜欢量子计算")],
        *[("establish", "antidis"), ("STABLISH", "antidis"), ("ism", "antidis")],
        *[("strasse", "Straße"), ("STRASSE", "Straße"), ("straße", "Straße")],
        *[("Ελλαδα", "Ελλάδα"), ("οδος", "Ελλάδα"), ("ΕΛΛΆΔΑ", "Ελλάδα")],
        *[("Case", "camelCase"), ("full", "Ｆｕｌｌ"), ("fine", "Ｆｕｌｌ"), ("ＷＩＤＴＨ", "Ｆｕｌｌ")],
        *[("コン", "パソコンが好き"), ("好", "パソコンが好き"), ("ﾊﾟｿｺﾝ", "パソコンが好き")],
        *[("istanbul", "İstanbul"), ("ISTANBUL", "İstanbul"), ("истина", ""), ("привет", "Привет"), ("йод", "Привет")],
        *[("लिखो", "हिन्दी"), ("ไทย", "ภาษาไทยง่าย"), ('"quoted words"', "quoted"), ("->", ""), ("!=", "a->b")],
        *[("100%", "100%"), ("café", "combining"), ("cafe", "combining")],
    ],
)
def test_words_are_found_wherever_they_stand(database, words, found):
    for text in SAID:
        say(database, text)
    prompts = [database.turns.read(hit.turn_id).opening.text for hit in database.full_text.search(words)]
    assert any(found in prompt for prompt in prompts) if found else prompts == []
    titles = {summary.title for summary in database.sessions.summaries(words)}
    assert titles >= {database.sessions.summary(hit.session_id).title for hit in database.full_text.search(words)}


@pytest.mark.parametrize("words", ["", "  ", "nowhere", "mdw", "o", "on R", "が量", "か", "case_nome", "量計", "*"])
def test_what_was_not_said_is_not_found(database, words):
    say(database, "meadow: snake_case_name Gone too")
    say(database, "パソコンが好き 量子")
    assert database.full_text.search(words) == []


@pytest.mark.parametrize(
    ("words", "opening"),
    [
        ("pondering", 0),
        ("read_file", 0),
        ("notes.txt", 0),
        ("量子", 0),
        ("two lines", 0),
        ("grapefruit", 0),
        ("aside", 0),
        ("unreachable", 1),
        ("holiday.png", 1),
        ("tangerine", 2),
    ],
)
def test_what_is_not_prompt_or_reply_is_found_too(database, words, opening):
    session = database.sessions.create()
    arguments = '{"path": "notes.txt", "about": "\\u91cf\\u5b50", "text": "two\\nlines"}'
    one = say(
        database,
        "look",
        session=session,
        thought="pondering it",
        tool="read_file",
        arguments=arguments,
        result="a grapefruit",
        aside="an aside",
    )
    picture = Prompt("see", (ImagePart("data:image/png;base64,AA==", name="holiday.png"),))
    two = say(database, "", session=session, opening=picture, parent=one.id, error=ConnectError("unreachable host"))
    results = ToolResults((ToolResultPart("call_1", "a tangerine"),))
    three = say(database, "", session=session, opening=results, parent=two.id)
    (hit,) = database.full_text.search(words)
    assert hit.turn_id == (one, two, three)[opening].id
    assert any(fold(words.split()[0]) in fold(hit.excerpt[start:end]) for start, end in hit.spans)


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("量子力学是什么", "量子", ["量子"]),
        ("die Straße, STRASSE", "strasse", ["Straße", "STRASSE"]),
        ("cafe\u0301 and café", "cafe", ["cafe\u0301", "café"]),
        ("meadows in a MEADOW", "meadow in", ["meadow", "in", "MEADOW"]),
        ("go, gone, ago", "go", ["go", "go"]),
    ],
)
def test_the_words_are_marked_as_they_were_written(database, text, words, marked):
    say(database, text)
    (hit,) = database.full_text.search(words)
    assert [hit.excerpt[start:end] for start, end in hit.spans] == marked


def test_an_excerpt_is_of_the_place(database):
    say(database, "x " * 500 + "the meadow" + " y" * 500)
    (hit,) = database.full_text.search("meadow")
    assert hit.excerpt.startswith("…")
    assert hit.excerpt.endswith("…")
    assert [hit.excerpt[start:end] for start, end in hit.spans] == ["meadow"]
    assert len(hit.excerpt) < 250


def test_pieces_of_a_word_without_the_word_are_not_a_hit(database):
    say(database, "abcd bcde")
    assert Wanted("abcde").match() == '"abc" AND "bcd" AND "cde"'
    assert database.full_text.search("abcde") == []
    assert database.sessions.summaries("abcde") == []


def test_of_many_sessions_that_hold_the_pieces_of_a_word_the_first_of_a_list_hold_the_word(database):
    sessions = [say(database, "abcd bcde", "abcde" if number % 3 else "").id.partition(".")[0] for number in range(90)]
    listed = [summary.id for summary in database.sessions.summaries("abcde")]
    holding = [session for number, session in enumerate(sessions) if number % 3][::-1]
    assert listed[:16] == holding[:16]
    assert set(holding) <= set(listed)


def test_the_newest_comes_first_and_each_session_once(database):
    first = database.sessions.create()
    one = say(database, "meadow one", session=first)
    two = say(database, "meadow two", session=first, parent=one.id)
    other = say(database, "meadow three")
    assert [hit.turn_id for hit in database.full_text.search("meadow")] == [other.id, two.id, one.id]
    assert [hit.turn_id for hit in database.full_text.search("meadow", 2)] == [other.id, two.id]
    steps = [[hit.turn_id for hit in hits] for hits in database.full_text.search_sessions("meadow", 1)]
    assert steps == [[other.id], [two.id]]


def test_what_became_of_a_call_later_is_found(database):
    turn = say(database, "look", tool="read_file", arguments="{}", result="at first")
    turn.tool_calls[0].outcome = CallOutcome("done", "grapefruit")
    database.turns.end(turn)
    assert [hit.turn_id for hit in database.full_text.search("grapefruit")] == [turn.id]
    assert database.full_text.search("first") == []


def test_what_could_not_be_indexed_when_it_was_said_is_found_later(path):
    with closing(Database.open(path)) as database:
        session = database.sessions.create()
        index = "INSERT INTO found (rowid, pieces) VALUES (?, ?)"
        run = database._connection.run

        def busy(statement, *values):
            if statement == index:
                raise StoreBusyError
            return run(statement, *values)

        database._connection.run = busy
        first = say(database, "a grapefruit", session=session)
        second = say(database, "grapefruits", session=session)
        assert database.full_text.search("grapefruit") == []
        database._connection.run = run
        third = say(database, "one grapefruit more", session=session)
        found = [hit.turn_id for hit in database.full_text.search("grapefruit")]
        assert found == [third.id, second.id, first.id]
        database._connection.run = busy
        last = say(database, "the last grapefruit", session=session)
        database._connection.run = run
    with closing(Database.open(path)) as database:
        assert database.full_text.search("grapefruit")[0].turn_id == last.id


def test_the_index_holds_no_text_and_is_no_larger_than_it(database):
    text = " ".join(f"{word}{number}" for number, word in enumerate("the quick brown fox jumps over it".split() * 30))
    for number in range(20):
        say(database, f"{number} {text}", text)
    (size,) = database._connection.row("SELECT sum(length(block)) FROM found_data")
    assert size < 1.0 * 40 * len(text)
    assert pieces([fold("Go")]) == {"\x01go", "\x01g"}


LETTERS = st.text("abéß量子 _-", min_size=1, max_size=12)


@given(data=st.data())
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_found_is_what_a_look_through_every_turn_finds(monkeypatch, data):
    monkeypatch.setattr("tui.store.search.LOOKED_AT", 4)
    monkeypatch.setattr("tui.store.search.SHOWN_FIRST", 2)
    with closing(Database.memory()) as database:
        run = database._connection.run
        said = {}
        for _ in range(data.draw(st.integers(3, 8))):
            session = database.sessions.create()
            said[session] = [data.draw(LETTERS) for _ in range(data.draw(st.integers(1, 4)))]
            for text in said[session]:
                say(database, text, session=session)
        if data.draw(st.booleans()):  # as an earlier rillet left it: the index holds no sessions
            run("DELETE FROM session WHERE id = ?", database.sessions.create())
            run("INSERT INTO found (found) VALUES ('delete-all')")
            turns = database._connection.rows("SELECT session_id, id, opening, reply FROM turn")
            placed = zip(map(database.full_text._place, (row[1] for row in turns)), turns, strict=True)
            for place, row in placed:
                held = pieces(map(fold, spoken(database._connection, [row])[0].texts))
                run("INSERT INTO found (rowid, pieces) VALUES (?, ?)", place, " ".join(held))
            run("INSERT INTO progress VALUES ('placing', 0)")
            for _ in range(data.draw(st.integers(0, 12))):
                PLACING.step(database._connection, 3)
        gone = data.draw(st.sampled_from([None, *said]))
        if gone is not None:
            database.sessions.delete(gone)
            if data.draw(st.booleans()):
                run("UPDATE session SET deleted_at = 1 WHERE id = ?", gone)
                database.sessions.purge()
        while data.draw(st.booleans()) and PLACING.step(database._connection, 3):
            pass
        for words in data.draw(st.lists(LETTERS, min_size=1, max_size=4)):
            wanted = Wanted(words)
            holding = {
                session: number
                for session, texts in said.items()
                for number, text in enumerate(texts, 1)
                if session != gone and wanted.words and wanted.is_in([fold(text)])
            }
            every = [hit for hits in database.full_text.search_sessions(words) for hit in hits]
            assert {hit.session_id: hit.turn_id for hit in every} == {
                session: f"{session}.{number}" for session, number in holding.items()
            }
            assert {hit.session_id for hit in database.full_text.search(words, 99)} == {*holding}
            saying = database.full_text.sessions_saying(words) - {gone}
            assert saying == {*holding} if wanted.is_one_piece else saying >= {*holding}


# -- a file whose index is of an earlier rillet ----------------------------------------------------


def test_a_file_of_an_earlier_rillet_is_indexed_anew_in_steps_that_go_on_where_they_were(path):
    write_first(path, turns=12)
    with closing(Database.open(path)) as database:
        assert indexing_left(database._connection) == 24
        steps = 0
        while indexing_left(database._connection) > 6:
            INDEXING.step(database._connection, 4)
            steps += 1
        assert steps > 4
    with closing(Database.open(path)) as database:
        assert 0 < indexing_left(database._connection) <= 6
        while INDEXING.step(database._connection, 4):
            pass
        assert len(database.full_text.search("question 12")) == 2
        assert len(database.full_text.search(REPLY.split()[-1], 99)) == 23  # one was interrupted
        while drop_old_index(database._connection):
            pass
        assert not database._connection.rows("SELECT 1 FROM sqlite_master WHERE name LIKE 'old_found%'")


def test_the_old_index_is_dropped_behind_with_all_it_held(path):
    write_first(path, turns=6)
    with closing(Database.open(path)) as database:
        database._connection.run("INSERT INTO old_found (prompt, reply) VALUES ('a grapefruit', 'indeed')")
        database._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"grapefruit" in path.read_bytes()
    pack_behind(path, lambda: True)
    with closing(Database.open(path)) as database:
        assert not database._connection.rows("SELECT 1 FROM progress")
        database._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"grapefruit" not in path.read_bytes()
        assert len(database.full_text.search("question 3")) == 2


def index_turns_alone(table):
    """Index as a rillet did that knew of no sessions in the index."""
    for turn_id, said in table._owed.items():
        held = " ".join(pieces(map(fold, said)))
        table._connection.run("INSERT INTO found (rowid, pieces) VALUES (?, ?)", table._place(turn_id), held)
    table._owed.clear()


def index_nothing(table):
    """As a rillet does whose index was replaced."""
    table._owed.clear()


@pytest.mark.parametrize("settle", [index_turns_alone, index_nothing])
def test_what_an_older_rillet_ended_after_the_upgrade_is_found_once_the_next_has_started(path, monkeypatch, settle):
    monkeypatch.setattr(search, "LOOKED_AT", 1)
    monkeypatch.setattr(search, "SHOWN_FIRST", 1)
    with closing(Database.open(path)) as database:
        with monkeypatch.context() as older:
            older.setattr(SearchTable, "_settle", settle)
            said = say(database, "grapefruit indeed")
        newest = say(database, "grapefruit too")
        database.upkeep.pack_behind(lambda: True)
        sessions = {turn.id.partition(".")[0] for turn in (said, newest)}
        assert database.full_text.sessions_saying("grapefruit") == sessions
        assert {hit.session_id for hit in database.full_text.search("grapefruit")} == sessions
        assert database._connection.rows("SELECT * FROM unfound") == []


def test_a_purged_session_is_gone_from_the_index(path, monkeypatch):
    for most in (200, 1):
        monkeypatch.setattr("tui.store.session_table.FORGOTTEN_AT_ONCE", most)
        with closing(Database.open(path)) as database:
            session = database.sessions.create()
            for _ in range(3):
                say(database, "a grapefruit", "indeed", session=session)
            kept = say(database, "a grape")
            database._connection.run("UPDATE session SET deleted_at = 1 WHERE id = ?", session)
        with closing(Database.open(path)) as database:
            pack_behind(path, lambda: True)
            assert database._connection.rows("SELECT rowid FROM found WHERE found MATCH ?", '"efr"') == []
            assert kept.id in [hit.turn_id for hit in database.full_text.search("grape")]


@given(data=st.data())
@settings(max_examples=60)
def test_no_turn_that_holds_some_words_within_others_is_left_out(data):
    with closing(Database.memory()) as database:
        session = database.sessions.create()
        turns = {say(database, text, session=session).id: text for text in SAID}
        text = data.draw(st.sampled_from(SAID))
        begin = data.draw(st.integers(0, len(text) - 1))
        words = text[begin : begin + data.draw(st.integers(1, 12))]
        may = database.turns.may_say(session, words)
        pattern = pattern_of(words)
        holding = {turn_id for turn_id, said in turns.items() if pattern is not None and pattern.search(said)}
        assert may is None or holding <= may


def test_where_many_may_hold_some_words_or_the_index_is_not_whole_all_must_be_looked_through(database):
    session = database.sessions.create()
    turns = [say(database, f"something {number}", session=session) for number in range(5)]
    say(database, "something else", session=database.sessions.create())
    assert database.turns.may_say(session, "mething") == {turn.id for turn in turns}
    assert database.full_text.may_say(session, "something", 4) is None
    assert database.turns.may_say(session, "so") is None
    assert database.turns.may_say("gone", "something") is None
    database._connection.run("INSERT INTO progress VALUES ('indexing', 0)")
    assert database.turns.may_say(session, "something") is None
