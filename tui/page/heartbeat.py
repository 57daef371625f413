"""The heartbeat: what is happening while a turn runs, in a few words, and how long it may take."""

from __future__ import annotations

from tui.domain.delta import PromptProgressDelta
from tui.domain.endpoint import Deadlines
from tui.domain.model import is_reasoning_model
from tui.domain.quantity import describe_seconds
from tui.domain.turn import Turn
from tui.page.line import Line
from tui.page.wording import ending
from tui.wire.printable import printable_line

_BAR_CELLS = 12
_LEAST_FOR_ESTIMATE = 2.0
"""Seconds before it is said what is still being made ready, or how long reading may still take."""
AHEAD = {"connection": "connecting", "sending": "connected, sending"}
"""What is said before the request is out."""
_OVER = ("completed", "done", "failed", "incomplete")


def standing(turn: Turn, now: float, deadlines: Deadlines) -> Line:
    """How a turn stands: a symbol and words; loud where something needs the eye."""
    if turn.state.is_over:
        return ending(turn)
    if turn.timing.first_delta_at is None and turn.timing.progress_at is None:
        return _waiting(turn, now, deadlines)
    if (running := _server_tool(turn)) and not turn.body.size:
        return [("● ", "success"), (f"{running} runs at the endpoint", "")]
    last = turn.timing.progress_at
    silent = now - last if last is not None else 0.0
    if silent >= deadlines.quiet_notice:
        return _quiet(turn, now, silent, deadlines)
    thinks = turn.thoughts.size and not turn.body.size and not turn.tool_calls
    return [("● ", "success"), ("thinking" if thinks else "streaming", "")]


def _waiting(turn: Turn, now: float, deadlines: Deadlines) -> Line:
    """Nothing of the reply has come."""
    timing = turn.timing
    waited = timing.waited(now)
    if turn.reading is not None and turn.reading.read < turn.reading.total:
        return reading_line(turn.reading, waited)
    if timing.sent_at is None and waited >= _LEAST_FOR_ESTIMATE:
        return [("◌ ", "accent"), (f"getting ready {describe_seconds(waited)}", "accent")]
    thinks = is_reasoning_model(turn.model)
    is_late = waited >= deadlines.quiet_notice
    if timing.awaits in AHEAD:
        most = _most(deadlines.connect) if is_late and timing.awaits == "connection" else ""
        tone = "warning" if is_late else "accent"
        return [("◌ ", tone), (f"{AHEAD[timing.awaits]} {describe_seconds(waited)}{most}", tone)]
    if timing.head_at is None:
        most = _most(deadlines.first_byte_reasoning if thinks else deadlines.first_byte) if is_late else ""
        words = f"no answer yet, {describe_seconds(waited)}{most}" if is_late else f"waiting {describe_seconds(waited)}"
        tone = "warning" if is_late else "accent"
        return [("◌ ", tone), (words, tone)]
    what = "thinking, nothing shown yet" if thinks else "the reply has begun, no word yet"
    tone = "warning" if is_late and not thinks else "accent"
    most = _most(deadlines.quiet_reasoning if thinks else deadlines.quiet) if is_late else ""
    return [("◌ ", tone), (f"{what}, {describe_seconds(waited)}{_alive(turn, now, waited)}{most}", tone)]


def _quiet(turn: Turn, now: float, silent: float, deadlines: Deadlines) -> Line:
    """Something of the reply came, and nothing of it for a while."""
    thinks = is_reasoning_model(turn.model)
    most = _most(deadlines.quiet_reasoning if thinks else deadlines.quiet)
    length = describe_seconds(round(silent))
    if alive := _alive(turn, now, silent):
        return [("◌ ", "warning"), (f"nothing new for {length}{alive}", "warning")]
    return [("◌ ", "warning"), (f"quiet for {length}{most}", "warning")]


def _alive(turn: Turn, now: float, waited: float) -> str:
    """When the endpoint last gave a sign of life, where that is later than anything of the reply."""
    read_at = turn.timing.read_at
    since = None if read_at is None else now - read_at
    return "" if since is None or since > waited / 2 else f", alive {describe_seconds(round(since))} ago"


def _most(seconds: float) -> str:
    return f" of {describe_seconds(round(seconds))} at most"


def _server_tool(turn: Turn) -> str:
    """The tool that the endpoint runs now, if one does: the last that has begun."""
    for _, item in sorted(turn.server_tools.items(), reverse=True):
        if str(item.get("status") or "completed") not in _OVER:
            return printable_line(str(item.get("name") or item.get("type") or "a tool").removesuffix("_call"))[:40]
    return ""


def reading_line(reading: PromptProgressDelta, waited: float) -> Line:
    """How far the prompt has been read: a bar, the share, and about how long it may still take."""
    share = reading.read / reading.total
    full = int(share * _BAR_CELLS)
    bar = "█" * full + "░" * (_BAR_CELLS - full)
    line: Line = [("◌ ", "accent"), ("reading the prompt ", "accent"), (bar, "accent"), (f" {share:.0%}", "accent")]
    new = reading.read - reading.cached
    if new > 0 and waited >= _LEAST_FOR_ESTIMATE:
        left = waited * (reading.total - reading.read) / new
        line.append((f"  about {describe_seconds(round(left))} more", "muted"))
    return line
