"""Whoever waits for keys is woken by what is sent, and by the end."""

import os
import threading
import time

from tui.ui.terminal.key_wait import KeyWait


def test_what_is_sent_is_told_and_nothing_else():
    wait = KeyWait()
    terminal, keys = os.pipe()
    assert not wait.has_sent(terminal, 0)
    os.write(keys, b"a")
    assert wait.has_sent(terminal, 60)
    os.close(keys)
    os.read(terminal, 1)
    assert wait.has_sent(terminal, 60), "also that the terminal has gone"


def test_the_end_wakes_whoever_waits_and_a_new_beginning_waits_again():
    wait = KeyWait()
    terminal, _keys = os.pipe()
    waits, ended = threading.Event(), []

    def look():
        while not wait.is_set():
            waits.set()
            wait.has_sent(terminal, 60)
        ended.append(time.monotonic())

    thread = threading.Thread(target=look)
    thread.start()
    waits.wait(60)
    began = time.monotonic()
    wait.set()
    thread.join(60)
    assert ended[0] - began < 30
    wait.clear()
    assert not wait.has_sent(terminal, 0.001) and not wait.is_set()
