"""The stage: the program, the conversation and the widgets that all controllers of the chat screen work with."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from textual.message import Message
from textual.worker import Worker

from tui.chat.fault_list import FaultList
from tui.domain.endpoint import Endpoint
from tui.domain.error import StoreError
from tui.domain.model import refuses_effort
from tui.page.line import Line
from tui.page.wording import account_line, place
from tui.ui.action.action import Need
from tui.ui.action.keymap import fill_keys
from tui.ui.host import Host
from tui.ui.panes.dock import Dock
from tui.ui.screen.saving import Saving
from tui.ui.screen.work import Work
from tui.ui.transcript import Transcript
from tui.ui.turn_runner import TurnRunner
from tui.ui.widgets.composer import Composer
from tui.ui.widgets.input_area import InputArea
from tui.ui.widgets.key_bar import KeyBar
from tui.ui.widgets.queue import QueueLines
from tui.ui.widgets.status import StatusBar
from tui.ui.widgets.title import TitleLine
from tui.ui.widgets.welcome import Welcome
from tui.wire.dialect import dialect_named

if TYPE_CHECKING:
    from tui.chat.account import Account
    from tui.chat.chat_program import ChatProgram
    from tui.chat.conversation import Conversation


class Port(Protocol):
    """What the stage needs of the screen that it stands on."""

    @property
    def rillet(self) -> Host:
        """The app."""

    @property
    def is_attached(self) -> bool:
        """Whether the screen is still there."""

    def post_message(self, message: Message) -> bool:
        """Post a message to the screen, which routes it."""

    def start_worker(self, work: Coroutine[Any, Any, None]) -> Worker[None]:
        """Run something beside everything else."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Call something once what is being done is done."""

    def offer_keys(self) -> None:
        """Show the keys that matter now."""

    async def action_do(self, action_id: str) -> None:
        """Run an action of the table, wherever it applies."""


class Stage:
    """What the controllers share.

    Attributes:
        saving: What is written to the sessions file.
        work: What takes long and is done beside everything else.
        faults: What of the settings does not work.
        runner: The turns of the conversation on the screen; another one when another conversation is opened.
        local_words: How the built-in model stands, for the status bar while there is no turn.
        schema_words: Which schema the next reply follows; empty for none.
    """

    def __init__(self, program: ChatProgram, port: Port) -> None:
        self.program = program
        self.port = port
        self.title_line = TitleLine()
        self.page = Transcript()
        self.welcome = Welcome()
        self.dock = Dock()
        self.queue_lines = QueueLines()
        self.composer = Composer()
        self.input_area = InputArea(self.composer)
        self.status = StatusBar(self._now, is_calm=program.settings.reduced_motion)
        self.key_bar = KeyBar()
        self.local_words: Line = []
        self.schema_words: Callable[[], str] = str
        self.saving = Saving(program, self, lambda: self.conversation)
        self.work = Work(port.start_worker, self.say, self.status.tell_work)
        self.faults = FaultList()
        self.runner: TurnRunner

    def _now(self) -> float:
        return self.conversation.now()

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen."""
        return self.runner.conversation

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that is asked next, in the dialect that is spoken there in this conversation."""
        return self.conversation.sheet.asked

    def say(self, text: str, tone: str = "muted") -> None:
        """Tell a sentence on the bottom line; `{chat.retry}` in it stands for a key."""
        self.key_bar.say(fill_keys(text, self.port.rillet.keys), tone)

    def tell_editing(self, words: str) -> None:
        """Say what is being edited, with the keys in use; empty when nothing is."""
        self.input_area.tell_editing(fill_keys(words, self.port.rillet.keys))

    def is_busy(self) -> bool:
        """Whether a reply streams, which is said then."""
        if self.runner.is_running:
            self.say(Need.IDLE.value)
        return self.runner.is_running

    def save(self, work: Callable[[], object], what: str = "") -> None:
        """Do something to the database; a disk that takes nothing is told in the status bar. See `Saving.save`."""
        self.saving.save(work, what)

    def tell_saving(self) -> None:
        """Show, as long as it is so, that nothing is being saved, and that something must be read."""
        database = self.program.database
        has_notes = False
        with suppress(StoreError):
            has_notes = bool(database.notes())
        if (problems := self.runner.tools.problems) is not None:
            self.faults.renew(problems)
        count = len(self.faults.unread)
        self.title_line.tell_faults(count)
        has_notes = has_notes or (bool(count) and not self.title_line.display)
        if (file := self.program.settings_file) is not None and file.problem:
            has_notes = True
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
        """Show what the conversation is called, who answers it, and what goes along with the next prompt."""
        endpoint, conversation = self.endpoint, self.conversation
        recorded, is_local = conversation.recorded, endpoint.is_local
        self.composer.invite("Ask anything" if recorded is None else "A recording: nothing can be asked of it")
        model, where = conversation.sheet.model, place(endpoint)
        tools = [name for name in conversation.sheet.server_tools if name in endpoint.server_tools]
        dialect: str = endpoint.dialect
        if tools:
            dialect += f" + {', '.join(tools)}" if dialect_named(dialect).has_server_tools else ": no server tools"
        system = conversation.sheet.system
        if recorded is not None:  # it is not the one that would be asked
            model, where, dialect, is_local = recorded.model, recorded.place, recorded.dialect, False
        self.title_line.tell(
            title=conversation.session.title,
            model=model,
            place=where,
            dialect=dialect,
            effort="" if recorded or is_local or refuses_effort(model) else conversation.sheet.effort,
            has_system=bool(system),
        )
        self.welcome.tell(model=model, place=where, is_local=is_local, system=system)
        if self.runner.turn is None:
            self.status.rest(self.local_words if is_local and self.local_words else [("○ ready", "muted")])
        self.input_area.tell_schema(self.schema_words())
        self.tell_account()

    def tell_account(self) -> Account | None:
        """Show how full the context is, and what the conversation has cost; the account, where there is one."""
        from tui.chat.account import account_of

        if self.runner.turn is None:
            return None
        account = account_of(self.program, self.conversation)
        spent = account.spent
        self.status.tell_account(
            account_line(
                account.used,
                account.window,
                spent.dollars,
                is_exact=account.is_exact,
                is_estimate=spent.is_estimate,
                prices_of=account.prices_of,
                is_unpriced=account.is_unpriced,
            )
        )
        return account
