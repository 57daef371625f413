"""A replay: a tape, shown as the conversation that it recorded."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from tui.chat.conversation import Conversation
from tui.chat.fold import play_at_pace
from tui.chat.structure import schema_of_request
from tui.chat.turn_tree import TurnTree
from tui.domain.delta import Delta
from tui.domain.error import ConfigError
from tui.domain.message import ImagePart
from tui.domain.tape import Tape
from tui.domain.turn import Prompt, Turn
from tui.wire.dialect import recognise_body

if TYPE_CHECKING:
    from tui.chat.chat_program import ChatProgram
    from tui.net.watch import Patience


class Replay(Conversation):
    """One turn, streamed from a tape at `speed` times its own pace. Nothing of it is saved, and nothing is asked."""

    def __init__(self, program: ChatProgram, tape: Tape, speed: float) -> None:
        known = tape.endpoint if tape.endpoint in program.endpoints else program.default_endpoint
        super().__init__(program, known, tape.model or program.default_model)
        self._tape = tape
        self._speed = speed
        self.title = "replay"
        self.runs_tools = False  # what a tape asks for was decided about when it was recorded

    def begin(self) -> Turn:
        """The turn from its beginning."""
        turn = Turn(Prompt(prompt_of(self._tape)), id="replay", number=1, model=self.model, endpoint=self.endpoint)
        turn.dialect = self._tape.dialect
        turn.schema = schema_of_request(self._tape.request.body) if self._tape.request is not None else None
        self.tree = TurnTree()
        self.tree.add(turn)
        self.tree.head = turn.id
        return turn

    async def stream(
        self, turn: Turn, patience: Patience | None = None, prepare: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncGenerator[Delta, None]:
        """Play the tape into the turn."""
        del patience, prepare
        async with aclosing(play_at_pace(self._tape, turn, self._speed)) as played:
            async for _, delta in played:
                yield delta

    def tape(self, turn: Turn) -> Tape:
        """The tape that is played."""
        del turn
        return self._tape

    def regenerate(self, turn: Turn) -> Turn:
        """Play it again."""
        del turn
        return self.begin()

    def say(self, text: str, images: Sequence[ImagePart] = ()) -> Turn:
        """A tape answers nothing."""
        del text, images
        raise ConfigError(
            "this is a replay: it cannot be asked anything",
            "{chat.retry} plays it again; {chat.new} begins a conversation.",
        )

    def continue_(self, turn: Turn) -> Turn:
        """A tape has no more than it has."""
        return self.say("") if turn else turn

    def edit(self, turn: Turn, text: str, images: Sequence[ImagePart] = ()) -> Turn:
        """A tape cannot be asked something else."""
        del turn
        return self.say(text, images)


def prompt_of(tape: Tape) -> str:
    """The last thing a person said in the request that was recorded."""
    body: Any = tape.request.body if tape.request is not None else {}
    prompts = (dialect.prompt_of(body) for dialect in recognise_body(body))
    if prompt := next((prompt for prompt in prompts if prompt is not None), None):
        return prompt
    return "(the tape does not say what was asked)"
