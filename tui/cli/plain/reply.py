"""A reply, line by line: who speaks first, then what they say, then how it ended."""

from __future__ import annotations

from tui.cli.plain.terminal import LineTerminal
from tui.domain.delta import (
    LEFT_OUT,
    Delta,
    OddityDelta,
    ReasoningDelta,
    RefusalDelta,
    RetryDelta,
    TextDelta,
    ToolCallDelta,
)
from tui.domain.quantity import describe_seconds
from tui.domain.turn import Prompt, Summary, ToolResults, Turn, TurnState
from tui.page.ending import describe_figures
from tui.page.entry import summary_words
from tui.wire.image import describe_image
from tui.wire.printable import printable_line


class ReplyTeller:
    """Tells one reply while it streams."""

    def __init__(self, terminal: LineTerminal, turn: Turn) -> None:
        self._terminal = terminal
        self._turn = turn
        self._has_spoken = self._thinks = False
        self._message = 0
        self._calls: set[int] = set()

    def tell(self, delta: Delta) -> None:
        """Say what came."""
        match delta:
            case TextDelta():
                self._begin()
                if delta.replaces:
                    self._terminal.say("The endpoint corrected its text; it now reads:")
                elif delta.message != self._message and delta.text:
                    self._message = delta.message
                    self._terminal.stream("\n\n")
                self._terminal.stream(delta.text)
            case ReasoningDelta() if not self._thinks and not self._has_spoken:
                self._thinks = True
                self._terminal.say(f"{self._name} is thinking.")
            case RefusalDelta():
                self._begin()
                self._terminal.stream(delta.text)
            case ToolCallDelta() if delta.name and delta.index not in self._calls:
                self._calls.add(delta.index)
                name, server = printable_line(delta.name), printable_line(delta.server)
                verb = f"asks to call {name} of the MCP server {server}" if server else f"calls the tool {name}"
                self._terminal.say(f"{self._name} {verb}.")
            case RetryDelta():
                wait = describe_seconds(delta.wait)
                self._terminal.say(
                    f"{delta.reason.rstrip('.')}. Trying again in {wait}, {delta.attempt} of {delta.of}."
                )
            case OddityDelta(kind=kind) if kind == LEFT_OUT:
                self._terminal.say(delta.detail)
            case _:
                pass

    @property
    def _name(self) -> str:
        return printable_line(self._turn.model)

    def _begin(self) -> None:
        if not self._has_spoken:
            self._has_spoken = True
            self._terminal.end_line()
            self._terminal.stream(f"{self._name}: ")

    def end(self) -> None:
        """Say how it ended, and what it took."""
        turn = self._turn
        if turn.error is not None:
            words = turn.error.message.rstrip(".")
        elif turn.state is TurnState.STOPPED:
            words = "stopped by you"
        elif turn.state is TurnState.COMPLETE:
            words = turn.finish.words
        else:
            words = turn.state.value
        what = ", ".join([words, *describe_figures(turn)])
        self._terminal.say(f"[{what}]")
        if turn.error is not None and turn.error.hint:
            self._terminal.say(turn.error.hint)


def tell_turn(terminal: LineTerminal, turn: Turn) -> None:
    """Read a turn of the past back: who said what, and how it ended."""
    match turn.opening:
        case Prompt(text=text, images=images):
            terminal.say(f"You: {text}")
            for image in images:
                terminal.say(f"You sent an image: {describe_image(image)}")
        case ToolResults(results=results):
            for result in results:
                terminal.say(f"Result of a tool: {result.text[:2000]}")
        case Summary() as wish:
            terminal.say(f"{summary_words(turn, wish)}.")
        case _:
            terminal.say("You: go on")
    if turn.text:
        terminal.say(f"{printable_line(turn.model)}: {turn.text}")
    for call in turn.tool_calls:
        terminal.say(f"{printable_line(turn.model)} called the tool {printable_line(call.name)} {call.final_arguments}")
    ReplyTeller(terminal, turn).end()
