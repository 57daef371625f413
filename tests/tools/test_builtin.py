import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.tools.builtin import builtin_tools
from tui.tools.calculation import calculate
from tui.tools.definition import ToolError


async def clock(**arguments):
    moment = datetime(2026, 7, 1, 12, 0, 5, tzinfo=UTC)
    tool = next(tool for tool in builtin_tools(now=lambda: moment) if tool.name == "current_time")
    return (await tool.run(arguments)).text


async def test_the_time_is_told_in_the_zone_that_is_asked_for():
    assert await clock() == "2026-07-01T12:00:05+00:00 (Wednesday, UTC)"
    assert await clock(timezone="Europe/Paris") == "2026-07-01T14:00:05+02:00 (Wednesday, CEST)"
    assert await clock(timezone="Asia/Kolkata") == "2026-07-01T17:30:05+05:30 (Wednesday, IST)"


@pytest.mark.parametrize("zone", ["Paris", "../../etc/passwd", "/etc/localtime", "Europe", "x\0y", "a" * 5000])
async def test_a_wrong_zone_is_a_sentence(zone):
    with pytest.raises(ToolError, match="there is no time zone"):
        await clock(timezone=zone)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("2 ** 3 ** 2", "512"), ("-2 ** 2", "-4"), ("2 ** -1", "0.5"), ("7 // 2", "3"),
        ("-7 % 3", "2"), ("7 / 2", "3.5"), ("0.1 + 0.2", "0.3"), ("1e3", "1000"), (".5 * 2", "1"), ("1_000 + 1", "1001"),
        ("sqrt(2)", "1.4142135623731"), ("sin(pi / 2)", "1"), ("log(100, 10)", "2"), ("log(e)", "1"), ("min(3, 1, 2)", "1"), ("max(1, 2.5)", "2.5"),
        ("round(2.567, 2)", "2.57"), ("round(2.5)", "2"), ("factorial(20)", "2432902008176640000"), ("2 ** 100", "1267650600228229401496703205376"),
        ("3 × 4 ÷ 2 − 1", "5"), ("2π", None), ("- - 3", "3"), ("gcd(12, 18)", "6"), ("mean(1, 2, 6)", "3"), ("abs(-3)", "3"), ("hypot(3, 4)", "5"),
        ("max(1,2,)", "2"),
    ],
)  # fmt: skip
def test_arithmetic(expression, value):
    if value is None:
        with pytest.raises(ToolError):
            calculate(expression)
    else:
        assert math.isclose(float(calculate(expression)), float(value), rel_tol=1e-12)
        assert calculate(expression) == value or "." in value


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "a number is missing"), ("1 +", "a number is missing at character 4"), ("(1", "a closing parenthesis is missing"),
        ("1 2", "“2” does not belong at character 3"), ("1 / 0", "division by zero"), ("5 % 0", "division by zero"),
        ("9 ** 9 ** 9", "too large"), ("9 ** 99999", "too large"), ("10.0 ** 400", "too large"), ("factorial(5000)", "too large"),
        ("factorial(2.5)", "whole numbers"), ("sqrt(-1)", "not defined"), ("(-1) ** 0.5", "root of a negative"), ("log(0)", "not defined"),
        ("__import__(1)", "no function __import__"), ("open(1)", "no function open"), ("a.b", "“.” has no meaning"), ("x", "there is no x"),
        ("2 ^ 3", "a power is written **"), ("'a'", "“'” has no meaning"), ("1; 2", "“;” has no meaning at character 2"), ("[1]", "“[” has no meaning"),
        ("sqrt(1, 2)", "does not take 2 numbers"), ("sqrt()", "does not take 0 numbers"), ("(" * 100 + "1" + ")" * 100, "nested more than"),
        ("2**" * 100 + "2", "nested more than"), ("1" * 2000, "1000 characters"), ("round(1, 9999)", "whole numbers"), ("1e999", "not a finite number"),
        ("1e999 - 1e999", "not a finite number"), ("lcm(" + ",".join(["9" * 90] * 9) + ")", ""), ("2 if 1 else 3", "does not belong"),
    ],
)  # fmt: skip
def test_what_cannot_be_calculated_is_a_sentence(expression, words):
    try:
        calculate(expression)
    except ToolError as error:
        assert words in str(error)
    else:
        assert words == ""


@settings(deadline=None)
@given(st.text(alphabet="0123456789+-*/%().,e ", max_size=40))
def test_any_text_gives_a_number_or_a_sentence(expression):
    try:
        assert calculate(expression)
    except ToolError as error:
        assert str(error)


async def test_the_tool_calculates():
    tool = next(tool for tool in builtin_tools() if tool.name == "calculate")
    assert (await tool.run({"expression": "6 * 7"})).text == "42"


def test_fetch_is_off_by_default():
    assert "fetch_url" not in {tool.name for tool in builtin_tools()}
    assert "fetch_url" in {tool.name for tool in builtin_tools(allows_fetch=True)}
