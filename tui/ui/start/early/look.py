"""The colours of the first frame: of the theme that the settings, the choices or the command line name.

The same facts as in `store/path`, `store/settings` and `ui/theme/theming`, read without what those import; where a file
is anything but plain lines it is parsed in full, and where it cannot be used nothing is painted early.
"""

from __future__ import annotations

import os
import stat

from tui.ui.start.early.colour import SYSTEMS, back_of, blend, colours_of, fore_of, named, named_ground
from tui.ui.start.early.place import directory
from tui.ui.start.early.words import Asked
from tui.ui.theme.auto import AUTO, BY_GROUND, likely_ground
from tui.ui.theme.sixteen import DARK, LIGHT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SIZE_LIMIT = 256 * 1024
"""Bytes of a file that is looked at here; whatever is longer is not looked at."""


class Look:
    """The first frame's colours, as the parameters of SGR.

    Attributes:
        text: What everything is written in that is not said otherwise.
        title: The program's name.
        accent: The sign before the prompt.
        muted: What stands in an empty composer.
        rule: The rules around the composer.
        cursor: The cell of the cursor.
        echoes: Whether letters mean themselves; with keys that the user has set, they may mean anything.
        ground: The background these colours are chosen for, “light” or “dark”; empty where they are not chosen by it.
    """

    def __init__(self, theme: dict[str, object], colours: int) -> None:
        """Take the colours of a theme, for a terminal of so many.

        Raises:
            ValueError: If the first frame cannot have them there.
        """
        self.echoes = True
        self.ground = ""
        self._take(theme, colours)
        if colours == SYSTEMS["standard"] and not theme.get("ansi"):
            self._take({**(DARK if theme.get("dark", True) else LIGHT), "ansi": True}, colours)

    def _take(self, theme: Mapping[str, object], colours: int) -> None:
        text, accent, muted = (str(theme[each]) for each in ("text", "accent", "muted"))
        if theme.get("ansi"):
            fore, back = named(text), named_ground(str(theme["background"]))
            self.cursor = f"0;7;{fore};{back}"
            self.rule, self.accent, self.muted = (f"0;{named(each)};{back}" for each in ("bright_black", accent, muted))
        elif colours <= 16:
            raise ValueError(colours)  # the real screen takes other colours there
        else:
            ground = str(theme["background"])
            fore, back = fore_of(text, colours), back_of(ground, colours)
            self.cursor = f"0;{fore_of(ground, colours)};{back_of(text, colours)}"
            self.rule, self.accent, self.muted = (
                f"0;{fore_of(each, colours)};{back}" for each in (blend(ground, text, 0.2), accent, muted)
            )
        self.text, self.title = f"0;{fore};{back}", f"0;1;{fore};{back}"


def read_look(asked: Asked, environ: Mapping[str, str], ground: str = "") -> Look | None:
    """The colours of the first frame, on a background that the terminal told or on the likely one.

    Returns:
        `None` where they cannot be told.
    """
    try:
        colours = colours_of(environ)
        config = directory("XDG_CONFIG_HOME", ".config", environ)
        path = asked.config or environ.get("RILLET_CONFIG") or f"{config}/config.toml"
        settings = read_file(os.path.expanduser(path))
        choices = read_file(directory("XDG_STATE_HOME", ".local/state", environ) + "/choices.toml")
        name = asked.theme or top_level(choices).get("theme") or top_level(settings).get("theme") or AUTO
        if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum():
            return None
        if name == AUTO:
            ground = ground or likely_ground(environ, top_level(choices).get("ground"))
            name = BY_GROUND[ground]
        else:
            ground = ""
        theme = read_file(f"{config}/themes/{name}.toml") or read_file(f"{shipped_themes()}/{name}.toml")
        look = Look(top_level(theme), colours)
    except (OSError, ValueError, LookupError):
        return None
    look.echoes = "keymap" not in settings
    look.ground = ground
    return look


def shipped_themes() -> str:
    """The directory of our own themes."""
    package = __file__.rsplit("/", 4)[0]
    return f"{package}/_themes" if os.path.isdir(f"{package}/_themes") else f"{package[: package.rindex('/')]}/themes"


def read_file(path: str) -> str:
    """What a file says, nothing where there is none.

    Raises:
        ValueError: If it is no file that says anything.
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return ""
    if not stat.S_ISREG(status.st_mode) or status.st_size > SIZE_LIMIT:
        raise ValueError(path)
    with open(path, "rb") as file:
        return file.read().removeprefix(b"\xef\xbb\xbf").decode()


def top_level(text: str) -> dict[str, object]:
    """The plain values that stand in TOML before its first table; what is not plain has TOML parsed in full.

    Raises:
        ValueError: If it is not TOML.
    """
    values: dict[str, object] = {}
    is_in_array = False
    for line in map(str.strip, text.splitlines()):
        if not line or line[0] == "#":
            continue
        if line[0] == "[" and not is_in_array:
            break
        key, equals, value = "", "=", line.removesuffix(",")
        if not is_in_array:
            key, equals, value = (part.strip() for part in line.partition("="))
        if is_in_array and line == "]":
            is_in_array = False
        elif key and value == "[":
            is_in_array = True
        elif equals and key.replace("_", "").isalnum() != is_in_array and (plain := plain_value(value)) is not None:
            values[key] = plain
        else:
            import tomllib

            return tomllib.loads(text)
    return values


def plain_value(text: str) -> object:
    """A value that is written plainly: a string without escapes, true, false, 0 for a number; `None` for any other."""
    if text[:1] in {'"', "'"}:
        end = text.find(text[0], 1)
        value, rest = text[1:end], text[end + 1 :].strip()
        return None if end < 0 or "\\" in value or text[:3] == text[0] * 3 or (rest and rest[0] != "#") else value
    if text == "[]":
        return 0
    word = text.partition("#")[0].strip()
    if word in {"true", "false"}:
        return word == "true"
    return 0 if word.replace(".", "").replace("_", "").isalnum() else None
