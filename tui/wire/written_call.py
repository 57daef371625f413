"""Calls of tools that a reply writes as text: the model meant to call, and nothing runs.

That happens where a server has no template for tools, or a model was not trained on the one it has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tui.domain.error import FrameError
from tui.domain.lazy_pattern import LazyPattern
from tui.wire.json_text import parse_json

_LONGEST_REPLY = 1_000_000
_LONGEST_CALL = 20_000
_MOST_CANDIDATES = 50
_SIGN = LazyPattern(
    r"<(?:tool_call|function_call|tool_use|\|tool_call\|)>|\[TOOL_CALLS\]|<\|python_tag\|>|<\uff5ctool\u2581calls?\u2581begin\uff5c>"
)
"""What models put before a call in their own notation."""
_NAMED = LazyPattern(
    r"<(?:[\w.]{1,20}:)?(?:function=|(?:invoke|function_call|function|tool) name=[\"'])([\w.-]{1,128})"
)
_ARGUMENTS = ("arguments", "parameters", "args", "input", "kwargs")
_NAMES = ("name", "tool", "tool_name", "function", "function_name", "action")


def written_call(text: str, offered: Collection[str] | None) -> str | None:
    """The name of the tool whose call a reply writes as text, empty where it has none; `None` where there is no call.

    Args:
        text: The reply.
        offered: Names of the tools that the request told the model of; `None` where that is not known. Without a sign
            that only calls have, JSON counts as a call where it names one of them.
    """
    if len(text) > _LONGEST_REPLY:
        return None
    has_tag = "<" in text
    if has_tag and (named := _NAMED.search(text)) is not None and (offered is None or named[1] in offered):
        return named[1]
    sign = _SIGN.search(text) if has_tag or "[TOOL_CALLS]" in text else None
    names = [name for candidate in _candidates(text, sign.end() if sign else None) for name in _names(candidate)]
    for name in names:
        if offered is None or name in offered or sign is not None:
            return name
    return "" if sign is not None and text.lstrip().startswith(sign[0]) else None


def _candidates(text: str, after_sign: int | None) -> Iterator[Any]:
    """The values in a reply that may be calls: in fences, after a sign, or the whole of it."""
    pieces = [text] if text.lstrip()[:1] in ("{", "[") else []
    if after_sign is not None:
        pieces.append(text[after_sign : after_sign + _LONGEST_CALL].partition("</")[0])
    if "```" in text or "~~~" in text:
        pieces += list(_fenced(text))[:_MOST_CANDIDATES]
    for piece in map(str.strip, pieces):
        if piece[:1] in ("{", "[") and len(piece) <= _LONGEST_CALL:
            try:
                yield parse_json(piece)
            except FrameError:
                continue


def _fenced(text: str) -> Iterator[str]:
    """What stands in fences; the last one may be open."""
    mark, lines = "", list[str]()
    for line in text.split("\n"):
        bare = line.strip()
        if mark and bare.startswith(mark) and not bare.strip(mark[0]):
            yield "\n".join(lines)
            mark, lines = "", []
        elif mark:
            lines.append(line)
        elif bare.startswith(("```", "~~~")):
            mark = bare[:3]
    if mark:
        yield "\n".join(lines)


def _names(value: Any) -> Iterator[str]:
    """The tools that a value calls, where it has the shape of one call or of several."""
    if isinstance(value, list):
        for one in value[:_MOST_CANDIDATES]:
            yield from _names(one)
    if not isinstance(value, Mapping):
        return
    for key in ("function", "tool_calls", "function_call"):
        if isinstance(value.get(key), Mapping | list):
            yield from _names(value[key])
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    if name and any(isinstance(value.get(key), Mapping | str) for key in _ARGUMENTS):
        yield name


def describe_written_call(name: str) -> str:
    """That a call was only written, in a sentence."""
    which = f"a call of {name}" if name else "a call of a tool"
    return f"The model wrote {which} as text instead of making it: nothing ran."
