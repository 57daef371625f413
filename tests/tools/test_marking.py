"""What could hide in an argument is seen before it is allowed."""

import pytest

from tui.tools.marking import mark


@pytest.mark.parametrize(
    ("text", "shown", "warning"),
    [
        ('"Hello.' + " " * 3000 + 'rm -rf"', '"Hello.<3,000 blanks>rm -rf"', "3,000 blanks"),
        ('"a' + "\\n" * 40 + 'b"', '"a<40 blanks>b"', "40 blanks"),
        ('"a' + "\\n  \\t" * 10 + 'b"', '"a<40 blanks>b"', "40 blanks"),
        ('"' + "\u3000" * 9 + 'b"', '"<9 blanks>b"', "9 blanks"),
        ('"a\u00a0b"', '"a<U+00A0 blank>b"', "not plain spaces"),
        ('"p\u0430ypal.com"', '"p\u0430<U+0430>ypal.com"', "1 letters look like"),
        ('"\u0440\u0430\u0443.com"', '"\u0440<U+0440>\u0430<U+0430>\u0443<U+0443>.com"', "3 letters"),
        ('"\uff50ath"', '"\uff50<U+FF50>ath"', "1 letters"),
        ('"https://a.com\u2215x.org"', '"https://a.com\u2215<U+2215>x.org"', "1 signs look like"),
        ('"a\uff0eb\uff0fc"', '"a\uff0e<U+FF0E>b\uff0f<U+FF0F>c"', "2 signs look like"),
        ('"a' + "\u2800" * 9 + 'b"', '"a<9 blanks>b"', "9 blanks"),
        ('"\u202egnp.exe"', '"<RLO>gnp.exe"', "1 hidden"),
        ('"a\u200bb"', '"a<1 hidden>b"', "1 hidden"),
    ],
)
def test_what_hides_or_looks_like_something_else_is_marked(text, shown, warning):
    marked = mark(text)
    assert marked.text == shown
    assert len(marked.warnings) == 1
    assert warning in marked.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        '{\n                    "deep": [\n                        1\n                    ]\n}',
        '"a few   blanks, and caf\u00e9, na\u00efve, Stra\u00dfe"',
        '"\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440"',
        '"\u65e5\u672c\u8a9e and English"',
        '"\u4f7f\u7528API\uff1a\u5bc6\u94a5\uff0f\u8def\uff1f"',
        '"m\u00b2 \u2014 \u201cquoted\u201d \U0001f389"',
    ],
)
def test_ordinary_text_of_any_script_is_left_alone(text):
    assert mark(text).warnings == ()
    assert mark(text).text == text
