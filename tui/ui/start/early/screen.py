"""The terminal, taken before anything else is imported, and held until the real screen takes it over."""

from __future__ import annotations

import _thread
import gc
import os
import select
import sys
import termios
import time

from tui.ui.start.early.draft import may_have_draft
from tui.ui.start.early.echo import PASTE_BEGINS, Echo, ground_in
from tui.ui.start.early.look import Look
from tui.ui.terminal.guardian import GUARDIAN, RESTORE
from tui.ui.terminal.question import questions

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
    from typing import Any
else:
    import _signal as signal  # without the enumerations, which take longer than all of this

LOW = 18
"""As in `ui/screen/panes`: on fewer rows there is no title and no line of keys."""

PLACEHOLDER = "Ask anything"
TAKE = "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?7l"
"""The other screen, no cursor, pastes told from keys, and no wrapping: as Textual will set them."""

GIVE = "\x1b[0m\x1b[2J\x1b[H" + RESTORE
ANSWER_SECONDS = 1.0
"""How long what the terminal was asked is waited for, where it would else be answered to the shell."""

SWITCH_SECONDS = 0.0005
"""How long what is being imported may keep a letter from being shown."""

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
INTERRUPTS = 3
"""Ctrl+C so often, while all is being loaded, ends that as a signal does, whatever it waits for.

It is no `KeyboardInterrupt`: one that strikes while msgspec looks at a type kills the process.
"""

LOOK_SECONDS = 0.1
"""Seconds between two looks at the size of the terminal."""


class EarlyScreen:
    """Shows the first frame, and in its composer what is typed, while a thread of its own reads the keyboard.

    Everything that was read is kept, with its times, for whoever takes over.

    Attributes:
        attributes: How the terminal was set before.
        asked_at: When the terminal was asked about itself.
        is_open: Whether the terminal is still ours.
    """

    def __init__(
        self, look: Look, database: str, look_on: Callable[[str], Look | None], *, has_session: bool = False
    ) -> None:
        """Prepare to paint in these colours, or in others once the terminal has told its background.

        A draft may be in this file of saved sessions, empty for none.
        """
        self.is_open = False
        self.asked_at = 0.0
        self._look_on = look_on
        self.attributes: list[Any] = termios.tcgetattr(0)
        self._look = look
        self._database = database
        self._has_session = has_session
        self._read: list[tuple[float, bytes]] = []
        self._size = os.get_terminal_size(1)
        self._echo = Echo(self._room)
        self._echo.is_over = not look.echoes
        self._draft: str | None = None
        self._is_drafted = False
        self._followed = 0
        self._shown = ""
        self._words = self._words_shown = ""
        self._is_interrupted = False
        self._reading = _thread.allocate_lock()
        self._told, self._tell = -1, -1

    # -- beginning and end --------------------------------------------------------------------------------

    def open(self) -> None:
        """Take the terminal, paint, and read."""
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.disable()  # imports make no garbage worth a look; `tui.ui.start.warm` switches it on again
        self.is_open = True
        try:
            self._set_raw()
            asked = questions(os.environ)
            _write(TAKE + asked + self._frame())  # which covers what the questions leave there
            self.asked_at = time.monotonic() if asked else 0.0
            self._told, self._tell = os.pipe()
        except OSError:
            self.leave()
            raise
        for number in ENDING:
            signal.signal(number, self._end)
        self._reading.acquire()
        _thread.start_new_thread(self._run, ())

    def show_draft(self, text: str) -> None:
        """What was being written when the conversation was left: it stands before what is typed now."""
        self._draft = text
        if self._tell >= 0:
            os.write(self._tell, b"d")

    def say(self, words: str) -> None:
        """Say what it is that takes so long."""
        self._words = words
        if self._tell >= 0:
            os.write(self._tell, b"s")

    def read_so_far(self) -> bytes:
        """What was typed or answered so far; it is handed over all the same."""
        return b"".join(data for _, data in self._read)

    def hand_over(self) -> list[tuple[float, bytes]]:
        """Read and paint no more; whoever calls this has the terminal from now on.

        Returns:
            What was typed, in the pieces it came in, each with its time.
        """
        self.is_open = False
        if self._tell >= 0:
            os.write(self._tell, b"e")
            self._reading.acquire()  # until the thread has read its last
            os.close(self._tell)
            os.close(self._told)
            self._tell = -1
        return self._read

    def leave(self) -> None:
        """Give the terminal back as it was, if nobody has taken it over."""
        if not self.is_open:
            return
        self.hand_over()
        self._drop_answers()
        GUARDIAN.leave()
        try:
            _write(GIVE)
            termios.tcsetattr(0, termios.TCSANOW, self.attributes)
        except (OSError, termios.error):
            pass  # it has gone

    def _drop_answers(self) -> None:
        """Read what the terminal was asked, so that the shell does not."""
        until = self.asked_at + ANSWER_SECONDS
        try:
            while not _is_answered(self.read_so_far()) and (left := until - time.monotonic()) > 0:
                if select.select([0], [], [], left)[0]:
                    self._read.append((0.0, os.read(0, 4096)))
        except OSError:
            pass

    def _end(self, number: int, _frame: object) -> None:
        """A signal ends the program while it is being loaded."""
        self.is_open = True
        self.leave()
        os._exit(128 + (signal.SIGINT if self._is_interrupted else number))

    def _set_raw(self) -> None:
        """Keys one by one, unechoed and as they are: as Textual will set them."""
        iflag, oflag, cflag, lflag, *speeds, characters = self.attributes
        iflag &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
        lflag &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        characters = list(characters)
        characters[termios.VMIN] = 1
        termios.tcsetattr(0, termios.TCSANOW, [iflag, oflag, cflag, lflag, *speeds, characters])

    # -- the keyboard -------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            GUARDIAN.take(1)
            self._is_drafted = not may_have_draft(self._database, any_session=self._has_session)
            while self._step():
                pass
        except OSError:
            pass  # the terminal has gone, which the program is told in another way
        finally:
            self._reading.release()

    def _step(self) -> bool:
        """Read or be told something; whether to go on."""
        ready = select.select([0, self._told], [], [], LOOK_SECONDS)[0]
        if self._told in ready and b"e" in os.read(self._told, 16):
            return False
        if 0 in ready:
            data = os.read(0, 4096)
            self._read.append((time.monotonic(), data))
            if not data:
                return False
            self._check_interrupts()
        self._follow()
        return True

    def _follow(self) -> None:
        """Show what was typed and is not shown yet, and all of it anew where the terminal has another size."""
        if self._draft is not None and not self._is_drafted:
            self._is_drafted = True
            self._echo.write(self._draft)
        if self._is_drafted:
            for _, data in self._read[self._followed :]:
                self._echo.feed(data)
            self._followed = len(self._read)
        size, is_other = os.get_terminal_size(1), self._take_ground()
        if size != self._size or is_other:
            self._size = size
            self._echo.narrow(self._room)
            _write(self._frame())
        elif self._echo.text != self._shown:
            _write(self._composer_line())
        elif self._words != self._words_shown:
            _write(self._words_line())

    def _take_ground(self) -> bool:
        """Use the colours for the background that the terminal told; whether they are others than those that show."""
        if not self._look.ground or not self._read:
            return False
        ground = ground_in(self.read_so_far())
        look = self._look_on(ground) if ground not in {"", self._look.ground} else None
        self._look = look or self._look
        return look is not None

    def _check_interrupts(self) -> None:
        typed = b"".join(data for _, data in self._read)
        if typed.count(b"\x03") >= INTERRUPTS and PASTE_BEGINS not in typed:
            self._is_interrupted = True
            os.kill(os.getpid(), signal.SIGTERM)  # a real one: it also wakes who waits for a lock

    # -- painting -----------------------------------------------------------------------------------------

    @property
    def _room(self) -> int:
        """Cells for what is written: not those of the margins, the sign, and the cursor behind it."""
        return max(1, self._size.columns - 5)

    def _frame(self) -> str:
        """All of the screen."""
        look, (columns, rows) = self._look, self._size
        is_low = rows < LOW
        rule = f"\x1b[{look.rule}m{'─' * columns}"
        lines = [f"\x1b[{look.text}m{' ' * columns}"] * rows
        if not is_low:
            lines[0] = f"\x1b[{look.text}m \x1b[{look.title}mrillet\x1b[{look.text}m{' ' * (columns - 7)}"
        lines[rows - self._height] = lines[rows - self._height + 2] = rule
        painted = "".join(f"\x1b[{number};1H{line}" for number, line in enumerate(lines, 1))
        return painted + self._composer_line() + (self._words_line() if self._words else "")

    @property
    def _height(self) -> int:
        """Rows from the upper rule of the composer to the end of the screen."""
        return 4 if self._size.lines < LOW else 5

    def _words_line(self) -> str:
        """What is said, where the status will be."""
        look, columns = self._look, self._size.columns
        self._words_shown = self._words
        line = f" {self._words}"[:columns].ljust(columns)
        return f"\x1b[{self._size.lines - self._height + 4};1H\x1b[{look.muted}m{line}\x1b[0m"

    def _composer_line(self) -> str:
        look, text = self._look, self._echo.text
        self._shown = text
        room = self._size.columns - 4
        words, behind, used = (text, " ", self._echo.cells + 1) if text else ("", PLACEHOLDER[0], len(PLACEHOLDER))
        rest = f"\x1b[{look.text}m" if text else f"\x1b[{look.muted}m{PLACEHOLDER[1:]}\x1b[{look.text}m"
        return (
            f"\x1b[{self._size.lines - self._height + 2};1H\x1b[{look.text}m \x1b[{look.accent}m›"
            f"\x1b[{look.text}m {words}\x1b[{look.cursor}m{behind}{rest}{' ' * (room - used + 1)}\x1b[0m"
        )


def _is_answered(data: bytes) -> bool:
    """Whether the terminal has answered the last question."""
    begin = data.find(b"\x1b[?")
    while begin >= 0:
        end = begin + 3
        while data[end : end + 1].isdigit() or data[end : end + 1] == b";":
            end += 1
        if data[end : end + 1] == b"c":
            return True
        begin = data.find(b"\x1b[?", end)
    return False


def _write(text: str) -> None:
    """Write to the terminal, all of it, in one piece where it takes that."""
    data = text.encode()
    while data:
        data = data[os.write(1, data) :]
