"""The probe: what the terminal says of itself is used, and is never taken for something that was typed."""

import pytest
from rich.color import ColorSystem

from tests.ui.fake import reply
from tui.ui.start.early.echo import Echo, ground_in
from tui.ui.start.early.screen import _is_answered
from tui.ui.terminal.answer import Answers
from tui.ui.terminal.keyboard import ANSWERED, Keyboard, TerminalReport
from tui.ui.terminal.probe import PATIENCE, Probe, TerminalTold
from tui.ui.terminal.question import ASK_ATTRIBUTES, ASK_COLOURS, ASK_IMAGES, questions
from tui.ui.terminal.screen_diff import ScreenDiff

KITTY = (
    "\x1bP>|kitty(0.41.1)\x1b\\",
    "\x1b]11;rgb:fbfb/fafa/f7f7\x1b\\",
    "\x1b[?2026;2$y",
    "\x1b[?0u",
    *(f"\x1b[2;{1 + cells}R" for cells in (2, 8, 2, 2, 2)),
    "\x1bP1$r0;48:2:1:2:3m\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b[6;20;9t",
    "\x1b[?62;4;52c",
)
LIGHT = "\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[?6c"


def read(text, clock=float):
    keyboard = Keyboard(clock)
    return [*keyboard.feed(text)]


def typed(messages):
    return "".join(getattr(message, "character", "") or "" for message in messages)


def told(*words):
    answers = Answers()
    for each in words:
        answers.read(each)
    return answers


def test_answers_that_come_while_typing_are_no_text_in_whatever_pieces_they_come():
    sent = "he" + "".join(KITTY) + "llo"
    for cut in range(len(sent)):
        now = [0.0]
        keyboard = Keyboard(lambda now=now: now[0])
        keyboard.expects_answers = True
        messages = [*keyboard.feed(sent[:cut])]
        now[0] = ANSWERED * 0.9  # the rest comes late
        messages += [*keyboard.tick(), *keyboard.feed(sent[cut:])]
        assert typed(messages) == "hello"
        reports = told(*(message.words for message in messages if isinstance(message, TerminalReport)))
        assert reports.is_done
        assert reports.is_light


def test_an_esc_is_a_key_as_quickly_as_ever_once_all_is_answered():
    now = [0.0]
    keyboard = Keyboard(lambda: now[0])
    assert [*keyboard.feed("\x1b")] == []
    now[0] = ANSWERED * 0.9
    assert [getattr(message, "key", "") for message in keyboard.tick()] == ["escape"]


def test_what_the_first_frame_shows_is_what_was_typed_and_no_answer():
    sent = ("he" + "".join(KITTY) + "llo").encode()
    for cut in range(len(sent)):
        echo = Echo(60)
        echo.feed(sent[:cut])
        echo.feed(sent[cut:])
        assert (echo.text, echo.is_over) == ("hello", False)


@pytest.mark.parametrize(
    ("answer", "ground"),
    [
        ("\x1b]11;rgb:ffff/ffff/ffff\x07", "light"),
        ("ab\x1b]11;rgb:15/17/1c\x1b\\c", "dark"),
        ("\x1b]11;rgba:ffff/ffff/ffff/ffff\x1b\\", "light"),
        ("\x1b]11;rgb:ffff/ffff/ff", ""),
        ("\x1b]11;rgb:///\x07", ""),
        ("typed", ""),
    ],
)
def test_the_first_frame_is_told_the_background_as_the_real_screen_is(answer, ground):
    assert ground_in(answer.encode()) == ground
    answers = told(answer)
    assert answers.is_light == {"light": True, "dark": False, "": None}[ground]


def test_the_first_frame_knows_when_all_is_answered():
    assert not _is_answered("".join(KITTY[:-1]).encode())
    assert _is_answered("".join(KITTY).encode())


def test_everything_that_is_answered_is_understood():
    answers = told("".join(KITTY))
    assert (answers.version, answers.has_true_colour, answers.cell) == ("kitty(0.41.1)", True, (9, 20))
    assert (answers.has_kitty_images, answers.has_sixel, answers.takes_clipboard) == (True, True, True)
    assert answers.widths == (2, 8, 2, 2, 2)
    assert not answers.agrees_on_signs
    assert told("\x1b[?997;2n").is_light
    assert told(LIGHT, "\x1b[?997;1n").is_light is False
    assert told("\x1bP0$r\x1b\\").has_true_colour is False
    assert told("\x1b_Gi=31;ENOTSUP:no\x1b\\").has_kitty_images is False


def test_nothing_is_asked_that_a_terminal_or_multiplexer_would_show():
    everything = questions({"TERM": "xterm-256color"})
    assert everything.endswith(ASK_ATTRIBUTES)
    assert ASK_IMAGES in everything
    in_screen = questions({"TERM": "screen.xterm-256color", "STY": "1.x"})
    assert not {"\x1bP", "\x1b_"} & {in_screen[at : at + 2] for at in range(len(in_screen))}
    in_tmux = questions({"TERM": "tmux-256color", "TMUX": "/tmp/t"})
    assert "\x1b_" not in in_tmux
    assert ASK_COLOURS in in_tmux
    assert "$" not in questions({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"})
    assert questions({"TERM": "linux"}) == ""


def test_a_terminal_that_never_answers_is_waited_for_once_and_not_for_long():
    now = [0.0]
    probe = Probe(lambda: now[0])
    assert not probe.is_open
    probe.begin()
    assert probe.is_open
    now[0] = PATIENCE
    assert not probe.is_open
    probe.wait()
    assert probe.news() is None


def test_late_answers_are_told_too_and_nothing_is_told_twice():
    probe = Probe(float)
    probe.begin()
    probe.take("\x1b[?62c")
    assert not probe.is_open
    assert probe.news().answers.is_done
    assert probe.news() is None
    probe.take("\x1b]11;rgb:ffff/ffff/ffff\x1b\\")  # from the terminal behind a multiplexer that has answered
    assert probe.news().answers.is_light
    assert probe.news() is None


async def test_without_a_theme_chosen_the_screen_is_as_light_as_the_terminal_and_follows_it(open_screen):
    async with open_screen(reply("word")) as screen:
        assert screen.app.look.name == "ink"
        screen.app.post_message(TerminalTold(told(LIGHT)))
        await screen.until(lambda: screen.app.look.name == "paper")
        assert screen.program.choices.ground == "light"
        screen.app.post_message(TerminalTold(told(LIGHT, "\x1b[?997;1n")))
        await screen.until(lambda: screen.app.look.name == "ink")
        screen.chat.settings.use_theme("contrast")
        screen.app.post_message(TerminalTold(told(LIGHT)))
        await screen.until(lambda: screen.app.following.answers.ground is not None)
        await screen.pilot.pause()
        assert screen.app.look.name == "contrast"
        screen.chat.settings.use_theme("auto")
        assert screen.app.look.name == "paper"
        screen.app.console._color_system = ColorSystem.EIGHT_BIT
        screen.app.post_message(TerminalTold(told("".join(KITTY))))
        await screen.until(lambda: screen.app.console.color_system == "truecolor")


def test_where_the_terminal_counts_emoji_alike_their_rows_are_written_like_others():
    sure, unsure = ScreenDiff(), ScreenDiff()
    sure.trust_signs(does=told(*(f"\x1b[2;{1 + cells}R" for cells in (2, 2, 2, 2, 2))).agrees_on_signs)
    assert unsure._is_unsure("😀")
    assert not sure._is_unsure("😀")
    assert sure._is_unsure("क्षि")
