"""What the terminal has shown, by its own word; and when a key can have come at the earliest."""

import threading
from types import SimpleNamespace

import pytest
from textual import events

from tui.ui.terminal import driver as driver_module
from tui.ui.terminal.driver import READ_SIZE, Driver
from tui.ui.terminal.key_wait import KeyWait
from tui.ui.terminal.keyboard import Keyboard
from tui.ui.terminal.receipt import ASK_RECEIPT, LEAVING_PATIENCE, RECENT_SECONDS, Owed, Receipt, Receipts


class Timers:
    def __init__(self):
        self.set = []

    def __call__(self, seconds, then):
        self.set.append(then)

    def end(self):
        for then in self.set:
            then()


@pytest.fixture
def asked():
    return []


@pytest.fixture
def timers():
    return Timers()


@pytest.fixture
def receipts(asked, timers):
    return Receipts(asked.append, timers)


def test_each_answer_is_for_the_oldest_question(receipts, asked):
    done = []
    receipts.when_shown(lambda: done.append("first"))
    receipts.when_shown(lambda: done.append("second"))
    assert asked == [ASK_RECEIPT, ASK_RECEIPT]
    assert done == []
    receipts.hear()
    assert done == ["first"]
    receipts.hear()
    receipts.hear()
    assert done == ["first", "second"]


def test_a_terminal_that_answers_nothing_is_not_waited_for_for_ever(receipts, timers):
    done = []
    receipts.when_shown(lambda: done.append("first"))
    timers.end()
    timers.end()
    assert done == ["first"]


def test_a_late_answer_counts_for_no_later_question(receipts, timers):
    done = []
    receipts.when_shown(lambda: done.append("first"))
    timers.end()
    receipts.when_shown(lambda: done.append("second"))
    receipts.hear()
    assert done == ["first"]
    receipts.hear()
    assert done == ["first", "second"]


def test_it_is_asked_again_when_another_program_had_the_terminal(receipts, asked, timers):
    done = []
    receipts.when_shown(lambda: done.append("first"))
    timers.end()
    receipts.when_shown(lambda: done.append("second"))
    asked.clear()
    receipts.ask_again()
    assert asked == [ASK_RECEIPT]
    receipts.hear()
    assert done == ["first", "second"]


def test_the_terminal_s_answer_is_no_key():
    (message,) = Keyboard().feed("\x1b[0n")
    assert isinstance(message, Receipt)


def test_whoever_leaves_waits_for_what_the_shell_would_get_but_not_for_long():
    waited = []
    owed = Owed(lambda: 100.0)
    owed._has_come = SimpleNamespace(wait=waited.append, set=lambda: waited.append("came"), clear=lambda: None)
    owed.wait()
    assert waited == []
    owed.note("words")
    owed.note(ASK_RECEIPT)
    owed.note(ASK_RECEIPT)
    owed.take()
    owed.wait()
    assert waited == [LEAVING_PATIENCE]
    owed.wait()
    owed.note(ASK_RECEIPT)
    owed.take()
    owed.take()
    owed.wait()
    assert waited == [LEAVING_PATIENCE, "came", "came"]


def test_it_is_looked_for_keys_often_once_a_question_was_put():
    now = 50_000.0
    owed = Owed(lambda: now)
    seldom = owed.look_seconds
    owed.note("anything else")
    assert owed.look_seconds == seldom
    owed.note(ASK_RECEIPT)
    assert owed.look_seconds < seldom
    owed.take()
    now += RECENT_SECONDS - 1
    assert owed.look_seconds < seldom, "it may still be open"
    now += 2
    assert owed.look_seconds == seldom


class Script:
    """A terminal and a clock for the thread that reads keys: steps of a time, and what has come by then, if anything."""

    def __init__(self, monkeypatch, *steps):
        self.steps = list(steps)
        self.now = 0.0
        self.heard = []
        self.driver = Driver.__new__(Driver)
        self.driver.fileno = -1
        self.driver.exit_event = KeyWait()
        self.driver.exit_event.has_sent = self.has_sent
        self.driver._owed = Owed(lambda: self.now)
        self.driver._owed.note(ASK_RECEIPT)  # a question was put, so that times matter
        self.driver._may_read = threading.Event()
        self.driver._may_read.set()
        self.driver._keyboard = None
        self.driver._probe = SimpleNamespace(is_open=False, news=lambda: None)
        self.driver._decode = bytes.decode
        self.driver.process_message = self.heard.append
        monkeypatch.setattr(driver_module, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(driver_module, "os", SimpleNamespace(read=lambda _fd, _size: self.data))
        self.driver.run_input_thread()

    def has_sent(self, _terminal, _seconds):
        self.now, self.data = self.steps.pop(0)
        if not self.steps:
            self.driver.exit_event.set()
        return bool(self.data)

    @property
    def times(self):
        return [(message.key, message.time) for message in self.heard if isinstance(message, events.Key)]


def test_a_key_can_have_come_since_nothing_waited_to_be_read(monkeypatch):
    script = Script(monkeypatch, (10.0, b""), (10.1, b""), (10.15, b"a"), (10.2, b"b"), (12.0, b""))
    assert script.times == [("a", pytest.approx(10.1)), ("b", pytest.approx(10.15))]


def test_a_key_that_is_read_late_is_known_to_be_old(monkeypatch):
    # The look at 10.1 ends at 70: this process had no time, and of that minute it knows nothing.
    script = Script(monkeypatch, (10.0, b""), (10.1, b""), (70.0, b""), (70.1, b"a"))
    assert script.times == [("a", pytest.approx(10.2))]


def test_what_was_there_before_the_first_look_came_at_no_time_that_is_known(monkeypatch):
    script = Script(monkeypatch, (10.0, b"a"))
    assert script.times == [("a", 0.0)]


def test_more_than_is_read_at_once_is_all_as_old_as_its_beginning(monkeypatch):
    script = Script(monkeypatch, (10.0, b""), (50.0, b"x" * READ_SIZE), (50.1, b"a"))
    assert script.times[-1] == ("a", pytest.approx(0.1))


def test_a_sequence_in_two_pieces_is_as_old_as_the_first(monkeypatch):
    script = Script(monkeypatch, (10.0, b""), (20.0, b"\x1b["), (30.0, b"A"))
    assert script.times == [("up", pytest.approx(0.1))]
