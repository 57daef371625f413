"""A side question: its answer as it is written, beside a conversation that it sees and is no part of."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.worker import Worker

from tui.domain.quantity import describe_seconds
from tui.domain.turn import Turn
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, Hints
from tui.ui.host import Chat
from tui.ui.notice import DeltasArrived, TurnEnded, TurnQuieted, TurnResumed
from tui.ui.panes.pane import Pane
from tui.ui.panes.typing import hand_over
from tui.ui.transcript import Transcript
from tui.ui.wish import AsideEnded, TakeAside
from tui.ui.worker import TurnWorker

_RUNNING: Hints = (Hint(("pane.close",), "stop"), Hint(("aside.up", "aside.down"), "scroll"))
_OVER: Hints = (
    "aside.take_in",
    "aside.ask",
    "aside.copy",
    Hint(("aside.up", "aside.down"), "scroll"),
    Hint(("pane.close",), "leave it aside"),
)


class AsidePane(Pane):
    """One question and its answer; it can be stopped, and made part of the conversation."""

    DEFAULT_CSS = "AsidePane Transcript { height: 1fr; }"
    title_words = "Beside the conversation"
    hints = _OVER
    BINDINGS: ClassVar[list[BindingType]] = bindings("aside")
    can_focus = True

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self._turn: Turn | None = None
        self._worker: Worker[None] | None = None
        self.page = Transcript()
        self.page.can_focus = False

    def content(self) -> ComposeResult:
        """The question, and the answer as it grows."""
        yield self.page

    def hints_now(self) -> Hints:
        """While it comes it can be stopped; then there is something to be done with it."""
        return _RUNNING if self._is_running else self.hints

    def take_focus(self) -> None:
        """The keys are the pane's own."""
        self.screen.set_focus(self)

    def run(self, turn: Turn) -> None:
        """Show a question, and let its answer come."""
        self._turn = turn
        self.page.set_palette(self._chat.rillet.styles_by_key)
        self.page.add_turn(turn)
        worker = TurnWorker(self._take, self.page.turn_feed.count_backlog)
        self._worker = self.run_worker(worker.run(self._chat.conversation, turn, _ready), exit_on_error=False)
        self._chat.offer_keys()

    def _take(self, message: Message) -> None:
        match message:
            case DeltasArrived():
                self.page.feed(message.turn, message.deltas)
            case TurnEnded():
                self.page.end_turn(message.turn)
                self._say("")
                self._chat.post_message(AsideEnded())
                self._chat.offer_keys()
            case TurnQuieted():
                self._say(f"nothing new for {describe_seconds(message.seconds)}")
            case TurnResumed():
                self._say("")
            case _:
                pass

    def _say(self, words: str) -> None:
        self.heading.tell([(self.title_words, "title")], [(words, "warning")] if words else [])

    @property
    def _is_running(self) -> bool:
        return self._turn is not None and not self._turn.state.is_over

    def action_close(self) -> None:
        """Stop the answer while it comes; else leave it aside."""
        if self._is_running:
            self.stop()
        else:
            super().action_close()

    @on(events.Key)
    @on(events.Paste)
    def write(self, event: events.Key | events.Paste) -> None:
        """Who types here writes the next prompt: no letter does anything to the answer."""
        hand_over(event, self._chat, "aside")

    def action_scroll(self, step: int) -> None:
        """Scroll the answer."""
        self.page.scroll_relative(y=step, animate=False)

    def action_page(self, direction: int) -> None:
        """Scroll the answer by what is seen of it."""
        self.action_scroll(direction * max(1, self.page.size.height - 2))

    def action_take_in(self) -> None:
        """Go on from here: question and answer are part of the conversation."""
        self._wish("go on")

    def action_ask(self) -> None:
        """Ask the question as a prompt."""
        self._wish("prompt")

    def action_copy(self) -> None:
        """Copy the answer."""
        self._wish("copy")

    def _wish(self, what: str) -> None:
        if self._turn is None or self._is_running:
            self._chat.say("the answer is still being written: {pane.close} stops it")
        else:
            self.post_message(TakeAside(self._turn, what))

    def stop(self) -> None:
        """Stop what still runs."""
        if self._worker is not None and self._is_running:
            self._worker.cancel()

    def on_unmount(self) -> None:
        """Left while it came: what came is kept."""
        self.stop()


async def _ready() -> None:
    """Nothing has to be prepared: a side question runs no tools."""
