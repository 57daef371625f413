"""The wire: what came from the endpoint, frame by frame, with its times; read from the tape, live and afterwards."""

from __future__ import annotations

from time import monotonic, perf_counter
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import Input

from tui.domain.delta import Delta
from tui.domain.error import RilletError
from tui.domain.turn import Turn
from tui.page.line import Line
from tui.page.origin import Strand
from tui.page.wire_list import WireList, log_of
from tui.page.wire_row import WireRow
from tui.page.wire_row_line import row_line
from tui.ui.action.binding import bindings
from tui.ui.action.hint import Hint, Hints
from tui.ui.host import Chat
from tui.ui.notice import PlayingChanged
from tui.ui.panes.field import Field
from tui.ui.panes.pane import Pane
from tui.ui.panes.wire_copy import FORMS, copy_of, copy_request
from tui.ui.panes.wire_frame import FrameView
from tui.ui.panes.wire_light import light_frame
from tui.ui.panes.wire_play import SPEEDS, Playback
from tui.ui.panes.wire_time import CHART_ROWS, InstantChosen, TimeFoot, TimeHead
from tui.ui.panes.wire_ways import Ways
from tui.ui.widgets.list_view import ListView, RowChosen, RowReached

LOOK_EVERY = 0.5
"""Seconds between two looks at a tape that grows."""
BUDGET = 0.006
"""Seconds that one look takes at most."""
TELL_EVERY = 0.1
"""Seconds between two paints while there is more to be read."""
LOW, ROOMY = 18, 26
"""Rows of the pane below which nothing stands apart, and from which on there is room for a chart."""
CATCH_UP, REST = 0.008, 0.25
"""Seconds from a look that did not come to the end of the tape to the next; and to one after a key, where all can be seen."""


class WirePane(Pane):
    """The wire log; Enter shows one in full."""

    DEFAULT_CSS = """
    WirePane Field { display: none; }
    WirePane TimeHead { margin: 0 0 1 0; }
    WirePane.-low > Heading, WirePane.-low TimeHead { margin: 0; }
    WirePane TimeFoot { margin: 1 0 0 0; }
    WirePane.-low TimeFoot { margin: 0; }
    """
    title_words = "The wire"
    follows_words = False
    hints = (
        *(Hint(("list.up", "list.down"), "move"), Hint(("list.choose",), "in full"), "wire.play", "wire.odd"),
        "chat.row_menu",
        Hint(("wire.earlier", "wire.later"), "along the time"),
        *("wire.copy", "wire.filter", Hint(("wire.before", "wire.next"), "other turns")),
        *(Hint(("chat.wire",), "close"), Hint(("pane.close",), "to the prompt")),
    )
    narrowed_hints = (*hints[:-1], Hint(("pane.close",), "all frames"))
    filter_hints = (*hints[:2], "chat.row_menu", narrowed_hints[-1])
    BINDINGS: ClassVar[list[BindingType]] = bindings("wire")

    def __init__(self, chat: Chat) -> None:
        super().__init__()
        self._chat = chat
        self.turn: Turn | None = None
        self.head, self.foot = TimeHead(), TimeFoot()
        self.rows = ListView(self._line_of, empty="nothing was sent yet")
        self.rows.follows = True
        self.field = Field("kind or words", self.rows)
        self.frame = FrameView()
        self._fed: Turn | None = None
        self._told_at = 0.0
        self._filter: list[str] = []
        self._offered: Hints = ()
        self._ways = Ways(chat, self.rows, self.head)
        self._timer: Timer | None = None
        self._playback = Playback(
            chat, self._follow, self.set_interval, lambda: [] if self._ways.listed is None else self._ways.listed.points
        )

    def content(self) -> ComposeResult:
        """The line of time, the filter where one is asked for, the wire log, one frame in full, and figures."""
        yield self.head
        yield self.field
        yield self.rows
        yield self.frame
        yield self.foot

    def follow_conversation(self) -> None:
        """Show its last turn."""
        self._watch(self._chat.conversation.head)

    def on_show(self) -> None:
        """What came while another pane stood in its place is read now."""
        self._look()

    def on_resize(self) -> None:
        """Say as much as there is room for."""
        self._tell_time()
        self._tell()

    def take_focus(self) -> None:
        """Focus the wire log."""
        self.rows.focus()

    def feed(self, turn: Turn, deltas: list[Delta]) -> None:
        """A turn runs: look at its tape now and then."""
        del deltas
        fed, self._fed = self._fed, turn
        if turn is not fed and turn is not self.turn:
            self._watch(turn)

    def end_turn(self, turn: Turn) -> None:
        """All of it is written now."""
        self.feed(turn, [])
        if turn is self.turn:
            self._look()

    def action_turn(self, step: int) -> None:
        """Show the turn before, or the next one."""
        tree, turn = self._chat.conversation.tree, self.turn
        if turn is not None and tree.is_on_path(turn):
            beside = tree.above(turn, 1) if step < 0 else tree.toward_head(turn, 1)
            if beside:
                self._watch(beside[0])

    def _watch(self, turn: Turn | None) -> None:
        self._playback.leave()
        self.turn = turn
        self._chat.page.lit.light(None, ())
        self._told_at = 0.0
        self.frame.display = False
        replies = self._chat.conversation.replies
        self._ways.begin(None if turn is None else WireList(log_of(replies, turn), self._filter))
        if turn is None:
            self.rows.show((), empty="nothing was sent yet")
            self.heading.tell([(self.title_words, "title")], [])
            self._tell_time()
        self._look()

    def _look(self) -> None:
        """Read on for a moment, show what that brought, and come back while there is or will be more."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        turn, listed = self.turn, self._ways.listed
        if turn is None or listed is None or not self.display:
            return
        is_over, is_whole = turn.state.is_over, self._chat.conversation.replies.is_whole(turn)
        if listed.log.rows.ahead and not self._playback.goes and monotonic() - self.rows.gone_at < REST:
            self._timer = self.set_timer(REST, self._look)
            return
        try:
            has_all = listed.log.advance(BUDGET, is_over=is_whole)
        except RilletError as error:
            self._ways.listed = None if is_over else listed
            self.rows.show((), empty=error.message)
            return
        now = perf_counter()
        rest = (
            TELL_EVERY if is_whole else LOOK_EVERY + TELL_EVERY
        )  # while more comes, a look is painted when it is done
        if has_all or listed.is_searching or now - self._told_at >= rest:
            self._told_at = now
            self._chat.expect_echo()
            self._show_rows()
            self._show_wanted(is_all=has_all and is_over)
            self._tell()
        if not (has_all and is_over and is_whole) or listed.is_searching:
            self._timer = self.set_timer(LOOK_EVERY if has_all and not listed.is_searching else CATCH_UP, self._look)

    def _show_rows(self, cursor: int | None = None) -> None:
        listed, turn = self._ways.listed, self.turn
        if listed is None or turn is None:
            return
        listed.search(BUDGET)
        if listed.words:
            self.rows.show(listed.rows, cursor=cursor, empty="No match")
        else:
            empty = "nothing came" if turn.state.is_over else "nothing came yet"
            self.rows.show(listed.rows, cursor=cursor, empty=empty, moved=listed.log.rows.shifts)
            listed.log.rows.shifts.clear()

    def hints_now(self) -> Hints:
        """Other keys while a turn is played, and while letters are written into the filter."""
        is_narrowed, is_written = self.field.display, self.field.has_focus
        own = self.filter_hints if is_written else self.narrowed_hints if is_narrowed else self.hints
        is_odd = self._ways.listed is not None and self._ways.listed.log.odd.count
        return self._playback.hints or (own if is_odd else [hint for hint in own if hint != "wire.odd"])

    def _tell(self) -> None:
        if (hints := self.hints_now()) != self._offered:
            self._offered = hints
            self._chat.offer_keys()
        if (is_playing := self._playback.playing is not None) != self.shares_page:
            self.shares_page = is_playing
            self.post_message(PlayingChanged())
        listed, turn = self._ways.listed, self.turn
        if listed is None or turn is None:
            return
        self.heading.tell(*listed.heading(self.title_words, turn, self._playback.words, self.heading.size.width))
        self._tell_time()

    def _tell_time(self) -> None:
        """Draw the time, with the instant of the row under the cursor once that was moved."""
        listed, turn = self._ways.listed, self.turn
        timeline = listed.log.timeline if listed is not None else None
        now = None
        if listed is not None and turn is not None and not self._chat.conversation.replies.is_whole(turn):
            now = listed.lasted(turn, self._chat.conversation.now())
        row, playing = self._ways.row, self._playback.playing
        here = timeline.lead + playing.at if playing is not None and timeline else row.at if row is not None else None
        is_low = self.size.height < (ROOMY if self.frame.display else LOW)
        self.head.tell(timeline, now, here, word_rows=1 if is_low else 2)
        self.set_class(is_low, "-low")
        self.foot.tell(timeline, now, CHART_ROWS if self.size.height >= ROOMY and not self.frame.display else 0)

    @on(InstantChosen)
    def go_to_instant(self, notice: InstantChosen) -> None:
        """Put the cursor on the first row from an instant on."""
        notice.stop()
        if self._playback.playing is not None:
            self._playback.playing.seek(
                notice.at - (0.0 if self._ways.listed is None else self._ways.listed.log.timeline.lead)
            )
        else:
            self._ways.to_instant(notice.at)

    def action_instant(self, step: int) -> None:
        """Go along the line of time, to the next column at which something came, or the one before."""
        if self._playback.playing is not None:
            self._playback.playing.step(step)
        else:
            self._ways.along(step)

    @on(RowReached)
    def show_reached(self, notice: RowReached) -> None:
        """Another frame is under the cursor."""
        notice.stop()
        if notice.rows is self.frame:
            return
        self._ways.has_moved = True
        self._chat.expect_echo()
        if self._playback.playing is not None and self.rows.item is not None:
            self._playback.playing.heed(self.rows.item.frame)
        self._show_frame()
        self._light()
        self._tell_time()

    def _light(self, *, reveals: bool = True) -> None:
        """Light on the page what the frame under the cursor brought."""
        turn = self.turn if self._playback.playing is None else self._playback.playing.player.turn
        light_frame(self._chat, turn, self._ways.row, self._ways.log, reveals=reveals)

    def on_unmount(self) -> None:
        """Light nothing any more, and put what was recorded in the place of what was played."""
        self._playback.leave()
        self._chat.page.lit.light(None, ())

    def show_origin(self, turn: Turn, source: tuple[Strand, int, int]) -> None:
        """Go to the frame that brought a character, once the tape is read so far."""
        if turn is not self.turn:
            self._watch(turn)
        self._ways.want(source)
        self._show_wanted(is_all=False)

    def _show_wanted(self, *, is_all: bool) -> None:
        if self._ways.find_wanted(is_all=is_all):
            self._light(reveals=False)
            self._show_frame()
            self._tell_time()

    @on(RowChosen)
    def show_in_full(self, notice: RowChosen) -> None:
        """Show it in full, or no longer; an object of a frame folds. From the filter the keys of the list are taken up."""
        notice.stop()
        if self.field.has_focus:
            self.rows.focus()
        if notice.rows is self.frame:
            self.frame.fold(notice.item)
            return
        self.frame.display = not self.frame.display
        self._show_frame()
        self._tell_time()

    def _show_frame(self) -> None:
        row, wire_log, turn, width = self.rows.item, self._ways.log, self.turn, self.size.width - 3
        if row is None or wire_log is None or turn is None or not self.frame.display:
            return
        if row.kind == "request" and not row.size_bytes:
            asked = self._chat.conversation.replies.gather_request(turn)
            showing = self.frame.tell_long(asked, width, lambda: self.frame.display and self.rows.item is row)
            self.run_worker(showing, group="request", exclusive=True)
        else:
            self.frame.tell_row(row, wire_log, width)

    def _line_of(self, row: WireRow, width: int) -> Line:
        return row_line(row, None if self._ways.log is None else self._ways.log.timeline, width)

    def action_copy(self, what: str) -> None:
        """Copy what the frame said, the bytes that brought it, or the request as code."""
        row, wire_log, turn = self.rows.item, self._ways.log, self.turn
        if row is None or wire_log is None or turn is None:
            return
        if what in FORMS or (what == "frame" and row.kind == "request"):
            self.screen.run_worker(copy_request(what, turn, self._chat), group="copy", exclusive=True)
            return
        try:
            self.post_message(copy_of(what, row, wire_log))
        except RilletError as error:
            self._chat.say(error.in_full, "warning")

    def action_odd(self) -> None:
        """Go to the next row that is odd, and show why; after the last comes the first."""
        if self._ways.listed is None:
            return
        if not self._ways.to_odd():
            self._chat.say("nothing odd here")
            return
        self.frame.display = True
        self._show_frame()
        self._tell_time()

    # -- playing it again -----------------------------------------------------------------------------------

    def action_play(self) -> None:
        """Play the turn again in its place, or pause."""
        if self.turn is not None:
            self._playback.toggle(self.turn)
            self._tell()

    def play(self, speed: float) -> None:
        """Play the turn from its beginning at a speed."""
        self._playback.leave()
        self.action_play()
        self._playback.go_at(speed)
        self._tell()

    def action_speed(self, key: str) -> None:
        """Play at another speed."""
        self._playback.go_at(SPEEDS[key])
        self._tell()

    def _follow(self, deltas: list[Delta]) -> None:
        """The turn that is played has come so far: put the cursor there, and let the inspector see it."""
        playing = self._playback.playing
        if playing is None:
            return
        turn = playing.player.turn
        for pane in self.screen.query(Pane):
            if pane is not self and not pane.is_over and deltas:
                pane.feed(turn, deltas)
        self._ways.to_frame(playing.player.frame - 1)
        self._light()
        self._tell()

    def action_filter(self) -> None:
        """Show only rows of a kind, or with some words."""
        self.field.display = True
        self.field.focus()

    @on(Input.Changed)
    def narrow(self, notice: Input.Changed) -> None:
        """Show the rows that fit; with nothing to fit, all of them, at the row that was found."""
        notice.stop()
        listed, row = self._ways.listed, self.rows.item
        was_narrow, self._filter = bool(self._filter), notice.value.lower().split()
        if listed is not None:
            listed.narrow(self._filter)
            if listed.words:
                self._show_rows(cursor=0)
                self._look()
            elif was_narrow:
                self._show_rows(cursor=0 if row is None else listed.log.place_of(row))
        self._tell()

    def action_close(self) -> None:
        """Leave what is played, the frame, the filter, or the pane."""
        if self._playback.leave():
            self._light()
            self._tell()
        elif self.frame.has_focus:
            self.rows.focus()
        elif self.field.display:
            self.field.value = ""
            self.field.display = False
            self.rows.focus()
            self._chat.offer_keys()  # the list may have had the focus already
        else:
            super().action_close()
