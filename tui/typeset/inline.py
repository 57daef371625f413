"""Text inside a block: emphasis, code, links, images, formulas, footnotes, bare addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from tui.typeset.address import find_addresses
from tui.typeset.line import IMAGE, LINK, SOFT_HYPHEN, Run, join_styles, style_keys
from tui.typeset.notation import formula_rule
from tui.typeset.symbol import ABOVE, BELOW
from tui.wire.printable import alone, breakable, printable

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

Rule = Callable[["StateInline", bool], bool]
Environment = dict[str, Any]
"""What markdown-it looks link references up in: `references`, normalised label -> href and title."""

_MARKS = re.compile(r"[\\`*_\[\]<&!~$]| \n|://")
# What begins a line of its own though no break was asked for: signs of lists and drawings, what is numbered, dialogue.
_OWN_LINE = re.compile(
    r"[\u2022\u2023\u2043\u203b\u2190-\u21ff\u2460-\u2bff\u3220-\u32ff\U0001f000-\U0001faff\u00b7\uff65|]|[\u2013\u2014\u2015][ \u00a0]"
    r"|\+[-=]{2}|[:\uff1a]\s|(?:[^\W\d_]|[ivx]{1,4})[.)][ \u00a0]|[^\W\da-zA-Z]{1,3}\u3001|\d{1,3}[\u3001\uff0e]|[(\uff08]\w{1,3}[)\uff09]"
)
_WIDE = "\u2e80"
_ALERT = re.compile(
    r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION|INFO|DANGER|SUCCESS|QUESTION|EXAMPLE|QUOTE)\][-+]?(?=[ \t]|\n|\Z)",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>$", re.IGNORECASE)
_OPENING = re.compile(r"<(sub|sup|kbd)>$", re.IGNORECASE)
_NOTE = re.compile(r"\[\^([^\]\[\s]{1,60})\]")
_SHIFTED = {
    "sub": str.maketrans(BELOW | {"-": "₋", "\u2212": "₋"}),
    "sup": str.maketrans(ABOVE | {"-": "⁻", "\u2212": "⁻"}),
}
_MARKED = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("i", "em", "cite", "var"), "em"),
    **dict.fromkeys(("s", "strike", "del"), "strike"),
    **dict.fromkeys(("code", "samp", "tt"), "code"),
}
_MARK_TAG = re.compile(rf"<(/?)({'|'.join(_MARKED)})>$", re.IGNORECASE)
_REACH = 64
"""So many pieces of a text are looked at for the end of what a tag begins."""
_STYLES = {"em_open": "em", "strong_open": "strong", "s_open": "strike"}
_NESTING = 6  # brackets inside brackets; each level costs as much again


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import image, link

    from tui.typeset.emphasis import WideInline

    markdown = MarkdownIt("commonmark", {"maxNesting": _NESTING})
    markdown.inline = WideInline()
    markdown.configure("commonmark", {"maxNesting": _NESTING}).enable("strikethrough")
    markdown.inline.ruler.before("escape", "formula", formula_rule)
    markdown.inline.ruler.before("link", "footnote", _footnote)
    markdown.inline.ruler.before("footnote", "alert", _alert)
    markdown.inline.ruler.at("link", _if_closed(link))
    markdown.inline.ruler.at("image", _if_closed(image))
    return markdown


def _if_closed(rule: Rule) -> Rule:
    """A rule that is tried only where a closing bracket follows; else each opening one costs a walk to the end."""

    def guarded(state: StateInline, silent: bool) -> bool:
        return state.src.rfind("]", state.pos) >= 0 and rule(state, silent)

    return guarded


def normal_label(label: str) -> str:
    """A link reference's label as `references` knows it."""
    from markdown_it.common.utils import normalizeReference

    return normalizeReference(label)


def read_definitions(text: str, environment: Environment) -> str:
    """Take the link reference definitions off the front of a paragraph; what is left of it."""
    from markdown_it.rules_block import StateBlock, reference

    if not text.startswith("["):
        return text
    state = StateBlock(text, _markdown(), environment, [])
    line = 0
    while (
        line < state.lineMax
        and text.startswith("[", state.bMarks[line])
        and reference(state, line, state.lineMax, False)
    ):
        line = state.line
    return text[state.bMarks[line] :] if line < state.lineMax else ""


def inline_runs(text: str, environment: Environment) -> list[Run]:
    """The styled runs of a block's text; a newline in them is a line break that was asked for."""
    if _MARKS.search(text) is None:
        if "\n" in text:
            first, *rest = text.split("\n")
            for line in rest:
                first += ("\n" if is_own_line(first[-1:], line) else " ") + line
            text = first
        return [(breakable(text.replace("\t", " ")), "")] if text else []
    runs: list[Run] = []
    _collect(_markdown().inline.parse(text, _markdown(), environment, []), "", runs)
    return _finish(runs)


def is_own_line(before: str, line: str) -> bool:
    """Whether a line stands for itself, though Markdown would join it to the one before.

    Nobody breaks Chinese, Japanese or Korean at a column: where a line of these ends, it was meant to.
    """
    if before >= _WIDE or line[:1] >= _WIDE:
        return bool(line)
    return _OWN_LINE.match(line) is not None


def _collect(tokens: list[Token], outer: str, runs: list[Run]) -> None:
    stack = [outer]
    past = 0  # what of the tokens was taken along with one before
    ends: set[int] = set()  # the tags that end what others began
    for number, token in enumerate(tokens):
        kind = token.type
        style = stack[-1]
        if number < past:
            continue
        if kind == "html_inline" and (tagged := _read_tagged(tokens, number)) is not None:
            text, key, past = tagged
            runs.append((text, join_styles(style, key) if key else style))
        elif number in ends:
            stack.pop()
        elif kind == "html_inline" and (end := _end_of_mark(tokens, number)):
            ends.add(end)
            key = _MARKED[token.content.strip("<>").lower()]
            stack.append(style if key in style_keys(style) else join_styles(style, key))
        elif kind in ("text", "text_special"):
            runs.append((token.content, style))
        elif kind == "softbreak":
            following = next((one.content for one in tokens[number + 1 : number + 6] if one.content), "")
            before = runs[-1][0][-1:] if runs else ""
            runs.append(("\n" if is_own_line(before, following) else " ", style))
        elif kind == "alert":
            runs.append((token.content, join_styles(style, "strong")))
        elif kind == "hardbreak" or (kind == "html_inline" and _BREAK.match(token.content)):
            runs.append(("\n", style))
        elif kind == "code_inline":
            runs.append((token.content.replace(SOFT_HYPHEN, ""), join_styles(style, "code")))
        elif kind == "formula":
            runs.append((token.content.replace(SOFT_HYPHEN, ""), join_styles(style, "math")))
        elif kind == "footnote":
            runs.append((token.content, join_styles(style, "footnote")))
        elif kind == "image":
            address = str(token.attrs.get("src", ""))
            alt = "".join([child.content for child in token.children or ()]) or token.content or address
            runs.append((f"[image: {alt}]", join_styles(style, IMAGE + printable(address))))
        elif kind == "link_open":
            stack.append(join_styles(style, LINK + printable(str(token.attrs.get("href", "")))))
        elif kind in _STYLES:
            key = _STYLES[kind]
            keys = style.partition(LINK)[0].split("+")
            stack.append(style if key in keys else join_styles(style, key))
        elif token.nesting < 0:
            if len(stack) > 1:
                stack.pop()
        elif token.content:
            runs.append((token.content, style))


def _end_of_mark(tokens: list[Token], number: int) -> int:
    """Where a tag ends that marks a text as Markdown's own marks do; 0 where it is none, or does not end in the same text."""
    opening = _MARK_TAG.match(tokens[number].content)
    if opening is None or opening[1]:
        return 0
    depth = inside = 0
    for at in range(number + 1, min(len(tokens), number + _REACH)):
        depth += tokens[at].nesting
        if depth < 0:
            return 0
        if tokens[at].type == "html_inline" and (tag := _MARK_TAG.match(tokens[at].content)):
            if tag[2].lower() != opening[2].lower():
                continue
            if not tag[1]:
                inside += 1
            elif inside:
                inside -= 1
            else:
                return at if not depth and at > number + 1 else 0
    return 0


def _read_tagged(tokens: list[Token], number: int) -> tuple[str, str, int] | None:
    """Letters that are raised, lowered or keys to press: as they are shown, their style, and behind which token they end.

    What Unicode has no raised or lowered letters for stays as it is written.
    """
    match = _OPENING.match(tokens[number].content)
    if match is None:
        return None
    text, at = "", number + 1
    while at < len(tokens) and tokens[at].type in ("text", "text_special"):
        text += tokens[at].content
        at += 1
    name = match[1].lower()
    if not text or at == len(tokens) or tokens[at].content.lower() != f"</{name}>":
        return None
    if name == "kbd":
        return text, "code", at + 1
    shown = text.translate(_SHIFTED[name])
    return (shown, "", at + 1) if all(ord(letter) in _SHIFTED[name] for letter in text) else None


def _finish(runs: list[Run]) -> list[Run]:
    """Join neighbours of one style, make them printable once more (entities), find bare addresses."""
    joined: list[Run] = []
    is_at_start = False
    for piece, style in runs:
        text = piece.lstrip(" ") if is_at_start and "math" not in style else piece
        if text:
            is_at_start = text[-1] == "\n"
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        elif text:
            joined.append((text, style))
    split: list[Run] = []
    for number, (text, style) in enumerate(joined):
        safe = alone(breakable(text), is_last=number + 1 == len(joined)).replace("\t", " ")
        if "://" in safe and LINK not in style and IMAGE not in style and "code" not in style and "math" not in style:
            _split_addresses(safe, style, split)
        elif safe:
            split.append((safe, style))
    return split


def bare_runs(text: str) -> list[Run]:
    """Text that is no Markdown: one run, and the addresses in it."""
    if "://" not in text:
        return [(text, "")] if text else []
    runs: list[Run] = []
    _split_addresses(text, "", runs)
    return runs


def _split_addresses(text: str, style: str, runs: list[Run]) -> None:
    at = 0
    for begin, url in find_addresses(text):
        if begin > at:
            runs.append((text[at:begin], style))
        runs.append((url, join_styles(style, LINK + url.replace(SOFT_HYPHEN, ""))))
        at = begin + len(url)
    if at < len(text):
        runs.append((text[at:], style))


def _footnote(state: StateInline, silent: bool) -> bool:  # markdown-it calls it so
    """`[^label]`: a reference to a footnote."""
    match = _NOTE.match(state.src, state.pos) if state.src.startswith("[^", state.pos) else None
    if match is None or match.end() > state.posMax:
        return False
    if not silent:
        state.push("footnote", "", 0).content = f"[{match[1]}]"
    state.pos = match.end()
    return True


def _alert(state: StateInline, silent: bool) -> bool:  # markdown-it calls it so
    """`[!NOTE]` at the beginning of a quote: its title, on a line of its own."""
    match = _ALERT.match(state.src) if state.pos == 0 and state.level == 0 else None
    if match is None or state.posMax < len(state.src):
        return False
    if not silent:
        end = state.src.find("\n")
        title = state.src[match.end() : end if end >= 0 else None].strip()
        state.push("alert", "", 0).content = f"{match[1].upper()} {title}".strip()
        if end >= 0:
            state.push("hardbreak", "br", 0)
        state.pos = end + 1 if end >= 0 else state.posMax
    return True
