"""What the line renderer makes of a line on its way to the terminal."""

from rich.style import Style

from tui.ui.transcript.line_renderer import INDENT, LineRenderer


def painted(line, width=40, **options):
    strip = LineRenderer({}, Style()).strip(line, width, **options)
    assert strip.cell_length == width == sum(segment.cell_length for segment in strip)
    return strip.text


def test_places_to_break_are_not_sent_to_the_terminal():
    assert painted([("ភាសា\u200bខ្មែរ", ""), ("\u200b", "strong")]).strip() == "ភាសាខ្មែរ"


def test_a_line_is_indented_and_filled():
    assert painted([("a", "")]) == " " * INDENT + "a" + " " * 37


def test_a_row_from_right_to_left_begins_at_the_right_of_its_measure():
    line = [("שלום ", ""), ("f(1)", "code"), (".", ""), ("", "rtl:20")]
    assert painted(line) == " " * INDENT + " " * 10 + ".f(1) םולש" + " " * 18
    assert painted([("abc שלום", "")]).strip() == "abc םולש"


def test_a_mark_stands_on_the_signs_it_was_laid_over():
    line_renderer = LineRenderer({"selection": Style(reverse=True)}, Style())
    strip = line_renderer.strip([("אבג דהו", ""), ("", "rtl:7")], 12, [(0, 3, "selection")])
    assert [segment.text for segment in strip if segment.style.reverse] == ["גבא"]


def test_a_cell_that_is_seen_is_told_as_one_that_is_read():
    line_renderer = LineRenderer({}, Style())
    line = [("אבג", ""), ("", "rtl:10")]
    assert [line_renderer.cell_as_read(line, cell, 20) for cell in (9, 8, 7)] == [0, 1, 2]
    assert line_renderer.cell_as_read([("abc", "")], 2, 20) == 2


def test_with_bidi_off_nothing_is_turned():
    assert LineRenderer({}, Style(), bidi="off").strip([("שלום", ""), ("", "rtl:10")], 10).text == "  שלום    "
