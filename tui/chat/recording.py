"""A recording: exchanges from files, shown as the turns of a conversation."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec.structs import replace

from tui.chat.conversation import Conversation, Recorded
from tui.chat.fold import fold
from tui.chat.structure import schema_of_request
from tui.chat.tape_lines import ReadsOfLines
from tui.domain.endpoint import AT_ADDRESS
from tui.domain.error import ConfigError
from tui.domain.tape import SentRequest, Tape
from tui.domain.turn import Prompt, Standing, Turn
from tui.wire.dialect import recognise_body

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
    from typing import Any

    from tui.chat.chat_program import ChatProgram
    from tui.domain.delta import Delta
    from tui.domain.straight import Straight
    from tui.domain.turn import Opening
    from tui.net.watch import Patience

STRETCH = 1024
"""Reads of a stretch of a tape in memory."""

AT_ONCE = 16
"""Reads that are handed out at once."""


class Recording:
    """Exchanges that were recorded, a turn each; see `Replies`. Nothing is asked."""

    def __init__(self) -> None:
        """Hold no turn yet."""
        self._tapes: dict[str, Tape] = {}
        self._surveys: dict[str, bytes] = {}

    def add(self, conversation: Conversation, tape: Tape) -> Turn:
        """A turn for an exchange, below those before it; nothing of it has come yet."""
        number = len(self._tapes) + 1
        turn = turn_of(conversation, tape, f"recorded.{number}", number)
        self._tapes[turn.id] = tape
        return turn

    def begin(
        self, opening: Opening, parent: str | None, earlier: Turn | None = None, *, standing: Standing = ""
    ) -> Turn:
        """It came once, and answers nothing."""
        del opening, parent, earlier, standing
        raise ConfigError("this is a recording: it cannot be asked anything", "{chat.new} begins a conversation.")

    async def stream(
        self,
        turn: Turn,
        patience: Patience | None = None,
        prepare: Callable[[], Awaitable[None]] | None = None,
        straight: Straight | None = None,
    ) -> AsyncGenerator[Delta, None]:
        """All of it has come."""
        del turn, patience, prepare, straight
        nothing: tuple[Delta, ...] = ()
        for delta in nothing:
            yield delta

    def tape(self, turn: Turn) -> Tape:
        """The tape of a turn."""
        return self._tapes[turn.id]

    def tape_since(self, turn: Turn, row: int | None = None) -> tuple[Tape, int]:
        """The next piece of a turn's tape."""
        tape, at = self._tapes[turn.id], row or 0
        piece = replace(tape, request=tape.request if row is None else None, reads=tape.reads[at : at + AT_ONCE])
        return piece, at + len(piece.reads)

    def request(self, turn: Turn) -> SentRequest | None:
        """What was sent in a turn."""
        return self._tapes[turn.id].request

    async def gather_request(self, turn: Turn) -> SentRequest | None:
        """What was sent in a turn, which is in memory."""
        return self.request(turn)

    def is_whole(self, turn: Turn) -> bool:
        """All of it is there."""
        del turn
        return True

    def stretches(self, turn: Turn) -> Sequence[tuple[int, float]]:
        """Stretches of a turn's tape, which is in memory."""
        return stretches_of(self._tapes[turn.id])

    def survey(self, turn: Turn) -> bytes | None:
        """What was found out about a turn's tape since it was opened."""
        return self._surveys.get(turn.id)

    def keep_survey(self, turn: Turn, survey: bytes) -> None:
        """Keep that in memory."""
        self._surveys[turn.id] = survey

    def interrupt(self, why: str) -> None:
        """A tape ends as it ends."""


def open_recording(program: ChatProgram, tapes: Sequence[Tape], title: str) -> Conversation:
    """The conversation that tapes tell, a turn each."""
    conversation = recorded_conversation(program, tapes[0] if tapes else Tape(), title)
    if tapes:
        conversation.recorded = who_answered_all([who_answered(program, tape) for tape in tapes])
    conversation.replies = recording = Recording()
    for tape in tapes:
        fold(tape, recording.add(conversation, tape))
    return conversation


def recorded_conversation(
    program: ChatProgram, tape: Tape, title: str, clock: Callable[[], float] = time.monotonic
) -> Conversation:
    """A conversation that stands in a file of the person's, without its turns: nothing of it is saved, and no call is run.

    `clock` is that of a turn that is still read: what it waits for is told by it.
    """
    endpoint = tape.endpoint if tape.endpoint in program.endpoints else program.default_endpoint
    conversation = Conversation(program, endpoint, tape.model or program.default_model, clock=clock)
    conversation.recorded = who_answered(program, tape)
    conversation.session.title = title
    conversation.session.is_elsewhere = True
    conversation.sheet.system = ""
    conversation.runs_tools = False  # what a tape asks for was decided about when it was recorded
    return conversation


def who_answered(program: ChatProgram, tape: Tape) -> Recorded:
    """Who answered on a tape: its endpoint by its title, or the host it was reached at, where the tape says so."""
    endpoint = program.endpoints.get(tape.endpoint)
    host = urlsplit(tape.request.url).netloc.rpartition("@")[2] if tape.request is not None else ""
    name = "" if tape.endpoint == AT_ADDRESS and host else tape.endpoint
    place = (endpoint.title if endpoint is not None else "") or name or host or "recorded"
    return Recorded(tape.model or "a model", place, tape.dialect or "chat")


def who_answered_all(each: Sequence[Recorded]) -> Recorded:
    """Who answered on several tapes: how many they are, where they are not the same."""
    models, places, dialects = (
        {*names} for names in zip(*((who.model, who.place, who.dialect) for who in each), strict=True)
    )

    def words(names: set[str], many: str) -> str:
        return f"{len(names)} {many}" if len(names) > 1 else next(iter(names))

    return Recorded(words(models, "models"), words(places, "places"), words(dialects, "dialects"))


def turn_of(conversation: Conversation, tape: Tape, turn_id: str, number: int) -> Turn:
    """A turn that asks what a tape does, below the others; its reply has not come yet."""
    tree, sheet = conversation.tree, conversation.sheet
    parent = tree.head if tree.head != turn_id else None
    turn = Turn(Prompt(prompt_of(tape)), id=turn_id, number=number, parent=parent)
    turn.model, turn.endpoint, turn.dialect = tape.model or sheet.model, sheet.endpoint, tape.dialect
    turn.schema = schema_of_request(tape.request.body) if tape.request is not None else None
    tree.add(turn)
    tree.head = turn.id
    return turn


def stretches_of(tape: Tape) -> Sequence[tuple[int, float]]:
    """A tape, cut into stretches: how many reads each has, and when its first came."""
    reads = tape.reads
    if isinstance(reads, ReadsOfLines):
        reads.lines.index()
        return reads.lines.stretches
    return [(min(STRETCH, len(reads) - at), reads[at].at) for at in range(0, len(reads), STRETCH)]


def prompt_of(tape: Tape) -> str:
    """The last thing a person said in the request that was recorded."""
    body: Any = tape.request.body if tape.request is not None else {}
    prompts = (dialect.prompt_of(body) for dialect in recognise_body(body))
    if prompt := next((prompt for prompt in prompts if prompt is not None), None):
        return prompt
    name = tape.endpoint if tape.request is None else ""  # of a raw stream it is that of its file
    return f"({name or 'the tape'} does not say what was asked)"
