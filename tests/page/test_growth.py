"""What a reply says has changed is all that looks different."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.delta import TextDelta
from tui.domain.turn import Prompt, Turn
from tui.page.reply import ReplyEntry
from tui.ui.action.keymap import DEFAULT

PIECES = [
    "word ",
    "wo",
    "rd",
    ". ",
    ", and ",
    " ",
    "-",
    "*",
    "**",
    "`",
    "[a](https://a.b/c)",
    "https://a.b",
    ".c",
    "\n",
]
PIECES += [
    "\n\n",
    "- ",
    "1. ",
    "> ",
    "[x] ",
    "# ",
    "```\n",
    "| a | b |\n|---|---|\n",
    "字",
    "“”",
    "ש",
    "x" * 30,
    "&amp;",
]


@given(st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from([9, 24, 70]))
@settings(max_examples=150, deadline=None)
def test_rows_before_the_first_that_changed_stay_as_they_are(pieces, width):
    turn = Turn(Prompt("hello"))
    entry = ReplyEntry(turn, DEFAULT)
    entry.set_width(width)
    entry.ensure()
    shown = []
    for piece in pieces:
        turn.apply(delta := TextDelta(piece))
        entry.grow([delta], lambda: True)
        first = entry.take_changed()
        shown[first:] = [list(entry.line(row)) for row in range(first, entry.height)]
        assert shown == [entry.line(row) for row in range(entry.height)]
    whole = ReplyEntry(turn, DEFAULT)
    whole.set_width(width)
    whole.ensure()
    assert shown[2:] == [whole.line(row) for row in range(whole.height)][2:] or not pieces
