"""What blocks look like, and what copying them gives."""

import pytest
from markdown_it import MarkdownIt

from tests.typeset.reference import document_of
from tui.typeset.code import CodeBlock
from tui.typeset.document import Document
from tui.typeset.line import join_styles, line_text, line_width, style_keys, style_target, width_of
from tui.typeset.plain import plain_document
from tui.typeset.table import TableBlock


def page(text, width=40):
    return [line_text(line) for block in document_of(text).blocks for line in block.lines(width)]


def test_the_language_stands_at_the_right_end_of_the_measure():
    assert page("```sh\nls\n```", 140)[0] == f"{'sh':>99} "
    assert page("```a-long-language\nls\n```", 8)[0] == "a-long-l"


def runs(text, width=60):
    return [run for block in document_of(text).blocks for line in block.lines(width) for run in line]


def test_prose_wraps_at_words_and_breaks_where_asked():
    assert page("one two three four five six", 12) == ["one two", "three four", "five six"]
    assert page("one  \ntwo\\\nthree<br>four\nfive") == ["one", "two", "three", "four five"]


def test_words_longer_than_a_row_break_between_what_a_reader_sees_as_characters():
    family = "👨‍👩‍👧"
    assert page(family * 5, 12) == [family * 2, family * 2, family]
    assert page("🇩🇪" * 5, 9) == ["🇩🇪" * 2, "🇩🇪" * 2, "🇩🇪"]
    assert page("e\u0301" * 5, 2) == ["e\u0301" * 2, "e\u0301" * 2, "e\u0301"]
    assert page("abcdefgh", 3) == ["abc", "def", "gh"]


def test_ideographs_break_anywhere_but_before_closing_marks():
    assert page("你好世界，再见", 8) == ["你好世", "界，再见"]


@pytest.mark.parametrize("width", [1, 2, 5, 13, 40, 200])
def test_no_row_is_wider_than_the_page(width):
    text = "# 中文 heading\n\n- [x] item **b** 👨‍👩‍👧\n  - nested\n\n> quote `c`\n\n```py\nx = 'längere zeile'\n```\n\n$x^2$ tail"
    for block in document_of(text).blocks:
        assert all(line_width(line) <= max(width, 3) for line in block.lines(width)), block.kind


def test_lists_hang_and_number_themselves():
    text = "- one two three\n  - nested words here\n- [x] done\n- [ ] open\n\n3. a\n3. b"
    assert page(text, 14) == [
        " • one two",
        "   three",
        "    ▪ nested",
        "      words",
        "      here",
        " ☑ done",
        " ☐ open",
        "",
        " 3. a",
        " 4. b",
    ]


def test_a_list_is_as_loose_as_it_was_written():
    assert page("- a\n- b\n\n- c\n\n  d\n- e") == [" • a", " • b", "", " • c", "", "   d", " • e"]


def test_quotes_have_a_bar_and_gaps_inside_them_too():
    assert page("> one\n>\n> - two\n> - three\n\nout") == ["▌ one", "▌", "▌  • two", "▌  • three", "", "out"]


def test_code_names_its_language_and_keeps_its_indent():
    assert page("```python\nif x:\n\treturn 1\n```") == [f"{'python':>39} ", " if x:", "     return 1"]
    assert page("    indented\n\n      more") == [" indented", " ", "   more"]


def test_long_code_lines_go_on_visibly_and_copy_whole():
    document = document_of("```\n" + "x" * 25 + "\n```")
    block = document.blocks[0]
    assert [line_text(line) for line in block.lines(12)] == ["       text ", " " + "x" * 10, "↪" + "x" * 10, "↪xxxxx"]
    assert block.plain() == "x" * 25
    assert block.cut(12, (0, 0), (4, 99)) == "x" * 25


def test_code_is_coloured_the_same_line_by_line_and_as_a_whole():
    styles = {style for _, style in runs("```python\ndef f(x):  # c\n    return 'a' + str(1)\n```")}
    assert {"fence", "fence+kw", "fence+fn", "fence+com", "fence+str", "fence+num", "fence+bi", "fence-head"} <= styles
    for language in ("json", "c", "cpp", "yaml", "diff", "php", "ruby", "swift", "console", "nosuch", "rust", "bash"):
        assert page(f"```{language}\n- a: 1\n```") == [f"{language:>39} ", " - a: 1"]


def test_a_closed_fence_is_settled_later():
    code = "".join(f"x{n} = '''a\nb''' + {n}\n" for n in range(120))
    whole = document_of(f"```python\n{code}```")
    document = Document()
    for number in range(2):  # the second after all was settled
        for line in f"```python\n{code}```\n".splitlines(keepends=True):
            document.feed(line)
            document.blocks[number].lines(50)
            assert document.settle() is None or line == "```\n"
            if line != "```\n":
                continue
            assert isinstance(fence := document.blocks[number], CodeBlock)
            while document.settle() is not None:
                pass
            assert not fence.needs_settling
            assert fence.lines(50)[number:] == whole.blocks[0].lines(50)


def test_tables_fit_shrink_or_become_records():
    text = "| name | v |\n|---|--:|\n| alpha beta gamma | 1 |\n| b | 22 |"
    assert page(text, 40) == [
        "name             │   v",
        "─────────────────┼────",
        "alpha beta gamma │   1",
        "b                │  22",
    ]
    assert page(text, 16)[2:4] == ["alpha beta │   1", "gamma      │    "]
    assert page(text, 11) == ["name: alpha", "beta gamma", "v: 1", "────────", "name: b", "v: 22"]


WIDE = "| name | what it is | since |\n|---|---|--:|\n| alpha | a word that is long and goes on | 1 |\n| 天地玄黄 | x | 22 |"


def test_a_table_that_does_not_fit_can_be_scrolled_sideways():
    table = document_of(WIDE).blocks[0]
    fitted = [line_text(line) for line in table.lines(20)]
    assert table.is_wide(20)
    assert table.scroll(4, 20)
    shown = [line_text(line) for line in table.lines(20)]
    assert shown == ["name     │ what it i", "─────────┼─────────›", "alpha    │ a word th", "天地玄黄 │ x        "]
    assert table.scroll(1, 20)
    assert [line_text(line)[:3] for line in table.lines(20)] == ["ame", "‹──", "lph", " 地玄"]
    while table.scroll(8, 20):
        assert all(line_width(line) <= 20 for line in table.lines(20))
    assert [line_text(line)[-5:] for line in table.lines(20)] == ["since", "─────", "    1", "   22"]
    assert line_text(table.lines(20)[1])[0] == "‹"
    assert not table.scroll(8, 20)
    while table.scroll(-8, 20):
        pass
    assert [line_text(line) for line in table.lines(20)] == fitted
    assert table.plain().endswith("天地玄黄\tx\t22")


def test_a_table_that_fits_is_not_scrolled():
    table = document_of("| a | b |\n|---|---|\n| 1 | 2 |").blocks[0]
    assert not table.is_wide(40)
    assert not table.scroll(8, 40)


def test_a_table_that_grows_stays_scrolled():
    document = Document()
    document.feed(WIDE + "\n")
    table = document.blocks[0]
    assert isinstance(table, TableBlock)
    table.scroll(1, 20)
    table.scroll(8, 20)
    before = [list(line) for line in table.lines(20)]
    document.feed("| b | y | 3 |\n")
    assert table.lines(20)[: len(before)] == before
    assert len(table.lines(20)) == len(before) + 1


def test_more_columns_than_a_page_can_have_stay_as_they_are_written():
    def table(columns):
        return "|" + "a|" * columns + "\n|" + "-|" * columns + "\n|" + "x|" * columns

    assert document_of(table(64)).all_blocks()[0].kind == "table"
    assert document_of(table(65)).all_blocks()[0].kind == "paragraph"
    assert "x|x|x" in document_of(table(65)).plain()


@pytest.mark.parametrize("text", ["[" * 30 + "x", "![" * 30 + "x", "a [b [c", "x[0 and y[1"])
def test_brackets_that_close_nothing_are_text(text):
    assert document_of(text).plain() == text


@pytest.mark.parametrize("text", ["[a](b) [c", "[a] [b](c) ![d", "`x[0]` [a](b) [", "[a [b](c) [d"])
def test_links_before_a_bracket_that_closes_nothing_are_links(text):
    tokens = MarkdownIt("commonmark").parseInline(text)[0].children
    targets = [token.attrs["href"] for token in tokens if token.type == "link_open"]
    assert targets
    assert [target for _, target in document_of(text).all_blocks()[0].links] == targets


def test_links_and_images_show_their_target():
    block = document_of("[a *b*](http://x.y/1+2) ![pic](http://i.z/p.png) https://c.d/e. [bad](javascript:x)").blocks[0]
    assert block.links == [
        ("a b", "http://x.y/1+2"),
        ("[image: pic]", "http://i.z/p.png"),
        ("https://c.d/e", "https://c.d/e"),
    ]
    assert block.plain() == "a b [image: pic] https://c.d/e. [bad](javascript:x)"
    styles = [style for line in block.lines(200) for _, style in line]
    assert styles[1] == "em+link:http://x.y/1+2"
    assert style_target(styles[1]) == "http://x.y/1+2"
    assert style_keys(styles[1]) == ["em", "link"]


def test_styles_join_with_the_target_last():
    assert join_styles("link:http://a+b", "strong") == "strong+link:http://a+b"
    assert join_styles("h1", "") == "h1"


def test_a_definition_that_comes_late_is_seen_at_once():
    document = document_of("")
    document.feed("see [x] there\n\nmiddle\n\n")
    assert document.blocks[0].links == []
    assert document.blocks[0].lines(40)
    assert document.feed("[x]: http://late\n\n") == 0
    assert document.blocks[0].links == [("x", "http://late")]
    assert len(document.blocks) == 2


def test_footnotes_have_a_mark_and_a_note():
    assert page("fact[^1]\n\n[^1]: Because.\n    And more.") == ["fact[1]", "", "[1] Because. And more."]
    assert ("[1]", "footnote") in runs("fact[^1]")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("$E=mc^2$", "E=mc²"),
        ("$\\alpha_i \\le \\frac{a+b}{2}$", "αᵢ ≤ (a+b)/2"),
        ("\\(x*y*z\\)", "x*y*z"),
        ("$\\sqrt{2} \\to \\mathbb{R}$", "√2 → ℝ"),
        ("$\\sum_{i=1}^{n} i$", "∑ᵢ₌₁ⁿ i"),
        ("$\\nosuch{x}$", "\\nosuch{x}"),
        ("it costs $5 and $10", "it costs $5 and $10"),
        ("$5-$10, $20/month", "$5-$10, $20/month"),
        ("$$\n\\int_0^1 x\\,dx\n$$", "∫₀¹ x dx"),
        ("\\[\na \\neq b\n\\]", "a ≠ b"),
        ("\\[not math](x)", "[not math](x)"),
    ],
)
def test_formulas_can_be_read_and_money_is_none(source, shown):
    assert page(source) == [shown]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"A = \begin{pmatrix} a & b \\ c & dd \end{pmatrix}", ["A = ⎛a  b ⎞", "    ⎝c  dd⎠"]),
        (r"\begin{bmatrix} 1 \\ 0 \\ 2 \end{bmatrix} x", ["⎡1⎤", "⎢0⎥ x", "⎣2⎦"]),
        (r"\det\begin{vmatrix} a & b \\ c & d \end{vmatrix} = 1", ["det │a  b│ = 1", "    │c  d│"]),
        (
            r"|x| = \begin{cases} x & \text{if } x \ge 0 \\ -x & \text{otherwise} \end{cases}",
            ["|x| = ⎰x   if x ≥ 0", "      ⎱-x  otherwise"],
        ),
        (r"\begin{cases} 1 \\ 2 \\ 3 \end{cases}", ["⎧1", "⎨2", "⎩3"]),
        (r"f = \left\{\begin{array}{ll} 1 & a\\ 0 & b \end{array}\right.", ["f = ⎰1  a", "    ⎱0  b"]),
        (r"\left[\begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array}\right]", ["⎡1  2⎤", "⎣3  4⎦"]),
        (r"\begin{aligned} a + b &= c \\ d &= e \end{aligned}", ["a + b = c", "    d = e"]),
        (
            r"\begin{pmatrix} \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} & x \\ y & z \end{pmatrix}",
            ["⎛⎛1  2⎞  x⎞", "⎜⎝3  4⎠   ⎟", "⎝  y     z⎠"],
        ),
    ],
)
def test_matrices_and_cases_keep_their_brackets(source, shown):
    assert page(f"$$\n{source}\n$$") == page(f"\\[\n{source}\n\\]") == page(f"$${source}$$") == shown
    flat = page(f"So ${source}$ it is.", 200)
    assert len(flat) == 1
    assert flat[0].startswith("So ")
    assert flat[0].endswith(" it is.")


def test_a_matrix_in_a_sentence_stands_on_one_row():
    assert page(r"with $\begin{pmatrix} a & b \\ c & d \end{pmatrix}$ it is", 80) == ["with (a b; c d) it is"]
    assert page(r"$\begin{cases} x & y \\ z & w \end{cases}$ so", 80) == ["{x y; z w so"]


@pytest.mark.parametrize("language", ["mermaid", "dot", "plantuml", "d2"])
def test_a_diagram_is_code_that_says_what_it_is(language):
    assert page(f"```{language}\nA --> B\n```") == [f"{language + ' diagram':>39} ", " A --> B"]


def test_headings_and_rules():
    assert [style for _, style in runs("# a **b**\n\nc\n---")] == ["h1", "h1+strong", "h2"]
    assert page("a\n\n***\n\nb", 5) == ["a", "", "─────", "", "b"]


def test_html_is_shown_as_text():
    assert page("<section>\n<h2>*x*</h2>\n</section>") == ["<section>", "<h2>*x*</h2>", "</section>"]


def test_cutting_gives_unwrapped_text_without_margins():
    block = document_of("> - one two three four").blocks[0]
    assert [line_text(line) for line in block.lines(14)] == ["▌  • one two", "▌    three", "▌    four"]
    assert block.cut(14, (0, 0), (2, 99)) == "• one two three four"
    assert block.cut(14, (0, 5), (1, 10)) == "one two three"


def test_source_and_plain():
    text = "# T\n\n- a **b**\n  - c\n\n> q\n\n```sh\nls\n```\n\n| a |\n|---|\n| 1 |\n"
    document = document_of(text)
    assert [block.source for block in document.blocks] == [
        "# T",
        "- a **b**",
        "  - c",
        "> q",
        "```sh\nls\n```",
        "| a |\n|---|\n| 1 |",
    ]
    assert document.plain() == "T\n\n• a b\n   ▪ c\n\nq\n\nls\n\na\n1"
    assert document.source == text


def test_lines_come_back_after_they_were_dropped():
    document = document_of("# a\n\n- b\n\n```py\nx = 1\n```\n\n| a |\n|---|\n| 1 |")
    before = [list(block.lines(30)) for block in document.blocks]
    for block in document.blocks:
        block.drop()
        assert block.height(30) == block.estimate(30)
    assert [block.lines(30) for block in document.blocks] == before


def test_plain_text_is_no_markdown():
    document = plain_document("# not *a* heading\n\n  two   spaces\n\t- tab\nhttp://a.b\n")
    lines = [line for block in document.all_blocks() for line in block.lines(40)]
    assert [line_text(line) for line in lines] == ["# not *a* heading", "", "  two   spaces", "    - tab", "http://a.b"]
    assert document.blocks[0].links == [("http://a.b", "http://a.b")]
    assert document.plain() == document.source


def test_long_plain_text_is_cut_in_blocks():
    document = plain_document("".join(f"line {n}\n" for n in range(1000)))
    assert len(document.blocks) > 10
    assert [line_text(line) for block in document.blocks for line in block.lines(40)] == [
        f"line {n}" for n in range(1000)
    ]


def test_widths():
    assert [width_of(text) for text in ("abc", "中", "👨‍👩‍👧", "🇩🇪", "e\u0301", "")] == [3, 2, 2, 2, 1, 0]


@pytest.mark.parametrize(
    ("info", "label", "language"),
    [
        ("python", "python", "python"),
        ("{.python .numberLines}", "python", "python"),
        ("{python}", "python", "python"),
        ("{r, echo=FALSE}", "r", "r"),
        ('python title="x.py"', "python x.py", "python"),
        ("js{1,3}", "js", "js"),
        ("rust,no_run", "rust,no_run", "rust"),
        ("python:src/main.py", "python:src/main.py", "python"),
        ("src/main.rs", "src/main.rs", "rust"),
        ("12:15:src/app.tsx", "12:15:src/app.tsx", "tsx"),
        ("diff-python", "diff-python", "diff"),
        ("c++", "c++", "c++"),
        ("objective-c", "objective-c", "objective-c"),
        ("{=html}", "{=html}", "{=html}"),
        ("", "", ""),
    ],
)
def test_the_language_is_read_however_it_is_written_behind_a_fence(info, label, language):
    (block,) = document_of(f"```{info}\nx = 1\n```").blocks
    assert (block.label, block.language) == (label, language)
    assert line_text(block.lines(60)[0]).strip() == (label or "text")
    assert block.plain() == "x = 1"


def test_letters_are_raised_and_lowered_where_there_are_such_and_keys_look_like_code():
    assert page("H<sub>2</sub>O, 10<sup>-3</sup> m<SUP>2</SUP>, a<sub>i+1</sub>") == ["H₂O, 10⁻³ m², aᵢ₊₁"]
    assert page("x<sub>q</sub> [1]<sup>[2]</sup> a<sub>2") == ["x<sub>q</sub> [1]<sup>[2]</sup> a<sub>2"]
    assert ("Ctrl", "code") in runs("Press <kbd>Ctrl</kbd>+<kbd>&lt;</kbd>")
    assert ("<", "code") in runs("Press <kbd>Ctrl</kbd>+<kbd>&lt;</kbd>")
    assert page("`<sub>2</sub>`") == ["<sub>2</sub>"]


def test_what_could_be_folded_is_shown_open_under_its_summary():
    text = "<details open>\n<summary><b>More</b></summary>\n\n- **one**\n\n```py\nx\n```\n\n</details>\n\nAfter."
    blocks = document_of(text).blocks
    assert [block.kind for block in blocks] == ["heading", "item", "fence", "paragraph"]
    assert page(text) == ["More", "", " • one", "", f"{'py':>39} ", " x", "", "After."]
    assert page("<details><summary>More</summary>\ninline *body*\n</details>") == ["More", "", "inline body"]
    assert page("> <details>\n> <summary>More</summary>\n>\n> body\n> </details>")[0] == "▌ More"
    assert page("the tag <details> is text") == ["the tag <details> is text"]


def test_what_is_said_of_a_document_at_its_head_is_code_and_no_heading():
    text = "---\ntitle: A *b*\ntags: [x, y]\n---\n\n# Heading"
    first, second = document_of(text).blocks
    assert (first.kind, first.language, second.kind) == ("fence", "yaml", "heading")
    assert first.plain() == "title: A *b*\ntags: [x, y]"
    assert first.source == "---\ntitle: A *b*\ntags: [x, y]\n---"
    assert [block.kind for block in document_of("---\nHello there\n---").blocks] == ["rule", "heading"]
    assert [block.kind for block in document_of("x\n\n---\na: b\n---").blocks] == ["paragraph", "rule", "heading"]
    assert [block.kind for block in document_of("---\na: b\n===").blocks] == ["rule", "heading"]
    assert [block.kind for block in document_of("---\n\na: b\n---").blocks] == ["rule", "heading"]
