"""Text from right to left: read in order, seen in order, and never a control character."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.typeset.reference import document_of
from tui.typeset.bidi import arrange, cell_as_read, choose_bidi, is_rtl, row_end
from tui.typeset.document import Document
from tui.typeset.line import line_text, line_width
from tui.typeset.plain import plain_document

HEBREW = "שלום עולם"
SIGNS = [
    *(
        "א",
        "ב ",
        "שלום ",
        "سلام ",
        "فارسی",
        "abc ",
        "x",
        "1",
        "23 ",
        "۴۵",
        "٣",
        ".",
        ",",
        "-",
        "%",
        "$",
        "(",
        ")",
        "[",
        "]",
    ),
    *('"', " ", "«", "»", "!", "👍🏽", "e\u0301", "שָׁ", "中"),
]
TEXTS = st.lists(st.sampled_from(SIGNS), min_size=1, max_size=30).map("".join)


def visual(text, *, rtl=None, bidi="visual"):
    line = text if isinstance(text, list) else [(text, "")]
    return line_text(arrange(line, is_rtl=is_rtl(line_text(line)) if rtl is None else rtl, bidi=bidi))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("אבג דהו", "והד גבא"),
        ("אבג abc דהו.", ".והד abc גבא"),
        ("abc אבג (דהו) 12", "abc 12 (והד) גבא"),
        ("מחיר 100.5 שקל", "לקש 100.5 ריחמ"),
        ("אבג (דהו)!", "!(והד) גבא"),
        ("سعر ١٢٣ ريال", "لاير ١٢٣ رعس"),
        ("1. אבג", "גבא .1"),
        ("אבג <2 hidden> דהו", "והד <2 hidden> גבא"),
        ("<RLO>אבג 12 <9B>(דהו)", "(והד)<9B> 12 גבא<RLO>"),
        ("abc.", "abc."),
    ],
)
def test_a_row_is_seen_in_order(text, shown):
    assert visual(text, rtl=is_rtl(text) or text[0] == "1") == shown


def test_the_order_is_that_of_unicode_in_either_direction():
    assert visual("א1-2ב", rtl=False) == "ב2-1א" or visual("א1-2ב", rtl=False) == "ב1-2א"
    assert visual("a(א)b", rtl=False) == "a(א)b"
    assert visual("א(b)ג", rtl=True) == "ג(b)א"
    assert visual("א[b) ג", rtl=True) == "ג (b]א"
    assert visual("ب1", rtl=True) == "1ب"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("שלום", True),
        ("**שלום** hello", True),
        ("`code` שלום", True),
        ("https://a.example/x שלום", True),
        ("1. 2 (שלום)", True),
        ("hello שלום", False),
        ("", False),
        ("123", False),
        ("`שלום`", False),
        ("سلام دنیا", True),
        ("中文 שלום", False),
    ],
)
def test_the_first_letter_tells_the_direction(text, answer):
    assert is_rtl(text) is answer


def test_code_numbers_and_addresses_stay_left_to_right():
    line = [
        ("קרא ", ""),
        ("f(a, 1) = [2]", "code"),
        (" וגם ", ""),
        ("https://a.example/b?c=(d)", "link:https://a.example/b?c=(d)"),
        (".", ""),
    ]
    assert visual(line) == ".https://a.example/b?c=(d) םגו f(a, 1) = [2] ארק"
    for cut in range(8, 24):  # a row ends within it
        address = "https://a.example/b?c=(d)"
        assert visual([("אב ", ""), (address[:cut], f"link:{address}")]) == f"{address[:cut]} בא"
        assert visual([("אב ", ""), (address[cut:], f"link:{address}"), (" גד", "")]) == f"דג {address[cut:]} בא"
    assert visual([("x = ", "fence"), ("'אבג'", "fence+str"), (" # 1", "fence")]) == "x = 'גבא' # 1"


def page(text, width=30):
    rows = []
    for block in document_of(text).blocks:
        for line in block.lines(width):
            rtl, room = row_end(line)
            shown = line_text(arrange(line, is_rtl=rtl, bidi="visual"))
            rows.append(" " * (room - line_width(line)) * rtl + shown)
    return rows


def test_paragraphs_lists_quotes_and_tables_begin_at_the_right():
    assert page("שלום\n\nhello", 10) == ["      םולש", "", "hello"]
    assert page("- אב\n- גד", 10) == ["     בא • ", "     דג • "]
    assert page("> אב\n>\n> - גד", 14) == ["          בא ▐", "             ▐", "       דג •  ▐"]
    assert page("1. אב", 10) == ["    בא .1 "]
    assert page("# אב", 10) == ["        בא"]
    assert page("| אב | גדה |\n|---|---|\n| ו | x |", 14) == ["     הדג │  בא", "     ────┼────", "       x │   ו"]
    assert page("- [x] אב", 10) == ["     בא ☑ "]


def test_every_row_of_a_paragraph_goes_its_way_whatever_it_begins_with():
    rows = document_of("שלום " + "python is here " * 5).blocks[0].lines(20)
    assert len(rows) > 3
    assert all(row_end(line) == (True, 20) for line in rows)
    prompt = plain_document("שלום\nhello").all_blocks()[0].lines(20)
    assert [row_end(line)[0] for line in prompt] == [True, False]


def test_copies_are_in_the_order_one_reads():
    text = "שלום עולם, זה `code` ועוד מילים 12 (סוף)."
    block = document_of(text).blocks[0]
    lines = block.lines(20)
    assert len(lines) > 1
    assert block.cut(20, (0, 0), (len(lines), 99)) == text.replace("`", "")


@given(TEXTS, st.booleans(), st.sampled_from(["visual", "runs", "words"]))
@settings(max_examples=300, deadline=None)
def test_no_sign_is_lost_or_added(text, rtl, bidi):
    line = [(text, "")]
    shown = arrange(line, is_rtl=rtl, bidi=bidi)
    opposite = str.maketrans("()[]«»", ")(][»«")
    assert sorted(line_text(shown).translate(opposite) + line_text(shown)) == sorted(text.translate(opposite) + text)
    assert line_width(shown) == line_width(line)
    assert not any(
        ord(sign) in (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
        for sign in line_text(shown)
    )


@given(TEXTS, st.booleans())
@settings(max_examples=100, deadline=None)
def test_every_cell_that_is_seen_is_one_that_is_read(text, rtl):
    line = [(text, "")]
    cells = line_width(line)
    found = {cell_as_read(line, cell, is_rtl=rtl) for cell in range(cells)}
    assert all(0 <= cell < cells for cell in found)
    starts, at = set(), 0
    for cell in sorted(found):
        assert cell >= at
        starts.add(cell)
        at = cell + 1
    assert len(found) == len(starts)
    if text.isascii():
        assert found == set(range(cells))


@given(st.lists(st.sampled_from([*SIGNS, "`a` ", "**", "- ", "\n", "> ", "| ", "|\n|-|\n"]), max_size=20).map("".join))
@settings(max_examples=100, deadline=None)
def test_direction_is_the_same_however_it_comes(text):
    document = Document()
    for letter in text:
        document.feed(letter)
        for block in document.all_blocks()[-2:]:
            block.lines(24)
    document.finish()
    expected = document_of(text)
    assert [block.lines(24) for block in document.all_blocks()] == [block.lines(24) for block in expected.all_blocks()]


@pytest.mark.parametrize(
    ("environ", "bidi"),
    [
        ({"TERM": "xterm-256color"}, "visual"),
        ({"TERM": "alacritty"}, "visual"),
        ({"VTE_VERSION": "7006"}, "runs"),
        ({"VTE_VERSION": "7006", "TMUX": "/tmp/x"}, "runs"),
        ({"VTE_VERSION": "4200"}, "visual"),
        ({"KONSOLE_VERSION": "221203"}, "runs"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "runs"),
        ({"TERM_PROGRAM": "mintty"}, "runs"),
        ({"TERM": "xterm-kitty"}, "words"),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x"}, "visual"),
    ],
)
def test_what_the_terminal_wants_is_found_out(environ, bidi):
    assert choose_bidi("auto", environ) == bidi
    assert choose_bidi("off", environ) == "off"


def test_a_terminal_with_bidi_of_its_own_gets_its_runs_as_they_are_read():
    assert visual("אבג abc דהו.", bidi="runs") == ".דהו abc אבג"
    assert visual("hello אבג (דהו) x", bidi="runs") == "hello אבג (דהו) x"
    assert visual("אבג דהו, x", bidi="words") == "x ,דהו אבג"
