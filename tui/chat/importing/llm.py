"""llm's `logs.db`, of both schemas: `threads`, `turns`, `messages`, `parts` since 0.32, `conversations`, `responses` before.

A thread is the chain of messages that ends at its tip; messages are shared by threads that begin alike, and have no time,
but turns have. An old chat that was gone on with stands in both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tui.chat.importing.source import NotReadError, Source, Tell, read_file, rows
from tui.chat.importing.talk import Called, Said, Talk, in_a_row, role_of
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
from tui.domain.request import ReplySchema
from tui.domain.usage import Usage


def knows(source: Source) -> bool:
    """Whether a file is llm's."""
    tables = source.tables
    has_old = {"conversation_id", "prompt", "response"} <= tables.get("responses", frozenset())
    return has_old or ("tip_message_hash" in tables.get("threads", ()) and "parts" in tables)


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The chats in the database, each once."""
    with source.connect() as raw:
        logs = _Logs(raw, source, tell)
        threads = list(logs.threads())
        new_ids = {thread["id"] for thread in threads}
        old = [chat for chat in logs.conversations() if chat["id"] not in new_ids]
        tell.expect(len(threads) + len(old))
        for thread in threads:
            yield f"{source.label}, thread {thread['id']}", partial(logs.talk, thread)
        for chat in old:
            yield f"{source.label}, conversation {chat['id']}", partial(logs.old_talk, chat)


class _Logs:
    """The database, as far as one conversation asks for it."""

    def __init__(self, raw: sqlite3.Connection, source: Source, tell: Tell) -> None:
        self._raw = raw
        self._tables = source.tables
        self._tell = tell
        self._schemas = {row["id"]: row["content"] for row in self._some("schemas", "id content")}

    def _all(self, table: str, needed: str, more: str = "", where: str = "", *values: object) -> list[dict[str, Any]]:
        """Rows of a table, none where there is no such table."""
        return list(rows(self._raw, table, needed, more, where, *values)) if table in self._tables else []

    def _some(self, table: str, needed: str, more: str = "", where: str = "", *values: object) -> list[dict[str, Any]]:
        """The same of what a chat can be read without; where the file keeps it otherwise, that is told."""
        try:
            return self._all(table, needed, more, where, *values)
        except NotReadError:
            self._tell.left_out(f"{table.rpartition('_')[2]}, which this file keeps in a way that rillet does not know")
            return []

    def _linked(self, table: str, of: str, key: object, name: str) -> list[Any]:
        """The keys of what belongs to a message or a reply, in their order."""
        links = self._some(table, f"{of} {name}", "order", f"WHERE {of} = ? ORDER BY rowid", key)
        return [row[name] for row in sorted(links, key=lambda row: count_of(row["order"]) or 0)]

    def threads(self) -> list[dict[str, Any]]:
        """The chats of the newer schema."""
        return self._all("threads", "id tip_message_hash", "name datetime_utc", "ORDER BY id")

    def conversations(self) -> list[dict[str, Any]]:
        """The chats of the older schema; replies of none are one each."""
        chats = self._all("conversations", "id", "name model", "ORDER BY id")
        if "responses" in self._tables and self._all("responses", "id", "", "WHERE conversation_id IS NULL LIMIT 1"):
            alone = self._all("responses", "id", "model", "WHERE conversation_id IS NULL ORDER BY id")
            chats += [{"id": row["id"], "name": "", "model": row["model"], "is_alone": True} for row in alone]
        return chats

    # -- the newer schema ---------------------------------------------------------------------------------

    def talk(self, thread: Mapping[str, Any]) -> Talk:
        """A thread: the chain to its tip, and to where each of its turns ended."""
        needed = "id thread_id tip_message_hash"
        more = (
            "parent_message_hash model resolved_model schema_id input_tokens output_tokens token_details "
            "duration_ms datetime_utc response_json"
        )
        turns = self._some("turns", needed, more, "WHERE thread_id = ? ORDER BY id", thread["id"])
        messages: dict[str, dict[str, Any]] = {}
        for tip in [*(turn["tip_message_hash"] for turn in turns), thread["tip_message_hash"]]:
            self._collect(tip, messages)
        ended = {turn["tip_message_hash"]: turn for turn in turns}
        asked = {turn["parent_message_hash"]: turn for turn in reversed(turns)}
        said = [self._said(row, ended.get(row["hash"]), asked.get(row["hash"])) for row in messages.values()]
        said = self._before(thread, said)
        times = [one.at for one in said if one.at]
        return Talk(
            text_of(thread["id"]),
            said,
            title=_title(thread["name"]),
            created_at=min(times, default=0.0) or seconds_of(thread["datetime_utc"]),
            updated_at=max([*times, seconds_of(thread["datetime_utc"])]),
            leaf=text_of(thread["tip_message_hash"]) or None,
        )

    def _collect(self, tip: str | None, messages: dict[str, dict[str, Any]]) -> None:
        """The messages that lead to one, oldest first."""
        chain: list[dict[str, Any]] = []
        while tip is not None and tip not in messages and len(chain) < 1_000_000:
            rows = self._all("messages", "hash parent_hash role", "", "WHERE hash = ?", tip)
            if not rows:
                self._tell.left_out("a message that the database names and does not hold")
                break
            chain.append(rows[0])
            tip = rows[0]["parent_hash"]
        messages |= {row["hash"]: row for row in reversed(chain)}

    def _said(self, row: Mapping[str, Any], ended: Mapping[str, Any] | None, asked: Mapping[str, Any] | None) -> Said:
        role = role_of(row["role"])
        side = ended if role == "assistant" else asked
        texts, thoughts, calls, results = [], [], [], []
        images: list[ImagePart] = []
        parts = self._all(
            "parts",
            "id message_hash type",
            "position tool_name text payload",
            "WHERE message_hash = ? ORDER BY id",
            row["hash"],
        )
        for part in sorted(parts, key=lambda part: count_of(part["position"]) or 0):
            payload = table_of(json_of(part["payload"]))
            match part["type"]:
                case "text":
                    texts.append(self._text(part, payload))
                case "reasoning":
                    thoughts.append(text_of(part["text"]))
                case "tool_call":
                    name = text_of(payload.get("name")) or text_of(part["tool_name"])
                    calls.append(
                        Called(text_of(payload.get("tool_call_id")), name, arguments_of(payload.get("arguments")))
                    )
                case "tool_result":
                    results.append(_result(payload, text_of(part["tool_name"])))
                case "attachment":
                    names, pictures = self._attachments("part_attachments", "part_id", part["id"])
                    images += pictures
                    texts.append(attached("", names))
        return Said(
            row["hash"],
            role,
            row["parent_hash"],
            "\n\n".join(filter(None, texts)),
            tuple(filter(None, thoughts)),
            tuple(images),
            tuple(calls),
            tuple(results),
            schema=self._schema(ended or asked),
            at=seconds_of(side["datetime_utc"]) if side else 0.0,
            **_figures(ended),
        )

    def _text(self, part: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
        if isinstance(part["text"], str):
            return part["text"]
        pieces = []
        for piece in tables_of(payload.get("text_ref")):
            if "literal" in piece:
                pieces.append(text_of(piece["literal"]))
            else:
                fragments = self._some("fragments", "id content", "", "WHERE id = ?", piece.get("fragment"))
                pieces += [text_of(row["content"]) for row in fragments]
        return "".join(pieces)

    def _before(self, thread: Mapping[str, Any], said: list[Said]) -> list[Said]:
        """An old chat that was gone on with: what the chain does not repeat of it stands before it."""
        old = self._old_said(thread["id"]) if "responses" in self._tables else []
        first = next((one for one in said if one.role == "user"), None)
        repeated = {one.text for one in said if one.role == "user"}
        if not old or first is None or any(one.text in repeated for one in old if one.role == "user"):
            return said
        rest = [replace(one, above=old[-1].id) if one.above is None or one.id == first.id else one for one in said]
        return [*old, *(one for one in rest if one.role != "system")]

    # -- the older schema ---------------------------------------------------------------------------------

    def old_talk(self, chat: Mapping[str, Any]) -> Talk:
        """A conversation."""
        said = self._old_said(chat["id"], is_alone=bool(chat.get("is_alone")))
        times = [one.at for one in said if one.at]
        return Talk(
            text_of(chat["id"]),
            said,
            title=_title(chat["name"]),
            model=text_of(chat["model"]),
            created_at=min(times, default=0.0),
            updated_at=max(times, default=0.0),
        )

    def _old_said(self, chat: str, *, is_alone: bool = False) -> list[Said]:
        more = (
            "model resolved_model system duration_ms datetime_utc input_tokens output_tokens token_details schema_id "
            "response_json reasoning"
        )
        where = f"WHERE {'id' if is_alone else 'conversation_id'} = ? ORDER BY datetime_utc, id"
        said: list[Said] = []
        system = ""
        for row in self._all("responses", "id prompt response", more, where, chat):
            prompt = "\n\n".join(
                filter(None, (*self._fragments("system_fragments", row["id"]), text_of(row["system"])))
            )
            if prompt and prompt != system and not said:
                said.append(Said(f"{row['id']}/system", "system", text=prompt))
            system = prompt
            said += self._old_turn(row)
        return in_a_row(said)

    def _old_turn(self, row: Mapping[str, Any]) -> Iterator[Said]:
        at = seconds_of(row["datetime_utc"])
        needed, of = "id response_id name", "WHERE response_id = ? ORDER BY id"
        results = tuple(
            _result(result, text_of(result["name"]))
            for result in self._all("tool_results", needed, "output tool_call_id exception", of, row["id"])
        )
        names, images = self._attachments("prompt_attachments", "response_id", row["id"])
        text = "\n".join((*self._fragments("prompt_fragments", row["id"]), text_of(row["prompt"])))
        if results:
            yield Said(f"{row['id']}/results", "tool", results=results, at=at)
        if text.strip() or images or names or not results:
            yield Said(f"{row['id']}/prompt", "user", text=attached(text, names), images=tuple(images), at=at)
        calls = tuple(
            Called(
                text_of(call["tool_call_id"]) or str(call["id"]), text_of(call["name"]), arguments_of(call["arguments"])
            )
            for call in self._all("tool_calls", needed, "arguments tool_call_id", of, row["id"])
        )
        reasoning = text_of(row["reasoning"])
        yield Said(
            str(row["id"]),
            "assistant",
            text=text_of(row["response"]),
            thoughts=(reasoning,) if reasoning else (),
            calls=calls,
            schema=self._schema(row),
            at=at,
            **_figures(row),
        )

    def _fragments(self, table: str, response: str) -> list[str]:
        fragments = [
            row
            for key in self._linked(table, "response_id", response, "fragment_id")
            for row in self._some("fragments", "id content", "", "WHERE id = ?", key)
        ]
        return [text_of(row["content"]) for row in fragments]

    # -- both ---------------------------------------------------------------------------------------------

    def _attachments(self, table: str, of: str, key: object) -> tuple[list[str], list[ImagePart]]:
        """What goes with a prompt: the names of what is not here, and the images."""
        attachments = [
            row
            for link in self._linked(table, of, key, "attachment_id")
            for row in self._some("attachments", "id", "type path url content", "WHERE id = ?", link)
        ]
        names, images = [], []
        for row in attachments:
            kind, path, url, content = row["type"], row["path"], row["url"], row["content"]
            name = Path(text_of(path)).name or text_of(url).rpartition("/")[2]
            image = None
            if text_of(kind).startswith("image/"):
                image = self._image(content, text_of(path), text_of(url), name)
            if image is not None:
                images.append(image)
            else:
                names.append(name or text_of(kind))
        return names, images

    def _image(self, content: object, path: str, url: str, name: str) -> ImagePart | None:
        if isinstance(content, bytes) and content:
            return image_of(content, name)
        if url:
            return ImagePart(url, name=name)
        try:
            return image_of(read_file(Path(path)), name)
        except NotReadError:
            self._tell.left_out("an image that is only a path to a file, which is not there")
            return None

    def _schema(self, row: Mapping[str, Any] | None) -> ReplySchema | None:
        schema = json_of(self._schemas.get(row["schema_id"])) if row is not None and row["schema_id"] else None
        return ReplySchema("schema", schema) if isinstance(schema, dict) else None


def _result(payload: Mapping[str, Any], name: str) -> ToolResultPart:
    failed = text_of(payload.get("exception"))
    text = result_text(payload.get("output")) or failed
    return ToolResultPart(text_of(payload.get("tool_call_id")) or name, text, is_error=bool(failed))


def _figures(row: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a reply took, and who answered."""
    if row is None:
        return {}
    answer, details = table_of(json_of(row["response_json"])), table_of(json_of(row["token_details"]))
    raw = table_of(answer.get("usage"))
    put, out = count_of(row["input_tokens"]), count_of(row["output_tokens"])
    thinking = table_of(raw.get("completion_tokens_details")) or table_of(details.get("completion_tokens_details"))
    cached = table_of(raw.get("prompt_tokens_details")) or table_of(details.get("prompt_tokens_details"))
    usage = Usage(
        input=put,
        output=out,
        reasoning=count_of(thinking.get("reasoning_tokens")),
        cached=count_of(cached.get("cached_tokens")),
        total=count_of(raw.get("total_tokens")),
    )
    reasons = [text_of(answer.get("finish_reason")), text_of(answer.get("stop_reason"))]
    reasons += [text_of(each.get("finish_reason")) for each in tables_of(answer.get("choices"))]
    duration = count_of(row["duration_ms"])
    return {
        "model": text_of(row["resolved_model"]) or text_of(row["model"]),
        "response_id": text_of(answer.get("id")),
        "usage": usage if put is not None or out is not None else None,
        "duration": duration / 1000 if duration is not None else None,
        "finish": next(filter(None, reasons), ""),
    }


def _title(name: object) -> str:
    """The title, where it is more than the beginning of the prompt, which llm cuts short."""
    return "" if text_of(name).endswith("…") else text_of(name)
