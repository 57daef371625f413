"""Timing: when things happened in a turn, on one monotonic clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from tui.domain.delta import (
    Delta,
    IdentityDelta,
    OddityDelta,
    PromptProgressDelta,
    ReasoningDelta,
    RefusalDelta,
    RetryDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)

_SHOWN = (TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta)


class Timing(Struct):
    """Instants of one exchange, in seconds of a monotonic clock; `None` until they happen.

    `first_word_at` is when the answer began, which is later than `first_delta_at` where the model thinks aloud first.
    `begun_at` is when the turn began, which is earlier than `sent_at` where a key must be fetched or a model
    started. `lost_to_retries` is how long attempts that came to nothing took, with the waits behind them: all of it was before
    `sent_at`. `longest_gap` is how long the reply stood still at most once it had begun. `progress_at` is the last instant
    at which something of the reply came: keep-alive comments move `read_at` only. A model thinks until something else of
    the reply comes (`is_thinking`), so what passes between its last thought and the first word counts as thought. `phases` is how far the request came, in
    seconds since `sent_at`, as `Head.phases` has it; it grows
    until the head is there, and only a live exchange has it. A live exchange and a tape that is played set all of it, and by the same rules.
    """

    sent_at: float | None = None
    head_at: float | None = None
    first_delta_at: float | None = None
    first_word_at: float | None = None
    progress_at: float | None = None
    read_at: float | None = None
    reasoning_began_at: float | None = None
    reasoning_ended_at: float | None = None
    ended_at: float | None = None
    begun_at: float | None = None
    lost_to_retries: float | None = None
    retries: int = 0
    longest_gap: float | None = None
    phases: Mapping[str, float] | None = None
    is_thinking: bool = False

    @property
    def awaits(self) -> Literal["", "connection", "sending", "head"]:
        """What is waited for until the response's head comes; empty where that is there, or nobody knows."""
        if self.phases is None or self.head_at is not None or self.ended_at is not None:
            return ""
        if "sent" in self.phases:
            return "head"
        return "sending" if "connected" in self.phases else "connection"

    def saw(self, delta: Delta, at: float) -> None:
        """Note that a delta came."""
        is_word = type(delta) is TextDelta and delta.text and self.first_word_at is not None
        if is_word and self.progress_at is not None and not self.is_thinking:
            if (gap := at - self.progress_at) > (self.longest_gap or 0.0):  # nine in ten
                self.longest_gap = gap
            self.progress_at = at
            return
        if self.first_delta_at is None and isinstance(delta, _SHOWN):
            self.first_delta_at = at
        if self.first_word_at is None and isinstance(delta, (TextDelta, RefusalDelta)) and delta.text:
            self.first_word_at = at
        if is_progress(delta):
            if self.progress_at is not None and (gap := at - self.progress_at) > (self.longest_gap or 0.0):
                self.longest_gap = gap
            self.progress_at = at
            if self.is_thinking:
                self.reasoning_ended_at, self.is_thinking = at, False
        if isinstance(delta, ReasoningDelta):
            self.reasoning_began_at = at if self.reasoning_began_at is None else self.reasoning_began_at
            self.reasoning_ended_at, self.is_thinking = at, True

    def waited(self, now: float) -> float:
        """Seconds since the request was sent, or since the turn began where it was not sent yet."""
        since = self.begun_at if self.sent_at is None else self.sent_at
        return 0.0 if since is None else max(0.0, now - since)

    @property
    def latency(self) -> float | None:
        """Request sent to first delta, in seconds."""
        return _between(self.sent_at, self.first_delta_at)

    @property
    def to_first_word(self) -> float | None:
        """Request sent to the first word of the answer, in seconds."""
        return _between(self.sent_at, self.first_word_at)

    @property
    def duration(self) -> float | None:
        """Request sent to the end, in seconds."""
        return _between(self.sent_at, self.ended_at)

    @property
    def reasoning(self) -> float | None:
        """How long the model thought aloud, in seconds."""
        return _between(self.reasoning_began_at, self.reasoning_ended_at)

    @property
    def streaming(self) -> float | None:
        """First delta to the last, in seconds: what a rate is measured over."""
        return _between(self.first_delta_at, self.progress_at or self.ended_at)

    def record(self) -> dict[str, float | None]:
        """Seconds since the request was sent, rounded to the microsecond; what retries lost, and a gap, only where there were any."""
        lost = {} if self.lost_to_retries is None else {"retrying": _rounded(self.lost_to_retries)}
        gap = {} if self.longest_gap is None else {"longest_gap": _rounded(self.longest_gap)}
        return {
            "latency": _rounded(self.latency),
            "first_word": _rounded(self.to_first_word),
            "duration": _rounded(self.duration),
            "reasoning": _rounded(self.reasoning),
            "streaming": _rounded(self.streaming),
            "head": _rounded(_between(self.sent_at, self.head_at)),
            **lost,
            **gap,
        }

    @classmethod
    def from_record(cls, record: dict[str, float | None]) -> Timing:
        """A timing whose clock began when the request was sent."""
        latency, duration, reasoning = record.get("latency"), record.get("duration"), record.get("reasoning")
        streaming = record.get("streaming")
        return cls(
            sent_at=0.0,
            head_at=record.get("head"),
            first_delta_at=latency,
            first_word_at=record.get("first_word"),
            progress_at=duration if latency is None or streaming is None else latency + streaming,
            reasoning_began_at=None if reasoning is None else 0.0,
            reasoning_ended_at=reasoning,
            ended_at=duration,
            lost_to_retries=record.get("retrying"),
            longest_gap=record.get("longest_gap"),
        )


def is_progress(delta: Delta) -> bool:
    """Whether a delta is something of the reply; names, counts and empty words are only signs of life."""
    if isinstance(delta, (TextDelta, ReasoningDelta, RefusalDelta)):
        return bool(delta.text)
    return not isinstance(delta, (IdentityDelta, UsageDelta, OddityDelta, RetryDelta, PromptProgressDelta))


def _between(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else max(0.0, b - a)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
