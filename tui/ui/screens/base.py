"""What the parts of the chat screen share: the program, the flow of turns, and the widgets by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.screen import Screen
from textual.worker import Worker

from tui.domain.delta import Delta
from tui.domain.endpoint import Endpoint
from tui.domain.error import StoreError
from tui.ui.action.keymap import fill_keys
from tui.ui.calling import Calling
from tui.ui.flow import Flow
from tui.ui.host import Host
from tui.ui.line import Line
from tui.ui.notice import CallsChanged
from tui.ui.panes.dock import Dock
from tui.ui.part import Parted
from tui.ui.person import ScreenPerson, ServerAsks
from tui.ui.transcript import Transcript
from tui.ui.widgets.composer import Composer
from tui.ui.widgets.desk import Desk
from tui.ui.widgets.key_bar import KeyBar
from tui.ui.widgets.queue import QueueLines
from tui.ui.widgets.status import StatusBar
from tui.ui.widgets.title import TitleLine
from tui.ui.widgets.welcome import Welcome
from tui.ui.wording import place
from tui.wire.dialect import dialect_named

if TYPE_CHECKING:
    from tui.chat.conversation import Conversation
    from tui.chat.program import Program
    from tui.domain.turn import Prompt, Turn
    from tui.ui.widgets.completion import Completion


class ChatBase(Parted, Screen[None], inherit_css=False):
    """The chat screen without what it does."""

    DEFAULT_CSS = """
    ChatBase { layout: vertical; background: $background; color: $foreground; layers: base over; }
    ChatBase > .screen--selection {
        color: $screen-selection-foreground; background: $screen-selection-background;
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = Screen.COMPONENT_CLASSES

    def __init__(
        self,
        program: Program,
        conversation: Conversation,
        begins_with: Turn | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.begins_with = begins_with
        self.local_words: Line = []
        self.program = program
        self.title_line = TitleLine()
        self.page = Transcript()
        self.welcome = Welcome()
        self.dock = Dock()
        self.queue_lines = QueueLines()
        self.composer = Composer()
        self.completion: Completion | None = None
        self.desk = Desk(self.composer)
        self.status = StatusBar(clock, is_calm=program.settings.reduced_motion)
        self.key_bar = KeyBar()
        self.editing: Turn | None = None
        self.questions: list[ServerAsks] = []
        self.person = program.person = ScreenPerson(self.post_message)
        self._owes_echo = False
        self._was_shown = False
        self.flow = self.make_flow(conversation)

    def expect_echo(self) -> None:
        """A key was pressed: what it changes is painted as soon as it has, not at Textual's next frame."""
        self._owes_echo = True

    def on_idle(self) -> None:
        """Everything that was to be done is done: paint what a key has changed."""
        if self._owes_echo and (self._layout_required or self._repaint_required or self._dirty_widgets):
            self._owes_echo = False
            self._on_timer_update()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """When it is first shown, every widget has just been styled: once is enough."""
        event.refresh_styles = event.refresh_styles and self._was_shown
        self._was_shown = True

    def make_flow(self, conversation: Conversation) -> Flow:
        """The flow of a conversation on this screen."""
        calling = Calling(self.program, conversation, self._tell_calls, self.say)
        return Flow(conversation, calling, self, self.post_message, self.start_worker)

    def _tell_calls(self, turn: Turn) -> None:
        self.post_message(CallsChanged(turn))

    def start_worker(self, work: Coroutine[Any, Any, None]) -> Worker[None]:
        """Run something beside everything else."""
        return self.run_worker(work, exit_on_error=False)

    # -- what every part of the screen uses ----------------------------------------------------------------

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen."""
        return self.flow.conversation

    @property
    def rillet(self) -> Host:
        """The app, as what it is."""
        app: Any = self.app
        return app  # type: ignore[no-any-return]  # Textual knows it as App[object]

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that is asked next."""
        return self.program.endpoints[self.conversation.endpoint]

    def say(self, text: str, tone: str = "muted") -> None:
        """Tell a sentence on the bottom line."""
        self.key_bar.say(fill_keys(text, self.rillet.keys), tone)

    def save(self, work: Callable[[], object]) -> None:
        """Do something to the database; a disk that takes nothing is told in the status bar."""
        try:
            work()
        except StoreError as error:
            self.program.lose_disk(error)
            self.tell_saving()

    def tell_saving(self) -> None:
        """Show, as long as it is so, that nothing is being saved, and that something must be read."""
        database = self.program.database
        has_notes = False
        with suppress(StoreError):
            has_notes = bool(database.notes())
        self.status.tell_problem(
            self.program.store_problem or database.why_unsaved,
            is_chosen=database.is_unsaved_by_choice,
            has_notes=has_notes,
        )

    def choose(self, **changes: Any) -> None:
        """Remember choices for the next time."""
        from msgspec.structs import replace

        from tui.store.choice import save_choices
        from tui.store.path import choices_path

        self.program.choices = replace(self.program.choices, **changes)
        if not self.program.database.is_memory:
            self.save(lambda: save_choices(choices_path(), self.program.choices))

    def tell_title(self) -> None:
        """Show what the conversation is called and who answers it."""
        endpoint = self.endpoint
        where = place(endpoint)
        model = self.conversation.model
        tools = [name for name in self.conversation.server_tools if name in endpoint.server_tools]
        dialect: str = endpoint.dialect
        if tools:
            dialect += f" + {', '.join(tools)}" if dialect_named(dialect).has_server_tools else ": no server tools"
        system = self.conversation.system
        self.title_line.tell(
            title=self.conversation.title, model=model, place=where, dialect=dialect, has_system=bool(system)
        )
        self.welcome.tell(model=model, place=where, is_local=endpoint.is_local, system=system)
        if self.flow.turn is None:
            self.status.rest(self.local_words if endpoint.is_local and self.local_words else [("○ ready", "muted")])

    def offer_keys(self) -> None:
        """Show the keys that matter now; said where the keys are known."""

    def unpainted(self) -> int:
        """Characters the page has taken and not painted yet."""
        return self.page.backlog

    def show_turn(self, turn: Turn) -> None:
        """Show a turn that begins."""

    def paint_deltas(self, turn: Turn, deltas: list[Delta]) -> None:
        """Paint what came."""

    def show_ending(self, turn: Turn) -> None:
        """Show how a turn ended."""

    def show_turns(self) -> None:
        """Show the turns anew."""

    def show_queue(self, queue: list[Prompt]) -> None:
        """Show what waits."""
