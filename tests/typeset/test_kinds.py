"""Every row fits, whatever the reply is written with: HTML of a few kinds, front matter, words behind a fence, marks of direction."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.typeset.reference import document_of
from tui.typeset.bidi import arrange
from tui.typeset.line import line_room, line_text

KINDS = {
    "sub": "Water is H<sub>2</sub>O, and <sub>words that nobody can write below a line</sub> stay, all of them.",
    "sup": "x<sup>2</sup> + y<sup>n+1</sup> = <sup>a long exponent that has no small letters</sup> at last.",
    "kbd": "Press <kbd>Ctrl</kbd>+<kbd>Shift</kbd>+<kbd>PageDown</kbd>, then <kbd>Enter</kbd> or <kbd>字</kbd>.",
    "details": "<details>\n<summary>More of **this**, in words that fill a row or two</summary>\n\nInner text.\n\n</details>",
    "front matter": "---\ntitle: A page with a title that is long enough to be broken\ntags: [a, b]\n---\n\nText.",
    "info": "```{.python .numberLines startFrom=100}\nprint('a line that is longer than the page is wide')\n```",
    "info path": "```12:15:src/a/very/long/path/to/some/module_with_a_name.py\nx = 1\n```",
    "marks": "שלום \u200f(Python)\u200f עולם \u200eC++\u200e, ועוד מילים שממלאות שורה ארוכה מאוד.",
    "rtl html": "סוד H<sub>2</sub>O ו־<kbd>Ctrl</kbd>+<kbd>ג</kbd> וגם <sup>2</sup>, ועוד מילים.",
}
BEFORE = ["", "> ", "- ", "> - ", "1. "]


@pytest.mark.parametrize("kind", KINDS)
@given(st.integers(20, 120), st.sampled_from(BEFORE), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_every_row_of_each_kind_fits(kind, width, before, times):
    indent = before if before.startswith(">") else " " * len(before)
    lines = "\n\n".join([KINDS[kind]] * times).split("\n")
    text = "\n".join((indent if number else before) + line for number, line in enumerate(lines))
    for block in document_of(text).all_blocks():
        for line in block.lines(width):
            assert line_room(line) <= width, line_text(line)
            for bidi in ("visual", "runs", "words"):
                for is_rtl in (False, True):
                    shown = arrange(line, is_rtl=is_rtl, bidi=bidi)
                    assert line_room(shown) <= width
                    assert sorted(line_text(shown).translate(MIRRORED)) == sorted(line_text(line).translate(MIRRORED))


MIRRORED = str.maketrans("()[]{}<>«»▌▐", "(([[{{<<««▌▌")
