import csv
import io

import pytest

from tui.schema.table import read_table, to_csv


def test_an_array_of_objects_is_a_table():
    table = read_table([{"name": "Ada", "age": 36}, {"name": "Bob", "tags": ["a", "b"], "age": None}])
    assert table.columns == ("name", "age", "tags")
    assert table.rows == (("Ada", "36", ""), ("Bob", "", '["a","b"]'))


def test_so_is_an_object_that_holds_one():
    assert read_table({"count": 1, "people": [{"name": "Ada"}]}).columns == ("name",)


@pytest.mark.parametrize("value", [None, 1, [], [1, 2], [{"a": 1}, 2], {"a": 1}, {"a": [{"b": 1}], "c": [{"d": 1}]}])
def test_other_values_are_no_table(value):
    assert read_table(value) is None


def test_csv_can_be_read_back():
    text = to_csv([{"a": 'say "hi", now\nor never', "b": True}, {"a": "é", "b": 1.5}])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["a", "b"],
        ['say "hi", now\nor never', "true"],
        ["é", "1.5"],
    ]


def test_csv_holds_no_formula():
    text = to_csv([{"=cmd": '=HYPERLINK("http://x","y")', "n": -5}, {"=cmd": "@x", "n": "+1"}])
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [["'=cmd", "n"], ['\'=HYPERLINK("http://x","y")', "-5"], ["'@x", "+1"]]


def test_values_that_are_no_table_are_csv_too():
    assert to_csv({"a": 1, "b": "x"}) == "key,value\r\na,1\r\nb,x\r\n"
    assert to_csv([1, 2]) == "value\r\n1\r\n2\r\n"
    assert to_csv("x") == "value\r\nx\r\n"
