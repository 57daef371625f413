"""What stands inside a line: addresses, brackets, formulas and amounts, emphasis, in every script."""

import pytest

from tests.typeset.reference import document_of


def runs(text):
    return [run for block in document_of(text).blocks for line in block.lines(500) for run in line]


def text_of(text):
    return "".join(piece for piece, _ in runs(text))


def pieces(text, style):
    return [piece for piece, key in runs(text) if key == style]


@pytest.mark.parametrize(
    ("text", "style", "marked"),
    [
        ("**注意：**请先保存文件。", "strong", "注意："),
        ("这是**“重点”**的部分。", "strong", "“重点”"),
        ("**이것은 (중요)**입니다.", "strong", "이것은 (중요)"),
        ("**Markdown（マークダウン）**は記法です。", "strong", "Markdown（マークダウン）"),
        ("~~旧的（方法）~~已删除。", "strike", "旧的（方法）"),
        ("これは*「強調」*です", "em", "「強調」"),
        ("*注意：*请", "em", "注意："),
        ("_注意：_请", "em", "注意："),
        ("__“重点”__的", "strong", "“重点”"),
        ("请看**README.md**，然后**`npm i`**。", "strong", "README.md"),
        ("价格为**100%**的", "strong", "100%"),
        ("ﾃｽﾄ**(半角)**ﾃｽﾄ", "strong", "(半角)"),
        ("葛\U000e0100**（異体字）**葛", "strong", "（異体字）"),
    ],
)
def test_emphasis_beside_wide_punctuation_is_emphasis(text, style, marked):
    assert marked in pieces(text, style)
    assert not set("*~") & set(text_of(text))


@pytest.mark.parametrize(
    "text", ['**"quoted"**word', "a*(b)*c", "snake_case_name", "变量_名称_值", "** 注意 **", "2 * 3 * 4", "**👍**x"]
)
def test_other_text_reads_as_commonmark_says(text):
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark").renderInline(text)
    assert text_of(text) == html.replace("&quot;", '"').replace("<strong>", "").replace("</strong>", "")
