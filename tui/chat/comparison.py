"""What a client built on httpx-sse would have seen of the same bytes, where that differs from what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from tui.domain.tape import Head
from tui.wire.sse import Frame

_Event = tuple[str, str]


def compare(head: Head, reads: Iterable[bytes], frames: Iterable[Frame]) -> Iterator[str]:
    """Decode a recorded body the way users of httpx-sse do, and tell each difference in a sentence. Nothing is held.

    Args:
        head: The response head; its media type and charset decide how httpx reads the body.
        reads: The body as it came off the wire.
        frames: The frames that are in it.
    """
    theirs = _Theirs(head, reads)
    tally = _Tally()
    tally.take(((frame.event, frame.data) for frame in frames), theirs.events())
    if theirs.is_refused:
        yield "a client built on httpx-sse would have refused the reply for its media type"
        return
    if theirs.fault:
        yield f"a client built on httpx-sse would have failed after {theirs.count:,} events: {theirs.fault}"
    phantoms = tally.empty_theirs - tally.empty_ours
    if phantoms > 0:
        events = "1 empty event that is" if phantoms == 1 else f"{phantoms:,} empty events that are"
        yield f"a client built on httpx-sse would have given {events} not in the stream, and json.loads fails on them"
    yield from tally.differences(head)


class _Theirs:
    """The events that httpx-sse gives of a body.

    Attributes:
        count: How many so far.
        is_refused: Whether it would not read it at all.
        fault: What made it stop.
    """

    def __init__(self, head: Head, reads: Iterable[bytes]) -> None:
        self._head, self._reads = head, reads
        self.count = 0
        self.is_refused = False
        self.fault = ""

    def events(self) -> Iterator[_Event]:
        """Each event, with its name and its data."""
        import httpx
        from httpx_sse import EventSource, SSEError

        headers = [
            (name.encode("utf-8", "replace"), value.encode("utf-8", "replace"))
            for name, value in self._head.headers.items()
        ]
        response = httpx.Response(self._head.status, headers=headers, content=iter(self._reads))
        try:
            for event in EventSource(response).iter_sse():
                self.count += 1
                yield event.event, event.data
        except SSEError:
            self.is_refused = True
        except httpx.HTTPError as error:
            self.fault = str(error)


class _Tally:
    """Compares two rows of events as they come: those with data one by one, those without by their number."""

    def __init__(self) -> None:
        self.empty_ours = self.empty_theirs = 0
        self._ours = self._theirs = self._wrong = 0
        self._is_without_first = True
        self._last = ""

    def take(self, ours: Iterable[_Event], theirs: Iterable[_Event]) -> None:
        """Take all events of both."""
        before: _Event | None = None
        for one, other in zip_longest(self._our_data(ours), self._their_data(theirs)):
            if one is not None:
                self._is_without_first = self._is_without_first and (not self._ours or one == before)
                self._ours += 1
                self._last = one[1]
            self._theirs += other is not None
            self._wrong += one is not None and other is not None and one != other
            before = other

    def _our_data(self, events: Iterable[_Event]) -> Iterator[_Event]:
        for event in events:
            if event[1]:
                yield event
            else:
                self.empty_ours += 1

    def _their_data(self, events: Iterable[_Event]) -> Iterator[_Event]:
        for event in events:
            if event[1]:
                yield event
            else:
                self.empty_theirs += 1

    def differences(self, head: Head) -> Iterator[str]:
        """How the events with data differ."""
        ours, theirs, wrong = self._ours, self._theirs, self._wrong
        if theirs == ours and not wrong:
            return
        if theirs == ours - 1 and self._is_without_first:
            yield "a client built on httpx-sse would have lost the first event"
        elif theirs == ours - 1 and not wrong:
            yield f"a client built on httpx-sse would have dropped the last event, “{self._last[:40]}”, for want of a blank line"
        elif theirs == ours:
            charset = head.headers.get("content-type", "").lower().partition("charset=")[2].strip(' "')
            why = f", for it believes the charset “{charset}”" if charset not in ("", "utf-8", "utf8") else ""
            yield f"a client built on httpx-sse would have read other text in {wrong:,} of {ours:,} events{why}"
        else:
            yield f"a client built on httpx-sse would have given {theirs:,} events where there are {ours:,}"
