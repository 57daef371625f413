"""Telling a reply as Chat Completions do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui.wire.teller import EndWord, Teller, ToldCall, frame

_REASONS: dict[EndWord, str] = {"stop": "stop", "tools": "tool_calls", "length": "length", "filter": "content_filter"}
_ID = "chatcmpl-told"


class ChatTeller(Teller):
    """See `Teller`."""

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> bytes:
        choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
        return frame({**self._head("chat.completion.chunk"), "choices": choices})

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": _ID, "object": kind, "created": 0, "model": self._model}

    def _start(self) -> Iterator[bytes]:
        yield self._chunk({"role": "assistant", "content": ""})

    def _text(self, text: str) -> Iterator[bytes]:
        yield self._chunk({"content": text})

    def _reasoning(self, text: str) -> Iterator[bytes]:
        yield self._chunk({"reasoning_content": text})

    def _refusal(self, text: str) -> Iterator[bytes]:
        yield self._chunk({"refusal": text})

    def _call(self, index: int, call: ToldCall, arguments: str, *, is_new: bool) -> Iterator[bytes]:
        call_object: dict[str, Any] = {"index": index}
        if is_new:
            call_object |= {"id": call.id, "type": "function"}
            call_object["function"] = {"name": call.name, "arguments": arguments}
        else:
            call_object["function"] = {"arguments": arguments}
        yield self._chunk({"tool_calls": [call_object]})

    @property
    def _reason(self) -> str:
        return _REASONS.get(self.told.end, self.told.reason)

    def _usage(self) -> dict[str, Any] | None:
        usage = self.told.usage
        if usage is None:
            return None
        sent, output = usage.input or 0, usage.output or 0
        return {
            "prompt_tokens": sent,
            "completion_tokens": output,
            "total_tokens": usage.total if usage.total is not None else sent + output,
            "prompt_tokens_details": {"cached_tokens": usage.cached or 0},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        }

    def _finish(self) -> Iterator[bytes]:
        yield self._chunk({}, self._reason)
        if self._with_usage and (usage := self._usage()) is not None:
            yield frame({**self._head("chat.completion.chunk"), "choices": [], "usage": usage})
        yield b"data: [DONE]\n\n"

    def error(self, message: str) -> bytes:
        """See `Teller.error`."""
        return frame({"error": {"message": message, "type": "server_error", "code": None, "param": None}})

    def whole(self) -> dict[str, Any]:
        """See `Teller.whole`."""
        reply = self.told
        message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": reply.refusal or None}
        if reply.reasoning:
            message["reasoning_content"] = reply.reasoning
        if reply.calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in reply.calls.values()
            ]
        choices = [{"index": 0, "message": message, "finish_reason": self._reason}]
        return {**self._head("chat.completion"), "choices": choices, "usage": self._usage()}
