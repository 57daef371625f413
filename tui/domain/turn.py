"""A turn: one prompt, and the reply growing under it. One turn is one exchange with the endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from tui.domain.delta import (
    CitationDelta,
    Delta,
    EchoDelta,
    FinishDelta,
    IdentityDelta,
    ImageDelta,
    ItemDelta,
    OddityDelta,
    PromptProgressDelta,
    ReasoningDelta,
    RefusalDelta,
    RetryDelta,
    ServerToolDelta,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from tui.domain.doubt import NO_TEXT, doubt_ending
from tui.domain.error import LimitError, RilletError, TruncatedError
from tui.domain.finish import Finish, describe_finish
from tui.domain.growing import Growing
from tui.domain.message import ImagePart, ToolResultPart
from tui.domain.request import ReplySchema
from tui.domain.timing import Timing
from tui.domain.tool_call import ToolCall
from tui.domain.usage import Usage


class TurnState(StrEnum):
    """Where a turn is in its life; only the first two ever change."""

    WAITING = "waiting"
    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    TRUNCATED = "truncated"
    FAILED = "failed"
    LIMIT = "limit"

    @property
    def is_over(self) -> bool:
        """Whether the turn has ended, one way or another."""
        return self not in (TurnState.WAITING, TurnState.STREAMING)


class Prompt(Struct, frozen=True):
    """What a person asked."""

    text: str
    images: tuple[ImagePart, ...] = ()


class ToolResults(Struct, frozen=True):
    """The results of the calls that the turn above asked for, sent back to the model."""

    results: tuple[ToolResultPart, ...]


class Continuation(Struct, frozen=True):
    """A wish for the rest of a reply that was cut: the turn above is sent again, to be continued."""


class Summary(Struct, frozen=True):
    """A wish to have the turns above summarised: the reply stands for them in what is sent from then on.

    The latest `keeps` prompts above, with all that answers them, stay as they are. `focus` is what matters most to the
    person; `is_own` says that a person wrote the summary.
    """

    keeps: int
    focus: str = ""
    is_own: bool = False


Opening = Prompt | ToolResults | Continuation | Summary

Standing = Literal["", "out", "aside"]
"""How a turn takes part in its conversation: as usual; taken out of what is sent; or asked beside it, and no part of it."""


NextStep = Literal["tools", "done", "error"]


class Mark(Struct, frozen=True):
    """Where a part of the text names a source: its characters from `start` to `end`; `source` counts from 0."""

    part: int
    start: int
    end: int
    source: int


class Turn(Struct, weakref=True):
    """One prompt, and the reply growing under it.

    `model`, `endpoint` and `dialect` are those asked; `answered_by` is the model's resolved name.
    `number` counts the turns of a session from 1; `parent` is the turn above, `None` for a root.
    `schema` is what the reply was asked to follow, if anything; `offered` names the tools that the request
    told the model of, `None` where that is not known (the turn was not sent by this process). `messages` tells
    to which message a part of the text belongs, where that is not the first; `images` holds the images that the model
    made, as URLs, `previews` how often it was shown of one how far it is. `reading` is how far the prompt has been read,
    where the server tells it. `system` is the system prompt it was asked with, `None` where that was not kept. `citations` holds each source once, and `marks` where the text names them.
    `source` is the program that a turn was imported from, which may not say how its reply ended; empty for our own.
    `standing` is how it takes part in its conversation.
    Only `apply` and `end` change the reply and the state.
    """

    opening: Opening
    id: str = ""
    number: int = 0
    parent: str | None = None
    model: str = ""
    endpoint: str = ""
    dialect: str = ""
    schema: ReplySchema | None = None
    offered: frozenset[str] | None = None
    state: TurnState = TurnState.WAITING
    error: RilletError | None = None
    answered_by: str = ""
    response_id: str = ""
    has_finished: bool = False
    finish_reason: str | None = None
    incomplete_reason: str | None = None
    usage: Usage | None = None
    timing: Timing = field(default_factory=Timing)
    body: Growing = field(default_factory=Growing)
    thoughts: Growing = field(default_factory=Growing)
    refusals: Growing = field(default_factory=Growing)
    tool_calls: list[ToolCall] = field(default_factory=list)
    server_tools: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    items: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    echo: dict[str, Any] = field(default_factory=dict)
    citations: list[CitationDelta] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    messages: dict[int, int] = field(default_factory=dict)
    images: dict[int, str] = field(default_factory=dict)
    previews: dict[int, int] = field(default_factory=dict)
    reading: PromptProgressDelta | None = None
    oddities: list[OddityDelta] = field(default_factory=list)
    oddity_count: int = 0
    retry: RetryDelta | None = None
    source: str = ""
    system: str | None = None
    standing: Standing = ""

    @property
    def text(self) -> str:
        """The answer so far."""
        return self.body.text

    @property
    def texts(self) -> list[str]:
        """The answer so far, message by message: most replies are one."""
        if not self.messages:
            return [self.text] if self.body.size else []
        texts: dict[int, str] = {}
        for part, text in self.body.numbered:
            number = self.messages.get(part, 0)
            texts[number] = texts.get(number, "") + text
        return [texts[number] for number in sorted(texts)]

    @property
    def prose(self) -> str:
        """The answer so far, a blank line between its messages."""
        texts = self.texts
        return texts[0] if len(texts) == 1 else "\n\n".join(text.strip("\n") for text in texts)

    @property
    def reasoning(self) -> str:
        """The thoughts so far, all parts joined by a blank line."""
        return "\n\n".join(self.thoughts.parts)

    @property
    def refusal(self) -> str:
        """The refusal so far; empty when there is none."""
        return self.refusals.text

    def apply(self, delta: Delta) -> None:
        """Fold one delta into the reply.

        Raises:
            ValueError: If the turn has ended: an ending is never taken back.
        """
        if self.state is TurnState.STREAMING and type(delta) is TextDelta and not delta.replaces and not delta.message:
            self.body.add(delta.text, delta.part)  # nine in ten
            return
        if self.state.is_over:
            raise ValueError(f"turn {self.id} has ended as {self.state}")
        if not isinstance(delta, (RetryDelta, PromptProgressDelta)):
            self.state, self.retry = TurnState.STREAMING, None
        match delta:
            case TextDelta():
                self._apply_text(delta)
            case ImageDelta(index=index):
                if delta.is_partial:
                    self.previews[index] = self.previews.get(index, 0) + 1
                else:
                    self.images[index] = delta.url
            case ReasoningDelta():
                self.thoughts.add(delta.text, delta.part, replaces=delta.replaces)
            case RefusalDelta():
                self.refusals.add(delta.text, delta.part, replaces=delta.replaces)
            case ToolCallDelta():
                self._apply_call(delta)
            case ServerToolDelta():
                self.server_tools[delta.index] = delta.item
            case ItemDelta():
                self.items[delta.index] = delta.item
            case EchoDelta():
                self._apply_echo(delta)
            case CitationDelta():
                self._apply_citation(delta)
            case UsageDelta():
                self.usage = delta.usage
            case PromptProgressDelta():
                self.reading = delta
            case IdentityDelta():
                self.answered_by = delta.model or self.answered_by
                self.response_id = delta.response_id or self.response_id
                self.dialect = delta.dialect or self.dialect
            case OddityDelta():
                self._apply_oddity(delta)
            case RetryDelta():
                self.retry = delta
            case FinishDelta():
                self.has_finished = True
                self.finish_reason = delta.reason or self.finish_reason
                self.incomplete_reason = delta.incomplete_reason or self.incomplete_reason
                self._doubt()
            case _:
                assert_never(delta)

    def _apply_text(self, delta: TextDelta) -> None:
        self.body.add(delta.text, delta.part, replaces=delta.replaces)
        if delta.message:
            self.messages[delta.part] = delta.message

    def _apply_citation(self, delta: CitationDelta) -> None:
        places = (at for at, each in enumerate(self.citations) if each.names_the_same(delta))
        source = next(places, len(self.citations))
        if source == len(self.citations):
            self.citations.append(CitationDelta(delta.url, delta.title))
        if delta.start is not None and delta.end is not None:
            mark = Mark(delta.part, delta.start, delta.end, source)
            self.marks += [] if mark in self.marks else [mark]

    def _apply_oddity(self, delta: OddityDelta) -> None:
        self.oddity_count += 1
        if len(self.oddities) < KEPT_ODDITIES:
            self.oddities.append(delta)

    def _doubt(self) -> None:
        """Mention what does not go with a good end: no text at all, or one that breaks off between words."""
        if self.is_cut or self.tool_calls or self.refusals.size or self.images:
            return
        if not self.body.size:
            self._apply_oddity(OddityDelta(NO_TEXT, "the reply says that it is whole, and no text came"))
        elif not self.server_tools and (oddity := doubt_ending(self.texts[-1])) is not None:
            self._apply_oddity(oddity)

    def _apply_call(self, delta: ToolCallDelta) -> None:
        while len(self.tool_calls) <= delta.index:
            self.tool_calls.append(ToolCall(len(self.tool_calls)))
        call = self.tool_calls[delta.index]
        call.id = call.id or delta.id
        call.name += delta.name
        call.server = call.server or delta.server
        if delta.extra:
            call.extra.update(delta.extra)
        if delta.replaces:
            call.fragments[:] = [delta.arguments]
        elif delta.arguments:
            call.fragments.append(delta.arguments)

    def _apply_echo(self, delta: EchoDelta) -> None:
        echoed = self.echo.get(delta.key)
        if isinstance(echoed, list) and isinstance(delta.value, list):
            echoed.extend(delta.value)
        elif isinstance(echoed, str) and isinstance(delta.value, str):
            self.echo[delta.key] = echoed + delta.value
        else:
            self.echo[delta.key] = list(delta.value) if isinstance(delta.value, list) else delta.value

    def end(self, state: TurnState, error: RilletError | None = None) -> None:
        """End the turn; a turn that has ended stays as it ended."""
        if not self.state.is_over:
            self.state = state
            self.error = error
            self.retry = None

    @property
    def awaits_retry(self) -> bool:
        """Whether it waits to send the request again."""
        return self.retry is not None and self.timing.retries < self.retry.attempt

    @property
    def next(self) -> NextStep:
        """What the turn loop must do: run tools, rest, or deal with an error.

        Calls of a reply that is not complete, that was cut, or that ended for a reason nobody knows are never
        run, and neither are calls of which one has no name or no JSON for arguments: what it was meant to be is
        not guessed.
        """
        if self.state is not TurnState.COMPLETE or self.error is not None:
            return "error"
        if self.tool_calls:
            return "tools" if self.can_be_answered and all(call.is_readable for call in self.tool_calls) else "error"
        return "done"

    @property
    def can_be_answered(self) -> bool:
        """Whether there are calls that a person may decide about: those of a reply that is known to be whole.

        Where the stream says that it ends but not why, a call without arguments may be one whose arguments never came.
        """
        return (
            self.state is TurnState.COMPLETE
            and self.error is None
            and bool(self.tool_calls)
            and (self.finish.is_plain or (not self.finish_reason and all(call.arguments for call in self.tool_calls)))
            and not self.is_cut
        )

    @property
    def stands_in(self) -> bool:
        """Whether it is a summary that stands for the turns above: a whole one, and not taken out."""
        return (
            isinstance(self.opening, Summary)
            and self.state is TurnState.COMPLETE
            and not self.is_cut
            and bool(self.text)
            and not self.standing
        )

    @property
    def is_cut(self) -> bool:
        """Whether the model stopped before it was done: a limit, a filter, a failure."""
        return self.finish.is_cut

    @property
    def finish(self) -> Finish:
        """Why the model stopped, in words; where thinking took all the tokens that were allowed, that is said."""
        finish = describe_finish(self.finish_reason or "", self.incomplete_reason or "")
        has_thought = bool(self.thoughts.size or (self.usage is not None and self.usage.reasoning))
        if finish.is_at_limit and has_thought and not (self.body.size or self.refusals.size or self.tool_calls):
            return replace(finish, words="cut at the token limit: thinking used it up")
        return finish


def ending_of(error: RilletError | None) -> TurnState:
    """The state in which a turn ends that met this error; `None` for none."""
    if error is None:
        return TurnState.COMPLETE
    if isinstance(error, TruncatedError):
        return TurnState.TRUNCATED
    if isinstance(error, LimitError):
        return TurnState.LIMIT
    return TurnState.FAILED


def unreadable(turn_id: str) -> Turn:
    """What stands for a turn that cannot be read any more."""
    turn = Turn(Prompt("(what was asked here cannot be read)"), turn_id)
    turn.end(TurnState.FAILED, RilletError(f"turn {turn_id} cannot be read: the sessions file is damaged"))
    return turn


KEPT_ODDITIES = 200
"""How many oddities a turn keeps word for word; the rest are only counted."""
