"""Exporting: a conversation as a file that other programs can read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.domain.error import ConfigError
from tui.domain.turn import Continuation, Prompt, ToolCall, ToolResults, Turn
from tui.wire.image import describe_image

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation


def export(conversation: Conversation, name: str) -> str:
    """Write a conversation into a new file that only its owner can read; the name's ending tells the form.

    Returns:
        The sentence that says what was written.

    Raises:
        ConfigError: If the file is there already, or cannot be written.
    """
    path = Path(name or "conversation.md").expanduser()
    text = as_json(conversation) if path.suffix.lower() == ".json" else as_markdown(conversation)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise ConfigError(f"{path} is there already", "Give another name: nothing is overwritten.") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
        file.write(text)
    return f"wrote {len(conversation.turns):,} turns to {path.absolute()}"


def as_markdown(conversation: Conversation) -> str:
    """The conversation as Markdown: what was asked, what was answered, how each reply ended."""
    parts = [f"# {conversation.title or 'Conversation'}"]
    if conversation.system:
        parts += ["## System", conversation.system]
    for turn in conversation.turns:
        parts += _asked(turn)
        parts.append(f"## {turn.answered_by or turn.model}")
        if turn.reasoning:
            parts.append("\n".join(f"> {line}" for line in turn.reasoning.splitlines()))
        if turn.text or turn.refusal:
            parts.append(turn.prose or turn.refusal)
        if turn.citations:
            parts.append(
                "\n".join(
                    f"- {each.title or each.url}" + (f" <{each.url}>" if each.title and each.url else "")
                    for each in turn.citations
                )
            )
        parts += [_called(call) for call in turn.tool_calls]
        if turn.error is not None:
            parts.append(f"*{turn.state}: {turn.error.message}*")
    return "\n\n".join(parts) + "\n"


def _called(call: ToolCall) -> str:
    """A call with the arguments it had, and what became of it."""
    edited = ", arguments edited by the user" if call.edited else ""
    return f"`{call.name}({call.final_arguments})`" + (f" ({call.outcome.state}{edited})" if call.outcome else "")


def _call_record(call: ToolCall) -> dict[str, Any]:
    told = call.answer()
    state = call.outcome.state if call.outcome is not None else None
    return {**call.record(), "edited": call.edited or None, "state": state, "result": told.text if told else None}


def _asked(turn: Turn) -> list[str]:
    match turn.opening:
        case Prompt(text=text, images=images):
            return ["## You", "\n\n".join((text, *(f"*{describe_image(image)}*" for image in images)))]
        case ToolResults(results=results):
            return ["## Tools", *(f"```\n{result.text}\n```" for result in results)]
        case Continuation():
            return ["*continued*"]


def as_json(conversation: Conversation) -> str:
    """The conversation as JSON, with times, tokens and reasons."""
    turns = [
        {
            "asked": _asked(turn)[-1],
            "model": turn.model,
            "endpoint": turn.endpoint,
            "state": str(turn.state),
            "text": turn.text,
            "reasoning": turn.reasoning,
            "tool_calls": [_call_record(call) for call in turn.tool_calls],
            "finish_reason": turn.finish_reason,
            "tokens": turn.usage.tokens() if turn.usage is not None else None,
            "timing": turn.timing.record(),
            "error": turn.error.record() if turn.error is not None else None,
        }
        for turn in conversation.turns
    ]
    head = {"title": conversation.title, "system": conversation.system}
    return json.dumps({**head, "turns": turns}, ensure_ascii=False, indent=2) + "\n"
