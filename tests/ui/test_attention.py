"""Calls for attention: only where nobody looks, in the words that the terminal knows, and never driving it."""

import pytest

from tests.ui.fake import Gate, reply
from tui.domain.delta import FinishDelta, TextDelta
from tui.store.settings import Settings
from tui.ui.terminal.attention import BACK, call_for_attention


@pytest.mark.parametrize(
    ("environ", "sequence"),
    [
        ({"TERM_PROGRAM": "iTerm.app"}, "\x1b]9;done\x07"),
        ({"TERM": "xterm-kitty"}, "\x1b]9;done\x07"),
        ({"TERM": "foot"}, "\x1b]777;notify;rillet;done\x07"),
        ({"VTE_VERSION": "7600", "TERM": "xterm-256color"}, "\x1b]777;notify;rillet;done\x07"),
        ({"TERM": "tmux-256color", "TMUX": "x", "TERM_PROGRAM": "WezTerm"}, "\x1bPtmux;\x1b\x1b]9;done\x07\x1b\\"),
        ({"TERM": "screen", "STY": "x", "TERM_PROGRAM": "WezTerm"}, ""),
        ({"TERM": "xterm"}, ""),
    ],
)
def test_a_terminal_is_called_in_the_words_it_knows(environ, sequence):
    assert call_for_attention("done", environ) == f"\x07\x1b[22;2t\x1b]2;done\x07{sequence}"


def test_foreign_words_drive_no_terminal():
    written = call_for_attention("a\x1b]52;c;x\x07b\nc", {"TERM": "foot"})
    assert written.count("\x1b") == 3
    assert "\n" not in written
    assert written.count(";") == 5


@pytest.mark.parametrize(("notifies", "looks", "calls"), [(True, False, 1), (True, True, 0), (False, False, 0)])
async def test_the_end_of_a_reply_calls_where_nobody_looks(open_screen, notifies, looks, calls):
    gate = Gate()
    script = [TextDelta("one"), gate, FinishDelta("stop")]
    async with open_screen(script, reply("two"), settings=Settings(notify=notifies)) as screen:
        app, written = screen.chat.app, []
        app.attention._write = written.append
        await screen.say("first")
        await gate.reached.wait()
        app.app_focus = looks
        gate.open()
        await screen.settled()
        assert len([each for each in written if "the reply is ready" in each]) == calls
        app.on_app_focus()
        assert (BACK in written) == bool(calls)
