"""Codex's rollouts: JSON lines, one file a session, `.jsonl` or `.jsonl.zst`.

Every message stands in a file twice, as `response_item` and as an event; the first kind is read. What the program itself
said in the user's place is left out. A fork's file may hold only what came after: the rest is in the file it names.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tui.chat.importing.source import Folder, NotReadError, Source, Tell
from tui.chat.importing.talk import Called, Said, Talk, in_a_row
from tui.chat.importing.value import (
    arguments_of,
    attached,
    count_of,
    image_of,
    result_text,
    seconds_of,
    table_of,
    tables_of,
    text_of,
)
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.usage import Usage

_PROGRAM = re.compile(
    r"\s*(<(environment_context|user_instructions|permissions|skills?_?\w*|turn_aborted|collaboration_mode|model_switch|"
    r"subagent_notification|user_shell_command|recommended_plugins|apps_\w+)\b|# AGENTS\.md instructions)"
)
_IMAGE_TAG = re.compile(r"<image(?: name=\[?[^\]>]*\]?)?(?: path=\"(?P<path>[^\"]*)\")?>\Z")

Line = tuple[int, float, str, Mapping[str, Any]]


def knows(source: Source) -> bool:
    """Whether a file is a rollout of Codex."""
    if source.kind != "lines":
        return False
    first = table_of(source.first)
    is_new = {"timestamp", "type", "payload"} <= set(first)
    return is_new or ("rollout-" in source.name and {"id", "timestamp"} <= set(first))


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The one session in a file."""
    tell.expect(1)
    yield source.label, partial(_talk, source, tell)


def _talk(source: Source, tell: Tell) -> Talk:
    meta, lines = _lines(source, tell)
    reader = _Reader()
    for line in lines:
        reader.take(line)
    session_id = text_of(meta.get("id")) or source.name
    about = _titles(_home(source.path)).get(session_id)
    origin = meta.get("source")
    is_from_agent = isinstance(origin, Mapping) and "subagent" in origin
    return Talk(
        session_id,
        in_a_row(reader.said),
        title=about[0] if about else "",
        endpoint=text_of(meta.get("model_provider")),
        created_at=seconds_of(meta.get("timestamp")),
        updated_at=max((at for _, at, _, _ in lines), default=0.0),
        is_archived=bool(about and about[1]) or "archived_sessions" in source.path.parts or is_from_agent,
        tags=("subagent",) if is_from_agent else (),
    )


def _lines(source: Source, tell: Tell, depth: int = 0) -> tuple[Mapping[str, Any], list[Line]]:
    """What a file says of itself, and its lines, with those before it where it is a fork."""
    meta: Mapping[str, Any] = {}
    lines: list[Line] = []
    try:
        for number, line in source.lines():
            value = table_of(line)
            payload = value.get("payload")
            kind, item = text_of(value.get("type")), table_of(payload)
            if payload is None:  # before 2025-07, items stood in lines by themselves
                kind, item = ("response_item" if kind else "session_meta"), value
            if kind == "session_meta" and not meta:
                meta = item
                continue
            ordinal = value.get("ordinal")
            at = seconds_of(value.get("timestamp"))
            lines.append((ordinal if isinstance(ordinal, int) else number, at, kind, item))
    except NotReadError as error:
        tell.problem(source.label, f"{error}; what stands before that is taken")
    base, until = text_of(meta.get("forked_from_id")), meta.get("forked_from_ordinal_exclusive")
    if not base or not isinstance(until, int) or depth > 50:
        return meta, lines
    base_file = _file_of(base, source)
    if base_file is None:
        tell.problem(source.label, f"what was said before this fork is in the file of {base}, which is not there")
        return meta, lines
    _, before = _lines(base_file, tell, depth + 1)
    return meta, [*(line for line in before if line[0] < until), *lines]


class _Reader:
    """Takes lines, and makes messages of them."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self._model = ""
        self._count = 0

    def take(self, line: Line) -> None:
        """Take a line."""
        _, at, kind, item = line
        if kind == "turn_context":
            self._model = text_of(item.get("model")) or self._model
        elif kind == "response_item":
            self._take_item(at, item)
        elif kind == "token_usage_record":
            self._give(usage=_usage(table_of(item.get("usage"))))
        elif kind == "event_msg":
            self._take_event(item)

    def _name(self) -> str:
        self._count += 1
        return str(self._count)

    def _take_item(self, at: float, item: Mapping[str, Any]) -> None:
        match item.get("type"):
            case "message" if item.get("role") == "user":
                text, images = _prompt(item)
                if text or images:
                    self.said.append(Said(self._name(), "user", text=text, images=images, at=at))
            case "message" if item.get("role") == "assistant":
                texts = [text_of(each.get("text")) for each in tables_of(item.get("content"))]
                self._reply(at, text="\n\n".join(filter(None, texts)))
            case "reasoning":
                parts = (*tables_of(item.get("summary")), *tables_of(item.get("content")))
                if thoughts := tuple(filter(None, (text_of(each.get("text")) for each in parts))):
                    self._reply(at, thoughts=thoughts)
            case "function_call" | "custom_tool_call" | "local_shell_call" | "web_search_call":
                self._call(at, item)
            case "function_call_output" | "custom_tool_call_output":
                self._result(at, item)

    def _call(self, at: float, item: Mapping[str, Any]) -> None:
        call_id = text_of(item.get("call_id")) or text_of(item.get("id"))
        name = text_of(item.get("name")) or text_of(item.get("type")).removesuffix("_call")
        held = next((item[key] for key in ("arguments", "input", "action") if item.get(key) is not None), None)
        self._reply(at, calls=(Called(call_id, name, arguments_of(held)),))

    def _result(self, at: float, item: Mapping[str, Any]) -> None:
        output = item.get("output")
        failed = False
        if isinstance(output, Mapping):
            failed, output = output.get("success") is False, output.get("content")
        text = result_text(output)
        code = re.search(r"(?:exited with code|\"exit_code\":) ?(-?\d+)", text)
        failed = failed or (code is not None and code[1] != "0")
        result = ToolResultPart(text_of(item.get("call_id")), text, is_error=failed)
        if self.said and self.said[-1].role == "tool":
            self.said[-1] = replace(self.said[-1], results=(*self.said[-1].results, result))
        else:
            self.said.append(Said(self._name(), "tool", results=(result,), at=at))

    def _reply(self, at: float, text: str = "", **more: Any) -> None:
        """Items of one reply stand one by one."""
        last = self.said[-1] if self.said else None
        if last is None or last.role != "assistant" or (text and last.text):
            self.said.append(Said(self._name(), "assistant", text=text, model=self._model, at=at, **more))
            return
        joined = {name: (*getattr(last, name), *value) for name, value in more.items()}
        self.said[-1] = replace(last, text=text or last.text, **joined)

    def _take_event(self, item: Mapping[str, Any]) -> None:
        match item.get("type"):
            case "token_count":
                self._give(usage=_usage(table_of(table_of(item.get("info")).get("last_token_usage"))))
            case "task_complete" | "turn_complete":
                duration, latency = count_of(item.get("duration_ms")), count_of(item.get("time_to_first_token_ms"))
                is_one = len(self.said) > 1 and self.said[-2].role == "user"  # else it is of several exchanges
                if duration is not None and is_one:
                    self._give(duration=duration / 1000, latency=None if latency is None else latency / 1000)
            case "turn_aborted":
                self._give(was_stopped=True)
            case "error":
                self._give(error=text_of(item.get("message")))

    def _give(self, **told: Any) -> None:
        """Tell of the last reply what is told after it; results of its calls may stand in between."""
        for number in range(len(self.said) - 1, max(-1, len(self.said) - 3), -1):
            said = self.said[number]
            if said.role == "assistant":
                if not (said.usage is not None and "usage" in told):
                    self.said[number] = replace(said, **told)
                return


def _prompt(item: Mapping[str, Any]) -> tuple[str, tuple[ImagePart, ...]]:
    """What a person wrote; empty where it was the program."""
    passed = table_of(item.get("internal_chat_message_metadata_passthrough"))
    kinds = [
        text_of(table_of(each.get("provenance")).get("type")) for each in tables_of(passed.get("content_item_metadata"))
    ]
    if kinds and "user" not in kinds and all(kinds):
        return "", ()
    texts, names = [], []
    images: list[ImagePart] = []
    name = ""
    for part in tables_of(item.get("content")):
        text = text_of(part.get("text"))
        if part.get("type") == "input_image":
            image = image_of(text_of(part.get("image_url")), name)
            if image is not None:
                images.append(image)
            else:
                names.append(name or "image")
        elif (tag := _IMAGE_TAG.match(text)) is not None:
            name = (tag["path"] or "").rpartition("/")[2]
        elif text and text != "</image>" and not _PROGRAM.match(text):
            texts.append(text)
    return attached("\n\n".join(texts), names), tuple(images)


def _usage(usage: Mapping[str, Any]) -> Usage | None:
    if not usage:
        return None
    return Usage(
        input=count_of(usage.get("input_tokens")),
        output=count_of(usage.get("output_tokens")),
        reasoning=count_of(usage.get("reasoning_output_tokens")),
        cached=count_of(usage.get("cached_input_tokens")),
        total=count_of(usage.get("total_tokens")),
    )


def _home(path: Path) -> Path | None:
    """Codex's own folder, where a file is in it."""
    return next((above.parent for above in path.parents if above.name in ("sessions", "archived_sessions")), None)


def _file_of(session_id: str, source: Source) -> Source | None:
    home = _home(source.path) if isinstance(source.place, Folder) else None
    if home is not None:
        file = next(iter(sorted(home.glob(f"*sessions/**/rollout-*{session_id}.jsonl*"))), None)
        if file is not None:
            return Source.of(file)
    name = next(
        (each for each in source.place.names() if session_id in each.rpartition("/")[2] and ".jsonl" in each), None
    )
    if name is None:
        return None
    return Source(name, source.path, name, source.place, lambda: source.place.read(name))


@lru_cache(8)
def _titles(home: Path | None) -> Mapping[str, tuple[str, bool]]:
    """The titles that Codex gave its sessions, and whether they are archived, where its own list can be read."""
    titles: dict[str, tuple[str, bool]] = {}
    for path in sorted(home.glob("state_*.sqlite")) if home is not None else ():
        with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            for session_id, title, archived in raw.execute("SELECT id, title, archived FROM threads"):
                titles[session_id] = (text_of(title), bool(archived))
    return titles
