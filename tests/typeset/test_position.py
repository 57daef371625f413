"""Every character of a row knows where it was written, whatever Markdown made of it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.typeset.corpus import EXTENDED, STANDARD, mixed, nested, quoted
from tui.typeset import text_places
from tui.typeset.alignment import align, place_inline
from tui.typeset.document import Document
from tui.typeset.line import NOWHERE, line_text
from tui.typeset.position import places_of
from tui.typeset.text_places import TextPlaces

TEXTS = [*STANDARD, *EXTENDED, mixed(4000), nested(800), quoted(800)]
WIDTHS = (12, 31, 80)
_MADE = re.compile(r"[─│┼┴☑☐•▌›‹…↪⎛⎜⎝⎞⎟⎠]")


def placed(text, width, *, finish=True):
    """Every shown character that is no decoration, with its place: row by row."""
    document = Document()
    document.feed(text)
    if finish:
        document.finish()
    for block in document.all_blocks():
        rows = [line_text(line) for line in block.lines(width)]
        places = places_of(block, width)
        assert [len(row) for row in places] == [len(row) for row in rows]
        yield document.source, block, rows, places


def unique(text):
    """The text with each letter another one, of which there is only one: where it stands is beyond doubt."""
    return "".join(
        chr(0x20000 + at) if letter.isalpha() and letter.isascii() else letter for at, letter in enumerate(text)
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_letter_stands_where_it_was_written(text, width):
    for source, block, rows, places in placed(unique(text), width):
        for row, at in zip(rows, places, strict=True):
            for letter, place in zip(row, at, strict=True):
                if letter >= "\U00020000":
                    is_mark = block.kind in ("math", "html") or row.lstrip().startswith("[")  # a formula, a footnote's
                    assert place != NOWHERE or is_mark, (block.kind, row)
                    assert place == NOWHERE or source[place] == letter or is_mark, (block.kind, row, source[place])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_stands_at_a_place_is_what_is_shown(text, width):
    for source, block, rows, places in placed(text, width):
        if block.kind in ("math", "table"):
            continue
        for row, at in zip(rows, places, strict=True):
            for letter, place in zip(row, at, strict=True):
                if place != NOWHERE and source[place] not in "&\\$<" and letter not in " ":
                    assert source[place] == letter, (block.kind, row)


@given(st.sampled_from(STANDARD), st.sampled_from(WIDTHS), st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_still_being_written_knows_its_place_too(text, width, data):
    cut = data.draw(st.integers(0, len(text)))
    for source, _, rows, places in placed(unique(text)[:cut], width, finish=False):
        for row, at in zip(rows, places, strict=True):
            for letter, place in zip(row, at, strict=True):
                assert letter < "\U00020000" or place == NOWHERE or source[place] == letter


def test_the_same_letters_in_an_address_are_not_those_of_its_words():
    text = "a [sea](http://sea.example/sea)sea and *sea*"
    shown, places = place_inline(text, {})
    assert shown == "a seasea and sea"
    assert [text[at] for at in places] == list(shown)
    assert places[2:8] == [3, 4, 5, *range(text.index(")sea") + 1, text.index(")sea") + 4)]


def test_what_is_between_two_places_is_found_between_them():
    assert align("a.b", "a](x.y).b", [0, NOWHERE, 8]) == [0, 7, 8]


def test_raised_letters_and_what_was_folded_know_their_places():
    text = "<details>\n<summary>More</summary>\n\nH<sub>2</sub>O and <kbd>Ctrl</kbd>x\n\n</details>"
    for source, _, rows, places in placed(text, 40):
        for row, at in zip(rows, places, strict=True):
            for letter, place in zip(row, at, strict=True):
                if letter == "₂":
                    assert source.index("<sub>") <= place <= source.index("</sub>")
                elif letter != " ":
                    assert source[place] == letter


def test_the_label_over_code_and_the_head_of_a_document_know_their_places():
    for text in ("```{.python .x}\nq = 1\n```", "---\nname: b\n---\n"):
        for source, block, rows, places in placed(text, 40):
            for row, at in zip(rows, places, strict=True):
                for letter, place in zip(row, at, strict=True):
                    assert place == NOWHERE or source[place] == letter
            assert all(place != NOWHERE for place in places[-1][1:]), "of the code each letter is known"
            assert (block.label == "python") == any(place != NOWHERE for place in places[0])


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_rows_of_a_stretch_are_found_without_looking_through_all(text):
    for _, _, _, places in placed(text, 31):
        if isinstance(places, TextPlaces):
            rows = [(number, at) for number, row in enumerate(places) for at in row if at != NOWHERE]
            for number, at in rows[:: max(1, len(rows) // 60)]:
                assert number in places.rows_near(at, at + 1)


def test_of_a_very_long_paragraph_only_what_is_looked_at_is_set_again(monkeypatch):
    text = "Some *words* of a `paragraph` that goes on and on, and does not end. " * 4000
    document = Document()
    document.feed(text)
    document.finish()
    (block,) = document.all_blocks()
    places = places_of(block, 80)
    assert isinstance(places, TextPlaces)
    asked: list[str] = []
    monkeypatch.setattr(text_places, "place_inline", lambda piece, _: asked.append(piece) or (piece, [0] * len(piece)))
    at = len(text) // 2
    assert len([*places.rows_near(at, at + 1)]) < 30
    assert len(places[len(places) // 2]) > 20
    assert len(asked) <= 2
