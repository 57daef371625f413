"""The wire: what came from the endpoint, frame by frame, with its times; read from the tape, live and afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from tui.domain.delta import Delta
from tui.domain.error import RilletError
from tui.domain.tape import Tape
from tui.domain.turn import Turn
from tui.ui.host import Chat
from tui.ui.line import Line, pad
from tui.ui.panes.call_lines import text_lines
from tui.ui.panes.frame_kind import describe_frame
from tui.ui.panes.pane import Pane
from tui.ui.rows import RowChosen, RowReached, Rows
from tui.ui.transcript import CopyText
from tui.ui.wording import size
from tui.wire.sse import FrameReader

LOOK_EVERY = 0.5
"""Seconds between two looks at a tape that grows; longer where a look takes long."""


@dataclass(frozen=True, slots=True)
class WireRow:
    """One thing that the wire said: a frame, the head, or the end."""

    at: float
    gap: float
    kind: str
    tone: str
    size_bytes: int
    preview: str
    text: str


class WirePane(Pane):
    """A lane of frames; Enter shows one in full."""

    DEFAULT_CSS = """
    WirePane #frame { height: 40%; display: none; margin: 1 0 0 0; }
    """
    title_words = "The wire"
    keys = (
        ("↑↓", "move", "focus_page"),
        ("Enter", "in full", "focus_page"),
        ("y", "copy", "focus_page"),
        ("[ ]", "other turns", "focus_page"),
        ("Esc", "leave", "write"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", show=False, id="wire.copy"),
        Binding("left_square_bracket", "turn(-1)", "Turn before", show=False, id="wire.before"),
        Binding("right_square_bracket", "turn(1)", "Next turn", show=False, id="wire.next"),
    ]

    def __init__(self, chat: Chat) -> None:
        super().__init__()
        self._chat = chat
        self.turn: Turn | None = None
        self.rows = Rows(_paint, empty="nothing was sent yet")
        self.rows.follows = True
        self.frame = Rows(lambda line, _width: line, id="frame", has_cursor=False)
        self.frame.can_focus = False
        self._timer: Timer | None = None

    def content(self) -> ComposeResult:
        """The lane, and one frame in full."""
        yield self.rows
        yield self.frame

    def on_mount(self) -> None:
        """Show the last turn."""
        turns = self._chat.conversation.turns
        self._watch(turns[-1] if turns else None)

    def feed(self, turn: Turn, deltas: list[Delta]) -> None:
        """A turn runs: look at its tape now and then."""
        del deltas
        if turn is not self.turn:
            self._watch(turn)

    def end_turn(self, turn: Turn) -> None:
        """All of it is written now."""
        self._watch(turn)

    def action_turn(self, step: int) -> None:
        """Show the turn before, or the next one."""
        turns = self._chat.conversation.turns
        if self.turn in turns:
            at = turns.index(self.turn) + step
            if 0 <= at < len(turns):
                self._watch(turns[at])

    def _watch(self, turn: Turn | None) -> None:
        self.turn = turn
        self._look()

    def _look(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        turn = self.turn
        if turn is None:
            return
        began = time.monotonic()
        try:
            tape = self._chat.conversation.tape(turn)
        except RilletError as error:
            self.rows.show((), empty=error.message)
            return
        rows = list(read_rows(tape))
        self.rows.show(rows, empty="nothing came yet" if not turn.state.is_over else "nothing came")
        total = sum(len(read.data) for read in tape.reads)
        self.heading.tell(
            [(f"{self.title_words}", "title"), (f"  turn {turn.number}", "muted")],
            [(f"{len(rows):,} rows  {size(total)}", "muted")],
        )
        if not turn.state.is_over:
            took = time.monotonic() - began
            self._timer = self.set_timer(max(LOOK_EVERY, took * 10), self._look)

    @on(RowReached)
    def show_reached(self, notice: RowReached) -> None:
        """Another frame is under the cursor."""
        notice.stop()
        self._show_frame()

    @on(RowChosen)
    def show_in_full(self, notice: RowChosen) -> None:
        """Show it in full, or no longer."""
        notice.stop()
        self.frame.display = not self.frame.display
        self._show_frame()

    def _show_frame(self) -> None:
        row = self.rows.item
        if row is not None and self.frame.display:
            self.frame.show(text_lines(_indented(row.text), max(20, self.size.width - 3)), cursor=0)

    def action_copy(self) -> None:
        """Copy what the frame said."""
        if self.rows.item is not None:
            self.post_message(CopyText(self.rows.item.text, "the frame"))


def read_rows(tape: Tape) -> Iterator[WireRow]:
    """A tape as rows: what was asked, the head, each frame, the end."""
    before = 0.0
    if tape.request is not None:
        import json

        body = json.dumps(tape.request.body, ensure_ascii=False)
        words = f"{tape.request.method} {tape.request.url}"
        yield WireRow(0.0, 0.0, "request", "strong", len(body.encode()), words, f"{words}\n\n{body}")
    if tape.response is not None:
        head = tape.response
        headers = "\n".join(f"{name}: {value}" for name, value in head.headers.items())
        kind = head.headers.get("content-type", "")
        tone = "success" if head.status < 400 else "error"
        yield WireRow(head.at, head.at, f"head {head.status}", tone, len(headers), kind, f"{head.status}\n{headers}")
        before = head.at
    reader = FrameReader()
    seen = 0
    for read in tape.reads:
        try:
            frames = reader.feed(read.data)
        except RilletError as error:
            yield WireRow(read.at, read.at - before, "limit", "error", len(read.data), error.message, error.message)
            break
        if reader.comments > seen:
            yield WireRow(read.at, read.at - before, "comment", "muted", len(read.data), "keep-alive", "")
            seen, before = reader.comments, read.at
        for frame in frames:
            kind, tone, preview = describe_frame(frame)
            text = frame.data if frame.event == "message" else f"event: {frame.event}\n{frame.data}"
            yield WireRow(
                read.at, read.at - before, kind, tone, len(frame.data.encode(errors="replace")), preview, text
            )
            before = read.at
    if words := "\n".join(reader.unframed).strip():
        yield WireRow(before, 0.0, "body", "", len(words), words[:200], words)
    if tape.end is not None:
        tone = "muted" if tape.end.kind == "eof" else "warning"
        yield WireRow(tape.end.at, tape.end.at - before, tape.end.kind, tone, 0, tape.end.message, tape.end.message)


def _indented(text: str) -> str:
    from tui.tools.json_value import JsonError, indented, parse_frozen

    head, split, body = text.rpartition("\n") if not text.startswith(("{", "[")) else ("", "", text)
    try:
        return f"{head}{split}{indented(parse_frozen(body))}"
    except JsonError:
        return text


def _paint(row: WireRow, width: int) -> Line:
    line: Line = [(pad(f"{row.at:.3f}", 7, right=True), "muted")]
    if width >= 56:
        line.append((pad(f"+{row.gap * 1000:.0f}" if row.gap else "", 7, right=True), "muted"))
    line += [("  ", ""), (pad(row.kind, 10), row.tone)]
    if width >= 44:
        line += [(pad(size(row.size_bytes) if row.size_bytes else "", 7, right=True), "muted"), ("  ", "")]
    return [*line, (row.preview, "")]
