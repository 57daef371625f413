"""The bottom line: keys are named whole or not at all."""

import pytest

from tests.ui.fake import reply
from tui.page.line import width_of
from tui.ui.action.hint import hint_line
from tui.ui.action.keymap import DEFAULT
from tui.ui.widgets.key_bar import MOST, KeyBar, fit_keys, link_line

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


SENTENCES = [
    "Short.",
    "The settings file cannot be read here, and nothing that was changed there counts until it has been mended.",
    "word " * 60 + "end",
]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_no_word_of_what_is_said_is_lost(open_screen, size, sentence):
    async with open_screen(size=size) as screen:
        screen.chat.say(sentence)
        await screen.pilot.pause()
        bar = screen.chat.key_bar
        await screen.until(lambda: bar.size.height == len(bar.lines(bar.size.width)))
        lines = screen.text().split("\n")[-bar.size.height :]
        assert " ".join(" ".join(lines).split()).startswith(sentence)
        bar.hush()
        await screen.until(lambda: bar.size.height == 1)


def test_what_is_said_without_end_is_cut_and_says_so():
    bar = KeyBar()
    bar._said.append(("word " * 1000, "muted"))
    lines = bar.lines(80)
    assert len(lines) == MOST
    assert text_of(lines[-1]).endswith("…")
    assert all(width_of(line) <= 80 for line in lines)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_a_conversation_asks_for_is_told_after_its_first_reply_too(open_screen, size):
    async with open_screen(reply("One."), size=size) as screen:
        await screen.say("first")
        await screen.settled()
        for hint in ("Enter send", "Alt+E edit", "Ctrl+J new line", "Ctrl+O model", "F2 setup", "F1 help"):
            assert hint in screen.text().split("\n")[-1]


@pytest.mark.parametrize(("tone", "stays"), [("muted", False), ("success", False), ("warning", True), ("error", True)])
async def test_what_was_said_gives_way_to_the_keys_of_a_pane_unless_it_warns(open_screen, monkeypatch, tone, stays):
    monkeypatch.setattr("tui.ui.widgets.key_bar.READ", 0.0)
    async with open_screen(size=(80, 24)) as screen:
        screen.chat.say("a sentence that was said", tone)
        await screen.press("f2")
        await screen.until(lambda: "system prompt" in screen.text())
        last = screen.text().split("\n")[-1]
        assert ("a sentence that was said" in last) == stays
        assert stays or "Enter keep, and go on" in last
