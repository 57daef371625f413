"""parllama's chats, a JSON file each. Only the last change of the whole chat has a time.

The first versions had `llm_model_name` in the place of `llm_config`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tui.chat.importing.source import NotReadError, Source, Tell
from tui.chat.importing.talk import Called, Said, Talk, in_a_row, role_of
from tui.chat.importing.value import arguments_of, image_of, list_of, seconds_of, table_of, tables_of, text_of
from tui.domain.message import ImagePart, ToolResultPart


def knows(source: Source) -> bool:
    """Whether a file is a chat of parllama."""
    first = table_of(source.first)
    is_chat = {"id", "name", "messages"} <= set(first)
    return is_chat and ("llm_config" in first or {"llm_model_name", "last_updated"} <= set(first))


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The chat in the file."""
    for place, value in source.items(tell):
        yield place, partial(_talk, value, tell)


def _talk(give: Callable[[], Any], tell: Tell) -> Talk:
    chat = give()
    if not isinstance(chat, Mapping):
        raise NotReadError("it is no chat")
    config = table_of(chat.get("llm_config"))
    name = text_of(chat.get("name"))
    return Talk(
        text_of(chat.get("id")),
        in_a_row([_said(number, message, tell) for number, message in enumerate(tables_of(chat.get("messages")))]),
        title="" if name.startswith("New Chat") else name,
        model=text_of(config.get("model_name")) or text_of(chat.get("llm_model_name")),
        endpoint=text_of(config.get("provider")).lower(),
        updated_at=seconds_of(chat.get("last_updated")),
    )


def _said(number: int, message: Mapping[str, Any], tell: Tell) -> Said:
    role = role_of(message.get("role"))
    text, thinking = text_of(message.get("content")), text_of(message.get("thinking"))
    images: list[ImagePart] = []
    for each in list_of(message.get("images")):
        if (image := image_of(text_of(each))) is not None:
            images.append(image)
        else:
            tell.left_out("an image that is named only")
            text += f"\n\n[attached: {text_of(each)[:200]}]"
    calls = []
    for call in tables_of(message.get("tool_calls")):
        function = table_of(call.get("function")) or call
        arguments = function.get("arguments", function.get("args"))
        calls.append(Called(text_of(call.get("id")), text_of(function.get("name")), arguments_of(arguments)))
    results = (ToolResultPart(text_of(message.get("tool_call_id")), text),) if role == "tool" else ()
    return Said(
        text_of(message.get("id")) or str(number),
        role,
        text="" if role == "tool" else text,
        thoughts=(thinking,) if thinking else (),
        images=tuple(images),
        calls=tuple(calls),
        results=results,
    )
