"""Tables as models write them: whatever is in a row is shown, and bars in code and formulas are no bars of the table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.typeset.reference import document_of
from tui.typeset.document import Document
from tui.typeset.line import line_text
from tui.typeset.table import TableBlock


def kinds(text):
    return [block.kind for block in document_of(text).blocks]


def cells(text):
    block = document_of(text).blocks[0]
    assert isinstance(block, TableBlock)
    return [line.split("\t") for line in block.plain().split("\n")]


def table(row, columns=2):
    return f"|{'a|' * columns}\n|{'-|' * columns}\n{row}"


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("| `ps aux | grep x` | find |", ["ps aux | grep x", "find"]),
        ("| `a || b` | or |", ["a || b", "or"]),
        ("| `||` | または |", ["||", "または"]),
        ("| a || b | or |", ["a || b", "or"]),
        ("| `` `|` `` | tick |", ["`|`", "tick"]),
        ("| $|x|$ | y |", ["|x|", "y"]),
        (r"| \(|x|\) | y |", ["|x|", "y"]),
        ("| $P(A|B)$ | `x|y` |", ["P(A|B)", "x|y"]),
        (r"| `x\|y` | a\|b |", ["x|y", "a|b"]),
        ("| `a` | $b$ |", ["a", "b"]),
        ("| $5 | $10 |", ["$5", "$10"]),
        ("| 1 | 2 | 3 | 4 |", ["1", "2 | 3 | 4"]),
        ("| `a | b |", ["`a", "b"]),
        ("| x |", ["x", ""]),
        ("|||", ["", ""]),
        ("x | y", ["x", "y"]),
    ],
)
def test_nothing_of_a_row_is_lost(row, shown):
    assert cells(table(row))[1] == shown


def test_a_head_may_have_bars_in_its_code_too():
    assert cells("| `a|b` | c |\n|---|---|\n| 1 | 2 |") == [["a|b", "c"], ["1", "2"]]
    assert cells("| $|x|$ | c |\n|---|---|\n| 1 | 2 |") == [["|x|", "c"], ["1", "2"]]


def test_who_counts_the_columns_wrong_still_means_a_table():
    assert cells("| a | b |\n|---|---|---|\n| 1 | 2 | 3 |") == [["a", "b", ""], ["1", "2", "3"]]
    assert cells("| a | b | c |\n|---|--:|\n| 1 | 2 | 3 |") == [["a", "b", "c"], ["1", "2", "3"]]
    assert kinds("| a | b |\n|---|\n| 1 |") == ["paragraph"]
    assert kinds("a | b | c\n---|---\n1 | 2 | 3") == ["paragraph"]


def test_text_right_under_a_table_is_no_row_of_it():
    assert kinds("| a | b |\n|---|---|\n| 1 | 2 |\n注：来源。") == ["table", "paragraph"]
    assert kinds("| a | b |\n|---|---|\n| 1 | 2 |\n**Note:** more\nand more") == ["table", "paragraph"]
    assert kinds("a | b\n---|---\n1 | 2\n3") == ["table"]
    assert kinds("| a | b |\n|---|---|\n1 | 2\n3 | 4 |") == ["table"]


@pytest.mark.parametrize("width", [20, 40])
def test_a_table_too_wide_for_its_page_shows_its_head_before_a_row_comes(width):
    document = Document()
    document.feed(f"|{'|'.join(f'name{number}' for number in range(30))}|\n|{'---|' * 30}\n")
    shown = " ".join(line_text(line) for block in document.all_blocks() for line in block.lines(width))
    assert all(f"name{number}" in shown for number in range(30))
    document.feed(f"|{'|'.join(f'cell{number}' for number in range(30))}|\n")
    rows = [line_text(line) for block in document.all_blocks() for line in block.lines(width)]
    assert rows == [f"name{number}: cell{number}" for number in range(30)]


PIECES = ["|", "`", "a", " ", "$", "\\", "||", "\\|", "`x|y`", "$|x|$", "中", "b "]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_every_letter_of_a_row_is_in_a_cell(row, columns):
    document = document_of(table(f"|{row}a|", columns))
    shown = "".join(block.plain() for block in document.blocks)
    for letter in "中b":
        assert shown.count(letter) >= row.count(letter)
