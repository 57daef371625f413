"""The terminal in a real pty: taken, given back whatever happens, and left when it closes."""

import base64
import codecs
import contextlib
import fcntl
import os
import pty
import random
import re
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pyte
import pytest

from tui.tools.approval import ARMING_DELAY
from tui.ui.terminal.driver import SETTLED

PROGRAM = Path(__file__).with_name("pty_program.py")
ENDS = ("\x1b[?1049l", "\x1b[?25h", "\x1b[?1003l", "\x1b[?2004l", "\x1b[>4;0m", "\x1b[<u")


class Terminal:
    """A program in a pty: what it wrote, and its process."""

    def __init__(self, home: Path, *arguments: str, **more: str) -> None:
        environ = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": str(PROGRAM.parents[2]),
            "PYTHONWARNINGS": "ignore",
        } | {f"XDG_{name}_HOME": str(home / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        environ |= more
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            command = [sys.executable, str(PROGRAM), *arguments]
            if "shell" in arguments:
                command = ["/bin/sh", "-c", '"$@"; echo the shell goes on; read line', "sh", *command]
            os.execve(command[0], command, environ)
        self.resize(80, 24)
        self.before = termios.tcgetattr(self.fd)
        self.written = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a read may end within a character
        self.code: int | None = None

    def read_until(self, text: str, seconds: float = 60.0) -> None:
        """Read until some text was written."""
        import select

        until = time.monotonic() + seconds
        while text not in self.written:
            left = until - time.monotonic()
            assert left > 0, f"{text!r} was not written; at the end: {self.written[-2000:]!r}"
            if select.select([self.fd], [], [], left)[0]:
                try:
                    self.written += self._decoder.decode(os.read(self.fd, 65536))
                except OSError:
                    raise AssertionError(f"it ended before {text!r}: {self.written[-2000:]!r}") from None

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_some(self, seconds: float) -> None:
        """Read what is written within some time, and keep the end of it."""
        import select

        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                try:
                    self.written = (self.written + self._decoder.decode(os.read(self.fd, 65536)))[-100_000:]
                except OSError:
                    raise AssertionError(f"it ended: {self.written[-2000:]!r}") from None

    def shown(self) -> list[str]:
        """What a terminal shows that was given all that was written and is still there, and nothing before."""
        screen = pyte.Screen(80, 24)
        pyte.Stream(screen).feed(self.written.translate({ord(char): None for char in "<>"}))
        return list(screen.display)

    def read_until_shown(self, rows: list[str], seconds: float = 60.0) -> None:
        """Read until the terminal shows these rows."""
        until = time.monotonic() + seconds
        while self.shown() != rows:
            assert time.monotonic() < until, "\n".join(self.shown())
            self.read_some(0.1)

    def read_until_on_screen(self, text: str, seconds: float = 60.0) -> None:
        """Read until some text is shown, in however many pieces it was written."""
        until = time.monotonic() + seconds
        while not any(text in row for row in self.shown()):
            assert time.monotonic() < until, "\n".join(self.shown())
            self.read_some(0.1)

    def wait_stopped(self) -> None:
        """Wait until the process is stopped, as a shell does; what it writes meanwhile is read."""
        while os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED) == (0, 0):
            self.read_some(0.05)

    def write(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def wait(self, seconds: float = 60.0) -> int:
        """The exit code, once it has ended; what it writes meanwhile is read."""
        import select

        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.fd >= 0 and select.select([self.fd], [], [], 0.02)[0]:
                try:
                    self.written += self._decoder.decode(os.read(self.fd, 65536))
                except OSError:
                    pass
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.code = os.waitstatus_to_exitcode(status)
                if self.fd >= 0:
                    try:
                        while select.select([self.fd], [], [], 0)[0]:
                            self.written += self._decoder.decode(os.read(self.fd, 65536))
                    except OSError:
                        pass
                return self.code
            time.sleep(0.005)
        raise AssertionError("it did not end")

    def close(self) -> None:
        if self.code is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        if self.fd >= 0:
            os.close(self.fd)


@pytest.fixture
def terminal(tmp_path):
    opened: list[Terminal] = []

    def open_terminal(*arguments: str, **more: str) -> Terminal:
        opened.append(Terminal(tmp_path, *arguments, **more))
        return opened[-1]

    yield open_terminal
    for one in opened:
        one.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_saves_the_reply_restores_the_terminal_and_tells_its_number(terminal, tmp_path, number):
    one = terminal("endless")
    one.read_until("sk anything")
    one.write("Hi\r")
    one.read_until("word12")
    os.kill(one.pid, number)
    assert one.wait() == 128 + number
    for sequence in ENDS:
        assert sequence in one.written[one.written.rindex("word12") :]
    assert termios.tcgetattr(one.fd)[3] == one.before[3]
    saved = (tmp_path / "saved").read_text()
    assert "stopped word0 word1" in saved
    why = "the terminal was closed" if number == signal.SIGHUP else f"rillet was ended by {number.name}"
    assert why in saved


def test_a_closed_terminal_ends_the_program_and_the_reply_is_saved(terminal, tmp_path):
    one = terminal("endless", "nohup")
    one.read_until("sk anything")
    one.write("Hi\r")
    one.read_until("word12")
    os.close(one.fd)
    one.fd = -1
    one.wait()
    saved = (tmp_path / "saved").read_text()
    assert "word0 word1" in saved
    assert "the terminal was closed" in saved


def test_what_is_typed_while_it_starts_is_in_the_composer(terminal):
    one = terminal("endless")
    one.write("early")
    one.read_until("\x1b[?1049h")
    one.written = one.written.partition("\x1b[?1049h")[2]
    one.read_until("early")
    one.write("\x11")
    assert one.wait() == 0


def test_alt_and_a_letter_is_a_key_and_types_nothing(terminal):
    one = terminal("endless")
    one.read_until("sk anything")
    one.write("\x1be")
    one.read_until("there is no prompt yet")
    one.write("\x1bc\x1br")
    one.read_until("nothing has been asked ye")
    one.write("\x03")
    one.read_until("Ctrl+C again to quit")  # nothing is written that it would clear
    one.write("\x11")
    assert one.wait() == 0


def test_esc_stops_the_reply_in_a_real_terminal(terminal):
    one = terminal("endless")
    one.read_until("sk anything")
    one.write("Hi\r")
    one.read_until("word12")
    one.write("\x1b")
    one.read_until("stopped by you")
    one.write("\x11")
    assert one.wait() == 0


def test_esc_closes_what_lies_over_the_reply_before_it_stops_it(terminal):
    one = terminal("endless")
    one.read_until("sk anything")
    one.write("Hi\r")
    one.read_until("word12")
    one.write("\x10")
    one.read_until("ask the last prompt again")
    time.sleep(2 * SETTLED)  # so long after another key Esc goes ahead of the queue, where it may
    one.write("\x1b")
    one.read_until("word300")
    assert "stopped by you" not in one.written
    one.write("\x1b")
    one.read_until("stopped by you")
    one.write("\x11")
    assert one.wait() == 0


def test_a_yes_counts_only_after_the_terminal_has_said_that_it_shows_the_question(terminal, tmp_path):
    one = terminal("calls")
    one.read_until("sk anything")
    one.write("Hi\r")
    one.read_until("to decide")
    one.write("\t")
    one.read_until("\x1b[5n")
    one.read_some(2 * ARMING_DELAY)  # the frame is under way, over a slow line
    one.write("a")
    one.read_some(0.2)
    assert not (tmp_path / "left").exists()
    one.written = ""
    one.write("\x1b[0n")
    one.read_until("allow")
    one.read_some(0.2)
    one.write("a")
    one.read_until("Thank")
    assert (tmp_path / "left").exists()
    one.write("\x11")
    assert one.wait() == 0


def test_modified_keys_are_asked_for_and_understood_in_four_forms(terminal):
    one = terminal("endless")
    one.read_until("\x1b[>4;1m")
    one.read_until("sk anything")
    for sequence in ("\x1b[27;2;13~", "\x1b[13;2u", "\x1b\r", "\n"):
        one.write("line")
        one.write(sequence)
        time.sleep(0.1)  # a terminal sends a key in one piece, and pieces are told apart by time alone
    one.write("end")
    one.write("\x1bg")  # the wire: nothing must have been sent
    one.read_until("nothing was sent yet")
    one.write("\x11")
    assert one.wait() == 0


def test_a_crash_tells_where_and_shows_no_values(terminal):
    one = terminal("crash")
    assert one.wait() == 1
    assert "rillet failed" in one.written
    assert "ZeroDivisionError" in one.written
    assert "sk-local-value" not in one.written
    for sequence in ENDS:
        assert sequence in one.written


def test_quitting_is_clean(terminal):
    one = terminal("endless")
    one.read_until("sk anything")
    one.write("\x11")
    assert one.wait() == 0
    assert termios.tcgetattr(one.fd)[3] == one.before[3]


def test_a_window_that_shrinks_and_grows_under_the_fastest_stream_ends_nothing(terminal):
    one = terminal("flood")
    one.read_until("sk anything")
    one.write("Hi\r")
    one.read_until("word12")
    chance = random.Random(17)
    for number in range(500):
        if number % 10 == 0:
            one.resize(10, 3)
        else:
            one.resize(chance.randint(10, 160), chance.randint(3, 50))
        one.read_some(chance.choice((0.002, 0.01, 0.03)))
    one.resize(80, 24)
    one.written = ""
    one.write("\x1b")
    one.read_until("stopped by you")
    one.write("\x11")
    assert one.wait() == 0


@pytest.mark.parametrize("key", ["\x03", "\x1b"])
def test_what_the_mouse_selected_is_copied_or_let_go_of_and_the_reply_goes_on(terminal, key):
    one = terminal("endless")
    one.read_until("sk anything")
    one.write("Hi\r")
    one.read_until("word60")
    one.write("\x1b[<0;1;2M\x1b[<32;30;9M\x1b[<0;30;9m")  # held, moved, let go
    one.read_until("word80")
    one.write(key)
    one.read_until("word200")
    assert "stopped by you" not in one.written
    copied = re.search("\x1b]52;c;(.+?)\x07", one.written)
    assert (copied is not None) == (key == "\x03")
    if copied is not None:
        assert "word0 word1" in base64.b64decode(copied[1]).decode()
    one.write(key)
    one.read_until("stopped by you")
    one.write("\x11")
    assert one.wait() == 0


@pytest.mark.parametrize("way", ["ctrl+z", "SIGTSTP", "SIGSTOP"])
def test_everything_is_painted_again_when_a_stopped_program_goes_on(terminal, way):
    one = terminal("endless")
    one.read_until("sk anything")
    one.write("words")
    one.read_until_on_screen("words")
    one.read_some(0.5)
    rows = one.shown()
    if way == "ctrl+z":
        one.write("\x1a")
    else:
        os.kill(one.pid, signal.Signals[way])
    one.wait_stopped()
    if way != "SIGSTOP":
        for sequence in ENDS:
            assert sequence in one.written
        assert termios.tcgetattr(one.fd)[3] == one.before[3]
    termios.tcsetattr(one.fd, termios.TCSANOW, one.before)  # as some shells do
    one.read_some(0.1)
    one.written = ""
    os.kill(one.pid, signal.SIGCONT)
    one.read_until_shown(rows)
    for sequence in ("\x1b[?1049h", "\x1b[?1003h", "\x1b[?2004h", "\x1b[>4;1m"):
        assert sequence in one.written
    one.write("+")
    one.read_until("m+")
    one.write("\x11")
    assert one.wait() == 0
    assert termios.tcgetattr(one.fd)[3] == one.before[3]


def test_ctrl_l_and_a_window_that_changed_its_size_back_paint_everything_anew(terminal):
    one = terminal("endless")
    one.read_until("sk anything")
    one.read_some(0.5)
    rows = one.shown()
    one.written = ""
    one.write("\x0c")
    one.read_until_shown(rows)
    one.written = ""
    one.resize(40, 12)
    one.resize(80, 24)
    one.read_until_shown(rows)
    one.write("\x11")
    assert one.wait() == 0


def test_a_terminal_that_tells_no_size_is_painted_as_if_it_had_the_usual_one_and_left_alone(terminal):
    one = terminal("endless")
    one.resize(0, 0)
    one.read_until("sk anything")
    one.read_some(0.5)
    one.written = ""
    one.read_some(1.0)
    assert one.written == ""
    one.write("\x11")
    assert one.wait() == 0


def test_the_last_size_of_a_window_that_changes_while_it_is_looked_at_is_the_one_that_is_shown(terminal):
    one = terminal("endless", "hasty")
    one.read_until("sk anything")
    one.read_some(0.5)
    rows = one.shown()
    one.written = ""
    one.resize(40, 12)
    one.read_until_shown(rows)
    one.write("\x11")
    assert one.wait() == 0


def test_keys_of_the_kitty_protocol_with_all_that_it_tells_are_keys(terminal):
    one = terminal("endless")
    one.read_until("\x1b[>29u")
    one.read_until("sk anything")
    one.write("\x1b[1089:1057:99;2;1057u\x1b[105;1:1;105u\x1b[105;1:3;105u")
    one.read_until("Сi")
    one.write("\x1b[1089::99;5u")
    one.read_until("the draft was cleared")
    one.write("\x1b[113;5:1u")
    assert one.wait() == 0


@pytest.mark.parametrize(("answer", "is_undone"), [("\x1b[?1036;2$y", True), ("\x1b[?1036;1$y", False), ("", False)])
def test_what_alt_sends_is_asked_for_and_set_back_if_it_was_otherwise(terminal, answer, is_undone):
    one = terminal("endless")
    one.read_until("\x1b[?1036$p")
    one.read_until("\x1b[?1036h")
    one.read_until("sk anything")
    one.write(answer + "x")
    one.read_until("mx")
    one.write("\x11")
    assert one.wait() == 0
    assert ("\x1b[?1036l" in one.written) == is_undone


def test_in_screen_there_is_no_mouse_that_holds_esc_back_and_256_colours_and_nothing_is_left_behind(terminal):
    one = terminal("endless", STY="999999999.tty", TERM="screen.xterm-256color")
    one.read_until("sk anything")
    one.read_some(0.5)
    for sequence in ("\x1b[?1000h", "\x1b[?1003h", "38;2;", "48;2;"):
        assert sequence not in one.written
    assert "38;5;" in one.written
    one.write("\x11")
    assert one.wait() == 0
    screen = pyte.Screen(80, 24)  # it has no alternate screen either
    pyte.Stream(screen).feed(one.written.translate({ord(char): None for char in "<>"}))
    assert "".join(screen.display).strip() == ""


def test_a_program_that_is_killed_gives_the_terminal_back_all_the_same(terminal, tmp_path):
    one = terminal("endless", "shell")
    one.read_until("sk anything")
    one.written = ""
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    for sequence in (*ENDS, "the shell goes on"):
        one.read_until(sequence)
    one.write("\n")
    one.wait()


def test_a_program_that_is_killed_while_the_shell_has_the_terminal_writes_nothing_to_it(terminal):
    one = terminal("endless")
    one.read_until("sk anything")
    one.write("\x1a")
    one.wait_stopped()
    one.read_some(0.1)
    one.written = ""
    os.kill(one.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):  # once nobody has the terminal open any more
        while piece := os.read(one.fd, 65536):
            one.written += piece.decode()
    assert one.written == ""
