"""What the brush makes of a line on its way to the terminal."""

from rich.style import Style

from tui.ui.transcript.brush import INDENT, Brush


def painted(line, width=40, **options):
    strip = Brush({}, Style()).strip(line, width, **options)
    assert strip.cell_length == width == sum(segment.cell_length for segment in strip)
    return strip.text


def test_places_to_break_are_not_sent_to_the_terminal():
    assert painted([("ភាសា\u200bខ្មែរ", ""), ("\u200b", "strong")]).strip() == "ភាសាខ្មែរ"


def test_a_line_is_indented_and_filled():
    assert painted([("a", "")]) == " " * INDENT + "a" + " " * 37
