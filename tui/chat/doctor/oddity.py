"""Oddities of the bytes themselves: allowed, harmless to rillet, and more than some other client can take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from tui.chat.check import Stream
from tui.domain.error import RilletError
from tui.wire.json_text import parse_json

_KNOWN_FIELDS = (b"data", b"event", b"id", b"retry")
_LOOKED_AT = 2_000_000
_MANY_CALLS = 128
_FRAMES_LOOKED_AT = 2000
_FRAME_LOOKED_AT = 20_000
_WIDE_BREAKS = re.compile("[\u2028\u2029\u0085]")
_HALF_PAIR = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def oddities_of(stream: Stream, *, is_whole: bool) -> Iterator[str]:
    """What is odd about the bytes and the frames of an answer; `is_whole` where it came to its end."""
    if not stream.is_stream:
        return
    body = bytes(stream.body[:_LOOKED_AT]).removeprefix(b"\xef\xbb\xbf")
    yield from _of_lines(body)
    if is_whole and body and not body.endswith((b"\n", b"\r")):
        yield "the last line has no end"
    yield from _of_encoding(body, stream)
    yield from _of_frames(stream)


def _of_lines(body: bytes) -> Iterator[str]:
    ends = {
        name: count
        for name, count in (
            ("CR LF", body.count(b"\r\n")),
            ("CR", len(re.findall(rb"\r(?!\n)", body))),
            ("LF", len(re.findall(rb"(?<!\r)\n", body))),
        )
        if count
    }
    if len(ends) > 1:
        yield f"lines end in {' and '.join(ends)}, mixed"
    elif ends and "LF" not in ends:
        yield f"lines end in {next(iter(ends))}: a client that splits at LF alone finds no frames"
    lines = re.split(rb"\r\n|\r|\n", body)
    comments = [number for number, line in enumerate(lines) if line.startswith(b":")]
    if comments:
        words = f"{len(comments)} comment {'line keeps' if len(comments) == 1 else 'lines keep'} the connection alive"
        inside = any(lines[at - 1].startswith(b"data") for at in comments if at)
        yield words + (", some of them inside a frame" if inside else "")
    if any(re.match(rb"data:\S", line) for line in lines):
        yield "no space follows “data:”: allowed, and not looked for by every client"
    fields = {line.partition(b":")[0] for line in lines if line and not line.startswith(b":")}
    odd = sorted({name.decode("utf-8", "replace")[:20] for name in fields if name not in _KNOWN_FIELDS})
    if odd:
        yield f"fields that no event stream has: {', '.join(odd[:4])}"
    if b"retry" in fields or b"id" in fields:
        yield "frames have an id or a retry, as if the reply could be taken up again"
    if re.search(rb"(?:\n\n|\r\n\r\n|\r\r)[\r\n]|(?:^|[\r\n])data:? ?[\r\n]+(?=[\r\n])", body):
        yield "frames without data, or blank lines, stand between the frames"


def _of_encoding(body: bytes, stream: Stream) -> Iterator[str]:
    charset = re.search(r"charset=\"?([\w-]+)", stream.head.headers.get("content-type", ""), re.IGNORECASE)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        yield f"the head says charset {charset[1]}, and an event stream is UTF-8"
    try:
        body.decode()
    except UnicodeDecodeError as error:
        if error.start < len(body) - 4 or len(body) < _LOOKED_AT:
            yield "there are bytes in it that are no UTF-8"
    text = body.decode("utf-8", "replace")
    if _WIDE_BREAKS.search(text):
        yield "the text has U+2028, U+2029 or U+0085: a client that splits lines as Python does cuts frames there"
    if _HALF_PAIR.search(text):
        yield "half a surrogate pair stands in the text: an emoji was cut in two"
    if "\\u0000" in text or "\0" in text:
        yield "there are NUL characters in the text"


def _of_frames(stream: Stream) -> Iterator[str]:
    frames = [frame.data for _, frame in stream.frames[:_FRAMES_LOOKED_AT]]
    done = [number for number, data in enumerate(frames) if data.strip() == "[DONE]"]
    if len(done) > 1:
        yield "[DONE] came more than once"
    if done and len(frames) - len(done) > done[0]:
        yield "frames came after [DONE]"
    values = [value for value in map(_value, frames) if isinstance(value, dict)]
    ids = {value["id"] for value in values if "choices" in value and isinstance(value.get("id"), str)}
    if len(ids) > 1:
        yield f"the reply has {len(ids)} ids, and should have one"
    choices = [choice for value in values for choice in _choices(value)]
    indexes = {choice["index"] for choice in choices if isinstance(choice.get("index"), int)}
    if len(indexes) > 1:
        yield f"{len(indexes)} choices came, and one was asked for"
    finished = next((number for number, choice in enumerate(choices) if choice.get("finish_reason")), len(choices))
    if any(_says(choice) for choice in choices[finished + 1 :]):
        yield "more of the reply came after its finish reason"
    if any(map(_says_twice, frames)):
        yield "an object has the same key twice"
    yield from _of_calls([call for choice in choices for call in _calls(choice)])


def _choices(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    choices = value.get("choices")
    yield from (choice for choice in (choices if isinstance(choices, list) else ()) if isinstance(choice, dict))


def _of_calls(calls: list[dict[str, Any]]) -> Iterator[str]:
    """What is odd about the fragments of tool calls in Chat Completions."""
    indexes = [call.get("index") for call in calls]
    if any(index is None for index in indexes):
        yield "fragments of tool calls have no index: which call they belong to is a guess"
    if odd := sorted({index for index in indexes if isinstance(index, int) and not 0 <= index < _MANY_CALLS}):
        yield f"a tool call has the index {odd[0]:,}"
    named = [call.get("id") for call in calls if call.get("id")]
    if len(named) > len(set(named)):
        yield "fragments of a call repeat its id and name: a client that appends them gets them twice"
    if (
        calls
        and not named
        and not any(isinstance(call.get("function"), dict) and call["function"].get("name") for call in calls)
    ):
        yield "arguments came for a tool call that was never opened"


def _calls(choice: dict[str, Any]) -> Iterator[dict[str, Any]]:
    delta = choice.get("delta")
    calls = delta.get("tool_calls") if isinstance(delta, dict) else None
    yield from (call for call in (calls if isinstance(calls, list) else ()) if isinstance(call, dict))


def _says(choice: dict[str, Any]) -> bool:
    delta = choice.get("delta")
    return isinstance(delta, dict) and bool(delta.get("content"))


def _says_twice(data: str) -> bool:
    """Whether an object in it has a key twice."""
    is_twice = False

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal is_twice
        made = dict(pairs)
        is_twice = is_twice or len(made) < len(pairs)
        return made

    if len(data) < _FRAME_LOOKED_AT:
        with suppress(ValueError, RecursionError):
            json.loads(data, object_pairs_hook=look)
    return is_twice


def _value(data: str) -> Any:
    try:
        return parse_json(data)
    except RilletError:
        return None
