"""The bottom line: keys are named whole or not at all."""

import pytest

from tui.page.line import width_of
from tui.ui.action.hint import hint_line
from tui.ui.action.keymap import DEFAULT
from tui.ui.widgets.key_bar import fit_keys, link_line

KEYS = hint_line(("composer.send", "chat.models", "chat.sessions", "chat.help"), DEFAULT)


def text_of(line):
    return "".join(text for text, _ in line)


@pytest.mark.parametrize("width", range(22, 60))
def test_keys_fit_whole_and_the_way_to_the_others_stays(width):
    shown = text_of(fit_keys(KEYS, width))
    assert len(shown) <= width
    assert set(shown.split("   ")) <= {"Enter send", "Ctrl+O model", "Ctrl+R sessions", "F1 help"}
    assert shown.startswith("Enter send") and shown.endswith("F1 help")


def test_nothing_is_left_out_where_there_is_room():
    assert fit_keys(KEYS, width_of(KEYS)) == KEYS


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/path?to=x@y", "example.org"),
        ("https://good.com:443@evil.example/", "evil.example"),
        ("https://evil.example\\@good.com/", "evil.example"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("mailto:someone@example.org", ""),
    ],
)
def test_of_an_address_the_host_stands_out(url, host):
    line = link_line(url)
    assert text_of(line) == f"→ {url}"
    assert [text for text, key in line if key == "strong"] == [host]
