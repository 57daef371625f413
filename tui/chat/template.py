"""Templates: prompts of a person's own, in files, with places to fill in: `Review {{file}} for {{what=bugs}}`."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from tui.domain.error import ConfigError

MOST_BYTES = 200_000
_MOST = 500
_NAME = re.compile(r"[\w-]{1,40}")
_PLACE = re.compile(r"\{\{\s*(\w+)\s*(?:=([^{}]*))?\}\}")


class Template(Struct, frozen=True):
    """A prompt with places: each is a name, and what stands there where nothing is given (`None` for nothing)."""

    name: str
    text: str
    places: tuple[tuple[str, str | None], ...]

    @property
    def usage(self) -> str:
        """The places as they are written behind its name."""
        return " ".join(f"[{name}={default}]" if default is not None else name.upper() for name, default in self.places)

    @property
    def summary(self) -> str:
        """Its first words."""
        return " ".join(self.text.split())[:80]

    def filled(self, written: str) -> str:
        """The prompt with what was written behind its name; a place that nothing was given for stays as it is.

        `name=value` fills the place of that name. Other words fill the places in their order, the last of which takes
        all that is left.
        """
        given, words = read_arguments(written, [name for name, _ in self.places])
        free = [name for name, _ in self.places if name not in given]
        if free and words:
            given |= dict(zip(free, words, strict=False))
            if len(words) > len(free):
                given[free[-1]] = " ".join(words[len(free) - 1 :])

        def value(match: re.Match[str]) -> str:
            return given.get(match[1], match[2] if match[2] is not None else match[0])

        text = _PLACE.sub(value, self.text)
        return text if free or not words else f"{text.rstrip()}\n\n{' '.join(words)}"


def read_arguments(written: str, names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """What is written behind a name: the values given as `name=value`, and the other words."""
    try:
        words = shlex.split(written)
    except ValueError:  # a quotation without an end, or an apostrophe
        words = written.split()
    given: dict[str, str] = {}
    others = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in names:
            given[name] = value
        else:
            others.append(word)
    return given, others


def read_templates(folder: Path) -> Mapping[str, Template]:
    """The templates in a folder, by name: each file `NAME.md` is one."""
    templates = {}
    try:
        paths = sorted(folder.glob("*.md"))[:_MOST]
    except OSError:
        return {}
    for path in paths:
        try:
            if not _NAME.fullmatch(path.stem) or not path.is_file() or path.stat().st_size > MOST_BYTES:
                continue
            text = path.read_text("utf-8-sig").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text:
            places: dict[str, str | None] = {}
            for match in _PLACE.finditer(text):
                places[match[1]] = places.get(match[1]) or match[2]
            templates[path.stem] = Template(path.stem, text, tuple(places.items()))
    return templates


EXAMPLE = "Review {{file}} for {{what=bugs}}.\n"
"""What a new template begins with, where nothing is being written."""


def template_file(folder: Path, name: str) -> Path:
    """The file of a template.

    Raises:
        ConfigError: If a template cannot be called so.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"a template cannot be called “{name}”", "Letters, digits, - and _ make a name, 40 at most.")
    return folder / f"{name}.md"


def save_template(path: Path, text: str) -> None:
    """Write the file of a template, which nobody else may read.

    Raises:
        ConfigError: If it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}", "See to its folder.") from error


def first_place(text: str) -> tuple[int, int] | None:
    """Where the first place that is still to be filled in stands in a text."""
    match = _PLACE.search(text)
    return match.span() if match else None
