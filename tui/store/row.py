"""Turns as rows: what a turn holds, as plain values and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tui.domain.delta import CitationDelta, OddityDelta
from tui.domain.error import (
    BrokenError,
    ConfigError,
    ConnectError,
    EndpointError,
    FrameError,
    KeyMissingError,
    LimitError,
    RefusedError,
    RilletError,
    StoreError,
    StreamError,
    TruncatedError,
)
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.request import ReplySchema
from tui.domain.timing import Timing
from tui.domain.tool_call import CallOutcome, ToolCall
from tui.domain.turn import Continuation, Mark, Opening, Prompt, Summary, ToolResults, Turn, TurnState
from tui.domain.usage import Usage

_PLAIN_ERRORS: dict[str, type[RilletError]] = {
    kind.__name__: kind
    for kind in (
        RilletError,
        ConfigError,
        KeyMissingError,
        ConnectError,
        StoreError,
        StreamError,
        FrameError,
        TruncatedError,
        BrokenError,
    )
}


_NOTHING: dict[str, Any] = {
    "error": None,
    "answered_by": "",
    "response_id": "",
    "finish": [False, None, None],
    "usage": None,
    "timing": {},
    "body": [],
    "thoughts": [],
    "refusals": [],
    "tool_calls": [],
    "server_tools": [],
    "items": [],
    "echo": {},
    "citations": [],
    "oddities": [],
    "oddity_count": 0,
}
"""What a reply is saved as that brought nothing: most is empty in most turns, and not written."""


def opening_record(opening: Opening) -> dict[str, Any]:
    """What began a turn, as plain values."""
    match opening:
        case Prompt():
            return {"prompt": opening.text, "images": _image_records(opening.images)}
        case ToolResults():
            return {
                "results": [
                    [result.call_id, result.text, result.is_error, _image_records(result.images)]
                    for result in opening.results
                ]
            }
        case Continuation():
            return {"continues": True}
        case Summary():
            return {"summarises": {"keeps": opening.keeps, "focus": opening.focus, "is_own": opening.is_own}}


def opening_from(record: Mapping[str, Any]) -> Opening:
    """What began a turn, from plain values."""
    if "prompt" in record:
        return Prompt(_text(record["prompt"]), _images_from(record["images"]))
    if "results" in record:
        return ToolResults(
            tuple(
                ToolResultPart(call_id, _text(text), is_error, _images_from(images))
                for call_id, text, is_error, images in record["results"]
            )
        )
    if "summarises" in record:
        wish = record["summarises"]
        return Summary(int(wish["keeps"]), _text(wish.get("focus", "")), bool(wish.get("is_own")))
    if record["continues"]:
        return Continuation()
    raise ValueError("a turn that nothing began")


def schema_record(schema: ReplySchema | None) -> dict[str, Any]:
    """What a reply was asked to follow, to be saved beside what began its turn; nothing for nothing."""
    if schema is None:
        return {}
    return {"schema": {"name": schema.name, "schema": dict(schema.schema), "strict": schema.strict}}


def schema_from(record: Mapping[str, Any]) -> ReplySchema | None:
    """What a reply was asked to follow."""
    schema = record.get("schema")
    return None if schema is None else ReplySchema(**schema)


def reply_record(turn: Turn) -> dict[str, Any]:
    """Everything of a turn that its reply brought, and how it ended, as plain values."""
    usage = turn.usage
    record = {
        "error": None if turn.error is None else {"type": type(turn.error).__name__, **turn.error.record()},
        "answered_by": turn.answered_by,
        "response_id": turn.response_id,
        "finish": [turn.has_finished, turn.finish_reason, turn.incomplete_reason],
        "usage": None if usage is None else _usage_record(usage),
        "timing": turn.timing.record(),
        "body": turn.body.parts,
        "thoughts": turn.thoughts.parts,
        "refusals": turn.refusals.parts,
        "tool_calls": [_call_record(call) for call in turn.tool_calls],
        # JSON objects have no integer keys.
        "server_tools": [[index, dict(item)] for index, item in turn.server_tools.items()],
        "items": [[index, dict(item)] for index, item in turn.items.items()],
        "echo": turn.echo,
        "citations": [[each.url, each.title] for each in turn.citations],
        **_more_record(turn),
        "oddities": [[each.kind, each.detail] for each in turn.oddities],
        "oddity_count": turn.oddity_count,
    }
    return {name: value for name, value in record.items() if name not in _NOTHING or value != _NOTHING[name]}


def _usage_record(usage: Usage) -> dict[str, Any]:
    record = {**usage.tokens(), "cost_usd": usage.cost_usd, "rate": usage.rate, "raw": dict(usage.raw)}
    more = {"server_calls": usage.server_calls, "sources": usage.sources, "estimated_usd": usage.estimated_usd}
    return record | {name: value for name, value in more.items() if value is not None}


def _more_record(turn: Turn) -> dict[str, Any]:
    """What few turns have, and older versions knew nothing of."""
    more: dict[str, Any] = {}
    if turn.messages:
        more["messages"] = [turn.messages.get(number, 0) for number, _ in turn.body.numbered]
    if turn.marks:
        places = {number: place for place, (number, _) in enumerate(turn.body.numbered)}
        marks = [[places[mark.part], mark.start, mark.end, mark.source] for mark in turn.marks if mark.part in places]
        more["marks"] = marks
    if turn.images:
        more["images"] = [[index, url] for index, url in turn.images.items()]
    if turn.source:
        more["source"] = turn.source
    return more


def restore_reply(turn: Turn, state: TurnState, record: Mapping[str, Any]) -> None:
    """Give a turn the reply it was saved with."""
    record = {**_NOTHING, **record}
    turn.state = state
    turn.error = error_from(record["error"])
    turn.answered_by, turn.response_id = record["answered_by"], record["response_id"]
    turn.has_finished, turn.finish_reason, turn.incomplete_reason = record["finish"]
    turn.usage = None if record["usage"] is None else Usage(**record["usage"])
    turn.timing = Timing.from_record(record["timing"])
    for growing, name in ((turn.body, "body"), (turn.thoughts, "thoughts"), (turn.refusals, "refusals")):
        if texts := record[name]:
            for part, text in enumerate(texts):
                growing.add(_text(text), part)
    # Most of these are empty in most turns, and a long conversation has thousands.
    if calls := record["tool_calls"]:
        turn.tool_calls = [
            ToolCall(
                index,
                call["id"],
                call["name"],
                call.get("extra", {}),
                [_text(call["arguments"])],
                _text(call.get("edited", "")),
                _outcome_from(call.get("outcome")),
                "outcome" in call,
                _outcome_from(call.get("again")),
                _text(call.get("server", "")),
            )
            for index, call in enumerate(calls)
        ]
    if tools := record["server_tools"]:
        turn.server_tools = dict(tools)
    if items := record["items"]:
        turn.items = dict(items)
    turn.echo = dict(record["echo"])
    if citations := record["citations"]:
        turn.citations = [CitationDelta(_text(url), _text(title)) for url, title in citations]
    turn.marks = [Mark(*map(int, mark)) for mark in record.get("marks", ())]
    turn.messages = {part: number for part, number in enumerate(record.get("messages", ())) if number}
    turn.images = {index: _text(url) for index, url in record.get("images", ())}
    turn.source = record.get("source", "")
    if oddities := record["oddities"]:
        turn.oddities = [OddityDelta(kind, _text(detail)) for kind, detail in oddities]
    turn.oddity_count = record["oddity_count"]


def error_from(record: Mapping[str, Any] | None) -> RilletError | None:
    """The error a turn ended with."""
    if record is None:
        return None
    message, hint, kind = _text(record["message"]), _text(record["hint"]), record["kind"]
    name, code = record["type"], record.get("code") or ""
    if name == RefusedError.__name__:
        return RefusedError(
            message,
            hint,
            kind=kind,
            status=record["status"],
            code=code,
            retry_after=record["retry_after"],
            retry_after_at=record["retry_after_at"],
        )
    if name == LimitError.__name__:
        return LimitError(message, hint, limit=record["limit"])
    if name == EndpointError.__name__:
        return EndpointError(message, hint, kind=kind, code=code)
    error = _PLAIN_ERRORS.get(name, RilletError)(message, hint)
    error.kind = kind
    return error


def _call_record(call: ToolCall) -> dict[str, Any]:
    record = call.record()
    if call.edited:
        record["edited"] = call.edited
    record["outcome"] = _outcome_record(call.outcome)
    if call.again is not None:
        record["again"] = _outcome_record(call.again)
    return record


def _outcome_record(outcome: CallOutcome | None) -> list[Any] | None:
    if outcome is None:
        return None
    images = _image_records(outcome.images)
    return [outcome.state, outcome.text, outcome.is_error, images, outcome.duration, outcome.aside]


def _outcome_from(record: Sequence[Any] | None) -> CallOutcome | None:
    """What became of a call; one that was under way is read by another process, so it was stopped."""
    if record is None:
        return None
    state, text, is_error, images, duration, *aside = record
    _text(text)
    for words in aside:
        _text(words)
    if state == "running":
        return CallOutcome("stopped", text, is_error=True)
    return CallOutcome(state, text, is_error, _images_from(images), duration, *aside)


def _image_records(images: Iterable[ImagePart]) -> list[list[str]]:
    return [[image.url, image.detail, image.name] for image in images]


def _images_from(records: Iterable[Sequence[str]]) -> tuple[ImagePart, ...]:
    return tuple([ImagePart(*map(_text, record)) for record in records])  # those saved first had no name


def _text(value: Any) -> str:
    """A text that may have been put by; where its mark is damaged, something else is in its place.

    Raises:
        TypeError: If it is none.
    """
    if not isinstance(value, str):
        raise TypeError("a text that is none")
    return value
