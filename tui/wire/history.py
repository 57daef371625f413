"""History: a conversation as both dialects may send it, with no call left dangling."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tui.domain.error import FrameError
from tui.domain.message import Message, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from tui.wire.json_text import parse_json

_NOT_RUN = "This call was not run."
_NOT_ANSWERED = "Nobody answered."
_UNREADABLE = "This call was not run: its arguments were not valid JSON."


def mend_history(messages: Sequence[Message], *, approvals_at: str = "") -> list[Message]:
    """Pair tool calls with results, for an API refuses a call without a result and a result without a call.

    A call that was never answered is answered by saying so; a result that answers nothing is left out, and
    so is an assistant's message that says nothing. All results of a message become one message after it,
    in the order of the calls. Calls that share an id, or have none, are given ids of their own, and each
    keeps its own result. Arguments that are not JSON are sent as an empty object. An approval that an endpoint asked for
    is known to that endpoint only: `approvals_at` is its name, where approvals are to be kept.
    """
    mended: list[Message] = []
    place = 0
    while place < len(messages):
        message = messages[place]
        place += 1
        if message.role == "tool":
            continue
        if message.role != "assistant":
            mended.append(message)
            continue
        answers: dict[str, list[ToolResultPart]] = {}
        while place < len(messages) and messages[place].role == "tool":
            for part in messages[place].parts:
                if isinstance(part, ToolResultPart):
                    answers.setdefault(part.call_id, []).append(part)
            place += 1
        results: list[ToolResultPart] = []
        parts: list[Part] = []
        taken: set[str] = set()
        for part in message.parts:
            if isinstance(part, ToolCallPart) and part.server:
                if approvals_at and message.origin == approvals_at:
                    parts.append(part)
                    left = answers.get(part.id)
                    results.append(left.pop(0) if left else ToolResultPart(part.id, _NOT_ANSWERED, is_error=True))
            elif isinstance(part, ToolCallPart):
                is_readable = is_object(part.arguments)
                call_id = part.id
                if not call_id or call_id in taken:
                    call_id = f"call_{len(mended)}_{len(results)}"
                taken.add(call_id)
                parts.append(replace(part, id=call_id, arguments=part.arguments if is_readable else "{}"))
                if left := answers.get(part.id):
                    results.append(replace(left.pop(0), call_id=call_id))
                else:
                    results.append(ToolResultPart(call_id, _NOT_RUN if is_readable else _UNREADABLE))
            elif not isinstance(part, ToolResultPart):
                parts.append(part)
        if not any(not isinstance(part, ReasoningPart) and part != TextPart("") for part in parts):
            continue
        mended.append(replace(message, parts=tuple(parts)))
        if results:
            mended.append(Message("tool", tuple(results)))
    return mended


def is_object(arguments: str) -> bool:
    """Whether the arguments of a call are a JSON object."""
    try:
        return isinstance(parse_json(arguments), dict)
    except FrameError:
        return False
