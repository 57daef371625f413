"""The keys of the screen: what going back and interrupting mean as things stand, and which keys are offered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.message import Message

from tui.domain.turn import TurnState
from tui.ui.action.hint import Hint, Hints, hint_line
from tui.ui.screen.controller import Run, RunWith, Take

if TYPE_CHECKING:
    from tui.ui.screen.calls import CallController
    from tui.ui.screen.completing import CompletionController
    from tui.ui.screen.outside import OutsideController
    from tui.ui.screen.panes import PaneController
    from tui.ui.screen.stage import Stage
    from tui.ui.screen.writing import WritingController

QUIT_GRACE = 2.0
"""Seconds within which a second Ctrl+C leaves."""

READING_HINTS: Hints = (
    Hint(("page.block_before", "page.next_block"), "move"),
    "page.find",
    "page.open",
    "page.copy_block",
    "page.end",
    Hint(("chat.write",), "write"),
    "chat.help",
)
WRITING_HINTS: Hints = (
    "composer.new_line",
    "chat.models",
    Hint(("chat.sheet",), "setup"),
    "chat.sessions",
    "chat.calls",
    "chat.wire",
    Hint(("chat.commands",), "all"),
    "chat.help",
)


RECORDED_HINTS: Hints = (
    "chat.wire",
    "chat.find",
    "chat.new",
    Hint(("chat.commands",), "all"),
    "chat.help",
)
"""Nothing can be asked of a recording."""


class KeyController:
    """Takes one layer away, stops, leaves; and shows the keys that matter."""

    def __init__(
        self,
        stage: Stage,
        *,
        panes: PaneController,
        completing: CompletionController,
        writing: WritingController,
        calls: CallController,
        outside: OutsideController,
    ) -> None:
        self._stage = stage
        self._panes = panes
        self._completing = completing
        self._writing = writing
        self._calls = calls
        self._outside = outside
        self._interrupted_at = 0.0
        self._left_at = 0.0

    @property
    def actions(self) -> Mapping[str, Run]:
        """Go back, interrupt, leave."""
        return {"chat.back": self._go_back, "chat.interrupt": self._interrupt, "chat.leave": self._leave}

    @property
    def commands(self) -> Mapping[str, RunWith]:
        """None."""
        return {}

    @property
    def messages(self) -> Mapping[type[Message], Take]:
        """None."""
        return {}

    async def _go_back(self) -> None:
        """One layer back: a pane, an edit, a selection, then the reply that streams. It never leaves the program."""
        if (over := self._panes.over) is not None:
            await self._panes.close(over)
        elif self._completing.is_open:
            self._completing.hide()
        elif self._outside.has_selection:
            self._outside.drop_selection()
        elif self._writing.leave_editing() or self._calls.stop_reply() or self._stage.work.stop():
            pass
        elif self._stage.key_bar.sentence:
            self._stage.key_bar.hush()
        else:
            self._stage.composer.focus()

    async def _interrupt(self) -> None:
        """Copy the selection; else stop; else clear the draft into the history; else leave at the second press."""
        if text := self._outside.selected():
            self._outside.drop_selection()  # pressed again, it stops the reply
            await self._outside.copy(text, "the selection")
        elif self._calls.stop_reply() or self._stage.work.stop():
            pass
        elif self._stage.composer.text:
            self._writing.clear_draft()
        elif time.monotonic() - self._interrupted_at < QUIT_GRACE:
            await self._stage.port.rillet.action_quit()
        else:
            self._interrupted_at = time.monotonic()
            self._stage.say("{chat.interrupt} again to quit")

    async def _leave(self) -> None:
        """Leave as a shell does; where that would end something, at the second press."""
        runner = self._stage.runner
        ends = (
            "a reply is being written"
            if runner.is_running
            else "a prompt waits to be sent"
            if runner.queue
            else "something is being edited"
            if self._writing.is_editing
            else ""
        )
        if ends and time.monotonic() - self._left_at > QUIT_GRACE:
            self._left_at = time.monotonic()
            self._stage.say(f"{ends}: {{composer.delete_or_leave}} again to quit")
        else:
            await self._stage.port.rillet.action_quit()

    @property
    def back_means_stop(self) -> bool:
        """Whether the key that goes back can mean nothing but to stop the reply."""
        stage = self._stage
        is_covered = self._panes.over is not None or self._completing.is_open or self._outside.has_selection
        is_plain = not (self._writing.is_editing or is_covered)
        return stage.runner.is_running and stage.composer.has_focus and is_plain

    def stop_at_once(self) -> bool:
        """Stop where Esc, pressed now, would do just that; whether it did."""
        is_ours = "escape" in self._stage.port.rillet.keys.keys("chat.back")
        if not is_ours or not self.back_means_stop:
            return False
        self._calls.stop_reply()
        return True

    def offer(self) -> None:
        """Show the keys that matter now: few at the right of the status bar, more on the bottom line."""
        stage = self._stage
        runner, keys, pane = stage.runner, stage.port.rillet.keys, self._panes.in_focus
        hints: list[str | Hint] = []
        turn = runner.turn
        if runner.is_running:
            hints = [Hint(("chat.back" if pane is None else "chat.interrupt",), "stop")]
            hints += [] if pane is None else ["chat.help"]  # which the bottom line has for the others
        elif (
            turn is not None
            and stage.conversation.recorded is None
            and (turn.state is not TurnState.COMPLETE or turn.is_cut or not turn.has_finished)
        ):
            hints = ["chat.retry", *(["chat.continue"] if turn.text else []), "chat.edit"]
        stage.status.offer(hint_line(hints, keys))
        if pane is not None and (own := pane.hints_now()):
            stage.key_bar.offer(hint_line(own, keys))
        elif self._completing.is_open:
            stage.key_bar.offer(self._completing.keys)
        elif stage.page.has_focus:
            stage.key_bar.offer(hint_line(READING_HINTS, keys))
        elif stage.conversation.recorded is not None:
            stage.key_bar.offer(hint_line(RECORDED_HINTS, keys))
        else:
            send = Hint(("composer.send",), "queue" if runner.is_running else "send")
            is_resting = turn is not None and not runner.is_running
            edit = ("chat.edit",) if is_resting and "chat.edit" not in hints else ()
            stage.key_bar.offer(hint_line((send, *edit, *WRITING_HINTS), keys))
