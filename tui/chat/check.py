"""What is wrong with a recorded stream, or worth knowing about it, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from msgspec import Struct, field

from tui.chat.comparison import compare
from tui.chat.fold import fold
from tui.chat.structure import judge, schema_of_request
from tui.domain.doubt import NO_TEXT
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import EndpointError, RilletError
from tui.domain.tape import Head, Tape
from tui.domain.turn import Prompt, Turn, TurnState
from tui.schema.json_value import JsonError, parse_frozen
from tui.wire.compression import Inflater
from tui.wire.dialect import dialect_named, is_dialect
from tui.wire.json_text import parse_json
from tui.wire.sse import Frame, FrameReader
from tui.wire.written_call import describe_written_call, written_call

AT_ONCE = 0.005
"""Seconds within which a whole reply only comes if something holds it back until it is whole."""

MANY = 5
"""Frames of which that can be told."""

_BOM = b"\xef\xbb\xbf"


class Finding(Struct, frozen=True):
    """One thing about a stream: a short code, a sentence, and whether it is wrong or only worth knowing."""

    code: str
    words: str
    is_wrong: bool = True


class Stream(Struct):
    """A tape taken apart: every frame with its time, and the turn that it folds to."""

    tape: Tape
    head: Head
    turn: Turn
    frames: list[tuple[float, Frame]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    reader: FrameReader = field(default_factory=FrameReader)

    @property
    def is_stream(self) -> bool:
        """Whether the body is one of frames, and not one JSON object, a page, or a refusal."""
        return self.head.status < 300 and bool(self.frames)


def check(tape: Tape) -> list[Finding]:
    """Everything there is to say about a tape, in the order of its stages; what is wrong and what is not."""
    if tape.response is None:
        words = tape.end.message if tape.end is not None and tape.end.message else "the request was sent"
        return [Finding("no-answer", f"no answer came: {words}")]
    stream = take_apart(tape, tape.response)
    if stream.head.status >= 300:
        words = stream.turn.error.message if stream.turn.error else "no reason was given"
        return [Finding("refused", f"the endpoint refused with status {stream.head.status}: {words}")]
    found: list[Finding] = []
    for rule in (_of_head, _of_frames, _of_time, _of_ending, _of_reply, _of_oddities):
        found += rule(stream)
    if stream.is_stream:
        reads = [read.data for read in tape.reads]
        frames = [frame for _, frame in stream.frames]
        found += [Finding("httpx-sse", words, is_wrong=False) for words in compare(stream.head, reads, frames)]
    return found


def take_apart(tape: Tape, head: Head) -> Stream:
    """A tape with its head, taken apart as far as it can be."""
    stream = Stream(tape, head, Turn(Prompt(""), id="tape", dialect=tape.dialect, model=tape.model))
    at = 0.0
    try:
        inflater = Inflater(head.headers.get("content-encoding", ""))
        for read in tape.reads:
            at = read.at
            for piece in inflater.feed(read.data):
                stream.body += piece
                stream.frames += [(at, frame) for frame in stream.reader.feed(piece)]
        last = stream.reader.close()
        if last is not None and (last.data.strip() == "[DONE]" or _is_json(last.data)):
            stream.frames.append((at, last))  # whole without its blank line, and taken as that
    except RilletError:
        pass  # the turn ends with the same error, and tells it
    fold(tape, stream.turn)
    return stream


def _is_json(text: str) -> bool:
    try:
        return isinstance(parse_json(text), dict)
    except RilletError:
        return False


# -- rules -------------------------------------------------------------------------------------------------


def _of_head(stream: Stream) -> Iterator[Finding]:
    headers = stream.head.headers
    media = headers.get("content-type", "")
    if stream.is_stream and media.partition(";")[0].strip().lower() != "text/event-stream":
        yield Finding("media-type", f"the media type is “{media or 'missing'}” and should be “text/event-stream”")
    if not stream.is_stream and stream.body:
        yield Finding("no-stream", "the answer came in one piece, and not as a stream of frames")
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        words = f"the stream is compressed ({encoding}): whoever compresses must hold bytes back to do it"
        yield Finding("compressed", words, is_wrong=False)
    if stream.body.startswith(_BOM):
        yield Finding("bom", "the stream begins with a byte order mark; a client that does not expect it loses a frame")


def _of_frames(stream: Stream) -> Iterator[Finding]:
    if stream.reader.unframed:
        count, first = len(stream.reader.unframed), stream.reader.unframed[0][:60]
        yield Finding("unframed", f"{count} {'line belongs' if count == 1 else 'lines belong'} to no frame: “{first}”")
    is_done = any(frame.data.strip() == "[DONE]" for _, frame in stream.frames)
    if stream.is_stream and _needs_done(stream.tape) and not is_done:
        yield Finding("no-done", "[DONE] did not come: a client that waits for it waits until the connection ends")


def _needs_done(tape: Tape) -> bool:
    name = tape.dialect or DIALECT_NAMES[0]
    return is_dialect(name) and dialect_named(name).needs_done


def _of_time(stream: Stream) -> Iterator[Finding]:
    frames, reads = stream.frames, stream.tape.reads
    if len(frames) >= MANY and (spread := frames[-1][0] - frames[0][0]) <= AT_ONCE:
        words = f"all {len(frames)} frames came within {spread * 1000:.1f} ms"
        yield Finding("buffered", f"{words}: something between you and the endpoint is buffering")
    if not reads:
        return
    instants = [stream.head.at, *(read.at for read in reads)]
    gaps = [(after - before, number) for number, (before, after) in enumerate(pairwise(instants))]
    longest, number = max(gaps)
    if stream.head.at >= longest:
        yield Finding("silence", f"the longest silence was {stream.head.at:.3f} s, before the head", is_wrong=False)
        return
    count = sum(at <= instants[number] for at, _ in frames) if number else 0
    size = sum(len(read.data) for read in reads[:number])
    where = f"after frame {count} ({size:,} B)" if number else "between the head and the first byte"
    yield Finding("silence", f"the longest silence was {longest:.3f} s, {where}", is_wrong=False)


def _of_ending(stream: Stream) -> Iterator[Finding]:
    turn = stream.turn
    if turn.state is TurnState.STOPPED:
        yield Finding("stopped", "it was stopped by the person who asked", is_wrong=False)
    elif turn.error is not None:
        code = "error" if isinstance(turn.error, EndpointError) or turn.has_finished else "no-finish"
        prefix = "no finish reason came: " if code == "no-finish" else ""
        yield Finding(code, f"{prefix}{turn.error.message}")
    finish = turn.finish
    if turn.has_finished and finish.is_cut:
        yield Finding("cut", f"the reply was {finish.words} (“{turn.incomplete_reason or turn.finish_reason}”)")


def _of_reply(stream: Stream) -> Iterator[Finding]:
    turn, tape = stream.turn, stream.tape
    asked = tape.request.body if tape.request is not None else {}
    if turn.has_finished and turn.usage is None:
        options = asked.get("stream_options")
        was_asked = isinstance(options, dict) and bool(options.get("include_usage"))
        words = "no usage came" + (", although it was asked for" if was_asked else "")
        yield Finding("no-usage", words, is_wrong=was_asked)
    for call in turn.tool_calls:
        try:
            parse_frozen(call.arguments or "{}")
        except JsonError as error:
            yield Finding("arguments", f"the arguments of {call.name or 'a call without a name'} are not JSON: {error}")
    if not turn.tool_calls and (name := written_call(turn.text, _offered(asked))) is not None:
        yield Finding("written-call", describe_written_call(name))
    if turn.answered_by and tape.model and turn.answered_by != tape.model:
        words = f"“{tape.model}” was asked, and “{turn.answered_by}” answered"
        yield Finding("model", words, is_wrong=False)
    if (schema := schema_of_request(asked)) is not None and turn.body.size:
        verdict = judge(turn, schema)
        if verdict.kind in ("invalid", "cut"):
            yield Finding("schema", f"the reply does not follow the schema it was asked for: {verdict.words}")
        elif verdict.unjudged:
            yield Finding("schema", f"not judged of the reply's schema: {verdict.not_judged}", is_wrong=False)


def _offered(asked: Mapping[str, Any]) -> frozenset[str] | None:
    """The tools that a request told the model of, in any dialect; `None` where it cannot be told."""
    tools = asked.get("tools", ())
    if not isinstance(tools, list | tuple):
        return None
    named = (tool.get("function", tool) if isinstance(tool, Mapping) else {} for tool in tools)
    return frozenset(str(tool["name"]) for tool in named if isinstance(tool, Mapping) and "name" in tool)


def _of_oddities(stream: Stream) -> Iterator[Finding]:
    details: dict[str, list[str]] = {}
    for oddity in stream.turn.oddities:
        details.setdefault(oddity.kind, []).append(oddity.detail)
    for kind, found in details.items():
        code, is_wrong = _ODDITIES.get(kind, (kind.replace(" ", "-"), False))
        shown = ", ".join(dict.fromkeys(found[:3]))
        more = f" (and {len(found) - 3:,} more)" if len(found) > 3 else ""
        yield Finding(code, f"{_WORDS.get(kind, kind)}: {shown}{more}", is_wrong=is_wrong)


_ODDITIES = {
    "sequence": ("sequence", True),
    "bad frame": ("bad-frame", True),
    "unknown event": ("unknown-event", False),
    NO_TEXT: ("no-text", True),
}
_WORDS = {
    "sequence": "sequence numbers do not follow one another",
    "bad frame": "frames that make no sense were passed over",
    "unknown event": "events of a kind that is not known were passed over",
}
