"""The map of a conversation: every branch of it, to move in."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult

from tui.domain.quantity import describe_turns
from tui.domain.session import title_from_prompt
from tui.domain.turn import Continuation, Prompt, Summary, Turn, unreadable
from tui.page.line import Line, crop, pad, width_of
from tui.ui.action.hint import Hint
from tui.ui.host import Chat
from tui.ui.panes.pane import Pane
from tui.ui.widgets.list_view import ListView, RowChosen
from tui.ui.wish import GoToTurn

_Item = TypeVar("_Item")

AT_ONCE = 1024
"""So many turns are looked through at a time: some milliseconds."""

AT_FIRST = 8
"""So many steps are done before the pane shows: nobody waits for them."""


class _Node(Struct, frozen=True):
    """A turn on the map: how many forks of the way lie above it, and whether it is on the branch that is shown."""

    turn_id: str
    depth: int
    is_shown: bool


class TreePane(Pane):
    """A line a turn, indented where the way forks; Enter goes there."""

    title_words = "Branches"
    hints = (Hint(("list.choose",), "go there"), "pane.close")

    def __init__(self, chat: Chat) -> None:
        super().__init__(is_over=True)
        self._chat = chat
        self.rows = ListView(self._paint, empty="nothing has been asked yet")

    def content(self) -> ComposeResult:
        """The map."""
        yield self.rows

    def on_mount(self) -> None:
        """Draw it, the cursor where the conversation stands."""
        drawing = self._draw()
        if not any(islice(drawing, AT_FIRST, None)):  # of a long conversation the rest is drawn in steps
            return
        self.rows.show([], empty="the branches are looked through…")

        async def go_on() -> None:
            for _ in drawing:
                await asyncio.sleep(0)

        self.run_worker(go_on(), exit_on_error=False)

    def _draw(self) -> Iterator[bool]:
        """Draw the map, in steps; each says that it goes on."""
        tree = self._chat.conversation.tree
        while not tree.read_outline(lambda: False):
            yield True
        head = tree.head or ""
        shown = {head}
        for above in _some(tree.outline.above(head)):
            shown.update(above)
            yield True
        below: dict[str | None, list[str]] = {}
        for links in _some(tree.outline.links()):
            for turn_id, parent in links:
                below.setdefault(parent, []).append(turn_id)
            yield True
        nodes: list[_Node] = []
        at = leaves = 0
        for drawn in _some(_nodes(below, shown)):
            for node in drawn:
                at = len(nodes) if node.turn_id == head else at
                leaves += node.turn_id not in below
                nodes.append(node)
            yield True
        self.rows.show(nodes, cursor=at, empty="nothing has been asked yet")
        turns = describe_turns(len(nodes))
        self.heading.tell([(self.title_words, "title")], [(f"{turns}, {leaves:,} ends", "muted")])

    @on(RowChosen)
    async def go(self, notice: RowChosen) -> None:
        """Show the branch of the turn that was chosen."""
        notice.stop()
        if (turn := self._chat.conversation.tree.find(notice.item.turn_id)) is not None:
            self._chat.post_message(GoToTurn(turn))
        await self._chat.close_pane(self)

    def _paint(self, node: _Node, width: int) -> Line:
        turn = self._chat.conversation.tree.find(node.turn_id) or unreadable(node.turn_id)
        indent = "  " * min(node.depth, 12)
        mark = "● " if node.is_shown else "○ "
        reply = (
            title_from_prompt(turn.prose or turn.refusal or turn.reasoning)
            if turn.text or turn.refusal
            else str(turn.state)
        )
        mark = "· " if turn.standing == "aside" else mark
        left: Line = [(indent + mark, "accent" if node.is_shown else "muted"), (_asked(turn), "")]
        left = crop(left, max(16, width // 2))
        left.append((" " * max(1, width // 2 - width_of(left)), ""))
        right: Line = [(pad(turn.answered_by or turn.model, 16) + "  ", "muted"), (reply, "muted")]
        return [*left, *crop(right, width - width_of(left))]


def _asked(turn: Turn) -> str:
    match turn.opening:
        case Prompt(text=text):
            return f"beside: {title_from_prompt(text)}" if turn.standing == "aside" else title_from_prompt(text)
        case Summary():
            return "(a summary of the turns above)"
        case Continuation():
            return "(go on)"
    return "(results of the calls)"


def _some(items: Iterator[_Item]) -> Iterator[list[_Item]]:
    """So many at a time."""
    while some := [*islice(items, AT_ONCE)]:
        yield some


def _nodes(below: Mapping[str | None, list[str]], shown: Container[str]) -> Iterator[_Node]:
    """The turns from top to bottom, those that follow each under it; where only one follows, nothing is indented."""
    stack = [(turn_id, 0) for turn_id in reversed(below.get(None, []))]
    while stack:
        turn_id, depth = stack.pop()
        yield _Node(turn_id, depth, turn_id in shown)
        following = below.get(turn_id, [])
        stack += [(each, depth + (len(following) > 1)) for each in reversed(following)]
