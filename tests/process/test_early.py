"""The first frame, in a terminal: what is typed through the whole start is there, once, and nothing flickers."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import termios

import pyte
import pytest

from tests.bench.screen import TextScreen
from tests.bench.terminal import Terminal
from tests.cli.running import environ_in

TERMINALS = {
    "truecolor": {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    "256": {"TERM": "tmux-256color"},
    "screen": {"TERM": "screen.xterm-256color", "STY": "1.pts", "COLORTERM": "truecolor"},
    "kitty": {"TERM": "xterm-kitty", "COLORTERM": "truecolor"},
}
LEFT_OUT = ("TMUX", "STY", "COLORTERM", "NO_COLOR", "TERM_PROGRAM", "COLUMNS", "LINES")
TAKEN = b"\x1b[?1049h"
REAL = b"\x1b[?1004h"
"""What only the real screen asks of the terminal."""


class Start:
    """rillet being started in a terminal that sends keys as it was asked to."""

    def __init__(self, home, kind="truecolor", *words, program=("-m", "tui"), **more):
        environ = environ_in(home, PYTHONWARNINGS="ignore", LANG="C.UTF-8")
        environ = {name: value for name, value in environ.items() if name not in LEFT_OUT} | TERMINALS[kind] | more
        argv = [sys.executable, *program, "--base-url", "http://127.0.0.1:9/v1", "--model", "m", *words]
        self.terminal = Terminal(argv, environ)
        self.is_kitty = kind == "kitty"
        self.terminal.start()

    @property
    def written(self):
        return b"".join(data for _, data in self.terminal.chunks)

    def see(self, words):
        assert self.terminal.wait_for(words, 60) is not None, self.terminal.live.text

    def until(self, sequence):
        self.terminal.wait_for(lambda: sequence in self.written, 60)
        assert sequence in self.written, self.written[-500:]

    def press(self, key):
        """Press a key; the terminal sends it in the form that was asked for last."""
        if self.is_kitty and b"\x1b[>29u" in self.written:
            number = 127 if key == "\x7f" else ord(key)
            key = f"\x1b[{number}u" if key in "\x7f\r" else f"\x1b[{number};;{number}u"
        self.terminal.type(key)

    def paste(self, text):
        assert b"\x1b[?2004h" in self.written
        self.terminal.type(f"\x1b[200~{text}\x1b[201~")

    def composer(self):
        """What stands in the composer."""
        return next(line for line in self.terminal.live.text.split("\n") if line.startswith(" ›"))[3:]

    def close(self):
        self.terminal.close()


@pytest.fixture
def start(tmp_path):
    opened = []

    def open_start(kind="truecolor", *words, **more):
        opened.append(Start(tmp_path, kind, *words, **more))
        return opened[-1]

    yield open_start
    for one in opened:
        one.close()


def composer_rows(chunks):
    """What a terminal shows in the composer, chunk by chunk."""
    screen, rows = TextScreen(), []
    for _, data in chunks:
        screen.feed(data)
        rows += [line[3:].rstrip() for line in screen.text.split("\n") if line.startswith(" ›")]
    return rows


@pytest.mark.parametrize("kind", TERMINALS)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_typed_at_random_instants_of_the_start_is_in_the_composer_once(start, kind, seed):
    one, chance = start(kind), random.Random(f"{kind}{seed}")
    text = ""
    one.until(TAKEN)
    while len(text) < 12 or REAL not in one.written or "ready" not in one.terminal.live.text:
        if len(text) > 70:  # a slow machine: all the line is full
            one.see("ready")
        elif text and chance.random() < 0.15:
            one.press("\x7f")
            text = text[:-1]
        elif chance.random() < 0.1:
            pasted = "".join(chance.choices("abc é", k=3))
            one.paste(pasted)
            text += pasted
        else:
            letter = chance.choice("abcdefghijklmnopqrstuvwxyz")
            one.press(letter)
            text += letter
        one.terminal.pump(chance.choice((0.001, 0.01, 0.03, 0.08)))
    one.see(text.rstrip())
    one.terminal.pump(0.3)
    assert one.composer().rstrip() == text.rstrip()
    assert one.written.count(TAKEN) == 1


def test_letters_typed_before_the_program_runs_at_all_are_there_too(start):
    one, text = start(), ""
    for number in range(40):
        one.press(text_of := chr(97 + number % 26))
        text += text_of
        one.terminal.pump(0.01)
    one.see("ready")
    one.see(text)


def test_nothing_that_was_seen_goes_away_again_while_the_real_screen_comes(start):
    one, text = start(), ""
    one.until(b"sk anything")
    while "ready" not in one.terminal.live.text or len(text) < 10:
        if len(text) < 100:
            one.press("x")
            text += "x"
        one.terminal.pump(0.02)
    one.see(text)
    rows = composer_rows(one.terminal.chunks)
    lengths = [0 if "sk anything" in row else len(row) for row in rows]
    assert rows[0] == "Ask anything"
    assert lengths == sorted(lengths)
    early = b"".join(data for _, data in one.terminal.chunks).partition(REAL)[0]
    assert b"x" in early.rpartition(b"sk anything")[2]


@pytest.mark.parametrize(
    ("kind", "theme", "typed"),
    [
        *((kind, "paper", typed) for kind, typed in zip(TERMINALS, ("", "words") * 3, strict=False)),
        *(
            ("truecolor", theme, typed)
            for theme, typed in zip(("ink", "terminal", "clear", "contrast"), ("words", "") * 2, strict=True)
        ),
        ("256", "terminal", "words"),
    ],
)
def test_the_cells_of_the_first_frame_are_those_of_the_real_screen(start, kind, theme, typed):
    one = start(kind, "--theme", theme)
    one.until(TAKEN)
    for letter in typed:
        one.press(letter)
    one.see("ready")
    one.see(typed or "sk anything")
    one.terminal.pump(0.2)
    before, _, _ = one.written.partition(REAL)
    early, late = cells_of(before), cells_of(one.written)
    for y in (35, 36, 37):
        assert early[y] == late[y], "".join(cell[0] for cell in early[y])
    assert early[0][:8] == late[0][:8]
    for early_row, late_row in zip(early, late, strict=True):
        for early_cell, late_cell in zip(early_row, late_row, strict=True):
            assert early_cell[1] == late_cell[1]
            assert early_cell[0] in {" ", late_cell[0]}


def cells_of(written):
    """The cells that a terminal shows: a character, its colours, and whether it is bold; of a blank its ground only."""
    screen = pyte.Screen(120, 40)
    pyte.Stream(screen).feed(re.sub(r"\x1b\[[<>][\d;]*[a-z]", "", written.decode(errors="ignore")))
    rows = [[screen.buffer[y][x] for x in range(120)] for y in range(40)]
    return [
        [(cell.data, cell.bg, cell.reverse, cell.data > " " and (cell.fg, cell.bold)) for cell in row] for row in rows
    ]


def test_a_draft_is_there_before_anything_that_is_typed(start, tmp_path):
    folder = tmp_path / "data" / "rillet"
    folder.mkdir(parents=True)
    leaving = "database.prompts.save_draft(None, 'half a thought ')"  # in a process that is no more
    opening = "from pathlib import Path; import sys; from tui.store.database import Database; database = Database.open(Path(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", f"{opening}; {leaving}; database.close()", folder / "sessions.db"], check=True
    )
    one = start()
    one.until(TAKEN)
    for letter in "more":
        one.press(letter)
        one.terminal.pump(0.02)
    one.see("half a thought more")
    one.see("ready")
    one.terminal.pump(0.2)
    assert one.composer().rstrip() == "half a thought more"
    assert all(
        row in {"Ask anything", *("half a thought more"[:end].rstrip() for end in range(14, 20))}
        for row in composer_rows(one.terminal.chunks)
    )


def test_enter_pressed_early_sends_what_was_typed_before_it_and_not_what_comes_after(start):
    one = start()
    one.until(TAKEN)
    for letter in "first\rnext":
        one.press(letter)
        one.terminal.pump(0.01)
    one.see("next")
    one.see(" rillet  first")
    one.terminal.pump(0.3)
    assert one.composer().rstrip() == "next"


def test_esc_pressed_early_is_a_key_of_its_own(start):
    one = start()
    one.until(TAKEN)
    for key in "a\x1bb":
        one.press(key)
        one.terminal.until_taken()
        one.terminal.pump(0.3)  # an Esc is told from the beginning of a sequence by time alone
    one.see("ready")
    one.see("ab")


def test_a_resize_during_the_start_is_followed(start):
    import fcntl
    import struct

    one = start()
    one.until(TAKEN)
    one.press("a")
    fcntl.ioctl(one.terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    one.until(b"\x1b[27;1H")  # the composer's row of 30
    one.press("b")
    one.see("ready")
    one.see(" › ab")
    assert one.terminal.live.text.split("\n")[26].startswith(" › ab")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL])
def test_a_signal_during_the_start_gives_the_terminal_back(start, number):
    one = start()
    one.until(TAKEN)
    one.press("a")
    one.see("› a")
    os.kill(one.terminal.pid, number)
    one.until(b"\x1b[?1049l")
    _, status = os.waitpid(one.terminal.pid, 0)
    if number != signal.SIGKILL:
        assert os.waitstatus_to_exitcode(status) == 128 + number
        assert termios.tcgetattr(one.terminal.fd)[3] & termios.ECHO


def test_ctrl_c_three_times_ends_a_start(start):
    one = start()
    one.until(TAKEN)
    for _ in range(3):
        one.press("\x03")
    one.until(b"\x1b[?1049l")
    assert os.waitstatus_to_exitcode(os.waitpid(one.terminal.pid, 0)[1]) in {0, 130}


HANGING = """
import sys, time
import tui.cli.command.chat
tui.cli.command.chat._open = lambda *_: print("waiting", end="", flush=True) or time.sleep(600)
from tui.__main__ import main
sys.argv[0] = "rillet"
main()
"""


def test_ctrl_c_three_times_ends_a_start_that_would_never_end(start):
    one = start(program=("-c", HANGING))
    one.until(b"waiting")
    for _ in range(3):
        one.press("\x03")
    one.until(b"\x1b[?1049l")
    assert os.waitstatus_to_exitcode(os.waitpid(one.terminal.pid, 0)[1]) == 130
    assert termios.tcgetattr(one.terminal.fd)[3] & termios.ECHO


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--effort", "nonsense"], b"invalid choice"),
        (["--session", "nonsense"], b"nonsense"),
        (["--endpoint", "nonsense"], b"exclude each other"),
    ],
)
def test_what_is_wrong_is_said_on_the_screen_that_stays(start, words, said):
    one = start("truecolor", *words)
    one.until(said)
    written = one.written
    assert written.count(TAKEN) == written.count(b"\x1b[?1049l")
    assert TAKEN not in written or written.index(said) > written.rindex(b"\x1b[?1049l")
    one.terminal.wait_for(lambda: one.terminal.ended, 60)


def test_settings_that_cannot_be_used_are_told_as_ever(start, tmp_path):
    (tmp_path / "config" / "rillet").mkdir(parents=True)
    (tmp_path / "config" / "rillet" / "config.toml").write_text('theme = "paper"\nnonsense = 1\n')
    one = start()
    one.see("settings cannot be used")
    one.terminal.type("\x11")
    one.terminal.wait_for(lambda: one.terminal.ended, 60)
    assert one.written.count(TAKEN) == one.written.count(b"\x1b[?1049l")


@pytest.mark.parametrize(
    "odd",
    [
        {"TERM": "dumb"},
        {"TERM": "unknown"},
        {"TERM": "xterm", "COLORTERM": ""},
        {"NO_COLOR": "1"},
        {"TEXTUAL_COLOR_SYSTEM": "nonsense"},
    ],
)
def test_in_an_odd_terminal_all_is_as_it_was(start, odd):
    one = start("truecolor", **odd)
    there = "ready" if odd.get("TERM", "xterm") == "xterm" else "Type a prompt"
    one.terminal.wait_for(lambda: one.terminal.ended or there in one.terminal.live.text, 60)
    assert one.terminal.ended or there in one.terminal.live.text
    first = one.written.partition(REAL)[0]
    assert b"sk anything" not in first


def test_the_first_frame_asks_once_and_what_is_answered_changes_colours_and_no_word(start):
    one = start()
    one.until(TAKEN)
    one.until(b"sk anything")
    first = one.written
    assert first.count(b"\x1b]11;?") == 1
    one.terminal.type("ab\x1bP>|T(1)\x1b\\\x1b]11;rgb:ffff/ffff/ffff\x1b")
    one.terminal.pump(0.05)
    one.terminal.type("\\\x1b[?6cc")
    one.until(b"48;2;251;250;247")  # paper's ground
    one.see("ready")
    one.terminal.type("d")
    one.see("› abcd")
    assert one.composer().rstrip() == "abcd"
    assert one.written.count(b"\x1b]11;?") == 1
    assert one.written.count(TAKEN) == 1
