"""The chat screen: its layout, and the routing of keys and messages to those who deal with them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import TextArea
from textual.worker import Worker

from tui.chat.tool_session import ToolSession
from tui.ui.action.binding import bindings
from tui.ui.action.table import BY_ID
from tui.ui.compositor import PaneCompositor
from tui.ui.host import Host
from tui.ui.line import Hollow
from tui.ui.notice import CallsChanged, Notice
from tui.ui.panes.pane import Pane
from tui.ui.screen.asides import AsideController
from tui.ui.screen.at_once import AtOnce
from tui.ui.screen.attachments import AttachmentController
from tui.ui.screen.branches import BranchController
from tui.ui.screen.calls import CallController
from tui.ui.screen.completing import CompletionController
from tui.ui.screen.controller import Controller
from tui.ui.screen.faults import FaultController
from tui.ui.screen.keys import KeyController
from tui.ui.screen.models import ModelController
from tui.ui.screen.outside import OutsideController
from tui.ui.screen.panes import PaneController
from tui.ui.screen.questions import QuestionController
from tui.ui.screen.race import RaceController
from tui.ui.screen.reading import ReadingController
from tui.ui.screen.routes import Routes, owner_of
from tui.ui.screen.saving import TRIED_EVERY
from tui.ui.screen.schema import SchemaController
from tui.ui.screen.sessions import SessionController
from tui.ui.screen.settings import LOOK_EVERY, SettingsController
from tui.ui.screen.sheet import SheetController
from tui.ui.screen.stage import Stage
from tui.ui.screen.summaries import SummaryController
from tui.ui.screen.turns import TurnController
from tui.ui.screen.writing import WritingController, settle
from tui.ui.short_way import ShortWay
from tui.ui.transcript.wish import RunAction
from tui.ui.turn_runner import TurnRunner
from tui.ui.wish import SendPrompt, Wish

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation
    from tui.chat.fault_list import FaultList
    from tui.domain.turn import Turn

LOOK_FOR_FAULTS = 0.5
"""Seconds until the tools of the settings are built: the first paint and the first keys come before."""

LOOK_AFTER = 10.0
"""Seconds until the sessions file is looked after: what the person wants comes first."""


class ChatScreen(Screen[None], inherit_css=False):
    """One conversation, and everything around it. It composes and routes; controllers do the rest."""

    AUTO_FOCUS = "#composer"
    DEFAULT_CSS = """
    ChatScreen { layout: vertical; background: $background; color: $foreground; layers: base over; }
    ChatScreen > .screen--selection {
        color: $screen-selection-foreground; background: $screen-selection-background;
    }
    ChatScreen #middle { layout: horizontal; }
    ChatScreen.-low TitleLine, ChatScreen.-low KeyBar { display: none; }
    ChatScreen.-covered #page-side { display: none; }
    ChatScreen.-stacked #middle { layout: vertical; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = Screen.COMPONENT_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("chat"),
        # A second meaning of the key that goes back: where it can mean nothing else, it stops the reply at once.
        Binding("escape", "stop", "Stop", show=False, priority=True, id="chat.back"),
    ]

    def __init__(
        self,
        program: ChatProgram,
        conversation: Conversation,
        begins_with: Turn | None = None,
        *,
        plays: float | None = None,
    ) -> None:
        super().__init__()
        self._compositor = PaneCompositor()
        self._begins_with = begins_with
        self._plays = plays
        self._owes_echo = self._was_shown = self._has_begun = False
        self.program = program
        self._routes = Routes()
        self.stage = stage = Stage(program, self)
        self.composer, self.page, self.key_bar = stage.composer, stage.page, stage.key_bar
        self.panes = PaneController(stage, self, self)
        self.turns = TurnController(stage)
        self.servers = QuestionController(stage, self.panes)
        self.calls = CallController(stage, self.panes, self.servers, self.focus_next)
        self.completing = CompletionController(stage, self.mount)
        self.writing = WritingController(stage, self.calls, self.completing, lambda: self._routes.commands)
        self.sessions = SessionController(
            stage, self.panes, self.turns, self.calls, self.writing, make_runner=self._make_runner
        )
        self.branches = BranchController(stage, self.turns, self.writing, self.sessions)
        self.models = ModelController(stage, self.panes)
        self.settings = SettingsController(stage, self.panes, self.models)
        self.outside = OutsideController(stage, self)
        self.attachments = AttachmentController(stage)
        self.fault_controller = FaultController(stage)
        self.keys = KeyController(
            stage,
            panes=self.panes,
            completing=self.completing,
            writing=self.writing,
            calls=self.calls,
            outside=self.outside,
        )
        self.at_once = AtOnce(self, self.composer, self.keys.stop_at_once, self._tell_writing)
        controllers: tuple[Controller, ...] = (
            self.panes,
            self.turns,
            self.branches,
            self.servers,
            self.calls,
            self.completing,
            self.writing,
            self.sessions,
            self.models,
            self.settings,
            self.outside,
            self.attachments,
            self.fault_controller,
            self.keys,
            SchemaController(stage),
            SheetController(stage),
            ReadingController(stage, self.panes),
            RaceController(stage, self.panes, self.turns),
            SummaryController(stage, self.panes, self.writing),
            AsideController(stage, self.panes, self.outside),
        )
        self._routes.messages[RunAction] = lambda wish: self.action_do(wish.action_id)
        self._routes.add(controllers)
        stage.runner = self._make_runner(conversation)

    def _make_runner(self, conversation: Conversation) -> TurnRunner:
        """What runs the turns of a conversation on this screen."""
        tools = ToolSession(self.program, conversation, lambda turn: self.post_message(CallsChanged(turn)), self.say)
        way = ShortWay(self, self.turns.write_letters, self.turns.paint_deltas)
        return TurnRunner(
            conversation,
            tools,
            route=self._routes.take_now,
            post=self.post_message,
            write=way.write,
            start=self.start_worker,
            backlog=self.page.turn_feed.count_backlog,
        )

    def compose(self) -> ComposeResult:
        """Title, page and panes, queue, composer, status, keys."""
        stage = self.stage
        yield stage.title_line
        with Hollow(id="middle"):
            with Hollow(id="page-side"):
                yield stage.page
                yield stage.welcome
            yield stage.dock
        yield stage.queue_lines
        yield stage.input_area
        yield stage.status
        yield stage.key_bar

    # -- beginning and end --------------------------------------------------------------------------------

    async def on_mount(self) -> None:
        """Show the conversation, the draft, and what must be told."""
        self.stage.saving.begin()
        self.composer.earlier.recall = self.writing.history
        if not self.composer.text:
            self.writing.write_saved_draft()
        self.page.set_palette(self.rillet.styles_by_key)
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._repaint_all())
        self.turns.show_turns()
        if (turn := self.runner.turn) is not None:
            self.stage.status.watch_turn(turn)
        await self.panes.restore()
        self.call_after_refresh(self.begin)
        if self._begins_with is not None:
            self.runner.run(self._begins_with)
        if self._plays is not None:
            self.call_after_refresh(self.panes.play, self._plays)

    async def begin(self) -> None:
        """After the first paint: early keys, what is to be told, and the offer of the built-in model."""
        await self.rillet.take_early_keys()
        self._has_begun = self.at_once.has_begun = True
        for notice in (*self.program.notices, *self.rillet.notices):
            self.key_bar.say(notice, "warning", waits=True)
        self.program.notices.clear()
        self.stage.faults.add(self.rillet.notices)
        self.stage.tell_saving()
        self.start_worker(self.runner.reopen_calls())
        await self.models.offer_local()
        if self.stage.status.has_notes and self.panes.over is None:
            await self.panes.show_over("notices")
        self.sessions.mend()
        self.set_timer(LOOK_AFTER, self.sessions.look_after_file)
        self.set_timer(LOOK_FOR_FAULTS, lambda: self.start_worker(self.fault_controller.look()))
        self.set_interval(LOOK_EVERY, self.settings.look_by_itself)
        self.set_interval(LOOK_EVERY, self.turns.look_by_itself)
        self.set_interval(TRIED_EVERY, self.stage.saving.try_again)

    def _repaint_all(self) -> None:
        """Paint everything anew: the theme is another one, or the direction in which text runs."""
        self.page.set_palette(self.rillet.styles_by_key)
        self.refresh(layout=True)
        for widget in self.query("*"):
            widget.refresh()

    def catch_up(self) -> None:
        """The window has the person's eyes again: see what another one did meanwhile."""
        self.turns.catch_up()

    def interrupt(self, why: str) -> None:
        """Say what it is that stops the running reply: no person does."""
        self.runner.conversation.replies.interrupt(why)

    @property
    def saved_session(self) -> str | None:
        """The id of the saved conversation that is on the screen; `None` where nothing of it is on disk."""
        return None if self.stage.program.database.is_memory else self.stage.conversation.session.id

    async def finish(self) -> None:
        """Put the running reply and the draft away; the program ends."""
        await self.runner.finish()
        self.writing.keep_draft(self.composer.draft)
        await self.stage.saving.settle()

    async def ask_before_leaving(self) -> bool:
        """Where something is saved nowhere, offer a file; whether it was offered now."""
        return await self.sessions.ask_before_leaving()

    # -- painting -----------------------------------------------------------------------------------------

    def expect_echo(self) -> None:
        """A key or a button was pressed: what it changes is painted as soon as it has, not at Textual's next frame."""
        self._owes_echo = True

    def distrust(self, came_at: float) -> None:
        """What came no later than this answers no question that was shown after it."""
        self.calls.distrust(came_at)

    def on_idle(self) -> None:
        """Everything that was to be done is done: paint what a key or a click has changed, and what is seen first."""
        is_awaited = self._owes_echo or not self._has_begun
        if is_awaited and (self._layout_required or self._repaint_required or self._dirty_widgets):
            self._owes_echo = False
            self.at_once.catch_up()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """When it is first shown, every widget has just been styled: once is enough."""
        event.refresh_styles = event.refresh_styles and self._was_shown
        self._was_shown = True

    def on_resize(self, event: events.Resize) -> None:
        """Fold what does not fit. A layout tells of its size too, and of one that is over: two would follow each other for ever."""
        event.size = self.app.size
        self.panes.fit(event.size.height)
        self.call_after_refresh(self.offer_keys)

    # -- routing ------------------------------------------------------------------------------------------

    async def action_do(self, action_id: str) -> None:
        """Run an action of the table: by the controller that does it, else on the widget that owns its scope."""
        action = BY_ID[action_id]
        if reason := self.runner.why_not(action):
            self.say(reason)
        elif action.must_have_argument:
            self.composer.write_command(f"/{action.slash} ")
        elif (run := self._routes.actions.get(action_id)) is not None:
            await settle(run())
        elif (owner := owner_of(action.scope, self, self.panes.in_focus or self.panes.over)) is not None:
            await self.app.run_action(action.run, owner)

    @on(Wish)
    @on(Notice)
    async def route(self, message: Message) -> None:
        """Hand a message to the controller that takes it; a prompt goes out by the settings as they are now."""
        if isinstance(message, SendPrompt):
            await self.settings.look_by_itself()
        await self._routes.take(message)

    @on(TextArea.Changed)
    def follow_writing(self, event: TextArea.Changed) -> None:
        """What is written changed: offer commands, and say which images go along."""
        if event.text_area is self.composer:
            self._tell_writing()

    def _tell_writing(self) -> None:
        self.completing.follow()
        self.attachments.tell_images()

    @on(TextArea.SelectionChanged)
    def leave_selection(self, event: TextArea.SelectionChanged) -> None:
        """What is selected in the composer is what will be copied now, and no longer what was selected elsewhere."""
        if not event.selection.is_empty:
            self.outside.drop_selection()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Other keys matter now."""
        del event
        self.calls.tell_waiting()
        self.offer_keys()

    # -- keys ---------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action makes sense now: Esc stops at once where it can mean nothing else."""
        if action == "stop":
            return self.keys.back_means_stop
        return super().check_action(action, parameters)

    def action_stop(self) -> None:
        """Stop the reply that streams."""
        self.calls.stop_reply()

    def offer_keys(self) -> None:
        """Show the keys that matter now."""
        self.keys.offer()

    # -- what panes and the stage ask of the screen -------------------------------------------------------

    @property
    def rillet(self) -> Host:
        """The app, as what it is."""
        app: Any = self.app
        host: Host = app
        return host

    @property
    def runner(self) -> TurnRunner:
        """The turns of the conversation on the screen."""
        return self.stage.runner

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen."""
        return self.stage.conversation

    @property
    def faults(self) -> FaultList:
        """What of the settings does not work."""
        return self.stage.faults

    @property
    def over(self) -> Pane | None:
        """The pane that lies over everything, if one does."""
        return self.panes.over

    def pane_in_focus(self) -> Pane | None:
        """The pane that has the keys."""
        return self.panes.in_focus

    async def close_pane(self, pane: Pane) -> None:
        """Take a pane away."""
        await self.panes.close(pane)

    def start_worker(self, work: Coroutine[Any, Any, None]) -> Worker[None]:
        """Run something beside everything else."""
        return self.run_worker(work, exit_on_error=False)

    def say(self, text: str, tone: str = "muted") -> None:
        """Tell a sentence on the bottom line."""
        self.stage.say(text, tone)

    def save(self, work: Callable[[], object], what: str = "") -> None:
        """Do something to the database."""
        self.stage.save(work, what)

    def choose(self, **changes: Any) -> None:
        """Remember choices for the next time."""
        self.stage.choose(**changes)

    def tell_saving(self) -> None:
        """Show that nothing is being saved, and that something must be read."""
        self.stage.tell_saving()

    def tell_title(self) -> None:
        """Show what the conversation is called and who answers it."""
        self.stage.tell_title()
