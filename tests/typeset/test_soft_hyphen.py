"""A soft hyphen is a place where a word may be broken, shows only there, and is lost nowhere."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from tests.typeset.reference import document_of
from tui.page.find import find_in, pattern_of, places_in
from tui.typeset.document import Document
from tui.typeset.line import NOWHERE, line_room, line_text
from tui.typeset.plain import plain_document
from tui.typeset.position import places_of
from tui.ui.transcript.line_renderer import INDENT, LineRenderer

SOFT = "\u00ad"
WORDS = [
    "Donau-dampf-schiff-fahrts-ge-sell-schaft",
    "bib-lio-thèque",
    "se-ñor",
    "a-b",
    "und",
    "à",
    "im",
    "中文",
    "x, y",
    "été.",
]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(lambda words: " ".join(words).replace("-", SOFT))
KINDS = {
    "paragraph": "{}",
    "quote": "> {}",
    "item": "- {}",
    "heading": "## {}",
    "emphasis": "**{}** und *{}*",
    "link": "[{}](https://a.example/)",
    "table": "| a | b |\n|---|--:|\n| {} | {} |\n| x | {} |",
}


def painted(line, width):
    return LineRenderer({}, Style()).strip(line, width + INDENT).text


@given(TEXTS, st.integers(20, 120), st.sampled_from([*KINDS]))
@settings(max_examples=300, deadline=None)
def test_rows_fit_and_a_hyphen_stands_only_where_a_word_goes_on_below(text, width, kind):
    for block in document_of(KINDS[kind].replace("{}", text)).all_blocks():
        for line in block.lines(width):
            assert line_room(line) <= width
            shown = painted(line, width)
            assert SOFT not in shown
            cells = shown.count("-")
            assert cells == len(re.findall(rf"{SOFT}(?=\s*(?:│|$))", line_text(line)))


@given(TEXTS, st.integers(20, 120))
@settings(max_examples=300, deadline=None)
def test_a_copy_has_what_was_written_and_a_row_as_much_as_fits(text, width):
    for block in (document_of(text).all_blocks()[0], plain_document(text).all_blocks()[0]):
        lines = block.lines(width)
        assert block.cut(width, (0, 0), (len(lines), width)) == block.plain() == text
        rows = [line_text(line) for line in lines]
        for row, below in zip(rows, rows[1:], strict=False):
            if "文" in row + below:  # a row of these may end anywhere
                continue
            more = re.match(rf"[^{SOFT} ]+{SOFT}?", below)[0]
            room = len((row + " " * (not row.endswith(SOFT)) + more).replace(SOFT, ""))
            assert room + more.endswith(SOFT) > width, (row, below)


@pytest.mark.parametrize(
    ("width", "rows"),
    [
        (18, ["Donaudampfschiff-", "fahrtsgesellschaft"]),
        (16, ["Donaudampf-", "schifffahrtsge-", "sellschaft"]),
        (9, ["Donau-", "dampf-", "schiff-", "fahrtsge-", "sell-", "schaft"]),
        (5, ["Donau", "dampf", "schif", "f-", "fahrt", "sge-", "sell-", "schaf", "t"]),
    ],
)
def test_words_are_broken_where_they_may_be(width, rows):
    block = plain_document(WORDS[0].replace("-", SOFT)).all_blocks()[0]
    assert [painted(line, width).strip() for line in block.lines(width)] == rows
    assert block.cut(width, (0, 0), (len(rows), width)) == WORDS[0].replace("-", SOFT)


@given(TEXTS, st.integers(20, 60), st.sampled_from([*KINDS]))
@settings(max_examples=200, deadline=None)
def test_every_letter_and_hyphen_stands_where_it_was_written(text, width, kind):
    document = document_of(KINDS[kind].replace("{}", text))
    for block in document.all_blocks():
        rows = [line_text(line) for line in block.lines(width)]
        for row, places in zip(rows, places_of(block, width), strict=True):
            for letter, place in zip(row, places, strict=True):
                if letter.isalpha() or letter == SOFT:
                    assert place != NOWHERE
                    assert document.source[place] == letter


@given(TEXTS, st.integers(20, 60), st.data())
@settings(max_examples=100, deadline=None)
def test_what_comes_in_pieces_looks_as_if_it_had_come_at_once(text, width, data):
    cut = data.draw(st.integers(0, len(text)))
    document = Document()
    document.feed(text[:cut])
    for block in document.all_blocks():
        assert all(line_room(line) <= width for line in block.lines(width))
    document.feed(text[cut:])
    document.finish()
    whole = document_of(text)
    assert [block.lines(width) for block in document.all_blocks()] == [
        block.lines(width) for block in whole.all_blocks()
    ]


@pytest.mark.parametrize("width", [9, 14, 20, 80])
def test_a_word_is_found_wherever_it_is_broken(width):
    block = document_of(f"> Die {WORDS[0]} fährt.".replace("-", SOFT)).all_blocks()[0]
    rows = [line_text(line) for line in block.lines(width)]
    for words in ("Donaudampfschifffahrtsgesellschaft", "dampfschiff", "gesellschaft fährt"):
        (match,) = find_in(rows, pattern_of(words))
        found = "".join(rows[span.row][span.start : span.end] for span in match)
        assert re.sub(rf"[{SOFT}▌]| +", "", found) == words.replace(" ", "")
    text = f"x {WORDS[1]} y".replace("-", SOFT)
    assert [text[begin:end] for begin, end in places_in(text, pattern_of("liothè"))] == [f"lio{SOFT}thè"]


def test_code_shows_no_hyphen_that_nobody_wrote_and_an_address_none_at_all():
    code = "Donau\u00addampf" * 9
    document = document_of(f"```\n{code}\n```\n\nsee `ab{SOFT}cd` at https://ex{SOFT}ample.com/x")
    fence, text = document.all_blocks()
    assert fence.plain() == code
    assert not any("-" in painted(line, 20) for line in fence.lines(20))
    assert painted(text.lines(40)[-1], 40).strip() == "see abcd at https://example.com/x"
    assert [target for _, target in text.links] == ["https://example.com/x"]
