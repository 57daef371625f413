"""What both dialects' decoders have in common: bad frames, errors, limits, surrogates, the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tui.domain.delta import Delta, FinishDelta, OddityDelta, TextDelta, UsageDelta
from tui.domain.error import EndpointError, FrameError, LimitError, TruncatedError
from tui.domain.finish import AT_LIMIT, describe_finish
from tui.domain.quantity import describe_size
from tui.domain.usage import Usage
from tui.wire.error_body import is_error_set, read_stream_error, tidy
from tui.wire.error_shape import find_words
from tui.wire.frame_shape import FrameShape
from tui.wire.json_text import OddJsonError, parse_raw_json
from tui.wire.limit import LIMITS, Limits
from tui.wire.numbered_shape import NumberedRun
from tui.wire.sse import Frame
from tui.wire.surrogate import SurrogateMender

BAD_FRAME = "bad frame"
"""The kind of the oddity that stands for a frame, or a part of one, that made no sense."""

_DONE = "[DONE]"


def _no_text(_data: bytes, _ahead: int) -> str:
    return ""


class Decoder(ABC):
    """Makes the deltas of one reply out of the frames of one dialect.

    Every method gives deltas as far as it gets and raises a `StreamError` where it cannot go on.

    Attributes:
        has_shapes: Whether `learn` may give a shape.
        has_begun: Whether anything of a reply has come.
        has_finished: Whether a finish signal was seen, and nothing of the reply since: it ends here.
        is_done: Whether nothing more of interest can come: stop reading.
        peek: Gives the text of bytes that are one frame which adds it and says nothing else, without a shape; see `take_texts`; of one
            that comes so many frames ahead too. Empty for any other, and where a dialect has shapes. Nothing is done yet.
        run: Reads frames that are numbered, many at once; `None` in a dialect whose frames are not.
        token_limit: How many output tokens were allowed; `None` where that was left to the endpoint.
    """

    has_shapes = False

    def __init__(self, limits: Limits = LIMITS, secrets: Sequence[str] = ()) -> None:
        """Start before the first frame."""
        self.has_finished = False
        self.is_done = False
        self.token_limit: int | None = None
        self.peek: Callable[[bytes, int], str] = _no_text
        self.run: NumberedRun | None = None
        self._usage: Usage | None = None
        self._reason = ""
        self._is_told = False
        self._limits = limits
        self._secrets = secrets
        self.has_begun = False
        self._is_bad = False
        self._bad_in_a_row = 0
        self._chars = 0
        self._kept_chars = 0
        self._excess: LimitError | None = None
        self._noted: set[str] = set()
        self._mender = SurrogateMender()

    @abstractmethod
    def take_text_frame(self, frame: Frame) -> Delta | None:
        """Take a frame that adds text and says nothing else; `None` leaves any other frame to `feed`.

        `feed` would give the same delta, at three times the cost.
        """

    def learn(self, frame: bytes, delta: Delta) -> FrameShape | None:
        """The shape of frames like one that was taken as a text frame, where this dialect has one; see `take_texts`."""
        del frame, delta
        return None

    @property
    def takes_texts(self) -> bool:
        """Whether frames that fit the shape last learnt may be taken by their texts."""
        return False

    def take_texts(self, texts: list[str]) -> Iterator[Delta] | tuple[Delta, ...]:
        """Take the texts of frames that fit the shape last learnt, or the one last peeked at, as `feed` would take the frames.

        A tuple is taken already, an iterator is as it is gone through.

        Raises:
            LimitError: If the reply has grown beyond a limit; what fits is given first.
        """
        del texts
        return iter(())

    def _take_all(self, texts: list[str], part: int = 0) -> Iterator[Delta] | tuple[Delta, ...]:
        """Give the texts as deltas, as long as there is room."""
        if texts:
            self._bad_in_a_row = 0
        chars = self._chars + sum(map(len, texts))
        if chars <= self._limits.reply_chars:
            self._chars = chars
            if len(texts) == 1:  # as most reads bring
                return (TextDelta(texts[0], part),)
            return tuple([TextDelta(text, part) for text in texts])

        def fitting() -> Iterator[Delta]:
            for text in texts:
                yield TextDelta(self._grow(text), part)
                if self._chars > self._limits.reply_chars and self._excess is not None:
                    raise self._excess

        return fitting()

    def feed(self, frame: Frame) -> Iterator[Delta]:
        """Give the deltas of one frame.

        Raises:
            FrameError: If the frame is not JSON, or too many in a row were bad.
            LimitError: If the reply has grown beyond a limit.
            EndpointError: If the frame reports an error.
        """
        data = frame.data.strip()
        if self.is_done:
            yield from self._note("late", "more came after the end of the stream and was ignored")
            return
        if data == _DONE:
            yield from self._read_done()
            return
        if not data:
            return
        try:
            chunk, is_clean = parse_raw_json(data)
        except OddJsonError as error:
            yield self._bad(error.message)
            self._count_bad()
            return
        except FrameError:
            if frame.event == "error":
                raise read_stream_error(data, secrets=self._secrets) from None
            if self.may_end:
                # All that was promised has come: `data: DONE` and its like do no harm any more.
                yield self._bad(f"something that is not JSON: {tidy(data[:80], self._secrets)}")
                self._count_bad()
                return
            raise FrameError(
                f"The endpoint sent something that is not JSON: {tidy(data[:200], self._secrets)}",
                "Try again.",
            ) from None
        self._is_bad = False
        needs_mending = not is_clean or self._mender.is_waiting
        for delta in self._read(chunk, frame):
            yield self._mender.mend(delta) if needs_mending else delta
            if self._excess is not None:
                raise self._excess
        if self._is_bad:
            self._count_bad()
        else:
            self._bad_in_a_row = 0

    def whole(self, value: dict[str, Any]) -> Iterator[Delta]:
        """Give the deltas of a reply that came in one piece, as the one JSON object that it is.

        Raises:
            FrameError: If the object is no reply.
            EndpointError: If it is an error.
            LimitError: If the reply is larger than a limit.
        """
        if is_error_set(value) or (not self.is_reply(value) and find_words(value) is not None):
            raise read_stream_error(value, secrets=self._secrets)
        if not self.is_reply(value):
            raise FrameError("The endpoint sent a JSON object that is not a reply.", "Check the endpoint's base URL.")
        for delta in self._read_whole(value):
            yield self._mender.mend(delta)
            if self._excess is not None:
                raise self._excess

    @property
    def may_end(self) -> bool:
        """Whether a finish signal was seen at all, so that the reply is whole if the stream ends in order."""
        return self.has_finished

    def close(self, *, clean: bool = True) -> Iterator[Delta]:
        """End the reply: nothing more will come, or, if not `clean`, nothing more can.

        Raises:
            TruncatedError: If no finish signal was seen, or more came after it before the stream broke.
        """
        if self._is_told:
            return
        if self.has_finished or (clean and self.may_end):
            if not self.has_finished:
                yield OddityDelta(
                    "no end", "the reply went on after it had said that it ends, and did not say so again"
                )
            yield from self._finish(self._reason)
            return
        yield from self._settle()
        yield from self._mender.flush()
        if self.has_begun:
            raise TruncatedError("The reply ended before it was finished.", "Ask for the rest, or try again.")
        raise TruncatedError("The endpoint sent no reply.", "Try again.", empty=True)

    @abstractmethod
    def _read(self, chunk: Any, frame: Frame) -> Iterator[Delta]:
        """Give the deltas of one parsed frame; its strings may hold lone surrogates."""

    @abstractmethod
    def _read_whole(self, value: dict[str, Any]) -> Iterator[Delta]:
        """Give the deltas of a whole reply."""

    @abstractmethod
    def _read_done(self) -> Iterator[Delta]:
        """Take `[DONE]`."""

    @abstractmethod
    def is_reply(self, value: dict[str, Any]) -> bool:
        """Whether a JSON object is a whole reply of this dialect."""

    @abstractmethod
    def _settle(self) -> Iterator[Delta]:
        """Give what was held back until the end, whichever end it is."""

    def _finish(self, reason: str, incomplete_reason: str = "") -> Iterator[Delta]:
        """Tell how the reply ended: once, when nothing of it can come any more."""
        self.has_finished = self._is_told = True
        yield from self._settle()
        yield from self._mender.flush()
        output = self._usage.output if self._usage is not None else None
        is_at_limit = self.token_limit is not None and output is not None and output >= self.token_limit > 0
        if is_at_limit and not describe_finish(reason, incomplete_reason).is_cut:
            incomplete_reason = AT_LIMIT
        yield from self._doubt()
        yield FinishDelta(reason, incomplete_reason)

    def _doubt(self) -> Iterator[Delta]:
        """Mention counts that cannot be: a proxy that makes a break look whole makes up its usage too."""
        usage = self._usage
        if usage is None:
            return
        sent, output, total = usage.input, usage.output, usage.total
        if output == 0 and self._chars:
            yield OddityDelta("usage", "no output tokens are counted, though text came")
        elif sent is not None and output is not None and total is not None and total < sent + output:
            yield OddityDelta("usage", "fewer tokens are counted in all than went in and came out")
        elif sent == 0 and output:
            yield OddityDelta("usage", "no input tokens are counted, though a prompt was sent")
        elif output is not None and (usage.reasoning or 0) > output:
            yield OddityDelta("usage", "more tokens are counted for thinking than came out")
        elif sent is not None and (usage.cached or 0) > sent:
            yield OddityDelta("usage", "more tokens are counted as cached than went in")
        elif any(isinstance(count, int) and count < 0 for count in usage.raw.values()):
            yield OddityDelta("usage", "a count of tokens is less than nothing")

    def _tell_usage(self, usage: Usage) -> UsageDelta:
        self._usage = usage
        return UsageDelta(usage)

    def _grow(self, text: str, limit: str = "reply") -> str:
        """Count text in; what exceeds the limit is cut off, and the reply ends after this delta."""
        most = self._limits.reply_chars
        self._chars += len(text)
        if self._chars <= most:
            return text
        self._exceed(limit, f"a reply of more than {describe_size(most)}")
        return text[: max(0, len(text) - (self._chars - most))]

    def _has_room(self, text: str) -> bool:
        """Count text in if all of it fits; leave it to `_grow` if not."""
        chars = self._chars + len(text)
        if chars > self._limits.reply_chars:
            return False
        self._chars = chars
        return True

    def _keep(self, frame: Frame) -> None:
        """Count in a frame of which something is kept beside the text."""
        self._kept_chars += len(frame.data)
        if self._kept_chars > self._limits.reply_chars:
            self._exceed("reply", f"more than {describe_size(self._limits.reply_chars)} of items")

    def _exceed(self, limit: str, what: str) -> None:
        self._excess = LimitError(f"The endpoint sent {what}.", "Ask for a shorter answer.", limit=limit)

    def _fail(self, chunk: Any) -> EndpointError:
        return read_stream_error(chunk, secrets=self._secrets)

    def _bad(self, detail: str) -> OddityDelta:
        self._is_bad = True
        return OddityDelta(BAD_FRAME, detail)

    def _count_bad(self) -> None:
        self._bad_in_a_row += 1
        if self._bad_in_a_row >= self._limits.bad_frames_in_a_row:
            raise FrameError(
                f"The endpoint sent {self._bad_in_a_row} frames in a row that make no sense.", "Try again."
            )

    def _note(self, kind: str, detail: str) -> Iterator[OddityDelta]:
        """Mention something once, however often it happens."""
        if kind not in self._noted:
            self._noted.add(kind)
            yield OddityDelta(kind, detail)
