"""Keyboards of other alphabets: a key that is no text is meant by its place, and what is written stays as it was typed."""

import pytest

from tests.ui.fake import reply
from tui.ui.terminal.layout import Layouts, key_at


async def reading(screen):
    await screen.say("first")
    await screen.settled()
    await screen.press("shift+tab")
    assert screen.chat.page.has_focus


@pytest.mark.parametrize(("beginning", "end", "write"), ["пПш", "γΓι", "עGן", "لGه"])
async def test_on_the_page_a_letter_is_the_key_in_its_place(open_screen, beginning, end, write):
    text = "\n\n".join(f"Line {number}." for number in range(90))
    async with open_screen(reply(text), size=(100, 30)) as screen:
        await reading(screen)
        await screen.press(beginning)
        await screen.until(lambda: "Line 1." in screen.text())
        await screen.press(end)
        await screen.until(lambda: "Line 89." in screen.text())
        await screen.press(write)
        assert screen.chat.composer.has_focus
        assert screen.chat.composer.text == ""


async def test_in_the_menu_of_a_block_a_letter_is_the_key_in_its_place(open_screen):
    async with open_screen(reply("One."), size=(100, 30)) as screen:
        await reading(screen)
        await screen.press("j", "full_stop")
        await screen.until(lambda: "This block" in screen.text())
        await screen.press("с")  # c copies
        await screen.until(lambda: screen.chat.over is None and " characters " in screen.text())


async def test_capitals_are_the_keys_with_shift():
    assert [key_at(letter) for letter in "ОЛΨ"] == ["J", "K", "C"]


async def test_in_the_composer_a_letter_is_itself(open_screen):
    async with open_screen() as screen:
        await screen.type("оλחن")
        assert screen.chat.composer.text == "оλחن"


@pytest.mark.parametrize("opens", ["ctrl+r", "ctrl+o", "ctrl+p"])
async def test_in_a_filter_a_letter_is_itself(open_screen, opens):
    async with open_screen(size=(100, 30)) as screen:
        await screen.press(opens)
        await screen.type("оλח")
        await screen.until(lambda: screen.chat.over.query_one("Field").value == "оλח")


async def test_beside_an_answer_a_letter_is_written_as_it_was_typed(open_screen):
    async with open_screen(reply("One."), reply("Beside it."), size=(100, 30)) as screen:
        await screen.say("first")
        await screen.settled()
        await screen.say("/btw what?")
        await screen.until(lambda: "leave it aside" in screen.text())
        await screen.type("он")
        assert screen.chat.composer.text == "он"


@pytest.mark.parametrize(
    ("typed", "letters", "keys"),
    [
        ("ё", "шзж", "ip;"),
        ("ї", "іжє", "s;'"),
        ("ў", "іг", "bu"),
        ("љ", "шзчџ", "[y;x"),
        ("ѓ", "зѕќ", "zy'"),
        ("پ", "طظدک", "xzn;"),
        ("ي", "طظدك", "'/];"),
    ],
)
def test_letters_that_one_layout_alone_has_tell_where_the_others_stand(typed, letters, keys):
    layouts = Layouts({"LANG": "en_GB.UTF-8"})
    layouts.key_at(typed)
    assert "".join(map(layouts.key_at, letters)) == keys


@pytest.mark.parametrize(
    ("locale", "letters", "keys"),
    [
        ({}, "шдط", "il'"),
        ({"LANG": "bg_BG.UTF-8"}, "шдр", "to,"),
        ({"LANG": "sr_RS"}, "шчх", "[;h"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "fa_IR"}, "طظ", "xz"),
        ({"LC_ALL": "C", "LANG": "bg_BG"}, "ш", "i"),
    ],
)
def test_before_that_the_locale_tells_it(locale, letters, keys):
    assert "".join(map(Layouts(locale).key_at, letters)) == keys


def test_who_types_in_another_layout_now_is_understood_in_that():
    layouts = Layouts({"LANG": "sr_RS.UTF-8"})
    assert layouts.key_at("ш") == "["
    assert layouts.key_at("ы") == "s"
    assert layouts.key_at("ш") == "i"
    assert layouts.key_at("ח") == "j"
    assert layouts.key_at("é") == ""
