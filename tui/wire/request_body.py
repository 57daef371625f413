"""The body of a request, as far as it is the same in every dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui.domain.request import ReplySchema, Request


def merge_body(body: dict[str, Any], request: Request) -> dict[str, Any]:
    """Put `request.body` over a body; what is `None` there is removed."""
    merged = {**body, **request.body}
    return {name: value for name, value in merged.items() if not (name in request.body and value is None)}


def put_options(body: dict[str, Any], request: Request, names: Mapping[str, str]) -> None:
    """Put those options of a request into its body that are set, under the names that a dialect has for them."""
    for name, field in names.items():
        if (value := getattr(request, name)) not in (None, "", ()):
            body[field] = list(value) if isinstance(value, tuple) else value


def read_schema(format_: Any, name: str = "reply") -> ReplySchema | None:
    """The schema in the member of a body that holds one."""
    if not isinstance(format_, Mapping) or not isinstance(schema := format_.get("schema"), Mapping):
        return None
    return ReplySchema(str(format_.get("name") or name), schema, strict=bool(format_.get("strict", True)))


def last_prompt(entries: Any) -> str | None:
    """The words of the last message that a person wrote; results of tools are none. `None` if this is no list."""
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return None
    for entry in reversed(entries):
        if not isinstance(entry, Mapping) or entry.get("role") != "user":
            continue
        content = entry.get("content")
        if isinstance(content, str):
            return content
        parts = [part for part in content or [] if isinstance(part, Mapping)]
        texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
        if texts or not any(part.get("type") == "tool_result" for part in parts):
            return "\n".join(texts)
    return ""
