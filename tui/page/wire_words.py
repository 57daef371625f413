"""What the wire log says of requests, of what frames bring, and of ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from tui.domain.delta import Delta, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta
from tui.domain.tape import Read, SentRequest, TapeEnd
from tui.page.framing import PREVIEW_CHARS, Framing
from tui.page.oddity import Oddity
from tui.page.wire_row import WireRow
from tui.wire.json_text import write_json


def end_row(end: TapeEnd, gap: float, odd: tuple[Oddity, ...] = ()) -> WireRow:
    """The row of an end."""
    tone = "muted" if end.kind == "eof" else "warning"
    return WireRow(end.at, gap, end.kind, tone, 0, end.message, end.message, odd=odd)


def last_rows(framing: Framing, before: float, end: TapeEnd | None, odd: tuple[Oddity, ...]) -> Iterator[WireRow]:
    """The rows after the last frame, which came `before`: a body that is no stream, what belongs to no frame, the end."""
    if framing.body_bytes:
        preview = framing.body_start.decode(errors="replace")
        yield WireRow(before, 0.0, "body", "", framing.body_bytes, preview)
    elif words := framing.unframed:
        yield WireRow(before, 0.0, "body", "", len(words), words[:PREVIEW_CHARS], words)
    if end is not None:
        yield end_row(end, end.at - before, odd)
    elif odd:
        yield replace(end_row(TapeEnd(before, "eof"), 0.0, odd), kind="end", tone="warning")


def written(deltas: list[Delta]) -> Iterator[tuple[str, int]]:
    """What there is to read in the deltas of a frame: its kind, and how many characters."""
    for delta in deltas:
        match delta:
            case TextDelta(text=text, replaces=False):
                yield "text", len(text)
            case ReasoningDelta(text=text, replaces=False):
                yield "thinking", len(text)
            case RefusalDelta(text=text, replaces=False):
                yield "refusal", len(text)
            case ToolCallDelta(name=name, arguments=arguments, replaces=False):
                yield "arguments", len(name) + len(arguments)
            case _:
                pass


def comment_text(reads: Iterable[Read]) -> str:
    """The comments in reads; of the frames among them there are rows of their own."""
    lines = b"".join(read.data for read in reads).splitlines()
    return b"\n".join(line for line in lines if line.startswith(b":")).decode(errors="replace")


def held_text(row: WireRow) -> str:
    """All that a row holds itself: of a frame its event, where it has one, and its data."""
    if (frame := row.said) is None:
        return row.text
    return frame.data if frame.event == "message" else f"event: {frame.event}\n{frame.data}"


def request_text(request: SentRequest) -> str:
    """A request as one JSON object: its line, its headers without a key, its body."""
    about = {"method": request.method, "url": request.url, "headers": dict(request.headers), "body": request.body}
    return write_json(about)


def is_left_out(request: SentRequest) -> bool:
    """Whether what was said in a request was left out, for it is long."""
    return any(request.body.get(name, ()) is None for name in ("messages", "input"))


def size_of(request: SentRequest) -> int:
    """The bytes of the body of a request; 0 where what was said in it was left out, for it is long."""
    import json

    if is_left_out(request):
        return 0
    return len(json.dumps(request.body, ensure_ascii=False).encode())
