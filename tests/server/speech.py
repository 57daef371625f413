"""How a good reply is said in each dialect, frame by frame, as bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

MODEL = "scripted-1"
CREATED = 1770000000


def frame(value: Any, event: str = "") -> bytes:
    """One SSE frame holding a JSON value (or a string as it is)."""
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return (f"event: {event}\n" if event else "").encode() + b"data: " + data.encode() + b"\n\n"


def unnumbered(data: bytes) -> bytes:
    """A frame that can be said again and again: with its sequence number it would count as the same one twice."""
    return re.sub(rb'"sequence_number":\d+,', b"", data)


class ChatSpeech:
    """Chat Completions, as xAI streams them."""

    dialect = "chat"

    def __init__(self, model: str = MODEL) -> None:
        self.model = model
        self.calls = 0
        self.words = 0
        self._told_role = False

    def chunk(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice: dict[str, Any] = {"index": 0, "delta": delta}
        if finish is not None:
            choice["finish_reason"] = finish
        return frame({**self._base(), "choices": [choice], **more, "system_fingerprint": "fp_scripted"})

    def start(self) -> list[bytes]:
        return []

    def text(self, text: str) -> list[bytes]:
        self.words += 1
        return [self._said({"content": text})]

    def reasoning(self, text: str) -> list[bytes]:
        return [self._said({"reasoning_content": text})]

    def call(self, call_id: str, name: str, fragments: Iterable[str]) -> list[bytes]:
        index = self.calls
        self.calls += 1
        function = {"name": name, "arguments": ""}
        opening = {"index": index, "id": call_id, "type": "function", "function": function}
        frames = [self._said({"tool_calls": [opening]})]
        frames += [
            self._said({"tool_calls": [{"index": index, "function": {"arguments": part}}]}) for part in fragments
        ]
        return frames

    def finish(self, reason: str = "", *, usage: bool = True) -> list[bytes]:
        frames = [self.chunk({}, reason or ("tool_calls" if self.calls else "stop"))]
        if usage:
            frames.append(frame({**self._base(), "choices": [], "usage": self.usage()}))
        return frames

    def usage(self) -> dict[str, Any]:
        words = max(self.words, 1)
        return {
            "prompt_tokens": 9,
            "completion_tokens": words,
            "total_tokens": 9 + words,
            "prompt_tokens_details": {"cached_tokens": 4},
        }

    def done(self) -> list[bytes]:
        return [b"data: [DONE]\n\n"]

    def whole(self, text: str) -> dict[str, Any]:
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return {**self._base(), "object": "chat.completion", "choices": [choice], "usage": self.usage()}

    def _base(self) -> dict[str, Any]:
        return {
            "id": "5f0b7a52-5d0e-4e43-9a53-0d8e0c3f1b11",
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": self.model,
        }

    def _said(self, delta: dict[str, Any]) -> bytes:
        if not self._told_role:
            self._told_role = True
            delta = {**delta, "role": "assistant"}
        return self.chunk(delta)


class ResponsesSpeech:
    """Responses: every item is opened, streamed and closed."""

    dialect = "responses"

    def __init__(self, model: str = MODEL) -> None:
        self.model = model
        self.calls = 0
        self.words = 0
        self._items: list[dict[str, Any]] = []
        self._open = ""
        self._text = ""
        self._sequence = 0

    def event(self, kind: str, **more: Any) -> bytes:
        value = {"type": kind, "sequence_number": self._sequence, **more}
        self._sequence += 1
        return frame(value, kind)

    def start(self) -> list[bytes]:
        envelope = self.envelope("in_progress")
        return [
            self.event("response.created", response=envelope),
            self.event("response.in_progress", response=envelope),
        ]

    def text(self, text: str) -> list[bytes]:
        self.words += 1
        frames = self._switch("message")
        self._text += text
        frames.append(self.event("response.output_text.delta", **self._place(), content_index=0, delta=text))
        return frames

    def reasoning(self, text: str) -> list[bytes]:
        frames = self._switch("reasoning")
        self._text += text
        frames.append(self.event("response.reasoning_summary_text.delta", **self._place(), summary_index=0, delta=text))
        return frames

    def call(self, call_id: str, name: str, fragments: Iterable[str]) -> list[bytes]:
        frames = self._switch("")
        self.calls += 1
        item = {"type": "function_call", "id": f"fc_{self.calls}", "call_id": call_id, "name": name}
        index = len(self._items)
        place = {"item_id": item["id"], "output_index": index}
        opening = {**item, "arguments": "", "status": "in_progress"}
        frames.append(self.event("response.output_item.added", output_index=index, item=opening))
        arguments = ""
        for part in fragments:
            arguments += part
            frames.append(self.event("response.function_call_arguments.delta", **place, delta=part))
        frames.append(self.event("response.function_call_arguments.done", **place, arguments=arguments))
        closed = {**item, "arguments": arguments, "status": "completed"}
        self._items.append(closed)
        frames.append(self.event("response.output_item.done", output_index=index, item=closed))
        return frames

    def finish(self, reason: str = "", *, usage: bool = True) -> list[bytes]:
        frames = self._switch("")
        if reason in {"length", "content_filter"}:
            why = "max_output_tokens" if reason == "length" else reason
            envelope = {**self.envelope("incomplete", usage=usage), "incomplete_details": {"reason": why}}
            return [*frames, self.event("response.incomplete", response=envelope)]
        return [*frames, self.event("response.completed", response=self.envelope("completed", usage=usage))]

    def usage(self) -> dict[str, Any]:
        words = max(self.words, 1)
        return {
            "input_tokens": 9,
            "input_tokens_details": {"cached_tokens": 4},
            "output_tokens": words,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 9 + words,
        }

    def done(self) -> list[bytes]:
        return []

    def whole(self, text: str) -> dict[str, Any]:
        part = {"type": "output_text", "text": text, "annotations": []}
        item = {"type": "message", "id": "msg_0", "role": "assistant", "status": "completed", "content": [part]}
        return {**self.envelope("completed", usage=True), "output": [item]}

    def envelope(self, status: str, *, usage: bool = False) -> dict[str, Any]:
        return {
            "id": "resp_5f0b7a52",
            "object": "response",
            "created_at": CREATED,
            "status": status,
            "model": self.model,
            "output": list(self._items) if status != "in_progress" else [],
            "error": None,
            "incomplete_details": None,
            "usage": self.usage() if usage else None,
        }

    def _place(self) -> dict[str, Any]:
        prefix = "msg" if self._open == "message" else "rs"
        return {"item_id": f"{prefix}_{len(self._items)}", "output_index": len(self._items)}

    def _switch(self, kind: str) -> list[bytes]:
        if kind == self._open:
            return []
        frames = self._close()
        self._open = kind
        if kind == "message":
            item: dict[str, Any] = {"type": "message", "role": "assistant", "status": "in_progress", "content": []}
            part: dict[str, Any] = {"type": "output_text", "text": "", "annotations": []}
            opening = ("response.content_part.added", {"content_index": 0, "part": part})
        elif kind == "reasoning":
            item = {"type": "reasoning", "summary": [], "status": "in_progress"}
            part = {"type": "summary_text", "text": ""}
            opening = ("response.reasoning_summary_part.added", {"summary_index": 0, "part": part})
        else:
            return frames
        place = self._place()
        item = {**item, "id": place["item_id"]}
        frames.append(self.event("response.output_item.added", output_index=place["output_index"], item=item))
        frames.append(self.event(opening[0], **place, **opening[1]))
        return frames

    def _close(self) -> list[bytes]:
        if not self._open:
            return []
        place, text = self._place(), self._text
        if self._open == "message":
            part = {"type": "output_text", "text": text, "annotations": []}
            item: dict[str, Any] = {"type": "message", "role": "assistant", "content": [part]}
            frames = [
                self.event("response.output_text.done", **place, content_index=0, text=text),
                self.event("response.content_part.done", **place, content_index=0, part=part),
            ]
        else:
            part = {"type": "summary_text", "text": text}
            item = {"type": "reasoning", "summary": [part], "encrypted_content": "c2VjcmV0"}
            frames = [
                self.event("response.reasoning_summary_text.done", **place, summary_index=0, text=text),
                self.event("response.reasoning_summary_part.done", **place, summary_index=0, part=part),
            ]
        item = {**item, "id": place["item_id"], "status": "completed"}
        frames.append(self.event("response.output_item.done", output_index=place["output_index"], item=item))
        self._items.append(item)
        self._open = self._text = ""
        return frames


class MessagesSpeech:
    """Messages: blocks with an index, between the start of a message and its end."""

    dialect = "messages"
    _REASONS = {"length": "max_tokens", "content_filter": "refusal", "stop": "end_turn", "tool_calls": "tool_use"}

    def __init__(self, model: str = MODEL) -> None:
        self.model = model
        self.calls = 0
        self.words = 0
        self._index = -1
        self._open = ""

    def event(self, kind: str, **more: Any) -> bytes:
        return frame({"type": kind, **more}, kind)

    def start(self) -> list[bytes]:
        message = {"id": "msg_5f0b7a52", "type": "message", "role": "assistant", "content": [], "model": self.model}
        usage = {**self.usage(), "output_tokens": 0}
        more = {"stop_reason": None, "stop_sequence": None, "usage": usage}
        return [self.event("message_start", message={**message, **more}), self.event("ping")]

    def text(self, text: str) -> list[bytes]:
        self.words += 1
        return [*self._switch("text", text=""), self._delta(type="text_delta", text=text)]

    def reasoning(self, text: str) -> list[bytes]:
        return [*self._switch("thinking", thinking=""), self._delta(type="thinking_delta", thinking=text)]

    def call(self, call_id: str, name: str, fragments: Iterable[str]) -> list[bytes]:
        self.calls += 1
        frames = [*self._close(), *self._switch("tool_use", id=call_id, name=name, input={})]
        frames += [self._delta(type="input_json_delta", partial_json=part) for part in fragments]
        return [*frames, *self._close()]

    def finish(self, reason: str = "", *, usage: bool = True) -> list[bytes]:
        reason = reason or ("tool_calls" if self.calls else "stop")
        delta = {"stop_reason": self._REASONS.get(reason, reason), "stop_sequence": None}
        more = {"usage": {"output_tokens": self.usage()["output_tokens"]}} if usage else {}
        return [*self._close(), self.event("message_delta", delta=delta, **more), self.event("message_stop")]

    def usage(self) -> dict[str, Any]:
        return {"input_tokens": 5, "cache_read_input_tokens": 4, "output_tokens": max(self.words, 1)}

    def done(self) -> list[bytes]:
        return []

    def whole(self, text: str) -> dict[str, Any]:
        message = {"id": "msg_5f0b7a52", "type": "message", "role": "assistant", "model": self.model}
        content = [{"type": "text", "text": text}]
        return {**message, "content": content, "stop_reason": "end_turn", "usage": self.usage()}

    def _delta(self, **delta: Any) -> bytes:
        return self.event("content_block_delta", index=self._index, delta=delta)

    def _switch(self, kind: str, **block: Any) -> list[bytes]:
        if kind == self._open:
            return []
        frames = self._close()
        self._open = kind
        self._index += 1
        frames.append(self.event("content_block_start", index=self._index, content_block={"type": kind, **block}))
        return frames

    def _close(self) -> list[bytes]:
        if not self._open:
            return []
        frames = []
        if self._open == "thinking":
            frames.append(self._delta(type="signature_delta", signature="c2VjcmV0"))
        self._open = ""
        return [*frames, self.event("content_block_stop", index=self._index)]


Speech = ChatSpeech | ResponsesSpeech | MessagesSpeech
