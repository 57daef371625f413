"""What hangs before the rows of a block, and the gaps between blocks."""

from __future__ import annotations

from tui.typeset.block import NO_MARGIN, Margin
from tui.typeset.line import Line
from tui.typeset.structure import Container

_NO_LINE: Line = []
"""One for all blocks beside which nothing hangs: it is never changed."""


def gap_between(before: list[Container], stack: list[Container], *, had_blank: bool) -> tuple[int, Line]:
    """Whether a blank row goes between blocks in these containers, and what hangs in its margin.

    In a list one goes where one was written; elsewhere blocks always stand apart.
    """
    depth = 0
    while depth < len(stack) and depth < len(before) and stack[depth] is before[depth]:
        depth += 1
    is_sibling = depth < len(stack) and depth < len(before) and stack[depth].family is not None
    is_sibling = is_sibling and stack[depth].family is before[depth].family
    is_tight = is_sibling or (depth > 0 and stack[depth - 1].kind != "quote")
    if is_tight and not had_blank:
        return 0, _NO_LINE
    line = [container.rest for container in stack[:depth]]
    while line and not line[-1][0].strip():
        line.pop()
    return 1, [*line[:-1], (line[-1][0].rstrip(), line[-1][1])] if line else _NO_LINE


def without_quotes(stack: list[Container]) -> list[Container]:
    """The containers without the quotes at the end."""
    end = len(stack)
    while end and stack[end - 1].kind == "quote":
        end -= 1
    return stack[:end]


def margin_of(stack: list[Container]) -> Margin:
    """What hangs before the rows of a block in these containers."""
    if not stack:
        return NO_MARGIN
    rest = [container.rest for container in stack]
    return Margin([container.rest if container.is_shown else container.first for container in stack], rest)
