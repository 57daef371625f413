"""Where a row may end and the next one begin, in every script."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.typeset.reference import document_of
from tui.typeset.line import line_text, line_width
from tui.typeset.plain import plain_document
from tui.typeset.wrap import break_text, told_rows, wrap_told

NOT_FIRST = "、。，．：；！？）〉》」』】〕｝］ー々ゝヽ・…％〜～｡､｣"
NOT_LAST = "「『（《〈【〔｛［｢"
PIECES = [
    *NOT_FIRST,
    *NOT_LAST,
    *"中文字符かなカナ",
    "Python",
    "C++",
    "12",
    " ",
    "(中",
    "文)",
    "“引",
    "号”",
    "한글",
    "a.b",
    "中.",
    ".txt",
]


def rows_of(text, width):
    return [line_text(line) for block in document_of(text).blocks for line in block.lines(width)]


@given(st.lists(st.sampled_from(PIECES), max_size=80).map("".join), st.integers(20, 60))
@settings(max_examples=300, deadline=None)
def test_no_row_begins_with_a_closing_mark_or_ends_with_an_opening_one(text, width):
    text = "头" + re.sub(f"[{NOT_FIRST}{NOT_LAST}]{{3,}}", "", text)
    text = re.sub(r"[^\u3000-\u9fff\uff00-\uffee ]{9,}", "长", text)  # what is longer than a row is cut anywhere
    places = break_text(text, width)
    assert "".join(text[start:end] + seam for start, end, seam in places).rstrip() == text.rstrip()
    for (start, end, seam), (begin, _, _) in zip(places, places[1:], strict=False):
        if seam or len(text[start:end]) < 12:  # a mark that was written behind a space, or a chain of them
            continue
        assert text[end - 1] not in NOT_LAST, text[start:end]
        assert text[begin] not in NOT_FIRST, text[begin:]


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("在使用Python、Java，以及（可能的）C++时", 26, ["在使用Python、Java，以及", "（可能的）C++时"]),
        ("他说“你好”然后“再见”", 15, ["他说“你好”然后", "“再见”"]),
        ("一二三四五六(七)八", 13, ["一二三四五六", "(七)八"]),
        ("一二三四五六, 七", 12, ["一二三四五", "六, 七"]),
        ("打开文件.txt吧", 10, ["打开文件", ".txt吧"]),
        ("Python，Java，JavaScript，Rust", 20, ["Python，Java，", "JavaScript，Rust"]),
        ("don’t say “never”", 12, ["don’t say", "“never”"]),
        ("コンピューター", 10, ["コンピュー", "ター"]),
        ("人々の日々", 4, ["人々", "の", "日々"]),
        ("か\u3099き\u3099く\u3099", 4, ["か\u3099き\u3099", "く\u3099"]),
        ("བོད་སྐད་ཡིག་", 4, ["བོད་", "སྐད་", "ཡིག་"]),
    ],
)
def test_rows_break_as_who_writes_the_script_breaks_them(text, width, rows):
    assert rows_of(text, width) == rows


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("ខ្មែរកម្ពុជាស្ត្រី", ["ខ្មែ", "ម្ពុ", "ស្ត្រី"]),
        ("မြန်မာကောင်းကျွန်တော်သင်္ချာ", ["မြန်", "ကောင်း", "ကျွန်", "သင်္ချာ"]),
        ("स्त्रीक्षत्रियप्रार्थना", ["स्त्री", "क्ष", "त्रि", "र्थ"]),
        ("ক্ষোবাংলাষ্ট্র", ["ক্ষো", "ষ্ট্র"]),
        ("สวัสดีน้ำเป็นไทยะๆ", ["น้ำ", "เป็", "ไท", "ยะๆ"]),
        ("ສະບາຍເດີໄປ", ["ສະ", "ບາ", "ເດີ", "ໄປ"]),
        ("മലയാളക്ഷ്മി", ["ക്ഷ്മി"]),
        ("සිංහලශ්‍රී", ["ශ්‍රී"]),
    ],
)
def test_a_word_longer_than_a_row_is_cut_where_nothing_is_torn(text, whole):
    for width in range(8, 24):
        rows = rows_of(text * 3, width)
        assert "".join(rows) == text * 3
        cuts = {0}
        for row in rows:
            cuts.add(max(cuts) + len(row))
        for piece in whole:
            for match in re.finditer(piece, text * 3):
                assert not cuts & set(range(match.start() + 1, match.end())), (width, piece, rows)


@pytest.mark.parametrize("glue", ["\u00a0", "\u202f", "\u2007", "\u2060"])
def test_glue_holds_ideographs_and_numbers_together(glue):
    text = "".join(f"中文{number}{glue}字，" for number in range(40))
    for document in (document_of(text), plain_document(text)):
        block = document.all_blocks()[0]
        for width in range(20, 50):
            lines = block.lines(width)
            assert block.cut(width, (0, 0), (len(lines), width)) == text
            assert max(map(line_width, lines)) <= width
            for line in lines:
                assert line_text(line)[0] not in (glue, "字", "，")
                assert not line_text(line).endswith(glue)


@given(
    st.lists(st.sampled_from(["a", "bc ", "  ", "   ", "中", "\u3000", ". "]), max_size=60).map("".join),
    st.integers(8, 30),
)
@settings(max_examples=200, deadline=None)
def test_a_copy_has_as_many_spaces_as_were_shown(text, width):
    block = plain_document(f"x{text}x").all_blocks()[0]
    assert block.cut(width, (0, 0), (len(block.lines(width)), 1000)) == f"x{text}x"


@pytest.mark.parametrize("width", range(12, 60))
def test_what_rillet_says_parts_no_number_from_what_it_counts(width):
    text = "11.2 s: 48 % writing at ~22 tok/s, 31 % waiting for the first token – kept alive 12 times in 2 min 5 s"
    rows = told_rows(text, width)
    assert " ".join(rows) == text
    assert all(len(row) <= width for row in rows)
    assert not any(row[-1].isdigit() for row in rows[:-1] if not row.endswith("min"))
    assert [
        "".join(piece for piece, _ in row) for row, _ in wrap_told([(text[:9], "a"), (text[9:], "b")], width)
    ] == rows
