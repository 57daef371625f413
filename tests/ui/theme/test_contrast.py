"""Every built-in theme can be read, in all the colours there are, in 256 and in sixteen."""

from pathlib import Path

import pytest
from rich.color import Color, ColorSystem

from tui.ui.start.early.colour import fore_of
from tui.ui.terminal.screen_diff import _fewer
from tui.ui.theme.eight_bit import BY_HAND
from tui.ui.theme.palette import palette
from tui.ui.theme.theming import CodeHues, read_themes

THEMES = [theme for theme in read_themes([Path(__file__).parents[3] / "themes"])[0] if not theme.ansi]
TEXTS = ("text", "muted", "accent", "success", "warning", "error")
HUES = CodeHues.__struct_fields__
GROUNDS = ("background", "surface", "panel", "cursor_ground")
LEAST = 4.5
"""The contrast that WCAG 2 asks of text."""

XTERM = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
)  # fmt: skip
"""What xterm shows for the first sixteen numbers."""


def of_256(number):
    if number < 16:
        return XTERM[number]
    if number >= 232:
        return (8 + 10 * (number - 232),) * 3
    levels, number = (0, 95, 135, 175, 215, 255), number - 16
    return levels[number // 36], levels[number // 6 % 6], levels[number % 6]


def shown(colour, colours):
    parsed = Color.parse(colour)
    if colours == 16:
        return XTERM[parsed.number]
    return of_256(_fewer(parsed, ColorSystem.EIGHT_BIT).number) if colours == 256 else tuple(parsed.triplet)


def contrast(one, other):
    def light(colour):
        parts = [part / 255 for part in colour]
        parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [1 << 24, 256, 16])
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_text_can_be_read_on_every_ground(theme, colours):
    theme = theme.in_sixteen() if colours == 16 else theme
    grounds = ("background",) if colours == 16 else GROUNDS  # there, a row under the cursor is reversed
    texts = {name: getattr(theme, name) for name in TEXTS}
    code = {name: getattr(theme.code, name) for name in HUES}
    too_faint = [
        f"{name} on {ground}: {there:.1f}"
        for ground in grounds
        for name, text in (texts | (code if ground in ("background", "surface") else {})).items()
        if (there := contrast(shown(text, colours), shown(getattr(theme, ground), colours))) < LEAST
    ]
    assert too_faint == []


@pytest.mark.parametrize("colours", [1 << 24, 256])
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_what_is_selected_can_be_read_and_each_ground_is_told_from_the_page(theme, colours):
    page = shown(theme.background, colours)
    assert contrast(shown(theme.text, colours), shown(theme.selection_ground, colours)) >= LEAST
    grounds = [theme.selection_ground, theme.cursor_ground] + (
        [theme.surface] if theme.surface != theme.background else []
    )
    for ground in grounds:
        assert shown(ground, colours) != page
        lighter = sum(shown(ground, colours)) > sum(page)
        assert lighter == theme.dark, "a raised ground is lighter than a dark page, and darker than a light one"


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_a_row_under_the_cursor_is_seen_where_there_are_few_colours(theme):
    assert palette(theme.in_sixteen())["cursor"].reverse
    assert palette(theme)["cursor"].bold


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_colour_of_a_built_in_theme_is_chosen_by_hand_where_there_are_256(theme):
    colours = {getattr(theme, name) for name in (*TEXTS, *GROUNDS, "selection_ground")}
    colours |= {getattr(theme.code, name) for name in HUES} | {theme._rule()}
    colours |= {style.bgcolor.triplet.hex for style in palette(theme).values() if style.bgcolor}
    assert colours <= set(BY_HAND)
    for colour in colours:
        assert fore_of(colour, 256) == f"38;5;{_fewer(Color.parse(colour), ColorSystem.EIGHT_BIT).number}"
