"""The terminal, taken and given back.

Textual's driver leaves three things open that matter here: it tells Esc only after a tenth of a second, it goes on
for ever when the terminal is closed, and it leaves the terminal in disorder after SIGTERM, SIGHUP and SIGQUIT.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any, Protocol

from textual import constants, events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from tui.ui.terminal.device import has_gone, is_foreground, size_of
from tui.ui.terminal.guardian import GUARDIAN
from tui.ui.terminal.key_wait import KeyWait
from tui.ui.terminal.keyboard import Keyboard, MetaReport, TerminalReport
from tui.ui.terminal.multiplexer import is_in_screen
from tui.ui.terminal.probe import Probe
from tui.ui.terminal.question import ASK_GROUND, FOLLOW_GROUND, LEAVE_GROUND, questions
from tui.ui.terminal.receipt import Owed, Receipt
from tui.ui.terminal.writer import Writer

if TYPE_CHECKING:
    from textual.app import App

    from tui.ui.terminal.at_once import AtOnce

ASK_KEYS = "\x1b[>4;1m\x1b[?1036h"
"""Asks for keys to be told apart: Shift+Enter and the like by xterm and tmux; Alt and a letter by xterm, which would
type another letter."""
TEXTUAL_KITTY, ASK_KITTY = "\x1b[>25u", "\x1b[>29u"
"""What Textual asks of the kitty protocol, and the same with the key in the place that it has on a US keyboard."""
DROP_KEYS = "\x1b[>4;0m"
ASK_META = "\x1b[?1036$p"
DROP_META = "\x1b[?1036l"

LEAD_BIDI, LEAVE_BIDI = "\x1b[8l", "\x1b[8h"
"""Rows come in the order they are seen in (the terminal's own bidi would turn them again), and do so no longer."""

REDRAW = "\x1b[0m\x1b(B\x1b[4l\x1b[r\x1b[2J"
"""Undoes what another program may have left behind that changes how text is shown, and clears the screen."""

CLEAR = "\x1b[0m\x1b[2J\x1b[H"
"""Leaves nothing behind the prompt where there is no other screen to go back to (screen, mosh)."""

SHORT = 128
"""Bytes of an update that comes in one piece anyway: a terminal need not be told to show it as a whole."""

READ_SIZE = 4096
"""Bytes that are read at once."""

STAMPED = (events.Key, events.Paste, events.MouseDown)
"""The time of these is the earliest at which they can have come, however late they were read."""

SYNC_MARKS = (SYNC_START, SYNC_END)
OTHER_SCREEN = "\x1b[?1049h"

SETTLED = 0.2
"""Seconds after which what was pressed before has done what it does; until then keys are taken strictly in order."""


class TerminalClosed(Message):
    """The terminal has gone away."""


class Holder(Protocol):
    """Who has the terminal until the driver takes it over."""

    @property
    def asked_at(self) -> float:
        """When the terminal was asked about itself."""

    @property
    def attributes(self) -> list[Any]:
        """How the terminal was set before."""

    def hand_over(self) -> list[tuple[float, bytes]]:
        """Let go of it; what was typed meanwhile, in pieces that each came at a time."""


class Driver(LinuxDriver):
    """Textual's driver with a quick Esc, modified keys, and an end when the terminal is closed."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self.exit_event: KeyWait = KeyWait()
        self._input_at = 0.0
        self._had_meta = True
        self._probe = Probe()
        self._owed = Owed()
        self._early: Holder | None = getattr(app, "early", None)
        self._held: list[str] = []
        self._frame: list[str] | None = None
        self._gathered: list[str] | None = None
        self._cursor_move = ""
        self._is_synced = False
        self._may_read = threading.Event()
        self._keyboard: Keyboard | None = None
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._follows_ground = bool(getattr(app, "follows_ground", False))
        self._leads_bidi = getattr(app, "bidi", "") == "visual"  # told to all: over ssh nobody knows which it is
        if is_in_screen():  # with the mouse on, it keeps an Esc until the next key comes
            self._mouse = False

    def use_mouse(self, *, does: bool) -> None:
        """Ask the terminal for the mouse, or leave it to the terminal; within screen it stays there."""
        if does is self._mouse or is_in_screen():
            return
        if does:
            self._mouse = True
            self._enable_mouse_support()
        else:
            self._disable_mouse_support()
            self._mouse = False

    def _get_terminal_size(self) -> tuple[int, int]:
        """As Textual tells it, without what it loads for that where no variable says otherwise."""
        return size_of(sys.__stdout__.fileno() if sys.__stdout__ else -1) or super()._get_terminal_size()

    def write(self, data: str) -> None:
        """Write to the terminal, which may have gone."""
        thread = self._writer_thread
        if thread is not None and type(thread) is WriterThread and self._file is not None:
            # started by the parent, before its first write
            thread.stop()
            self._writer_thread = thread = Writer(self._file)
            thread.start()
        data = ASK_KITTY if data == TEXTUAL_KITTY else data
        if self._frame is not None:
            self._frame.append(data)
            return
        if self._gathered:  # what is written for itself comes behind them
            self.let_go()
            self._gathered = []
        if self._early is not None:
            if data != OTHER_SCREEN:  # it is on it already
                self._held.append(data)
        elif thread is not None and self.has_terminal:  # not while another program has it
            self._owed.note(data)
            thread.write(data)

    def begin_frame(self) -> None:
        """What is written from now on is one update of the screen."""
        self._frame = []

    def end_frame(self) -> None:
        """Write the update at once, unless it only puts the cursor where it is."""
        frame, self._frame = self._frame or [], None
        moves = [piece for piece in frame if piece not in SYNC_MARKS]
        if not moves or moves == [self._cursor_move]:
            return
        at = moves[-1].rfind("\x1b[")
        self._cursor_move = moves[-1][at:]
        moves[-1] = moves[-1][:at]
        self.write_frame("".join(moves), self._cursor_move, is_synced=len(moves) < len(frame))

    def write_frame(self, text: str, cursor_move: str, *, is_synced: bool) -> None:
        """Write an update that is made already, and put the cursor where it belongs."""
        self._cursor_move = cursor_move
        if self._gathered is not None:
            self._gathered.append(text)
            self._is_synced = is_synced
            return
        text += cursor_move
        text = f"{SYNC_START}{text}{SYNC_END}" if is_synced and len(text) >= SHORT else text
        writer = self._writer_thread
        if type(writer) is Writer and writer.is_open and self._early is None and self._frame is None:
            writer.write(text)  # which is no question, and is nothing else that `write` looks for
        else:
            self.write(text)

    def gather(self) -> bool:
        """Keep updates of the screen until `let_go`, which writes them as one; `False` if that is done already."""
        if self._gathered is not None:
            return False
        self._gathered = []
        return True

    def let_go(self) -> None:
        """Write what was gathered."""
        gathered, self._gathered = self._gathered, None
        if gathered:
            self.write_frame("".join(gathered), self._cursor_move, is_synced=self._is_synced)

    def start_application_mode(self) -> None:
        """Take the terminal."""
        textual: Any = super()  # without types of its own
        textual.start_application_mode()
        signal.signal(signal.SIGWINCH, self._heed_resize)
        if self._early is not None:
            self.attrs_before = self._early.attributes
            self._probe.begin(self._early.asked_at)
        else:
            self._may_read.set()
        if self._writer_thread is not None:
            self._ask()
            if self.input_tty and os.environ.get("TERM_PROGRAM") != "Apple_Terminal":  # which would show the question
                self.write(ASK_META)
            self.write(ASK_KEYS)
            GUARDIAN.take(self._writer_thread.fileno())
            if self._leads_bidi:
                self.write(LEAD_BIDI)

    def _ask(self) -> None:
        """Ask the terminal about itself, once; what is painted next covers what the questions leave on the screen."""
        if not self._probe.is_asked and self.input_tty and (asked := questions(os.environ)):
            self._probe.begin()
            self.write(asked)
        if self._follows_ground:
            self.write(FOLLOW_GROUND)

    def _request_terminal_sync_mode_support(self) -> None:
        """Asked for with everything else."""

    def follow_ground(self, *, does: bool) -> None:
        """Have the terminal tell when it turns light or dark, or not any more."""
        if does != self._follows_ground:
            self._follows_ground = does
            self.write(FOLLOW_GROUND if does else LEAVE_GROUND)

    def take_over(self) -> list[Message]:
        """Take the terminal over from the first frame, with the modes that were asked for meanwhile.

        Returns:
            What was typed there.
        """
        early, self._early = self._early, None
        if early is None:
            return []
        pieces = early.hand_over()
        held, self._held = "".join(self._held), []
        self.write(held)
        self._keyboard = Keyboard()
        messages = list(self._keyboard.replay((moment, self._decode(data)) for moment, data in pieces))
        self._may_read.set()
        return messages

    def disable_input(self) -> None:
        """Read no more."""
        self.take_over()
        super().disable_input()

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self.take_over()
        self._probe.wait()
        self._owed.wait()
        if self._writer_thread is not None:
            GUARDIAN.leave()
            if self._follows_ground:
                self.write(LEAVE_GROUND)
            if self._leads_bidi:
                self.write(LEAVE_BIDI)
            self.write(CLEAR + (DROP_KEYS if self._had_meta else DROP_KEYS + DROP_META))
        super().stop_application_mode()

    def _sigtstp_application(self, *_: object) -> None:
        """Ctrl+Z, or its signal: a handler runs anywhere, also while something is being written, so the loop does it."""
        self._loop.call_soon_threadsafe(self._go_away)

    def _sigcont_application(self, *_: object) -> None:
        """The process goes on, after Ctrl+Z or after a SIGSTOP that nobody was told of."""
        self._loop.call_soon_threadsafe(self._come_back)

    @property
    def has_terminal(self) -> bool:
        """Whether the terminal is ours, and no other program has it."""
        thread = self._writer_thread
        return thread is not None and (thread.is_open if isinstance(thread, Writer) else thread.is_alive())

    def _go_away(self) -> None:
        if self._auto_restart and self.has_terminal:
            self.suspend_application_mode()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _come_back(self) -> None:
        """Take the terminal again; what it shows and how it is set is not known any more."""
        if not self._auto_restart or has_gone(self.fileno):  # a terminal that closes also lets a stopped program go on
            return
        if not is_foreground(self.fileno):
            os.kill(os.getpid(), signal.SIGSTOP)
            return
        if self.has_terminal:
            self.suspend_application_mode()
        self._must_signal_resume = True
        self.resume_application_mode()

    def _heed_resize(self, *_: object) -> None:
        """The window changed its size, maybe while Textual's handler would read the size before: the loop reads it."""
        self._loop.call_soon_threadsafe(self._tell_size)

    def _tell_size(self) -> None:
        size = Size(*self._get_terminal_size())
        self._app.post_message(events.Resize(size, size))

    def _query_in_band_window_resize(self) -> None:
        """Not asked for: SIGWINCH tells of a resize, and it would bring a report for every pixel of the mouse."""

    def run_input_thread(self) -> None:
        """Read keys until told to stop, or until the terminal has gone."""
        self._may_read.wait()
        keyboard, self._keyboard = self._keyboard or Keyboard(), None
        empty_at = 0.0  # when nothing is known to have waited to be read: what is read next came after that
        while not self.exit_event.is_set():
            keyboard.expects_answers = self._probe.is_open
            # A key may be half read: look again as soon as it can be told from a sequence.
            patience = constants.ESCAPE_DELAY if keyboard.is_waiting else self._owed.look_seconds
            looked_at = time.monotonic()
            messages: list[Message] = []
            if self.exit_event.has_sent(self.fileno, patience):
                read_at = time.monotonic()
                try:
                    data = os.read(self.fileno, READ_SIZE)
                except OSError:
                    data = b""
                if not data:
                    self.send_message(TerminalClosed())
                    return
                messages += keyboard.feed(self._decode(data))
                emptied_at = read_at if len(data) < READ_SIZE else empty_at
            else:
                emptied_at = min(looked_at + patience, time.monotonic())
            for message in (*messages, *keyboard.tick()):
                if isinstance(message, STAMPED):
                    message.time = empty_at
                self.process_message(message)
            if (news := self._probe.news()) is not None:
                self.process_message(news)
            if not keyboard.is_waiting:
                empty_at = emptied_at

    def process_message(self, message: Message) -> None:
        """Send a message on; an Esc that was pressed on its own by the short way."""
        if isinstance(message, MetaReport):
            self._had_meta = message.is_on
            return
        if isinstance(message, TerminalReport):
            self._probe.take(message.words)
            return
        if isinstance(message, Receipt):
            self._owed.take()
        if isinstance(message, events.AppFocus) and self._follows_ground and self._probe.has_ground:
            self._loop.call_soon_threadsafe(
                self.write, ASK_GROUND
            )  # few terminals tell by themselves, and nobody changes one that is not looked at
        if isinstance(message, events.InputEvent):
            before, self._input_at = self._input_at, time.monotonic()
            if isinstance(message, events.Key) and message.key == "escape" and self._input_at - before > SETTLED:
                self._loop.call_soon_threadsafe(self._take_escape, message)
                return
        super().process_message(message)

    def send_message(self, message: Message) -> None:
        """Have a message dealt with on the loop, in its turn; a letter, which is most of them, by the short way."""
        self._loop.call_soon_threadsafe(self._take, message)

    def _take(self, message: Message) -> None:
        """Write a letter without the several turns of the loop that a key takes; anything else goes its usual way."""
        is_written = (
            isinstance(message, events.Key) and (at_once := self._at_once) is not None and at_once.type(message)
        )
        if not is_written:
            self._app.post_message(message)

    def _take_escape(self, key: events.Key) -> None:
        """Stop a reply in the same way."""
        at_once = self._at_once
        if at_once is None or not at_once.stop():
            self._app.post_message(key)

    @property
    def _at_once(self) -> AtOnce | None:
        """What the screen does at once, if it does anything so."""
        screens = self._app.screen_stack
        at_once: AtOnce | None = getattr(screens[-1], "at_once", None) if screens else None
        return at_once
