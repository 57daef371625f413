"""JSON in full: it folds, what changed is marked, and every line keeps its width."""

import json

import pytest

from tui.page.json_lines import changed_paths, deep_paths, first_folded, hex_lines, json_lines
from tui.page.line import width_of
from tui.schema.json_value import parse_frozen

CHUNK = {"id": "c1", "choices": [{"index": 0, "delta": {"content": "word " * 30}, "finish": None}], "n": 1.5, "e": {}}


def text_of(lines):
    return "".join("".join(text for text, _ in line.line).strip(" ▌") for line in lines)


@pytest.mark.parametrize("width", [24, 60, 200])
@pytest.mark.parametrize("value", [CHUNK, [1, [2, [3]]], {"日本": "日本語" * 40}, {"a": "\x1b[31m"}], ids=range(4))
def test_all_of_a_value_is_there_in_its_width(value, width):
    lines = json_lines(parse_frozen(json.dumps(value)), width, ())
    assert all(width_of(line.line) <= width for line in lines)
    if "\x1b" not in json.dumps(value, ensure_ascii=False):
        assert "".join(text_of(lines).split()) == "".join(json.dumps(value, ensure_ascii=False).split())


def test_a_name_stands_as_deep_as_it_is_and_a_long_value_has_its_room_below():
    value = {"choices": [{"index": 0, "finish_reason": None, "logprobabilities": "word " * 9}]}
    rows = ["".join(text for text, _ in line.line) for line in json_lines(value, 44, ())]
    (reason,) = [row for row in rows if "finish_reason" in row]
    assert reason == " " * 7 + '"finish_reason": null,'
    at = next(at for at, row in enumerate(rows) if "logprob" in row)
    assert rows[at] == " " * 7 + '"logprobabilities":'
    assert rows[at + 1].startswith(" " * 9 + '"word word')
    assert len(rows[at + 1]) == 44


def test_an_object_folds_to_a_line_and_unfolds():
    whole = json_lines(CHUNK, 80, ())
    folded = json_lines(CHUNK, 80, {("choices", 0, "delta")})
    assert len(folded) < len(whole)
    assert any("1 members" in text_of([line]) and line.folds for line in folded)
    assert deep_paths(CHUNK, 1) == {("choices", 0), ("choices", 0, "delta")}


def test_what_differs_from_the_frame_before_is_marked():
    other = json.loads(json.dumps(CHUNK))
    other["choices"][0]["delta"]["content"] = "else"
    other["new"] = True
    changed = changed_paths(other, CHUNK)
    assert changed == {("choices", 0, "delta", "content"), ("new",)}
    marked = [text_of([line]) for line in json_lines(other, 80, (), changed) if line.line[0][0] == "▌"]
    assert [line.partition(":")[0] for line in marked] == ['"content"', '"new"']


def test_bytes_are_shown_in_hex_and_as_text():
    (first, second) = hex_lines(b"data: {\xe2\x82\xac}\n\n123456")
    assert first.startswith("00000000  64 61 74 61 3a 20 7b e2")
    assert first.endswith("|data: {...}..123|")
    assert second.startswith("00000010  34 35 36")


def test_a_long_list_is_shown_in_parts_that_fold():
    value = {"messages": [{"role": "user", "content": f"prompt {number}"} for number in range(1050)]}
    folded = first_folded(value, 80)
    lines = json_lines(value, 80, folded)
    assert len(lines) < 20
    (last,) = [line for line in lines if "items 1,000–1,049" in text_of([line])]
    assert last.folds
    part = text_of(json_lines(value, 80, folded - {last.path}))
    assert part.count('"role"') == 50
    assert "prompt 1049" in text_of(json_lines(value, 80, ()))
