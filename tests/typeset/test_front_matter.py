"""What is said of a document between dashes at its head, and of code behind its fence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.typeset.reference import document_of
from tui.typeset.document import Document
from tui.typeset.info import label_in, language_of
from tui.typeset.line import NOWHERE, line_text
from tui.typeset.position import places_of

FRONT = [
    "title: A page",
    "title: A page\ntags:\n  - a\n  - b",
    "tags:\n- a\n- b\ntitle: A page",
    "tags:\n  - a\n\n  - b\nauthor:\n  name: N. N.\n  mail: n@example.com",
    "description: >\n  Several lines,\n  folded into one.\n# a comment\nkey.with-dots: 1",
    '"quoted key": 1\nlist: [\n  1,\n  2\n]',
    "名前: 値\nschlüssel:\n  - ä",
]
NONE = [
    "Just text.",
    "Just text.\nname: value",
    "- a\n- b",
    "  name: indented",
    "# a heading",
    "name: value\nand text behind it",
    "name: value\n\n## A heading: yes\n\nText.",
    "",
    "http://example.com: an address",
]


@pytest.mark.parametrize("text", FRONT)
def test_what_is_said_of_a_document_at_its_head_is_shown_and_copied_as_it_is(text):
    front, *rest = document_of(f"---\n{text}\n---\n\n# Heading\n\n- item").all_blocks()
    assert (front.kind, front.language, front.plain()) == ("fence", "yaml", text)
    assert [block.kind for block in rest] == ["heading", "item"]
    assert rest[0].gap == 1
    rows = [line_text(line) for line in front.lines(60)]
    for row, places in zip(rows[1:], places_of(front, 60)[1:], strict=True):
        for letter, place in zip(row[1:], places[1:], strict=True):
            assert place == NOWHERE or front.origin.source[place] == letter
            assert place != NOWHERE or letter == " "


@pytest.mark.parametrize("text", NONE)
def test_other_text_between_lines_stays_what_it_is(text):
    assert all(block.language != "yaml" for block in document_of(f"---\n{text}\n---\n\nText.").all_blocks())


@pytest.mark.parametrize("text", FRONT)
@pytest.mark.parametrize("before", ["Text.\n\n", "# Heading\n\n", "> ", "- "])
def test_only_at_the_head_of_a_document(text, before):
    assert all(block.language != "yaml" for block in document_of(f"{before}---\n{text}\n---\n").all_blocks())


@pytest.mark.parametrize("text", [*FRONT, *NONE])
@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_it_is_the_same_however_it_comes(text, sizes):
    whole = f"---\n{text}\n---\n\nText with\nsome lines.\n"
    document, at = Document(), 0
    for size in [*sizes, len(whole)]:
        document.feed(whole[at : at + size])
        at += size
        for block in document.all_blocks():
            block.lines(40)
    document.finish()
    shown = [(block.kind, block.language, block.span, block.lines(40)) for block in document.all_blocks()]
    assert shown == [(b.kind, b.language, b.span, b.lines(40)) for b in document_of(whole).all_blocks()]


@pytest.mark.parametrize(
    ("info", "label", "language"),
    [
        ('python title="x.py"', "python x.py", "python"),
        ("js filename='a b.js' {1,3}", "js a b.js", "js"),
        ("ts [config.ts]", "ts config.ts", "ts"),
        ("text title=Out", "text Out", "text"),
        ('python {title="x.py"}', "python x.py", "python"),
        ('title="x.py"', "x.py", "python"),
        ('mermaid title="The way"', "mermaid The way", "mermaid"),
        ("jsx live", "jsx", "jsx"),
        ("python subtitle=x", "python", "python"),
    ],
)
def test_the_name_of_a_file_stands_beside_the_language(info, label, language):
    assert (label_in(info), language_of(label_in(info))) == (label, language)
    code = document_of(f"```{info}\nq = 1\n```").all_blocks()[0]
    head = line_text(code.lines(80)[0]).strip()
    assert head == label.replace("mermaid", "mermaid diagram")
    assert code.plain() == "q = 1"
    places = places_of(code, 80)[0]
    for word in label.split():
        at = line_text(code.lines(80)[0]).find(word)
        assert "".join(code.origin.source[place] for place in places[at : at + len(word)]) == word
