"""A tool call's arguments in a few words."""

from __future__ import annotations

import json
from typing import Any

from tui.domain.error import StreamError
from tui.wire.json_text import parse_json
from tui.wire.printable import printable_line

SIZE = 600
"""Characters of arguments that are looked at; the rest would never fit on a line."""


def abbreviate(arguments: str) -> str:
    """Arguments on one line: `location "Paris"  unit "c"` once they are a whole object, before that as they came."""
    if len(arguments) <= SIZE:
        try:
            value = parse_json(arguments) if arguments.strip() else {}
        except (StreamError, ValueError):
            value = None
        if isinstance(value, dict):
            return "  ".join(f"{printable_line(str(key))} {_show(item)}" for key, item in value.items())
    return printable_line(" ".join(arguments[:SIZE].split()))


def _show(value: Any) -> str:
    return printable_line(json.dumps(value, ensure_ascii=False, separators=(",", ": ")))
