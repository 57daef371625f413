"""Replies of the Responses dialect: events to deltas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tui.domain.delta import (
    CitationDelta,
    Delta,
    IdentityDelta,
    ItemDelta,
    OddityDelta,
    ReasoningDelta,
    RefusalDelta,
    ServerToolDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from tui.domain.error import LimitError, TruncatedError
from tui.wire.decoder import Decoder
from tui.wire.error_body import is_error_set
from tui.wire.json_text import write_json
from tui.wire.limit import LIMITS, Limits
from tui.wire.output_item import ItemTable, OutputItem, Part, PartKey, Prose
from tui.wire.sse import Frame
from tui.wire.usage import read_usage

_TERMINAL = frozenset({"completed", "done", "incomplete", "failed", "cancelled", "canceled"})
_QUIET = frozenset({"response.in_progress", "response.queued", "response.created", "response.compaction.compacting"})
_TOOL_EVENT = re.compile(
    r"response\.(?P<tool>\w+?_call|mcp_list_tools)(?:_(?P<field>code|arguments|input|output|output_content|command))?\.(?P<verb>\w+)"
)
_PROSE_EVENTS: dict[str, tuple[Prose, str, str, str, str]] = {
    f"response.{name}": (kind, item, where, place, told)
    for name, kind, item, where, place, told in (
        ("output_text", TextDelta, "message", "content", "content_index", "text"),
        ("refusal", RefusalDelta, "message", "content", "content_index", "refusal"),
        ("reasoning_text", ReasoningDelta, "reasoning", "content", "content_index", "text"),
        ("reasoning_summary_text", ReasoningDelta, "reasoning", "summary", "summary_index", "text"),
        ("reasoning_summary", ReasoningDelta, "reasoning", "summary", "summary_index", "text"),
        ("reasoning", ReasoningDelta, "reasoning", "content", "content_index", "text"),
    )
}
_PART_KINDS: dict[str, tuple[Prose, str]] = {
    "output_text": (TextDelta, "text"),
    "text": (TextDelta, "text"),
    "refusal": (RefusalDelta, "refusal"),
    "reasoning_text": (ReasoningDelta, "text"),
    "summary_text": (ReasoningDelta, "text"),
}


class _PlainEvent(msgspec.Struct):
    """A delta of text, with all that says where it belongs."""

    type: str
    delta: str
    item_id: str = ""
    output_index: int = -1
    content_index: int = 0
    sequence_number: int | None = None
    error: Any = None


_read_plain = msgspec.json.Decoder(_PlainEvent).decode


class ResponsesDecoder(Decoder):
    """Reads the events of one streamed response.

    The same text comes in deltas, in `.done` events, in the finished item and in the final object. Deltas
    are for the screen; what is told whole later replaces them only where it differs.
    """

    def __init__(self, limits: Limits = LIMITS, secrets: Sequence[str] = ()) -> None:
        """Start before the first event."""
        super().__init__(limits, secrets)
        self._table = ItemTable(limits)
        self._id = ""
        self._sequence: int | None = None
        self._last_data = ""
        self._kept: set[int] = set()
        self._urls: set[str] = set()
        self._latest: tuple[str, int, int, Part] | None = None

    def take_fragment(self, frame: Frame) -> Delta | None:
        """See `Decoder.take_fragment`."""
        # Nine events in ten add text to the part that the last one added to.
        if self._latest is None or self.is_done or frame.event == "error" or self._mender.is_waiting:
            return None
        item_id, output_index, content_index, part = self._latest
        try:
            event = _read_plain(frame.data)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return None
        sequence = event.sequence_number
        if (
            event.type != "response.output_text.delta"
            or not event.delta
            or event.item_id != item_id
            or event.output_index != output_index
            or event.content_index != content_index
            or event.error is not None
            or (sequence is not None and self._sequence is not None and sequence != self._sequence + 1)
            or not self._has_room(event.delta)
        ):
            return None
        if sequence is not None:
            self._sequence = sequence
            self._last_data = frame.data
        self._bad_in_a_row = 0
        part.fragments.append(event.delta)
        return TextDelta(event.delta, part.number)

    def _read(self, chunk: Any, frame: Frame) -> Iterator[Delta]:
        self._latest = None
        if not isinstance(chunk, dict):
            if frame.event == "error" or (
                isinstance(chunk, list) and any(isinstance(c, dict) and is_error_set(c) for c in chunk[:10])
            ):
                raise self._fail(chunk)
            yield self._bad(f"an event that is a {type(chunk).__name__}")
            return
        type_ = chunk.get("type")
        if not isinstance(type_, str) or not type_:
            type_ = frame.event
            if is_error_set(chunk):
                type_ = "error"
        if type_ in ("error", "response.error") or frame.event == "error":
            raise self._fail(chunk)
        self._has_begun = True
        sequence = chunk.get("sequence_number")
        if isinstance(sequence, int):
            expected = None if self._sequence is None else self._sequence + 1
            if expected is not None and sequence != expected:
                if sequence == self._sequence and frame.data == self._last_data:
                    yield OddityDelta("sequence", f"event {sequence} came twice")
                    return
                yield OddityDelta("sequence", f"event {sequence} came where {expected} was due")
            self._sequence = sequence
            self._last_data = frame.data
        subject, _, verb = type_.rpartition(".")
        prose = _PROSE_EVENTS.get(subject)
        if prose is not None and verb in ("delta", "done"):
            yield from self._read_prose(chunk, prose, is_done=verb == "done")
        elif subject == "response" and verb in _TERMINAL:
            yield from self._read_end(chunk, verb)
        else:
            yield from self._read_event(chunk, type_, frame)

    def _read_event(self, event: dict[str, Any], type_: str, frame: Frame) -> Iterator[Delta]:
        match type_:
            case "response.function_call_arguments.delta":
                yield from self._read_arguments(event)
            case "response.function_call_arguments.done":
                item = self._table.find(event, "function_call")
                yield from self._tell_call(item, {"arguments": event.get("arguments")})
            case "response.output_item.added" | "response.output_item.done":
                if isinstance(told := event.get("item"), dict):
                    self._keep(frame)
                    yield from self._read_item(told, event.get("output_index"), is_done=type_.endswith("done"))
                else:
                    yield self._bad("an output item that is no object")
            case "response.content_part.added" | "response.content_part.done":
                if isinstance(part := event.get("part"), dict):
                    of = "reasoning" if part.get("type") in ("reasoning_text", "summary_text") else "message"
                    yield from self._tell_part(self._table.find(event, of), part, "content", event.get("content_index"))
            case "response.reasoning_summary_part.added" | "response.reasoning_summary_part.done":
                if isinstance(part := event.get("part"), dict):
                    item = self._table.find(event, "reasoning")
                    yield from self._tell_part(item, part, "summary", event.get("summary_index"))
            case "response.output_text.annotation.added" | "response.output_text_annotation.added":
                yield from self._cite(event.get("annotation"))
            case _ if (found := _TOOL_EVENT.fullmatch(type_)) is not None:
                yield from self._read_tool_event(event, found)
            case _ if type_ in _QUIET:
                if isinstance(response := event.get("response"), dict):
                    yield from self._read_identity(response)
            case _:
                yield OddityDelta("unknown event", type_[:80])

    def _read_done(self) -> Iterator[Delta]:
        # Not a finish signal in this dialect: a proxy appends it to whatever it was sent.
        self.is_done = True
        yield from ()

    def _is_reply(self, value: dict[str, Any]) -> bool:
        return isinstance(value.get("output"), list)

    def _read_whole(self, value: dict[str, Any]) -> Iterator[Delta]:
        self._has_begun = True
        if value.get("status") in ("queued", "in_progress"):
            yield from self._read_identity(value)
            raise TruncatedError("The endpoint answered before the reply was finished.", "Try again.")
        yield from self._read_end({"response": value}, "completed")

    def _settle(self) -> Iterator[Delta]:
        for item in self._table.items:
            if item.type == "function_call" and not item.call_id:
                item.call_id = f"call_{item.call_index}_{self._id[-12:] or 'made'}"
                yield ToolCallDelta(item.call_index, item.call_id)

    def _read_identity(self, response: Mapping[str, Any]) -> Iterator[Delta]:
        model, response_id = _word(response.get("model")), _word(response.get("id"))
        if (model or response_id) and not self._id:
            self._id = response_id
            yield IdentityDelta(model, response_id)

    def _read_prose(
        self, event: dict[str, Any], prose: tuple[Prose, str, str, str, str], *, is_done: bool
    ) -> Iterator[Delta]:
        kind, item_type, where, place, told = prose
        text = event.get(told if is_done else "delta")
        if not isinstance(text, str):
            if text is not None:
                yield self._bad(f"text that is a {type(text).__name__}")
            return
        item = self._table.find(event, item_type)
        part = self._table.part(item, (kind, where, _place(event.get(place))))
        if is_done:
            yield from self._tell_text(kind, part, text)
        elif text:
            text = self._grow(text)
            part.fragments.append(text)
            if kind is TextDelta:
                output_index = event.get("output_index")
                output_index = output_index if isinstance(output_index, int) else -1
                self._latest = (_word(event.get("item_id")), output_index, _place(event.get("content_index")), part)
            yield kind(text, part.number)

    def _tell_text(self, kind: Prose, part: Part, text: str) -> Iterator[Delta]:
        known = part.text
        if not text or text == known:
            return
        if known:
            self._chars -= len(known)
            yield OddityDelta("text replaced", "the finished text differs from what was streamed; it is taken as it is")
        text = self._grow(text)
        part.fragments[:] = [text]
        yield kind(text, part.number, replaces=bool(known))

    def _tell_part(self, item: OutputItem, part: dict[str, Any], where: str, place: Any) -> Iterator[Delta]:
        known = _PART_KINDS.get(_word(part.get("type")))
        if known is None:
            yield OddityDelta("unknown part", _word(part.get("type"))[:80])
            return
        kind, member = known
        if isinstance(text := part.get(member), str):
            key: PartKey = (kind, where, _place(place))
            if text or key in item.parts:
                yield from self._tell_text(kind, self._table.part(item, key), text)
        if isinstance(annotations := part.get("annotations"), list):
            for annotation in annotations:
                yield from self._cite(annotation)

    def _read_item(self, item: dict[str, Any], place: Any, *, is_done: bool) -> Iterator[Delta]:
        known = self._table.match(item, place) if is_done else None
        if known is None:
            known = self._table.open(item, place)
        yield from self._tell_item(known, item)
        if is_done:
            known.is_done = True
            yield from self._keep_item(known, item)

    def _tell_item(self, known: OutputItem, item: dict[str, Any]) -> Iterator[Delta]:
        match known.type:
            case "function_call":
                yield from self._tell_call(known, item)
            case "message":
                for place, part in enumerate(_objects(item.get("content"))):
                    yield from self._tell_part(known, part, "content", place)
            case "reasoning":
                # Reasoning may be streamed as a summary and told again as content: once is enough.
                has_parts = bool(known.parts)
                for where in ("summary", "content"):
                    for place, part in enumerate(_objects(item.get(where))):
                        if not has_parts or (ReasoningDelta, where, place) in known.parts:
                            yield from self._tell_part(known, part, where, place)
            case _ if known.is_server_tool:
                known.state = {**known.state, **item}
                yield ServerToolDelta(known.index, known.state)
            case _:
                pass

    def _keep_item(self, known: OutputItem, item: dict[str, Any]) -> Iterator[Delta]:
        if known.index not in self._kept:
            self._kept.add(known.index)
            yield ItemDelta(known.index, item)

    def _tell_call(self, item: OutputItem, told: Mapping[str, Any]) -> Iterator[Delta]:
        call_id = "" if item.call_id else _word(told.get("call_id"))
        name = "" if item.name else _word(told.get("name"))
        item.call_id, item.name = item.call_id or call_id, item.name or name
        arguments = told.get("arguments")
        text = (
            arguments
            if isinstance(arguments, str)
            else write_json(arguments)
            if isinstance(arguments, dict | list)
            else ""
        )
        known = item.arguments.text
        replaces = bool(text and known and text != known)
        text = "" if text == known else text
        if replaces:
            item.size = 0
            item.arguments.fragments.clear()
        if call_id or name or text:
            yield from self._grow_arguments(
                item, text, ToolCallDelta(item.call_index, call_id, name, replaces=replaces)
            )

    def _read_arguments(self, event: dict[str, Any]) -> Iterator[Delta]:
        text = event.get("delta")
        if isinstance(text, dict | list):
            text = write_json(text)
        if isinstance(text, str):
            item = self._table.find(event, "function_call")
            yield from self._grow_arguments(item, text, ToolCallDelta(item.call_index))
        elif text is not None:
            yield self._bad(f"arguments that are a {type(text).__name__}")

    def _grow_arguments(self, item: OutputItem, text: str, delta: ToolCallDelta) -> Iterator[Delta]:
        most = self._limits.arguments_chars
        room = most - item.size
        item.size += len(text)
        text = text[: max(0, room)]
        item.arguments.fragments.append(text)
        yield ToolCallDelta(delta.index, delta.id, delta.name, text, replaces=delta.replaces)
        if item.size > most:
            raise LimitError(
                f"The arguments of the tool call {item.name[:80]!r} grew beyond {most >> 20} MB.",
                "The call is not run; try again.",
                limit="arguments",
            )

    def _read_tool_event(self, event: dict[str, Any], found: re.Match[str]) -> Iterator[Delta]:
        tool, field, verb = found["tool"], found["field"], found["verb"]
        item = self._table.find(event, tool)
        if field is None:
            if verb == "partial_image":
                return
            item.state = {**item.state, "type": item.type, "status": verb}
        elif verb == "delta":
            # Told again when it has grown by a sixteenth: telling the whole with each fragment is quadratic.
            fragment = event.get("delta")
            item.arguments.fragments.append(fragment if isinstance(fragment, str) else "")
            self._grow(item.arguments.fragments[-1])
            item.size += len(item.arguments.fragments[-1])
            if item.size - item.told <= item.told // 16:
                return
            item.told = item.size
            item.state = {**item.state, "type": item.type, field: item.arguments.text}
        else:
            whole = next((w for name in (field, "text") if (w := event.get(name)) is not None), item.arguments.text)
            item.arguments.fragments.clear()
            item.size = item.told = 0
            item.state = {**item.state, "type": item.type, field: whole}
        yield ServerToolDelta(item.index, item.state)

    def _read_end(self, event: dict[str, Any], verb: str) -> Iterator[Delta]:
        response = event.get("response")
        response = response if isinstance(response, dict) else {}
        yield from self._read_identity(response)
        yield from self._read_envelope(_objects(response.get("output")))
        usage, timings = response.get("usage"), event.get("timings")
        if (isinstance(usage, dict) and usage) or (isinstance(timings, dict) and timings):
            yield UsageDelta(read_usage(usage if isinstance(usage, dict) else {}, timings))
        if isinstance(citations := response.get("citations"), list):
            for citation in citations:
                yield from self._cite(citation)
        details = response.get("incomplete_details")
        why = _word(details.get("reason")) if isinstance(details, dict) else ""
        status = _word(response.get("status")) or ("completed" if verb == "done" else verb)
        self.is_done = True
        yield from self._finish(status, why)
        if verb == "failed" or status == "failed" or is_error_set(response):
            raise self._fail(response if is_error_set(response) else event if is_error_set(event) else None)

    def _read_envelope(self, output: list[dict[str, Any]]) -> Iterator[Delta]:
        """Take from the final object what was never streamed.

        Its ids may differ from those that were streamed, so items are matched by their order within a type.
        """
        streamed: dict[str, list[OutputItem]] = {}
        for item in self._table.items:
            streamed.setdefault(item.type, []).append(item)
        for told in output:
            queue = streamed.get(_word(told.get("type")), [])
            known = queue.pop(0) if queue else self._table.open(told)
            has_come = known.is_done or any(part.fragments for part in known.parts.values())
            if not has_come or (known.call_index >= 0 and not known.is_done):
                yield from self._tell_item(known, told)
            yield from self._keep_item(known, told)

    def _cite(self, annotation: Any) -> Iterator[Delta]:
        title: Any = ""
        if isinstance(annotation, dict):
            annotation, title = annotation.get("url"), annotation.get("title")
        if (
            isinstance(annotation, str)
            and annotation
            and annotation not in self._urls
            and len(self._urls) < self._limits.citations
        ):
            self._urls.add(annotation)
            yield CitationDelta(annotation, title if isinstance(title, str) else "")


def _objects(value: Any) -> list[dict[str, Any]]:
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []


def _place(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
