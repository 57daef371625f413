"""What stands inside a line: addresses, brackets, formulas and amounts, emphasis, in every script."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.typeset.reference import document_of
from tui.typeset.line import LINK, line_text, style_target
from tui.typeset.text import TextBlock


def runs(text):
    return [run for block in document_of(text).blocks for line in block.lines(500) for run in line]


def text_of(text):
    return "".join(piece for piece, _ in runs(text))


def pieces(text, style):
    return [piece for piece, key in runs(text) if key == style]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("请看 https://a.example/docs/start。然后继续", ["https://a.example/docs/start"]),
        ("（https://a.example/faq）再来", ["https://a.example/faq"]),
        ("参照：https://a.example/a、https://a.example/b。", ["https://a.example/a", "https://a.example/b"]),
        ("《https://a.example/x》「https://b.example」", ["https://a.example/x", "https://b.example"]),
        ("https://a.example/a，好；https://a.example/b：好", ["https://a.example/a", "https://a.example/b"]),
        ("https://a.example/a！https://a.example/b？", ["https://a.example/a", "https://a.example/b"]),
        ("“https://a.example/q”‘https://a.example/r’", ["https://a.example/q", "https://a.example/r"]),
        ("https://a.example/long\u3000もう", ["https://a.example/long"]),
        ("https://a.example/一\u00a0二", ["https://a.example/一"]),
        ("https://a.example/x—and «https://a.example/y»", ["https://a.example/x", "https://a.example/y"]),
        ("https://a.example/س، https://a.example/ش؟", ["https://a.example/س", "https://a.example/ش"]),
        ("https://a.example/क। और", ["https://a.example/क"]),
        ("https://a.example/wiki/ジョン・レノン・", ["https://a.example/wiki/ジョン・レノン"]),
        ("https://a.example/wiki/中国_(消歧义)。", ["https://a.example/wiki/中国_(消歧义)"]),
        ("https://a.example/(x), (https://a.example/y).", ["https://a.example/(x)", "https://a.example/y"]),
        ("https://a.example/?q=a&b=c#d!", ["https://a.example/?q=a&b=c#d"]),
        ("(https://a.example/x)和[https://b.example/y]と", ["https://a.example/x", "https://b.example/y"]),
        ("'https://a.example/it'和", ["https://a.example/it"]),
        ("https://a.example/it's", ["https://a.example/it's"]),
        (
            "https://a.example/a,https://b.example/b・https://c.example",
            ["https://a.example/a", "https://b.example/b", "https://c.example"],
        ),
        ("https://a.example/web/https://b.example/x", ["https://a.example/web/https://b.example/x"]),
        ("https://a.example/x→https://b.example/y✅", ["https://a.example/x", "https://b.example/y"]),
        (
            "https://a.example/x། https://a.example/y։ https://a.example/z׃",
            ["https://a.example/x", "https://a.example/y", "https://a.example/z"],
        ),
        ("http://[::1]:80/x, http://localhost:3000.", ["http://[::1]:80/x", "http://localhost:3000"]),
        ("https://a.example/x](y", ["https://a.example/x"]),
        ("请看https://a.example/docs的说明", ["https://a.example/docs"]),
        (
            "https://a.example에서, https://a.example/x를, http://localhost:80에",
            ["https://a.example", "https://a.example/x", "http://localhost:80"],
        ),
        ("https://a.exampleを開き、https://a.example/docsは便利", ["https://a.example", "https://a.example/docs"]),
        ("https://a.example/にアクセス", ["https://a.example/"]),
        ("https://例え.jp/パス，https://пример.рф/путь,", ["https://例え.jp/パス", "https://пример.рф/путь"]),
        (
            "https://a.example/C语言 https://a.example/にほんご",
            ["https://a.example/C语言", "https://a.example/にほんご"],
        ),
        ("https://a.example/Python_(プログラミング言語)を", ["https://a.example/Python_(プログラミング言語)"]),
    ],
)
def test_a_bare_address_ends_where_the_sentence_goes_on(text, addresses):
    found = [(piece, style_target(style)) for piece, style in runs(text) if LINK in style]
    assert found == [(address, address) for address in addresses]
    assert text_of(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\[1\] Smith, 2019", "[1] Smith, 2019"),
        (r"see \[12\], \[1, 2\] and \[3-5\]", "see [12], [1, 2] and [3-5]"),
        (r"\[TODO\] and \[sic\] and \[x\] and \[ \]", "[TODO] and [sic] and [x] and [ ]"),
        (r"\[see p. 4\] \[a-z\] \[n-1\] \[foo_bar\]", "[see p. 4] [a-z] [n-1] [foo_bar]"),
        (r"\[draft\](not a link)", "[draft](not a link)"),
        (r"\[draft\]\(https://a.example/b\)", "[draft](https://a.example/b)"),
        (r"call f\(x\) and g\(a + b\)", "call f(x) and g(a + b)"),
        (r"the file\(s\), step \(1\), \(optional\)", "the file(s), step (1), (optional)"),
        (r"\[注意\] 和 \(备注\)", "[注意] 和 (备注)"),
        (r"see \[^1\] and \[^note\]", "see [^1] and [^note]"),
        (r"- \[ \] open", " • [ ] open"),
        ("\\[see the\nlist\\] of things", "[see the list] of things"),
        (r"the pattern \(\d+\) or \(\w\s\)", r"the pattern (\d+) or (\w\s)"),
    ],
)
def test_brackets_behind_backslashes_stay_where_they_are_no_formula(text, shown):
    assert text_of(text) == shown
    assert not pieces(text, "math")


def test_a_bracket_at_the_start_of_a_line_swallows_nothing():
    assert [block.kind for block in document_of("\\[TODO\n- a\n- b").blocks] == ["paragraph", "item", "item"]
    assert [block.kind for block in document_of("$$5 bills\n- a").blocks] == ["paragraph", "item"]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        (r"let \(x\) be \(x^2\)", ["x", "x²"]),
        (r"设\(x\)为\(a = b\)", ["x", "a = b"]),
        (r"\(a\)\(b\)", ["ab"]),
        (r"\[ x \le y \]", ["x ≤ y"]),
        (r"\[E=mc^2\]", ["E=mc²"]),
        (r"\(\sin x\) and \(O(n)\)", ["sin x", "O(n)"]),
        ("\\[\na = b\n\\]", ["a = b"]),
        ("the $n$th, $k$NN, $x$s, $n$-gram", ["n", "k", "x", "n"]),
        ("设$x$为$y$", ["x", "y"]),
        ("$x^+$ $f'$ $n!$ $+$ $5$ $E = mc^2$", ["x⁺", "f'", "n!", "+", "5", "E = mc²"]),
        ("$$x^2$$ and $a_1, a_2$", ["x²", "a₁, a₂"]),
        (r"$\text{if } x$ and $\$5$", ["if x", "$5"]),
        (r"3$\times$4, 2$\pi$r, 5$\leq$x", ["×", "π", "≤"]),
        ("the $10$th, $|x|$, $P(A|B)$", ["10", "|x|", "P(A|B)"]),
        ("$Profit = Revenue - Cost$", ["Profit = Revenue - Cost"]),
        ("$$Total = price * quantity$$", ["Total = price * quantity"]),
        (r"\[ Profit = Revenue - Cost \]", ["Profit = Revenue - Cost"]),
        (r"\[ 速度 = 距离 / 时间 \]", ["速度 = 距离 / 时间"]),
        ("\\[\nx\n\\]", ["x"]),
        ("$$\n\nx = 1\n\n$$", ["x = 1"]),
        (r"so \begin{pmatrix} a & b \end{pmatrix} is", ["(a b)"]),
    ],
)
def test_a_formula_is_still_one(text, formulas):
    assert pieces(text, "math") == formulas


@pytest.mark.parametrize(
    "text",
    [
        "Plan A costs $5 and plan B costs $10 per month.",
        "Between $1,000 and $2,000, or US$3–US$5.",
        "Set $HOME and $PATH first. From $5/mo to $9/mo.",
        "$a=$b",
        "$a,$b;$c",
        "$i++;$j--",
        "$x+$y and $x-$y and $x*$y",
        "${a}${b} and ${a}-${b} and $(a)$(b)",
        '"$name" and "$other"',
        "$foo->bar($baz), $_GET['a'].$b",
        "foo$bar$baz",
        "$HOME/bin:$PATH",
        "PID $$ and $$ again",
        "$x is set, then $y",
        "costs $5, that is 5$",
        "$20/$30 and $5M-$10M",
        "$5",
        "A$ and B$ and C$",
        "[a $x](https://a.example/$y)",
        "cash: $, $$, $$$ and $$$$",
        "The restaurants: $ cheap, $$ mid, $$$ dear",
        "$x = foo, $y = bar",
        "Set $total = price and $tax = rate",
        "foo$bar = 1$baz",
        "^foo$ and ^bar$",
        "=SUM($A$1:$A$10)",
        "sed 's/^a$/b/;s/c$/d/'",
        "从$5涨到$10，再到$20。",
        "$100から$200まで、$300に",
        "5$–10$, 20$",
    ],
)
def test_dollars_that_are_no_formula_stay_as_they_are_written(text):
    assert not pieces(text, "math")
    assert text_of(text) == (text if "](" not in text else "a $x")


@pytest.mark.parametrize(
    ("text", "shown", "code"),
    [
        ("$name becomes `val=$other`", "$name becomes val=$other", "val=$other"),
        ("$x `a$` y", "$x a$ y", "a$"),
        ("$$x `a$$`", "$$x a$$", "a$$"),
        ("\\(x `a\\)`", "(x a\\)", "a\\)"),
        ("$a ``b`$`` c", "$a b`$ c", "b`$"),
    ],
)
def test_code_binds_tighter_than_a_formula(text, shown, code):
    assert text_of(text) == shown
    assert pieces(text, "code") == [code]


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
        ("**สำคัญ!**นะ", "strong", "สำคัญ!"),
        ("ดู**(สำคัญ)**ครับ", "strong", "(สำคัญ)"),
        ("**ខ្មែរ៖**ល្អ", "strong", "ខ្មែរ៖"),
        ("**မြန်မာ။**ကောင်း", "strong", "မြန်မာ။"),
        ("**ລາວ:**ດີ", "strong", "ລາວ:"),
        ("**བོད།**ཡིན", "strong", "བོད།"),
        ("**हिंदी:**यह", "strong", "हिंदी:"),
        ("**العربية:**هذا", "strong", "العربية:"),
        ('וב**"ספר"** של', "strong", '"ספר"'),
        ("**Внимание:**текст", "strong", "Внимание:"),
        ("слово**«цитата»**слово", "strong", "«цитата»"),
        ("**Προσοχή:**κείμενο", "strong", "Προσοχή:"),
        ("**中文.**English", "strong", "中文."),
        ("English**(中文)**English", "strong", "(中文)"),
        ("**注意：**\u200b请", "strong", "注意："),
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


GROWING = ["*", "**", "_", "`", "~~", "$", "[", "](", ")", "<", ">", "&amp", ";", "\\", "\n", "://", "[^1]", "注", "："]
GROWING += ["\n2", ". x", "\n(a", ") b", "\n•", "[!TIP]", "foo", " bar", "1", ", ", ". ", "-", "'", "http"]


@given(st.lists(st.sampled_from(GROWING), min_size=2, max_size=30), st.sampled_from([0, 2]))
@settings(max_examples=300, deadline=None)
def test_a_paragraph_that_grows_by_letters_reads_as_if_it_were_parsed_anew(pieces, level):
    growing, written = TextBlock("paragraph", "", {}, level=level), ""
    growing.is_open = True
    for piece in pieces:
        written += piece
        growing.append(piece)
        anew = TextBlock("paragraph", written, {}, level=level)
        anew.is_open = True
        assert growing.lines(40) == anew.lines(40), written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("👩**&zwj;**👩", "👩<1 hidden>👩"),
        ("`a`&zwj;**b**", "a<1 hidden>b"),
        ("👩&zwj;**👩**", "👩<1 hidden>👩"),
        ("👩&zwj;👩 **b**", "👩\u200d👩 b"),
    ],
)
def test_a_joiner_joins_nothing_across_two_styles(text, shown):
    assert text_of(text) == shown


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("src/\n├── a.py\n│   └── b.py\n└── c.py", ["src/", "├── a.py", "│   └── b.py", "└── c.py"]),
        ("• a\n• b\n· c", ["• a", "• b", "· c"]),
        ("1、甲\n2、乙\n一、丙", ["1、甲", "2、乙", "一、丙"]),
        ("Which?\nA. Paris\nB. Rome", ["Which?", "A. Paris", "B. Rome"]),
        ("— Привет\n— Да", ["— Привет", "— Да"]),
        ("Term\n: Definition", ["Term", ": Definition"]),
        ("✅ yes\n❌ no", ["✅ yes", "❌ no"]),
        ("床前明月光，\n疑是地上霜。", ["床前明月光，", "疑是地上霜。"]),
        ("**Q：**问题\n**A：**回答", ["Q：问题", "A：回答"]),
        ("two\nlines are\none. So\nit is", ["two lines are one. So it is"]),
        ("the cat\nsat. It\n10.5 kg", ["the cat sat. It 10.5 kg"]),
    ],
)
def test_a_line_that_stands_for_itself_is_a_row(text, rows):
    assert [line_text(line) for block in document_of(text).blocks for line in block.lines(60)] == rows


def test_an_alert_has_its_title_on_a_row_of_its_own():
    rows = [
        line_text(line)
        for block in document_of("> [!NOTE]\n> Text\n\n> [!tip] Do\n> it").blocks
        for line in block.lines(60)
    ]
    assert rows == ["▌ NOTE", "▌ Text", "", "▌ TIP Do", "▌ it"]
    assert text_of("see [!NOTE] there") == "see [!NOTE] there"


def test_a_list_is_counted_in_the_digits_of_its_script():
    assert document_of("۱. مورد\n۲. دوم\n۳. سوم").plain() == "۱. مورد\n۲. دوم\n۳. سوم"
    assert document_of("९. एक\n१०. दो").plain() == "९. एक\n१०. दो"
