"""Two texts side by side: which words both say, and how the lines of one are set."""

from tui.page.compared import alike_words, marked_lines
from tui.page.line import width_of


def said_apart(one, other):
    """The words of both that the other does not say there."""
    marks = alike_words(one.split(), other.split())
    return [
        " ".join(word for word, alike in zip(text.split(), mark, strict=True) if not alike)
        for text, mark in zip((one, other), marks, strict=True)
    ]


def test_the_words_that_differ_are_told_from_those_that_do_not():
    assert said_apart("the sky is blue today and clear", "the sky is grey today and clear") == ["blue", "grey"]
    assert said_apart("one two three four", "one two three four five") == ["", "five"]
    assert said_apart("", "all of it") == ["", "all of it"]


def test_a_word_that_both_happen_to_say_between_others_is_no_likeness():
    one, other = "start we like the red of roses end here now", "start you saw the blue on walls end here now"
    assert said_apart(one, other) == ["we like the red of roses", "you saw the blue on walls"]


def test_lines_keep_words_marks_and_indentation():
    text = "one two\n\n    deep 日本語日本語日本語 end\nx"
    alike = [True, False, True, False, True, True]
    for width in (8, 12, 40):
        lines = marked_lines(text, width, alike)
        assert max(map(width_of, lines)) <= width
        quiet = "".join(run for line in lines for run, key in line if key == "muted")
        loud = "".join(run for line in lines for run, key in line if not key)
        assert "".join(quiet.split()) == "onedeependx"
        assert "".join(loud.split()) == "two日本語日本語日本語"
    assert marked_lines(text, 40, alike)[2][0] == ("    ", "")
    assert marked_lines(text, 40, alike)[1] == []
