"""Surrogates: one character cut in two by the deltas of a stream, put together again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

from msgspec.structs import replace

from tui.domain.delta import (
    CitationDelta,
    Delta,
    EchoDelta,
    FinishDelta,
    IdentityDelta,
    ImageDelta,
    ItemDelta,
    OddityDelta,
    PromptProgressDelta,
    ReasoningDelta,
    RefusalDelta,
    RetryDelta,
    ServerToolDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from tui.wire.json_text import clean, clean_text

_Stream = tuple[type[Any], int]


class SurrogateMender:
    """Makes deltas valid Unicode: waits for the second half of a pair, and gives U+FFFD for what stays alone."""

    __slots__ = ("_halves",)

    def __init__(self) -> None:
        """Start with nothing waiting."""
        self._halves: dict[_Stream, str] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether half a character is held back."""
        return bool(self._halves)

    def mend(self, delta: Delta) -> Delta:
        """Give the delta with every surrogate in it paired, held back or replaced."""
        match delta:
            case TextDelta() | ReasoningDelta() | RefusalDelta():
                text = self._join((type(delta), delta.part), delta.text, replaces=delta.replaces)
                return replace(delta, text=text)
            case ToolCallDelta():
                arguments = self._join((ToolCallDelta, delta.index), delta.arguments, replaces=delta.replaces)
                return replace(
                    delta,
                    id=clean_text(delta.id),
                    name=clean_text(delta.name),
                    arguments=arguments,
                    extra=clean(delta.extra),
                    server=clean_text(delta.server),
                )
            case ServerToolDelta() | ItemDelta():
                return replace(delta, item=clean(delta.item))
            case ImageDelta():
                return replace(delta, url=clean_text(delta.url))
            case EchoDelta():
                return replace(delta, value=clean(delta.value))
            case CitationDelta():
                return replace(delta, url=clean_text(delta.url), title=clean_text(delta.title))
            case UsageDelta():
                return UsageDelta(replace(delta.usage, raw=clean(delta.usage.raw)))
            case IdentityDelta():
                return IdentityDelta(clean_text(delta.model), clean_text(delta.response_id), delta.dialect)
            case OddityDelta():
                return OddityDelta(clean_text(delta.kind), clean_text(delta.detail))
            case FinishDelta():
                return FinishDelta(clean_text(delta.reason), clean_text(delta.incomplete_reason))
            case RetryDelta() | PromptProgressDelta():
                return delta
            case _:
                assert_never(delta)

    def flush(self) -> Iterator[Delta]:
        """Give U+FFFD for every half that is still waiting."""
        halves = list(self._halves)
        self._halves.clear()
        for kind, number in halves:
            yield ToolCallDelta(number, arguments="\ufffd") if kind is ToolCallDelta else kind("\ufffd", number)

    def _join(self, stream: _Stream, text: str, *, replaces: bool) -> str:
        if not text and not replaces:
            return text
        half = self._halves.pop(stream, "")
        if not replaces:
            text = half + text
        if text and "\ud800" <= text[-1] <= "\udbff":
            self._halves[stream] = text[-1]
            text = text[:-1]
        return clean_text(text)
