"""Marks that are written as tags, and what a copy takes along of what hangs before a text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.typeset.reference import document_of
from tui.typeset.document import Document
from tui.typeset.line import line_room, line_text
from tui.typeset.position import places_of


def runs(text):
    return [run for block in document_of(text).all_blocks() for run in block.runs()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <b>b</b> c", [("a ", ""), ("b", "strong"), (" c", "")]),
        ("<strong>b *c*</strong>", [("b ", "strong"), ("c", "strong+em")]),
        ("<i>a</i><em>b</em>", [("ab", "em")]),
        ("<del>a</del> <s>b</s>", [("a", "strike"), (" ", ""), ("b", "strike")]),
        ("<code>x_y</code>", [("x_y", "code")]),
        ("*<b>x</b>*", [("x", "em+strong")]),
        ("**<b>x</b>**", [("x", "strong")]),
        ("<b>a <i>b</i> <b>c</b> d</b>", [("a ", "strong"), ("b", "strong+em"), (" c d", "strong")]),
        ("<B>重要：</B>请", [("重要：", "strong"), ("请", "")]),
        ("<b>left open", [("<b>left open", "")]),
        ("*<b>x*</b>", [("<b>x", "em"), ("</b>", "")]),
        ("</b>x<b></b>", [("</b>x<b></b>", "")]),
        ("<b class='x'>x</b>", [("<b class='x'>x</b>", "")]),
        ("`<b>x</b>`", [("<b>x</b>", "code")]),
    ],
)
def test_tags_that_mark_a_text_are_the_marks(text, expected):
    assert runs(text) == expected


PIECES = [
    *("<b>", "</b>", "<i>", "</i>", "<code>", "</code>", "<del>", "</del>"),
    "*",
    "**",
    "word",
    " ",
    "[",
    "](x)",
    "`",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(lambda pieces: "x " + "".join(pieces)), st.integers(20, 120))
@settings(max_examples=300, deadline=None)
def test_tags_in_any_order_lose_no_word_and_fit(text, width):
    document = document_of(text)
    letters = Document()
    for letter in text:
        letters.feed(letter)
    letters.finish()
    for block, other in zip(document.all_blocks(), letters.all_blocks(), strict=True):
        assert block.lines(width) == other.lines(width)
        assert all(line_room(line) <= width for line in block.lines(width))
        places_of(block, width)
    assert document.plain().count("word") == text.count("word")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Show <b>more</b>", "Show more"),
        ("<b>More</b>", "More"),
        ("<strong>One</strong> <i>two</i> (three)", "One two (three)"),
        ("Uses <code>x</code>", "Uses x"),
    ],
)
def test_a_summary_may_hold_marks(written, shown):
    for text in (
        f"<details><summary>{written}</summary>\n\nBody.\n</details>",
        f"<summary>{written}</summary>\n\nBody.",
    ):
        head, body = document_of(text).all_blocks()
        assert (head.kind, head.plain(), body.plain()) == ("heading", shown, "Body.")


@pytest.mark.parametrize(
    ("text", "copied"),
    [
        ("> quoted words", "quoted words"),
        ("> > quoted twice", "quoted twice"),
        ("- an item", "• an item"),
        ("> - an item", "• an item"),
        ("- [ ] to do", "☐ to do"),
        ("1. [x] done", "1. ☑ done"),
        ("> 2. [ ] third", "2. ☐ third"),
        ("[^a]: a note", "[a] a note"),
    ],
)
@pytest.mark.parametrize("width", [20, 80])
def test_a_copy_has_the_marker_and_not_the_bar(text, copied, width):
    (block,) = document_of(text).all_blocks()
    assert block.plain() == copied
    assert block.cut(width, (0, 0), (len(block.lines(width)), 1000)) == copied
    first = line_text(block.lines(width)[0])
    assert block.cut(width, (0, first.index(copied[-4:])), (0, 1000)) == copied[-4:]
