"""Replies: the whole way from a response head and the bytes after it to deltas, and to how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tui.domain.delta import Delta, OddityDelta, PromptProgressDelta
from tui.domain.error import BrokenError, FrameError, LimitError, RilletError, StreamError, TruncatedError
from tui.domain.lazy_pattern import LazyPattern
from tui.domain.quantity import describe_size
from tui.domain.tape import Head
from tui.wire.compression import Inflater
from tui.wire.dialect import Dialect
from tui.wire.error_body import read_refusal, read_stream_error, tidy
from tui.wire.error_shape import describe_html, find_words, is_html
from tui.wire.frame_shape import FrameShape
from tui.wire.json_text import parse_json
from tui.wire.limit import LIMITS, Limits
from tui.wire.sse import Frame, FrameReader

_DONE_LINE = LazyPattern(r"\s*(?:data:\s*\[?DONE\]?|\[DONE\])\s*\Z")
_KEEP_ALIVE = LazyPattern(r"\s*keepalive\s+(?P<read>\d{1,9})/(?P<total>\d{1,9})\s*")
_DONE_CHARS = 64
_MOST_MISSES = 16
"""Fragments in a row that were unlike the one before: then this stream is read the exact way to its end."""
_LEAST_ALIKE = 128
"""Bytes of a read in which a whole frame is likely."""
_FRAMES_AT_ONCE = 3
"""So many frames in one read are read faster at once than one by one."""
_BLANK_LINE = b"\n\n"
_BLANK = b" \t\r\n\xef\xbb\xbf"


def without_done(text: str) -> str:
    """A reply in one piece without the end of a stream, which a proxy may write after whatever it was sent."""
    return text[:-_DONE_CHARS] + _DONE_LINE.sub("", text[-_DONE_CHARS:])


class Reply:
    """One response as it comes in: give it the bytes, take the deltas.

    What the body is, is seen from the status and the media type, and where those mislead, from its first
    byte: a stream of frames, one JSON object, a web page, or the body of an error.

    Attributes:
        has_finished: Whether the finish signal was seen.
        is_done: Whether nothing more of interest can come: stop reading, then `close`.
        is_refusal: Whether the status says no; the body is then read for its words only.
    """

    def __init__(
        self,
        dialect: Dialect,
        head: Head,
        *,
        limits: Limits = LIMITS,
        secrets: Sequence[str] = (),
        key_name: str = "",
        has_key: bool = True,
        host: str = "",
        token_limit: int | None = None,
    ) -> None:
        """Start after the response head.

        Errors name where the key came from, `key_name`, or would, where none was sent, and who answers, `host`; `token_limit` is how many output
        tokens were allowed, so that a reply that took them all is known to be cut.
        """
        self.is_refusal = head.status >= 300
        self._head = head
        self._limits = limits
        self._secrets = secrets
        self._key_name, self._has_key, self._host = key_name, has_key, host
        self._reader = FrameReader(limits, takes_error_field=True)
        self._decoder = dialect.decoder(limits, secrets)
        self._decoder.token_limit = token_limit
        self._media = head.headers.get("content-type", "").partition(";")[0].strip().lower()
        self._is_stream = self._media == "text/event-stream" and not self.is_refusal
        self._is_body = self.is_refusal
        self._body = bytearray()
        self._is_full = False
        self._size = 0
        self._inflater: Inflater | None = None
        self._shape: FrameShape | None = None
        self._is_steady = False  # all that came since it was last looked at were texts
        self._misses = 0
        self._comments = 0

    @property
    def has_finished(self) -> bool:
        """Whether the finish signal was seen."""
        return self._decoder.has_finished

    @property
    def is_done(self) -> bool:
        """Whether nothing more of interest can come."""
        return self._is_full or self._decoder.is_done

    @property
    def comments(self) -> int:
        """How many comment lines came: they say that the endpoint lives, and are no progress."""
        return self._reader.comments

    def take(self, data: bytes) -> tuple[list[Delta], RilletError | None]:
        """What a read brings, and what breaks the reply after that, if anything."""
        came: list[Delta] = []
        try:
            came += self._take_one_alike(data) or self.feed(data)
        except RilletError as error:
            return came, error
        return came, None

    def take_timed(self, reads: list[tuple[float, bytes]]) -> tuple[list[tuple[Delta, float]], RilletError | None]:
        """What reads bring, each delta with the time of its read, and what breaks the reply after that, if anything."""
        came = list[tuple[Delta, float]]()
        for at, data in reads:
            some, broken = self.take(data)
            came += [(delta, at) for delta in some]
            if broken is not None or self.is_done:
                return came, broken
        return came, None

    def are_alike(self, reads: Sequence[bytes]) -> bool:
        """Whether reads are frames like the last in all but their texts: they bring those, and nothing else."""
        if not all(map(self._can_be_alike, reads)):
            return False
        if (shape := self._shape) is None:
            return all(self._decoder.peek(data, ahead) for ahead, data in enumerate(reads))
        return all(shape.text_of(data) or not shape.split(data)[1] for data in reads)

    def texts_of(self, reads: Sequence[bytes]) -> list[str]:
        """The texts of reads that are one frame each, like the last in all but that; none where any is not, or is not to be seen so."""
        if len(reads) == 1:
            return [text] if (text := self.text_of(reads[0])) else []
        texts = list[str]()
        if (shape := self._shape) is not None and self._can_be_alike(b"".join(reads)):
            for data in reads:
                if not (text := shape.text_of(data)):
                    return []
                texts.append(text)
        return texts

    def take_texts(self, texts: list[str], reads: Sequence[bytes]) -> tuple[Delta, ...]:
        """Take reads of which `texts_of` has just given the texts; none, and nothing done, where that takes the long way."""
        taken = self._decoder.take_texts(texts)
        if not isinstance(taken, tuple):
            return ()
        self._size += sum(map(len, reads))
        return taken

    def _take_one_alike(self, data: bytes) -> Iterator[Delta] | tuple[Delta, ...] | None:
        """Take a read that is one frame like the last in all but its text, as most reads are; `None` for any other."""
        if not (text := self.text_of(data)):
            return None
        self._size += len(data)
        return self._decoder.take_texts([text])

    def _can_be_alike(self, data: bytes) -> bool:
        if not self._is_steady:
            inflater = self._inflater
            if inflater is None or inflater.is_at_work or not self._reader.is_between_frames:
                return False
            if not self._decoder.takes_texts:
                return False
            self._is_steady = True
        return len(data) <= self._limits.line_bytes and self._size + len(data) <= self._limits.body_bytes

    def text_of(self, data: bytes) -> str:
        """The text of a read that is one frame like the last in all but that, or but its number; empty for any other."""
        if not self._can_be_alike(data):
            return ""
        return self._decoder.peek(data, 0) if self._shape is None else self._shape.text_of(data)

    def feed(self, data: bytes) -> Iterator[Delta]:
        """Give the deltas that the bytes of one read complete.

        Raises:
            StreamError: As soon as the reply cannot go on; an error status is raised by `close` only.
        """
        self._is_steady = False
        try:
            if self._inflater is None:
                self._inflater = Inflater(self._head.headers.get("content-encoding", ""), self._limits)
            for piece in self._inflater.feed(data):
                self._size += len(piece)
                yield from self._take(piece)
                if self._size > self._limits.body_bytes:
                    self._overflow()
                if self._is_full:
                    return
        except StreamError:
            if not self.is_refusal:
                raise
            self._is_full = True

    def close(self, *, clean: bool = True) -> Iterator[Delta]:
        """End the reply; `clean` is false where the connection broke.

        Raises:
            RefusedError: If the status says no.
            TruncatedError: If it ended without a finish signal.
            BrokenError: If the connection broke before one.
            FrameError: If the body is no reply at all.
            EndpointError: If the body is an error.
        """
        if self.is_refusal:
            body = bytes(self._body)
            raise read_refusal(
                self._head,
                body,
                secrets=self._secrets,
                key_name=self._key_name,
                has_key=self._has_key,
                host=self._host,
            )
        if self._is_body:
            yield from self._close_body(clean=clean)
            return
        if not self._decoder.is_done:
            yield from self._close_stream(clean=clean)
        if self._decoder.has_finished or (clean and self._decoder.may_end):
            if not clean:
                yield OddityDelta("late break", "the connection broke after the reply had finished")
            yield from self._decoder.close(clean=clean)
            return
        value = self._unframed_value()
        if isinstance(value, dict) and self._decoder.is_reply(value) and not self._decoder.has_begun:
            yield from self._decoder.whole(value)
            return
        problem = self._problem(clean=clean)
        try:
            yield from self._decoder.close(clean=clean)
        except TruncatedError as error:
            raise (problem or error) from None

    def _overflow(self) -> None:
        if not self.has_finished:
            raise LimitError(
                f"The endpoint sent more than {describe_size(self._limits.body_bytes)} for one reply.",
                "Ask for a shorter answer.",
                limit="body",
            )
        self._is_full = True

    def _take(self, data: bytes) -> Iterator[Delta]:
        if not self._is_stream and not self._is_body:
            self._body += data
            data = bytes(self._body).lstrip(_BLANK)
            if not data:
                del self._body[: -len(_BLANK)]
                return
            # Any other text is read as a stream, whatever it is called: proxies lose media types.
            self._is_body = data[:1] in (b"{", b"[", b"<")
            self._is_stream = not self._is_body
            self._body.clear()
        if self._is_body:
            self._collect(data)
            return
        least = _LEAST_ALIKE if self._shape is None else _FRAMES_AT_ONCE * self._shape.size
        can_learn = self._decoder.has_shapes and self._misses < _MOST_MISSES
        if can_learn and least <= len(data) <= self._limits.line_bytes and b"\r" not in data:
            yield from self._take_alike(data)
        else:
            yield from self._decode(self._reader.feed(data))
        if self._reader.comments > self._comments:
            self._comments = self._reader.comments
            yield from self._read_comment(self._reader.last_comment)
        if self._reader.limit_error is not None and not self._decoder.is_done:
            raise self._reader.limit_error

    def _take_alike(self, data: bytes) -> Iterator[Delta]:
        """Take frames, those that are like the last one in all but a text by that text alone."""
        reader, decoder = self._reader, self._decoder
        while data:
            if self._shape is not None and reader.is_between_frames and decoder.takes_texts:
                texts, data = self._shape.split(data)
                yield from decoder.take_texts(texts)
            frame, blank, data = data.partition(_BLANK_LINE)
            if reader.limit_error is not None:
                return
            is_between = reader.is_between_frames
            for cut in reader.feed(frame + blank):
                delta = decoder.take_text_frame(cut)
                if delta is None:
                    yield from decoder.feed(cut)
                else:
                    yield delta
                    if is_between:
                        before, self._shape = self._shape, decoder.learn(frame, delta)
                        self._misses = 0 if before is None or before == self._shape else self._misses + 1

    def _read_comment(self, comment: bytes) -> Iterator[Delta]:
        """How far the prompt has been read: mlx says so in its signs of life, before anything of the reply."""
        if not self._decoder.has_begun and (match := _KEEP_ALIVE.fullmatch(comment.decode("ascii", "replace"))):
            read, total = int(match["read"]), int(match["total"])
            if 0 <= read <= total > 0:
                yield PromptProgressDelta(read, total)

    def _decode(self, frames: list[Frame]) -> Iterator[Delta]:
        for frame in frames:
            delta = self._decoder.take_text_frame(frame)
            if delta is not None:
                yield delta
            else:
                yield from self._decoder.feed(frame)

    def _collect(self, data: bytes) -> None:
        is_page = self.is_refusal or self._body[:1] == b"<" or (not self._body and data[:1] == b"<")
        most = self._limits.error_body_bytes if is_page else self._limits.frame_bytes
        self._body += data[: most - len(self._body) + 1]
        if len(self._body) > most:
            if not is_page:
                raise LimitError(
                    f"The endpoint sent a reply in one piece of more than {describe_size(most)}.",
                    "Try again, as a stream.",
                    limit="frame",
                )
            del self._body[most:]
            self._is_full = True

    def _close_stream(self, *, clean: bool) -> Iterator[Delta]:
        frame = self._reader.close()
        if frame is None:
            return
        # An end without the last blank line still ends well if what it says is whole. After a break only
        # `[DONE]` is taken: nothing can follow it.
        if frame.data.strip() == "[DONE]" or (clean and self._is_whole(frame)):
            yield from self._decode([frame])

    @staticmethod
    def _is_whole(frame: Frame) -> bool:
        try:
            return isinstance(parse_json(frame.data), dict)
        except FrameError:
            return False

    def _problem(self, *, clean: bool) -> RilletError | None:
        """What to say of a stream without a finish signal, where more is known than that it has none."""
        if not clean:
            return BrokenError("The connection broke before the reply was finished.", "Try again.")
        if self._inflater is not None:
            try:
                self._inflater.close()
            except TruncatedError as error:
                return error
        return self._unframed_problem()

    def _unframed_value(self) -> Any:
        """The JSON that was written into the stream without framing; `None` if there is none."""
        try:
            return parse_json(self._unframed_text)
        except FrameError:
            return None

    @property
    def _unframed_text(self) -> str:
        return "\n".join(self._reader.unframed).strip()

    def _unframed_problem(self) -> RilletError | None:
        """What was written into the stream without framing, if it is an error: Lemonade's bare JSON, a web page."""
        text = self._unframed_text
        if not text:
            return None
        value = self._unframed_value()
        if value is not None and find_words(value) is not None:
            return read_stream_error(value, secrets=self._secrets)
        if is_html(text):
            return self._page_error(text)
        if self._media == "text/event-stream":
            return None
        return FrameError(
            f"The endpoint sent text that is no reply: {tidy(text[:200], self._secrets)}", "Check its base URL."
        )

    def _close_body(self, *, clean: bool) -> Iterator[Delta]:
        text = self._body.decode("utf-8", "replace")
        if text.startswith("<"):
            raise self._page_error(text)
        try:
            value = parse_json(without_done(text))
        except FrameError:
            if not clean:
                raise BrokenError("The connection broke before the reply was whole.", "Try again.") from None
            if self._inflater is not None:
                self._inflater.close()
            raise FrameError(
                f"The endpoint sent something that is neither a stream nor JSON: {tidy(text[:200], self._secrets)}",
                "Check its base URL.",
            ) from None
        if not isinstance(value, dict):
            if find_words(value) is not None:
                raise read_stream_error(value, secrets=self._secrets)
            raise FrameError("The endpoint sent JSON that is not a reply.", "Check its base URL.")
        yield from self._decoder.whole(value)

    def _page_error(self, text: str) -> FrameError:
        return FrameError(
            f"The endpoint sent {describe_html(text)}, not an API reply.",
            "A network's login page, or a wrong base URL?",
        )
