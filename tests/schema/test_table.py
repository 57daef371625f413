import pytest

from tui.schema.table import read_table


def test_an_array_of_objects_is_a_table():
    table = read_table([{"name": "Ada", "age": 36}, {"name": "Bob", "tags": ["a", "b"], "age": None}])
    assert table.columns == ("name", "age", "tags")
    assert table.rows == (("Ada", "36", ""), ("Bob", "", '["a","b"]'))


def test_so_is_an_object_that_holds_one():
    assert read_table({"count": 1, "people": [{"name": "Ada"}]}).columns == ("name",)


@pytest.mark.parametrize("value", [None, 1, [], [1, 2], [{"a": 1}, 2], {"a": 1}, {"a": [{"b": 1}], "c": [{"d": 1}]}])
def test_other_values_are_no_table(value):
    assert read_table(value) is None
