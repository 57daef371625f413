"""The structure of a reply as lines: whatever the fragments, the same in the end, and only what changed drawn anew."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ui.transcript.showing import asked
from tui.domain.delta import FinishDelta, TextDelta
from tui.domain.request import ReplySchema
from tui.domain.turn import TurnState
from tui.page.reply import ReplyEntry
from tui.page.structure import StructureBlock
from tui.schema.schema_line import read_schema
from tui.typeset.line import line_text, line_width
from tui.ui.action.keymap import DEFAULT

LINE = "team, people [{name, age int, tags [str], note?}], home {city, zip?}"
SCHEMA = ReplySchema("reply", read_schema(LINE))
VALUE = {
    "team": "blue\nand a long sentence that goes on " + "and on " * 20,
    "people": [
        {"name": "Ada", "age": 36, "tags": ["a", "b"]},
        {"name": "日本", "age": "41", "tags": [], "note": None},
        {"name": "x", "tags": [{"deep": 1}], "more": True, "age": 2},
    ],
    "home": {"city": "Paris"},
}


def always():
    return True


def texts(block, width=80):
    return [line_text(line) for line in block.lines(width)]


def whole(text, *, is_over=True):
    block = StructureBlock(SCHEMA)
    block.take(text, always, is_over=is_over)
    return block


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 60), max_size=30), st.booleans())
def test_the_lines_do_not_depend_on_the_fragments(cuts, asks_lines):
    text = json.dumps(VALUE, ensure_ascii=False)
    block, at = StructureBlock(SCHEMA), 0
    for size in [*cuts, len(text)]:
        block.take(text[: at + size], always, is_over=False)
        at += size
        if asks_lines:
            block.lines(80)
    block.take(text, always, is_over=True)
    assert texts(block) == texts(whole(text))


@pytest.mark.parametrize("width", [20, 37, 80, 200])
@pytest.mark.parametrize("size", [0, 1, 60, 200, 260, 10_000])
def test_no_line_is_wider_than_the_page(width, size):
    block = whole(json.dumps(VALUE, ensure_ascii=False)[:size], is_over=False)
    assert all(line_width(line) <= width for line in block.lines(width))


def test_the_skeleton_shows_before_anything_has_come():
    shown = texts(StructureBlock(SCHEMA))
    assert shown[0] == "▢ team  string, needed"
    assert shown[2].split() == ["name", "age", "tags", "note"]
    assert shown[-1] == "  ▢ zip  string"


def test_nothing_jumps_when_an_array_opens():
    before = texts(whole('{"team": "x", ', is_over=False))
    opened = texts(whole('{"team": "x", "people": [', is_over=False))
    assert opened[2:5] == before[2:5]
    assert opened[1] == "… people"


def test_a_cell_shows_its_fault_and_a_row_without_a_value_says_what_is_missing():
    rows = [line.split() for line in texts(whole('{"people": [{"name": "A", "age": 1.5}]}'))]
    assert ["✗", "A", "✗", "1.5", "✗", "missing"] in rows


def test_a_table_with_too_many_columns_for_the_page_is_a_tree():
    value = [{f"field_{number}": number for number in range(30)}]
    block = StructureBlock(ReplySchema("r", {"type": "array", "items": {"type": "object"}}))
    block.take(json.dumps(value), always, is_over=True)
    assert texts(block, 300)[0].split()[0] == "field_0"
    assert texts(block, 40)[0] == "✓ [0]"


def test_values_that_could_not_be_shown_are_escaped_in_what_is_copied():
    block = whole('{"team": "a\\u202eb"}')
    assert json.loads(block.plain())["team"] == "a\u202eb"
    assert "\u202e" not in block.plain()


def test_a_reply_that_is_stated_otherwise_is_read_anew():
    turn = asked(schema=SCHEMA)
    entry = ReplyEntry(turn, DEFAULT)
    entry.set_width(80)
    entry.ensure()
    for delta in (TextDelta('{"team": "red"'), TextDelta('{"team": "blue"}', replaces=True), FinishDelta("stop")):
        turn.apply(delta)
        entry.grow([delta], always)
    turn.end(TurnState.COMPLETE)
    entry.end()
    shown = [line_text(entry.line(row)) for row in range(entry.height)]
    assert '✓ team  "blue"' in shown
    assert "✗ invalid: people: is missing  t shows the text" in shown


def test_a_long_structure_is_shown_in_part_and_its_rows_are_drawn_once():
    value = {"team": "x", "people": [{"name": str(n), "age": n, "tags": []} for n in range(5000)]}
    block = whole(json.dumps(value))
    lines = block.lines(80)
    assert line_text(lines[-1]).startswith("… and more")
    rows = {id(line) for line in lines}
    block.drop()
    assert len(rows & {id(line) for line in block.lines(80)}) > 3900
