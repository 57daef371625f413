"""How tool calls stand: one value for each call, live from its first fragment, and one for the calls of a turn."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from tui.domain.tool_call import ToolCall
from tui.domain.turn import ToolResults, Turn
from tui.tools.approval import Approval
from tui.tools.clock import Progress
from tui.tools.result import Result

if TYPE_CHECKING:
    from tui.chat.turn_tree import TurnTree

CallState = Literal[
    "arriving", "asked", "waiting", "queued", "running", "done", "failed", "denied", "not run", "stopped"
]


class EditedCall(Struct):
    """A call whose arguments a person rewrote before it ran."""

    id: str
    name: str
    arguments: str


class CallView(Struct, eq=False):
    """One call, as it stands: `approval` is what would run, `result` what came of it.

    It is `queued` when it may run and another must end first. `has_changed` when the tool is no longer what
    was once allowed; `changes` then says what is different. `progress` is what the
    tool said last while it ran. `early_denial` is a no that was said before the arguments had ended. `unreadable` is what the model
    would be told of arguments that are no JSON: it waits for a person's yes, since the model may only have stumbled.
    While it `is_in_hand` a person rewrites its arguments, and nothing lets it run. `began_at` is when it began to run, by
    the monotonic clock.
    """

    call: ToolCall
    state: CallState = "arriving"
    approval: Approval | None = None
    result: Result | None = None
    has_changed: bool = False
    changes: tuple[str, ...] = ()
    progress: Progress | None = None
    early_denial: str | None = None
    unreadable: Result | None = None
    is_in_hand: bool = False
    began_at: float = 0.0

    @property
    def was_edited(self) -> bool:
        """Whether the arguments are a person's."""
        return bool(self.call.edited)


class Round(Struct):
    """The calls of one turn; `settled` is set when each has its result.

    `is_reopened` when its decisions were left open by an earlier run: then nothing runs unasked.
    """

    turn: Turn
    views: list[CallView] = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    is_open: bool = False
    is_held: bool = False
    is_reopened: bool = False
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


def is_waiting(views: Iterable[CallView]) -> bool:
    """Whether a person must decide about one of these calls."""
    return any(view.state == "waiting" for view in views)


def answer_of(tree: TurnTree, turn: Turn) -> ToolResults | None:
    """The results that a saved turn's calls were answered with."""
    return next((below.opening for below in tree.below(turn) if isinstance(below.opening, ToolResults)), None)


def rounds_before(tree: TurnTree, turn: Turn) -> int:
    """How many rounds of results the model has had since the last prompt, up to a turn."""
    results = itertools.takewhile(lambda other: isinstance(other.opening, ToolResults), tree.up(turn.id))
    return sum(1 for _ in results)
