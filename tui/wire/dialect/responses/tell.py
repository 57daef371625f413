"""Telling a reply as Responses do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from tui.domain.error import ConfigError
from tui.wire.teller import Teller, ToldCall, frame

_ID = "resp_told"


class _Item(Struct):
    """An item of the output; the done ones are listed at the end."""

    place: int
    kind: str
    text: str = ""
    done: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        return f"{_PREFIXES[self.kind]}_{self.place}"


_PREFIXES = {"text": "msg", "refusal": "msg", "reasoning": "rs", "call": "fc"}


class ResponsesTeller(Teller):
    """See `Teller`. An item is open at a time, but for calls that grow beside one another."""

    def __init__(self, model: str, *, with_usage: bool = True) -> None:
        """See `Teller`."""
        super().__init__(model, with_usage=with_usage)
        self._sequence = 0
        self._items: list[_Item] = []
        self._open: _Item | None = None

    def _event(self, type_: str, **more: Any) -> bytes:
        number, self._sequence = self._sequence, self._sequence + 1
        return frame({"type": type_, "sequence_number": number, **more}, type_)

    def _response(self, status: str, **more: Any) -> dict[str, Any]:
        head = {"id": _ID, "object": "response", "created_at": 0, "status": status, "model": self._model}
        rest: dict[str, Any] = {
            "output": [],
            "error": None,
            "incomplete_details": None,
            "usage": None,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }
        return {**head, **rest, **more}

    def _start(self) -> Iterator[bytes]:
        yield self._event("response.created", response=self._response("in_progress"))
        yield self._event("response.in_progress", response=self._response("in_progress"))

    def _enter(self, kind: str, item: dict[str, Any], part: dict[str, Any]) -> Iterator[bytes]:
        if self._open is not None and self._open.kind == kind:
            return
        yield from self._leave()
        self._open = opened = _Item(len(self._items), kind)
        self._items.append(opened)
        yield self._event("response.output_item.added", output_index=opened.place, item={"id": opened.id, **item})
        yield self._event("response.content_part.added", **self._at(opened), part=part)

    @staticmethod
    def _at(item: _Item) -> dict[str, Any]:
        return {"item_id": item.id, "output_index": item.place, "content_index": 0}

    def _leave(self) -> Iterator[bytes]:
        item = self._open
        if item is None:
            return
        self._open = None
        match item.kind:
            case "reasoning":
                part: dict[str, Any] = {"type": "reasoning_text", "text": item.text}
                yield self._event("response.reasoning_text.done", **self._at(item), text=item.text)
                done: dict[str, Any] = {
                    "id": item.id,
                    "type": "reasoning",
                    "summary": [],
                    "content": [part],
                    "status": "completed",
                }
            case "refusal":
                part = {"type": "refusal", "refusal": item.text}
                yield self._event("response.refusal.done", **self._at(item), refusal=item.text)
                done = self._message(item, part)
            case _:
                part = {"type": "output_text", "text": item.text, "annotations": [], "logprobs": []}
                yield self._event("response.output_text.done", **self._at(item), text=item.text, logprobs=[])
                done = self._message(item, part)
        yield self._event("response.content_part.done", **self._at(item), part=part)
        item.done = done
        yield self._event("response.output_item.done", output_index=item.place, item=done)

    @staticmethod
    def _message(item: _Item, part: dict[str, Any]) -> dict[str, Any]:
        return {"id": item.id, "type": "message", "status": "completed", "role": "assistant", "content": [part]}

    def _said(self, type_: str, text: str, **more: Any) -> Iterator[bytes]:
        if (item := self._open) is not None:
            item.text += text
            yield self._event(type_, **self._at(item), delta=text, **more)

    def _text(self, text: str) -> Iterator[bytes]:
        item: dict[str, Any] = {"type": "message", "status": "in_progress", "role": "assistant", "content": []}
        yield from self._enter("text", item, {"type": "output_text", "text": "", "annotations": [], "logprobs": []})
        yield from self._said("response.output_text.delta", text, logprobs=[])

    def _reasoning(self, text: str) -> Iterator[bytes]:
        item: dict[str, Any] = {"type": "reasoning", "status": "in_progress", "summary": [], "content": []}
        yield from self._enter("reasoning", item, {"type": "reasoning_text", "text": ""})
        yield from self._said("response.reasoning_text.delta", text)

    def _refusal(self, text: str) -> Iterator[bytes]:
        item: dict[str, Any] = {"type": "message", "status": "in_progress", "role": "assistant", "content": []}
        yield from self._enter("refusal", item, {"type": "refusal", "refusal": ""})
        yield from self._said("response.refusal.delta", text)

    def _call(self, index: int, call: ToldCall, arguments: str, *, is_new: bool) -> Iterator[bytes]:
        del index
        if is_new:
            yield from self._leave()
            opened = _Item(len(self._items), "call")
            self._items.append(opened)
            call.place = opened.place
            yield self._event("response.output_item.added", output_index=call.place, item=self._call_item(call, ""))
        if arguments:
            at = {"item_id": self._items[call.place].id, "output_index": call.place}
            yield self._event("response.function_call_arguments.delta", **at, delta=arguments)

    def _call_item(self, call: ToldCall, arguments: str, status: str = "in_progress") -> dict[str, Any]:
        item: dict[str, Any] = {"id": self._items[call.place].id, "type": "function_call", "status": status}
        return {**item, "call_id": call.id, "name": call.name, "arguments": arguments}

    def _usage(self) -> dict[str, Any] | None:
        usage = self.told.usage
        if usage is None:
            return None
        sent, output = usage.input or 0, usage.output or 0
        return {
            "input_tokens": sent,
            "input_tokens_details": {"cached_tokens": usage.cached or 0},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
            "total_tokens": usage.total if usage.total is not None else sent + output,
        }

    def _ended(self) -> dict[str, Any]:
        output = [item.done for item in self._items if item.done is not None]
        match self.told.end:
            case "length":
                why = {"reason": "max_output_tokens"}
                return self._response("incomplete", output=output, incomplete_details=why, usage=self._usage())
            case "filter":
                why = {"reason": "content_filter"}
                return self._response("incomplete", output=output, incomplete_details=why, usage=self._usage())
            case "other":
                raise ConfigError(f"the finish reason “{self.told.reason}” has no word in Responses")
            case _:
                return self._response("completed", output=output, usage=self._usage())

    def _finish(self) -> Iterator[bytes]:
        yield from self._leave()
        for call in self.told.calls.values():
            item = self._items[call.place]
            item.done = self._call_item(call, call.arguments, "completed")
            at = {"item_id": item.id, "output_index": call.place}
            yield self._event("response.function_call_arguments.done", **at, arguments=call.arguments)
            yield self._event("response.output_item.done", output_index=call.place, item=item.done)
        ended = self._ended()
        yield self._event(f"response.{ended['status']}", response=ended)

    def error(self, message: str) -> bytes:
        """See `Teller.error`."""
        return self._event("error", code="server_error", message=message, param=None)

    def whole(self) -> dict[str, Any]:
        """See `Teller.whole`."""
        return self._ended()
