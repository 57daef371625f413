"""opencode's `opencode.db`, the folders of JSON that it kept before, and what `opencode export` writes. Times are milliseconds.

A fork is a copy, with times of its own nowhere; `parent_id` is of sessions that an agent began. `opencode run` puts
quotation marks around a prompt. Texts that are `synthetic` were written by the program. In folders, a session, each of
its messages and each of their parts is a file: `session/PROJECT/ID.json`, `message/ID/MESSAGE.json`,
`part/MESSAGE/PART.json`; earlier still all under `session`, and at first the parts stood in the message.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from msgspec.structs import replace

from tui.chat.importing.source import Folder, NotReadError, Source, Tell, read_file, rows, tell_orphans
from tui.chat.importing.talk import Block, Called, Said, Talk, in_a_row, split
from tui.chat.importing.value import (
    arguments_of,
    attached,
    count_of,
    image_of,
    json_of,
    result_text,
    seconds_of,
    table_of,
    tables_of,
    text_of,
)
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.usage import Usage


def knows(source: Source) -> bool:
    """Whether a file is opencode's database, or an export of a session."""
    if source.kind == "json":
        first = table_of(source.first)
        message = next(iter(tables_of(first.get("messages"))), {})
        return _is_filed(source, first) or ("info" in first and "parts" in message and "info" in message)
    part = source.tables.get("part", frozenset())
    return {"message_id", "data"} <= part and "data" in source.tables.get("message", ())


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The sessions in a file."""
    if source.kind == "json" and _is_filed(source, table_of(source.first)):
        tell.expect(1)
        yield source.label, partial(_filed, source, tell)
        return
    if source.kind == "json":
        for place, value in source.items(tell):
            yield place, partial(_exported, value, tell)
        return
    with source.connect() as raw:
        more = "parent_id title time_created time_updated time_archived model"
        sessions = list(rows(raw, "session", "id", more, "ORDER BY time_created, id"))
        tell.expect(len(sessions))
        for session in sessions:
            yield f"{source.label}, session {session['id']}", partial(_kept, raw, session, tell)
        tell_orphans(raw, source, tell, table="message", column="session_id", of="session")


def _exported(give: Callable[[], Any], tell: Tell) -> Talk:
    value = give()
    if not isinstance(value, Mapping):
        raise NotReadError("it is no session")
    messages = [(table_of(each.get("info")), tables_of(each.get("parts"))) for each in tables_of(value.get("messages"))]
    return _talk(_session(table_of(value.get("info"))), messages, tell)


def _session(info: Mapping[str, Any]) -> Mapping[str, Any]:
    times = table_of(info.get("time"))
    return {
        "id": info.get("id"),
        "parent_id": info.get("parentID"),
        "title": info.get("title"),
        "time_created": times.get("created"),
        "time_updated": times.get("updated"),
        "time_archived": times.get("archived"),
    }


def _is_filed(source: Source, info: Mapping[str, Any]) -> bool:
    """Whether a file is a session whose messages are files beside it."""
    folders = _path(source).parts[:-1]
    return "session" in folders[-2:-1] and source.name.endswith(f"{info.get('id')}.json") and "time" in info


def _path(source: Source) -> PurePath:
    return source.path if isinstance(source.place, Folder) else PurePosixPath(source.name)


def _filed(source: Source, tell: Tell) -> Talk:
    info, store = table_of(source.first), _path(source).parents[2]
    session = text_of(info.get("id"))
    messages: list[tuple[Mapping[str, Any], list[Mapping[str, Any]]]] = []
    for name, message in _files(source, tell, store / "message" / session, store / "session" / "message" / session):
        folders = (store / "part" / name, store / "session" / "part" / session / name)
        parts = [part for _, part in _files(source, tell, *folders)]
        messages.append((_flat(message), parts or tables_of(message.get("parts"))))
    messages.sort(
        key=lambda each: (seconds_of(table_of(each[0].get("time")).get("created")), text_of(each[0].get("id")))
    )
    return _talk(_session(info), messages, tell)


def _flat(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """A message of the first versions, whose times and counts stood further in."""
    about = table_of(message.get("metadata"))
    return {
        **table_of(about.get("assistant")),
        **{name: about[name] for name in ("time", "error") if name in about},
        **message,
    }


def _files(source: Source, tell: Tell, *folders: PurePath) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The values in the JSON files of the first of these folders that there is, by their names, in order."""
    for folder in folders:
        if isinstance(source.place, Folder):
            names = [str(path) for path in sorted(Path(folder).glob("*.json"))]
        else:
            names = [name for name in source.place.names() if PurePosixPath(name).parent == folder]
        for name in names:
            try:
                data = read_file(Path(name)) if isinstance(source.place, Folder) else source.place.read(name)
            except NotReadError as error:
                tell.problem(name, str(error))
                continue
            if isinstance(value := json_of(data), Mapping):
                yield PurePath(name).stem, value
            else:
                tell.problem(name, "it is cut, or no JSON")
        if names:
            return


def _kept(raw: sqlite3.Connection, session: Mapping[str, Any], tell: Tell) -> Talk:
    parts: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows(
        raw, "part", "id message_id session_id data", "", "WHERE session_id = ? ORDER BY id", session["id"]
    ):
        parts[row["message_id"]].append(table_of(json_of(row["data"])))
    where = "WHERE session_id = ? ORDER BY time_created, id"
    messages = [
        ({**table_of(json_of(row["data"])), "id": row["id"]}, parts[row["id"]])
        for row in rows(raw, "message", "id session_id data", "time_created", where, session["id"])
    ]
    return _talk(session, messages, tell)


def _talk(
    session: Mapping[str, Any], messages: Sequence[tuple[Mapping[str, Any], list[Mapping[str, Any]]]], tell: Tell
) -> Talk:
    said: list[Said] = []
    for info, parts in messages:
        said += _prompt(info, parts, tell) if info.get("role") == "user" else _reply(info, parts)
    title = text_of(session["title"])
    is_from_agent = bool(session["parent_id"])
    return Talk(
        text_of(session["id"]),
        in_a_row(said),
        title="" if title.startswith("New session - ") else title,
        created_at=seconds_of(session["time_created"]),
        updated_at=seconds_of(session["time_updated"]),
        is_archived=bool(session["time_archived"]) or is_from_agent,
        tags=("subagent",) if is_from_agent else (),
    )


def _prompt(info: Mapping[str, Any], parts: list[Mapping[str, Any]], tell: Tell) -> list[Said]:
    texts, names = [], []
    images: list[ImagePart] = []
    for part in parts:
        if part.get("type") == "text" and not part.get("synthetic"):
            texts.append(_unquoted(text_of(part.get("text"))))
        elif part.get("type") == "file":
            name, url = text_of(part.get("filename")), text_of(part.get("url"))
            is_image = text_of(part.get("mime")).startswith("image/")
            image = image_of(url, name) if is_image else None
            if image is not None:
                images.append(image)
            else:
                if is_image:
                    tell.left_out("an image that is only the path of a file")
                names.append(name or url.rpartition("/")[2][:80])
    model = table_of(info.get("model"))
    at = seconds_of(table_of(info.get("time")).get("created"))
    text = attached("\n\n".join(filter(None, texts)), names)
    if not text and not images and parts:
        return []  # only the program spoke
    return [
        Said(
            text_of(info.get("id")),
            "user",
            text=text,
            images=tuple(images),
            model=text_of(model.get("modelID")),
            endpoint=text_of(model.get("providerID")),
            at=at,
        )
    ]


def _unquoted(text: str) -> str:
    """A prompt without the quotation marks that `opencode run` puts around one of several words."""
    if len(text) > 2 and text[0] == text[-1] == '"' and any(char.isspace() for char in text):
        inner = json_of(text)
        if isinstance(inner, str):
            return inner
    return text


def _reply(info: Mapping[str, Any], parts: list[Mapping[str, Any]]) -> list[Said]:
    times, error = table_of(info.get("time")), table_of(info.get("error"))
    begun, ended = seconds_of(times.get("created")), seconds_of(times.get("completed"))
    failure = text_of(table_of(error.get("data")).get("message")) or text_of(error.get("name"))
    was_stopped = text_of(error.get("name")) == "MessageAbortedError"
    finish = text_of(info.get("finish"))
    blocks = [block for part in parts for block in _blocks(part)]
    thinking = [table_of(part.get("time")) for part in parts if part.get("type") == "reasoning"]
    lengths = [seconds_of(each.get("end")) - seconds_of(each.get("start")) for each in thinking if each.get("end")]
    whole = Said(
        text_of(info.get("id")),
        "assistant",
        model=text_of(info.get("modelID")),
        endpoint=text_of(info.get("providerID")),
        at=begun,
        duration=round(ended - begun, 6) if begun and ended >= begun else None,
        pondered=round(sum(lengths), 6) if lengths else None,
        usage=_usage(info),
        finish=finish,
        error="" if was_stopped else failure,
        was_stopped=was_stopped,
    )
    if not blocks:
        return [whole]
    said = split(whole, blocks)
    if said[-1].role == "tool":  # what it took belongs to the reply, not to what the tools said
        last, result = said[-2], said[-1]
        told_of = replace(whole, id=last.id, above=last.above, text=last.text, thoughts=last.thoughts, calls=last.calls)
        said[-2:] = [told_of, Said(result.id, "tool", result.above, results=result.results)]
    return said


def _blocks(part: Mapping[str, Any]) -> Iterator[Block]:
    match part.get("type"):
        case "text" if not part.get("ignored"):
            yield Block(text=text_of(part.get("text")))
        case "reasoning":
            yield Block(thought=text_of(part.get("text")))
        case "tool-invocation":
            yield from _invocation(table_of(part.get("toolInvocation")))
        case "tool":
            state = table_of(part.get("state"))
            call_id = text_of(part.get("callID")) or text_of(part.get("id"))
            yield Block(call=Called(call_id, text_of(part.get("tool")), arguments_of(state.get("input"))))
            failed = state.get("status") == "error"
            if failed or state.get("status") == "completed":
                words = result_text(state.get("error" if failed else "output"))
                yield Block(result=ToolResultPart(call_id, words, is_error=failed))


def _invocation(invocation: Mapping[str, Any]) -> Iterator[Block]:
    """A call as the first versions kept it."""
    call_id = text_of(invocation.get("toolCallId"))
    yield Block(call=Called(call_id, text_of(invocation.get("toolName")), arguments_of(invocation.get("args"))))
    if invocation.get("state") == "result":
        yield Block(result=ToolResultPart(call_id, result_text(invocation.get("result"))))


def _usage(info: Mapping[str, Any]) -> Usage | None:
    """The counts as rillet has them: what was cached is part of what was sent, thinking part of what came."""
    tokens, cost = table_of(info.get("tokens")), info.get("cost")
    if not tokens:
        return None
    cache = table_of(tokens.get("cache"))
    read, written = count_of(cache.get("read")) or 0, count_of(cache.get("write")) or 0
    put, out, thinking = (count_of(tokens.get(name)) for name in ("input", "output", "reasoning"))
    return Usage(
        input=None if put is None else put + read + written,
        output=None if out is None else out + (thinking or 0),
        reasoning=thinking,
        cached=read,
        total=count_of(tokens.get("total")),
        cost_usd=float(cost) if isinstance(cost, int | float) and cost else None,
    )
