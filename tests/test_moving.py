"""The moving picture that opens the README shows what the screen shows, instant by instant, and is small."""

from xml.etree import ElementTree as ET

from tests.moving import CELL, ROWS, picture
from tests.pictures import FOLDER


def shown(*texts):
    blank = ((" ", "", "", False),)
    return [
        (number * 1.0, [((text, "#d9dce3", "", False),), *[blank] * (ROWS - 1)]) for number, text in enumerate(texts)
    ]


def texts_of(tree):
    return ["".join(each.itertext()) for each in tree.iter() if each.tag.endswith("text")]


def test_a_row_is_drawn_once_for_each_thing_it_shows_and_for_as_long_as_it_does():
    tree = ET.fromstring(picture(shown("one", "one", "two & <three>")))
    assert texts_of(tree) == ["one", "two & <three>"]
    first, second = [each for each in tree.iter() if each.tag.endswith("animate")]
    assert (first.get("keyTimes"), first.get("values")) == ("0;0.4", "visible;hidden")
    assert (second.get("keyTimes"), second.get("values")) == ("0;0.4", "hidden;visible")
    assert first.get("dur") == "5s"


def test_blanks_are_places_and_no_text_for_viewers_make_one_of_several():
    tree = ET.fromstring(picture(shown("text      after that")))
    placed = {"".join(each.itertext()): float(each.get("x")) for each in tree.iter() if each.tag.endswith("text")}
    assert placed == {"text": 0.0, "after that": 10 * CELL}


def test_the_picture_in_the_readme_is_one_of_these_and_small_enough():
    data = (FOLDER / "stream.svg").read_bytes()
    tree = ET.fromstring(data)
    assert any("The wire" in text for text in texts_of(tree))
    assert sum(each.tag.endswith("animate") for each in tree.iter()) > 20
    assert len(data) < 400_000
