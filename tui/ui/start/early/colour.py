"""Colours as a terminal takes them: what Rich would write, told without it."""

from __future__ import annotations

from tui.ui.terminal.multiplexer import colours_in_screen, is_in_screen
from tui.ui.theme.eight_bit import BY_HAND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEMS = {"truecolor": 1 << 24, "256": 256, "standard": 16}
HUES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
SIXTEEN = [(red, green, blue) for blue in (0, 170) for green in (0, 170) for red in (0, 170)]
SIXTEEN[3] = (170, 85, 0)
SIXTEEN += [(red, green, blue) for blue in (85, 255) for green in (85, 255) for red in (85, 255)]
"""The terminal's own colours, as Rich takes them to be."""


def colours_of(environ: Mapping[str, str]) -> int:
    """How many colours the terminal shows: as Rich tells it, and as Textual may be told.

    Raises:
        ValueError: If Textual is told something else.
    """
    chosen = environ.get("TEXTUAL_COLOR_SYSTEM") or (colours_in_screen(environ) if is_in_screen(environ) else "auto")
    if chosen != "auto":
        if chosen not in SYSTEMS:
            raise ValueError(chosen)
        return SYSTEMS[chosen]
    if environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return SYSTEMS["truecolor"]
    kind = environ.get("TERM", "").strip().lower().rpartition("-")[2]
    return SYSTEMS["256" if kind in {"256color", "kitty"} else "standard"]


def named(name: str) -> str:
    """One of the terminal's own colours for text, as SGR names it.

    Raises:
        ValueError: If there is none of that name.
    """
    if name in {"default", "dim"}:
        return "39" if name == "default" else "2;39"
    bright, _, hue = name.rpartition("_")
    return str(HUES.index(hue) + (90 if bright else 30))


def named_ground(name: str) -> str:
    """One of the terminal's own colours for what is behind text, as SGR names it.

    Raises:
        ValueError: If there is none of that name.
    """
    return str(int(named(name)) + 10)


def fore_of(colour: str, colours: int) -> str:
    """A colour `#rrggbb` for text, as SGR names it where there are so many.

    Raises:
        ValueError: If it is none.
    """
    return _code(colour, colours, 30)


def back_of(colour: str, colours: int) -> str:
    """A colour `#rrggbb` for what is behind text.

    Raises:
        ValueError: If it is none.
    """
    return _code(colour, colours, 40)


def _code(colour: str, colours: int, base: int) -> str:
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(colour)
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    if colours == SYSTEMS["truecolor"]:
        return f"{base + 8};2;{red};{green};{blue}"
    if colours == SYSTEMS["256"]:
        return f"{base + 8};5;{BY_HAND.get(colour.lower()) or of_256(red, green, blue)}"
    number = of_16(red, green, blue)
    return str(base + number if number < 8 else base + 52 + number)


def of_256(red: int, green: int, blue: int) -> int:
    """The colour of 256 that stands for another one."""
    least, most = min(red, green, blue) / 255, max(red, green, blue) / 255
    light, spread = (least + most) / 2, most - least
    saturation = 0.0 if not spread else spread / (most + least) if light <= 0.5 else spread / (2 - most - least)
    if saturation < 0.15:
        grey = round(light * 25)
        return {0: 16, 25: 231}.get(grey, 231 + grey)
    steps = [round(each / 95 if each < 95 else 1 + (each - 95) / 40) for each in (red, green, blue)]
    return 16 + 36 * steps[0] + 6 * steps[1] + steps[2]


def of_16(red: int, green: int, blue: int) -> int:
    """The one of the terminal's own colours that stands for another one."""

    def distance(number: int) -> int:
        other = SIXTEEN[number]
        mean = (red + other[0]) // 2
        by_red, by_green, by_blue = red - other[0], green - other[1], blue - other[2]
        return (((512 + mean) * by_red**2) >> 8) + 4 * by_green**2 + (((767 - mean) * by_blue**2) >> 8)

    return min(range(16), key=distance)


def blend(under: str, over: str, share: float) -> str:
    """As `theming.blend`."""
    pairs = ((int(under[at : at + 2], 16), int(over[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
