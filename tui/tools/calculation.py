"""Calculation: arithmetic read by a parser of its own, with every size bounded. No `eval`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from tui.tools.definition import ToolError

LONGEST = 1000
_DEPTH = 50
_BITS = 4096
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<mark>\*\*|//|[-+*/%(),]))"
)
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "π": " pi "})

Number = int | float


def calculate(expression: str) -> str:
    """The value of an arithmetic expression, as text.

    Raises:
        ToolError: With the reason and, for what does not read, the place.
    """
    if len(expression) > LONGEST:
        raise ToolError(f"an expression may have {LONGEST} characters")
    try:
        value = _Reader(expression.translate(_SIGNS)).read()
    except ZeroDivisionError as error:
        raise ToolError("division by zero") from error
    except OverflowError as error:
        raise ToolError("the result is too large") from error
    except ValueError as error:
        raise ToolError(f"not defined: {error}") from error
    return _shown(value)


def _shown(value: Number) -> str:
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise ToolError("the result is not a finite number")
    return f"{value:.15g}"


class _Reader:
    """Precedence from low to high: `+ -`, `* / // %`, signs, `**`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.kind, self.token = "", ""
        self.advance()

    def advance(self) -> None:
        rest = self.text[self.at :]
        if not rest.strip():
            self.kind, self.token, self.at = "end", "", len(self.text)
            return
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            sign = rest.strip()[0]
            hint = "; a power is written **" if sign == "^" else ""
            raise ToolError(f"“{sign}” has no meaning at character {self.text.index(sign, self.at) + 1}{hint}")
        self.kind = match.lastgroup or ""
        self.token = match[self.kind]
        self.at = match.end()

    def fault(self, what: str) -> ToolError:
        return ToolError(f"{what} at character {self.at - len(self.token) + 1}")

    def take(self, *marks: str) -> str:
        if self.kind == "mark" and self.token in marks:
            mark = self.token
            self.advance()
            return mark
        return ""

    def read(self) -> Number:
        value = self.sum()
        if self.kind != "end":
            raise self.fault(f"“{self.token}” does not belong")
        return value

    def sum(self) -> Number:
        self.depth += 1
        if self.depth > _DEPTH:
            raise ToolError(f"nested more than {_DEPTH} levels")
        value = self.product()
        while mark := self.take("+", "-"):
            other = self.product()
            value = value + other if mark == "+" else value - other
        self.depth -= 1
        return _bounded(value)

    def product(self) -> Number:
        value = self.signed()
        while mark := self.take("*", "/", "//", "%"):
            other = self.signed()
            if mark == "*":
                value = _bounded(value * other)
            elif mark == "/":
                value = value / other
            else:
                value = value // other if mark == "//" else value % other
        return value

    def signed(self) -> Number:
        is_negative = False
        while mark := self.take("+", "-"):
            is_negative ^= mark == "-"
        value = self.power()
        return -value if is_negative else value

    def power(self) -> Number:
        base = self.atom()
        if not self.take("**"):
            return base
        self.depth += 1
        if self.depth > _DEPTH:
            raise ToolError(f"nested more than {_DEPTH} levels")
        value = raise_to(base, self.signed())
        self.depth -= 1
        return value

    def atom(self) -> Number:
        kind, token = self.kind, self.token
        if kind == "number":
            self.advance()
            digits = token.replace("_", "")
            return int(digits) if digits.isdigit() else float(digits)
        if kind == "name":
            self.advance()
            return self.call(token) if self.take("(") else _constant(token)
        if self.take("("):
            value = self.sum()
            if not self.take(")"):
                raise self.fault("a closing parenthesis is missing")
            return value
        raise self.fault("a number is missing")

    def call(self, name: str) -> Number:
        if name not in _FUNCTIONS:
            raise ToolError(f"there is no function {name}; there are {', '.join(_FUNCTIONS)}")
        function, least, most = _FUNCTIONS[name]
        given: list[Number] = []
        while not self.take(")"):
            given.append(self.sum())
            if not self.take(",") and (self.kind, self.token) != ("mark", ")"):
                raise self.fault("a comma or a closing parenthesis is missing")
        if not least <= len(given) <= most:
            raise ToolError(f"{name} does not take {len(given)} numbers")
        try:
            return _bounded(function(*given))
        except TypeError as error:
            raise ToolError(f"{name} needs whole numbers") from error


def raise_to(base: Number, exponent: Number) -> Number:
    """A power, refused before it is computed where it would be too large to be of use."""
    if (
        isinstance(base, int)
        and isinstance(exponent, int)
        and abs(base) > 1
        and base.bit_length() * abs(exponent) > _BITS
    ):
        raise OverflowError
    value: Any = base**exponent
    if isinstance(value, complex):
        raise ToolError("not defined: a root of a negative number")
    result: Number = value
    return result


def _bounded(value: Number) -> Number:
    if isinstance(value, int) and value.bit_length() > _BITS:
        raise OverflowError
    return value


def _constant(name: str) -> Number:
    constants = {"pi": math.pi, "e": math.e, "tau": math.tau}
    if name not in constants:
        raise ToolError(f"there is no {name} here")
    return constants[name]


def _factorial(number: Number) -> Number:
    if number > 400:
        raise OverflowError
    if isinstance(number, float):
        raise TypeError
    return math.factorial(number)


def _round(number: Number, digits: Number = 0) -> Number:
    if isinstance(digits, float) or abs(digits) > 300:
        raise TypeError
    return round(number, digits) if digits else round(number)


def _log(number: Number, base: Number = math.e) -> Number:
    return math.log(number, base) if base != math.e else math.log(number)


_MANY = LONGEST
_FUNCTIONS: dict[str, tuple[Callable[..., Number], int, int]] = {
    "sqrt": (math.sqrt, 1, 1), "cbrt": (math.cbrt, 1, 1), "exp": (math.exp, 1, 1), "pow": (raise_to, 2, 2),
    "log": (_log, 1, 2), "ln": (math.log, 1, 1), "log2": (math.log2, 1, 1), "log10": (math.log10, 1, 1),
    "sin": (math.sin, 1, 1), "cos": (math.cos, 1, 1), "tan": (math.tan, 1, 1),
    "asin": (math.asin, 1, 1), "acos": (math.acos, 1, 1), "atan": (math.atan, 1, 1), "atan2": (math.atan2, 2, 2),
    "sinh": (math.sinh, 1, 1), "cosh": (math.cosh, 1, 1), "tanh": (math.tanh, 1, 1),
    "degrees": (math.degrees, 1, 1), "radians": (math.radians, 1, 1), "hypot": (math.hypot, 1, _MANY),
    "abs": (abs, 1, 1), "round": (_round, 1, 2), "floor": (math.floor, 1, 1), "ceil": (math.ceil, 1, 1), "trunc": (math.trunc, 1, 1),
    "min": (lambda *given: min(given), 1, _MANY), "max": (lambda *given: max(given), 1, _MANY),
    "sum": (lambda *given: sum(given), 1, _MANY), "mean": (lambda *given: sum(given) / len(given), 1, _MANY),
    "gcd": (math.gcd, 1, _MANY), "lcm": (math.lcm, 1, _MANY), "factorial": (_factorial, 1, 1),
}  # fmt: skip
