"""A reply of numbered words at a known rate, and the server's own account of when each was written."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.server import Answer, Ask, At, Pause, Step


@dataclass
class Numbered:
    """A scenario: `count` words, `rate` a second; `written` holds the instant of each.

    The last of them waits until it `may_end`, which is so from the start unless a test clears it.
    """

    count: int = 120
    rate: float = 100.0
    written: list[float] = field(default_factory=list)
    finished_at: float = 0.0
    may_end: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_end.set()

    def __call__(self, ask: Ask) -> Answer:
        return Answer(self._steps(ask))

    def _steps(self, ask: Ask) -> Iterator[Step]:
        speech = ask.speech()
        yield from speech.start()
        for number in range(self.count):
            yield At(number / self.rate)
            while number == self.count - 1 and not self.may_end.is_set():
                yield Pause(0.01)
            self.written.append(time.monotonic())
            yield b"".join(speech.text(f"w{number} "))
        self.finished_at = time.monotonic()
        yield from speech.finish()
        yield from speech.done()

    @property
    def text(self) -> str:
        """The whole reply."""
        return "".join(f"w{number} " for number in range(self.count))

    def lost_seconds(self, kept: int, instant: float) -> float:
        """How old the oldest word was that was not kept; 0 where all were."""
        return max(0.0, instant - self.written[kept]) if kept < len(self.written) else 0.0
