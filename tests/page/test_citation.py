"""The numbers of sources, where an answer names them."""

import pytest

from tui.domain.delta import CitationDelta, TextDelta
from tui.domain.turn import Prompt, Turn
from tui.page.citation import citation_block, marked_texts, source_lines


def turn_of(*texts, citations):
    turn = Turn(Prompt("?"))
    for part, text in enumerate(texts):
        turn.apply(TextDelta(text, part))
    for citation in citations:
        turn.apply(citation)
    return turn


def test_a_number_stands_behind_the_words_that_a_source_is_named_for():
    citations = [CitationDelta("https://b", "B", 0, 0, 5), CitationDelta("https://a", "", 0, 6, 11)]
    turn = turn_of("Cold. Dark.\n", citations=citations)
    assert marked_texts(turn) == ["Cold. [\\[1\\]](<https://b>) Dark. [\\[2\\]](<https://a>)\n"]
    assert citation_block(turn).plain() == "Sources\n[1] B  https://b\n[2] https://a"
    assert source_lines(turn) == ["[1] B https://b, for “Cold.”", "[2] https://a, for “Dark.”"]


@pytest.mark.parametrize("words", ["[[1]](https://a)", "([a](https://a))", "https://a"])
def test_words_that_name_their_source_themselves_get_no_second_number(words):
    text = f"Cold {words}."
    turn = turn_of(text, citations=[CitationDelta("https://a", "", 0, 5, 5 + len(words))])
    assert marked_texts(turn) == [text]
    assert source_lines(turn) == ["[1] https://a"]


def test_an_answer_that_numbers_its_sources_itself_keeps_its_numbers():
    text = "Cold [[2]](https://b), dark [[1]](https://a), wet."
    citations = [
        CitationDelta("https://b", "", 0, 5, 21),
        CitationDelta("https://a", "", 0, 28, 44),
        CitationDelta("https://c"),
    ]
    turn = turn_of(text, citations=citations)
    assert source_lines(turn) == ["[2] https://b", "[1] https://a", "[3] https://c"]
    assert citation_block(turn).plain().splitlines()[1] == "[1] https://a"


def test_code_and_addresses_that_are_none_are_left_as_they_are():
    text = "See:\n```\nx = 1\n```\nDone."
    citations = [CitationDelta("https://a", "", 0, 9, 14), CitationDelta("javascript:x", "", 0, 19, 24)]
    assert marked_texts(turn_of(text, citations=citations)) == [text + " \\[2\\]"]


def test_several_sources_of_one_place_stand_side_by_side_and_places_beyond_the_end_at_the_end():
    citations = [CitationDelta("", "notes.pdf", 1, 0, 99), CitationDelta("", "more.pdf", 1, 0, 99)]
    turn = turn_of("One.", "Two.", citations=citations)
    assert marked_texts(turn) == ["One.", "Two. \\[1\\]\\[2\\]"]
    assert citation_block(turn).plain() == "Sources\n[1] notes.pdf\n[2] more.pdf"
