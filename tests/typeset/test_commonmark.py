"""CommonMark's own examples: the page says of each what the spec says, but for a few deliberate departures."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.typeset.reference import document_of, merge, shape, whole_shape
from tui.typeset.document import Document
from tui.typeset.line import IMAGE, LINK
from tui.typeset.text import TextBlock

EXAMPLES = [
    (number, section, markdown.replace("→", "\t"), html.replace("→", "\t"))
    for number, section, markdown, html in json.loads(
        Path(__file__).with_name("commonmark.json").read_text(encoding="utf-8")
    )
]
CASES = pytest.mark.parametrize(
    ("number", "markdown", "html"), [pytest.param(n, m, h, id=f"{n}-{s.replace(' ', '-')}") for n, s, m, h in EXAMPLES]
)

DEPARTURES = {
    13: "a tab in running text is a space",
    40: "a tab in running text is a space",
    168: "a tag that marks a text is the mark",
    517: "a picture in a link leads to the picture",
    531: "a picture in a link leads to the picture",
    602: "a bare address is a link",
    608: "a bare address is a link",
    611: "a bare address is a link",
}


@cache
def parser():
    return MarkdownIt("commonmark", {"maxNesting": 100})


def expected_runs(tokens):
    """The runs of a line as CommonMark says, each with its marks in any order."""
    runs, marks = [], []
    for token in tokens:
        text, extra = token.content, []
        if token.type.endswith("_open"):
            marks.append(LINK + token.attrs["href"] if token.type == "link_open" else token.type.removesuffix("_open"))
        elif token.type.endswith("_close"):
            marks.pop()
        elif token.type == "image":
            alt = "".join(" " if child.type == "softbreak" else child.content for child in token.children or ())
            text, extra = f"[image: {alt or token.attrs['src']}]", [IMAGE + token.attrs["src"]]
        elif token.type == "code_inline":
            extra = ["code"]
        elif token.type.endswith("break"):
            text = " " if token.type == "softbreak" else "\n"
        if text:
            runs.append((text, frozenset([*marks, *extra])))
    return merge(runs)


def found_runs(block):
    """The same of a block of the page."""
    runs = []
    for text, style in block.runs():
        keys, mark, target = re.match(rf"(.*?)(?:({LINK}|{IMAGE})(.*))?$", style, re.DOTALL).groups()
        marks = [key for key in keys.split("+") if key and not re.fullmatch(r"h[1-6]", key)]
        runs.append((text, frozenset([*marks, *([mark + target] if mark else [])])))
    return merge(runs)


def squeeze(html):
    return re.sub(r"\s*(</?blockquote>)\s*", r"\1", html)


def test_the_examples_are_all_there():
    assert [number for number, *_ in EXAMPLES] == list(range(1, 653))


@CASES
def test_an_example_has_the_blocks_and_marks_that_the_spec_gives_it(number, markdown, html):
    tokens = parser().parse(markdown, {})
    assert squeeze(parser().renderer.render(tokens, parser().options, {})) == squeeze(html)
    document = document_of(markdown)
    assert shape(document) == whole_shape(markdown)
    found = [found_runs(block) for block in document.all_blocks() if isinstance(block, TextBlock)]
    expected = [expected_runs(token.children) for token in tokens if token.type == "inline"]
    agrees = [runs for runs in found if runs] == [runs for runs in expected if runs]
    assert agrees is (number not in DEPARTURES), DEPARTURES.get(number)


@CASES
def test_an_example_is_the_same_letter_by_letter(number, markdown, html):
    document, expected = Document(), document_of(markdown)
    for letter in markdown:
        document.feed(letter)
        for block in document.all_blocks()[-2:]:
            block.lines(24)
    document.finish()
    assert [block.lines(24) for block in document.all_blocks()] == [block.lines(24) for block in expected.all_blocks()]
    assert document.plain() == expected.plain()
