"""History: the turns of a conversation as the messages that an endpoint is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tui.domain.message import Message, Part, ReasoningPart, TextPart, ToolCallPart
from tui.domain.turn import Continuation, Prompt, Summary, ToolResults, Turn, TurnState

CONTINUE = "Continue exactly where you stopped, without repeating anything."
SUMMARISE = (
    "Summarise our conversation so far, so that it can go on from the summary alone: what was asked, what was found and "
    "decided, what is still open. Keep names, numbers, addresses and code exactly as they are. Write in the language "
    "of the conversation, and write nothing but the summary."
)
SUMMARY = "This is a summary of our conversation so far:"


def messages_of(turns: Iterable[Turn]) -> tuple[Message, ...]:
    """The messages of a path of turns, oldest first; the last turn may have no reply yet. See `context.sent_turns`.

    A summary is told in the person's name, without what else its reply held: that belongs to turns which are not sent.
    A reply that was cut is sent as far as it came, without its tool calls: those were never run.
    Neighbouring prompts (the first of them never answered) become one message.
    """
    messages: list[Message] = []
    path = list(turns)
    for turn, following in zip(path, [*path[1:], None], strict=True):
        is_told = following is None or isinstance(following.opening, ToolResults)
        for message in (*_opening(turn), *_reply(turn), *(() if is_told else _outcomes(turn))):
            last = messages[-1] if messages else None
            if last is not None and last.role == message.role == "user":
                messages[-1] = Message("user", (*last.parts, TextPart("\n\n"), *message.parts))
            else:
                messages.append(message)
    return tuple(messages)


def _opening(turn: Turn) -> Iterable[Message]:
    match turn.opening:
        case Prompt(text="", images=()):  # of an imported conversation that the model began
            return
        case Prompt(text=text, images=images):
            yield Message("user", (TextPart(text), *images))
        case ToolResults(results=results):
            yield Message("tool", results)
        case Continuation():
            yield Message("user", (TextPart(CONTINUE),))
        case Summary() if turn.stands_in:
            yield Message("user", (TextPart(f"{SUMMARY}\n\n{turn.text}"),))
        case Summary(focus=focus):
            yield Message("user", (TextPart(f"{SUMMARISE} Above all, keep: {focus}" if focus else SUMMARISE),))


def _items(turn: Turn) -> tuple[Mapping[str, Any], ...]:
    """The output items of a reply that ended in order, also where that was at a limit: then it ends with what they led to.

    Messages take a block that was cut, as a search in the middle of its query, back only where they paused themselves.
    """
    if turn.is_cut and turn.dialect == "messages" and turn.finish_reason != "pause_turn":
        return ()
    items = [turn.items[index] for index in sorted(turn.items)] if turn.state is TurnState.COMPLETE else []
    while items and turn.is_cut and items[-1].get("type") == "reasoning":
        items.pop()
    return tuple(items)


def _outcomes(turn: Turn) -> Iterable[Message]:
    """What became of calls whose round was never finished: it was stopped, or rillet was."""
    parts = tuple([part for call in turn.tool_calls if (part := call.answer()) is not None])
    if parts:
        yield Message("tool", parts)


def _reply(turn: Turn) -> Iterable[Message]:
    if turn.stands_in:
        return
    parts: list[Part] = []
    if thoughts := turn.reasoning:
        parts.append(ReasoningPart(thoughts))
    if text := turn.text or turn.refusal:
        parts.append(TextPart(text))
    is_whole = turn.state is TurnState.COMPLETE and not turn.is_cut
    if is_whole:
        parts += [
            ToolCallPart(call.id, call.name, call.arguments, call.extra or None, call.server)
            for call in turn.tool_calls
        ]
    if any(not isinstance(part, ReasoningPart) for part in parts):
        items = _items(turn) if is_whole or not turn.tool_calls else ()
        yield Message("assistant", tuple(parts), echo=turn.echo if is_whole else {}, items=items, origin=turn.endpoint)
