"""`rillet tools list` and `rillet tools test NAME JSON`: the tools without a conversation."""

from __future__ import annotations

from typing import TextIO

from tui.cli.exit_code import ExitCode
from tui.domain.message import ToolCallPart
from tui.schema.schema_line import write_schema_line
from tui.tools.approval import allow_once
from tui.tools.process import describe_bounds
from tui.tools.registry import Registry
from tui.tools.result import Result
from tui.tools.runner import Runner
from tui.wire.image import describe_image
from tui.wire.printable import printable, printable_line

HASH_LENGTH = 12


async def list_tools(registry: Registry, out: TextIO, err: TextIO) -> int:
    """Print every tool: its name, where it comes from, the beginning of its hash, its parameters in one line.

    Returns:
        The exit code: 2 where a definition could not be used, which is said on `err`.
    """
    await registry.start_servers()
    rows = [
        (tool.name, tool.origin, tool.hash[:HASH_LENGTH], write_schema_line(tool.parameters)) for tool in registry.tools
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        out.write(printable_line("  ".join([*cells, row[3]]).rstrip()) + "\n")
    err.writelines(printable_line(str(problem)) + "\n" for problem in (*registry.problems, *registry.notes))
    if err.isatty():
        err.write(describe_bounds() + "\n")
    return ExitCode.USAGE if registry.problems else ExitCode.COMPLETE


async def try_tool(registry: Registry, name: str, arguments: str, out: TextIO, err: TextIO) -> int:
    """Run one tool with arguments as JSON, and print its result; typing the command is the approval.

    On a terminal escapes are made visible; into a file or a pipe the result goes as it is.

    Returns:
        The exit code: 0 done, 1 the tool failed, 2 it could not be run.
    """
    if registry.get(name) is None:
        await registry.start_servers(registry.servers_of([name]))
    runner = Runner(registry.get)
    call = ToolCallPart("test", name, arguments)
    if registry.get(name) is None:
        problems = [
            str(problem)
            for problem in registry.problems
            if problem.name == name or name.startswith(f"{problem.name}__")
        ]
        names = ", ".join(tool.name for tool in registry.tools)
        words = problems or [f"there is no tool called {name}; there are {names}" if names else "there are no tools"]
        err.write("".join(f"{printable_line(row)}\n" for row in words))
        return ExitCode.USAGE
    prepared = runner.prepare(call)
    if isinstance(prepared, Result):
        err.write(prepared.shown() + "\n")
        return ExitCode.USAGE
    result = await runner.run(prepared, allow_once(prepared))
    stream = err if result.is_error else out
    text = printable(result.text) if stream.isatty() else result.text
    stream.write(text if text.endswith("\n") else text + "\n")
    err.writelines(f"[{describe_image(image)}]\n" for image in result.images)
    if result.aside:
        err.write(f"for you, and not for the model:\n{printable(result.aside)}\n")
    return ExitCode.FAILED if result.is_error else ExitCode.COMPLETE
