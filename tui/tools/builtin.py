"""The tools that come with rillet: all of them only read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tui.tools.builtin_file import file_tools
from tui.tools.calculation import LONGEST, calculate
from tui.tools.definition import Output, Tool, ToolError
from tui.tools.fetch import fetch_tool
from tui.tools.root import Roots

BUILTIN_NAMES = ("read_file", "list_files", "search_files", "current_time", "calculate", "fetch_url")


def _local_now() -> datetime:
    return datetime.now(UTC).astimezone()


def builtin_tools(
    roots: Iterable[str | Path] = (), *, allows_fetch: bool = False, now: Callable[[], datetime] = _local_now
) -> list[Tool]:
    """The built-in tools; those that read files only where a root is given.

    Args:
        roots: The directories that may be read.
        allows_fetch: Whether `fetch_url` is among them.
        now: The clock, with its time zone.
    """
    file_roots = Roots(roots)
    tools = file_tools(file_roots) if file_roots.directories else []
    tools += [_time_tool(now), _calculate_tool()]
    return [*tools, fetch_tool()] if allows_fetch else tools


def _time_tool(now: Callable[[], datetime]) -> Tool:
    async def run(arguments: Mapping[str, Any]) -> Output:
        moment = now()
        if name := arguments.get("timezone"):
            try:
                moment = moment.astimezone(ZoneInfo(str(name)))
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                raise ToolError(f"there is no time zone “{name}” here; an example is Europe/Paris") from error
        return Output(f"{moment.isoformat(timespec='seconds')} ({moment:%A}, {moment.tzname()})")

    zone = {
        "type": "string",
        "minLength": 1,
        "description": "An IANA name such as Europe/Paris; the local zone where not given",
    }
    return Tool(
        "current_time", "The date and time now.", _schema([], timezone=zone), "builtin", run, runs_parallel=True
    )


def _calculate_tool() -> Tool:
    async def run(arguments: Mapping[str, Any]) -> Output:
        return Output(calculate(str(arguments["expression"])))

    text = (
        "Arithmetic: + - * / // % ** ( ), sqrt, log, sin, min, max, round and the like, pi, e. Angles are in radians."
    )
    expression = {"type": "string", "maxLength": LONGEST, "description": "For example: (3 + 4) * sqrt(2)"}
    return Tool("calculate", text, _schema(["expression"], expression=expression), "builtin", run, runs_parallel=True)


def _schema(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
