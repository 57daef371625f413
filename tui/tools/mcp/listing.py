"""The tools a server lists, as rillet's own values: repaired where that is safe, and named where they are left out.

Nothing here imports the SDK: its objects are read by their fields.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from tui.schema.json_value import canonical, digest
from tui.schema.schema_problem import schema_problems, unjudged
from tui.tools.definition import Output, Tool
from tui.tools.mcp.server import McpServer

MOST_TOOLS = 500
_MOST_PAGES = 50
_LONGEST_NAME = 64
_SHOWN = 4
_DESCRIPTION = 8_000
_SCHEMA_BYTES = 100_000
_ANYTHING: Mapping[str, Any] = {"type": "object"}


class ToolSpec(Struct, frozen=True):
    """A tool as a server lists it; `unchecked` says why its arguments cannot be checked, and is empty where they can."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    title: str = ""
    hints: tuple[str, ...] = ()
    unchecked: str = ""


class Listing(Struct, frozen=True):
    """What a server lists: the tools that can be used, and a sentence for each that cannot, or is not whole."""

    tools: tuple[ToolSpec, ...] = ()
    notes: tuple[str, ...] = ()


async def read_tools(client: Any, server: McpServer) -> Listing:
    """Every tool a server lists, page by page."""
    specs: dict[str, ToolSpec] = {}
    notes: list[str] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="refresh")
        for tool in page.tools:
            if server.only and tool.name not in server.only:
                continue
            if needs_task(tool):
                notes.append(f"{_short(tool.name)} is left out: it runs only as a task, which rillet does not do")
            elif len(specs) >= MOST_TOOLS:
                notes.append(
                    f"{_short(tool.name)} and what follows is left out: no more than {MOST_TOOLS} tools are taken"
                )
                cursor = None
                break
            else:
                specs[tool.name] = spec = read_tool(tool)
                if spec.unchecked:
                    notes.append(f"the arguments of {_short(tool.name)} are not checked: {spec.unchecked}")
                elif missed := unjudged(spec.parameters):
                    notes.append(
                        f"of the arguments of {_short(tool.name)} is not checked: {', '.join(missed[:_SHOWN])}"
                    )
        else:
            cursor = page.next_cursor
        if not cursor:
            break
    else:
        notes.append(f"what follows is left out: no more than {_MOST_PAGES} pages are read")
    missing = [name for name in server.only if name not in specs]
    notes += [f"{name} is not among its tools" for name in missing]
    return Listing(tuple(specs.values()), tuple(notes))


def read_tool(tool: Any) -> ToolSpec:
    """A tool as the SDK gives it. What cannot be checked is offered all the same."""
    description = tool.description or tool.title or tool.name
    if len(description) > _DESCRIPTION:
        description = f"{description[:_DESCRIPTION]} [cut: {len(description):,} characters]"
    annotations = tool.annotations
    title = tool.title or (annotations.title if annotations else None) or ""
    parameters, unchecked = tool.input_schema, ""
    if len(canonical(parameters)) > _SCHEMA_BYTES:
        parameters, unchecked = _ANYTHING, f"its schema is longer than {_SCHEMA_BYTES:,} characters"
    elif problems := schema_problems(parameters):
        unchecked = problems[0]
    return ToolSpec(tool.name, description, parameters, title, hints_of(tool), unchecked)


def hints_of(tool: Any) -> tuple[str, ...]:
    """What a server says a tool does, as far as it says so: a claim, for a person to weigh."""
    annotations = getattr(tool, "annotations", None)
    if annotations is None:
        return ()
    says = [
        words[0] if value else words[1] for name, words in _HINTS if (value := getattr(annotations, name)) is not None
    ]
    return tuple(word for word in says if word)


_HINTS = (
    ("read_only_hint", ("read-only", "changes something")),
    ("destructive_hint", ("destructive", "not destructive")),
    ("idempotent_hint", ("the same when repeated", "")),
    ("open_world_hint", ("open world", "closed world")),
)


def needs_task(tool: Any) -> bool:
    """Whether a tool runs only as a task (`taskSupport: required`)."""
    execution = getattr(tool, "execution", None)
    return getattr(execution, "task_support", None) == "required"


def tool_of(
    server: McpServer,
    spec: ToolSpec,
    full_name: str,
    run: Callable[[Mapping[str, Any]], Awaitable[Output]],
    renew: Callable[[], Awaitable[None]],
) -> Tool:
    """A server's tool as rillet has tools; `run` calls it, `renew` has the server list its tools again."""

    def preview(_arguments: Mapping[str, Any]) -> str:
        return f"tools/call {spec.name} at {server.url or shlex.join(server.command)}"

    return Tool(
        full_name,
        spec.description,
        spec.parameters,
        "mcp",
        run,
        renew=renew,
        preview=preview,
        server=server.name,
        deciding={**server.deciding, "tool": spec.name},
        runs_parallel=server.runs_parallel,
        timeout=server.timeout + server.start_timeout,
        output_limit=server.output_limit,
        title=spec.title,
        hints=spec.hints,
        unchecked=spec.unchecked,
    )


def full_names(server: McpServer, names: Iterable[str]) -> dict[str, str]:
    """For each tool the name that the model is told: the server's and the tool's, in the letters that endpoints allow.

    Names of one server that would become the same are told apart by a few letters of their digest, and so are all
    names of a server whose own name could make them those of another server.
    """
    names = list(names)
    plain = {name: _letters(f"{server.name}__{name}") for name in names}
    taken = [name[:_LONGEST_NAME] for name in plain.values()]
    full: dict[str, str] = {}
    for name, letters in plain.items():
        is_itself = letters == f"{server.name}__{name}" and len(letters) <= _LONGEST_NAME
        is_alone = taken.count(letters[:_LONGEST_NAME]) == 1
        if server.is_named_clearly and (is_itself or is_alone) and len(letters) <= _LONGEST_NAME:
            full[name] = letters
        else:
            mark = digest([server.name, name])[:8]
            full[name] = f"{letters[: _LONGEST_NAME - len(mark) - 1]}_{mark}"
    return full


def repair(message: Any) -> Iterator[str]:
    """Mend a server's list of tools in place, so that one bad tool does not take the others away; says what is gone.

    `message` is the result of a request, as JSON.
    """
    tools = message.get("tools") if isinstance(message, dict) else None
    if not isinstance(tools, list):
        return
    good = []
    for tool in tools:
        name = tool.get("name") if isinstance(tool, dict) else None
        if not isinstance(name, str) or not name:
            yield "a tool without a name is left out"
            continue
        schema = tool.get("inputSchema")
        if not isinstance(schema, dict) or schema.get("type", "object") != "object":
            yield f"the arguments of {_short(name)} are not checked: its schema is not of an object"
            schema = {"type": "object"}
        schema = {**schema, "type": "object"}
        if not isinstance(schema.get("properties", {}), dict):
            del schema["properties"]
        repaired = {"name": name, "inputSchema": schema}
        repaired |= {key: tool[key] for key in ("title", "description") if isinstance(tool.get(key), str)}
        repaired |= {key: tool[key] for key in ("execution", "_meta") if isinstance(tool.get(key), dict)}
        if isinstance(hints := tool.get("annotations"), dict):
            repaired["annotations"] = {
                key: hint for key, hint in hints.items() if isinstance(hint, str if key == "title" else bool)
            }
        good.append(repaired)  # without the schema of its results: a result that does not fit it has still come
    tools[:] = good


def _short(name: str) -> str:
    """A name as it is told: some servers' have no end."""
    return name if len(name) <= 2 * _LONGEST_NAME else f"{name[: 2 * _LONGEST_NAME]}…"


def _letters(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)
