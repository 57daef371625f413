"""What terminals send, byte for byte, and what it means; and whatever else comes, that nothing breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.messages import TerminalSupportsSynchronizedOutput

from tui.ui.terminal.keyboard import Keyboard


def read(*pieces: str) -> list:
    """What these reads mean, a long time after the last of them."""
    now = 0.0
    keyboard = Keyboard(lambda: now)
    heard = [message for piece in pieces for message in keyboard.feed(piece)]
    now = 10.0
    return [*heard, *keyboard.tick()]


def keys(*pieces: str) -> list[str]:
    return [event.key for event in read(*pieces) if isinstance(event, events.Key)]


def types(*pieces: str) -> str:
    """What is typed into a prompt."""
    events_ = [event for event in read(*pieces) if isinstance(event, events.Key)]
    return "".join(event.character for event in events_ if event.is_printable)


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        # xterm
        ("\x1b[27;2;13~", "shift+enter"),
        ("\x1b[27;5;13~", "ctrl+enter"),
        ("\x1b[27;2;9~", "shift+tab"),
        ("\x1b[27;5;127~", "ctrl+backspace"),
        ("\x1b[1;3D", "alt+left"),
        ("\x1b[1;5D", "ctrl+left"),
        ("\x1b[1;2R", "shift+f3"),
        ("\x1bOP", "f1"),
        ("\x1br", "alt+r"),
        ("\x1bR", "alt+shift+r"),
        ("\x1b.", "alt+full_stop"),
        ("\x1b1", "alt+1"),
        ("\x1b\r", "alt+enter"),
        ("\x1b\x7f", "alt+backspace"),
        ("\x1b[Z", "shift+tab"),
        ("\x1b[6;5~", "ctrl+pagedown"),
        ("\x03", "ctrl+c"),
        ("\r", "enter"),
        ("\n", "ctrl+j"),
        ("\x1f", "ctrl+underscore"),
        # kitty, foot, alacritty 0.15
        ("\x1b[13;2u", "shift+enter"),
        ("\x1b[13;5u", "ctrl+enter"),
        ("\x1b[13;3u", "alt+enter"),
        ("\x1b[114;3u", "alt+r"),
        ("\x1b[114;3;114u", "alt+r"),
        ("\x1b[114:82;4;82u", "alt+shift+r"),
        ("\x1b[27u", "escape"),
        ("\x1b[P", "f1"),
        ("\x1b[9;2u", "shift+tab"),
        ("\x1b[127;5u", "ctrl+backspace"),
        ("\x1b[99;5u", "ctrl+c"),
        ("\x1b[99;69u", "ctrl+c"),  # with caps lock
        ("\x1b[99:67;6u", "ctrl+shift+c"),
        ("\x1b[45:95;6u", "ctrl+underscore"),
        ("\x1b[91;5u", "escape"),
        ("\x1b[57417;3u", "alt+left"),
        ("\x1b[57414u", "enter"),
        ("\x1b[13;2:1u", "shift+enter"),
        ("\x1b[1;1:2D", "left"),
        ("\x1b[5;3:1~", "alt+pageup"),
        # kitty with other alphabets: С and к in Russian, ψ in Greek, ב in Hebrew
        ("\x1b[1089::99;5u", "ctrl+c"),
        ("\x1b[1082:1050:114;3u", "alt+r"),
        ("\x1b[1082::114;3;1082u", "alt+r"),
        ("\x1b[968::99;5u", "ctrl+c"),
        ("\x1b[1489::99;5:1u", "ctrl+c"),
        # other alphabets where only the letter is told: к in Russian, ν in Greek, ח in Hebrew, ر in Arabic
        ("\x1bк", "alt+r"),
        ("\x1bК", "alt+shift+r"),
        ("\x1bν", "alt+n"),
        ("\x1bח", "alt+j"),
        ("\x1bر", "alt+v"),
        ("\x1b[1082;3u", "alt+r"),
        ("\x1b[122::121;5u", "ctrl+z"),  # a German keyboard, where z is what is meant
        # urxvt
        ("\x1b\x1b[D", "alt+left"),
        ("\x1b\x1b[A", "alt+up"),
        ("\x1bOd", "ctrl+left"),
        ("\x1bOb", "ctrl+down"),
        ("\x1b[d", "shift+left"),
        ("\x1b[11~", "f1"),
        ("\x1b[7^", "ctrl+home"),
        ("\x1b[3$", "shift+delete"),
        ("\x1b[5@", "ctrl+shift+pageup"),
        ("\x1b\x1b[5~", "alt+pageup"),
        # konsole, the Linux console, others
        ("\x1bOM", "shift+enter"),
        ("\x1b[[A", "f1"),
        ("\x1b\t", "shift+tab"),
        ("\x1bO5D", "ctrl+left"),
        ("\x1b[25~", "f13"),
    ],
)
def test_a_key_is_itself_as_terminals_send_it_and_types_nothing(sent, key):
    assert keys(sent) == [key]
    assert keys(*sent) == [key], "cut into single characters"
    assert types(sent) == ""


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("ö漢👍 a", "ö漢👍 a"),
        ("\x1b[97;;97u", "a"),
        ("\x1b[97:65;2;65u", "A"),
        ("\x1b[97;2u", "A"),
        ("\x1b[97u", "a"),
        ("\x1b[64;1;64u", "@"),  # AltGr+Q
        ("\x1b[57453u\x1b[64;;64u", "@"),
        ("\x1b[111;3;248u", "ø"),  # Option+O on a Mac
        ("\x1b[0;;233u", "é"),  # composed
        ("\x1b[57400;129;49u", "1"),
        ("\x1b[57410u", "/"),
        ("\x1b[32;2u", " "),
        ("\x1b[1089:1057:99;2;1057u", "С"),
        ("\x1bOp", "0"),
    ],
)
def test_what_is_typed_is_typed(sent, text):
    assert types(sent) == text
    assert types(*sent) == text


@pytest.mark.parametrize(
    "sent",
    [
        "\x1b[57441;2u",  # Shift alone
        "\x1b[99;5:3u",  # let go
        "\x1b[99999999999999999999;5u",
        "\x1b[1114112;;1114112:55296u",
        "\x1b[:::;:;:u",
        "\x1b[" + "9" * 250 + ";" + "9" * 5 + "A",
        "\x1b[12;40R",
        "\x1b[?1;2c",
        "\x1b[?2048;2$y",
        "\x1b[48;24;80;0;0t",
        "\x1b]11;rgb:1515/1717/1c1c\x1b\\",
        "\x1bP>|XTerm(398)\x1b\\",
        "\x1b[<128;3;4M",
        "\x1b[<0;99999999;4M",
        "\x1b[M ab",
        "\x1b[<35;20",  # never finished
        "\x1b]52;c;",
        "\x9b\x85",
    ],
)
def test_what_is_no_key_does_nothing(sent):
    assert keys(sent) == []


def test_esc_is_esc_once_nothing_has_followed_it():
    now = 0.0
    keyboard = Keyboard(lambda: now)
    assert list(keyboard.feed("\x1b")) == []
    assert keyboard.is_waiting
    now = 0.05
    assert list(keyboard.tick()) == []
    now = 0.2
    assert [event.key for event in keyboard.tick() if isinstance(event, events.Key)] == ["escape"]
    assert not keyboard.is_waiting
    assert keys("\x1b\x1b") == ["escape", "escape"]
    assert keys("\x1b[") == ["alt+left_square_bracket"]
    assert keys("\x1bO") == ["alt+shift+o"]
    assert keys("\x1b\x03") == ["escape", "ctrl+c"]
    assert keys("\x1b[12\x1b[Ax") == ["up", "x"]


def test_a_slow_line_may_cut_a_sequence_anywhere():
    now = 0.0
    keyboard = Keyboard(lambda: now)
    heard = []
    for character in "\x1b[<64;10;12M":
        heard += keyboard.feed(character)
        if len(heard) == 0 and character not in "\x1b[":
            now += 0.3
            heard += keyboard.tick()
    assert [type(message) for message in heard] == [events.MouseScrollUp]


def test_a_paste_is_a_paste_whatever_stands_in_it():
    inside = "one\r\x1b[A\x1b]" + "x" * 50 + "\x1b[I\x1b[48;1;1;1;1t\x1b[201 \x1b"
    for pieces in ([f"a\x1b[200~{inside}\x1b[201~b"], f"a\x1b[200~{inside}\x1b[201~b"):
        heard = read(*pieces)
        assert [type(message) for message in heard] == [events.Key, events.Paste, events.Key]
        assert heard[1].text == inside


@pytest.mark.parametrize(("answer", "is_synced"), [(0, False), (1, True), (2, True), (3, True), (4, False)])
def test_output_is_synchronized_where_the_terminal_says_that_it_can_be(answer, is_synced):
    heard = read(f"\x1b[?2026;{answer}$y")
    assert [type(message) for message in heard] == [TerminalSupportsSynchronizedOutput] * is_synced


def test_the_mouse_and_the_focus_are_told():
    heard = read("\x1b[<0;3;4M\x1b[<32;5;4M\x1b[<0;5;4m\x1b[<65;5;4M\x1b[I\x1b[O")
    names = [type(message).__name__ for message in heard]
    assert names == ["MouseDown", "MouseMove", "MouseUp", "MouseScrollDown", "AppFocus", "AppBlur"]
    assert (heard[0].x, heard[0].y, heard[0].button) == (2, 3, 1)


PIECES = st.lists(
    st.sampled_from(["\x1b", "[", "]", "O", "P", "M", ";", ":", "<", "?", "$", "u", "~", "R", "\x07", "\\", "é", "\0"])
    | st.integers(0, 1_200_000).map(str)
    | st.text(max_size=3),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(("term", "key"), [("st-256color", "delete"), ("xterm-kitty", "f1"), ("xterm-256color", "f1")])
def test_what_st_sends_for_delete_is_f1_elsewhere(term, key):
    assert [getattr(event, "key", "") for event in Keyboard(term=term).feed("\x1b[P")] == [key]


@given(st.lists(PIECES, max_size=4))
def test_nothing_that_can_be_sent_breaks_it(pieces):
    read(*pieces)


@given(PIECES)
def test_the_pieces_in_which_it_arrives_change_nothing(text):
    def told(messages: list) -> list:
        return [(type(message), getattr(message, "key", getattr(message, "text", ""))) for message in messages]

    assert told(read(text)) == told(read(*text))
