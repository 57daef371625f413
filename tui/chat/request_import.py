"""A request as a conversation: its messages become turns, its last prompt a draft, its address an endpoint for this run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from tui.chat.chat_program import ChatProgram
from tui.chat.conversation import Conversation
from tui.chat.curl_command import VARIABLE, CurlRequest
from tui.domain.delta import FinishDelta, TextDelta, ToolCallDelta
from tui.domain.endpoint import Endpoint, Secret, Source
from tui.domain.endpoint_word import DIALECT_NAMES
from tui.domain.error import ConfigError
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.turn import Prompt, Turn, TurnState
from tui.net.address import check_base_url
from tui.wire.dialect import Dialect, dialect_named
from tui.wire.printable import printable_line

_OWN = frozenset(("model", "messages", "input", "instructions", "system", "stream", "stream_options"))
"""Fields that the conversation itself says."""


_SET_ANYWAY = frozenset(
    ("accept", "accept-encoding", "connection", "content-length", "content-type", "expect", "host", "transfer-encoding")
)
_MAY_BE_SECRET = re.compile("auth|key|token|secret|cookie|session|password|signature")


class Entry(Struct):
    """One message of a request: who said it, its words, its images, its calls, or the results of calls."""

    role: str
    text: str = ""
    images: tuple[ImagePart, ...] = ()
    calls: tuple[tuple[str, str, str], ...] = ()
    results: tuple[ToolResultPart, ...] = ()


def open_request(program: ChatProgram, request: CurlRequest) -> Conversation:
    """The conversation that a request goes on with; the prompt that it would send is its draft.

    Raises:
        ConfigError: If the address is that of no dialect, or its messages cannot be read.
        StoreError: If the draft was not saved.
    """
    path = urlsplit(request.url).path.rstrip("/")
    dialect = next((each for each in map(dialect_named, DIALECT_NAMES) if path.endswith(each.path)), None)
    if dialect is None:
        paths = ", ".join(dialect_named(name).path for name in DIALECT_NAMES)
        raise ConfigError(f"{printable_line(request.url)} asks no model", f"Such an address ends in {paths}.")
    entries = list(entries_of(request.body))
    model = str(request.body.get("model") or "")
    if not model:
        raise ConfigError("the body names no model", 'For example: {"model": "grok-4.7", …}')
    name = _use_endpoint(program, request, dialect, model)
    conversation = Conversation(program, name, model)
    systems = [entry.text for entry in entries if entry.role == "system"]
    conversation.sheet.system = "\n\n".join(systems)
    said = [entry for entry in entries if entry.role != "system"]
    draft = Prompt("")
    if said and said[-1].role == "user":
        draft = Prompt(said[-1].text, said[-1].images)
        said.pop()
    _replay(conversation, said)
    images = [replace(image, name=image.name or f"image {number}") for number, image in enumerate(draft.images, 1)]
    program.database.prompts.save_draft(conversation.session.id, draft.text, images)
    return conversation


def _use_endpoint(program: ChatProgram, request: CurlRequest, dialect: Dialect, model: str) -> str:
    """The endpoint of the request's address: one that is set up, or one for this run; its other fields go along."""
    address, mark, query = request.url.partition("?")
    base_url = check_base_url(address.rstrip("/").removesuffix(dialect.path) + mark + query)
    match = next((each for each in program.endpoints.values() if each.base_url.rstrip("/") == base_url), None)
    body = {field: value for field, value in request.body.items() if field not in _OWN}
    if match is None:
        variables = (request.key_variable,) if request.key_variable else ("RILLET_API_KEY",)
        header = request.key_header if request.key_header != dialect.key_header[0] else ""
        title = urlsplit(base_url).netloc
        match = Endpoint("request", base_url, title=title, key_env=variables, needs_key=False, key_header=header)
    headers = {**match.headers, **dict(_headers_of(request, dialect))}
    way = replace(match.way, **{name: str(Path(file).expanduser()) for name, file in request.files.items()})
    needs_key = match.needs_key and "authorization" not in headers
    body = {**match.body, **body}
    endpoint = replace(match, dialect=dialect.name, body=body, headers=headers, way=way, needs_key=needs_key)
    program.put_endpoint(endpoint)  # headers that were found for one of its name are not those of this one
    program.use_endpoint(endpoint, model)
    if request.key:
        program.use_key(endpoint.name, Secret(request.key, "the curl command"))
    return endpoint.name


def _headers_of(request: CurlRequest, dialect: Dialect) -> Iterator[tuple[str, str | Source | Secret]]:
    """The headers that are the request's own; what may be a secret is one, and what stands in a variable is found there."""
    usual = dict(dialect.headers)
    for name, value in request.headers.items():
        if name in _SET_ANYWAY or not value or usual.get(name) == value:
            continue
        variables = VARIABLE.findall(value)
        if len(variables) == 1:
            yield name, Source(env="".join(variables[0]), form=VARIABLE.sub("{}", value))
        elif variables or value.startswith(("$(", "`")):
            request.left_out.append(f"the header {printable_line(name)} is left out: its value is made by a shell")
        else:
            yield name, Secret(value, "the curl command") if _MAY_BE_SECRET.search(name) else value


def _replay(conversation: Conversation, entries: Sequence[Entry]) -> None:
    """Write what was said down as turns."""
    turn: Turn | None = None
    for entry in _joined(entries):
        if entry.role == "user":
            _end(conversation, turn)
            turn = conversation.say(entry.text, entry.images)
        elif entry.role == "results" and turn is not None:
            _end(conversation, turn)
            turn = conversation.answer(turn, entry.results)
        elif entry.role == "assistant":
            if turn is None:
                turn = conversation.say("(the request does not say what was asked)")
            if entry.text:
                turn.apply(TextDelta(entry.text))
            for index, (id_, name, arguments) in enumerate(entry.calls, len(turn.tool_calls)):
                turn.apply(ToolCallDelta(index, id_, name, arguments))
    _end(conversation, turn)


def _joined(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The same, neighbouring results as one: they answer the calls of one reply."""
    results: tuple[ToolResultPart, ...] = ()
    for entry in entries:
        if entry.role == "results":
            results += entry.results
            continue
        if results:
            yield Entry("results", results=results)
            results = ()
        yield entry
    if results:
        yield Entry("results", results=results)


def _end(conversation: Conversation, turn: Turn | None) -> None:
    if turn is not None and not turn.state.is_over:
        turn.apply(FinishDelta("tool_calls" if turn.tool_calls else "stop"))
        turn.end(TurnState.COMPLETE)
        conversation.session.save_ending(turn)


# -- messages ----------------------------------------------------------------------------------------------------


def entries_of(body: Mapping[str, Any]) -> Iterator[Entry]:
    """The messages of a request's body, in any dialect.

    Raises:
        ConfigError: If one of them cannot be read; the message says which.
    """
    for name in ("system", "instructions"):
        if text := _text_of(body.get(name)):
            yield Entry("system", text)
    messages = body.get("messages", body.get("input"))
    if isinstance(messages, str):
        yield Entry("user", messages)
        return
    if not isinstance(messages, list):
        raise ConfigError("the body holds no messages: neither “messages” nor “input” is a list")
    for number, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            raise ConfigError(f"message {number} of {len(messages)} is no JSON object")
        yield from _entry(message)


def _entry(message: Mapping[str, Any]) -> Iterator[Entry]:
    content = message.get("content")
    parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    match message.get("type"), message.get("role"):
        case "function_call", _:
            call = (str(message.get("call_id")), str(message.get("name")), str(message.get("arguments") or "{}"))
            yield Entry("assistant", calls=(call,))
        case "function_call_output", _:
            yield Entry(
                "results", results=(ToolResultPart(str(message.get("call_id")), _text_of(message.get("output"))),)
            )
        case _, "tool":
            yield Entry("results", results=(ToolResultPart(str(message.get("tool_call_id")), _text_of(content)),))
        case _, "system" | "developer":
            yield Entry("system", _text_of(content))
        case _, "assistant":
            yield Entry("assistant", _text_of(content), calls=(*_calls(message.get("tool_calls")), *_uses(parts)))
        case _, "user":
            results = tuple(
                ToolResultPart(str(part.get("tool_use_id")), _text_of(part.get("content")), bool(part.get("is_error")))
                for part in parts
                if part.get("type") == "tool_result"
            )
            if results:
                yield Entry("results", results=results)
            text, images = _text_of(content), tuple(_images(parts))
            if text or images or not results:
                yield Entry("user", text, images)


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return "" if content is None else json.dumps(content, ensure_ascii=False)
    texts = [part.get("text") if isinstance(part, dict) else part for part in content]
    return "\n".join(text for text in texts if isinstance(text, str))


def _images(parts: Sequence[Mapping[str, Any]]) -> Iterator[ImagePart]:
    for part in parts:
        url = part.get("image_url")
        url = url.get("url") if isinstance(url, dict) else url
        source = part.get("source")
        if isinstance(source, dict) and part.get("type") == "image":
            url = source.get("url") or f"data:{source.get('media_type')};base64,{source.get('data')}"
        if isinstance(url, str) and url.startswith(("data:", "https:")):
            yield ImagePart(url)


def _calls(calls: Any) -> Iterator[tuple[str, str, str]]:
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            yield str(call.get("id")), str(function.get("name")), str(function.get("arguments") or "{}")


def _uses(parts: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for part in parts:
        if part.get("type") == "tool_use":
            yield str(part.get("id")), str(part.get("name")), json.dumps(part.get("input") or {}, ensure_ascii=False)
