"""Exporting: a session, or one branch of it, as a file: Markdown, JSON, HTML, plain text, or the body of a request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tui.chat.context import sent_turns
from tui.chat.history import messages_of
from tui.domain.endpoint_word import DialectName
from tui.domain.error import ConfigError
from tui.domain.export_word import SessionForm
from tui.domain.message import ImagePart
from tui.domain.quantity import describe_seconds
from tui.domain.request import Request
from tui.domain.session import NO_TIME, WholeSession, WholeTurn, title_from_prompt
from tui.domain.tool_call import ToolCall
from tui.domain.turn import Continuation, Prompt, Summary, ToolResults, Turn
from tui.wire.dialect import dialect_named, is_dialect
from tui.wire.image import describe_image

_ENDINGS: dict[str, SessionForm] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".txt": "text",
    ".body": "body",
}


def form_of(name: str) -> SessionForm:
    """The form that the ending of a file's name asks for: Markdown for any other."""
    suffixes = [suffix.lower() for suffix in Path(name).suffixes[-2:]]
    if suffixes == [".body", ".json"]:
        return "body"
    return _ENDINGS.get(suffixes[-1] if suffixes else "", "markdown")


def dialect_of(name: str) -> DialectName | None:
    """The dialect that a file's name asks for: `talk.messages.body.json`; none where it does not."""
    word = (Path(name).suffixes[-3:-2] or [""])[0].removeprefix(".").lower()
    return word if form_of(name) == "body" and is_dialect(word) else None


def branch_of(session: WholeSession, number: int | None = None) -> WholeSession:
    """The branch that leads to a turn, or to where the session stands, and nothing else of it.

    Raises:
        ConfigError: If it has no such turn.
    """
    by_number = {whole.turn.number: whole for whole in session.turns}
    at = session.head if number is None else number
    if at not in by_number:
        raise ConfigError(f"session {session.id} has no turn {at}", f"It has {len(by_number)}.")
    path: list[WholeTurn] = []
    while at is not None and (whole := by_number.pop(at, None)) is not None:
        path.append(whole)
        at = whole.above
    return replace(session, head=path[0].turn.number, turns=path[::-1])


def numbered(session: WholeSession) -> dict[int, WholeTurn]:
    """The turns of a session by their numbers."""
    return {whole.turn.number: whole for whole in session.turns}


def branches(session: WholeSession) -> list[list[WholeTurn]]:
    """The branches of a session, the one it stands at first; of each only what those before it do not hold."""
    if not session.turns:
        return []
    by_number = numbered(session)
    follows = {whole.above for whole in session.turns}
    leaves = [number for number in by_number if number not in follows]
    if session.head is not None:
        leaves = [session.head, *(leaf for leaf in leaves if leaf != session.head)]
    paths: list[list[WholeTurn]] = []
    for leaf in leaves:
        path: list[WholeTurn] = []
        at: int | None = leaf
        while at is not None and (whole := by_number.pop(at, None)) is not None:  # what a branch before holds is gone
            path.append(whole)
            at = whole.above
        if path:
            paths.append(path[::-1])
    return paths


def branch_heading(by_number: Mapping[int, WholeTurn], path: Sequence[WholeTurn]) -> str:
    """What stands above a branch that is not the first; given all turns of its session by their numbers."""
    at = path[0].above
    if at is None:
        return "Another beginning"
    for _ in by_number:  # no longer, whatever leads round in a circle
        if at is None or (whole := by_number.get(at)) is None:
            break
        at = whole.above
        if isinstance(whole.turn.opening, Prompt):
            way = "Asked beside it," if path[0].turn.standing == "aside" else "Another way on"
            return f"{way} after “{title_from_prompt(whole.turn.opening.text)}”"
    return "Another way on"


# -- what is told of a session -------------------------------------------------------------------------------------


def facts(session: WholeSession) -> dict[str, Any]:
    """What is told of a session before its turns: models, times, tokens, cost; what is not known is left out."""
    turns = [whole.turn for whole in session.turns]
    usages = [turn.usage for turn in turns if turn.usage is not None]
    costs = [usage.cost_usd for usage in usages if usage.cost_usd is not None]
    labelled = {
        "title": session.title,
        "session": session.id,
        "models": list(
            dict.fromkeys(turn.answered_by or turn.model for turn in turns if turn.answered_by or turn.model)
        ),
        "endpoints": list(dict.fromkeys(turn.endpoint for turn in turns if turn.endpoint)),
        "created": date_of(session.created_at),
        "updated": date_of(session.updated_at),
        "turns": len(turns),
        "branches": len(branches(session)),
        "tokens_in": _sum([usage.input for usage in usages]),
        "tokens_out": _sum([usage.output for usage in usages]),
        "tokens_reasoning": _sum([usage.reasoning for usage in usages]),
        "cost_usd": round(sum(costs), 6) if costs else None,
        "tags": list(session.tags),
        "imported_from": session.source.partition(":")[0],
    }
    return {name: value for name, value in labelled.items() if value not in (None, "", [])}


def _sum(counts: Sequence[int | None]) -> int | None:
    numbers = [count for count in counts if count is not None]
    return sum(numbers) if numbers else None


def date_of(seconds: float) -> str:
    """An instant in UTC, to the second; empty where it is not known."""
    if seconds == NO_TIME:
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return ""


def call_names(session: WholeSession) -> dict[str, str]:
    """The tools that were called, by the ids of the calls; of an id that came twice, the last one."""
    return {call.id: call.name for whole in session.turns for call in whole.turn.tool_calls}


def turn_facts(whole: WholeTurn) -> list[str]:
    """What is told of one turn below its reply: how it ended, where that is not well, what it took, and when."""
    turn, usage = whole.turn, whole.turn.usage
    facts = []
    if str(turn.state) != "complete" or turn.is_cut:
        facts.append(str(turn.state) if str(turn.state) != "complete" else turn.finish.words)
    if turn.error is not None:
        facts.append(turn.error.message)
    if usage is not None and (usage.input is not None or usage.output is not None):
        facts.append(
            f"{usage.input if usage.input is not None else '?'} tokens in, {usage.output if usage.output is not None else '?'} out"
        )
    if usage is not None and usage.cost_usd is not None:
        facts.append(f"${usage.cost_usd:.6f}".rstrip("0").rstrip("."))
    if turn.timing.duration is not None:
        facts.append(describe_seconds(turn.timing.duration))
    facts.append(date_of(whole.began_at))
    return [words for words in facts if words]


# -- Markdown and text ---------------------------------------------------------------------------------------------


def as_markdown(session: WholeSession) -> Iterator[str]:
    """The session as Markdown, a piece a turn: facts at the head, then what was asked, thought, called and answered."""
    head = "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in facts(session).items())
    parts = [f"---\n{head}\n---", f"# {_in_line(session.title) or 'Conversation'}"]
    if session.system:
        parts += ["## System", session.system]
    yield "\n\n".join(parts)
    names, by_number = call_names(session), numbered(session)
    for number, path in enumerate(branches(session)):
        if number:
            yield f"\n\n---\n\n# {branch_heading(by_number, path)}"
        for whole in path:
            yield "".join(f"\n\n{part}" for part in _turn_markdown(whole, names))
    yield "\n"


def _turn_markdown(whole: WholeTurn, names: Mapping[str, str]) -> list[str]:
    turn = whole.turn
    match turn.opening:
        case Prompt(text=text, images=images):
            parts = ["## You", text, *(_image_markdown(image) for image in images)]
        case ToolResults(results=results):
            parts = []
            for result in results:
                parts += [f"## Result of {_in_line(names.get(result.call_id, result.call_id))}", _fenced(result.text)]
                parts += [_image_markdown(image) for image in result.images]
        case Continuation():
            parts = ["*continued*"]
        case Summary():
            parts = ["*a summary of what stands above*"]
    parts.append(f"## {_in_line(turn.answered_by or turn.model) or 'Reply'}")
    if turn.reasoning:
        parts.append("\n".join(f"> {line}".rstrip() for line in turn.reasoning.splitlines()))
    parts.append(turn.prose or turn.refusal)
    parts += [_image_markdown(ImagePart(turn.images[index])) for index in sorted(turn.images)]
    parts += [_call_markdown(call) for call in turn.tool_calls]
    if turn.citations:
        parts.append("\n".join(f"- [{_in_line(each.title or each.url)}]({each.url})" for each in turn.citations))
    if facts := turn_facts(whole):
        parts.append(f"*{_in_line(' · '.join(facts))}*")
    return [part for part in parts if part]


def _call_markdown(call: ToolCall) -> str:
    edited = ", arguments edited by the user" if call.edited else ""
    state = f" ({call.outcome.state}{edited})" if call.outcome is not None else ""
    return f"**Calls `{_in_line(call.name)}`**{state}\n\n{_fenced(_pretty(call.final_arguments), 'json')}"


def _pretty(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments or "{}"), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return arguments


def _fenced(text: str, language: str = "") -> str:
    """A text between fences that it does not hold itself."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _image_markdown(image: ImagePart) -> str:
    return f"![{_in_line(image.name) or 'image'}]({image.url})"


def _in_line(text: str) -> str:
    return " ".join(text.split())


def as_text(session: WholeSession) -> Iterator[str]:
    """The session as plain text, a piece a turn."""
    parts = [session.title or "Conversation"]
    parts += [
        f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in facts(session).items()
        if name != "title"
    ]
    paragraphs = ["\n".join(parts)]
    if session.system:
        paragraphs.append(f"SYSTEM\n{session.system}")
    yield "\n\n".join(paragraphs)
    names, by_number = call_names(session), numbered(session)
    for number, path in enumerate(branches(session)):
        if number:
            yield f"\n\n{'-' * 40}\n{branch_heading(by_number, path)}"
        for whole in path:
            yield "".join(f"\n\n{paragraph}" for paragraph in _turn_text(whole, names))
    yield "\n"


def _turn_text(whole: WholeTurn, names: Mapping[str, str]) -> list[str]:
    turn = whole.turn
    parts: list[str] = []
    match turn.opening:
        case Prompt(text=text, images=images):
            parts.append("\n".join(("YOU", text, *(f"[{describe_image(image)}]" for image in images))))
        case ToolResults(results=results):
            for result in results:
                seen = (f"[{describe_image(image)}]" for image in result.images)
                parts.append("\n".join((f"RESULT OF {names.get(result.call_id, result.call_id)}", result.text, *seen)))
        case Continuation():
            parts.append("(continued)")
        case Summary():
            parts.append("(a summary of what stands above)")
    reply = [(turn.answered_by or turn.model or "reply").upper()]
    if turn.reasoning:
        reply += [f"| {line}" for line in turn.reasoning.splitlines()]
    reply += [part for part in (turn.prose or turn.refusal,) if part]
    reply += [f"[{describe_image(ImagePart(turn.images[index]))}]" for index in sorted(turn.images)]
    for call in turn.tool_calls:
        state = f" ({call.outcome.state})" if call.outcome is not None else ""
        reply.append(f"calls {call.name}{state}: {call.final_arguments}")
    reply += [f"[{number}] {each.title} {each.url}".rstrip() for number, each in enumerate(turn.citations, 1)]
    if facts := turn_facts(whole):
        reply.append(f"({' · '.join(facts)})")
    return [*parts, "\n".join(reply)]


# -- the body of a request -----------------------------------------------------------------------------------------


def as_body(session: WholeSession, dialect: DialectName | None = None) -> str:
    """The branch that the session stands at, as the body of a request that goes on with it: for `curl -d @FILE`.

    It is in a dialect, that of the last turn where none is given; the first where that was in none. What only one
    endpoint understands of its own replies goes along in the dialect they were in.
    """
    path = branch_of(session).turns
    last: Turn = path[-1].turn
    own = last.dialect if is_dialect(last.dialect) else "chat"
    request = Request(
        model=last.model,
        messages=messages_of(sent_turns(_joined(path))),
        system=session.system or "",
        schema=last.schema,
        reasoning_effort=session.effort,
        origin=last.endpoint if dialect in (None, own) else "",
    )
    return json.dumps(dialect_named(dialect or own).encode(request), ensure_ascii=False, indent=2) + "\n"


def _joined(path: Sequence[WholeTurn]) -> list[Turn]:
    return [whole.turn for whole in path]
