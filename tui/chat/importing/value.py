"""Values of other programs' files, taken as they are: what is not as expected is empty, and never a fault."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tui.domain.message import ImagePart
from tui.domain.session import NO_TIME

_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")
_KINDS = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"BM", "bmp"))
_THOUGHT = re.compile(r"\s*<(think|thinking)>\s*(.*?)\s*</\1>\s*", re.DOTALL)


def text_of(value: Any) -> str:
    """A text; empty for anything else."""
    return value if isinstance(value, str) else ""


def table_of(value: Any) -> Mapping[str, Any]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: Any) -> list[Any]:
    """An array; an empty one for anything else."""
    return value if isinstance(value, list) else []


def tables_of(value: Any) -> list[Mapping[str, Any]]:
    """The objects of an array."""
    return [each for each in list_of(value) if isinstance(each, Mapping)]


def count_of(value: Any) -> int | None:
    """A count of tokens; nothing for anything that is none."""
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def json_of(value: Any) -> Any:
    """The value of JSON text, or of a value that is not packed as text; `None` where it cannot be read."""
    if not isinstance(value, str | bytes):
        return value
    try:
        return json.loads(value, strict=False)
    except (ValueError, RecursionError):
        return None


def arguments_of(value: Any) -> str:
    """The arguments of a call as JSON text, whether they were text or an object; a text that is none becomes one."""
    if isinstance(value, str):
        if isinstance(json_of(value), dict):
            return value
        return json.dumps({"input": value}, ensure_ascii=False) if value.strip() else "{}"
    return json.dumps(value, ensure_ascii=False) if value is not None else "{}"


def result_text(value: Any) -> str:
    """What a tool said, whether it is a text, blocks of text, or any other value, which is then JSON text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(
        isinstance(each, Mapping) and isinstance(each.get("text"), str) for each in value
    ):
        return "\n".join(each["text"] for each in value)
    return json.dumps(value, ensure_ascii=False)


def seconds_of(value: Any, *, is_local: bool = False) -> float:
    """An instant as seconds of the wall clock: from seconds, a thousandth, millionth or billionth of them, or a date.

    It is `NO_TIME` for anything else.

    A date without a zone is UTC, or where that is said, of this machine.
    """
    if isinstance(value, str):
        if not _NUMBER.match(value):
            return _from_date(value, is_local=is_local)
        value = float(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e20:
        return NO_TIME
    while value > 1e11:
        value /= 1000
    return float(value)


def _from_date(value: str, *, is_local: bool) -> float:
    try:
        value = value.strip().removesuffix(" UTC")
        if value[:1].isalpha():
            from email.utils import parsedate_to_datetime

            date = parsedate_to_datetime(value)
        else:
            date = datetime.fromisoformat(value)
        if date.tzinfo is None:
            date = date.astimezone() if is_local else date.replace(tzinfo=UTC)
        return max(date.timestamp(), NO_TIME)
    except (ValueError, OverflowError, OSError):
        return NO_TIME


def image_of(data: bytes | str, name: str = "", kind: str = "") -> ImagePart | None:
    """An image of its bytes, or of these in base64; its kind is told by its first bytes. `None` where it is none."""
    if isinstance(data, str):
        if data.startswith(("data:", "https://", "http://")):
            return ImagePart(data, name=name)
        try:
            data = base64.b64decode(data, validate=False)
        except ValueError:
            return None
    kind = next((f"image/{kind}" for begins, kind in _KINDS if data.startswith(begins)), kind)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind = "image/webp"
    if not kind.startswith("image/"):
        return None
    return ImagePart(f"data:{kind};base64,{base64.b64encode(data).decode()}", name=name)


def without_thoughts(text: str) -> tuple[str, tuple[str, ...]]:
    """A text without the thoughts that stand in it between tags, and these."""
    thoughts = tuple(match[2] for match in _THOUGHT.finditer(text) if match[2])
    return _THOUGHT.sub("", text) if thoughts else text, thoughts


def attached(text: str, names: list[str]) -> str:
    """A prompt with the names of what was sent along and is not here."""
    return "\n\n".join(filter(None, (text, *(f"[attached: {name}]" for name in names if name))))
