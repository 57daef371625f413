"""aichat's sessions, a YAML file each. They have no times; `compressed_messages` are the older half of a long one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from tui.chat.importing.source import NotReadError, Source, Tell
from tui.chat.importing.talk import Called, Said, Talk, in_a_row, role_of
from tui.chat.importing.value import (
    arguments_of,
    image_of,
    result_text,
    table_of,
    tables_of,
    text_of,
    without_thoughts,
)
from tui.domain.message import ImagePart, ToolResultPart


def knows(source: Source) -> bool:
    """Whether a file is a session of aichat."""
    content = source.content if source.kind == "yaml" else b""
    return content.startswith(b"model:") and b"\nmessages:" in content


def pieces(source: Source, tell: Tell) -> Iterator[tuple[str, Callable[[], Talk]]]:
    """The session in the file."""
    tell.expect(1)
    yield source.label, partial(_talk, source)


def _talk(source: Source) -> Talk:
    session = _read(source.content)
    urls = table_of(session.get("data_urls"))
    old, new = tables_of(session.get("compressed_messages")), tables_of(session.get("messages"))
    if old and new and new[0].get("role") == "system":
        new = new[1:]  # the summary of the older half, which the program wrote
    said: list[Said] = []
    for number, message in enumerate((*old, *new)):
        said += _said(str(number), message, urls)
    provider, _, model = text_of(session.get("model")).partition(":")
    name = PurePosixPath(source.name).name.rpartition(".")[0]
    return Talk(
        name,
        in_a_row(said),
        title=name.partition("-")[2].replace("-", " ") if name[:8].isdigit() and name[8:9] == "T" else name,
        system="" if any(one.role == "system" for one in said) else text_of(session.get("agent_instructions")),
        model=model or provider,
        endpoint=provider if model else "",
    )


def _read(content: bytes) -> Mapping[str, Any]:
    try:
        import yaml
    except ImportError as error:
        raise NotReadError("it is YAML: pip install 'rillet[import]' reads it") from error
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return table_of(yaml.load(content.decode("utf-8", "replace"), Loader=loader))  # noqa: S506  # it is a safe one
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise NotReadError(f"the YAML is cut or damaged ({' '.join(str(error).split())[:120]})") from error


def _said(name: str, message: Mapping[str, Any], urls: Mapping[str, Any]) -> Iterator[Said]:
    role = role_of(message.get("role"))
    content = message.get("content")
    texts: list[str] = []
    images: list[ImagePart] = []
    if isinstance(content, str):
        texts.append(content)
    for part in tables_of(content):
        if part.get("type") == "text":
            texts.append(text_of(part.get("text")))
        elif part.get("type") == "image_url":
            url = text_of(table_of(part.get("image_url")).get("url"))
            name_of = PurePosixPath(text_of(urls.get(sha256(url.encode()).hexdigest()))).name
            if (image := image_of(url, name_of)) is not None:
                images.append(image)
    text, thoughts = without_thoughts("\n\n".join(texts)) if role == "assistant" else ("\n\n".join(texts), ())
    tool_results = tables_of(table_of(content).get("tool_results"))
    if not tool_results:
        yield Said(name, role, text=text, thoughts=thoughts, images=tuple(images))
        return
    calls, results = [], []
    for number, each in enumerate(tool_results):
        call = table_of(each.get("call"))
        call_id = text_of(call.get("id")) or f"{name}.{number}"
        calls.append(Called(call_id, text_of(call.get("name")), arguments_of(call.get("arguments"))))
        results.append(ToolResultPart(call_id, result_text(each.get("output"))))
    yield Said(f"{name}/calls", "assistant", text=text_of(table_of(content).get("text")), calls=tuple(calls))
    yield Said(name, "tool", results=tuple(results))
