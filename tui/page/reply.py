"""The reply of a turn as an entry that grows while it streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tui.domain.delta import (
    CitationDelta,
    Delta,
    IdentityDelta,
    ImageDelta,
    ReasoningDelta,
    RefusalDelta,
    ServerToolDelta,
    TextDelta,
    ToolCallDelta,
)
from tui.domain.extent import REPLY_ROWS
from tui.domain.turn import Turn, TurnState
from tui.page.block import (
    Block,
    CallBlock,
    Note,
    gap_block,
    plain_block,
    role_block,
    standing_of,
)
from tui.page.citation import citation_block, marked_texts
from tui.page.ending import Keys, describe_ending, image_blocks
from tui.page.entry import Entry
from tui.page.reply_text import ReplyText
from tui.page.server_tool import ServerToolBlock
from tui.page.thought import ThoughtBlock
from tui.wire.printable import printable, printable_line

if TYPE_CHECKING:
    from tui.page.structure import StructureBlock

_OTHERS = {"structure": "text", "code": "structure"}
"""How a structured reply can be shown instead."""


class ReplyEntry(Entry):
    """A reply: who answers, what it thought, the text, the calls it asks for, and how it ended.

    It always paints what the turn holds; deltas only say where to look.
    """

    def __init__(self, turn: Turn, keys: Keys) -> None:
        """Take the turn; a turn that is over is read when it first has to be shown."""
        super().__init__(turn)
        self._keys = keys
        self._is_over = turn.state.is_over
        self._is_open: bool | None = None
        self._wants_text = False
        self._structure: StructureBlock | None = None
        self._call_states: dict[int, tuple[str, str]] = {}
        self._unread = 0
        self.has_time: Callable[[], bool] = lambda: True
        """Whether there is time to typeset more, when it is made or goes on: what there is none for stays `unread`."""
        self.is_in_column = False
        """Whether it stands in a column, whose head says who answers and what it took, and whose keys are others."""

    @property
    def is_growing(self) -> bool:
        """Whether its turn still streams into it."""
        return not self._is_over

    @property
    def unread(self) -> int:
        """Characters of the reply that are not typeset yet."""
        return self._unread

    def estimate(self, width: int) -> int:
        """About how many rows it will be."""
        turn = self.turn
        width = max(1, width)
        rows = REPLY_ROWS
        for part in turn.body.growing_parts:
            rows += sum(piece.count("\n") for piece in part.beginning(len(part))) + len(part) // width
        return rows + bool(turn.thoughts.size) + len(turn.tool_calls) + len(turn.server_tools)

    def raw(self) -> str:
        """The answer as it came."""
        return self.turn.text

    def markdown(self) -> str:
        """The answer as it came, made printable."""
        return printable(self.turn.text)

    def build(self) -> None:
        """Make every block from what the turn holds."""
        self._text = ReplyText(self.parts[1])
        self._manner = ""
        if self.turn.schema is not None:
            from tui.page.structure import StructureBlock

            self._structure = StructureBlock(self.turn.schema)
        self._thought = ThoughtBlock()
        self._thought.is_open = self._is_open
        self._pour(self.has_time)
        self._set_head()  # which leaves a row between itself and the text, where there is any
        self._set_foot()

    # --- streaming -----------------------------------------------------------------------------------------------
    def grow(self, deltas: Iterable[Delta], has_time: Callable[[], bool]) -> None:
        """Paint what these deltas changed; text that there is no time for stays `unread`."""
        if self.ensure():
            return
        had_text, fault = bool(self.parts[1].blocks), self._fault
        is_head = is_foot = False
        for delta in deltas:
            match delta:
                case TextDelta(replaces=True):
                    self._restate()
                case ReasoningDelta() | ServerToolDelta() | IdentityDelta():
                    is_head = True
                case ToolCallDelta() | RefusalDelta() | CitationDelta() | ImageDelta():
                    is_foot = True
                case _:
                    pass
        self._pour(has_time)
        if is_head or bool(self.parts[1].blocks) != had_text:
            self._set_head()
        if is_foot or self._fault != fault:
            self._set_foot()

    def go_on(self) -> None:
        """Its turn is another one, which says more."""
        self._is_over = self.turn.state.is_over
        self._restate()
        self._pour(self.has_time)
        self._set_head()
        self._set_foot()

    def end(self) -> None:
        """The turn is over: everything unread is painted, and how it ended."""
        self._is_over = True
        if not self.is_built:
            self.ensure()
            return
        if self.turn.marks and self._structure is None:
            self._text.restate(marked_texts(self.turn))
        self._pour(lambda: True)
        self._set_head()
        self._set_foot()

    def settle(self) -> bool:
        """Do one piece of work that typesetting put off; `False` when there is none."""
        return self._text.settle()

    def mark_call(self, index: int, state: str, note: str) -> None:
        """Say how a tool call stands."""
        self._call_states[index] = (state, note)
        self.is_touched = True
        if self.is_built:
            self._set_foot()

    def is_marked(self, index: int) -> bool:
        """Whether someone said how a call stands."""
        return index in self._call_states

    def toggle_thought(self) -> None:
        """Open or close what the model thought."""
        self.ensure()
        self._thought.toggle()
        self.is_touched = True
        self._is_open = self._thought.is_open
        self._set_head()

    @property
    def structure(self) -> StructureBlock | None:
        """The structure of a reply that was asked to follow a schema, whether it shows or not."""
        self.ensure()
        return self._structure

    @property
    def text(self) -> ReplyText:
        """The text of the reply, typeset."""
        return self._text

    def toggle_text(self) -> None:
        """Show a structured reply as the text it came as, or as the structure again."""
        self.ensure()
        if self._structure is not None:
            self._wants_text = not self._wants_text
            self.is_touched = True
            self._pour(lambda: True)
            self._set_head()
            self._set_foot()

    @property
    def _fault(self) -> str:
        return self._structure.fault if self._structure is not None else ""

    # --- the three parts -----------------------------------------------------------------------------------------
    def _set_head(self) -> None:
        turn = self.turn
        blocks: list[Block] = []
        if not self.is_in_column:
            blocks.append(role_block(turn.answered_by or turn.model or "Reply", "role-reply"))
        if turn.thoughts.size:
            is_live = not self._is_over and not turn.body.size and not turn.tool_calls
            self._thought.read(turn.reasoning, is_live=is_live, is_over=self._is_over, duration=turn.timing.reasoning)
            blocks.append(self._thought)
        blocks += [ServerToolBlock(item, is_over=self._is_over) for _, item in sorted(turn.server_tools.items())]
        if len(blocks) > (not self.is_in_column) and self.parts[1].blocks:
            blocks.append(gap_block())
        self.parts[0].replace(0, blocks)

    def _set_foot(self) -> None:
        turn = self.turn
        gap = 1 if self.parts[1].blocks or len(self.parts[0].blocks) > (not self.is_in_column) else 0
        blocks: list[Block] = []
        if turn.refusal:
            blocks.append(Note("refusal", [[("The model declined", "ending-warn")]], gap))
            blocks.append(plain_block("refusal", turn.refusal))
            gap = 1
        for call in turn.tool_calls:
            state, note = self._call_states.get(call.index) or (
                standing_of(call, call.outcome.state) if call.outcome is not None else (self._state_of_calls(), "")
            )
            blocks.append(CallBlock(call, state, note, gap))
            gap = 0
        if self._structure is not None:
            from tui.page.structure import verdict_note

            other, key = _OTHERS.get(self._manner), self._keys.name("page.text")
            hint = f"  {key} shows the {other}" if other and key else ""
            verdict = verdict_note(turn, self._structure, is_over=self._is_over, hint=hint, gap=gap)
            blocks += [verdict] if verdict is not None else []
        if turn.images or turn.previews:
            blocks += image_blocks(turn, is_over=self._is_over)
        if turn.citations:
            blocks.append(citation_block(turn))
        if self._is_over:
            if (name := self._written_call()) is not None:
                from tui.wire.written_call import describe_written_call

                words = printable_line(describe_written_call(name))
                blocks.append(Note("written-call", [[(f"⚠ {words}", "warning")]], gap=1))
            if turn.state is TurnState.COMPLETE and not (turn.body.size or turn.tool_calls or turn.refusal):
                blocks.append(Note("empty", [[("The reply is empty.", "muted")]], gap=0))
            if not self.is_in_column:
                blocks.append(Note("ending", describe_ending(turn, self._keys), gap=1))
            elif turn.state is not TurnState.COMPLETE:
                blocks.append(Note("ending", describe_ending(turn, None), gap=1))
        self.parts[2].replace(0, blocks)

    def _written_call(self) -> str | None:
        """The tool whose call the reply writes as text; `None` where it makes its calls, or writes none."""
        turn = self.turn
        if turn.tool_calls or turn.schema is not None or not turn.body.size:
            return None
        from tui.wire.written_call import written_call

        return written_call(turn.text, turn.offered)

    def _state_of_calls(self) -> str:
        if not self._is_over:
            return "arriving"
        return "asked" if self.turn.next == "tools" else "dropped"

    def _pour(self, has_time: Callable[[], bool]) -> None:
        """Typeset text that is not typeset yet, as far as there is time."""
        if self._structure is not None and self._pour_structure(self._structure, has_time):
            return
        is_marked = self._is_over and self._structure is None  # numbers of sources that move would disturb a reader
        parts = marked_texts(self.turn) if is_marked else self.turn.body.growing_parts
        self._text.pour(parts, has_time, is_over=self._is_over)
        self._unread = self._text.unread

    def _pour_structure(self, structure: StructureBlock, has_time: Callable[[], bool]) -> bool:
        """Read what is new of a structured reply; whether the structure is what shows."""
        turn = self.turn
        structure.take(turn.text, has_time, is_over=self._is_over)
        is_bare = turn.refusals.size or (not structure.has_value and (self._is_over or turn.tool_calls))
        if structure.is_prose:
            manner = "text"
        elif is_bare:
            manner = "nothing"
        else:
            manner = "code" if self._wants_text else "structure"
        if manner != self._manner:
            self._manner = manner
            self._text.clear(is_verbatim=manner == "code")
        if manner == "structure":
            self.parts[1].replace(0, [structure])
        self._unread = structure.unread
        return manner in ("structure", "nothing")

    def _restate(self) -> None:
        """Where the endpoint stated a part otherwise than it had come, typeset that part again."""
        if self._structure is not None:
            self._structure.restate(self.turn.text)
        self._text.restate(self.turn.body.growing_parts)
