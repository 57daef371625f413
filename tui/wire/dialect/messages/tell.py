"""Telling a reply as Messages do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tui.domain.error import ConfigError
from tui.domain.usage import Usage
from tui.wire.teller import EndWord, Teller, ToldCall, frame

_REASONS: dict[EndWord, str] = {
    "stop": "end_turn",
    "tools": "tool_use",
    "length": "max_tokens",
    "filter": "refusal",
}
_ERRORS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}
_ID = "msg_told"


class MessagesTeller(Teller):
    """See `Teller`. A block is open at a time, but for calls that grow beside one another."""

    def __init__(self, model: str, *, with_usage: bool = True) -> None:
        """See `Teller`."""
        super().__init__(model, with_usage=with_usage)
        self._blocks = 0
        self._open = ""

    @staticmethod
    def _event(type_: str, **more: Any) -> bytes:
        return frame({"type": type_, **more}, type_)

    def _message(self, **more: Any) -> dict[str, Any]:
        return {"id": _ID, "type": "message", "role": "assistant", "model": self._model, **more}

    def _usage(self) -> dict[str, int]:
        return self._counted(self.told.usage)

    @staticmethod
    def _counted(usage: Usage | None) -> dict[str, int]:
        if usage is None:
            return {"input_tokens": 0, "output_tokens": 0}
        cached = usage.cached or 0
        sent = max(0, (usage.input or 0) - cached)
        return {"input_tokens": sent, "cache_read_input_tokens": cached, "output_tokens": usage.output or 0}

    def _start(self) -> Iterator[bytes]:
        usage = self._counted(self._coming) | {"output_tokens": 1 if self._coming else 0}
        message = self._message(content=[], stop_reason=None, stop_sequence=None, usage=usage)
        yield self._event("message_start", message=message)

    def _enter(self, kind: str, block: dict[str, Any]) -> Iterator[bytes]:
        if self._open == kind:
            return
        yield from self._leave()
        self._open = kind
        yield self._event("content_block_start", index=self._blocks, content_block=block)
        self._blocks += 1

    def _leave(self) -> Iterator[bytes]:
        if self._open:
            self._open = ""
            yield self._event("content_block_stop", index=self._blocks - 1)

    def _text(self, text: str) -> Iterator[bytes]:
        yield from self._enter("text", {"type": "text", "text": ""})
        yield self._event("content_block_delta", index=self._blocks - 1, delta={"type": "text_delta", "text": text})

    def _reasoning(self, text: str) -> Iterator[bytes]:
        yield from self._enter("thinking", {"type": "thinking", "thinking": "", "signature": ""})
        delta = {"type": "thinking_delta", "thinking": text}
        yield self._event("content_block_delta", index=self._blocks - 1, delta=delta)

    def _refusal(self, text: str) -> Iterator[bytes]:
        raise ConfigError(f"the words of a refusal have no place in Messages: {text[:40]}")

    def _call(self, index: int, call: ToldCall, arguments: str, *, is_new: bool) -> Iterator[bytes]:
        del index
        if is_new:
            yield from self._leave()
            call.place = self._blocks
            self._blocks += 1
            block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
            yield self._event("content_block_start", index=call.place, content_block=block)
        if arguments:
            delta = {"type": "input_json_delta", "partial_json": arguments}
            yield self._event("content_block_delta", index=call.place, delta=delta)

    @property
    def _reason(self) -> str:
        return _REASONS.get(self.told.end, self.told.reason)

    def _finish(self) -> Iterator[bytes]:
        yield from self._leave()
        for call in self.told.calls.values():
            yield self._event("content_block_stop", index=call.place)
        delta = {"stop_reason": self._reason, "stop_sequence": None}
        yield self._event("message_delta", delta=delta, usage=self._usage())
        yield self._event("message_stop")

    def error(self, message: str) -> bytes:
        """See `Teller.error`."""
        return self._event("error", error={"type": "api_error", "message": message})

    def refused(self, status: int, message: str) -> dict[str, Any]:
        """See `Teller.refused`."""
        kind = _ERRORS.get(status, "api_error" if status >= 500 else "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": message}}

    def whole(self) -> dict[str, Any]:
        """See `Teller.whole`."""
        reply = self.told
        content: list[dict[str, Any]] = []
        if reply.reasoning:
            content.append({"type": "thinking", "thinking": reply.reasoning, "signature": ""})
        if reply.text:
            content.append({"type": "text", "text": reply.text})
        content += [
            {"type": "tool_use", "id": call.id, "name": call.name, "input": _input_of(call)}
            for call in reply.calls.values()
        ]
        return self._message(content=content, stop_reason=self._reason, stop_sequence=None, usage=self._usage())


def _input_of(call: ToldCall) -> Any:
    try:
        return json.loads(call.arguments or "{}")
    except ValueError as error:
        raise ConfigError("arguments that are not JSON have no words in Messages") from error
