"""Calls at MCP servers that the endpoint makes itself, and asks a person to allow first."""

from __future__ import annotations

from collections.abc import Iterable
from shlex import quote

from tui.domain.tool_call import ToolCall
from tui.domain.turn import Turn
from tui.wire.printable import printable_line

_LONGEST = 400


def is_named(call: ToolCall, names: Iterable[str]) -> bool:
    """Whether such a call is among these: by its server, its tool, or both (`server:tool`)."""
    return not {call.server, call.name, f"{call.server}:{call.name}"}.isdisjoint(names)


def unanswered(turn: Turn) -> list[ToolCall]:
    """The approvals that a reply asks for and nobody has decided about; none of one that may not be answered."""
    if not turn.can_be_answered:
        return []
    return [call for call in turn.tool_calls if call.server and call.outcome is None]


def describe_unanswered(turn: Turn, session_id: str | None) -> list[str]:
    """What waits for a person, and how it is answered: in its session, or by a name on the command line."""
    calls = unanswered(turn)
    lines = []
    for call in calls:
        arguments = printable_line(call.arguments)
        shown = arguments if len(arguments) <= _LONGEST else f"{arguments[:_LONGEST]}…"
        lines.append(
            f"waits for approval: {printable_line(call.name)} of the MCP server {printable_line(call.server)} {shown}"
        )
    if calls:
        here = f"rillet --session {session_id} answers it, " if session_id is not None else ""
        names = " ".join(dict.fromkeys(f"--approve {quote(f'{call.server}:{call.name}')}" for call in calls))
        lines.append(printable_line(f"nothing was answered: {here}{names} allows it the next time"))
    return lines
