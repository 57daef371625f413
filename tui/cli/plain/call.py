"""Tool calls in plain mode: each is read out with all that would run, and one of four numbers decides."""

from __future__ import annotations

from tui.chat.call_view import CallView
from tui.chat.gate import Gate
from tui.cli.plain.terminal import LineTerminal
from tui.domain.quantity import describe_seconds
from tui.domain.turn import Turn
from tui.page.call_lines import question_lines
from tui.page.line import Line
from tui.wire.printable import printable_line

_WIDTH = 10_000  # a line is broken by the terminal, where it must be
CHOICES = ("Run once", "Allow for this session", "Deny", "Edit")
APPROVALS = ("Allow once", "Deny")
UNREADABLE = ("Tell the model why", "Deny")


async def decide_calls(terminal: LineTerminal, gate: Gate, turn: Turn) -> bool:
    """Ask about every call that waits; whether the round may go on."""
    if gate.is_held(turn):
        terminal.say("The model has called tools many times without a prompt of yours.")
        if await terminal.choose("May it go on?", ("Go on", "Stop here"), is_needed=True) == 1:
            return False
        gate.go_on(turn)
    while (view := next((view for view in gate.views(turn) if view.state == "waiting"), None)) is not None:
        await _decide(terminal, gate, turn, view)
    return True


async def _decide(terminal: LineTerminal, gate: Gate, turn: Turn, view: CallView) -> None:
    for line in question_lines(view, _WIDTH):
        terminal.say(_words(line))
    if view.unreadable is not None:
        if await terminal.choose("What shall be done?", UNREADABLE, is_needed=True) == 0:
            gate.approve(turn, view)
        else:
            gate.deny(turn, view)
        return
    if view.call.server:
        if await terminal.choose("May the endpoint call it?", APPROVALS, is_needed=True) == 0:
            gate.approve(turn, view)
        else:
            gate.deny(turn, view, await terminal.read("Why? The model is told; Enter for no reason:"))
        return
    match await terminal.choose("May it run?", CHOICES, is_needed=True):
        case 0:
            gate.approve(turn, view)
        case 1:
            gate.approve(turn, view, for_session=True)
        case 2:
            gate.deny(turn, view, await terminal.read("Why? The model is told; Enter for no reason:"))
        case _:
            text = await terminal.read("The arguments, as JSON in one line; Enter leaves them:")
            if text.strip() and (problem := gate.edit(turn, view, text)):
                terminal.say(problem)


def tell_results(terminal: LineTerminal, gate: Gate, turn: Turn) -> None:
    """Say what became of each call."""
    for view in gate.views(turn):
        name, outcome = printable_line(view.call.label), view.call.outcome
        took = f" in {describe_seconds(outcome.duration)}" if outcome is not None and outcome.duration else ""
        state = "allowed" if view.call.server and view.state == "done" else view.state
        terminal.say(f"Tool {name}: {state}{took}.")
        if state == "allowed":
            continue
        if view.result is not None:
            text, limit = view.result.text, 2000
            terminal.say(text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)")
            if view.result.aside:
                terminal.say(f"For you, and not for the model: {view.result.aside}")


def _words(line: Line) -> str:
    return "".join(text for text, _ in line)
