"""`rillet keys` tells what the terminal sends, and gives the terminal back."""

import codecs
import os
import pty
import select
import subprocess
import sys
import termios
import time

from tui.ui.action.keymap import DEFAULT
from tui.ui.drawing import describe_drawing
from tui.ui.terminal.answer import Answers
from tui.ui.terminal.key_report import describe
from tui.ui.terminal.keyboard import Keyboard
from tui.ui.terminal.tmux import read_outside

ANSWERS = "\x1bP>|XTerm(379)\x1b\\\x1b]11;rgb:ffff/fafa/f0f0\x1b\\\x1b[?2026;2$y\x1b[?0u\x1b[?64;4;22c"


def read_until(terminal: int, words: str, came: str = "") -> str:
    until, decoder = time.monotonic() + 60, codecs.getincrementaldecoder("utf-8")()
    while words not in came or decoder.getstate()[0]:  # a read may end within a character
        assert time.monotonic() < until, came
        if select.select([terminal], [], [], 1)[0]:
            came += decoder.decode(os.read(terminal, 4096))
    return came


def test_each_key_is_told_with_what_it_does_and_the_terminal_is_given_back(tmp_path):
    ours, its = pty.openpty()
    before = termios.tcgetattr(its)
    command = [sys.executable, "-m", "tui", "keys"]
    environ = {**os.environ, "HOME": str(tmp_path), "TERM": "xterm-256color"}
    child = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environ, close_fds=True)
    try:
        came = read_until(ours, "\x1b[c")
        os.write(ours, ANSWERS.encode())
        came = read_until(ours, "\x1b[?1036h")
        assert "XTerm(379)" in came
        assert "background  light" in came
        os.write(ours, b"\x1br")
        came = read_until(ours, "chat.retry")
        assert "ESC r" in came
        os.write(ours, b"\x03")
        read_until(ours, "Ctrl+C")
        os.write(ours, b"\x03")
        came = read_until(ours, "\x1b[?2004l")
        assert child.wait(30) == 0
        assert termios.tcgetattr(its) == before
        assert "\x1b[<u" in came
    finally:
        child.kill()
        child.wait()
        os.close(ours)
        os.close(its)


def test_a_key_that_means_nothing_here_is_told_as_that():
    keyboard = Keyboard()
    sent = "\x1b[57441;2u"
    assert list(describe(sent, list(keyboard.feed(sent)), DEFAULT)) == [
        "ESC [57441;2u                  nothing that rillet uses"
    ]


def test_a_paste_is_counted_and_not_printed():
    sent = "\x1b[200~secret words\x1b[201~"
    (line,) = describe(sent, list(Keyboard().feed(sent)), DEFAULT)
    assert line.endswith("a paste of 12 characters")


def test_answers_are_read_in_any_pieces_and_what_is_typed_meanwhile_stays():
    for cut in range(len(ANSWERS)):
        answers, rest = Answers(), ""
        for piece in (ANSWERS[:cut], ANSWERS[cut:]):
            rest = answers.read(rest + piece)
        assert rest == ""
        assert (answers.version, answers.is_light, answers.has_sync) == ("XTerm(379)", True, True)
        assert (answers.kitty_flags, answers.has_sixel, answers.is_done) == (0, True, True)
    assert Answers().read("hi" + ANSWERS + "there") == "hithere"


def test_a_terminal_that_never_shows_frames_at_once_is_not_taken_for_one_that_does():
    answers = Answers()
    answers.read("\x1b[?2026;4$y\x1b[?6c")
    assert not answers.has_sync
    assert answers.is_light is None
    assert not answers.has_sixel


def test_how_images_are_shown_is_told_as_rillet_does_it():
    kitty = read_outside("kitty(0.40.1)\t256,RGB\ton")
    shut = read_outside("kitty(0.40.1)\t256,RGB\toff")
    sixel = Answers(has_sixel=True, cell=(8, 16))
    assert describe_drawing(Answers(cell=(8, 16)), kitty).startswith("by kitty's protocol, through tmux")
    assert describe_drawing(sixel, shut) == f"none: {shut.lack}"
    assert describe_drawing(sixel, read_outside("XTerm(379)\t256,sixel\toff")).startswith("as sixels")
    assert describe_drawing(sixel, read_outside("XTerm(379)\t256\toff")) == "none: a line says what each is"
    assert describe_drawing(Answers(has_kitty_images=True, cell=(8, 16)), None).startswith("by kitty's protocol")
    konsole = Answers(version="Konsole 25.04", has_kitty_images=True, has_sixel=True, cell=(8, 16))
    assert describe_drawing(konsole, None).startswith("as sixels"), "its kitty protocol leaves parts out"
