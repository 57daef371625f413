"""Python tools: any function named as `module:function`, run in a child process of its own."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from tui.schema.json_value import canonical, thaw
from tui.tools.definition import OUTPUT_LIMIT, TIMEOUT, Output, Tool, ToolError
from tui.tools.process import (
    LAST_RESORT,
    Finished,
    clean_environment,
    decode,
    end_words,
    home_path,
    key_problems,
    run_process,
)

_HOST = Path(__file__).with_name("python_host.py")
_DESCRIBE_SECONDS = 20.0
_NOTICE_ROOM = 200
_REPLY_ROOM = 4096


class PythonTool(Struct, frozen=True):
    """A Python tool as the settings describe it.

    `target` is `module:function`; `path` holds directories to import from, and `python` the interpreter
    that has what the function needs. The description and the parameters come from the function's docstring
    and signature; `description` replaces the former where given.
    """

    name: str
    target: str
    description: str = ""
    path: tuple[str, ...] = ()
    python: str = sys.executable
    cwd: str | None = None
    timeout: float = TIMEOUT
    output_limit: int = OUTPUT_LIMIT
    env: Mapping[str, str] = field(default_factory=dict)
    keep_env: tuple[str, ...] = ()
    runs_parallel: bool = False


def python_problems(tool: PythonTool) -> Iterator[tuple[str, str]]:
    """What is wrong with a definition as it is written: the key, and what about it."""
    if not re.fullmatch(r"[^\W\d][\w.]*:[^\W\d][\w.]*", tool.target):
        yield "target", f"“{tool.target}” does not name a function; write module:function"
    yield from key_problems(tool.env, tool.keep_env)


async def python_tool(tool: PythonTool) -> Tool:
    """The tool as it is called: its function is asked, in a child process, what it takes.

    Raises:
        ToolError: If there is no such function, or it cannot be described.
    """
    described = await _ask(tool, {"do": "describe"}, _DESCRIBE_SECONDS)
    if "error" in described:
        raise ToolError(str(described["error"]))

    async def run(arguments: Mapping[str, Any]) -> Output:
        reply = await _ask(tool, {"do": "call", "arguments": thaw(arguments)}, tool.timeout)
        size = int(reply.get("size", 0))
        was_cut = f"\n[cut after {tool.output_limit:,} of {size:,} bytes]" if size > tool.output_limit else ""
        if "error" in reply:
            return Output(f"{reply.get('type', 'Error')}: {reply['error']}{was_cut}", is_error=True)
        return Output(str(reply.get("value", "")) + was_cut)

    deciding = {
        "target": tool.target,
        "path": tool.path,
        "python": tool.python,
        "cwd": tool.cwd,
        "env": tool.env,
        "keep_env": tool.keep_env,
        "source": described.get("source", ""),
    }

    def preview(arguments: Mapping[str, Any]) -> str:
        return f"{tool.target}({', '.join(f'{name}={canonical(value)}' for name, value in arguments.items())})"

    return Tool(
        tool.name,
        tool.description or str(described.get("description") or tool.name),
        described["parameters"],
        "python",
        run,
        preview=preview,
        deciding=deciding,
        runs_parallel=tool.runs_parallel,
        timeout=tool.timeout + LAST_RESORT,
        output_limit=tool.output_limit + _NOTICE_ROOM,  # the child has cut it, and said so
    )


async def _ask(tool: PythonTool, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    path = [str(home_path(directory)) for directory in tool.path]
    finished = await run_process(
        # -P: nothing is imported from wherever the child happens to run.
        [str(home_path(tool.python)), "-P", str(_HOST)],
        timeout=seconds,
        # The child cuts the text, since a reply that is cut would be no JSON; JSON writes a letter in six at most.
        output_limit=tool.output_limit * 6 + _REPLY_ROOM,
        cwd=home_path(tool.cwd),
        env=clean_environment(tool.env, tool.keep_env),
        given=json.dumps({"target": tool.target, "path": path, "limit": tool.output_limit, **request}).encode(),
    )
    if finished.has_timed_out:
        raise ToolError(f"stopped: it took longer than {seconds:g} seconds")
    if finished.was_cut:
        raise ToolError(f"cut: it wrote more than {tool.output_limit:,} bytes and was stopped")
    try:
        reply = json.loads(finished.out)
    except ValueError as error:
        raise ToolError(f"it ended without an answer ({_last_words(finished)})") from error
    if not isinstance(reply, dict):
        raise ToolError("it ended without an answer")
    return reply


def _last_words(finished: Finished) -> str:
    lines = decode(finished.err)[0].strip().splitlines()
    return ": ".join([end_words(finished.status), *lines[-1:]])[:300]
