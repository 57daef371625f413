"""However a reply is cut, and whenever it is looked at, the page ends up the same."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.typeset import corpus
from tests.typeset.reference import document_of, shape, whole_shape
from tui.typeset.document import Document
from tui.typeset.open_end import is_plain

PIECES = [
    *(
        "- ",
        "* ",
        "1. ",
        "2) ",
        "> ",
        ">",
        "\n",
        "\n",
        "\n",
        "\n\n",
        "    ",
        "  ",
        " ",
        "```",
        "~~~",
        "```py\n",
        "foo",
        "bar baz",
    ),
    *(
        "*",
        "**",
        "`",
        "[a]",
        "[a]: /u\n",
        "<details>",
        "</details>\n",
        "<summary>a</summary>",
        "<sub>2</sub>",
        "<kbd>",
        "a: b\n",
        "---\n",
        "```{.py}\n",
        "|",
        "| a | b |\n|---|---|\n",
        "| x |",
        "---",
        "===",
        "# ",
        "<div>",
        "</div>\n",
        "<!-- ",
    ),
    *(
        "-->",
        "\t",
        "\\",
        "![i](u)",
        "_x_",
        "&amp;",
        "&#x202e;",
        "http://a.b/c",
        "![",
        "](",
        "~~s~~",
        "  \n",
        "+",
        "0. ",
        "<b>",
    ),
    *(
        "$",
        "$$\n",
        "\n$$",
        "\\[\n",
        "\\]",
        "[^1]",
        "[^1]: ",
        "- [x] ",
        "é",
        "e\u0301",
        "👨‍👩‍👧",
        "\r\n",
        "\u202e",
        "中文字",
        "\u200b",
        "ខ្មែរ\u200b",
        "\u200bไทย\u0e49",
        "\u00a0",
        "\u3000",
        "注意：",
        "请（x）",
        "שלום ",
        "\\(",
        "\\)",
        "\\begin{cases}",
        "\\begin{align}\n",
        "\\end{align}",
        "so $$\n",
        "x = 1\n",
        "中.",
        "\n2",
        ". x",
        "\n• ",
        "\n(a",
        ") y",
        "> [!NOTE]",
        "\n۲. ",
        ".txt",
        "（“",
        "https://a.example/x的",
        "x" * 450,
    ),
]
SOURCES = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.lists(st.sampled_from(corpus.STANDARD + corpus.EXTENDED), min_size=1, max_size=4).map("\n\n".join),
)


def rows(document, width):
    while document.settle() is not None:
        pass
    return [line for block in document.all_blocks() for line in block.lines(width)]


def whole(text):
    document = Document()
    document.feed(text)
    return document


SIGNS = [
    "\n",
    "a",
    " ",
    "\u3000",
    "中",
    "س",
    "ක",
    "්",
    "\u200d",
    "\u200c",
    "\ufe0f",
    "❤",
    "\u034f",
    "\u200f",
    "\u200e",
    "\u202c",
    "\u1161",
    "\r",
    "\x07",
]
SIGNS += ["\U0001f3f4", "\U000e0067", "\U000e0062", "\U000e007f", "👩", "🏽", "🇩", "\u0301", "\u202e", "**", "`", "- "]


@given(st.lists(st.sampled_from(SIGNS), max_size=24), st.integers(1, 4))
@settings(max_examples=300, deadline=None)
def test_what_joins_is_cut_anywhere_and_reads_the_same(signs, size):
    text, document = "".join(signs), Document()
    for at in range(0, len(text), size):
        document.feed(text[at : at + size])
    document.finish()
    assert rows(document, 40) == rows(document_of(text), 40)


@given(SOURCES, st.data())
@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink])
def test_any_fragmentation_is_one_shot(text, data):
    width = data.draw(st.sampled_from([1, 7, 24, 80]), "width")
    document = Document()
    at = 0
    while at < len(text):
        size = data.draw(st.sampled_from([1, 2, 3, 5, 16, 64] if len(text) < 200 else [7, 64, 150]), "size")
        before = None
        look = data.draw(st.integers(0, 7), "look")
        if look == 0:
            before = [(block, [list(line) for line in block.lines(width)]) for block in document.all_blocks()]
        first = document.feed(text[at : at + size])
        at += size
        if before is not None:
            now = document.all_blocks()
            for index in range(min(first, len(before))):
                assert now[index] is before[index][0]
                assert now[index].lines(width) == before[index][1]
        if look == 1:
            rows(document, width + 9)  # resized, and back
        elif look == 2:
            for block in document.all_blocks():
                block.drop()
        elif look == 3:
            assert rows(document, width) == rows(whole(text[:at]), width)
    document.finish()
    expected = document_of(text)
    assert rows(document, width) == rows(expected, width)
    assert [block.source for block in document.blocks] == [block.source for block in expected.blocks]
    assert document.plain() == expected.plain()


@pytest.mark.parametrize(
    "make", [corpus.mixed, corpus.paragraph, corpus.fence, corpus.table, corpus.items, corpus.quoted, corpus.nested]
)
def test_long_replies_in_tokens_are_one_shot(make):
    text = make(12_000)
    document = Document()
    for at in range(0, len(text), 7):
        document.feed(text[at : at + 7])
        if at % 49 == 0 and document.all_blocks():
            document.all_blocks()[-1].lines(60)
    document.finish()
    assert rows(document, 60) == rows(document_of(text), 60)
    assert rows(document, 33) == rows(document_of(text), 33)


@pytest.mark.parametrize("text", corpus.STANDARD)
def test_one_parse_of_the_whole_says_the_same(text):
    assert shape(document_of(text)) == whole_shape(text)


def test_the_corpus_in_one_document_says_the_same():
    text = "\n\n".join(
        part for part in corpus.STANDARD if "[" not in part and "unclosed" not in part and "<" not in part
    )
    assert shape(document_of(text)) == whole_shape(text)


@pytest.mark.parametrize("make", [corpus.mixed, corpus.paragraph, corpus.items, corpus.quoted])
def test_long_replies_parse_as_the_whole(make):
    text = make(20_000)
    assert shape(document_of(text)) == whole_shape(text)


def test_what_grows_keeps_its_first_rows():
    document = Document()
    text = corpus.paragraph(6000)
    seen = 0
    kept = []
    for at in range(0, len(text), 32):
        document.feed(text[at : at + 32])
        if not document.blocks:
            continue
        block = document.blocks[0]
        lines = block.lines(50)
        assert lines[: len(kept)] == kept
        assert len(lines) - block.fixed < 60
        kept = [list(line) for line in lines[: block.fixed]]
        seen = max(seen, block.fixed)
    assert seen > 80


def test_a_cut_carriage_return_and_a_cut_emoji_are_whole():
    document = Document()
    for character in "a\r\nb 👨‍👩‍👧 ❤️ e\u0301!":
        document.feed(character)
    document.finish()
    assert document.source == "a\nb 👨‍👩‍👧 ❤️ e\u0301!"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "word ", "more", " 12%", "it's", "é", "\u00ad", "\u0301"]), max_size=40))
def test_letters_that_go_past_all_that_looks_for_more_end_up_where_the_others_do(pieces):
    document, length = Document(), 0
    for piece in pieces:
        if is_plain(piece) is None or document.take_letters(piece) < 0:
            document.feed(piece)
        for block in document.all_blocks():
            block.lines(40)
        assert document.length >= length
        length = document.length
    document.finish()
    whole = document_of("".join(pieces))
    assert document.source == whole.source
    assert shape(document) == shape(whole)
