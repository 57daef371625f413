"""The same document from one whole markdown-it parse: what streaming has to arrive at."""

import re
from functools import cache

from markdown_it import MarkdownIt

from tui.typeset.document import Document
from tui.typeset.inline import inline_runs
from tui.typeset.table import TableBlock
from tui.typeset.text import TextBlock
from tui.wire.printable import printable

BULLETS = "•▪‣◦"
ONLY_MARKERS = re.compile(r"[\s>]*(?:(?:[-+*]|\d{1,9}[.)])(?:\s+|$))*(?:\[[^\]]*\]:.*)?$")


@cache
def parser():
    return MarkdownIt("commonmark", {"maxNesting": 400}).enable(["table"])


def whole_shape(text):
    """Every leaf of the document: kind, margin, gap, content."""
    text = printable(text)
    env = {}
    tokens = parser().parse(text, env)
    env.setdefault("references", {})
    lines = text.split("\n")
    out = []
    path = []  # [kind, first, rest, family, shown]
    lists = []
    before = None
    last_end = 0

    def emit(kind, content, start, end, extra=""):
        nonlocal before, last_end
        first = "".join(c["rest"] if c["shown"] else c["first"] for c in path)
        for c in path:
            c["shown"] = True
        gap = 0
        if before is not None:
            depth = 0
            while depth < len(path) and depth < len(before) and path[depth] is before[depth]:
                depth += 1
            sibling = (
                depth < len(path)
                and depth < len(before)
                and path[depth]["family"] is not None
                and path[depth]["family"] is before[depth]["family"]
            )
            tight = sibling or (depth and path[depth - 1]["kind"] == "item")
            gap = 1 if not tight or had_blank(start) else 0
        before = list(path)
        last_end = end
        out.append((kind, extra, first, gap, content))

    def had_blank(start):
        at = start - 1
        while at >= 0 and at >= last_end - 1:
            if not lines[at].strip(" \t>"):
                return True
            if not ONLY_MARKERS.match(lines[at]):
                return False
            at -= 1
        return False

    i = 0
    while i < len(tokens):
        t = tokens[i]
        kind = t.type
        if kind == "blockquote_open":
            path.append({"kind": "quote", "first": "▌ ", "rest": "▌ ", "family": None, "shown": False})
        elif kind in ("bullet_list_open", "ordered_list_open"):
            lists.append([object(), int(t.attrs.get("start", 1)) if kind[0] == "o" else None])
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif kind == "list_item_open":
            family, number = lists[-1]
            if number is None:
                depth = sum(c["kind"] == "item" for c in path)
                first = f" {BULLETS[depth % 4]} "
            else:
                first = f" {number}{t.markup} "
                lists[-1][1] += 1
            path.append(
                {
                    "kind": "item",
                    "first": first,
                    "rest": " " * len(first),
                    "family": family,
                    "shown": False,
                    "line": t.map[0],
                }
            )
        elif kind == "list_item_close":
            if not path[-1]["shown"]:
                emit("text", [], path[-1]["line"], path[-1]["line"] + 1)
            path.pop()
        elif kind == "blockquote_close":
            path.pop()
        elif kind == "paragraph_open":
            emit("text", inline_runs(re.sub(r"\n[ \t]+", "\n", tokens[i + 1].content.strip()), env), *t.map)
            i += 2
        elif kind == "heading_open":
            emit(
                "text", inline_runs(re.sub(r"\n[ \t]+", "\n", tokens[i + 1].content.strip()), env), *t.map, extra=t.tag
            )
            i += 2
        elif kind in ("fence", "code_block"):
            emit("fence", t.content.rstrip(), *t.map, extra=(t.info.split() or [""])[0] if kind == "fence" else "")
        elif kind == "hr":
            emit("rule", "", *t.map)
        elif kind == "html_block":
            emit("html", t.content.rstrip("\n"), *t.map)
        elif kind == "table_open":
            rows = []
            while tokens[i].type != "table_close":
                if tokens[i].type == "tr_open":
                    rows.append([])
                elif tokens[i].type == "inline":
                    rows[-1].append(inline_runs(tokens[i].content, env))
                i += 1
            emit("table", rows, *t.map)
        i += 1
    return out


def shape(document: Document):
    """The same of a finished document."""
    out = []
    for block in document.all_blocks():
        first = "".join(text for text, _ in block.margin.first)
        extra = ""
        if isinstance(block, TextBlock):
            kind, extra = "text", f"h{block.level}" if block.level else ""
            content = merge([(t, s.removeprefix(extra).removeprefix("+")) for t, s in block.runs()])
        elif block.kind == "fence":
            kind, extra, content = "fence", block.language, block.plain().rstrip()
        elif isinstance(block, TableBlock):
            kind, content = "table", [block._parse(row) for row in block._rows]
        elif block.kind == "rule":
            kind, content = "rule", ""
        else:
            kind, content = block.kind, block.plain().rstrip("\n")
        out.append((kind, extra, first, block.gap, content))
    return out


def merge(runs):
    out = []
    for text, style in runs:
        if out and out[-1][1] == style:
            out[-1] = (out[-1][0] + text, style)
        else:
            out.append((text, style))
    return out


def document_of(text):
    document = Document()
    document.feed(text)
    document.finish()
    return document
