"""ChatGPT's export: `conversations-NNN.json`, or the older single file, in a zip file or unpacked.

A conversation is a mapping of nodes, each under another; `current_node` is where it stands. Many nodes are hidden: what
follows them follows what they follow. Most of what a message could say of itself is missing in most messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any

from tui.chat.importing.source import NotReadError, Place, Source, Tell
from tui.chat.importing.talk import Called, Said, Talk
from tui.chat.importing.value import (
    attached,
    image_of,
    json_of,
    list_of,
    seconds_of,
    table_of,
    tables_of,
    text_of,
)
from tui.domain.message import ImagePart, ToolResultPart

_CITED = re.compile("\ue200[^\ue201]*\ue201")
"""How ChatGPT marks a source within a text: characters for private use, which no font shows."""

_HIDDEN = frozenset({"user_editable_context", "model_editable_context", "reasoning_recap", "app_pairing_content"})
_IMAGE_NAME = re.compile(r"\.(png|jpe?g|gif|webp)\Z", re.IGNORECASE)


def knows(source: Source) -> bool:
    """Whether a file holds conversations of ChatGPT."""
    if source.kind != "json":
        return False
    return isinstance(table_of(source.first).get("mapping"), dict)


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The conversations in a file."""
    assets = Assets(source.place, tell)
    for place, value in source.items(tell):
        yield place, partial(_talk, value, assets)


class Assets:
    """The files that go with an export, by their ids: as `.dat` with a map of names beside them, or by their own names."""

    def __init__(self, place: Place, tell: Tell) -> None:
        self._place = place
        self._tell = tell
        self.read = lru_cache(64)(self._read)
        self._index: dict[str, str] | None = None
        self._names: Mapping[str, Any] = {}

    def _find(self, asset: str) -> str | None:
        if self._index is None:
            names = self._place.names()
            self._index = {name.rpartition("/")[2].partition(".")[0]: name for name in names}
            listed = next((name for name in names if name.endswith("conversation_asset_file_names.json")), None)
            if listed is not None:
                try:
                    self._names = table_of(json_of(self._place.read(listed)))
                except NotReadError as error:
                    self._tell.problem(listed, str(error))
        if (exact := self._index.get(asset)) is not None:
            return exact
        return next((name for stem, name in self._index.items() if stem.startswith((f"{asset}-", f"{asset}_"))), None)

    def name(self, asset: str) -> str:
        """What a file was called by who sent it."""
        asset_file = self._find(asset)
        for key in (f"{asset}.dat", asset, (asset_file or "").rpartition("/")[2]):
            if isinstance(self._names.get(key), str):
                return str(self._names[key])
        return asset_file.rpartition("/")[2].removeprefix(f"{asset}-") if asset_file is not None else ""

    def _read(self, asset: str) -> ImagePart | None:
        """An image, where it is in the export."""
        asset_file = self._find(asset)
        if asset_file is None:
            self._tell.left_out("an image that is not in the export")
            return None
        try:
            return image_of(self._place.read(asset_file), self.name(asset))
        except NotReadError as error:
            self._tell.problem(asset_file, str(error))
            return None


def _talk(give: Callable[[], Any], assets: Assets) -> Talk:
    value = give()
    if not isinstance(value, Mapping) or not isinstance(value.get("mapping"), Mapping):
        raise NotReadError("it is no conversation: it has no “mapping”")
    said = [_said(name, table_of(node), assets) for name, node in value["mapping"].items()]
    said.sort(key=lambda one: one.at)  # those without a time first: they are roots, and the sort is stable
    return Talk(
        text_of(value.get("conversation_id")) or text_of(value.get("id")) or _made_up_id(value),
        said,
        title=text_of(value.get("title")),
        model=text_of(value.get("default_model_slug")),
        created_at=seconds_of(value.get("create_time")),
        updated_at=seconds_of(value.get("update_time")),
        leaf=text_of(value.get("current_node")) or None,
        is_pinned=bool(value.get("is_starred") or value.get("pinned_time")),
        is_archived=bool(value.get("is_archived")),
    )


def _made_up_id(value: Mapping[str, Any]) -> str:
    """Of a conversation without an id, the names of its nodes tell it from others."""
    return min((str(name) for name in value["mapping"]), default="") or "without an id"


def _said(name: str, node: Mapping[str, Any], assets: Assets) -> Said:
    message = table_of(node.get("message"))
    above = text_of(node.get("parent")) or None
    content, metadata = table_of(message.get("content")), table_of(message.get("metadata"))
    kind, role = text_of(content.get("content_type")), text_of(table_of(message.get("author")).get("role"))
    at = seconds_of(message.get("create_time"))
    recap = metadata.get("finished_duration_sec") if kind == "reasoning_recap" else None
    if recap:
        return Said(name, "assistant", above, at=at, pondered=float(recap) if isinstance(recap, int | float) else None)
    is_hidden = kind in _HIDDEN or metadata.get("is_visually_hidden_from_conversation") or message.get("weight") == 0
    if not message or is_hidden or role not in ("user", "assistant", "tool"):
        return Said(name, "hidden", above)
    text, images = _content(content, assets)
    if role == "user":
        return Said(name, "user", above, attached(text, _others(metadata, images, assets)), images=images, at=at)
    model = text_of(metadata.get("resolved_model_slug")) or text_of(metadata.get("model_slug"))
    if role == "tool":
        tool = text_of(table_of(message.get("author")).get("name")) or "tool"
        result = ToolResultPart(tool, text, is_error=kind == "system_error", images=images)
        return Said(name, "tool", above, results=(result,), at=at)
    if kind == "thoughts":
        thoughts = tuple(filter(None, (_thought(each) for each in tables_of(content.get("thoughts")))))
        return Said(name, "assistant", above, thoughts=thoughts, model=model, at=at)
    recipient = text_of(message.get("recipient")) or "all"
    if recipient != "all":
        call = Called(recipient, recipient, _arguments(text, kind))
        return Said(name, "assistant", above, calls=(call,), model=model, at=at)
    finish = text_of(table_of(metadata.get("finish_details")).get("type"))
    status = text_of(message.get("status"))
    return Said(
        name,
        "assistant",
        above,
        text,
        images=images,
        citations=tuple(_citations(metadata)),
        model=model,
        at=at,
        finish="" if finish == "interrupted" else finish,
        was_stopped=finish == "interrupted" or status in ("in_progress", "finished_partial_completion"),
    )


def _arguments(text: str, kind: str) -> str:
    if isinstance(json_of(text), dict):
        return text
    return json.dumps({"code" if kind == "code" else "input": text}, ensure_ascii=False)


def _thought(thought: Mapping[str, Any]) -> str:
    return "\n\n".join(filter(None, (text_of(thought.get("summary")), text_of(thought.get("content")))))


def _content(content: Mapping[str, Any], assets: Assets) -> tuple[str, tuple[ImagePart, ...]]:
    """The words of a message and its images; parts are texts and objects, mixed."""
    texts: list[str] = []
    images: list[ImagePart] = []
    for part in list_of(content.get("parts")):
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Mapping):
            kind = text_of(part.get("content_type")) or text_of(part.get("type"))
            if kind == "image_asset_pointer":
                asset = re.split(r"[/#?]", text_of(part.get("asset_pointer")).partition("://")[2])[0]
                if (image := assets.read(asset)) is not None:
                    images.append(image)
                else:
                    texts.append(f"[image: {assets.name(asset) or asset or 'without a name'}]")
            else:
                texts.append(text_of(part.get("text")))
    if not texts:
        heading = " ".join(filter(None, (text_of(content.get(name)) for name in ("title", "url", "domain"))))
        body = [text_of(content.get(name)) for name in ("text", "result", "summary")]
        texts = [heading, *body]
    return _CITED.sub("", "\n".join(filter(None, texts))), tuple(images)


def _others(metadata: Mapping[str, Any], images: tuple[ImagePart, ...], assets: Assets) -> list[str]:
    """The names of files that were sent along, without the images that are here."""
    there = {image.name for image in images}
    names = []
    for each in tables_of(metadata.get("attachments")):
        name = text_of(each.get("name")) or assets.name(text_of(each.get("id")))
        is_image = text_of(each.get("mime_type")).startswith("image/") or _IMAGE_NAME.search(name)
        if name not in there and not is_image:  # what became of an image is told where it stood
            names.append(name)
    return names


def _citations(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in tables_of(metadata.get("content_references")) + tables_of(metadata.get("citations")):
        source = table_of(each.get("metadata")) or each
        for one in (source, *tables_of(source.get("items"))):
            if url := text_of(one.get("url")):
                yield url, text_of(one.get("title"))
