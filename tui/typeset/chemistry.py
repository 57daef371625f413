"""Chemical formulas and quantities with their units, as LaTeX packages write them, in Unicode."""

from __future__ import annotations

import re

from tui.typeset.symbol import ABOVE, BELOW

_ARROW = re.compile(r"(<=>>?|<<=>|<->|<-|->|=>)(?:\[([^\]]*)\])?(?:\[([^\]]*)\])?")
_ARROWS = {"->": "→", "<-": "←", "<->": "↔", "=>": "⇒"}
_PLACED = re.compile(r"([\^_])(?:\{([^{}]*)\}|(\d*[+-]|[^\s{}]))")
_COUNT = re.compile(r"(?<=[A-Za-z)\]])(\d+)")
_CHARGE = re.compile(r"(?<=[A-Za-z)\]₀-₉])([+-])(?=[\s)\],]|$)")
_COMMAND = re.compile(r"\\(?:text|mathrm|mathit)?\s*\{([^{}]*)\}|\$([^$]*)\$")

_UNIT_TABLE = """
meter:m metre:m gram:g second:s ampere:A kelvin:K mole:mol candela:cd kilogram:kg hertz:Hz newton:N pascal:Pa joule:J watt:W
coulomb:C volt:V farad:F ohm:Ω siemens:S weber:Wb tesla:T henry:H celsius:°C degreeCelsius:°C lumen:lm lux:lx becquerel:Bq
gray:Gy sievert:Sv radian:rad degree:° minute:min hour:h day:d liter:L litre:L tonne:t electronvolt:eV bar:bar percent:% byte:B
bit:bit atm:atm angstrom:Å decibel:dB m:m s:s kg:kg g:g
"""
_UNITS = dict([pair.split(":") for pair in _UNIT_TABLE.split()])
_PREFIX_TABLE = """
yotta:Y zetta:Z exa:E peta:P tera:T giga:G mega:M kilo:k hecto:h deca:da deci:d centi:c milli:m micro:µ nano:n pico:p femto:f
"""
_PREFIXES = dict([pair.split(":") for pair in _PREFIX_TABLE.split()])


def chemical(text: str) -> str:
    r"""What stands in `\ce{…}`: counts below, charges above, arrows drawn."""
    text = _COMMAND.sub(lambda match: match[1] or match[2] or "", text)
    parts: list[str] = []
    end = 0
    for match in _ARROW.finditer(text):
        parts.append(_species(text[end : match.start()]))
        over = ", ".join([_species(label).strip() for label in match.groups()[1:] if label])
        sign = _ARROWS.get(match[1], "⇌")
        parts.append(f" ─ {over} {sign} " if over and sign == "→" else f" {sign}{f'({over})' if over else ''} ")
        end = match.end()
    parts.append(_species(text[end:]))
    return " ".join("".join(parts).split())


def _species(text: str) -> str:
    text = re.sub(r"(?<=\s)v(?=\s|$)", "↓", re.sub(r"(?<=\s)\^(?=\s|$)", "↑", text))
    text = _PLACED.sub(lambda match: _put(match[2] or match[3], match[1]), text)
    text = _COUNT.sub(lambda match: _put(match[1], "_"), text)
    text = _CHARGE.sub(lambda match: _put(match[1], "^"), text)
    return re.sub(r"(?<=[\w)\]₀-₉])\s?[.*]\s?(?=\d*[A-Z(])", "·", text)


def _put(text: str, mark: str) -> str:
    table = ABOVE if mark == "^" else BELOW
    if text and all(letter in table for letter in text):
        return "".join([table[letter] for letter in text])
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"


def quantity(name: str, first: str, unit: str = "") -> str:
    r"""What stands in `\SI{…}{…}` and its like: a number and its unit."""
    if name in ("unit", "si"):
        return _unit(first)
    if name == "pu":
        return first
    number = re.sub(r"[eE]([+-]?\d+)$", lambda match: f"×10{_put(match[1].removeprefix('+'), '^')}", first.strip())
    if name == "ang":
        return f"{number}°"
    return f"{number} {_unit(unit)}".strip() if name in ("SI", "qty") else number


def _unit(text: str) -> str:
    if "\\" not in text:
        return re.sub(r"\^\{?(-?\d+)\}?", lambda match: _put(match[1], "^"), text.replace(".", "·").replace("~", " "))
    shown = ""
    power = ""
    is_after_prefix = False
    for word in re.findall(r"\\([A-Za-z]+)|([^\\]+)", text):
        name = word[0] or word[1].strip()
        if name in ("squared", "cubed"):
            shown += "²" if name == "squared" else "³"
        elif name in ("square", "cubic"):
            power = "²" if name == "square" else "³"
        elif name == "per":
            shown += "/"
        elif name in _PREFIXES:
            shown += ("·" if shown and shown[-1] != "/" and not is_after_prefix else "") + _PREFIXES[name]
            is_after_prefix = True
            continue
        elif name:
            shown += "·" if shown and shown[-1] != "/" and not is_after_prefix else ""
            shown += _UNITS.get(name, name) + power
            power = ""
        is_after_prefix = False
    return shown
