"""A teller: says a reply in a dialect, as an endpoint that speaks it would; the other way round from a decoder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct, field

from tui.domain.delta import (
    CitationDelta,
    Delta,
    EchoDelta,
    FinishDelta,
    IdentityDelta,
    ImageDelta,
    ItemDelta,
    OddityDelta,
    ReasoningDelta,
    RefusalDelta,
    RetryDelta,
    ServerToolDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from tui.domain.error import ConfigError
from tui.domain.finish import describe_finish
from tui.domain.usage import Usage
from tui.wire.json_text import write_json

EndWord = Literal["stop", "tools", "length", "filter", "other"]
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


class ToldCall(Struct):
    """A call that is being told."""

    id: str
    name: str = ""
    arguments: str = ""
    place: int = -1


class Told(Struct):
    """What was told so far."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: dict[int, ToldCall] = field(default_factory=dict)
    usage: Usage | None = None
    reason: str = ""
    end: EndWord = "stop"


class Teller(ABC):
    """Makes the frames of a reply out of its deltas.

    Attributes:
        told: The reply so far.
    """

    def __init__(self, model: str, *, with_usage: bool = True) -> None:
        """Begin a reply of that model."""
        self._model = model
        self._with_usage = with_usage
        self._has_begun = False
        self._coming: Usage | None = None
        self.told = Told()

    def foresee(self, usage: Usage | None) -> None:
        """Know the usage before it is told: some dialects begin with what was sent."""
        self._coming = usage

    def tell(self, delta: Delta) -> Iterator[bytes]:
        """The frames that tell one delta.

        Raises:
            ConfigError: If the dialect has no words for it.
        """
        if not self._has_begun:
            self._has_begun = True
            yield from self._start()
        reply = self.told
        match delta:
            case TextDelta():
                if text := self._rest(reply.text, delta.text, replaces=delta.replaces, part=delta.part):
                    reply.text += text
                    yield from self._text(text)
            case ReasoningDelta():
                if text := self._rest(reply.reasoning, delta.text, replaces=delta.replaces, part=delta.part):
                    reply.reasoning += text
                    yield from self._reasoning(text)
            case RefusalDelta():
                if text := self._rest(reply.refusal, delta.text, replaces=delta.replaces, part=delta.part):
                    reply.refusal += text
                    yield from self._refusal(text)
            case ToolCallDelta():
                if delta.server:
                    raise ConfigError("an approval that the endpoint asks for has no words in another dialect")
                yield from self._tell_call(delta)
            case UsageDelta():
                reply.usage = delta.usage
            case FinishDelta():
                self._note_end(delta)
                yield from self._finish()
            case ImageDelta():
                raise ConfigError("an image that the model made has no words in another dialect")
            case ServerToolDelta():
                raise ConfigError("what the endpoint ran itself has no words in another dialect")
            case CitationDelta() | EchoDelta() | IdentityDelta() | ItemDelta() | OddityDelta() | RetryDelta():
                pass  # of the endpoint's own household: the reply is whole without it

    def _rest(self, before: str, text: str, *, replaces: bool, part: int) -> str:
        """What is new of a text that may state all of its part once more."""
        if not replaces:
            return text
        if part == 0 and text.startswith(before):
            return text[len(before) :]
        if before.endswith(text):
            return ""
        raise ConfigError("a text that was corrected after it was told has no words in another dialect")

    def _tell_call(self, delta: ToolCallDelta) -> Iterator[bytes]:
        calls = self.told.calls
        call = calls.get(delta.index)
        is_new = call is None
        if call is None:
            call = calls[delta.index] = ToldCall(delta.id or f"call_{delta.index}")
        call.name += delta.name
        arguments = self._rest(call.arguments, delta.arguments, replaces=delta.replaces, part=0)
        call.arguments += arguments
        yield from self._call(delta.index, call, arguments, is_new=is_new)

    def _note_end(self, delta: FinishDelta) -> None:
        finish = describe_finish(delta.reason, delta.incomplete_reason)
        self.told.reason = delta.reason
        if self.told.calls and not finish.is_cut:
            self.told.end = "tools"
        elif finish.is_at_limit:
            self.told.end = "length"
        elif finish.is_cut and not describe_finish(delta.reason).is_cut:
            raise ConfigError("a reply that is called whole and is not has no word in another dialect")
        elif finish.is_cut:
            self.told.end = "filter" if "filter" in finish.words else "other"
        else:
            self.told.end = "stop"

    def begin(self) -> Iterator[bytes]:
        """The frames with which a reply begins, where nothing of it was told yet."""
        if not self._has_begun:
            self._has_begun = True
            yield from self._start()

    @abstractmethod
    def whole(self) -> dict[str, Any]:
        """The reply in one piece, for a request that asks for no stream."""

    @abstractmethod
    def error(self, message: str) -> bytes:
        """The frame that tells an error in the middle of a stream."""

    def refused(self, status: int, message: str) -> dict[str, Any]:
        """The body that goes with a status when a request is refused."""
        kind = "server_error" if status >= 500 else "invalid_request_error"
        return {"error": {"message": message, "type": kind, "param": None, "code": _CODES.get(status)}}

    @abstractmethod
    def _start(self) -> Iterator[bytes]: ...

    @abstractmethod
    def _text(self, text: str) -> Iterator[bytes]: ...

    @abstractmethod
    def _reasoning(self, text: str) -> Iterator[bytes]: ...

    @abstractmethod
    def _refusal(self, text: str) -> Iterator[bytes]: ...

    @abstractmethod
    def _call(self, index: int, call: ToldCall, arguments: str, *, is_new: bool) -> Iterator[bytes]: ...

    @abstractmethod
    def _finish(self) -> Iterator[bytes]: ...


def frame(value: dict[str, Any], event: str = "") -> bytes:
    """One frame; with the name of its event where the dialect has those."""
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {write_json(value)}\n\n".encode("utf-8", "replace")
