"""Every row fits the page, whatever a terminal thinks of the width of its signs."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcwidth

from tests.typeset import corpus
from tests.typeset.reference import document_of
from tui.page.block import cut_line, spread
from tui.typeset.line import clusters, line_text, line_width, width_of
from tui.typeset.plain import plain_document
from tui.typeset.spacing_mark import SPACING_MARKS
from tui.typeset.table import TableBlock
from tui.typeset.wrap import break_text

SPACES = " \u00a0\u1680\u2000\u2003\u2007\u2009\u200a\u202f\u205f\u3000"
SIGNS = [
    *SPACES,
    *(
        "a",
        "word ",
        "b  ",
        "中",
        "，",
        "（",
        "“",
        "”",
        ".",
        "(",
        ")",
        "한",
        "ｗ",
        "ｶ",
        "é",
        "e\u0301",
        "א",
        "س",
        "ไ",
        "ท\u0e35\u0e48",
    ),
    *("की ", "स्त्री", "ক্ষো", "தமிழ் ", "ខ្មែរ", "မြန်မာ", "ລາວ", "བོད", "ᄀ", "ᅡ", "가\u302e"),
    *("👨‍👩‍👧‍👦", "👍🏽", "🏽", "🇩🇪", "🇩", "⚠️", "❤️", "1️⃣", "☀︎", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👩🏽‍❤️‍💋‍👨🏽", "𝍠", "𠀋", "㉈", "\U0001facc"),
    *("Donau\xaddampf\xadschiff", "\xad"),
    *("\n", "\n\n", "- ", "> ", "1. ", "# ", "`", "**", "| ", "$x$ ", "https://a.b/", "[^नोट]: ", "\t"),
]
TEXTS = st.lists(st.one_of(st.sampled_from(SIGNS), st.characters(exclude_categories=["Cs"])), max_size=120).map("".join)
TABLES = st.lists(st.lists(st.sampled_from(SIGNS), max_size=9).map("".join), min_size=6, max_size=18)


def by_letter(text):
    """The cells of a terminal that draws each character by itself, and each picture as wide as pictures are."""
    total = last = 0
    for character in text:
        cells = 1 if unicodedata.category(character) == "Mc" else max(0, wcwidth(character))
        if character == "\ufe0f":
            cells, last = max(0, 2 - last), 2
        else:
            last = cells or last
        total += cells
    return total


def check(lines, width):
    for line in lines:
        text = "".join([piece for piece, _ in line]).replace("\xad", "")  # a soft hyphen is not painted inside a row
        assert by_letter(text) <= width, (by_letter(text), text)
        assert line_width(line) <= width, text


@given(TEXTS, st.integers(20, 120))
@settings(max_examples=300, deadline=None)
def test_every_row_fits_in_every_terminal(text, width):
    for document in (document_of(text), plain_document(text), document_of(f"```\n{text}\n```")):
        for block in document.all_blocks():
            check(block.lines(width), width)


@given(TEXTS, st.integers(20, 120))
@settings(max_examples=200, deadline=None)
def test_no_character_is_lost_between_rows_or_from_a_copy(text, width):
    for document in (document_of(text), plain_document(text)):
        for block in document.all_blocks():
            if block.kind in ("paragraph", "heading", "item", "quote", "plain"):
                whole = block.cut(5000, (0, 0), (len(block.lines(5000)), 0))
                lines = block.lines(width)
                assert block.cut(width, (0, 0), (len(lines), 0)).rstrip() == whole.rstrip()


def test_a_letter_without_a_cell_of_its_own_leaves_the_full_row_before_it():
    vowel = "\u1161"
    hung = document_of(f"- {'a' * 17} \U0001f3fd b").blocks[0]
    assert len(hung.lines(20)) == 2
    assert hung.cut(20, (0, 0), (2, 0)) == f"• {'a' * 17} \U0001f3fd b"
    for width in range(20, 40):
        text = f"{'a' * (width - 3)} 1. {vowel} b"
        rows = [line_text(line) for line in plain_document(text).blocks[0].lines(width)]
        assert "".join(rows).replace(" ", "") == text.replace(" ", "")


@given(TABLES, st.integers(20, 120))
@settings(max_examples=100, deadline=None)
def test_every_row_of_a_table_fits_in_every_terminal(cells, width):
    cells = [cell.replace("\n", " ").replace("|", "") or "x" for cell in cells]
    rows = ["|".join(cells[at : at + 3]) for at in range(0, len(cells) - 2, 3)]
    document = document_of("\n".join([f"|{rows[0]}|", "|-|-:|:-:|", *(f"|{row}|" for row in rows[1:])]))
    for block in document.all_blocks():
        check(block.lines(width), width)
        while isinstance(block, TableBlock) and block.scroll(7, width):
            check(block.lines(width), width)


@given(TEXTS, TEXTS, st.integers(20, 120))
@settings(max_examples=50, deadline=None)
def test_a_line_that_is_cut_fits_too(left, right, width):
    line = [(left.replace("\n", " ").replace("\t", " "), "strong")]
    line = [(block, "") for block in plain_document(line[0][0]).plain().split("\n")]
    check([cut_line(line, width)], width)
    check([spread(line, plain_document(right).plain().replace("\n", " ").replace("\t", " "), width)], width)


@pytest.mark.parametrize("space", [space for space in SPACES if space not in "\u00a0\u2007\u202f"])
def test_any_space_is_counted_at_its_width_and_copied(space):
    text = space.join(["天", "地", "玄", "黄", "宇", "宙", "洪", "荒"] * 5)
    block = document_of(text).blocks[0]
    for width in range(20, 60):
        lines = block.lines(width)
        check(lines, width)
        assert block.cut(width, (0, 0), (len(lines), width)) == text
        fullest = max(line_width(line) for line in lines)
        assert fullest > width - 4


NO_BREAK = ["\u00a0", "\u202f", "\u2007"]


@pytest.mark.parametrize("glue", NO_BREAK)
@pytest.mark.parametrize(("left", "right"), [("10", "km"), ("第", "章"), ("§", "中"), ("中", "§"), ("de", "«x»")])
def test_a_no_break_space_holds_two_words_together_and_is_copied(glue, left, right):
    words = [f"{left}{glue}{right}", "and"] * 12
    text = " ".join(words)
    for document in (document_of(text), plain_document(text)):
        block = document.all_blocks()[0]
        for width in range(20, 50):
            lines = block.lines(width)
            check(lines, width)
            for line in lines:
                assert not line_text(line).startswith((glue, right))
                assert not line_text(line).endswith((glue, left))
            assert block.cut(width, (0, 0), (len(lines), width)) == text
    assert document_of(f"{glue}a{glue}\n").plain() == f"{glue}a{glue}"
    assert document_of(f"|a|\n|-|\n|{glue}b{glue}|").plain() == f"a\n{glue}b{glue}"


@pytest.mark.parametrize("word", ["ភាសា", "ภาษาไทย", "ພາສາລາວ", "မြန်မာဘာသာ"])
def test_a_zero_width_space_between_letters_is_a_place_to_break(word):
    text = "\u200b".join([word] * 12)
    block = document_of(text).blocks[0]
    for width in range(20, 60):
        lines = block.lines(width)
        check(lines, width)
        for line in lines:
            assert set(line_text(line).split("\u200b")) == {word}
        assert block.cut(width, (0, 0), (len(lines), width)) == text
    assert document_of("a\u200bb").plain() == "a<1 hidden>b"


def test_a_paragraph_may_begin_with_wide_spaces():
    text = "\u3000\u3000" + "天地玄黄宇宙洪荒" * 8
    lines = [line_text(line) for line in document_of(text).blocks[0].lines(20)]
    assert lines[0] == "\u3000\u3000天地玄黄宇宙洪荒"
    assert "".join(lines) == text


def test_a_spacing_vowel_sign_has_a_cell_and_stays_with_its_letter():
    from rich.segment import Segment

    for word, letters in [("दुनिया", ["दु", "नि", "या"]), ("தமிழ்", ["த", "மி", "ழ்"]), ("ক্ষো", ["ক্", "ষো"])]:
        assert [piece for piece, _ in clusters(word)] == letters
        assert width_of(word) == by_letter(word) == Segment(word).cell_length


def test_bars_beside_a_blank_row_fit():
    for depth in (3, 12, 24):
        document = document_of(f"{'> ' * depth}a\n{'> ' * depth}\n{'> ' * depth}- b")
        for block in document.blocks:
            check(block.lines(20), 20)


def test_what_stands_over_code_fits():
    for language in ("x" * 90, "中" * 60, "नमस्ते" * 20):
        check(document_of(f"```{language}\ncode\n```").blocks[0].lines(20), 20)


def test_signs_stay_whole_where_a_row_has_room_for_them():
    family = "👨‍👩‍👧‍👦"
    for width in range(20, 40):
        for start, end, _ in break_text(family * 12, width):
            assert all(piece == family for piece, _ in clusters((family * 12)[start:end]))


@pytest.mark.parametrize("make", [corpus.table, corpus.items])
def test_ordinary_text_loses_no_room(make):
    text = make(2000)
    assert max(line_width(line) for block in document_of(text).blocks for line in block.lines(60)) > 40


def test_spacing_marks_are_those_that_this_python_knows_and_newer_ones():
    known = {chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Mc"}
    newer = {mark for mark in SPACING_MARKS - known if unicodedata.category(mark) != "Cn"}
    assert not newer
    assert known <= SPACING_MARKS or unicodedata.unidata_version > "15.1.0"
