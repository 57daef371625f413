"""The race: the same prompt to several models, their answers side by side as they are written, on one scale of time."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.worker import Worker

from tui.chat.race import Lane
from tui.domain.error import RilletError
from tui.domain.turn import Turn
from tui.page.line import Line
from tui.page.race_lines import lane_lines
from tui.page.wire_log import WireLog
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.line import Hollow, Lines
from tui.ui.notice import DeltasArrived, TurnEnded
from tui.ui.panes.pane import Pane
from tui.ui.transcript import Transcript
from tui.ui.wish import KeepRace, LeaveRace
from tui.ui.worker import TurnWorker

SIDE_BY_SIDE = 100
"""Columns from which the lanes stand side by side; below, one under the other."""
LOOK_EVERY = 0.2
"""Seconds between two looks at the times."""
BUDGET = 0.004


class LaneHead(Lines):
    """Who runs, the time of it as a line, and its figures."""

    DEFAULT_CSS = "LaneHead { height: 3; }"

    def __init__(self, lane: Lane, turn: Turn, log: WireLog) -> None:
        super().__init__()
        self._lane, self._turn, self._log = lane, turn, log
        self.span = 0.0
        self.is_chosen = False

    def lines(self, width: int) -> list[Line]:
        """The three lines at a width."""
        return lane_lines(
            self._lane.word, self._turn, self._log.timeline, width - 1, span=self.span, is_chosen=self.is_chosen
        )


class LaneView(Vertical):
    """One lane: its head, and the answer as it grows."""

    DEFAULT_CSS = """
    LaneView { width: 1fr; height: 1fr; padding: 0 1 0 0; }
    LaneView Transcript { height: 1fr; }
    """

    def __init__(self, chat: Chat, lane: Lane, turn: Turn) -> None:
        super().__init__()
        self.lane, self.turn = lane, turn
        self.wire = WireLog(partial(chat.conversation.replies.tape_since, turn))
        self.head = LaneHead(lane, turn, self.wire)
        self.page = Transcript()
        self.page.can_focus = False
        self.worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """The head, and the answer."""
        yield self.head
        yield self.page


class RacePane(Pane):
    """Up to four lanes; one of them is chosen, and can be kept."""

    DEFAULT_CSS = """
    RacePane #lanes { layout: horizontal; height: 1fr; }
    RacePane.-stacked #lanes { layout: vertical; }
    """
    columns = 10_000
    title_words = "Race"
    hints = (
        Hint(("race.before", "race.next"), "choose"),
        "race.keep",
        Hint(("race.up", "race.down"), "scroll"),
        Hint(("pane.close",), "stop, and go back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings("race")
    can_focus = True

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.lanes: list[LaneView] = []
        self._at = 0
        self._box = Hollow(id="lanes")
        self._timer: Timer | None = None

    def content(self) -> ComposeResult:
        """The lanes."""
        yield self._box

    def take_focus(self) -> None:
        """The keys are the pane's own."""
        self.screen.set_focus(self)

    def on_resize(self) -> None:
        """Side by side where there is room."""
        self.set_class(self.size.width < SIDE_BY_SIDE, "-stacked")

    async def run(self, lanes: list[Lane], turns: list[Turn], prompt: str) -> None:
        """Show the lanes, and let them all run at once."""
        self.heading.tell([(self.title_words, "title"), (f"  {prompt}", "muted")], [])
        self.lanes = [LaneView(self._chat, lane, turn) for lane, turn in zip(lanes, turns, strict=True)]
        await self._box.mount_all(self.lanes)
        for view in self.lanes:
            view.page.set_palette(self._chat.rillet.styles_by_key)
            view.page.add_turn(view.turn, with_prompt=False)
            worker = TurnWorker(partial(self._take, view), lambda: 0)
            view.worker = self.run_worker(worker.run(self._chat.conversation, view.turn, _ready), exit_on_error=False)
        self._choose(0)
        self._timer = self.set_interval(LOOK_EVERY, self._look)

    def _take(self, view: LaneView, message: Message) -> None:
        if isinstance(message, DeltasArrived):
            view.page.feed(view.turn, message.deltas)
        elif isinstance(message, TurnEnded):
            view.page.end_turn(view.turn)
            self._look()

    def _look(self) -> None:
        """Read on in the wire of each lane, and draw all times on one scale."""
        for view in self.lanes:
            try:
                view.wire.advance(BUDGET, is_over=view.turn.state.is_over)
            except RilletError:
                continue
        now = max((self._elapsed(view) for view in self.lanes), default=0.0)
        for view in self.lanes:
            view.head.span = now
            view.head.refresh()
        if self._timer is not None and all(view.turn.state.is_over for view in self.lanes):
            self._timer.stop()
            self._timer = None

    def _elapsed(self, view: LaneView) -> float:
        if view.turn.state.is_over or view.turn.timing.sent_at is None:
            return view.wire.timeline.span
        return max(view.wire.timeline.span, self._chat.conversation.now() - view.turn.timing.sent_at)

    def _choose(self, at: int) -> None:
        self._at = at
        for number, view in enumerate(self.lanes):
            view.head.is_chosen = number == at
            view.head.refresh()

    def action_step(self, step: int) -> None:
        """Choose the next lane, or the one before."""
        if self.lanes:
            self._choose((self._at + step) % len(self.lanes))

    def action_scroll(self, step: int) -> None:
        """Scroll the answer of the chosen lane."""
        if self.lanes:
            self.lanes[self._at].page.scroll_relative(y=step, animate=False)

    def action_keep(self) -> None:
        """Keep the answer of the chosen lane: the conversation goes on with it."""
        if not self.lanes:
            return
        view = self.lanes[self._at]
        if not view.turn.state.is_over:
            self._chat.say("this answer is still being written")
            return
        self.stop()
        self.post_message(KeepRace(view.turn, view.lane.endpoint, view.lane.model))

    def stop(self) -> None:
        """Stop what still runs."""
        for view in self.lanes:
            if view.worker is not None and not view.turn.state.is_over:
                view.worker.cancel()

    def on_unmount(self) -> None:
        """Left without an answer that was kept: the conversation is where it was."""
        self.stop()
        self._chat.post_message(LeaveRace())


async def _ready() -> None:
    """Nothing has to be prepared: no tools are run in a race."""
