"""Which block a line of Markdown belongs to: CommonMark's block structure, one line at a time.

A line is read against the containers that are open (quotes, list items, footnotes) and the leaf that is
open in them (a paragraph, a fence, ...). Reading changes nothing, so an unfinished line can be read as
often as it grows; it costs as much as the line is long and the containers are deep, whatever came before.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct, field

from tui.typeset.cursor import CODE_INDENT, Cursor
from tui.typeset.line import Run
from tui.typeset.notation import may_go_on, read_ending, read_opening
from tui.typeset.row import read_delimiters

MAX_DEPTH = 24  # containers inside containers; deeper markers are text
LONG_LINE = 400  # from here on a line's class is settled: what needs the whole line to be known is text

_HEADING = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_SETEXT = re.compile(r"(?:=+|-+)[ \t]*$")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$")
_FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
_FENCE_END = re.compile(r"(`{3,}|~{3,})[ \t]*$")
_MARKER = re.compile(r"[*+-](?=[ \t]|$)|(\d{1,9})[.)](?=[ \t]|$)")
_NOTE = re.compile(r"\[\^([^\]\s]{1,60})\]:")
_DETAILS = re.compile(
    r"(?:<details(?:\s[^<>]*)?>[ \t]*)?<summary(?:\s[^<>]*)?>[ \t]*(?:<(?:b|strong)>[ \t]*([^<>]*[^<>\s])[ \t]*</(?:b|strong)>"
    r"|((?:(?!</?summary).)*[^\s]))[ \t]*</summary>[ \t]*$|</?details(?:\s[^<>]*)?>[ \t]*$",
    re.IGNORECASE,
)
"""What can be folded elsewhere is shown open: its summary stands over it, and its tags are not shown."""

SUMMARY_LEVEL = 6
"""A summary looks like the least of headings."""

_BULLETS = "•▪‣◦"

Leaf = Literal["text", "fence", "code", "html", "math", "table"]
Action = Literal[
    "blank",
    "text",
    "lazy",
    "more",
    "end",
    "heading",
    "setext",
    "rule",
    "fence",
    "code",
    "html",
    "math",
    "table",
    "bare",
]


class Container(Struct, eq=False):
    """A quote, a list item or a footnote that following lines may belong to."""

    kind: Literal["quote", "item", "note"]
    first: Run
    """What hangs before its first line."""
    rest: Run
    """What hangs before the others."""
    indent: int = 0
    """How far a line must be indented to belong to an item."""
    marker: str = ""
    number: int = 0
    zero: str = "0"
    """The digit that its number is written from: lists are counted in the digits of their script."""
    family: object = None
    """The list an item is in: siblings share it."""
    is_shown: bool = False
    """Whether a block already carries its marker."""
    is_begun: bool = False
    """Whether anything ever began in it."""


class OpenLeaf(Struct):
    """The leaf that following lines may continue, as far as reading needs to know it."""

    kind: Leaf
    mark: str = ""
    """The fence, or the closing marks of a formula, or the bar at the edge of a table."""
    indent: int = 0
    """How far the fence was indented."""
    end: re.Pattern[str] | None = None
    """What ends an HTML block; it matches the empty line if a blank one does."""
    last_line: str | None = None
    """The last line of a paragraph, where it may be the head of a table; of a formula that stands alone, the last one."""


class Reading(Struct):
    """What a line is: how many containers go on, which ones it opens, and what to do with its text."""

    action: Action
    text: str = ""
    kept: int = 0
    opened: list[Container] = field(default_factory=list)
    level: int = 0
    """Of a heading; of a paragraph's further lines, how far they are indented."""
    leaf: OpenLeaf | None = None
    aligns: tuple[str, ...] = ()


def read_line(stack: list[Container], leaf: OpenLeaf | None, line: str) -> Reading:
    """Read one line, without its newline."""
    kind = leaf.kind if leaf else None
    if not stack and line[:1].isalpha() and kind in (None, "text"):
        return Reading("text", line)
    cursor = Cursor(line)
    open_count = 0
    for container in stack:
        indent, at = cursor.indent()
        if container.kind == "quote":
            if indent >= CODE_INDENT or line[at : at + 1] != ">":
                break
            cursor.jump(at + 1, indent + 1)
            cursor.eat(1)
        elif at >= len(line):
            if not container.is_begun:  # an item may begin with one blank line at most
                break
            cursor.eat(container.indent)
        elif indent >= container.indent:
            cursor.eat(container.indent)
        else:
            break
        open_count += 1
    is_inside = open_count == len(stack)
    indent, at = cursor.indent()
    if is_inside and leaf and kind not in ("text", "table"):
        reading = _continue(leaf, cursor, indent, at)
        if reading:
            reading.kept = open_count
            return reading
    if at >= len(line):
        return Reading("blank", kept=open_count)
    return _start(stack, leaf, cursor, open_count)


def _continue(leaf: OpenLeaf, cursor: Cursor, indent: int, at: int) -> Reading | None:
    """The line as more of a leaf that takes lines as they are, or as its end."""
    line = cursor.line
    is_blank = at >= len(line)
    if leaf.kind == "fence":
        if indent < CODE_INDENT and line[at : at + 1] == leaf.mark[0]:
            match = _FENCE_END.match(line, at)
            if match and len(match[1]) >= len(leaf.mark):
                return Reading("end")
        cursor.eat(min(indent, leaf.indent))
        return Reading("more", cursor.text())
    if leaf.kind == "code":
        if indent < CODE_INDENT and not is_blank:
            return None
        cursor.eat(CODE_INDENT)
        return Reading("more", cursor.text())
    if leaf.kind == "html":
        end = leaf.end
        if end is None or (is_blank and end.search("")):
            return None
        text = cursor.text()
        return Reading("end" if end.search(text) and not is_blank else "more", text)
    text = line[at:]
    if leaf.last_line is None:  # a formula that begins in a paragraph ends with it
        return None if is_blank else Reading("end" if leaf.mark in text else "more", text)
    if not leaf.last_line.strip() and leaf.mark not in text and not may_go_on(text):
        return None
    return Reading("end" if leaf.mark in text else "more", text)


def open_text(text: str) -> OpenLeaf:
    """The leaf that a line of a paragraph leaves open: a formula where one begins at its end."""
    mark = read_ending(text)
    return OpenLeaf("math", mark) if mark else OpenLeaf("text")


def _start(stack: list[Container], leaf: OpenLeaf | None, cursor: Cursor, open_count: int) -> Reading:
    """The line as the start of something, or as text."""
    line = cursor.line
    opened: list[Container] = []
    is_inside = open_count == len(stack)
    is_text = leaf is not None and leaf.kind == "text"
    while True:
        indent, at = cursor.indent()
        if at >= len(line):
            return Reading("bare", kept=open_count, opened=opened)
        is_interrupting = is_inside and is_text and not opened
        if indent >= CODE_INDENT:
            if not opened and is_text:
                break
            cursor.eat(CODE_INDENT)
            return Reading("code", cursor.text(), open_count, opened, leaf=OpenLeaf("code"))
        character = line[at]
        if character.isalpha():
            break
        depth = open_count + len(opened)
        if character == ">" and depth < MAX_DEPTH:
            cursor.jump(at + 1, indent + 1)
            cursor.eat(1)
            bar = ("▌ ", "quote")
            opened.append(Container("quote", bar, bar))
            continue
        is_row = is_inside and not opened and leaf is not None and leaf.kind == "table"
        reading = _start_leaf(cursor, indent, at, leaf if is_interrupting else None, is_row=is_row)
        if reading:
            reading.kept = open_count
            reading.opened = opened
            return reading
        if depth >= MAX_DEPTH:
            break
        container = _start_item(cursor, indent, at, is_interrupting=is_interrupting)
        if container is None:
            break
        old = stack[open_count] if not opened and open_count < len(stack) else None
        if container.kind == "item":
            _number(container, old, stack[:open_count] + opened)
        else:
            container.family = old.family if old and old.kind == "note" else object()
        opened.append(container)
    text = line[at:]
    if not opened and leaf:
        if is_text:
            return Reading("text" if is_inside else "lazy", text, open_count, level=indent)
        is_row = leaf.mark != "|" or "|" in line[at:LONG_LINE]  # text under a table with bars at its edge is none of it
        if leaf.kind == "table" and is_inside and indent < CODE_INDENT and is_row:
            return Reading("more", text, open_count)
    return Reading("text", text, open_count, opened)


def _start_leaf(cursor: Cursor, indent: int, at: int, paragraph: OpenLeaf | None, *, is_row: bool) -> Reading | None:
    """A leaf other than a paragraph that begins at this place; `paragraph` is the one it would interrupt."""
    line = cursor.line
    character = line[at]
    if character == "#":
        if match := _HEADING.match(line, at):
            return Reading("heading", line[match.end() :].lstrip(" \t"), level=len(match[1]))
    elif character in "`~":
        if match := _FENCE.match(line, at):
            mark, info = (match[1], match[2]) if match[1] else (match[3], match[4])
            return Reading("fence", info.strip(), leaf=OpenLeaf("fence", mark, indent))
    elif character == "<":
        return _start_html(line[at:], cursor.text(), is_interrupting=is_row or paragraph is not None)
    elif character in "$\\":
        if mark := read_opening(line, at):
            return Reading("math", line[at:], leaf=OpenLeaf("math", mark, last_line=line[at:]))
    elif character in "=-:|*_":
        if paragraph:
            if paragraph.last_line is not None and (aligns := read_delimiters(paragraph.last_line, line[at:])):
                return Reading("table", aligns=aligns)
            if _SETEXT.match(line, at):
                return Reading("setext", line[at:], level=1 if character == "=" else 2)
        if _RULE.match(line, at):
            return Reading("rule")
    return None


def _start_html(text: str, whole: str, *, is_interrupting: bool) -> Reading | None:
    if match := _DETAILS.match(text):
        summary = match[1] or match[2]
        return Reading("heading", summary, level=SUMMARY_LEVEL) if summary else Reading("blank")
    from markdown_it.rules_block.html_block import HTML_SEQUENCES

    for start, end, can_interrupt in HTML_SEQUENCES:
        if not can_interrupt and (is_interrupting or len(text) >= LONG_LINE):
            continue
        if start.search(text):
            is_over = not end.search("") and end.search(text)
            return Reading("html", whole, leaf=None if is_over else OpenLeaf("html", end=end))
    return None


def _start_item(cursor: Cursor, indent: int, at: int, *, is_interrupting: bool) -> Container | None:
    """A list item or footnote that begins here; the cursor goes to where its text begins."""
    line = cursor.line
    if note := _NOTE.match(line, at):
        cursor.jump(note.end(), indent + len(note[0]))
        cursor.eat(cursor.indent()[0])
        label = f"[{note[1]}] "
        return Container("note", (label, "footnote"), (" " * min(len(label), CODE_INDENT), ""), CODE_INDENT)
    match = _MARKER.match(line, at)
    if match is None:
        return None
    is_empty = not line[match.end() :].strip(" \t")
    if is_interrupting and (is_empty or (match[1] and int(match[1]) != 1)):
        return None
    width = len(match[0])
    cursor.jump(match.end(), indent + width)
    space, _ = cursor.indent()
    padding = 1 if is_empty or space > CODE_INDENT else space
    cursor.eat(padding)
    return Container(
        "item", ("", ""), ("", ""), indent + width + padding, match[0][-1], int(match[1] or 0), _zero(match[1])
    )


def _zero(digits: str | None) -> str:
    return chr(ord(digits[0]) - int(digits[0])) if digits and not digits.isascii() else "0"


def _in_digits(number: int, zero: str) -> str:
    return str(number) if zero == "0" else "".join([chr(ord(zero) + int(digit)) for digit in str(number)])


def _number(item: Container, old: Container | None, around: list[Container]) -> None:
    """Give an item its list, and the marker it is shown with."""
    if old and old.kind == "item" and old.marker == item.marker:
        item.family = old.family
        item.number = old.number + 1
    else:
        item.family = object()
    if item.marker in ".)":
        text = f" {_in_digits(item.number, item.zero)}{item.marker} "
    else:
        depth = sum(1 for container in around if container.kind == "item")
        text = f" {_BULLETS[depth % len(_BULLETS)]} "
    item.first = (text, "bullet")
    item.rest = (" " * len(text), "")
