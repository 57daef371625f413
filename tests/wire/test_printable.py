import pickle
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.wire.printable import (
    PrintableStream,
    ShownMap,
    breakable,
    count_hidden,
    mask_keys,
    printable,
    printable_line,
    with_signs,
)

HOSTILE = st.text(
    st.sampled_from(
        [*map(chr, range(0x21)), "\x7f", "\x85", "\x9b", "\u2028", "\u202e", "\u200d", "\u200c", "\ufe0f", "\ufe01"]
        + [
            *("\u200b", "\u2060", "\xad", "中", "\U000e0100", "ᠮ", "\u180b", "\u180e"),
            "\U000e0041",
            "\U000e007f",
            "\U0001f3f4",
            "\u0301",
            "\u0654",
            "a",
            "1",
            "ع",
            "क",
            "👩",
            "\ud83d",
            "©",
            "<",
            ">",
        ]
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext", "plain\n\ttext"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\r\nb\rc", "a\nb␍c"),
        ("\x00\x7f", "␀␡"),
        ("\x9b31m", "<9B>31m"),
        ("a\x85b\u2028c\u2029", "a<85>b<2028>c<2029>"),
        ("ad\u202eelif", "ad<RLO>elif"),
        ("\u2066x\u2069\u200e", "<LRI>x<PDI><LRM>"),
        ("שלום \u200f(Python)\u200f, עולם", "שלום (Python), עולם"),
        ("\u200fسلام C++\u200e.", "سلام C++."),
        ("שלום\u202e x", "שלום<RLO> x"),
        ("שלום\nx\u200f", "שלום\nx<RLM>"),
        ("x\u200f שלום", "x<RLM> שלום"),
        ("hi" + "".join(chr(0xE0000 + ord(c)) for c in "do it"), "hi<5 hidden>"),
        ("zero\u200bwidth", "zero<1 hidden>width"),
        (
            "ភាសា\u200bខ្មែរ ไทย\u200bไทย ລາວ\u200bລາວ မြန်\u200bမာ",
            "ភាសា\u200bខ្មែរ ไทย\u200bไทย ລາວ\u200bລາວ မြန်\u200bမာ",
        ),
        ("注意\u200b请 かな\u200b！ 한\u200b글", "注意\u200b请 かな\u200b！ 한\u200b글"),
        ("10\u2060km 中\u2060文 a\u2060 \u2060\u2060b", "10\u2060km 中\u2060文 a<1 hidden> <2 hidden>b"),
        ("Donau\u00addampf -\u00ad \u00ad\u00ad", "Donaudampf -<1 hidden> <2 hidden>"),
        ("葛\U000e0100城 a\U000e0100 葛\U000e0100\U000e0101", "葛\U000e0100城 a<1 hidden> 葛\U000e0100<1 hidden>"),
        ("ᠮᠣᠩᠭ\u180bᠣ\u180eᠯ a\u180e", "ᠮᠣᠩᠭ\u180bᠣ\u180eᠯ a<1 hidden>"),
        ("ไทย\u200b\u200bไทย", "ไทย<2 hidden>ไทย"),
        ("ไทย\u200b\u202ex", "ไทย<1 hidden><RLO>x"),
        ("a\u200d\u200cb", "a<2 hidden>b"),
        ("\ud800x", "\ufffdx"),
        ("👩\u200d💻 ❤️\u200d🔥 1️⃣ 😀", "👩\u200d💻 ❤️\u200d🔥 1️⃣ 😀"),
        ("می\u200cخواهم क्\u200dष", "می\u200cخواهم क्\u200dष"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
        ("比分\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f\u26bd", None),
        ("\U0001f1ec\U0001f1e7\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", None),
        ("x\ufe01", "x<1 hidden>"),
        ("😀\ufe01\ufe02\ufe03", "😀\ufe01<2 hidden>"),
        ("a" + "\u0301" * 20 + "b", "a" + "\u0301" * 8 + "<12 marks>b"),
        ("e\u0301a\u0308", "e\u0301a\u0308"),
    ],
)
def test_each_kind_of_character_becomes_visible_or_stays(text, shown):
    assert printable(text) == (text if shown is None else shown)


@given(st.one_of(HOSTILE, st.text()))
@settings(max_examples=300)
def test_what_is_printable_holds_no_control_and_stays_the_same(text):
    shown = printable(text)
    assert all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") or c in "\n\t" for c in shown)
    assert printable(shown) == shown
    shown.encode()
    assert printable_line(text).isprintable() or not any(c in "\n\t" for c in printable_line(text))


@given(st.lists(st.text(st.sampled_from("a\r\n\x1b"), max_size=4)))
def test_a_stream_of_fragments_equals_the_whole(fragments):
    stream = PrintableStream()
    assert "".join(map(stream.feed, fragments)) + stream.close() == printable("".join(fragments))


def test_hidden_characters_are_counted_one_by_one():
    assert count_hidden("plain\r\n😀️") == 0
    assert count_hidden("a" + "\U000e0041" * 44) == 44
    assert count_hidden("\x1b[31m\u202e") == 2


def test_a_long_hostile_text_takes_linear_time():
    for unit in ("\U0001f3f4" + "\U000e0061" * 7, "\u0301", "a\u200d", "\r", "👩\u200d"):
        assert printable(unit * 100_000)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Incorrect API key provided: sk-proj-abcDEF123456", "Incorrect API key provided: sk-***"),
        ("key xai-0123456789abcdef is wrong", "key xai-*** is wrong"),
        ("Authorization: Bearer abcdefgh12345", "Authorization: Bearer ***"),
        ("task-oriented risk-averse", "task-oriented risk-averse"),
        ("the bearer of news", "the bearer of news"),
    ],
)
def test_the_shape_of_a_key_is_masked(text, masked):
    assert mask_keys(text) == masked


def test_the_value_of_a_key_is_masked_plain_and_percent_encoded():
    secret = "se/cret+12"
    masked = mask_keys(f"you sent {secret}, that is se%2Fcret%2B12", [secret, ""])
    assert masked == "you sent ***, that is ***"
    assert pickle.dumps(masked)


@given(st.text(alphabet="a\x1b\u200b\u200d\u202e\ufe0f\r\n\u0301😀", max_size=40))
def test_signs_can_be_turned_back_into_what_they_stand_for(text):
    came = []

    def sign(piece, shown):
        came.append(piece)
        return f"<{len(came) - 1}>"

    shown = with_signs(text, sign)
    for number, piece in enumerate(came):
        shown = shown.replace(f"<{number}>", piece, 1)
    assert shown == text.replace("\r\n", "\n")


_ODD = st.text(
    alphabet=st.sampled_from(
        [*" ab1\n\r漢😀", *"\u200d\ufe0f\u0301\u200b\x1b\u2060\xad\u1820", "\U0001f3f4", "\U000e0067"]
    )
)


@given(_ODD, _ODD)
def test_a_soft_hyphen_within_a_word_stays_where_lines_are_broken_by_it(text, more):
    text = f"{text}Do\xadnau{more}"
    shown, places = breakable(text), ShownMap(text)
    assert shown.replace("\xad", "") == printable(text)
    assert breakable(shown) == shown
    assert "Do\xadnau" in shown
    for at, letter in enumerate(text):
        if letter in " abDonu1漢\xad" and (letter != "\xad" or shown[places.shown(at)] == letter):
            assert shown[places.shown(at)] == letter
            assert places.raw(places.shown(at)) == at


@given(_ODD, _ODD)
def test_what_is_shown_otherwise_is_known_from_what_a_text_began_with(text, more):
    for one, then in ((text, text + more), (text + more, text), (text, more)):
        grown, anew = ShownMap(then, ShownMap(one)), ShownMap(then)
        places = range(len(then) + 2)
        assert [*map(grown.shown, places)] == [*map(anew.shown, places)]
        assert [*map(grown.raw, places)] == [*map(anew.raw, places)]
