"""What plain mode writes of a reply, however it was cut into deltas."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli.ask import Printer
from tui.cli.plain.terminal import LineTerminal
from tui.domain.delta import TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.wire.printable import printable

SIGNS = [
    *"ab1 .\n\r",
    *"שلم",
    "\u200e",
    "\u200f",
    "\u200d",
    "\u200c",
    "\xad",
    "\u0301",
    "👩",
    "💻",
    "\x1b",
    "\u202e",
    "<sub>",
]


def written(fragments):
    out = io.StringIO()
    terminal = LineTerminal(io.StringIO(), out)
    for fragment in fragments:
        terminal.stream(fragment)
    terminal.end_line()
    return out.getvalue()


@given(st.lists(st.lists(st.sampled_from(SIGNS), max_size=5).map("".join), max_size=8))
def test_a_reply_is_written_as_if_it_had_come_at_once(fragments):
    whole = printable("".join(fragments))
    assert written(fragments) == whole + ("" if whole.endswith("\n") or not whole else "\n")


@pytest.mark.parametrize(
    ("fragments", "words"),
    [
        (["שלום ", "\u200f(Python)", "\u200f עולם C", "++\u200e", "."], "שלום (Python) עולם C++.\n"),
        (["Donau\xad", "dampf"], "Donaudampf\n"),
        (["one\r", "\ntwo"], "one\ntwo\n"),
        (["H<sub>", "2</sub>O, <kbd>Ctrl</kbd>"], "H<sub>2</sub>O, <kbd>Ctrl</kbd>\n"),
    ],
)
def test_marks_at_the_edge_of_a_delta_are_not_spelled_out(fragments, words):
    assert written(fragments) == words


def test_what_waits_is_written_before_anything_else():
    out = io.StringIO()
    terminal = LineTerminal(io.StringIO(), out)
    terminal.stream("e")
    terminal.stream("\u0301")
    terminal.say("[stopped by you]")
    assert out.getvalue() == "e\u0301\n[stopped by you]\n"


class Screen(io.StringIO):
    """An output that is a terminal."""

    def isatty(self):
        return True


@given(st.lists(st.lists(st.sampled_from(SIGNS), max_size=5).map("".join), max_size=8))
def test_an_answer_in_the_shell_is_written_as_if_it_had_come_at_once(fragments):
    out = Screen()
    lines = Printer(out, io.StringIO())
    turn = Turn(Prompt("?"))
    for fragment in fragments:
        lines.delta(TextDelta(fragment), 0.0)
        turn.apply(TextDelta(fragment))
    turn.end(TurnState.STOPPED)
    lines.turn(turn)
    whole = printable("".join(fragments))
    assert out.getvalue() == whole + ("" if whole.endswith("\n") or not whole else "\n")
