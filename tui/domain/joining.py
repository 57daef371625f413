"""Joining: the same changes in fewer deltas, for whoever is handed many at once."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from tui.domain.delta import Delta, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta

_TEXTS = (TextDelta, ReasoningDelta, RefusalDelta)
_GROWING = (*_TEXTS, ToolCallDelta)


def join_deltas(deltas: Iterable[Delta]) -> list[Delta]:
    """The same changes in fewer deltas: neighbours that continue one text, or one call's arguments, are joined."""
    if isinstance(deltas, list) and len(deltas) < 2:  # as most reads bring one
        return deltas
    joined: list[Delta] = []
    texts: list[str] = []

    def settle() -> None:
        if len(texts) > 1:
            last = joined[-1]
            whole = "".join(texts)
            if isinstance(last, ToolCallDelta):
                joined[-1] = replace(last, arguments=whole)
            elif isinstance(last, _TEXTS):
                joined[-1] = replace(last, text=whole)
        texts.clear()

    for delta in deltas:
        if texts and _continues(joined[-1], delta):
            texts.append(text_of(delta))
            continue
        settle()
        joined.append(delta)
        if isinstance(delta, _GROWING):
            texts.append(text_of(delta))
    settle()
    return joined


def _continues(last: Delta, delta: Delta) -> bool:
    if isinstance(delta, ToolCallDelta):
        return (
            isinstance(last, ToolCallDelta)
            and last.index == delta.index
            and not (delta.replaces or delta.id or delta.name or delta.extra)
        )
    return isinstance(delta, _TEXTS) and type(last) is type(delta) and last.part == delta.part and not delta.replaces


def text_of(delta: Delta) -> str:
    """The text that a delta adds; of a tool call, the arguments."""
    if isinstance(delta, ToolCallDelta):
        return delta.arguments
    return delta.text if isinstance(delta, _TEXTS) else ""
