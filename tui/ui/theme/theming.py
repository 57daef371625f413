"""Themes: one TOML file each, read strictly; a broken one is told, and never stops the program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import fields
from textual.theme import Theme as TextualTheme

from tui.domain.error import ConfigError
from tui.ui.theme.sixteen import DARK, DARK_CODE, LIGHT, LIGHT_CODE

SIZE_LIMIT_BYTES = 64 * 1024
"""A theme is a page of text; whatever is longer is not one."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}\Z")
_ANSI = {
    f"{bright}{hue}"
    for hue in ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
    for bright in ("", "bright_")
} | {"default"}


class CodeHues(Struct, frozen=True):
    """The five hues of code; comments are muted and everything else is text."""

    keyword: str = "#b9a3f5"
    string: str = "#93c48b"
    number: str = "#e3ab7c"
    function: str = "#86b0f5"
    builtin: str = "#6fc0c0"


class Theme(Struct, frozen=True):
    """Colours as `#rrggbb`, or with `ansi` as the names of the terminal's own; without arguments, ink."""

    name: str = "ink"
    dark: bool = True
    ansi: bool = False
    background: str = "#15171c"
    surface: str = "#1c1e23"
    panel: str = "#24272e"
    text: str = "#dcdee3"
    muted: str = "#999faa"
    accent: str = "#7aa2f7"
    success: str = "#8fbf7f"
    warning: str = "#e0af68"
    error: str = "#ee7f8a"
    code: CodeHues = field(default_factory=CodeHues)

    def textual(self) -> TextualTheme:
        """The same colours as Textual wants them."""
        colour = self._textual_colour
        return TextualTheme(
            name=self.name,
            dark=self.dark,
            ansi=self.ansi,
            primary=colour(self.accent),
            accent=colour(self.accent),
            foreground=colour(self.text),
            background=colour(self.background),
            surface=colour(self.surface),
            panel=colour(self.panel),
            boost=colour(self.surface),
            success=colour(self.success),
            warning=colour(self.warning),
            error=colour(self.error),
            variables={"muted": colour(self.muted), "rule": self._rule(), **self._variables()},
        )

    def in_sixteen(self) -> Theme:
        """The same for a terminal that shows sixteen colours."""
        if self.ansi:
            return self
        colours, hues = (DARK, DARK_CODE) if self.dark else (LIGHT, LIGHT_CODE)
        return Theme(self.name, self.dark, True, **colours, code=CodeHues(**hues))

    @property
    def cursor_ground(self) -> str:
        """What a row under the cursor stands on: nearly grey, so that it is one where there are few colours."""
        return blend(self.surface, blend(self.accent, self.text, 0.85), 0.11 if self.dark else 0.08)

    @property
    def selection_ground(self) -> str:
        """What selected text stands on."""
        return blend(self.background, blend(self.accent, self.text, 0.35), 0.25 if self.dark else 0.2)

    def _rule(self) -> str:
        return "ansi_bright_black" if self.ansi else blend(self.background, self.text, 0.2)

    def _textual_colour(self, colour: str) -> str:
        if not self.ansi:
            return colour
        return "ansi_default" if colour == "dim" else f"ansi_{colour}"

    def _variables(self) -> dict[str, str]:
        """The colours of Textual's own parts: the text cursor, the selection, the scroll bar."""
        if self.ansi:
            ground, text = self._textual_colour(self.background), self._textual_colour(self.text)
            return {
                "ansi-background": ground,
                "ansi-foreground": text,
                "border-blurred": "ansi_bright_black",
                "block-cursor-foreground": text,
                "block-cursor-background": ground,
                "input-selection-foreground": text,
                "screen-selection-background": "ansi_bright_black",
                "screen-selection-foreground": text,
                "input-cursor-background": text,
                "input-cursor-foreground": ground,
                "input-selection-background": "ansi_bright_black",
                "scrollbar": "ansi_bright_black",
                "scrollbar-hover": "ansi_bright_black",
                "scrollbar-active": "ansi_default",
                "scrollbar-background": ground,
                "scrollbar-background-hover": ground,
                "scrollbar-background-active": ground,
                "scrollbar-corner-color": ground,
            }
        return {
            "input-cursor-background": self.text,
            "input-cursor-foreground": self.background,
            "input-selection-background": self.selection_ground,
            "input-selection-foreground": self.text,
            "screen-selection-background": self.selection_ground,
            "scrollbar": blend(self.panel, self.text, 0.15),
            "scrollbar-hover": blend(self.panel, self.text, 0.3),
            "scrollbar-active": self.accent,
            "scrollbar-background": self.background,
            "scrollbar-background-hover": self.background,
            "scrollbar-background-active": self.background,
            "scrollbar-corner-color": self.background,
        }


_COLOURS = ("background", "surface", "panel", "text", "muted", "accent", "success", "warning", "error")
_HUES = tuple(one.name for one in fields(CodeHues))


def blend(under: str, over: str, share: float) -> str:
    """The colour `under` with a share (0 to 1) of `over` laid on it."""
    pairs = ((int(under[at : at + 2], 16), int(over[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def read_theme(path: Path) -> tuple[Theme, list[str]]:
    """Read a theme file.

    Returns:
        The theme, and a notice for each key that means nothing in a theme.

    Raises:
        ConfigError: If it is not a theme; the message names the file and the key.
    """
    import tomllib  # here, because the theme of most starts is not read from a file

    try:
        if not path.is_file():  # a pipe would hold the start up for ever
            raise ConfigError(f"{path}: not a file")
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT_BYTES + 1)
        if len(raw) > SIZE_LIMIT_BYTES:
            raise ConfigError(f"{path}: longer than {SIZE_LIMIT_BYTES:,} bytes, so not a theme")
        table = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or 'cannot be read'}") from error
    return _theme_of(table, path)


def _theme_of(table: dict[str, object], path: Path) -> tuple[Theme, list[str]]:
    notices = [f"{path}: “{key}” means nothing in a theme{_nearest(key, _KEYS)}" for key in table if key not in _KEYS]
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.match(name):
        raise ConfigError(f"{path}: “name” must be a short word such as “ink”")
    is_ansi = _flag(table, "ansi", path, default=False)
    is_dark = _flag(table, "dark", path, default=True)
    code = table.get("code", {})
    if not isinstance(code, dict):
        raise ConfigError(f"{path}: “code” must be a table of colours")
    notices += [
        f"{path}: “code.{key}” means nothing in a theme{_nearest(key, _HUES)}" for key in code if key not in _HUES
    ]
    colours = {key: _colour(table, key, path, is_ansi=is_ansi) for key in _COLOURS}
    hues = {key: _colour(code, key, path, is_ansi=is_ansi, inside="code.") for key in _HUES}
    return Theme(name, is_dark, is_ansi, **colours, code=CodeHues(**hues)), notices


_KEYS = ("name", "dark", "ansi", *_COLOURS, "code")


def _flag(table: dict[str, object], key: str, path: Path, *, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise ConfigError(f"{path}: “{key}” must be true or false")
    return value


def _colour(table: dict[str, object], key: str, path: Path, *, is_ansi: bool, inside: str = "") -> str:
    value = table.get(key)
    if value is None:
        raise ConfigError(f"{path}: “{inside}{key}” is missing")
    if is_ansi:
        if isinstance(value, str) and (value in _ANSI or (value == "dim" and key in {"muted", *_HUES})):
            return value
        raise ConfigError(f"{path}: “{inside}{key}” must name one of the terminal's colours, such as “bright_blue”")
    if isinstance(value, str) and _HEX.match(value):
        return value.lower()
    raise ConfigError(f"{path}: “{inside}{key}” must be a colour such as “#7aa2f7”")


def _nearest(word: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, names, 1)
    return f"; did you mean “{near[0]}”?" if near else ""


def theme_files(folders: Iterable[Path]) -> Iterator[Path]:
    """The theme files of some folders; of two with one name, the later folder's counts."""
    files: dict[str, Path] = {}
    for folder in folders:
        try:
            files |= {path.stem: path for path in sorted(folder.glob("*.toml"))}
        except OSError:
            continue
    yield from files.values()


def find_theme(name: str, folders: Iterable[Path]) -> tuple[Theme, list[str]]:
    """The theme of that name, or ink and a notice that says why it is ink."""
    for path in theme_files(folders):
        if path.stem != name:
            continue
        try:
            return read_theme(path)
        except ConfigError as error:
            return Theme(), [f"{error.message.rstrip('.')}; using ink instead"]
    return Theme(), [] if name == "ink" else [f"there is no theme “{name}”; using ink instead"]


def read_themes(folders: Iterable[Path]) -> tuple[list[Theme], list[str]]:
    """Every theme that can be read, ink first, and a notice for each that cannot."""
    themes, notices = {"ink": Theme()}, []
    for path in theme_files(folders):
        try:
            theme, said = read_theme(path)
        except ConfigError as error:
            notices.append(error.message)
        else:
            themes[theme.name] = theme
            notices += said
    return list(themes.values()), notices
