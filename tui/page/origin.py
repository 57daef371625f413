"""Origins: which frame brought each character of a reply, in a few bytes a frame; and what a frame brought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from tui.domain.delta import (
    Delta,
    IdentityDelta,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from tui.domain.error import RilletError
from tui.page.spans import Packed, Spans
from tui.wire.dialect import dialect_named, is_dialect
from tui.wire.frame_shape import FrameShape
from tui.wire.numbered_shape import NumberedShape
from tui.wire.sse import Frame

Strand = Literal["text", "thought", "refusal", "arguments", "name", "finish", "usage", "model"]
"""A text of a reply that grows, or one of its facts."""


class Range(NamedTuple):
    """Characters of a part of a strand, as they came: from one up to another."""

    strand: Strand
    part: int
    start: int
    end: int


class Brought(Struct, frozen=True):
    """The strands and facts of a reply whose end has come, to be kept: see `Origins`."""

    strands: list[tuple[Strand, int, int, list[Packed]]]
    facts: dict[Strand, list[int]]


class Origins:
    """The strands of one reply, and the frames that brought them: folded as `Turn.apply` folds deltas."""

    def __init__(self) -> None:
        """Start before the first frame."""
        self._strands: dict[tuple[Strand, int], Spans] = {}
        self._facts: dict[Strand, list[int]] = {"finish": [], "usage": [], "model": []}

    @property
    def brought_by_all(self) -> Brought:
        """What all frames brought."""
        strands = [(strand, part, spans.size, spans.packed) for (strand, part), spans in self._strands.items()]
        return Brought(strands, self._facts)

    def resume(self, brought: Brought) -> None:
        """Know what another has noted."""
        self._strands = {(strand, part): Spans(size, packed) for strand, part, size, packed in brought.strands}
        self._facts |= brought.facts

    def take_text(self, delta: TextDelta, frame: int) -> None:
        """Note what a frame brought that adds to the text and does nothing else, as nine in ten do."""
        spans = self._strands.get(("text", delta.part))
        if spans is None:
            spans = self._strands[("text", delta.part)] = Spans()
        spans.grow(len(delta.text), frame)

    def take_texts(self, part: int, counts: Sequence[int], frame: int) -> None:
        """Note how many characters of text frames from one of a number on brought each, and nothing else."""
        spans = self._strands.get(("text", part))
        if spans is None:
            spans = self._strands[("text", part)] = Spans()
        spans.grow_all(counts, frame)

    def take(self, delta: Delta, frame: int) -> None:
        """Note what a frame brought."""
        match delta:
            case TextDelta(text=text, part=part, replaces=replaces):
                self._grow(("text", part), text, frame, replaces=replaces)
            case ReasoningDelta(text=text, part=part, replaces=replaces):
                self._grow(("thought", part), text, frame, replaces=replaces)
            case RefusalDelta(text=text, part=part, replaces=replaces):
                self._grow(("refusal", part), text, frame, replaces=replaces)
            case ToolCallDelta(index=index, name=name, arguments=arguments, replaces=replaces):
                self._grow(("name", index), name, frame)
                self._grow(("arguments", index), arguments, frame, replaces=replaces)
            case UsageDelta():
                self._note("usage", frame)
            case IdentityDelta():
                self._note("model", frame)
            case _:
                pass

    def finish(self, frame: int) -> None:
        """A frame said why the reply ends."""
        self._facts["finish"] = [frame]

    def frame_of(self, strand: Strand, part: int = 0, at: int = 0) -> int | None:
        """The frame that brought a character, or that told a fact last; `None` where no frame did."""
        if (frames := self._facts.get(strand)) is not None:
            return frames[0 if strand == "model" else -1] if frames else None
        spans = self._strands.get((strand, part))
        return spans.frame_at(at) if spans is not None else None

    def brought(self, frame: int) -> list[Range]:
        """Everything that a frame brought."""
        return list(self._brought(frame))

    def _brought(self, frame: int) -> Iterator[Range]:
        for (strand, part), spans in self._strands.items():
            if (span := spans.of_frame(frame)) is not None:
                yield Range(strand, part, *span)
        for fact, frames in self._facts.items():
            if frame in frames:
                yield Range(fact, 0, 0, 0)

    def _grow(self, key: tuple[Strand, int], text: str, frame: int, *, replaces: bool = False) -> None:
        if text or replaces:
            spans = self._strands.get(key)
            if spans is None:
                spans = self._strands[key] = Spans()
            spans.grow(len(text), frame, replaces=replaces)

    def _note(self, fact: Strand, frame: int) -> None:
        frames = self._facts[fact]
        if len(frames) > 1 and fact == "usage":
            del frames[1:]  # some tell it with every frame: the first, and the last, which is the true one
        if fact == "usage" or not frames:
            frames.append(frame)


class FrameAccount:
    """Reads the frames of a reply as the reply was read, and notes what each brought.

    What cannot be read brings nothing: how a reply goes wrong is told elsewhere.
    """

    def __init__(self, dialect: str) -> None:
        """Start before the first frame, in the dialect of that name."""
        self.origins = Origins()
        self.is_broken = not is_dialect(dialect)
        self.was_fragment = False
        """Whether the last frame brought one text and said nothing else."""
        self._decoder = None if not is_dialect(dialect) else dialect_named(dialect).decoder()
        self._text: TextDelta | None = None
        self._shape: FrameShape | NumberedShape | None = None

    def take(self, frame: Frame, number: int) -> list[Delta]:
        """What a frame says, which has this number."""
        decoder = self._decoder
        self.was_fragment = False
        self._text = self._shape = None
        if decoder is None or self.is_broken or decoder.is_done:
            return []
        delta = decoder.take_text_frame(frame)
        if delta is not None:
            self.was_fragment = True
            if type(delta) is TextDelta:
                self._text = delta
                self.origins.take_text(delta, number)
            else:
                self.origins.take(delta, number)
            return [delta]
        deltas: list[Delta] = []
        could_end = decoder.may_end
        try:
            for each in decoder.feed(frame):
                self.origins.take(each, number)
                deltas.append(each)
        except RilletError:
            self.is_broken = True
        if decoder.may_end and not could_end:
            self.origins.finish(number)  # its delta is given when nothing can follow any more
        return deltas

    def learn(self, record: bytes) -> None:
        """These are the bytes of the frame that was taken last, without its blank line: others may be like it."""
        if self._decoder is not None and self._text is not None:
            run = self._decoder.run
            self._shape = self._decoder.learn(record, self._text) if run is None else run.learn(record, self._text.text)

    def texts_in(self, data: bytes) -> list[str]:
        """The texts of the frames at the beginning of these bytes that are like the one last learnt in all but their text."""
        decoder, shape = self._decoder, self._shape
        if shape is None or decoder is None or self.is_broken or decoder.is_done or not decoder.takes_texts:
            return []
        return shape.split(data) if isinstance(shape, NumberedShape) else shape.split(data)[0]

    def take_texts(self, texts: list[str], number: int) -> None:
        """Take frames by their texts, from one of this number on."""
        if self._decoder is not None and self._text is not None:
            counts: list[int] = []
            decoder, shape = self._decoder, self._shape
            if isinstance(shape, NumberedShape) and decoder.run is not None:
                deltas: Iterable[Delta] = decoder.run.take_all(texts, shape.last)
            else:
                deltas = decoder.take_texts(texts)
            try:
                counts += (len(delta.text) for delta in deltas if isinstance(delta, TextDelta))
            except RilletError:
                self.is_broken = True  # the reply has grown beyond a limit
            self.origins.take_texts(self._text.part, counts, number)

    def take_whole(self, text: str) -> None:
        """What a reply in one piece says: its body counts as frame 0."""
        from tui.wire.json_text import parse_json
        from tui.wire.reply import without_done

        try:
            value = parse_json(without_done(text))
            if self._decoder is not None and isinstance(value, dict):
                for delta in self._decoder.whole(value):
                    self.origins.take(delta, 0)
                self.close(0)
        except RilletError:
            self.is_broken = True

    def close(self, number: int) -> list[Delta]:
        """What was held back until the end: the last frame brought it."""
        deltas: list[Delta] = []
        if self._decoder is None or self.is_broken:
            return deltas
        try:
            for delta in self._decoder.close():
                self.origins.take(delta, number)
                deltas.append(delta)
        except RilletError:
            self.is_broken = True
        return deltas
