"""Replies of the Messages dialect: events to deltas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui.domain.delta import (
    Delta,
    IdentityDelta,
    ItemDelta,
    OddityDelta,
    ReasoningDelta,
    ServerToolDelta,
    TextDelta,
    ToolCallDelta,
)
from tui.domain.error import FrameError, LimitError
from tui.domain.finish import describe_finish, is_reason
from tui.domain.quantity import describe_size
from tui.wire.citation import CitationReader
from tui.wire.decoder import Decoder
from tui.wire.dialect.messages.block import Block, server_state
from tui.wire.dialect.messages.text_frame import read_delta
from tui.wire.error_body import is_error_set
from tui.wire.frame_shape import FrameShape
from tui.wire.json_text import clean, parse_json, write_json
from tui.wire.limit import LIMITS, Limits
from tui.wire.sse import Frame
from tui.wire.usage import read_usage

_UNHEARD = "a tool call in it is incomplete"


class MessagesDecoder(Decoder):
    """Reads the events of one streamed message.

    Blocks may overlap, so an event belongs to the block of its index, whatever came last.
    """

    has_shapes = True

    def __init__(self, limits: Limits = LIMITS, secrets: Sequence[str] = ()) -> None:
        """Start before the first event."""
        super().__init__(limits, secrets)
        self._blocks: dict[int, Block] = {}
        self._count = 0
        self._counts: dict[str, int] = {}
        self._raw_usage: dict[str, Any] = {}
        self._latest: Block | None = None
        self._opened: Block | None = None
        self._sources = CitationReader(limits)

    @property
    def may_end(self) -> bool:
        """See `Decoder.may_end`; a call that has begun and brought nothing waits for its input."""
        return (self.has_finished or bool(self._reason)) and not self._has_unheard_call

    @property
    def _has_unheard_call(self) -> bool:
        """Whether a call began of which neither an input nor an end came."""
        blocks = self._blocks.values()
        return any(
            block.is_call and not block.is_over and not (block.text or block.raw.get("input")) for block in blocks
        )

    def take_text_frame(self, frame: Frame) -> Delta | None:
        """See `Decoder.take_text_frame`."""
        if self.may_end or self.is_done or frame.event == "error" or self._mender.is_waiting:
            return None
        delta = read_delta(frame.data)
        if delta is None:
            return None
        place, text, thought = delta
        block = self._blocks.get(place)
        if block is None or block.is_over or block.type != ("text" if text else "thinking"):
            return None
        if not self._has_room(text or thought):
            return None
        self._bad_in_a_row = 0
        block.fragments.append(text or thought)
        self._latest = block
        return TextDelta(text, block.number) if text else ReasoningDelta(thought, block.number)

    def learn(self, frame: bytes, delta: Delta) -> FrameShape | None:
        """See `Decoder.learn`."""
        return FrameShape.of(frame, b"text", delta.text) if isinstance(delta, TextDelta) else None

    @property
    def takes_texts(self) -> bool:
        """See `Decoder.takes_texts`."""
        block = self._latest
        return block is not None and not (block.is_over or self.may_end or self.is_done or self._mender.is_waiting)

    def take_texts(self, texts: list[str]) -> Iterator[Delta] | tuple[Delta, ...]:
        """See `Decoder.take_texts`."""
        if self._latest is None:
            return ()
        self._latest.fragments += texts
        return self._take_all(texts, self._latest.number)

    def _read(self, event: Any, frame: Frame) -> Iterator[Delta]:
        if not isinstance(event, dict):
            if frame.event == "error":
                raise self._fail(event)
            yield self._bad(f"an event that is a {type(event).__name__}")
            return
        type_ = event.get("type")
        if not isinstance(type_, str) or not type_:
            type_ = frame.event
        if type_ == "error" or frame.event == "error" or is_error_set(event):
            raise self._fail(event)
        match type_:
            case "message_start":
                self.has_begun = True
                if isinstance(message := event.get("message"), dict):
                    yield from self._read_start(message, frame)
            case "content_block_start":
                yield from self._read_block(event, frame)
            case "content_block_delta":
                yield from self._read_delta(event, frame)
            case "content_block_stop":
                if (block := self._blocks.get(_place(event))) is not None and not block.is_over:
                    yield from self._end_block(block)
            case "message_delta":
                self.has_begun = True
                yield from self._read_end(event)
            case "message_stop":
                yield from self._read_stop()
            case "ping":
                pass
            case _:
                yield OddityDelta("unknown event", type_[:80])

    def _read_stop(self) -> Iterator[Delta]:
        self.is_done = True
        yield from self._finish(self._reason, _UNHEARD if self._has_unheard_call else "")

    def _read_done(self) -> Iterator[Delta]:
        self.is_done = True
        if self._reason:
            yield from self._read_stop()

    def is_reply(self, value: dict[str, Any]) -> bool:
        """See `Decoder.is_reply`."""
        return isinstance(value.get("content"), list)

    def _read_whole(self, value: dict[str, Any]) -> Iterator[Delta]:
        self.has_begun = self.is_done = True
        yield from self._read_start(value, Frame(""))
        yield from self._note_reason(value)
        yield from self._finish(self._reason)

    def _settle(self) -> Iterator[Delta]:
        # A block that nobody ended is kept to be sent back only if the reply is whole, and then it is whole too.
        for block in list(self._blocks.values()):
            if not block.is_over:
                yield from self._end_block(block)
            if block.is_call and not block.text and self._reason:
                yield ToolCallDelta(block.number, arguments="{}")

    def _read_start(self, message: dict[str, Any], frame: Frame) -> Iterator[Delta]:
        model, response_id = _word(message.get("model")), _word(message.get("id"))
        if model or response_id:
            yield IdentityDelta(model, response_id)
        yield from self._read_usage(message.get("usage"))
        for place, block in enumerate(_objects(message.get("content"))):
            yield from self._read_block({"index": place, "content_block": block}, frame)
            yield from self._end_block(self._blocks[place])

    def _read_block(self, event: dict[str, Any], frame: Frame) -> Iterator[Delta]:
        content_block = event.get("content_block")
        if not isinstance(content_block, dict):
            yield self._bad("a block that is no object")
            return
        self.has_begun = True
        self._keep(frame)
        yield from self._note_growth()
        if self._count >= self._limits.items:
            raise LimitError(
                f"The endpoint sent more than {self._limits.items} blocks.", "No call is run; try again.", limit="items"
            )
        type_ = _word(content_block.get("type")) or "unknown"
        number = self._counts.get(type_, 0)
        if type_ == "tool_use" and number >= self._limits.calls:
            raise LimitError(
                f"The model asked for more than {self._limits.calls} tool calls at once.",
                "No call is run; try again.",
                limit="calls",
            )
        block = Block(self._count, type_, number, dict(content_block))
        before = self._opened
        if type_ == "text" and before is not None and before.type == "text" and before.is_over:
            block.number, block.begins = before.number, before.begins + len(before.text)
        else:
            self._counts[type_] = number + 1
        self._blocks[_place(event)] = self._opened = block
        self._count += 1
        match type_:
            case "text":
                yield from self._grow_prose(block, content_block.get("text"))
                for citation in _objects(content_block.get("citations")):
                    yield from self._cite(block, citation)
            case "thinking":
                yield from self._grow_prose(block, content_block.get("thinking"))
            case "tool_use":
                call_id, name = _word(content_block.get("id")), _word(content_block.get("name"))
                call_id = call_id or f"toolu_{number}_{self._id_hint()}"
                block.raw["id"] = call_id
                yield ToolCallDelta(number, call_id, name)
            case "redacted_thinking":
                pass
            case _ if block.is_server_tool:
                yield ServerToolDelta(block.place, server_state(block))
                for source in _objects(content_block.get("content")):
                    if source.get("url"):
                        yield from self._sources.read({"url": source["url"], "title": source.get("title")})
            case _:
                yield OddityDelta("unknown part", type_[:80])

    def _id_hint(self) -> str:
        return f"{self._count}"

    def _read_delta(self, event: dict[str, Any], frame: Frame) -> Iterator[Delta]:
        delta = event.get("delta")
        if not isinstance(delta, dict):
            yield self._bad("a delta that is no object")
            return
        self.has_begun = True
        type_ = _word(delta.get("type"))
        block = self._blocks.get(_place(event))
        if block is None:  # it was never announced
            implied = {"input_json_delta": "tool_use", "thinking_delta": "thinking", "signature_delta": "thinking"}
            yield from self._read_block({**event, "content_block": {"type": implied.get(type_, "text")}}, frame)
            block = self._blocks[_place(event)]
        match type_:
            case "text_delta":
                yield from self._grow_prose(block, delta.get("text"))
            case "thinking_delta":
                yield from self._grow_prose(block, delta.get("thinking"))
            case "input_json_delta":
                yield from self._grow_input(block, delta.get("partial_json"))
            case "signature_delta":
                self._keep(frame)
                block.raw["signature"] = _word(block.raw.get("signature")) + _word(delta.get("signature"))
            case "citations_delta":
                self._keep(frame)
                if isinstance(citation := delta.get("citation"), dict):
                    citations = block.raw.get("citations")
                    block.raw["citations"] = [*(citations if isinstance(citations, list) else []), citation]
                    yield from self._cite(block, citation)
            case _:
                yield OddityDelta("unknown part", type_[:80])

    def _grow_prose(self, block: Block, text: Any) -> Iterator[Delta]:
        if not isinstance(text, str):
            if text is not None:
                yield self._bad(f"text that is a {type(text).__name__}")
            return
        if not text:
            return
        yield from self._note_growth()
        text = self._grow(text)
        block.fragments.append(text)
        block.is_over = False  # what comes after its end belongs to it all the same
        yield (ReasoningDelta if block.type == "thinking" else TextDelta)(text, block.number)

    def _grow_input(self, block: Block, text: Any) -> Iterator[Delta]:
        if not isinstance(text, str):
            yield self._bad(f"arguments that are a {type(text).__name__}")
            return
        if not text:
            return
        yield from self._note_growth()
        replaces = block.text == "{}" and text.lstrip().startswith("{")
        if replaces:  # it stood in for the arguments to come
            block.fragments.clear()
            block.size = 0
        most = self._limits.arguments_chars
        fits = text[: max(0, most - block.size)]
        block.size += len(text)
        block.fragments.append(fits)
        if block.is_call:
            yield ToolCallDelta(block.number, arguments=fits, replaces=replaces)
        block.is_over = False
        if block.size > most:
            name = _word(block.raw.get("name"))[:80]
            raise LimitError(
                f"The arguments of the tool call {name!r} grew beyond {describe_size(most)}.",
                "The call is not run; try again.",
                limit="arguments",
            )

    def _end_block(self, block: Block) -> Iterator[Delta]:
        block.is_over = True
        raw = dict(block.raw)
        match block.type:
            case "text" | "thinking":
                raw["thinking" if block.type == "thinking" else "text"] = block.text
                if raw.get("citations") is None:
                    raw.pop("citations", None)
                for citation in _objects(raw.get("citations")):
                    yield from self._cite(block, citation)
            case _ if block.is_call or block.type.endswith("_tool_use"):
                if not block.text and isinstance(given := raw.get("input"), dict) and given:
                    # The whole input may stand where the block began; where there is none, it takes none or comes late.
                    block.fragments.append(write_json(given))
                    if block.is_call:
                        yield ToolCallDelta(block.number, arguments=block.text)
                raw["input"] = _object_of(block.text)
            case _:
                pass
        block.raw = raw
        if block.is_server_tool:
            yield ServerToolDelta(block.place, server_state(block))
        yield ItemDelta(block.place, clean(raw))

    def _note_growth(self) -> Iterator[Delta]:
        """Something of the message came: a stop reason before it was none yet."""
        if self.has_finished and not self._is_told:
            self.has_finished = False
            yield from self._note("late", "more of the reply came after a stop reason")

    def _read_end(self, event: dict[str, Any]) -> Iterator[Delta]:
        yield from self._read_usage(event.get("usage"))
        if isinstance(delta := event.get("delta"), dict):
            yield from self._note_reason(delta)

    def _note_reason(self, delta: Mapping[str, Any]) -> Iterator[Delta]:
        reason = delta.get("stop_reason")
        if isinstance(reason, str) and is_reason(reason):
            # No later word makes a message whole that was said to be cut.
            if not describe_finish(self._reason).is_cut or describe_finish(reason).is_cut:
                self._reason = reason
            self.has_finished = not self._has_unheard_call
        elif reason and not isinstance(reason, str):
            yield self._bad(f"a stop reason that is a {type(reason).__name__}")

    def _read_usage(self, usage: Any) -> Iterator[Delta]:
        if isinstance(usage, dict) and usage:
            # Counts are cumulative, and those of the start may be 0 until the end tells the true ones.
            raw = self._raw_usage
            raw.update(
                {name: value for name, value in usage.items() if value is not None and (value or name not in raw)}
            )
            yield self._tell_usage(read_usage(dict(self._raw_usage)))

    def _cite(self, block: Block, source: Mapping[str, Any]) -> Iterator[Delta]:
        """A source of a block; the places that it tells are in the source, and that in the answer is the block."""
        shown = {name: value for name, value in source.items() if not name.endswith("_index")}
        span = (block.begins, block.begins + len(block.text)) if block.is_over else None
        yield from self._sources.read(shown, block.number, span)


def _object_of(text: str) -> Any:
    try:
        value = parse_json(text)
    except FrameError:
        return {}
    return value if isinstance(value, dict) else {}


def _place(event: Mapping[str, Any]) -> int:
    place = event.get("index")
    return place if isinstance(place, int) else 0


def _objects(value: Any) -> list[dict[str, Any]]:
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
