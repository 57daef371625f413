"""`rillet ask`: one prompt, the reply streamed to standard output. Everything else goes to standard error."""

from __future__ import annotations

import gc
import os
import select
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any, TextIO

from tui.chat.context import usual_keeps
from tui.chat.conversation import Conversation
from tui.cli.event import delta_event, event_line, result_event, turn_event
from tui.cli.exit_code import ExitCode
from tui.cli.interruption import interruptible
from tui.cli.outcome import exit_code_of_turn
from tui.domain.delta import LEFT_OUT, Delta, OddityDelta, RetryDelta, TextDelta
from tui.domain.error import ConfigError, ContextFullError, HeldError
from tui.domain.kept import describe_kept
from tui.domain.message import ImagePart
from tui.domain.quantity import describe_seconds
from tui.domain.tool_call import ToolCall
from tui.domain.turn import Turn, TurnState
from tui.wire.intake import Intake
from tui.wire.printable import printable, printable_line


class Printer:
    """Says a reply as plain text: the text to `out`, everything else to `notes`."""

    def __init__(self, out: TextIO, notes: TextIO) -> None:
        self._out = out
        self._notes = notes
        self._is_screen = out.isatty()
        self._ends_open = self._has_written = False
        self._message = 0
        self._intake = Intake() if self._is_screen else None

    def request(self, turn: Turn, session: str | None) -> None:
        """A request is about to go out; nothing to say."""

    def delta(self, delta: Delta, at: float) -> None:
        """Say what came."""
        del at
        if isinstance(delta, TextDelta) and not delta.replaces:
            if delta.message != self._message and delta.text:
                self._message = delta.message
                self._write("\n\n" if self._ends_open else "\n" if self._has_written else "")
            self._write(delta.text)
        elif isinstance(delta, TextDelta):
            self._note("the endpoint corrected its text at the end; the last turn of the session holds the true one")
        elif isinstance(delta, OddityDelta):
            if delta.kind == LEFT_OUT:
                self._note(delta.detail)
        elif isinstance(delta, RetryDelta):
            self._note(
                f"{delta.reason.rstrip('.')}; trying again in {describe_seconds(delta.wait)} ({delta.attempt} of {delta.of})"
            )

    def result(self, call: ToolCall, at: float) -> None:
        """Say what became of a tool call."""
        del at
        outcome = call.outcome
        if outcome is not None:
            took = f" in {describe_seconds(outcome.duration)}" if outcome.duration else ""
            said = f": {_short(printable_line(outcome.text))}" if outcome.text else ""
            what = "call at an MCP server" if call.server else "tool"
            state = "allowed" if call.server and outcome.state == "done" else outcome.state
            said = "" if state == "allowed" else said
            self._note(f"{what} {state}{took}: {printable_line(call.label)} {_short(call.final_arguments)}{said}")
            if outcome.aside:
                self._note(f"{call.name}, for you and not for the model: {printable_line(outcome.aside)}")

    def turn(self, turn: Turn) -> None:
        """Say how it ended, where there is something to say."""
        self._end_line()
        if turn.refusal:
            self._note(f"refused: {turn.refusal}")
        if turn.citations:
            from tui.page.citation import source_lines

            for line in source_lines(turn):
                self._note(line)
        for call in turn.tool_calls:
            if not call.server:
                self._note(f"tool call: {call.name} {_short(call.arguments)}")
        if turn.error is not None:
            self._note(turn.error.message)
            if turn.error.hint:
                self._note(turn.error.hint)
        elif turn.state is TurnState.STOPPED:
            self._note("stopped")
        else:
            finish = turn.finish
            if not finish.is_plain:
                self._note(finish.words)
            elif not turn.tool_calls and (name := _written_call(turn)) is not None:
                from tui.wire.written_call import describe_written_call

                self._note(describe_written_call(name))
            elif not (turn.text or turn.refusal or turn.tool_calls or turn.images):
                self._note("the reply is empty: the model finished without saying anything")

    def image(self, url: str) -> None:
        """Show an image that the model made, where the output is a terminal that can."""
        if self._is_screen:
            from tui.cli.inline_image import inline_image

            self._out.write(inline_image(url, os.environ))
            self._out.flush()

    def note(self, text: str) -> None:
        """Say something aside, to whoever reads along."""
        self._note(text)

    def warn(self, text: str) -> None:
        """Say what nobody may miss."""
        self._note(text)

    def _write(self, text: str) -> None:
        self._put(text if self._intake is None else self._intake.take(text))

    def _put(self, shown: str) -> None:
        if shown:
            self._out.write(shown)
            self._out.flush()
            self._has_written = True
            self._ends_open = not shown.endswith("\n")

    def _end_line(self) -> None:
        if self._intake is not None:
            self._put(self._intake.close())
        if self._ends_open:
            self._put("\n")

    def _note(self, text: str) -> None:
        if self._is_screen:
            self._end_line()
        self._notes.write(f"rillet: {printable(text)}\n")
        self._notes.flush()


def _written_call(turn: Turn) -> str | None:
    if not any(sign in turn.text for sign in ("{", "<", "[")):
        return None
    from tui.wire.written_call import written_call

    return written_call(turn.text, turn.offered)


def _short(text: str, limit: int = 400) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)"


class EventPrinter:
    """Says a reply as JSON lines."""

    def __init__(self, out: TextIO, notes: TextIO) -> None:
        self._out = out
        self._notes = notes

    def request(self, turn: Turn, session: str | None) -> None:
        """Say what is asked, and in which saved session."""
        self._put(
            {
                "type": "request",
                "endpoint": turn.endpoint,
                "dialect": turn.dialect,
                "model": turn.model,
                "session": session,
                "turn": turn.id,
                "t": 0.0,
            }
        )

    def delta(self, delta: Delta, at: float) -> None:
        """Say what came."""
        event = delta_event(delta, at)
        if event is not None:
            self._put(event)

    def result(self, call: ToolCall, at: float) -> None:
        """Say what became of a tool call."""
        if (event := result_event(call, at)) is not None:
            self._put(event)

    def turn(self, turn: Turn) -> None:
        """Say the whole turn."""
        self._put(turn_event(turn))

    def image(self, url: str) -> None:
        """The turn holds it."""

    def note(self, text: str) -> None:
        """Notes are for people."""

    def warn(self, text: str) -> None:
        """Say what nobody may miss, beside the events."""
        self._notes.write(f"rillet: {printable(text)}\n")
        self._notes.flush()

    def _put(self, event: dict[str, Any]) -> None:
        self._out.write(event_line(event) + "\n")
        self._out.flush()


async def stream_turn(conversation: Conversation, turn: Turn, printer: Printer | EventPrinter) -> int:
    """Stream one turn to a printer; a signal stops it and keeps what came.

    Returns:
        0, or 128 and the number of the signal that stopped it.
    """

    async def run() -> None:
        printer.request(turn, conversation.session.id)
        began: float | None = None  # the first time it was sent: times only rise, also over a retry
        async with aclosing(conversation.replies.stream(turn)) as deltas:
            async for delta in deltas:
                gc.enable()
                began = turn.timing.sent_at if began is None else began
                printer.delta(delta, max(0.0, conversation.now() - (began or 0.0)))

    return (await interruptible(run()))[1]


async def ask(
    conversation: Conversation,
    prompt: str,
    printer: Printer | EventPrinter,
    rounds: Callable[[Turn], Awaitable[Turn | str]] | None = None,
    check: Callable[[Turn], str] | None = None,
    *,
    images: Sequence[ImagePart] = (),
    compacts: bool = False,
) -> int:
    """Ask one prompt, and run the tools it asks for where `rounds` allows it.

    Args:
        conversation: Where it is asked.
        prompt: What is asked.
        printer: Who says what comes.
        rounds: An async call that runs a turn's tool calls and returns the turn that answers them, or says why
            they were not run.
        check: Says what is wrong with a complete reply, if anything; empty for nothing.
        images: What goes with the prompt.
        compacts: Whether the earlier turns are summarised first, where the prompt would fill the context.

    Returns:
        The exit code.

    Raises:
        ConfigError: If it would pass a budget.
    """
    try:
        turn = await _begin(conversation, prompt, printer, images, compacts=compacts)
    except HeldError as error:
        raise ConfigError(error.message, "Raise the budget, or ask on the screen, where a yes can be said.") from error
    if isinstance(turn, int):
        return turn
    while True:
        if code := await stream_turn(conversation, turn, printer):
            _tell_ending(conversation, turn, printer)
            return code
        if turn.next != "tools" or rounds is None:
            break
        following, code = await interruptible(rounds(turn))
        if code:
            printer.note("stopped while tools ran; what became of each call is saved with the conversation")
            _tell_ending(conversation, turn, printer)
            return code
        if not isinstance(following, Turn):
            printer.note(following or "stopped")
            _tell_ending(conversation, turn, printer)
            return ExitCode.INCOMPLETE
        turn = following
    _tell_ending(conversation, turn, printer)
    code = exit_code_of_turn(turn)
    if rounds is not None and turn.tool_calls and code in (ExitCode.COMPLETE, ExitCode.INCOMPLETE):
        printer.note(_why_not_run(turn))
        return ExitCode.INCOMPLETE
    if rounds is None and any(call.server for call in turn.tool_calls) and code is ExitCode.COMPLETE:
        return _tell_unanswered(conversation, turn, printer)
    if code in (ExitCode.COMPLETE, ExitCode.INCOMPLETE) and check is not None and (problem := check(turn)):
        printer.note(problem)
        return ExitCode.INCOMPLETE
    return code


async def _begin(
    conversation: Conversation,
    prompt: str,
    printer: Printer | EventPrinter,
    images: Sequence[ImagePart],
    *,
    compacts: bool,
) -> Turn | int:
    """Begin a turn; that it would fill the context is told, and it is sent all the same, or after a summary.

    Returns:
        The turn, or the exit code where no summary came.
    """
    try:
        return conversation.say(prompt, images)
    except ContextFullError as error:
        said = error.message.removeprefix("nothing was sent: ")
    printer.warn(said if compacts else f"{said}; --compact has the earlier turns summarised first")
    if compacts and (code := await _summarise(conversation, printer)):
        return code
    with suppress(ContextFullError):
        return conversation.say(prompt, images)
    return conversation.say(prompt, images)


async def _summarise(conversation: Conversation, printer: Printer | EventPrinter) -> int:
    """Have the turns but for the latest summarised; the exit code where that failed, and 0 where it did not."""
    summary = conversation.summarise(usual_keeps(reversed(conversation.turns)))

    async def run() -> None:
        async with aclosing(conversation.replies.stream(summary)) as deltas:
            async for _ in deltas:
                pass

    _, code = await interruptible(run())
    if code or not summary.stands_in:
        reason = summary.error.message if summary.error is not None else summary.finish.words
        printer.warn(f"no whole summary came, and nothing else was sent: {'stopped' if code else reason}")
        return code or exit_code_of_turn(summary) or ExitCode.INCOMPLETE
    printer.note("the earlier turns were summarised, and the summary is sent in their place")
    return 0


def _tell_unanswered(conversation: Conversation, turn: Turn, printer: Printer | EventPrinter) -> ExitCode:
    """Say which calls at its MCP servers the endpoint wants to be allowed; nobody is here to answer."""
    from tui.chat.remote import describe_unanswered

    session = conversation.session.id if conversation.session.is_saved(turn) else None
    for line in describe_unanswered(turn, session) or ["an approval was asked for by a reply that may not be answered"]:
        printer.warn(line)
    return ExitCode.INCOMPLETE


def _why_not_run(turn: Turn) -> str:
    """Why the calls of a reply that has ended were not run."""
    bad = [call for call in turn.tool_calls if not call.is_readable]
    if not turn.can_be_answered or not bad:
        return f"the tool calls were not run: {turn.finish.words}"
    named = next((call.name for call in bad if call.name), "")
    if not named:
        return "the tool calls were not run: one of them names no tool"
    return f"the tool calls were not run: the arguments of {named} are not JSON"


def _tell_ending(conversation: Conversation, turn: Turn, printer: Printer | EventPrinter) -> None:
    """Say how a turn ended; where it is not whole, what was kept of it and where."""
    printer.turn(turn)
    if turn.images:
        from tui.chat.made_image import image_lines

        for index, line in zip(sorted(turn.images), image_lines(turn), strict=True):
            printer.image(turn.images[index])
            printer.note(f"image: {line}")
    amount = describe_kept(turn)
    if conversation.session.is_saved(turn):
        if turn.state is not TurnState.COMPLETE or turn.is_cut:
            what = f"{amount} came and" if amount else "the prompt"
            verb = "are" if amount and not amount.startswith("1 ") else "is"
            printer.note(f"{what} {verb} saved: rillet --session {conversation.session.id} goes on from there")
    elif conversation.session.problem:
        printer.warn(f"not saved: {conversation.session.problem}")


WAITS_SILENTLY = 2.0
"""Seconds for which nobody is told that standard input is waited for."""


def _tell_waiting(source: TextIO, notes: TextIO) -> None:
    """Say what is waited for, where nothing comes of it for a while."""
    try:
        is_quiet = not select.select([source], [], [], WAITS_SILENTLY)[0]
    except (OSError, ValueError):  # it is nothing that one could wait for
        return
    if is_quiet:
        notes.write("rillet: waiting for standard input, which is joined to the prompt; </dev/null leaves it out\n")
        notes.flush()


def read_prompt(argument: str | None) -> str:
    """The prompt: the argument and what is piped in, joined; `-` as an argument is what is piped in alone."""
    piped = ""
    if not sys.stdin.isatty():
        _tell_waiting(sys.stdin, sys.stderr)
        piped = sys.stdin.buffer.read().decode(errors="replace").strip("\n")
    given = None if argument == "-" else argument
    return "\n\n".join(part for part in (given, piped) if part and part.strip())
