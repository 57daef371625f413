"""The history: the prompts sent before, and where in it one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence


class History:
    """Walks back from what is being written, and forward to it again.

    Attributes:
        recall: Tells the prompts sent before, newest first; asked when it is first walked into.
    """

    def __init__(self) -> None:
        self.recall: Callable[[], Sequence[str]] = tuple
        self._prompts: Sequence[str] | None = None
        self._place = -1
        self._written = ""

    @property
    def is_left(self) -> bool:
        """Whether what is written is one's own, and none of it."""
        return self._place < 0

    def add(self, prompt: str) -> None:
        """Put a prompt in, as the newest."""
        if self._prompts is not None:
            self._prompts = [prompt, *self._prompts]

    def walk(self, step: int, written: str) -> str | None:
        """The text that many steps further back; `None` where there is none. What was written is kept meanwhile."""
        if self._prompts is None:
            self._prompts = list(self.recall())
        place = self._place + step
        if place >= len(self._prompts):
            return None
        if self.is_left:
            self._written = written
        self._place = max(-1, place)
        return self._written if self.is_left else self._prompts[self._place]

    def leave(self) -> None:
        """What was found is one's own now, or was sent."""
        self._place, self._written = -1, ""
