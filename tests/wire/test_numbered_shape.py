"""Frames that are alike but for a text, a number that goes up and some padding are read as their texts, and no others."""

import json

import pytest

from tui.wire.numbered_shape import NumberedShape


def record(text, number=None, padding=None, **more):
    value = {"type": "response.output_text.delta", "item_id": "i", "delta": text, "logprobs": [], **more}
    value |= {} if number is None else {"sequence_number": number}
    value |= {} if padding is None else {"obfuscation": padding}
    return f"event: x\ndata: {json.dumps(value, ensure_ascii=False)}".encode()


def read(first, *others, number=None):
    shape = NumberedShape.of(first, "one", number)
    assert shape is not None
    return shape.split(b"".join(other + b"\n\n" for other in others)), shape.last.decode()


def test_texts_are_read_as_long_as_the_numbers_go_up_by_one():
    others = [record(" two", 8, "ab"), record("ä𝄞", 9, ""), record("three", 10, "x" * 20), record("five", 12, "")]
    texts, last = read(record("one", 7, "abc"), *others, number=7)
    assert texts == [" two", "ä𝄞", "three"]
    assert last == others[2].decode() + "\n\n"


def test_frames_without_numbers_are_read_too():
    assert read(record("one"), record("two"), record("two"))[0] == ["two", "two"]
    assert read(record("one", padding="a"), record("two", padding="bcd"))[0] == ["two"]


@pytest.mark.parametrize(
    "other",
    [
        record("two", 8, "ab", more=1),
        record("two", 8),
        record("", 8, "ab"),
        record('"two"', 8, "ab"),
        record("two\n", 8, "ab"),
        record("two", 8, 'a"b'),
        record("two", "8", "ab"),
        record("two", 8.0, "ab"),
        record("two", 8, "ab").replace(b"two", b"\xff"),
        b": ping\n\n" + record("two", 8, "ab"),
    ],
)
def test_what_is_not_like_the_frame_before_is_left(other):
    assert read(record("one", 7, "abc"), other, record("three", 9, "ab"), number=7)[0] == []


@pytest.mark.parametrize(
    ("first", "number"),
    [
        (record("one", 7), 6),
        (record("one", 7), None),
        (record("one"), 7),
        (record("one", 7, more={"sequence_number": 7}), 7),
        (record("one", 7, more={"delta": "one"}), 7),
        (record("one", 7, "\\"), 7),
        (record("another", 7), 7),
    ],
)
def test_a_frame_in_which_that_is_not_to_be_seen_without_a_doubt_has_no_shape(first, number):
    assert NumberedShape.of(first, "one", number) is None
