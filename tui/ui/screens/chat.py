"""The chat screen: its layout, its keys, and what happens when it comes and goes."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.widgets import TextArea

from tui.domain.error import RilletError
from tui.ui.action.binding import bindings
from tui.ui.action.table import BY_ID, COMMANDS
from tui.ui.line import Hollow
from tui.ui.rows import Rows
from tui.ui.screens.images import ImageActions
from tui.ui.transcript.wish import RunAction
from tui.ui.widgets.welcome import try_named
from tui.ui.wish import KeepDraft, RunCommand, SayNotice

LOOK_AFTER = 10.0
"""Seconds until the sessions file is looked after: what the person wants comes first."""

QUIT_GRACE = 2.0
"""Seconds within which a second Ctrl+C leaves."""


class ChatScreen(ImageActions):
    """One conversation, and everything around it."""

    AUTO_FOCUS = "#composer"
    DEFAULT_CSS = """
    ChatScreen #middle { layout: horizontal; }
    ChatScreen.-low TitleLine, ChatScreen.-low KeyBar { display: none; }
    ChatScreen.-covered #page-side { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("chat"),
        # A second meaning of the key that goes back: where it can mean nothing else, it stops the reply at once.
        Binding("escape", "stop", "Stop", show=False, priority=True, id="chat.back"),
    ]

    _interrupted_at = 0.0

    def compose(self) -> ComposeResult:
        """Title, page and panes, queue, composer, status, keys."""
        yield self.title_line
        with Hollow(id="middle"):
            with Hollow(id="page-side"):
                yield self.page
                yield self.welcome
            yield self.dock
        yield self.queue_lines
        yield self.desk
        yield self.status
        yield self.key_bar

    async def on_mount(self) -> None:
        """Show the conversation, the draft, and what must be told."""
        self.composer.earlier.recall = self.recall
        self.page.set_palette(self.rillet.styles_by_key)
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.repaint_in_theme())
        self.show_turns()
        if (turn := self.flow.turn) is not None:
            self.status.watch_turn(turn)
        await self.restore_panes()
        self.call_after_refresh(self.begin)
        if self.begins_with is not None:
            self.flow.run(self.begins_with)

    async def begin(self) -> None:
        """After the first paint: the draft, early keys, what is to be told, and the offer of the model in the box."""
        if not self.composer.text:
            self.write_kept_draft()
        await self.rillet.take_early_keys()
        for notice in (*self.program.notices, *self.rillet.notices):
            self.key_bar.say(notice, "warning", waits=True)
        self.program.notices.clear()
        self.tell_saving()
        self.start_worker(self.flow.reopen_calls())
        await self.offer_local_model()
        if self.status.has_notes and self.over is None:
            await self.action_show_notices()
        self.set_timer(LOOK_AFTER, self.look_after_file)

    def repaint_in_theme(self) -> None:
        """Paint everything in the colours in use now."""
        self.page.set_palette(self.rillet.styles_by_key)
        self.refresh(layout=True)
        for widget in self.query("*"):
            widget.refresh()

    async def finish(self) -> None:
        """Put the running reply and the draft away; the program ends."""
        await self.flow.finish()
        self.keep_draft(KeepDraft(self.composer.draft))

    # -- keys ---------------------------------------------------------------------------------------------

    async def action_back(self) -> None:
        """One layer back: a pane, an edit, a selection, then the reply that is coming. It never leaves the program."""
        if (over := self.over) is not None:
            await self.close_pane(over)
        elif self.is_completing:
            self.hide_completion()
        elif self.has_selection:
            self.drop_selection()
        elif self.leave_editing() or self.stop_reply():
            pass
        elif self.key_bar.sentence:
            self.key_bar.hush()
        else:
            self.composer.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense now: Esc stops at once where it can mean nothing else."""
        if action == "stop":
            is_editing = self.editing is not None or self.call_in_edit is not None
            is_covered = self.over is not None or self.is_completing or self.has_selection
            return self.flow.is_running and self.focused is self.composer and not (is_editing or is_covered)
        return super().check_action(action, parameters)

    def action_stop(self) -> None:
        """Stop the reply that is coming."""
        self.stop_reply()

    def stop_at_once(self) -> bool:
        """Stop where Esc, pressed now, would do just that; whether it did."""
        is_ours = "escape" in self.rillet.keys.keys("chat.back")
        if not is_ours or not self.check_action("stop", ()):
            return False
        self.action_stop()
        return True

    async def action_interrupt(self) -> None:
        """Copy the selection; else stop; else clear the draft into the history; else leave at the second press."""
        if text := self.selected():
            self.drop_selection()  # pressed again, it stops the reply
            await self.copy(text, "the selection")
        elif self.stop_reply():
            pass
        elif self.composer.text:
            text = self.composer.take().text
            self.composer.earlier.add(text)
            self.forget_draft(text, self.conversation.session_id)
            self.say("the draft was cleared; Up brings it back")
        elif time.monotonic() - self._interrupted_at < QUIT_GRACE:
            await self.rillet.action_quit()
        else:
            self._interrupted_at = time.monotonic()
            self.say("{chat.interrupt} again to quit")

    def action_write(self) -> None:
        """Go to the composer."""
        self.composer.focus()

    def action_focus_page(self) -> None:
        """Go to the conversation."""
        self.page.focus()

    def action_jump_end(self) -> None:
        """Show the end of the conversation, and follow it."""
        self.page.jump_end()

    def action_jump_home(self) -> None:
        """Show the beginning of the conversation."""
        self.page.scroll_home(animate=False)

    def action_page_up(self) -> None:
        """A page back in the conversation."""
        self.page.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """A page on in the conversation."""
        self.page.scroll_page_down(animate=False)

    @on(TextArea.SelectionChanged)
    def leave_selection(self, event: TextArea.SelectionChanged) -> None:
        """What is selected in the composer is what will be copied now, and no longer what was selected elsewhere."""
        if not event.selection.is_empty:
            self.drop_selection()

    @property
    def has_selection(self) -> bool:
        """Whether anything is selected outside the composer."""
        return self.page.has_selection or bool(self.selections)

    # -- actions ------------------------------------------------------------------------------------------

    async def action_do(self, action_id: str) -> None:
        """Run an action of the table on the widget that owns its scope."""
        action = BY_ID[action_id]
        if action.must_have_argument:
            self.composer.write_command(f"/{action.slash} ")
        elif (owner := self._owner_of(action.scope)) is not None:
            await self.app.run_action(action.run, owner)

    @on(RunAction)
    async def run_wished(self, wish: RunAction) -> None:
        """Run what the page offered, and what was clicked there."""
        await self.action_do(wish.action_id)

    def _owner_of(self, scope: str) -> DOMNode | None:
        pane = self.pane_in_focus() or self.over
        match scope:
            case "app":
                return self.app
            case "chat" | "offer":
                return self
            case "composer":
                return self.composer
            case "page":
                return self.page
            case "list":
                focused = self.focused
                return focused if isinstance(focused, Rows) else pane.query(Rows).first() if pane is not None else None
            case _:
                return pane

    # -- commands -----------------------------------------------------------------------------------------

    @on(TextArea.Changed)
    def offer_completion(self, event: TextArea.Changed) -> None:
        """Offer the commands that begin as what is written does."""
        if event.text_area is not self.composer:
            return
        text = self.composer.text
        if self.welcome.display and (prompt := try_named(text)):
            self.say(f"Enter asks: {prompt}")
        if self.completion is None and text.startswith("/"):
            from tui.ui.widgets.completion import Completion

            self.completion = self.composer.completion = Completion()
            self.mount(self.completion)
        if self.completion is not None:
            self.completion.offer(text, self.desk.outer_size.height + 2)

    @property
    def is_completing(self) -> bool:
        """Whether commands are offered that begin as what is written does."""
        return self.completion is not None and self.completion.display

    def hide_completion(self) -> None:
        """Offer no commands any more."""
        if self.completion is not None:
            self.completion.display = False

    @on(SayNotice)
    def say_notice(self, wish: SayNotice) -> None:
        """Say what a part of the screen wants said."""
        self.say(wish.text, wish.tone)

    @on(RunCommand)
    async def run_command(self, wish: RunCommand) -> None:
        """Run a command by its name; a name that is not one goes back into the composer."""
        self.hide_completion()
        action = next((action for action in COMMANDS if action.slash == wish.name), None)
        if action is None:
            near = [action.slash for action in COMMANDS if wish.name and action.slash.startswith(wish.name[:2])]
            self.say(f"there is no command /{wish.name}" + (f"; did you mean /{near[0]}?" if near else ""), "warning")
            self.composer.write_command(f"/{wish.name} {wish.rest}".rstrip())
            return
        try:
            if action.takes(wish.rest):
                await getattr(self, f"action_{action.run}_with")(wish.rest)
            else:
                await self.action_do(action.id)
        except RilletError as error:
            self.say(error.in_full, "warning")
