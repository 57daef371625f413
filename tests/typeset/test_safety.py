"""Hostile text: nothing unprintable leaves, nothing breaks, nothing takes for ever."""

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.typeset.reference import document_of
from tui.typeset.document import Document
from tui.typeset.plain import plain_document
from tui.wire.printable import printable

HOSTILE = [
    "\x1b]52;c;eA==\x07",
    "\x9b31m",
    "\x00",
    "\r",
    "\u202e",
    "\u2066",
    "\U000e0041",
    "\u200b",
    "&#27;",
    "&#13;",
    "&#x202e;",
    "&#x9b;",
    "\ud800",
]
MARKS = ["`", "**", "[a](", ")", "<", ">", "\n", "| ", "|-|\n", "```\n", "- ", "# ", "$", "text", "![", "](", "\t"]


@given(st.lists(st.sampled_from(HOSTILE + MARKS), max_size=25).map("".join))
@settings(max_examples=150, deadline=None)
def test_every_run_is_printable(text):
    for document in (document_of(text), plain_document(text)):
        for block in document.all_blocks():
            for line in block.lines(30):
                for run, style in line:
                    assert printable(run) == run
                    assert printable(style) == style
                    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in run + style)
            assert printable(block.plain()) == block.plain()


@pytest.mark.parametrize(
    "unit", ["> ", ">", "- ", "* ", "1. ", "[", "![", "(", "**", "*", "_", "`", "{", "$\\frac{", "<a ", "<b>"]
)
def test_a_thousand_levels_are_no_trouble(unit):
    document_of("warm [up](x) `c` $y$ <b>")
    begin = time.process_time()
    document = document_of(unit * 1000 + "x")
    for block in document.blocks:
        block.lines(80)
    assert time.process_time() - begin < 1
    nested = "".join("  " * depth + "- x\n" for depth in range(1000))
    assert document_of(nested).blocks


def read(text):
    """Feed a text as it might stream, laying out what shows."""
    document = Document()
    for at in range(0, len(text), 256):
        first = document.feed(text[at : at + 256])
        for block in document.all_blocks()[first:] if len(document.blocks) < 50 else document.blocks[first:]:
            block.lines(80)
    document.finish()
    for block in document.blocks[-2:]:
        block.lines(80)


def steps(text):
    """How many calls it takes to read a text: as many each time, however busy the machine is."""
    count = 0

    def see(_frame, _event, _argument):
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        read(text)
    finally:
        sys.setprofile(before)
    return count


def seconds(text):
    """The processor time of that: it tells of patterns and long strings too."""
    begin = time.process_time()
    read(text)
    return time.process_time() - begin


UNITS = [
    *(
        "[",
        "]",
        "![",
        "*",
        "*a ",
        "_a",
        "`a ",
        "``` ",
        "<",
        "<a ",
        "<!--",
        "$",
        "$a ",
        "\\",
        "\\[",
        "&",
        "&#",
        "~",
        "(",
        "|",
    ),
    *(
        "[a](",
        "[a] ",
        "[x](y ",
        "**a* ",
        "a**b",
        "> ",
        "- ",
        "- \n",
        "> \n",
        "[a]: b\n",
        "[a]:\n",
        "|a|\n|-|\n",
        "<a\n",
        "\t",
        "\n",
        "中",
        "\u0301",
    ),
]


@pytest.mark.parametrize("unit", UNITS)
def test_the_cost_of_any_character_grows_with_its_count(unit):
    size, times = 1000, 8
    read((unit * size)[:size])
    small, large = steps((unit * size)[:size]), steps((unit * size * times)[: size * times])
    assert large < times * 3 * small  # as far from `times`, which it is, as from its square, which it must not be


@pytest.mark.parametrize("unit", UNITS)
def test_no_pattern_looks_at_all_of_a_text_for_each_of_its_characters(unit):
    size, times = 2000, 8
    # A busy machine makes it longer and never shorter: once in time is enough.
    assert any(
        seconds((unit * size * times)[: size * times]) < times * 3 * seconds((unit * size)[:size]) + 0.1
        for _ in range(5)
    )


def test_importing_is_cheap():
    code = (
        "import sys; import tui.typeset.document, tui.typeset.plain\n"
        "from tui.typeset.document import Document\n"
        "d = Document(); d.feed('plain text\\n\\nmore'); d.finish(); [b.lines(80) for b in d.blocks]\n"
        "found = {'markdown_it', 'pygments', 'textual'} & sys.modules.keys()\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
