"""The inspector: the tool calls of a turn as they arrive, wait, run and answer, and what there is to decide."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from tui.domain.delta import Delta, ToolCallDelta
from tui.domain.turn import Turn
from tui.page.call_lines import head_line
from tui.page.line import Line
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, Hints
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.ui.panes.call_detail import CallDetail
from tui.ui.panes.call_question import CallQuestion
from tui.ui.panes.field import Field
from tui.ui.panes.pane import Pane
from tui.ui.terminal.receipt import LOOK_SECONDS
from tui.ui.transcript import CopyText
from tui.ui.widgets.list_view import ListView, RowReached, RowsPainted
from tui.ui.wish import EditCall
from tui.wire.printable import printable_line

if TYPE_CHECKING:
    from tui.chat.call_view import CallView

LOOKING: Hints = ("calls.flip", "calls.view", "calls.copy", "chat.row_menu", Hint(("pane.close",), "to the prompt"))
"""What can be done with any call."""

DECISIONS = {"calls.approve", "calls.approve_tool", "calls.deny", "calls.edit", "calls.go_on"}
"""The actions that decide something, and must not be run by a key that was meant for something else."""


class CallsPane(Pane):
    """A list of calls, and below it the one under the cursor."""

    DEFAULT_CSS = """
    CallsPane.-asks { height: 2fr; }
    CallsPane #heads { height: auto; max-height: 8; }
    CallsPane #detail { margin: 1 0 0 0; }
    CallsPane #decision { margin: 1 0 0 0; }
    CallsPane #decision.-empty { display: none; }
    CallsPane Field { display: none; background: $background; }
    """
    title_words = "Tool calls"
    hints = LOOKING
    BINDINGS: ClassVar[list[BindingType]] = bindings("calls")

    def __init__(self, chat: Chat) -> None:
        super().__init__()
        self._chat = chat
        self.turn: Turn | None = None
        self.heads = ListView(head_line, id="heads", empty="no tool was called yet")
        self.detail = ListView(lambda line, _width: line, id="detail", has_cursor=False, tells_painted=True)
        self.detail.can_focus = False
        self.decision = Lines(id="decision", classes="-empty")
        self.reason = Field("why? Enter denies, Esc does not")
        self._call = CallDetail()
        self._question = CallQuestion(chat.rillet.when_shown)

    def content(self) -> ComposeResult:
        """The list, the detail, and the line for a reason."""
        yield self.heads
        yield self.detail
        yield self.decision
        yield self.reason

    def on_mount(self) -> None:
        """Show the last turn that called something."""
        self.reopen()
        self.run_worker(self._load_tools(), exit_on_error=False)

    def reopen(self) -> None:
        """Show the conversation that is on the screen now: its last turn that called something."""
        self._question.again = None
        self._call.clear()
        conversation = self._chat.conversation
        steps = conversation.tree.last_calling()
        self.show(next(steps))

        async def look_back() -> None:
            """Look in steps: others go on between them, and may show another turn."""
            for turn in steps:
                if self.turn is not None or self._chat.conversation is not conversation:
                    return
                if turn is not None:
                    self.show(turn)
                    return
                await asyncio.sleep(0)

        if self.turn is None:
            self.run_worker(look_back(), group="look back", exclusive=True, exit_on_error=False)

    async def _load_tools(self) -> None:
        if self._chat.runner.tools.is_wanted:
            await self._chat.runner.tools.load()
            self._call.clear()
            self.show(self.turn)

    # -- what is shown ------------------------------------------------------------------------------------

    def show(self, turn: Turn | None, index: int | None = None) -> None:
        """Show the calls of a turn, and of them one."""
        self.turn = turn
        views = self._chat.runner.tools.views(turn) if turn is not None else []
        if (
            index is None
            and (asked := next((at for at, view in enumerate(views) if view.state == "waiting"), None)) is not None
        ):
            index = asked if self._view is None or self._view.state != "waiting" else None
        self.heads.show(views, cursor=index)
        self.heading.tell([(self.title_words, "title")], [(str(len(views)) if views else "", "muted")])
        self._ask(self._view)
        self._show_detail()
        self._chat.offer_keys()

    def hints_now(self) -> Hints:
        """Deciding first, where there is something to decide."""
        return (*self._question.decisions(self._view), *self.hints)

    def feed(self, turn: Turn, deltas: list[Delta]) -> None:
        """Fragments came."""
        if any(isinstance(delta, ToolCallDelta) for delta in deltas):
            self.show(turn)

    def end_turn(self, turn: Turn) -> None:
        """The reply ended: what was arriving has come, or never will."""
        if turn is self.turn:
            self.show(turn)

    @property
    def _view(self) -> CallView | None:
        return self.heads.item

    def _show_detail(self) -> None:
        view, turn = self._view, self.turn
        width = max(20, self.size.width - 3)
        lines: list[Line] = []
        if view is not None and turn is not None:
            tools, keys = self._chat.runner.tools, self._chat.rillet.keys
            lines = self._call.lines(turn, view, self._question.again_for(view), tools=tools, keymap=keys, width=width)
        self.detail.show(lines)
        self._show_decision()

    @on(RowsPainted)
    def note_painted(self, notice: RowsPainted) -> None:
        """More of a question was painted; a yes counts only once the terminal has shown the end of it."""
        notice.stop()
        painted = self.detail.painted_to
        if painted and self.has_focus_within and not self._call.shows_result:
            self._question.paint(self._call.question_rows - painted, self._look_again_when_armed)
            self._show_decision()

    def _show_decision(self) -> None:
        view = self._view
        is_asked = view is not None and self._question.is_about(view) and not self._call.shows_result
        self.decision.set_class(not is_asked, "-empty")
        keys, width = self._chat.rillet.keys, max(20, self.size.width - 3)
        self.set_class(is_asked, "-asks")  # beside another pane: no key counts before the end of the question was seen
        self.decision.show(self._question.lines(view, keys, width, has_keys=self.has_focus_within) if is_asked else [])

    @on(RowReached)
    def show_reached(self, notice: RowReached) -> None:
        """Another call is under the cursor."""
        notice.stop()
        if self._question.again is not None and self._question.again[0] is not self._view:
            self._question.again = None
        self._ask(self._view)
        self._show_detail()
        self._chat.offer_keys()

    def on_resize(self) -> None:
        """Fold anew."""
        self._show_detail()

    # -- deciding -----------------------------------------------------------------------------------------

    def _ask(self, view: CallView | None) -> None:
        """Begin the wait before keys count, each time another question is put."""
        if self._question.put(view):
            self.detail.scroll_home(animate=False)

    def _look_again_when_armed(self) -> None:
        from tui.tools.approval import ARMING_DELAY

        self._show_decision()
        self._chat.offer_keys()
        self.set_timer(ARMING_DELAY + LOOK_SECONDS + 0.02, self._show_decision)

    @on(events.Focus)
    @on(events.DescendantFocus)
    def on_descendant_focus(self) -> None:
        """Keys that were meant for something else must not count here."""
        self._question.forget_view()
        self._ask(self._view)
        self._show_detail()

    def on_descendant_blur(self) -> None:
        """The keys are elsewhere now: say how to come back."""
        self.call_after_refresh(self._show_detail)

    def on_key(self, event: events.Key) -> None:
        """Drop keys that decide something while the question is too new: typed ahead, pasted or held down."""
        decides = self._chat.rillet.keys.at("calls", event.key) in DECISIONS
        if not decides or self.reason.has_focus or not self._question.is_open:
            return
        if not self._question.accepts(event.time):
            event.stop()
            event.prevent_default()
            self._look_again_when_armed()

    def distrust(self, came_at: float) -> None:
        """What came no later than this, by the mouse or for another program, is no answer: it puts the question anew."""
        if self.has_focus_within and self._question.is_open and not self._question.accepts(came_at):
            self.on_descendant_focus()

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted decides nothing."""
        event.stop()
        self._question.accepts(event.time, is_paste=True)

    def action_approve(self, for_session: bool = False) -> None:
        """Run it, this once; or this tool from now on, as it is defined now."""
        view, turn, question = self._view, self.turn, self._question
        if view is None or turn is None or not question.is_armed or question.unseen or self._call.shows_result:
            return
        if for_session and view.call.server:
            self._chat.say("the endpoint makes this call: it can be allowed once, or denied")
            return
        if view.is_in_hand:
            self._chat.say("its arguments are in the composer: {composer.send} keeps them · {chat.back} leaves them")
            return
        if (approval := question.again_for(view)) is not None:
            question.again = None
            question.drop()
            if not for_session:
                again = self._chat.runner.tools.gate.run_again(turn, view, approval)
                self.run_worker(asyncio.shield(again), exit_on_error=False)
        elif view.state == "waiting":
            question.drop()
            self._chat.runner.tools.gate.approve(turn, view, for_session=for_session)
            self._chat.runner.settle_calls(turn)

    def action_deny(self) -> None:
        """Deny it; a reason may be given."""
        view = self._view
        if view is not None and (view.state == "arriving" or (view.state == "waiting" and self._question.is_armed)):
            self.reason.display = True
            self.reason.value = ""
            self.reason.focus()

    @on(Input.Submitted)
    def take_reason(self, notice: Input.Submitted) -> None:
        """The reason is given, or left out."""
        notice.stop()
        self.reason.display = False
        self.heads.focus()
        if self._view is not None and self.turn is not None:
            self._chat.runner.tools.gate.deny(self.turn, self._view, self.reason.value)
            self._chat.runner.settle_calls(self.turn)

    def action_edit(self) -> None:
        """Write other arguments, in the composer."""
        view = self._view
        if view is not None and self.turn is not None and view.state == "waiting":
            self._chat.post_message(EditCall(self.turn, view))

    def action_go_on(self) -> None:
        """Let a turn go on that has had many rounds."""
        if self.turn is not None and self._question.is_armed:
            self._chat.runner.tools.gate.go_on(self.turn)

    def action_run_again(self) -> None:
        """Ask whether to run it once more, to look at."""
        view, turn = self._view, self.turn
        if view is not None and turn is not None and view.state in ("done", "failed", "stopped"):
            self.run_worker(self._ask_again(turn, view), exit_on_error=False)

    async def _ask_again(self, turn: Turn, view: CallView) -> None:
        from tui.tools.result import Result

        await self._chat.runner.tools.load()
        await self._chat.runner.tools.prepare()
        approval = self._chat.runner.tools.gate.prepare_again(turn, view)
        if isinstance(approval, Result):
            self._chat.say(printable_line(approval.text), "warning")
        elif view is self._view:
            self._question.again = (view, approval)
            self._call.shows_result = False
            self._ask(view)
            self._show_detail()
            self._chat.offer_keys()

    def action_close(self) -> None:
        """Leave the reason, the question whether to run again, or the pane."""
        if self._question.again is not None:
            self._question.again = None
            self._ask(self._view)
            self._show_detail()
            self._chat.offer_keys()
        elif self.reason.display:
            self.reason.display = False
            self.heads.focus()
        else:
            super().action_close()

    # -- looking ------------------------------------------------------------------------------------------

    def action_flip(self) -> None:
        """The request, or the result."""
        self._call.shows_result = not self._call.shows_result
        self._show_detail()

    def action_view(self) -> None:
        """The tree, or the fragments as they came."""
        self._call.is_raw = not self._call.is_raw
        self._show_detail()

    def note_time(self) -> None:
        """A call that runs has been running a little longer."""
        self.heads.refresh()

    def action_copy(self) -> None:
        """Copy the arguments, or the result."""
        view = self._view
        if view is None:
            return
        if self._call.shows_result and view.result is not None:
            self.post_message(CopyText(view.result.text, "the result"))
        else:
            self.post_message(CopyText(view.call.final_arguments, "the arguments"))

    def action_scroll_detail(self, step: int) -> None:
        """Scroll what is shown of the call."""
        self.detail.action_page(step)
