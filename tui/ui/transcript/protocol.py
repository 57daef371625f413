"""What the transcript asks of its parts: of those that know entries by number, and of those laid over its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tui.typeset.line import Line
from tui.ui.transcript.line_renderer import Mark


class Numbered(Protocol):
    """Something that knows entries of the page by their numbers."""

    def shift(self, count: int) -> None:
        """So many entries were put above all others."""

    def reset(self) -> None:
        """The conversation is another one."""


class Overlay(Numbered, Protocol):
    """Something that lies over the rows of the page."""

    @property
    def has_marks(self) -> bool:
        """Whether it lies over any row at all."""

    def marks(self, index: int, row: int, line: Line) -> Sequence[Mark]:
        """What is laid over a row of an entry."""
