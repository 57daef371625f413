"""What is wrong with a recorded stream, or worth knowing about it, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from tui.chat.checking.checker import Checker, is_json
from tui.chat.checking.rule import RULES, Finding
from tui.chat.checking.time import MANY
from tui.chat.comparison import compare
from tui.chat.fold import fold
from tui.domain.error import RilletError
from tui.domain.tape import Head, Tape
from tui.domain.turn import Prompt, Turn
from tui.wire.compression import Inflater
from tui.wire.sse import Frame, FrameReader

__all__ = ["MANY", "Finding", "Stream", "check", "rule_lines", "take_apart"]


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
        if last is not None and (last.data.strip() == "[DONE]" or is_json(last.data)):
            stream.frames.append((at, last))  # whole without its blank line, and taken as that
    except RilletError:
        pass  # the turn ends with the same error, and tells it
    fold(tape, stream.turn)
    return stream


def check(tape: Tape) -> list[Finding]:
    """Everything there is to say about a tape, in the order of the rules; what is wrong and what is not."""
    turn = fold(tape, Turn(Prompt(""), id="tape", dialect=tape.dialect, model=tape.model))
    checker = Checker(tape.dialect, tape.request, tape.model)
    if tape.response is not None:
        checker.head(tape.response)
        for read in tape.reads:
            checker.read(read)
    checker.close(turn)
    findings = checker.findings
    head = tape.response
    if head is not None and checker.frames and not checker.is_body and head.status < 300:
        differences = compare(head, (read.data for read in tape.reads), _frames_of(tape, head))
        findings += [Finding("httpx-sse", words, is_wrong=False) for words in differences]
    return findings


def _frames_of(tape: Tape, head: Head) -> Iterator[Frame]:
    """The frames of a tape, as far as they can be read."""
    reader = FrameReader(takes_error_field=True)
    try:
        inflater = Inflater(head.headers.get("content-encoding", ""))
        for read in tape.reads:
            for piece in inflater.feed(read.data):
                yield from reader.feed(piece)
        last = reader.close()
        if last is not None and (last.data.strip() == "[DONE]" or is_json(last.data)):
            yield last
    except RilletError:
        return


def rule_lines() -> list[str]:
    """Every rule, with what a client usually makes of what it finds."""
    return [
        line
        for code, rule in RULES.items()
        for line in (f"{'✗' if rule.is_wrong else '·'} {code:<18} {rule.words}", f"  {'':<18} {rule.effect}")
    ]
