"""`rillet tools`: the tools listed, and tried by hand."""

from __future__ import annotations

import sys

from tui.chat.program import Program


async def print_tools(program: Program) -> int:
    """`rillet tools list`; returns the exit code."""
    from tui.tools.command_line import list_tools

    try:
        return await list_tools(await program.tools(), sys.stdout, sys.stderr)
    finally:
        await program.close()


async def try_tool(program: Program, name: str, arguments: str) -> int:
    """`rillet tools test NAME JSON`; returns the exit code."""
    from tui.tools.command_line import try_tool as run_tool

    try:
        return await run_tool(await program.tools(), name, arguments, sys.stdout, sys.stderr)
    finally:
        await program.close()
