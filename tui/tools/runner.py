"""The runner: the one place where tools are started, and only with an `Allow` for exactly that call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from tui.schema.check import violations
from tui.schema.json_value import JsonError, parse_frozen
from tui.tools.approval import Allow, Approval, fits
from tui.tools.clock import CallClock, Reports
from tui.tools.definition import Output, Tool, ToolError
from tui.tools.redirect import MAY_FOLLOW, stays
from tui.tools.result import CallLike, Result, not_run_result

ARGUMENTS_LIMIT = 1024 * 1024
_SHOWN_VIOLATIONS = 5


class Runner:
    """Runs approved calls, each within its tool's time and output limits; cancelling kills what runs."""

    def __init__(
        self,
        tools: Callable[[str], Tool | None],
        clock: Callable[[], float] = time.monotonic,
        mask: Callable[[str], str] | None = None,
    ) -> None:
        """Take a way to find a tool by name (`Registry.get`), a monotonic clock in seconds, and what stars out keys."""
        self._find = tools
        self._clock = clock
        self._mask = mask

    def knows(self, name: str) -> bool:
        """Whether there is a tool of that name."""
        return self._find(name) is not None

    def prepare(self, call: CallLike) -> Approval | Result:
        """What would run for a call, or the result that says why nothing can.

        An unknown tool, arguments that are no JSON (with the place where they break) and arguments that do
        not fit the tool's schema give a result; nothing has run then.
        """
        tool = self._find(call.name)
        if tool is None:
            return not_run_result(call, f"there is no tool called {call.name}.")
        if len(call.arguments) > ARGUMENTS_LIMIT:
            return not_run_result(call, f"the arguments are longer than {ARGUMENTS_LIMIT:,} characters.")
        try:
            arguments = parse_frozen(call.arguments.strip() or "{}")
        except JsonError as error:
            return not_run_result(call, f"the arguments are not JSON: {error}.", position=error.offset)
        if not isinstance(arguments, Mapping):
            return not_run_result(call, "the arguments are not a JSON object.")
        if not tool.unchecked and (faults := violations(tool.parameters, arguments)):
            rows = [str(fault) for fault in faults[:_SHOWN_VIOLATIONS]]
            more = [f"and {len(faults) - len(rows)} more"] if len(faults) > len(rows) else []
            return not_run_result(call, "the arguments do not fit the schema.\n" + "\n".join([*rows, *more]))
        return Approval(call, tool, arguments)

    async def run(self, approval: Approval, allow: Allow, reports: Reports | None = None) -> Result:
        """Run one call; `reports` is told of its progress.

        Nothing runs unless `allow` is for this very approval and the tool is still defined as it was then. Where
        nobody was asked about this call, the tool's origin is asked for the definition once more.
        """
        if allow.key != approval.key:
            return not_run_result(approval.call, "it was not allowed.")
        name, before = approval.tool.name, approval.tool
        if allow.reason != "once" and before.renew is not None:
            try:
                async with asyncio.timeout(before.timeout):
                    await before.renew()
            except (ToolError, TimeoutError) as error:
                words = str(error) or "its server did not list it in time"
                return not_run_result(approval.call, f"whether {name} is still what was allowed is not known: {words}.")
        current = self._find(name)
        if current is None:
            return not_run_result(approval.call, f"{name} is gone: it was taken away since it was allowed.")
        if current.hash != before.hash:
            what = "; ".join(before.changes(current))
            return not_run_result(approval.call, f"the definition of {name} has changed since it was allowed: {what}.")
        tool, began = current, self._clock()
        try:
            async with CallClock(tool.timeout, reports=reports):
                output = await _within(approval, allow, tool)
        except TimeoutError:
            output = Output(f"stopped: it took longer than {tool.timeout:g} seconds", is_error=True)
        except ToolError as error:
            output = Output(str(error), is_error=True)
        if self._mask is not None:
            output = replace(output, text=self._mask(output.text), aside=self._mask(output.aside))
        output = _limited(output, tool.output_limit)
        return Result(
            approval.call.id,
            output.text,
            is_error=output.is_error,
            state="failed" if output.is_error else "done",
            duration=self._clock() - began,
            images=output.images,
            aside=output.aside,
        )


async def _within(approval: Approval, allow: Allow, tool: Tool) -> Output:
    """Run a tool so that redirects stay inside what was allowed."""

    def may_follow(start: str, to: str) -> bool:
        if allow.reason == "session":
            return True
        if allow.pattern is None:
            return stays(start, to)
        moved = replace(approval, arguments={**approval.arguments, "url": to})
        return fits(allow.pattern, moved)

    token = MAY_FOLLOW.set(may_follow)
    try:
        return await tool.run(approval.arguments)
    finally:
        MAY_FOLLOW.reset(token)


def _limited(output: Output, limit: int) -> Output:
    return replace(output, text=_cut(output.text, limit), aside=_cut(output.aside, limit))


def _cut(text: str, limit: int) -> str:
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= limit:
        return text
    head = data[:limit].decode("utf-8", "ignore")
    return f"{head}\n[cut after {limit:,} of {len(data):,} bytes]"
