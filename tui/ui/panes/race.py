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

from tui.chat.race import Column
from tui.domain.error import RilletError
from tui.domain.quantity import describe_seconds
from tui.domain.turn import Turn
from tui.page.line import Line, Run, cut
from tui.page.race_lines import column_lines, ranks
from tui.page.wire_log import WireLog
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, Hints
from tui.ui.host import Chat
from tui.ui.line import Hollow, Lines
from tui.ui.notice import DeltasArrived, TurnEnded
from tui.ui.panes.pane import Pane
from tui.ui.transcript import Transcript
from tui.ui.wish import KeepRace, LeaveRace
from tui.ui.worker import TurnWorker

SIDE_BY_SIDE = 100
"""Cells from which the columns stand side by side; below, one under the other."""
ROWS_TO_READ = 3
"""The fewest rows of an answer below a head in full; where there are fewer, the heads are short."""
ROOMY = 20
"""Rows of columns side by side from which on why one took so long has two rows, and the figures too."""
LOOK_EVERY = 0.2
"""Seconds between two looks at the times."""
BUDGET = 0.004


class ColumnHead(Lines):
    """Who runs, the time of it as a line, why it took that long, and its figures."""

    def __init__(self, names: tuple[str, str], turn: Turn, log: WireLog) -> None:
        super().__init__()
        self._names, self._turn, self._log = names, turn, log
        self.rows = 4
        self.now = 0.0
        self.rank: Run = ("", "")
        self.is_chosen = self.is_one_place = False

    def lines(self, width: int) -> list[Line]:
        """Its lines at a width."""
        return column_lines(
            self._names,
            self._turn,
            self._log.timeline,
            width - 1,
            rows=self.rows,
            now=self.now,
            rank=self.rank,
            is_chosen=self.is_chosen,
            is_one_place=self.is_one_place,
        )


class ColumnView(Vertical):
    """One column: its head, and the answer as it grows."""

    DEFAULT_CSS = """
    ColumnView { width: 1fr; height: 1fr; padding: 0 1 0 0; }
    ColumnView Transcript { height: 1fr; }
    """

    def __init__(self, chat: Chat, column: Column, turn: Turn) -> None:
        super().__init__()
        self.column, self.turn = column, turn
        self.wire = WireLog(partial(chat.conversation.replies.tape_since, turn), dialect=lambda: turn.dialect)
        self.head = ColumnHead((column.model, column.place), turn, self.wire)
        self.page = Transcript()
        self.page.can_focus = False
        self.worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """The head, and the answer."""
        yield self.head
        yield self.page


class RacePane(Pane):
    """Up to four columns; one of them is chosen, and can be kept."""

    DEFAULT_CSS = """
    RacePane #columns { layout: horizontal; height: 1fr; }
    RacePane.-stacked #columns { layout: vertical; }
    """
    columns = 10_000
    title_words = "Race"
    BINDINGS: ClassVar[list[BindingType]] = bindings("race")
    can_focus = True

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.views: list[ColumnView] = []
        self._at = 0
        self._prompt = ""
        self._box = Hollow(id="columns")
        self._timer: Timer | None = None

    def hints_now(self) -> Hints:
        """The same keys throughout; only while something runs does going back stop it."""
        is_over = all(view.turn.state.is_over for view in self.views)
        return (
            Hint(("race.before", "race.next"), "choose"),
            "race.keep",
            Hint(("race.up", "race.down"), "scroll"),
            Hint(("pane.close",), "go back" if is_over else "stop, and go back"),
        )

    def content(self) -> ComposeResult:
        """The columns."""
        yield self._box

    def take_focus(self) -> None:
        """The keys are the pane's own."""
        self.screen.set_focus(self)

    def on_resize(self) -> None:
        """Side by side where there is room."""
        self.set_class(self.size.width < SIDE_BY_SIDE, "-stacked")
        self._share_rows()

    def _share_rows(self) -> None:
        """Stacked, the answer that is chosen has half of the rows that the heads leave."""
        count, rows = len(self.views), self._box.size.height
        if not count or not rows:
            return
        is_stacked = self.has_class("-stacked")
        head = 4 if not is_stacked or rows >= count * (4 + ROWS_TO_READ) else 2
        head += 2 * (not is_stacked and rows >= ROOMY)
        spare = max(count, rows - count * head)
        each = max(1, spare // (2 * count) if count > 1 else 0)
        for number, view in enumerate(self.views):
            view.head.rows = head
            view.head.styles.height = head
            text = spare - each * (count - 1) if number == self._at else each
            view.styles.height = head + text if is_stacked else "1fr"

    async def run(self, columns: list[Column], turns: list[Turn], prompt: str) -> None:
        """Show the columns, and let them all run at once."""
        self._prompt = prompt
        self.views = [ColumnView(self._chat, column, turn) for column, turn in zip(columns, turns, strict=True)]
        for view in self.views:
            view.head.is_one_place = len({column.place for column in columns}) == 1
        await self._box.mount_all(self.views)
        for view in self.views:
            view.page.set_palette(self._chat.rillet.styles_by_key)
            view.page.add_turn(view.turn, with_prompt=False)
        self._choose(0)
        self._tell_scale(0.0)
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        """Ask all at once, now that the columns are painted: what is painted meanwhile would count as time they took."""
        for view in self.views:
            worker = TurnWorker(partial(self._take, view), lambda: 0)
            view.worker = self.run_worker(worker.run(self._chat.conversation, view.turn, _ready), exit_on_error=False)
        self._timer = self.set_interval(LOOK_EVERY, self._look)

    def _take(self, view: ColumnView, message: Message) -> None:
        if isinstance(message, DeltasArrived):
            view.page.feed(view.turn, message.deltas)
        elif isinstance(message, TurnEnded):
            view.page.end_turn(view.turn)
            self._look()
            self._chat.offer_keys()

    def _look(self) -> None:
        """Read on in the wire of each column, and draw all times on one scale."""
        is_read = True
        for view in self.views:
            try:
                is_read &= view.wire.advance(BUDGET, is_over=view.turn.state.is_over)
            except RilletError:
                continue
        now = max((self._elapsed(view) for view in self.views), default=0.0)
        for view, rank in zip(self.views, ranks([view.turn for view in self.views]), strict=True):
            view.head.now, view.head.rank = now, rank
            view.head.refresh()
        self._tell_scale(now)
        if self._timer is not None and is_read and all(view.turn.state.is_over for view in self.views):
            self._timer.stop()
            self._timer = None

    def _tell_scale(self, now: float) -> None:
        """The prompt, and how long the lines of time are, which is the same for all."""
        scale = f"each line of time is {describe_seconds(now)} long" if now else ""
        room = self.heading.size.width - len(self.title_words) - len(scale) - 4
        self.heading.tell([(self.title_words, "title"), (f"  {cut(self._prompt, room)}", "muted")], [(scale, "muted")])

    def _elapsed(self, view: ColumnView) -> float:
        if view.turn.state.is_over or view.turn.timing.sent_at is None:
            return view.wire.timeline.span
        return max(view.wire.timeline.span, self._chat.conversation.now() - view.turn.timing.sent_at)

    def _choose(self, at: int) -> None:
        self._at = at
        for number, view in enumerate(self.views):
            view.head.is_chosen = number == at
            view.head.refresh()
        self._share_rows()

    def action_step(self, step: int) -> None:
        """Choose the next column, or the one before."""
        if self.views:
            self._choose((self._at + step) % len(self.views))

    def action_scroll(self, step: int) -> None:
        """Scroll the answer of the chosen column."""
        if self.views:
            self.views[self._at].page.scroll_relative(y=step, animate=False)

    def action_keep(self) -> None:
        """Keep the answer of the chosen column: the conversation goes on with it."""
        if not self.views:
            return
        view = self.views[self._at]
        if not view.turn.state.is_over:
            self._chat.say("this answer is still being written")
            return
        self.stop()
        self.post_message(KeepRace(view.turn, view.column.endpoint, view.column.model))

    def stop(self) -> None:
        """Stop what still runs."""
        for view in self.views:
            if view.worker is not None and not view.turn.state.is_over:
                view.worker.cancel()

    def on_unmount(self) -> None:
        """Left without an answer that was kept: the conversation is where it was."""
        self.stop()
        self._chat.post_message(LeaveRace())


async def _ready() -> None:
    """Nothing has to be prepared: no tools are run in a race."""
