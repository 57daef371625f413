"""Messages to turns: a prompt and the reply to it are one turn, and so are the results of calls and the reply to them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from msgspec import Struct

from tui.chat.importing.talk import Said, Talk
from tui.domain.delta import CitationDelta
from tui.domain.error import StreamError
from tui.domain.message import ToolResultPart
from tui.domain.session import NO_TIME, WholeSession, WholeTurn, title_from_prompt
from tui.domain.timing import Timing
from tui.domain.tool_call import CallOutcome, ToolCall
from tui.domain.turn import Opening, Prompt, ToolResults, Turn, TurnState
from tui.domain.usage import Usage


class _Strand(Struct):
    """A turn that is being made of messages: nothing is done to it once another follows; a branch is another strand."""

    opening: Opening
    began_at: float
    above: _Strand | None = None
    asked: Said | None = None
    replies: tuple[Said, ...] = ()
    results: tuple[ToolResultPart, ...] = ()
    number: int = 0
    sort: tuple[float, int] = (0.0, 0)


def weave(talk: Talk, program: str) -> WholeSession | None:
    """A conversation of a program as a session of ours; `None` where nothing was said in it.

    Several replies to one prompt are branches, as rillet has them; the numbers of the turns follow their times.
    """
    loom = _Loom(talk)
    strands = sorted(loom.done, key=lambda strand: strand.sort)
    for number, strand in enumerate(strands, 1):
        strand.number = number
    if not strands:
        return None
    turns = [
        WholeTurn(_turn(strand, talk, program), strand.above.number if strand.above else None, strand.began_at)
        for strand in strands
    ]
    leaf = loom.strand_of.get(talk.leaf) if talk.leaf is not None else None
    head = leaf.number if leaf is not None and leaf.number else strands[-1].number
    times = [turn.began_at for turn in turns if turn.began_at] or [NO_TIME]
    first = next((turn.turn.opening.text for turn in turns if isinstance(turn.turn.opening, Prompt)), "")
    return WholeSession(
        title=" ".join(talk.title.split()) or title_from_prompt(first),
        system="\n\n".join(filter(None, (talk.system, *loom.system))),
        created_at=talk.created_at or min(times),
        updated_at=talk.updated_at or max(*times, talk.created_at),
        is_pinned=talk.is_pinned,
        archived_at=(talk.updated_at or max(times)) if talk.is_archived else None,
        tags=talk.tags,
        head=head,
        turns=turns,
    )


class _Loom:
    """Goes through the tree of messages, and gives each turn its place.

    Attributes:
        done: The turns, every parent before what follows it.
        system: What the model was told before anything was said.
        strand_of: The turn that a message is part of, by the message's id.
    """

    def __init__(self, talk: Talk) -> None:
        self.done: list[_Strand] = []
        self.system: list[str] = []
        self.strand_of: dict[str, _Strand | None] = {}
        ids = {said.id for said in talk.said}
        below: defaultdict[str | None, list[Said]] = defaultdict(list)
        for said in talk.said:
            above = said.above if said.above in ids and said.above != said.id else None
            below[above].append(said)
        self._walk(below, below[None])
        for said in talk.said:  # what leads round in a circle hangs on nothing
            if said.id not in self.strand_of:
                self._walk(below, [said])

    def _walk(self, below: dict[str | None, list[Said]], roots: list[Said]) -> None:
        stack: list[tuple[Said, _Strand | None]] = [(said, None) for said in reversed(roots)]
        while stack:
            said, strand = stack.pop()
            if said.id in self.strand_of:
                continue
            strand = self.strand_of[said.id] = self._take(said, strand)
            following = below[said.id]
            if not following and strand is not None:
                self._finish(strand)
            stack += [(each, strand) for each in reversed(following)]

    def _take(self, said: Said, strand: _Strand | None) -> _Strand | None:
        match said.role:
            case "user":
                above = self._finish(strand) if strand is not None else None
                return _Strand(Prompt(said.text, said.images), said.at, above, said)
            case "assistant" if strand is not None and strand.results:
                above = self._finish(strand)
                return _Strand(ToolResults(strand.results), said.at, above, None, (said,))
            case "assistant":
                if strand is None:
                    strand = _Strand(Prompt(""), said.at)
                began_at = strand.began_at or said.at
                return _Strand(strand.opening, began_at, strand.above, strand.asked, (*strand.replies, said))
            case "tool" if strand is not None:
                results = (*strand.results, *said.results)
                return _Strand(strand.opening, strand.began_at, strand.above, strand.asked, strand.replies, results)
            case "system" if strand is None:
                self.system.append(said.text)
        return strand

    def _finish(self, strand: _Strand) -> _Strand:
        """The turn stands: another follows it, or nothing does."""
        if not strand.sort[1]:
            above = strand.above
            own = next((said.at for said in strand.replies if said.at), strand.began_at)
            at = max(own, above.sort[0] if above is not None else 0.0)
            strand.sort = (at, len(self.done) + 1)
            self.done.append(strand)
        return strand


def _turn(strand: _Strand, talk: Talk, program: str) -> Turn:
    turn = Turn(strand.opening, number=strand.number, source=program)
    last = strand.replies[-1] if strand.replies else None
    messages = [*strand.replies, *([strand.asked] if strand.asked is not None else [])]
    turn.model = next((said.model for said in reversed(messages) if said.model), talk.model)
    turn.endpoint = next((said.endpoint for said in messages if said.endpoint), talk.endpoint) or program
    turn.schema = next((said.schema for said in messages if said.schema is not None), None)
    for said in strand.replies:
        _add_reply(turn, said)
    _add_outcomes(turn, strand.results)
    turn.usage = _sum([said.usage for said in strand.replies if said.usage is not None])
    turn.timing = _timing(strand.replies)
    turn.state = TurnState.COMPLETE
    if last is not None:
        turn.response_id = last.response_id
        turn.has_finished, turn.finish_reason = bool(last.finish), last.finish or None
        if last.was_stopped:
            turn.state = TurnState.STOPPED
        elif last.error:
            turn.state, turn.error = TurnState.FAILED, StreamError(last.error)
    return turn


def _add_reply(turn: Turn, said: Said) -> None:
    if said.text:
        part = len(turn.body.parts)
        turn.body.add(said.text, part)
        if part:
            turn.messages[part] = part
    for thought in said.thoughts:
        turn.thoughts.add(thought, len(turn.thoughts.parts))
    if said.refusal:
        turn.refusals.add(said.refusal, len(turn.refusals.parts))
    for call in said.calls:
        index = len(turn.tool_calls)
        turn.tool_calls.append(ToolCall(index, call.id or f"call_{index}", call.name, {}, [call.arguments]))
    for image in said.images:
        turn.images[len(turn.images)] = image.url
    turn.citations += [CitationDelta(url, title) for url, title in said.citations]


def _add_outcomes(turn: Turn, results: tuple[ToolResultPart, ...]) -> None:
    """Give each call its result; a result without a call makes one known by its id."""
    calls = {call.id: call for call in turn.tool_calls}
    for result in results:
        call = calls.get(result.call_id)
        if call is None:
            call = ToolCall(len(turn.tool_calls), result.call_id, result.call_id or "tool", {}, ["{}"])
            turn.tool_calls.append(call)
        state = CallOutcome(
            "failed" if result.is_error else "done", result.text, is_error=result.is_error, images=result.images
        )
        call.outcome = state


def _sum(usages: list[Usage]) -> Usage | None:
    if len(usages) < 2:
        return usages[0] if usages else None
    added: dict[str, Any] = {
        name: _added([getattr(usage, name) for usage in usages])
        for name in ("input", "output", "reasoning", "cached", "total", "cost_usd")
    }
    return Usage(**added)


def _added(numbers: list[float | None]) -> float | None:
    present = [number for number in numbers if number is not None]
    return sum(present) if present else None


def _timing(replies: tuple[Said, ...]) -> Timing:
    """How long a reply took, where the program kept that."""
    lengths = [said.duration for said in replies if said.duration is not None]
    pondered = [said.pondered for said in replies if said.pondered is not None]
    return (
        Timing.from_record(
            {
                "latency": replies[0].latency if replies else None,
                "duration": round(sum(lengths), 6) if lengths else None,
                "reasoning": round(sum(pondered), 6) if pondered else None,
            }
        )
        if lengths or pondered or (replies and replies[0].latency is not None)
        else Timing()
    )
