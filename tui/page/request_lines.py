"""The next request as lines: a row for each part, with what it takes, and how all of it stands."""

from __future__ import annotations

from tui.chat.next_request import Outline, Part
from tui.page.line import Line, pad
from tui.page.wording import money
from tui.typeset.wrap import wrap_told

_KEYS = {"system": "kw", "tools": "num", "history": "", "summary": "str", "images": "accent", "prompt": "strong"}


def part_line(part: Part, outline: Outline, width: int) -> Line:
    """A part of the request: its origin, its words, its tokens, their price, and whether they are likely cached."""
    price = outline.price(part)
    right = pad(f"~{part.tokens:,.0f}", 9, right=True)
    if width >= 56:
        right += pad("" if price is None else f"~{money(price)}", 11, right=True)
    mark = "  out   " if part.is_out else "  cached" if part.is_cached else "        "
    if part.is_summarised:
        mark = "  summed"
    room = max(4, width - 9 - len(right) - len(mark))
    key = _KEYS[part.kind] if part.is_sent else "muted"
    tone = "warning" if part.is_out else "muted" if part.is_summarised else "success"
    return [(pad(part.kind, 9), "muted"), (pad(part.words, room), key), (right, "muted"), (mark, tone)]


def total_words(outline: Outline) -> str:
    """All of it in a few words: tokens against the model's context, and the price."""
    tokens = f"~{outline.tokens:,.0f}"
    if outline.context:
        tokens += f" of {outline.context:,} tokens, {outline.tokens / outline.context:.0%}"
    else:
        tokens += " tokens"
    cost = outline.cost
    if cost is None:
        return tokens + ("  price unknown" if outline.is_unpriced else "")
    return f"{tokens}  ~{money(cost)}"


def outline_notes(outline: Outline, width: int) -> list[Line]:
    """What there is to say below: the bar of the context, the cache, how good the estimate is."""
    lines: list[Line] = []
    if outline.context:
        lines.append(_bar(outline, width))
    cached = outline.cached
    words = (
        "; ".join(filter(None, (f"~{cached:,.0f} tokens are likely read from the cache", outline.break_words)))
        if cached
        else outline.break_words
    )
    sentences = [words, *([outline.told] if outline.told else [])]
    learnt = "by a rough measure; counts of 20 tokens and more that come back correct it"
    if outline.factor is not None:
        learnt = f"and corrected by what {outline.model} counted so far (× {outline.factor:.2f})"
    sentences.append(f"tokens are estimated {learnt}")
    return [*lines, *(row for each in sentences for row, _ in wrap_told([(each, "muted")], max(1, width)))]


def _bar(outline: Outline, width: int) -> Line:
    """How much of the context each origin takes."""
    context = max(outline.context or 1, outline.tokens)
    line: Line = []
    used = 0
    for kind in ("system", "tools", "summary", "history", "images", "prompt"):
        tokens = sum(part.tokens for part in outline.parts if part.kind == kind and part.is_sent)
        cells = round(tokens / context * width)
        cells = max(cells, 1) if tokens else 0
        cells = min(cells, width - used)
        used += cells
        line.append(("█" * cells, _KEYS[kind] or "muted"))
    return [*line, ("░" * (width - used), "rule")]
