"""Markdown of every construct, and long replies of the kind models write."""

import random

STANDARD = [
    "plain",
    "two\nlines",
    "hard  \nbreak and\\\nanother",
    "*em* **strong** ***both*** _em_ __strong__ ~~gone~~",
    "a*b*c snake_case_name 2 * 3 * 4",
    "`code` ``co`de`` `a\nb`",
    "[link](http://a.b/c) [titled](/u 'title') <http://auto.link> <me@x.yz>",
    "![alt](http://i.mg/x.png) [![badge](b.svg)](http://l)",
    "[ref] [full][ref] [ref][]\n\n[ref]: http://x.y 'T'",
    "[Foo*bar\\]]:my_(url) 'title (with parens)'\n\n[Foo*bar\\]]",
    "[a]: /1\n[b]: /2\n'title'\n[c]: </3>\n\n[a] [b] [c]",
    "[late] and [later][late]\n\nmore\n\n[late]: /z",
    "[not a definition]: because of this",
    "&amp; &copy; &#35; &#x22; &nosuch;",
    "\\*not em\\* \\# \\[x\\]",
    "a <b>bold</b> <br> <!-- c --> <a href='x'>",
    "# h1\n## h2 ##\n### h3 #\n#### h4\n##### h5\n###### h6\n####### not",
    "#\n# *em* in `head`\n#no",
    "Setext\n===\n\nOther\nline\n---",
    "para\n# interrupts\npara",
    "---\n***\n_ _ _\n",
    "- a\n- b\n- c",
    "* a\n\n* b\n\n* c",
    "+ a\n  more\nlazy\n+ b",
    "- a\n  - b\n    - c\n      - d\n        - e\n- f",
    "- a\n\n  second paragraph\n\n  ```\n  code\n  ```\n- b",
    "1. a\n2. b\n10. c",
    "7) a\n8) b\n\n1. other list",
    "para\n2. no list\n\npara\n1. list",
    "para\n- list\npara in it\n\nout",
    "- \n- x\n-\n  y\n\n-\n\n  z",
    "- a\n* b\n+ c",
    "-     code in item\n\n- a\n\n      code after",
    "- # heading in item\n- > quote in item\n- - list in item\n- ***\n- | a |",
    "- a\n\n\n- b\n- c",
    "- - - a\n    - b\n  - c",
    "> quote\n> more\nlazy\n\n> other",
    "> a\n>\n> b",
    "> > nested\n> back",
    "> - item\n>   more\n> - item\n\n> ```py\n> x = 1\n> ```",
    "> # h\n> | a | b |\n> |---|---|\n> | 1 | 2 |",
    ">no space\n>     code\n>\ttab",
    "```\nplain\n```",
    "```python\ndef f():\n\treturn '''a\nb'''\n```\nafter",
    "~~~js\nlet x = `a`\n```\n~~~~",
    "````md\n```\ninner\n```\n````",
    "```unclosed\ncode",
    "```\n\n\n  spaces\n\n```",
    "   ```\n   indented\n  fence\n ```",
    "``` not ` a fence",
    "para\n```\ninterrupts\n```\npara",
    '```json\n{"a": [1, true, null]}\n```\n\n```c\nint main(void) { /* x\ny */ return 0; }\n```',
    "    indented\n\n    code\n\npara\n    not code",
    "\tcode\n\t\tmore",
    "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |\n| 4 | 5 |\n\nafter",
    "a | b\n:-- | --:\n`x\\|y` | **z**\nc | d\n> quote",
    "text\na | b\n:-:|-\n c\ntext in table\n",
    "| a | b |\n|---|\nno table",
    "| head [ref] |\n|---|\n| [ref] |\n\n[ref]: /t",
    "<div>\n*not em*\n</div>\n\n*em*",
    "<section>\n<h2>x</h2>\n\n**inside**\n\n</section>",
    "<!-- a\n\nb -->\nafter",
    "<pre>\n\n# no\n</pre>\n<span>\npara",
    "https://a.b/c_d_e, (http://x.y/z_(w)). `http://no.link`",
    "x http://a.b?c=d&e=f#g! *https://em.link*",
    "a\n\n\n\nb",
    "   leading\n     spaces",
    "trailing   \n\n  \n",
    "tab\tinside\n-\ttab item\n\n\tcode",
    "ünïcödé 中文字 日本語。 한국어 👨‍👩‍👧 🇩🇪🇫🇷 👍🏽 ❤️ e\u0301",
    "中文**粗体**字，和`代码`。\n- 项目\n\n> 引用",
    "\u202eevil\u202c \x1b[31mred\x07 \u200bzero",
    "a\r\nb\r\n\r\n- c\r\n",
    "**unclosed\n\n`unclosed\n\n[unclosed](\n\n*",
    "* * *\n- - -\n+ + +",
    "1.\n2. b\n\n-\ttab",
    "a\n===\nb\n---\nc\n=",
]
"""What CommonMark and its tables say; one parse of the whole is the reference."""

EXTENDED = [
    "<details>\n<summary>x</summary>\n\n**inside** H<sub>2</sub>O\n\n</details>",
    "---\ntitle: x\ntags: [a, b]\n---\n\nafter <kbd>Ctrl</kbd>",
    "```{.python}\nx = 1\n```\n\n```js:src/a.js\ny\n```",
    "| a | b |\n|---|---|\n| 1 | 2 | 3 |\n| `x|y` | $|z|$ |\ntext below\n| c | d |",
    "text\n| a |\n|:-:|\n| c |\ntext below, then a | bar\n\n| a | b |\n|---|---|---|\n| 1 | 2 | 3 |",
    "- [x] done\n- [ ] open\n- [X] `code`\n1. [ ] numbered",
    "$x^2$ costs $5 and $10, $a*b*c$ and \\(\\alpha_1\\)",
    "$$\n\\frac{a}{b}\n- c\n= d\n$$\nafter",
    "\\[\nx \\le y\n\\]\n\n\\[ a = b \\]",
    "$$ never closed\n\nnext *em*",
    "text $$x$$ text\n$$\ny\n$$ tail\nmore",
    "see[^1] and[^note]\n\n[^1]: The first\n    goes on\n[^note]: - a list\n",
    "[^1]\n\n> [^1]: in a quote\n\n- [^2]: in an item",
    "- [x] one\n\n  two\n- [ ]\n- [ ] three",
    "- $$\n  a\n  $$\n- b",
]

WORDS = (
    "the model returns a stream of delta events and each event carries fragment text that must be appended to document "
    "while user keeps typing into prompt because latency matters more than throughput for interactive tools"
).split()
CODE = '''def fib(n: int) -> int:
    """Return the n-th Fibonacci number."""
    a, b = 0, 1
    for _ in range(n):  # loop
        a, b = b, a + b
    return a


class Point:
    x: float = 0.0
    def norm(self, other="abc") -> float:
        return (self.x ** 2 + 3.14) ** 0.5 if other else None
'''


def sentence(rng, words=14):
    found = [rng.choice(WORDS) for _ in range(words)]
    at, kind = rng.randrange(words), rng.random()
    if kind < 0.15:
        found[at] = f"**{found[at]}**"
    elif kind < 0.3:
        found[at] = f"`{found[at]}()`"
    elif kind < 0.38:
        found[at] = f"*{found[at]}*"
    elif kind < 0.42:
        found[at] = f"[{found[at]}](https://example.com/{found[at]})"
    return " ".join(found).capitalize() + ". "


def section(rng, number):
    parts = [f"## Section {number}: {rng.choice(WORDS)} {rng.choice(WORDS)}\n\n"]
    parts += ["".join(sentence(rng) for _ in range(4)).strip() + "\n\n" for _ in range(2)]
    parts += ["".join(f"- {sentence(rng, 8).strip()}\n" for _ in range(5)), "\n"]
    parts += ["```python\n", CODE, "```\n\n"]
    parts += ["".join(f"{k + 1}. {sentence(rng, 8).strip()}\n" for k in range(3)), "\n"]
    parts += ["| name | value | note |\n|---|---:|---|\n", *[row(rng) for _ in range(4)], "\n"]
    return "".join(parts)


def row(rng):
    return f"| {rng.choice(WORDS)} | {rng.randrange(1000)} | {rng.choice(WORDS)} {rng.choice(WORDS)} |\n"


def mixed(chars, seed=1):
    rng, parts, length, number = random.Random(seed), [], 0, 1
    while length < chars:
        parts.append(section(rng, number))
        length += len(parts[-1])
        number += 1
    return "".join(parts)[:chars]


def paragraph(chars, seed=1):
    rng = random.Random(seed)
    return "".join(sentence(rng) for _ in range(chars // 60 + 1))[:chars]


def fence(chars):
    return ("```python\n" + CODE * (chars // len(CODE) + 1))[:chars]


def table(chars, seed=1):
    rng = random.Random(seed)
    return ("| name | value | note |\n|---|---:|---|\n" + "".join(row(rng) for _ in range(chars // 20)))[:chars]


def items(chars, seed=1):
    rng = random.Random(seed)
    return "".join(f"- {sentence(rng, 8).strip()}\n" for _ in range(chars // 40))[:chars]


def quoted(chars):
    return "".join(f"> {line}\n" for line in mixed(chars).split("\n"))[:chars]


def nested(chars):
    return ("- item\n" + "".join(f"  {line}\n" for line in mixed(chars).split("\n")))[:chars]
