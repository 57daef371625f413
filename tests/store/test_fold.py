"""Folding and finding the quick way come to the same as the plain way, whatever is written."""

from __future__ import annotations

import re
import sys
import unicodedata
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.test_search import say
from tui.store import fold as folding
from tui.store.database import Database
from tui.store.fold import Wanted, fold, fold_plainly

ALPHABET = (
    "abcAEé ñ\n\t.,-_'’“”\0\x01\xad\u200b\u0301\u0308\u0345\u3099\u309aİıßſﬁΣσςάЙйё量子力かがカガｶﾞｰ，。！（한\u1112\u1161\u11ab"
    "हिन्दी\u0e33ไทย\u09c7\u09be\u212a\uff21\U0001f600\u0130\u1e9e\u2126"
)
WORDS = ["a", "ab", "Éa", "量子", "子", "が", "カ", "abc", "σ", "ß", "한", "ไท", "fi", "й", ".", "e\u0301"]
texts = st.text(st.sampled_from(ALPHABET), max_size=40)


def test_characters_that_are_said_to_be_folded_to_themselves_are_and_join_none():
    marks = {
        unicodedata.normalize("NFD", chr(code))[1:2] for code in range(sys.maxunicode) if not 0xD800 <= code < 0xE000
    }
    for code in range(2, 0x10000):
        if 0xD800 <= code < 0xE000:
            continue
        char = chr(code)
        if folding._OTHERS.match(char) is None:
            assert fold_plainly(char) == char, hex(code)
        if folding._APART.match(char) is not None:
            first = unicodedata.normalize("NFKD", char)[0]
            assert not unicodedata.combining(first) and first not in marks, hex(code)
            assert fold_plainly(char) or char in "\x01", hex(code)


@given(texts)
@settings(max_examples=400)
def test_a_text_is_folded_as_by_the_plain_way(text):
    assert fold(text) == fold_plainly(text)


def plain_places(text, words):
    """Where words stand, in a text that is folded letter by letter."""
    folded, origin = "", []
    for match in re.finditer(r"(?s).", text):
        if unicodedata.combining(match[0]) and match.start():
            continue
        end = match.start() + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        letter = fold_plainly(text[match.start() : end])
        folded += letter
        origin += [match.start()] * len(letter)
    places = set()
    for word in words:
        is_short = len(word) < 3 and not folding._UNSPACED.search(word)
        before = "" if not is_short else r"(?<![^\W_])" if word[0].isalnum() else r"(?<!\S)"
        places |= {origin[match.start()] for match in re.finditer(before + re.escape(word), folded)}
    return places


@given(texts, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
@settings(max_examples=400)
def test_words_are_marked_where_the_plain_way_finds_them(text, typed):
    wanted = Wanted(" ".join(typed))
    places = plain_places(text, wanted.words)
    spans = wanted.places(text)
    assert {start for start, _ in spans} <= places
    assert all(any(start <= place < end for start, end in spans) for place in places)


@given(
    st.text(st.sampled_from("ab é量子が\n\u0301"), max_size=900), st.sampled_from(["量子", "ab", "éa", "ba", "ababab"])
)
@settings(max_examples=150)
def test_the_first_place_is_found_however_a_long_text_is_cut(text, word):
    whole, folding._BLOCK = folding._BLOCK, 8
    try:
        first = Wanted(word).first_place(text)
    finally:
        folding._BLOCK = whole
    assert first == min(plain_places(text, Wanted(word).words), default=-1) or text.isascii()


@pytest.mark.parametrize(
    ("filler", "words"),
    [
        ("lorem ipsum dolor ", "zebra meadow"),
        ("lorem ipsum dolor\n", "Zebra"),
        ("lorém “ipsum” ", "zebra meadow"),
        ("量体科学，数子。", "量子"),
        ("パソコンが好き", "量子 zebra"),
    ],
)
def test_what_stands_at_the_end_of_a_long_text_is_found_and_shown(database, filler, words):
    long = filler * (1_000_000 // len(filler.encode())) + " the zebra 量子 Meadow."
    turn = say(database, "look", long)
    (hit,) = database.full_text.search(words)
    assert hit.turn_id == turn.id
    assert {fold(hit.excerpt[start:end]) for start, end in hit.spans} == set(Wanted(words).words)
    assert hit.excerpt.startswith("…") and hit.excerpt.endswith("Meadow.")


said = st.lists(
    st.sampled_from(["tea", "teapot", "TEA", "green", "量子", "量體子", "é", "go", "ago", "eat", "ate\u0301"]),
    max_size=6,
)


@given(
    st.lists(
        st.lists(st.tuples(said, said, st.sampled_from([" ", "\n", "x" * 300])), min_size=1, max_size=5),
        min_size=1,
        max_size=7,
    ),
    st.lists(
        st.sampled_from(["tea", "te", "EAT", "量子", "子", "go", "green", '"tea"', "é", "nowhere"]),
        min_size=1,
        max_size=3,
    ),
    st.integers(1, 9),
)
@settings(max_examples=40, deadline=None)
def test_what_is_found_is_what_the_plain_way_finds_in_the_same_order(sessions, words, limit):
    with closing(Database.memory()) as database:
        wanted, turns = Wanted(" ".join(words)), []
        for talk in sessions:
            session, parent = database.sessions.create(), None
            for asked, answered, between in talk:
                turn = say(database, between.join(asked), between.join(answered), session=session, parent=parent)
                parent = turn.id
                turns.append((session, turn.id, (turn.opening.text, turn.text)))
        gone = turns[0][0] if len(sessions) > 3 else ""
        if gone:
            database.sessions.delete(gone)
        plain = [
            (session, turn_id)
            for session, turn_id, texts in reversed(turns)
            if session != gone and all(any(plain_places(text, [word]) for text in texts) for word in wanted.words)
        ]
        newest = {session: turn_id for session, turn_id in reversed(plain)}
        found = database.full_text.search(" ".join(words), 99)
        assert [hit.turn_id for hit in found] == [turn_id for _, turn_id in plain]
        assert all(hit.spans for hit in found)
        assert database.full_text.sessions_saying(" ".join(words)) == set(newest)
        assert [hit.turn_id for hit in database.full_text.search(" ".join(words), limit)] == [
            each for _, each in plain[:limit]
        ]
        by_session = [turn_id for turn_id in dict(reversed([*newest.items()])).values()]
        for first in (1, 3, 50):
            steps = [hit.turn_id for some in database.full_text.search_sessions(" ".join(words), first) for hit in some]
            assert steps == by_session
