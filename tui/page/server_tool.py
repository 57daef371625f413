"""Tools that the endpoint runs itself, each on one line while it runs and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.page.argument import abbreviate
from tui.page.block import OwnBlock, cut_line
from tui.page.call_symbol import key_of, symbol_of
from tui.typeset.line import Line, line_room
from tui.wire.printable import printable, printable_line

_DETAILS = ("query", "url", "pattern", "command", "code", "input", "arguments")
"""Where a tool says with what it runs; the first that holds something is shown."""

_ENDED = {"completed": "done", "done": "done", "failed": "failed", "incomplete": "failed"}


class ServerToolBlock(OwnBlock):
    """What ran at the endpoint, with what, how it stands, and what came of it, as far as it is told."""

    __slots__ = ("_is_over", "_item")

    def __init__(self, item: Mapping[str, Any], *, is_over: bool) -> None:
        """Take the item as it is now; when the turn is over, what still ran has been dropped."""
        super().__init__("server-tool")
        self._item = item
        self._is_over = is_over

    @property
    def state(self) -> str:
        """How it stands: running, done, failed or dropped."""
        status = str(self._item.get("status") or "completed")
        return _ENDED.get(status, "dropped" if self._is_over else "running")

    def plain(self) -> str:
        """Its name and all of what it ran with."""
        return printable(f"{self._name}\n{self._detail}" if "\n" in self._detail else f"{self._name} {self._detail}")

    @property
    def _name(self) -> str:
        kind = str(self._item.get("type") or "tool").removesuffix("_call")
        name = str(self._item.get("name") or kind)
        label = self._item.get("server_label")
        return f"{label}: {name}" if label else name

    @property
    def _detail(self) -> str:
        action = self._item.get("action")
        members = {**self._item, **action} if isinstance(action, Mapping) else self._item
        detail = next((members[key] for key in _DETAILS if members.get(key)), "")
        return detail if isinstance(detail, str) else str(detail)

    @property
    def _verb(self) -> str:
        """What a search does where it does not search: open a page, find in one."""
        action = self._item.get("action")
        verb = str(action.get("type") or "") if isinstance(action, Mapping) else ""
        return "" if verb in ("", "search") else verb.replace("_", " ")

    @property
    def _outcome(self) -> str:
        if error := self._item.get("error"):
            message = error.get("message") if isinstance(error, Mapping) else error
            return f": {' '.join(str(message).split())[:80]}"
        action = self._item.get("action")
        sources = action.get("sources") if isinstance(action, Mapping) else None
        if isinstance(sources, list) and sources:
            return f", {len(sources)} source{'' if len(sources) == 1 else 's'}"
        for output in self._item.get("outputs") or ():
            if isinstance(output, Mapping) and isinstance(logs := output.get("logs"), str) and logs.strip():
                return f" → {' '.join(logs.split())[:80]}"
        return ""

    def rows(self, width: int) -> list[tuple[Line, str]]:
        """The row."""
        state = self.state
        left: Line = [(f"{symbol_of(state)} ", key_of(state)), (printable_line(self._name), "strong")]
        if verb := self._verb:
            left.append((f"  {printable_line(verb)}", ""))
        if words := abbreviate(self._detail):
            left.append((f"  {words}", "muted"))
        status = str(self._item.get("status") or "").replace("_", " ")
        if state == "dropped":
            status = "did not end"
        tail = "at the endpoint" + (f", {status}" if status and state != "done" else "") + self._outcome
        end = cut_line([(f"  {printable_line(tail)}", "muted")], width // 2)
        return [([*cut_line(left, width - line_room(end)), *end], "\n")]
