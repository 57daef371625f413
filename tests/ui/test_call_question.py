"""What counts as an answer to the question whether a call may run, and from when on."""

import pytest

from tui.chat.call_view import CallView
from tui.cli.plain import call as plain
from tui.domain.tool_call import ToolCall
from tui.tools.approval import ARMING_DELAY
from tui.ui.action.table import BY_ID
from tui.ui.panes.call_question import ALLOW_IT, TELL_IT, CallQuestion

BEFORE = ARMING_DELAY - 0.01
AFTER = ARMING_DELAY + 0.01


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


class Terminal:
    """Takes what is to be done once something has been shown, and shows it when told to."""

    def __init__(self):
        self.asked = []

    def when_shown(self, then):
        self.asked.append(then)

    def show(self):
        asked, self.asked = self.asked, []
        for then in asked:
            then()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def terminal():
    return Terminal()


@pytest.fixture
def question(clock, terminal):
    return CallQuestion(terminal.when_shown, clock)


def waiting():
    return CallView(ToolCall(0, id="call_1", name="pay"), "waiting")


def test_a_yes_counts_only_a_moment_after_the_terminal_has_shown_the_end(question, clock, terminal):
    assert question.put(waiting())
    clock.now += 1000
    assert not question.accepts(clock.now), "nothing was painted"
    question.paint(0, lambda: None)
    clock.now += 1000
    assert not question.accepts(clock.now), "the terminal has not shown it"
    terminal.show()
    assert not question.accepts(clock.now + BEFORE)
    assert question.accepts(clock.now + AFTER)


def test_a_no_counts_when_the_beginning_was_shown_and_a_yes_when_the_end_was(question, clock, terminal):
    question.put(waiting())
    question.paint(12, lambda: None)
    terminal.show()
    clock.now += AFTER
    assert question.is_armed
    assert question.unseen == "12 more lines"
    question.paint(1, lambda: None)
    assert question.unseen == "1 more line"
    question.paint(0, lambda: None)
    question.paint(0, lambda: None)
    assert len(terminal.asked) == 1
    clock.now += 1000
    assert not question.is_armed, "the terminal has not shown the end"
    assert not question.accepts(clock.now)
    terminal.show()
    assert not question.accepts(clock.now), "it was pressed before the end was shown"
    assert question.accepts(clock.now + AFTER)


def test_the_answer_for_a_question_that_is_over_counts_for_no_other(question, clock, terminal):
    question.put(waiting())
    question.paint(0, lambda: None)
    question.put(waiting())
    terminal.show()
    clock.now += 1000
    assert question.unseen
    assert not question.is_armed
    assert not question.accepts(clock.now)


def test_a_question_that_is_put_anew_is_shown_anew(question, clock, terminal):
    view = waiting()
    question.put(view)
    question.paint(0, lambda: None)
    terminal.show()
    clock.now += AFTER
    assert question.is_armed
    assert not question.put(view), "the same question"
    question.forget_view()
    assert question.put(view)
    assert not question.is_armed


@pytest.mark.parametrize(
    ("state", "keys"),
    [
        ("waiting", ("calls.approve", "calls.approve_tool", "calls.deny", "calls.edit")),
        ("arriving", ("calls.deny",)),
        ("running", ()),
        ("denied", ()),
        ("done", ("calls.again",)),
        ("failed", ("calls.again",)),
    ],
)
def test_only_what_can_still_be_done_with_a_call_is_offered(question, state, keys):
    view = CallView(ToolCall(0, id="call_1", name="pay"), state)
    question.unseen = ""
    assert question.decisions(view) == keys


def test_a_person_decides_in_the_same_words_on_the_screen_and_in_plain_mode():
    words = [BY_ID[f"calls.{name}"].short.capitalize() for name in ("approve", "approve_tool", "deny", "edit")]
    assert words == ["Run once", "Allow for this session", "Deny", "Edit"]
    assert tuple(words) == plain.CHOICES
    assert [ALLOW_IT.word.capitalize(), words[2]] == list(plain.APPROVALS)
    assert [TELL_IT.word.capitalize(), words[2]] == list(plain.UNREADABLE)
