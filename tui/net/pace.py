"""The pace of a reply: how long each stage of its body may take."""

from __future__ import annotations

from tui.domain.endpoint import Deadlines
from tui.net.retry import Pauses
from tui.net.watch import Watch


class Pace:
    """How long each stage of a body may take: its beginning, the reply, and what follows the finish signal."""

    def __init__(self, watch: Watch, deadlines: Deadlines, first_byte: float, quiet: float, pauses: Pauses) -> None:
        self._watch, self._deadlines, self._first_byte, self._quiet = watch, deadlines, first_byte, quiet
        self._pauses = pauses
        self.has_begun = self.has_progressed = self.is_tail = False

    def begin(self) -> None:
        """The first bytes came: until it says something, a model that thinks has the time it had to begin."""
        if not self.has_begun:
            self.has_begun = True
            self._expect(max(self._deadlines.quiet, self._first_byte), self._first_byte)

    def progress(self) -> None:
        """Something of the reply came."""
        if self.is_tail:
            return
        if self.has_progressed:
            self._watch.saw_progress()
        else:
            self.has_progressed = True
            self._expect(self._quiet, self._quiet)

    def follow(self, *, has_finished: bool) -> None:
        """The finish signal came, or what had seemed to be one was none and the reply goes on."""
        if has_finished and not self.is_tail:
            self.is_tail = True
            self._watch.start("tail", self._pauses.after_finish)
        elif self.is_tail and not has_finished:
            self.is_tail = False
            self._expect(self._quiet, self._quiet)

    def _expect(self, between_reads: float, alive: float) -> None:
        self._watch.start("between_reads", between_reads)
        self._watch.expect_progress(max(self._deadlines.alive, alive))
