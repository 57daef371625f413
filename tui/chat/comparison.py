"""What a client built on httpx-sse would have seen of the same bytes, where that differs from what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.domain.tape import Head
from tui.wire.sse import Frame


def compare(head: Head, reads: Sequence[bytes], frames: Sequence[Frame]) -> Iterator[str]:
    """Decode a recorded body the way users of httpx-sse do, and tell each difference in a sentence.

    Args:
        head: The response head; its media type and charset decide how httpx reads the body.
        reads: The body as it came off the wire.
        frames: The frames that are in it.
    """
    import httpx
    from httpx_sse import EventSource, SSEError

    headers = [
        (name.encode("utf-8", "replace"), value.encode("utf-8", "replace")) for name, value in head.headers.items()
    ]
    response = httpx.Response(head.status, headers=headers, content=iter(reads))
    theirs: list[tuple[str, str]] = []
    try:
        for event in EventSource(response).iter_sse():
            theirs.append((event.event, event.data))  # noqa: PERF401  # those before a fault are kept
    except SSEError:
        yield "a client built on httpx-sse would have refused the reply for its media type"
        return
    except httpx.HTTPError as error:
        yield f"a client built on httpx-sse would have failed after {len(theirs):,} events: {error}"
    ours = [(frame.event, frame.data) for frame in frames]
    phantoms = sum(not data for _, data in theirs) - sum(not data for _, data in ours)
    if phantoms > 0:
        events = "1 empty event that is" if phantoms == 1 else f"{phantoms:,} empty events that are"
        yield f"a client built on httpx-sse would have given {events} not in the stream, and json.loads fails on them"
    yield from _differences([one for one in ours if one[1]], [one for one in theirs if one[1]], head)


def _differences(ours: list[tuple[str, str]], theirs: list[tuple[str, str]], head: Head) -> Iterator[str]:
    if theirs == ours:
        return
    if theirs == ours[1:]:
        yield "a client built on httpx-sse would have lost the first event"
    elif theirs == ours[:-1]:
        yield f"a client built on httpx-sse would have dropped the last event, “{ours[-1][1][:40]}”, for want of a blank line"
    elif len(theirs) == len(ours):
        wrong = sum(one != other for one, other in zip(ours, theirs, strict=True))
        charset = head.headers.get("content-type", "").lower().partition("charset=")[2].strip(' "')
        why = f", for it believes the charset “{charset}”" if charset not in ("", "utf-8", "utf8") else ""
        yield f"a client built on httpx-sse would have read other text in {wrong:,} of {len(ours):,} events{why}"
    else:
        yield f"a client built on httpx-sse would have given {len(theirs):,} events where there are {len(ours):,}"
