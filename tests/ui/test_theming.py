"""Themes are read strictly, a broken one never stops the program, and every text can be read."""

from pathlib import Path

import pytest

from tui.domain.error import ConfigError
from tui.ui.theme.palette import palette
from tui.ui.theme.theming import Theme, find_theme, read_theme, read_themes, theme_files

FOLDER = Path(__file__).parents[2] / "themes"
SHIPPED = sorted(FOLDER.glob("*.toml"))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_five_themes_are_shipped_without_a_notice():
    themes, notices = read_themes([FOLDER])
    assert {theme.name for theme in themes} == {"ink", "paper", "contrast", "clear", "terminal"}
    assert themes[0].name == "ink"
    assert not notices
    assert [theme.name for theme in themes if not theme.dark] == ["paper"]


def test_ink_in_the_file_is_ink_in_the_program():
    assert read_theme(FOLDER / "ink.toml") == (Theme(), [])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_text_has_contrast_on_every_surface(path):
    theme, _ = read_theme(path)
    if theme.ansi:
        return
    surfaces = [theme.background, theme.surface, theme.panel, palette(theme)["cursor"].bgcolor.name]
    for key, style in palette(theme).items():
        colour = style.color.name if style.color else theme.text
        grounds = [style.bgcolor.name] if style.bgcolor else surfaces
        for ground in grounds:
            least = 3 if key == "gap" else 4.5  # a bar is no text
            assert contrast(colour, ground) >= least, f"{key}: {colour} on {ground}"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_textual_takes_every_theme(path):
    theme, _ = read_theme(path)
    colours = theme.textual().to_color_system().generate() | theme.textual().variables
    assert colours["muted"]


def write(folder: Path, name: str, change: tuple[str, str] = ("", "")) -> Path:
    path = folder / f"{name}.toml"
    text = (FOLDER / "ink.toml").read_text().replace('"ink"', f'"{name}"')
    path.write_text(text.replace(*change))
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('accent = "#7aa2f7"', 'accent = "red[/]"'), "accent"),
        (('accent = "#7aa2f7"', ""), "accent"),
        (('keyword = "#b9a3f5"', "keyword = 7"), "code.keyword"),
        (("dark = true", 'dark = "yes"'), "dark"),
        (('name = "mine"', 'name = "../x"'), "name"),
        (("accent", "=accent"), "line"),
    ],
)
def test_a_broken_theme_says_the_file_and_the_key_and_ink_stands_in(tmp_path, change, says):
    path = write(tmp_path, "mine", change)
    with pytest.raises(ConfigError) as caught:
        read_theme(path)
    assert str(path) in caught.value.message
    assert says in caught.value.message
    theme, notices = find_theme("mine", [FOLDER, tmp_path])
    assert theme == Theme()
    assert str(path) in notices[0]


def test_an_unknown_key_is_told_with_its_nearest(tmp_path):
    path = write(tmp_path, "mine", ('accent = "#7aa2f7"', 'accent = "#7aa2f7"\nacent = "#000000"'))
    theme, notices = read_theme(path)
    assert theme.name == "mine"
    assert "acent" in notices[0]
    assert "accent" in notices[0]


def test_a_folder_of_the_user_comes_before_what_is_shipped(tmp_path):
    path = write(tmp_path, "ink", ("#7aa2f7", "#7aa2ff"))
    assert path in list(theme_files([FOLDER, tmp_path]))
    assert find_theme("ink", [FOLDER, tmp_path])[0].accent == "#7aa2ff"


def test_a_pipe_a_huge_file_and_no_file_are_not_waited_for(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "huge.toml").write_text("# " + "x" * 100_000)
    themes, notices = read_themes([tmp_path, tmp_path / "nowhere"])
    assert [theme.name for theme in themes] == ["ink"]
    assert len(notices) == 2
    assert find_theme("nothing", [tmp_path])[1]
