"""Replies of the Responses dialect: events to deltas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui.domain.delta import (
    Delta,
    IdentityDelta,
    ImageDelta,
    ItemDelta,
    OddityDelta,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
)
from tui.domain.error import TruncatedError
from tui.domain.finish import describe_finish
from tui.wire.citation import CitationReader
from tui.wire.decoder import Decoder
from tui.wire.dialect.responses.function_call import grow_arguments, tell_approval, tell_call
from tui.wire.dialect.responses.output_item import ItemTable, OutputItem, Part, PartKey, Prose
from tui.wire.dialect.responses.prose import PART_KINDS, PROSE_EVENTS, QUIET_EVENTS, said
from tui.wire.dialect.responses.server_tool import TOOL_EVENT, tell_item, tell_progress
from tui.wire.dialect.responses.text_run import TextRun
from tui.wire.error_body import is_error_set
from tui.wire.json_text import clean_text, write_json
from tui.wire.limit import LIMITS, Limits
from tui.wire.sse import Frame
from tui.wire.text_frame import read_text_event
from tui.wire.usage import read_usage

_TERMINAL = frozenset({"completed", "done", "incomplete", "failed", "cancelled", "canceled"})
_CUT_ITEMS = {"function_call": "a tool call in it is incomplete", "message": "a message in it is incomplete"}


class ResponsesDecoder(Decoder):
    """Reads the events of one streamed response.

    The same text comes in deltas, in `.done` events, in the finished item and in the final object. Deltas
    are for the screen; what is told whole later replaces them only where it differs.
    """

    def __init__(self, limits: Limits = LIMITS, secrets: Sequence[str] = ()) -> None:
        """Start before the first event."""
        super().__init__(limits, secrets)
        self._table = ItemTable(limits)
        self._id = self._model = ""
        self._kept: set[int] = set()
        self._cut_item = ""
        self._sources = CitationReader(limits)
        self.run = self._run = TextRun(lambda: self._limits.reply_chars - self._chars, self._take_all)
        self.peek = self._run.peek

    def take_text_frame(self, frame: Frame) -> Delta | None:
        """See `Decoder.take_text_frame`."""
        if not self.takes_texts or frame.event == "error":
            return None
        event = read_text_event(frame.data)
        part = None if event is None else self._run.part_of(event)
        if event is None or part is None or not self._has_room(event.delta):
            return None
        self._bad_in_a_row = 0
        return self._run.take(event, part, frame.data)

    @property
    def takes_texts(self) -> bool:
        """See `Decoder.takes_texts`."""
        return not (self._run.latest is None or self.is_done or self._mender.is_waiting)

    def take_texts(self, texts: list[str]) -> Iterator[Delta] | tuple[Delta, ...]:
        """See `Decoder.take_texts`."""
        delta = self._run.take_seen(texts)
        if delta is None:
            return iter(())
        self._chars += len(delta.text)
        self._bad_in_a_row = 0
        return (delta,)

    def _read(self, chunk: Any, frame: Frame) -> Iterator[Delta]:
        self._run.latest = None
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
        self.has_begun = True
        sequence = chunk.get("sequence_number")
        if isinstance(sequence, int):
            expected = None if self._run.sequence is None else self._run.sequence + 1
            if expected is not None and sequence != expected:
                if sequence == self._run.sequence and frame.data == self._run.last_data:
                    yield OddityDelta("sequence", f"event {sequence} came twice")
                    return
                yield OddityDelta("sequence", f"event {sequence} came where {expected} was due")
            self._run.sequence = sequence
            self._run.last_data = frame.data
        subject, _, verb = type_.rpartition(".")
        prose = PROSE_EVENTS.get(subject)
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
                yield from tell_call(item, event, self._limits)
            case "response.output_item.added" | "response.output_item.done":
                if isinstance(output_item := event.get("item"), dict):
                    self._keep(frame)
                    yield from self._read_item(output_item, event.get("output_index"), is_done=type_.endswith("done"))
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
                yield from self._read_annotation(event)
            case "response.image_generation_call.partial_image":
                self._keep(frame)
                item = self._table.find(event, "image_generation_call")
                data, format_ = event.get("partial_image_b64"), event.get("output_format")
                yield from self._read_image(item, data, format_, is_partial=True)
            case "response.audio.transcript.delta" | "response.output_audio_transcript.delta":
                if isinstance(text := event.get("delta"), str) and text:
                    yield TextDelta(self._grow(text))
            case "response.compaction.compacting":
                yield tell_item(self._table.find(event, "compaction"), {"type": "compaction", "status": "in_progress"})
            case _ if (match := TOOL_EVENT.fullmatch(type_)) is not None:
                progress = tell_progress(self._table.find(event, match["tool"]), event, match)
                if isinstance(fragment := event.get("delta"), str):
                    self._grow(fragment)
                if progress is not None:
                    yield progress
            case _ if type_ in QUIET_EVENTS:
                if isinstance(response := event.get("response"), dict):
                    yield from self._read_identity(response)
            case _:
                yield OddityDelta("unknown event", type_[:80])

    def _read_done(self) -> Iterator[Delta]:
        # Not a finish signal in this dialect: a proxy appends it to whatever it was sent.
        self.is_done = True
        yield from ()

    def is_reply(self, value: dict[str, Any]) -> bool:
        """See `Decoder.is_reply`."""
        return isinstance(value.get("output"), list)

    def _read_whole(self, value: dict[str, Any]) -> Iterator[Delta]:
        self.has_begun = True
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
        model, response_id = ("" if self._model else model), ("" if self._id else response_id)
        if model or response_id:
            # llama.cpp names the model at the end only.
            self._model, self._id = self._model or model, self._id or response_id
            yield IdentityDelta(model, response_id)

    def _read_prose(
        self, event: dict[str, Any], prose: tuple[Prose, str, str, str, str], *, is_done: bool
    ) -> Iterator[Delta]:
        kind, item_type, where, place, member = prose
        text = event.get(member if is_done else "delta")
        if isinstance(text, dict):  # a summary's was told so once
            text = text.get("text")
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
                self._run.latest = (_word(event.get("item_id")), output_index, _place(event.get("content_index")), part)
            yield said(kind, text, part)

    def _tell_text(self, kind: Prose, part: Part, text: str) -> Iterator[Delta]:
        before = part.text
        if not text or text == before or clean_text(text) == clean_text(before):
            return
        if before:
            self._chars -= len(before)
            yield OddityDelta("text replaced", "the finished text differs from what was streamed; it is taken as it is")
        text = self._grow(text)
        part.fragments[:] = [text]
        yield said(kind, text, part, replaces=bool(before))

    def _tell_part(self, item: OutputItem, part: dict[str, Any], where: str, place: Any) -> Iterator[Delta]:
        kind_and_member = PART_KINDS.get(_word(part.get("type")))
        if kind_and_member is None:
            yield OddityDelta("unknown part", _word(part.get("type"))[:80])
            return
        kind, member = kind_and_member
        if isinstance(text := part.get(member), str):
            key: PartKey = (kind, where, _place(place))
            if text or key in item.parts:
                number = self._table.part(item, key).number
                yield from self._tell_text(kind, self._table.part(item, key), text)
                if isinstance(annotations := part.get("annotations"), list):
                    for annotation in annotations:
                        yield from self._sources.read(annotation, number)

    def _read_item(self, item: dict[str, Any], place: Any, *, is_done: bool) -> Iterator[Delta]:
        output_item = self._table.match(item, place) if is_done else None
        if output_item is None:
            output_item = self._table.open(item, place)
        yield from self._tell_item(output_item, item)
        if is_done:
            output_item.is_done = True
            yield from self._keep_item(output_item, item)

    def _tell_item(self, output_item: OutputItem, item: dict[str, Any]) -> Iterator[Delta]:
        match output_item.type:
            case "function_call":
                yield from tell_call(output_item, item, self._limits)
            case "mcp_approval_request":
                yield from tell_approval(output_item, item, self._limits)
            case "message":
                for place, part in enumerate(_objects(item.get("content"))):
                    yield from self._tell_part(output_item, part, "content", place)
            case "reasoning":
                # Reasoning may be streamed as a summary and told again as content: once is enough.
                has_parts = bool(output_item.parts)
                for where in ("summary", "content"):
                    for place, part in enumerate(_objects(item.get(where))):
                        if not has_parts or (ReasoningDelta, where, place) in output_item.parts:
                            yield from self._tell_part(output_item, part, where, place)
            case "image_generation_call":
                yield from self._read_image(output_item, item.get("result"), item.get("output_format"))
                yield tell_item(
                    output_item, {name: compaction for name, compaction in item.items() if name != "result"}
                )
            case "compaction":
                compaction = {"type": "compaction", "status": item.get("status") or "completed"}
                yield tell_item(output_item, {**compaction, "id": item.get("id")})
            case _ if output_item.is_server_tool:
                yield tell_item(output_item, item)
            case _:
                pass

    def _read_image(self, item: OutputItem, data: Any, format_: Any, *, is_partial: bool = False) -> Iterator[Delta]:
        if isinstance(data, str) and data:
            is_url = data.startswith(("https://", "data:"))
            kind = format_ if isinstance(format_, str) and format_.isalnum() else "png"
            yield ImageDelta(item.index, data if is_url else f"data:image/{kind};base64,{data}", is_partial)

    def _keep_item(self, output_item: OutputItem, item: dict[str, Any]) -> Iterator[Delta]:
        if item.get("status") == "incomplete":
            self._cut_item = self._cut_item or _CUT_ITEMS.get(output_item.type, "")
        if output_item.index not in self._kept:
            self._kept.add(output_item.index)
            yield ItemDelta(output_item.index, item)

    def _read_arguments(self, event: dict[str, Any]) -> Iterator[Delta]:
        text = event.get("delta")
        if isinstance(text, dict | list):
            text = write_json(text)
        if isinstance(text, str):
            item = self._table.find(event, "function_call")
            if text.startswith("{") and item.arguments.text == "{}":  # which stood in for the arguments to come
                yield from tell_call(item, {"arguments": text}, self._limits)
            else:
                yield from grow_arguments(item, text, self._limits)
        elif text is not None:
            yield self._bad(f"arguments that are a {type(text).__name__}")

    def _read_end(self, event: dict[str, Any], verb: str) -> Iterator[Delta]:
        response = event.get("response")
        response = response if isinstance(response, dict) else {}
        yield from self._read_identity(response)
        yield from self._read_envelope(_objects(response.get("output")))
        if not self._chars and isinstance(text := response.get("output_text"), str) and text:
            yield TextDelta(self._grow(text))  # all there is, where no item holds it
        usage, timings = response.get("usage"), event.get("timings")
        if (isinstance(usage, dict) and usage) or (isinstance(timings, dict) and timings):
            yield self._tell_usage(read_usage(usage if isinstance(usage, dict) else {}, timings))
        if isinstance(citations := response.get("citations"), list):
            for citation in citations:
                yield from self._sources.read(citation)
        details = response.get("incomplete_details")
        why = _word(details.get("reason")) if isinstance(details, dict) else ""
        status = _word(response.get("status")) or ("completed" if verb == "done" else verb)
        if verb == "incomplete" or status in ("queued", "in_progress"):
            # Whatever the response in it says of itself; some send along the one that they began with.
            status = "completed" if verb == "done" else verb
        if not describe_finish(status, why).is_cut:
            why = self._cut_item or self._unheard_call
        self.is_done = True
        yield from self._finish(status, why)
        if verb == "failed" or status == "failed" or is_error_set(response):
            raise self._fail(response if is_error_set(response) else event if is_error_set(event) else None)

    @property
    def _unheard_call(self) -> str:
        """What is wrong where a call was announced and nothing was said of it any more: its arguments never came."""
        calls = [item for item in self._table.items if item.type == "function_call"]
        is_unheard = any(not item.arguments.text and item.index not in self._kept for item in calls)
        return _CUT_ITEMS["function_call"] if is_unheard else ""

    def _read_envelope(self, output: list[dict[str, Any]]) -> Iterator[Delta]:
        """Take from the final object what was never streamed.

        Its ids may differ from those that were streamed, so items are matched by their order within a type.
        """
        streamed: dict[str, list[OutputItem]] = {}
        for item in self._table.items:
            streamed.setdefault(item.type, []).append(item)
        for member in output:
            queue = streamed.get(_word(member.get("type")), [])
            output_item = queue.pop(0) if queue else self._table.open(member)
            is_bare = output_item.type == "function_call" and output_item.arguments.text in ("", "{}")
            has_come = (output_item.is_done and not is_bare) or any(
                part.fragments for part in output_item.parts.values()
            )
            if not has_come or (output_item.call_index >= 0 and not output_item.is_done):
                yield from self._tell_item(output_item, member)
            yield from self._keep_item(output_item, member)

    def _read_annotation(self, event: dict[str, Any]) -> Iterator[Delta]:
        item = self._table.find(event, "message")
        part = self._table.part(item, (TextDelta, "content", _place(event.get("content_index"))))
        yield from self._sources.read(event.get("annotation"), part.number)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []


def _place(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
