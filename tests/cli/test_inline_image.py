"""Images in the terminal itself."""

import base64
import re

import pytest

from tui.cli.inline_image import inline_image

PNG = b"\x89PNG\r\n\x1a\n" + bytes(9000)
URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


def test_kitty_is_given_a_png_in_pieces():
    shown = inline_image(URL, {"TERM": "xterm-kitty"})
    pieces = re.findall(r"\x1b_G([^;]*);([A-Za-z0-9+/=]*)\x1b\\", shown)
    assert base64.b64decode("".join(piece for _, piece in pieces)) == PNG
    assert [keys[-3:] for keys, _ in pieces] == ["m=1", "m=1", "m=0"]
    assert inline_image("data:image/webp;base64,UklGRg==", {"TERM": "xterm-kitty"}) == ""


def test_others_are_given_the_whole_file():
    shown = inline_image(URL, {"TERM_PROGRAM": "WezTerm"})
    assert shown.startswith("\x1b]1337;File=inline=1;")
    assert base64.b64decode(shown.partition(":")[2].rstrip("\x07\n")) == PNG


@pytest.mark.parametrize(
    ("url", "environ"),
    [
        (URL, {"TERM": "xterm-256color"}),
        (URL, {"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}),
        ("https://a.example/b.png", {"TERM": "xterm-kitty"}),
        ("data:image/png;base64,\x1b]0;no\x07", {"TERM_PROGRAM": "iTerm.app"}),
        ("data:text/html;base64,aGk=", {"TERM_PROGRAM": "iTerm.app"}),
    ],
)
def test_where_none_can_be_shown_nothing_is_written(url, environ):
    assert "\x1b]0" not in inline_image(url, environ)
    assert not inline_image(url, environ) or environ.get("TERM_PROGRAM")
