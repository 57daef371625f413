"""A deterministic Markdown document made of 4-character "tokens", with numbered marker words.

The same (tokens, seed) always gives the same text, so two programs can be fed the very same bytes.
Markers look like ``mk00042``; they sit in prose, list items, table cells, headings and code lines,
about one every 60 characters, and their numbers rise in document order.
"""

from __future__ import annotations

import functools
import random
import re

CHARS_PER_TOKEN = 4
MARKER = re.compile(r"mk(\d{5})")

_WORDS = (
    "stream terminal buffer latency reader paints window cursor token model answer prompt socket event loop "
    "render frame column table parser delta server client chunk signal thread queue widget layout style theme "
    "network session history cancel retry schema field value index offset line page scroll focus panel tree "
    "small quick steady honest careful bright simple narrow distant careful early late often never always "
    "and the of to in for with from while after before under over between because when then as but or"
).split()


class _Writer:
    """Collects text and hands out marker words at the wanted spacing."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.parts: list[str] = []
        self.size = 0
        self.next_marker = 0

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.size += len(text)

    def marker(self) -> str:
        word = f"mk{self.next_marker:05d}"
        self.next_marker += 1
        return word

    def words(self, count: int) -> str:
        return " ".join(self.rng.choice(_WORDS) for _ in range(count))


def _paragraph(out: _Writer) -> None:
    for _ in range(out.rng.randint(2, 4)):
        styled = out.rng.choice(("**{}**", "*{}*", "`{}`", "{}", "{}", "[{}](https://example.org/a)"))
        out.add(f"{out.words(5).capitalize()} {out.marker()} {styled.format(out.words(2))} {out.words(4)}. ")
    out.add("\n\n")


def _heading(out: _Writer) -> None:
    out.add(f"{'#' * out.rng.randint(2, 4)} {out.words(3).capitalize()} {out.marker()}\n\n")


def _bullets(out: _Writer) -> None:
    for number in range(out.rng.randint(3, 6)):
        bullet = "-" if out.next_marker % 2 else f"{number + 1}."
        out.add(f"{bullet} {out.words(3)} {out.marker()} {out.words(4)}\n")
    out.add("\n")


def _table(out: _Writer) -> None:
    out.add("| key | what | note |\n|---|---|---|\n")
    for _ in range(out.rng.randint(3, 5)):
        out.add(f"| {out.marker()} | {out.words(3)} | {out.words(2)} |\n")
    out.add("\n")


def _code(out: _Writer) -> None:
    out.add("```python\n")
    for _ in range(out.rng.randint(2, 4)):
        name = out.rng.choice(_WORDS[:40])
        out.add(f"def {name}(value: int) -> int:\n    # {out.words(3)} {out.marker()}\n")
        out.add(f"    return value * {out.rng.randint(2, 99)}\n\n")
    out.add("```\n\n")


_MIXED = (_paragraph, _paragraph, _heading, _bullets, _paragraph, _code, _table)


def _sentence(out: _Writer) -> None:
    out.add(f"{out.words(6).capitalize()} {out.marker()} {out.words(4)}. ")


def _code_line(out: _Writer) -> None:
    out.add(f"    {out.rng.choice(_WORDS[:40])} = compute({out.rng.randint(2, 99)})  # {out.marker()} {out.words(2)}\n")


def _row(out: _Writer) -> None:
    out.add(f"| {out.marker()} | {out.words(3)} | {out.words(2)} |\n")


def _item(out: _Writer) -> None:
    out.add(f"- {out.words(4)} {out.marker()} {out.words(5)}\n")


_KINDS = {
    "mixed": ("", _MIXED, ""),
    "prose": ("", (_paragraph,), ""),
    "paragraph": ("", (_sentence,), "\n\n"),
    "fence": ("```python\n", (_code_line,), "```\n\n"),
    "table": ("| key | what | note |\n|---|---|---|\n", (_row,), "\n"),
    "list": ("", (_item,), "\n"),
}
KINDS = tuple(_KINDS)


@functools.lru_cache(maxsize=8)
def markdown(tokens: int, kind: str = "mixed", seed: int = 7) -> str:
    """Markdown text of about ``tokens * 4`` characters, ending in a paragraph that holds the last marker."""
    out = _Writer(seed)
    before, blocks, after = _KINDS[kind]
    wanted = tokens * CHARS_PER_TOKEN
    out.add(before)
    turn = 0
    while out.size < wanted - 40:
        blocks[turn % len(blocks)](out)
        turn += 1
    out.add(f"{after}The end {out.marker()}\n")
    return "".join(out.parts)


@functools.lru_cache(maxsize=8)
def pieces_of(tokens: int, kind: str = "mixed", seed: int = 7) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The document cut in 4-character pieces, each with the numbers of the markers that it completes."""
    text = markdown(tokens, kind, seed)
    ends = {match.end() - 1: int(match[1]) for match in MARKER.finditer(text)}
    pieces = []
    for start in range(0, len(text), CHARS_PER_TOKEN):
        done = tuple(ends[i] for i in range(start, start + CHARS_PER_TOKEN) if i in ends)
        pieces.append((text[start : start + CHARS_PER_TOKEN], done))
    return tuple(pieces)
