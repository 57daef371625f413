"""The probe: the terminal is asked about itself once, without being waited for, and what it answers is gathered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from copy import copy

from textual.message import Message

from tui.ui.terminal.answer import Answers

PATIENCE = 1.0
"""Seconds in which a terminal answers, also over a slow line; so long is waited for what would else reach the shell."""


class TerminalTold(Message):
    """The terminal has said something of itself."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self.answers = answers


class Probe:
    """What was asked, and what has been answered; used by the thread that reads the keyboard and by the one that leaves."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is asked yet."""
        self._clock = clock
        self._answers, self._told = Answers(), Answers()
        self._asked_at: float | None = None
        self._is_answered = threading.Event()

    @property
    def is_asked(self) -> bool:
        """Whether the terminal was asked."""
        return self._asked_at is not None

    @property
    def has_ground(self) -> bool:
        """Whether the terminal told its background when it was asked."""
        return self._answers.ground is not None

    @property
    def is_open(self) -> bool:
        """Whether answers may still come: the terminal has not answered the last question, and not for long."""
        return self._left > 0

    @property
    def _left(self) -> float:
        if self._asked_at is None or self._is_answered.is_set():
            return 0.0
        return self._asked_at + PATIENCE - self._clock()

    def begin(self, moment: float | None = None) -> None:
        """The terminal was asked, now or at this moment."""
        self._asked_at = self._clock() if moment is None else moment

    def take(self, words: str) -> None:
        """Something the terminal said."""
        self._answers.read(words)
        if self._answers.is_done:
            self._is_answered.set()

    def news(self) -> TerminalTold | None:
        """What was not told before; some answers come after the last one, from behind a multiplexer that has its own."""
        if self._answers == self._told:
            return None
        self._told = copy(self._answers)
        return TerminalTold(copy(self._answers))

    def wait(self) -> None:
        """Wait until all is answered, so that no answer reaches the shell, but not for long."""
        if (left := self._left) > 0:
            self._is_answered.wait(left)
