"""A conversation, without a screen: a tree of turns, kept in step with the disk."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tui.chat.history import messages_of
from tui.chat.others import Others
from tui.chat.owed import Owed
from tui.chat.recorder import TapeRecorder
from tui.chat.turn_tree import TurnTree
from tui.domain.delta import Delta, IdentityDelta
from tui.domain.endpoint_word import Effort
from tui.domain.error import ConfigError, RilletError, StoreBusyError, StoreError, StreamError
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.model import refused_options, refuses_effort
from tui.domain.option import ALWAYS, OPTIONS, Options
from tui.domain.request import ReplySchema, Request, SentBefore, ToolDefinition
from tui.domain.session import Sheet, title_from_prompt
from tui.domain.tape import Tape
from tui.domain.timing import Timing
from tui.domain.turn import Continuation, Opening, Prompt, ToolResults, Turn, TurnState, ending_of
from tui.wire.dialect import dialect_named
from tui.wire.printable import mask_keys, printable_line

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.domain.session import WholeSession
    from tui.net.watch import Patience


LOCK_PATIENCE = 30.0
"""Seconds that a prompt waits to be on disk before it is sent all the same: so long nobody writes who is well."""


class Conversation:
    """Owns the turns of one session: says, streams, branches; writes everything down first.

    Attributes:
        session_id: The saved session, `None` until something was said.
        tree: All of its turns, and where it stands.
        endpoint: The name of the endpoint that is asked next.
        model: The model that is asked next.
        system: The system prompt of this session, that of the settings until it is given another; empty for none.
        tool_instructions: What servers say about the tools that the model is told of; goes along after the system prompt.
        schema: What the next reply must follow, if anything; `keeps_schema` keeps it after that. A turn keeps
            what it was asked with, and so do the turns that ask it again or go on with it.
        tools: The tools the model is told of.
        server_tools: Names of the endpoint's own tools that are switched on.
        runs_tools: Whether the calls of a reply are decided about and run.
        others: What other rillets have added to this session.
        owed: What could not be written to the disk yet.
        effort: How hard the model is asked to think; empty leaves it to the endpoint.
        options: What else is asked of the model in this session.
        left_out: The turns that a person took out of what is sent, with those that answer their calls.
        sent: What the last request of this run began with.
        lost_endpoint: The endpoint that answered here last, where it is not in the settings any more; the first
            turn that would go to another one instead is refused, once.
    """

    def __init__(
        self, program: ChatProgram, endpoint: str, model: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.session_id: str | None = None
        self.title = ""
        self.endpoint = endpoint
        self.model = model
        self.system = program.settings.system
        self.tool_instructions = ""
        self.schema: ReplySchema | None = None
        self.keeps_schema = False
        self.tools: tuple[ToolDefinition, ...] = ()
        self.tool_choice = ""
        self.server_tools: tuple[str, ...] = ()
        self.runs_tools = True
        self.effort: Effort = ""
        self.options = Options()
        self.lost_endpoint = ""
        self.left_out: set[str] = set()
        self.sent: SentBefore | None = None
        self._granted = 0.0
        self._program = program
        self._clock = clock
        self.tree = TurnTree()
        self.owed = Owed(program, self._write_late)
        self.others = Others(program.database)
        self._interruption: StreamError | None = None
        self._warned: str | None = None
        self._chance = f"{id(self):x}.{time.time_ns():x}"

    @classmethod
    def reopen(cls, program: ChatProgram, session_id: str) -> Conversation:
        """Open a saved session where it was left; the model is the one last asked, where it is still known.

        Only its newest turns are read now, the others when they are asked for.

        Raises:
            StoreError: If the database cannot be read.
        """
        summary = program.database.sessions.summary(session_id)
        tree = TurnTree.reading(program.database.turns, session_id)
        endpoint, model = program.default_endpoint, program.default_model
        if tree.newest is not None and tree.newest.endpoint in program.endpoints:
            endpoint, model = tree.newest.endpoint, tree.newest.model
        conversation = cls(program, endpoint, model)
        if tree.newest is not None and tree.newest.endpoint not in program.endpoints:
            conversation.lost_endpoint = tree.newest.endpoint
        conversation.session_id = session_id
        conversation.title = summary.title
        if (system := program.database.sessions.system(session_id)) is not None:
            conversation.system = system
        conversation.effort = program.database.sessions.effort(session_id)
        sheet = program.database.sessions.sheet(session_id)
        conversation.options, conversation.server_tools = sheet.options, sheet.server_tools
        conversation.schema, conversation.keeps_schema = sheet.schema, sheet.schema is not None
        conversation.tree = tree
        conversation.others.begin(tree)
        head = tree.find(program.database.sessions.head(session_id)) or tree.newest
        tree.head = head.id if head is not None else None
        return conversation

    def now(self) -> float:
        """The clock that turns are timed by."""
        return self._clock()

    # -- the tree ---------------------------------------------------------------------------------

    @property
    def turns(self) -> list[Turn]:
        """The turns from the root to where the conversation stands, oldest first."""
        return self.tree.path(self.tree.head)

    @property
    def head(self) -> Turn | None:
        """The turn the conversation stands at."""
        return self.tree.find(self.tree.head)

    def switch(self, turn: Turn) -> None:
        """Stand at the newest turn below this one."""
        self._stand_at(self.tree.outline.newest_below(turn.id))

    def go_through(self, turn_id: str) -> Turn | None:
        """Have a turn on the path to where the conversation stands; it, if there is such a turn."""
        turn = self.tree.find(turn_id)
        if turn is not None and not self.tree.is_on_path(turn):
            self.switch(turn)
        return turn

    # -- saying something ---------------------------------------------------------------------------

    def set_model(self, endpoint: str, model: str) -> None:
        """Ask another model from the next turn on."""
        self.endpoint, self.model = endpoint, model
        self.lost_endpoint = ""

    def say(self, text: str, images: Sequence[ImagePart] = ()) -> Turn:
        """Begin a turn with a prompt. When this returns, the prompt is on disk."""
        return self._begin(Prompt(text, tuple(images)), self.tree.head)

    def regenerate(self, turn: Turn) -> Turn:
        """Ask again what a turn asked; the earlier reply stays, as a branch."""
        return self._begin(turn.opening, turn.parent, turn)

    def edit(self, turn: Turn, text: str, images: Sequence[ImagePart] = ()) -> Turn:
        """Ask something else in a turn's place; the earlier one stays, as a branch."""
        return self._begin(Prompt(text, tuple(images)), turn.parent, turn)

    def continue_(self, turn: Turn) -> Turn:
        """Ask for the rest of a reply that was cut."""
        return self._begin(Continuation(), turn.id, turn)

    def answer(self, turn: Turn, results: Sequence[ToolResultPart]) -> Turn:
        """Send the results of a turn's tool calls."""
        return self._begin(ToolResults(tuple(results)), turn.id, turn)

    def save_calls(self, turn: Turn) -> None:
        """Write down what became of the calls of a turn that has ended, now, or as soon as the disk takes it."""
        self.owed.owe_ending(turn)

    def rename(self, title: str) -> None:
        """Give the session another title."""
        self.title = title
        if self.session_id is not None:
            session_id = self.session_id
            self.owed.owe("title", lambda: self._program.database.sessions.rename(session_id, title))

    def set_system(self, system: str) -> None:
        """Give the session another system prompt, which its turns to come are told."""
        self.system = system
        if self.session_id is not None:
            session_id = self.session_id
            self.owed.owe("system", lambda: self._program.database.sessions.set_system(session_id, system))

    def set_effort(self, effort: Effort) -> None:
        """Ask the model to think so hard in the turns to come of this session; empty leaves it to the endpoint."""
        self.effort = effort
        if self.session_id is not None:
            session_id = self.session_id
            self.owed.owe("effort", lambda: self._program.database.sessions.set_effort(session_id, effort))

    def set_options(self, **changes: Any) -> None:
        """Ask something else of the model in the turns to come of this session."""
        self.options = replace(self.options, **changes)
        self.save_sheet()

    def save_sheet(self) -> None:
        """Keep the options with the session, and what else stays as it is set: server tools, and the schema of every reply."""
        if self.session_id is not None:
            session_id, schema = self.session_id, self.schema if self.keeps_schema else None
            sheet = Sheet(self.options, self.server_tools, schema)
            self.owed.owe("sheet", lambda: self._program.database.sessions.set_sheet(session_id, sheet))

    @property
    def all_options(self) -> Options:
        """What is asked of the model: the options of this session, and where they say nothing, those of the settings."""
        settings = self._program.settings
        return self.options.over(Options(temperature=settings.temperature, max_tokens=settings.max_tokens))

    def takes(self, name: str) -> bool:
        """Whether an option makes sense: the dialect has it, and the model is not known to refuse it."""
        if name in ALWAYS:
            return True
        dialect = dialect_named(self._program.endpoints[self.endpoint].dialect)
        return name in dialect.options and name not in refused_options(self.model)

    def _begin(self, opening: Opening, parent: str | None, earlier: Turn | None = None) -> Turn:
        if self.lost_endpoint:
            lost, self.lost_endpoint = self.lost_endpoint, ""
            raise ConfigError(
                f"nothing was sent: “{lost}”, which answered here, is not in the settings",
                f"Once more asks {self.model} at {self.endpoint} instead; Ctrl+O chooses another.",
            )
        self._heed_budget()
        turn = Turn(opening, parent=parent, model=self.model, endpoint=self.endpoint)
        turn.schema = self._schema_for(opening, earlier)
        turn.system = self.system
        turn.dialect = self._program.endpoints[self.endpoint].dialect
        if not self.title and isinstance(opening, Prompt):
            self.title = title_from_prompt(opening.text)
        above = self.tree.find(parent)
        self._ask_first(turn)
        if not self.owed.save(lambda: self._write_below(turn, above)):
            turn.number = self.tree.next_number
            self.owed.put_by(turn)
        self.tree.add(turn)
        self._stand_at(turn.id)
        self._look_around(turn)
        return turn

    def _ask_first(self, turn: Turn) -> None:
        """Refuse once what would fill the context or pass a budget; the same once more is sent.

        Raises:
            ConfigError: With what must be known before.
        """
        from tui.chat.account import warning_before

        asked = turn.opening.text if isinstance(turn.opening, Prompt) else None
        if asked is None or self._warned == asked:
            self._warned = None
            return
        if words := warning_before(self._program, self, turn):
            self._warned = asked
            raise ConfigError(
                f"nothing was sent: {words}",
                "Once more sends it all the same; Ctrl+N begins anew, Ctrl+O finds a model that reads more.",
            )

    def _look_around(self, turn: Turn) -> None:
        """See whether another rillet was faster, where a turn of ours was saved."""
        if turn.id not in self.owed.turns and self.others.pass_by(turn):
            self.catch_up()

    def catch_up(self) -> bool:
        """Take what another rillet has added to this session; whether there was anything. See `others.news`."""
        if self.session_id is None or self.owed.turns or self._program.database.is_memory:
            return False
        return self.others.catch_up(self.session_id, self.tree)

    def follow(self) -> bool:
        """Where another rillet went on from the turn at which this one stands, stand at its last one; whether it did."""
        at = self.tree.head
        for turn in self.others.taken.values():
            at = turn.id if turn.parent == at and turn.state.is_over else at
        if at is None or at == self.tree.head:
            return False
        self._stand_at(at)
        return True

    @property
    def spent(self) -> float:
        """US dollars that the turns of this session cost, by what the endpoint says or its price list."""
        with suppress(StoreError):
            if self.session_id is not None and self.owed.is_empty:
                return self._program.database.spending.of_session(self.session_id).dollars
        usages = [turn.usage for turn in self.tree.known if turn.usage is not None]
        return sum(usage.cost_usd or usage.estimated_usd or 0.0 for usage in usages)

    def _heed_budget(self) -> None:
        """Refuse, once, a turn of a conversation that has cost what it may; what follows may cost as much again.

        Raises:
            ConfigError: If it has.
        """
        budget = self.options.budget
        if budget is None or (spent := self.spent) < budget + self._granted:
            return
        self._granted = spent + max(budget, 0.01) - budget
        raise ConfigError(
            f"nothing was sent: this conversation has cost ${spent:.4g}, its budget is ${budget:g}",
            "Once more asks all the same; /budget sets another.",
        )

    def _schema_for(self, opening: Opening, earlier: Turn | None) -> ReplySchema | None:
        """What a turn must follow: the schema that was set, which is then used up, or that of the earlier turn."""
        if earlier is not None and (self.schema is None or not isinstance(opening, Prompt)):
            return earlier.schema
        schema = self.schema
        if not self.keeps_schema:
            self.schema = None
        return schema

    def _write_below(self, turn: Turn, above: Turn | None) -> None:
        """Write a turn down, after what could not be written before it: it may hang on that."""
        try:
            self.owed.write_turns()
        finally:
            turn.parent = above.id if above is not None else None
        for write in (self.owed.write_facts, self.owed.write_endings):
            with suppress(StoreError):  # nothing hangs on these
                write()
        self._write_turn(turn)

    def _write_turn(self, turn: Turn) -> None:
        if self.session_id is None:
            self.session_id = self._program.database.sessions.create(self.title, self.system)
            if self.effort:
                self.set_effort(self.effort)
            if self.options != Options() or self.server_tools or self.keeps_schema:
                self.save_sheet()
        self._program.database.turns.begin(self.session_id, turn)

    def _write_late(self, turn: Turn, known: str) -> None:
        """Write down a turn that could not be when it began: it gets its lasting id here."""
        self._write_turn(turn)
        self.tree.rename(turn, known)
        self.others.pass_by(turn)
        if self.session_id is not None and (head := self.tree.head) is not None and head not in self.owed.turns:
            session_id = self.session_id
            self.owed.note("head", lambda: self._program.database.sessions.set_head(session_id, head))

    def _stand_at(self, head: str) -> None:
        self.tree.head = head
        self.owed.forget("head")
        if self.session_id is not None and head not in self.owed.turns:
            session_id = self.session_id
            self.owed.owe("head", lambda: self._program.database.sessions.set_head(session_id, head))

    # -- the reply ------------------------------------------------------------------------------------

    async def stream(
        self, turn: Turn, patience: Patience | None = None, prepare: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncGenerator[Delta, None]:
        """Send a turn, once what it needs has been prepared, and fold the reply into it as it arrives.

        A delta is already in the turn when it is yielded. However this ends, whether by itself, by an
        error or by being closed or cancelled, the turn has then ended, its state says how, and it is saved.

        Yields:
            The deltas, for whoever paints them. Errors do not come out: they are the turn's ending.
        """
        state: TurnState = TurnState.FAILED
        error: RilletError | None = None
        turn.timing = Timing(begun_at=self._clock())
        recorder = TapeRecorder(self._program.database, self._id_on_disk(turn), self._program.lose_disk)
        is_prepared = False
        try:
            if prepare is not None:
                await prepare()
            is_prepared = True
            await self.wait_for_disk()
            recorder.turn_id = self._id_on_disk(turn)
            request = self.request(turn)
            names = tuple(tool.name for tool in request.tools)
            self.sent = SentBefore(request.system, names, frozenset(each.id for each in self._path(turn)))
            turn.offered = frozenset(tool.name for tool in request.tools)
            exchange = self._program.exchange(request, turn, recorder, patience, self._clock)
            async with aclosing(exchange) as deltas:
                async for delta in deltas:
                    turn.apply(delta)
                    if isinstance(delta, IdentityDelta) and delta.dialect and turn.id not in self.owed.turns:
                        self.owed.save(lambda: self._program.database.turns.set_dialect(turn))
                    yield delta
            state = TurnState.COMPLETE
        except RilletError as problem:
            state, error = ending_of(problem), problem
        except GeneratorExit:
            state, error = TurnState.STOPPED, self._interruption
            raise
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # else something that was waited for was given up
                state, error = TurnState.STOPPED, self._interruption
            raise
        finally:
            if state is TurnState.FAILED and error is None:  # no reply of the endpoint, and nobody's wish
                error = _fault_of(sys.exc_info()[1], is_prepared=is_prepared)
            turn.timing.ended_at = self._clock()
            has_begun = turn.timing.first_delta_at is not None
            turn.end(state, error)
            recorder.flush()
            self.owed.owe_ending(turn)
            self.owed.owe(f"tape {id(turn)}", lambda: self._write_tape(recorder, turn))
            if turn.images and not self._program.database.is_memory:
                from tui.chat.made_image import keep_images

                self.owed.save(lambda: keep_images(turn))
            if state is TurnState.STOPPED and not has_begun:
                self._program.free(turn.endpoint)

    def _write_tape(self, recorder: TapeRecorder, turn: Turn) -> None:
        """Write down what is left of a tape; one of a turn that is not saved waits for that."""
        recorder.turn_id = self._id_on_disk(turn)
        recorder.flush()
        if recorder.is_behind:
            raise StoreBusyError

    def interrupt(self, why: str) -> None:
        """Say why the reply that runs is about to be stopped, where it is not a person who stops it."""
        self._interruption = StreamError(why)

    def request(self, turn: Turn) -> Request:
        """What a turn asks, as it would be sent now."""
        return self._request(turn, self._path(turn))

    def next_request(self, prompt: Prompt) -> Request:
        """What a prompt would ask, if it were sent now."""
        turn = Turn(prompt, model=self.model, endpoint=self.endpoint, schema=self.schema)
        turn.dialect = self._program.endpoints[self.endpoint].dialect
        return self._request(turn, [*self._without_left_out(self.turns), turn])

    def _path(self, turn: Turn) -> list[Turn]:
        """The turns that are sent with one, and itself."""
        *above, last = self.tree.path(turn.id)
        return [*self._without_left_out(above), last]

    def _without_left_out(self, turns: Sequence[Turn]) -> list[Turn]:
        """Turns without those that were taken out, and without what answers the calls of those."""
        kept: list[Turn] = []
        is_out = False
        for turn in turns:
            is_out = is_out if isinstance(turn.opening, ToolResults) else turn.id in self.left_out
            if not is_out:
                kept.append(turn)
        return kept

    def _request(self, turn: Turn, path: Sequence[Turn]) -> Request:
        endpoint = self._program.endpoints[turn.endpoint]
        options, refused = self.all_options, refused_options(turn.model)
        asked = {row.name: getattr(options, row.name) for row in OPTIONS if row.name not in ALWAYS | refused}
        write = dialect_named(turn.dialect).server_tool
        switched_on = [name for name in self.server_tools if name in endpoint.server_tools]
        return Request(
            model=turn.model,
            messages=messages_of(path),
            system="\n\n".join(part for part in (self.system, self.tool_instructions) if part),
            tools=self.tools,
            tool_choice=self.tool_choice,
            server_tools=tuple(write(name, endpoint.tool_fields.get(name, {})) for name in switched_on)
            if write
            else (),
            schema=turn.schema,
            **asked,
            reasoning_effort="" if refuses_effort(turn.model) else self.effort or endpoint.effort,
            cache_key=self._cache_key,
            origin=turn.endpoint,
        )

    @property
    def _cache_key(self) -> str:
        """What tells an endpoint's cache one conversation from another: the session's id, hashed, or chance."""
        from hashlib import blake2s

        return blake2s((self.session_id or self._chance).encode(), digest_size=16, person=b"rillet").hexdigest()

    def tape(self, turn: Turn) -> Tape:
        """What the wire said in a turn, as far as it was written down.

        Raises:
            StoreError: If it cannot be read.
        """
        return self._program.database.tapes.tape(turn.id)

    def tape_since(self, turn: Turn, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of a turn's tape while it grows; see `Database.tape_since`.

        Raises:
            StoreError: If it cannot be read.
        """
        return self._program.database.tapes.tape_since(turn.id, row)

    def stretches(self, turn: Turn) -> Sequence[tuple[int, float]]:
        """The stretches that the tape of a turn is kept in: how many reads each has, and when its first came.

        Raises:
            StoreError: If they cannot be read.
        """
        return self._program.database.tapes.stretches(turn.id)

    # -- the disk -------------------------------------------------------------------------------------

    @property
    def store_problem(self) -> str:
        """Why nothing is being saved; empty when all is well, or nothing is meant to be."""
        return self._program.store_problem

    def is_saved(self, turn: Turn) -> bool:
        """Whether a turn is on disk, as it stands now."""
        return not (self._program.database.is_memory or self.store_problem or self.owed.holds(turn))

    @property
    def has_unsaved(self) -> bool:
        """Whether something that was said would be gone if the program ended now."""
        return self.tree.newest is not None if self._program.database.is_memory else self.owed.has_words

    def saved_whole(self) -> WholeSession:
        """Everything of the session, as it is on disk.

        Raises:
            StoreError: If it cannot be read.
        """
        return self._program.database.whole.read(self.session_id or "")

    def save_unsaved(self) -> bool:
        """Try once more to save what could not be saved; whether nothing is left."""
        return self.owed.write()

    async def wait_for_disk(self, seconds: float = LOCK_PATIENCE) -> None:
        """Wait until what was said is saved, where the disk is merely busy; a disk that is broken is waited for by nobody."""
        until = time.monotonic() + seconds
        while self.owed.has_words and self.owed.is_waiting and time.monotonic() < until:
            await asyncio.sleep(_PAUSE)
            self.owed.write()

    def _id_on_disk(self, turn: Turn) -> str:
        """The id a turn is saved under; empty while it is not."""
        return "" if turn.id in self.owed.turns else turn.id


_LONGEST_REASON = 300
_PAUSE = 0.05
"""Seconds between two tries to save what waits for a busy disk."""


def _fault_of(fault: BaseException | None, *, is_prepared: bool) -> StreamError:
    """What to say of a fault that no floor has put into words: before the request it is that of what it needs."""
    name = type(fault).__name__ if fault is not None else "no reason"
    if is_prepared:
        return StreamError(f"rillet itself failed: {name}", "Try again.")
    if isinstance(fault, asyncio.CancelledError):
        return StreamError("Nothing was sent: the tools were given up while they were made ready.", "Try again.")
    said = printable_line(mask_keys(str(fault)))[:_LONGEST_REASON].rstrip(".")
    reason = f"{said} ({name})" if said else name
    return StreamError(f"Nothing was sent, for the tools could not be made ready: {reason}.", "Try again; see /tools.")


async def exhaust(deltas: AsyncGenerator[Delta, None]) -> None:
    """Run a stream to its end, for its effects."""
    async with aclosing(deltas):
        async for _ in deltas:
            await asyncio.sleep(0)
