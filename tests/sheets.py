"""Makes `screenshots/sheets/` anew: every screen of the program on one sheet, for each size, theme and number of colours.

`python -m tests.sheets [WORD ...]` makes the sheets whose names hold a word, or all; `RILLET_SHEETS=FOLDER` puts each picture of
them there in full too, to be looked at. Needs the extras `picture` and `images`, and the font Fira Code.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import resvg_py
from PIL import Image

from tests.pictures import (
    BLUE,
    CODE,
    FOLDER,
    FONTS,
    WEATHER,
    call,
    columns_of,
    compare,
    for_resvg,
    look_at_a_frame,
    look_at_oddities,
    look_at_the_next_request,
    look_at_the_turns,
    odd_reply,
    play_again,
    quick_reply,
    race,
    slow_reply,
)
from tests.ui.fake import FakeProgram, Gate, Played, reply
from tests.ui.script import chunk, ending, tape, words
from tui.chat.settings_file import SettingsFile
from tui.domain.error import SettingsError
from tui.store.settings import read_settings
from tui.tools.command import CommandTool, command_tool
from tui.tools.definition import Tool
from tui.tools.registry import Registry
from tui.tools.root import Roots
from tui.ui.start.early.colour import of_256
from tui.ui.theme.eight_bit import BY_HAND

SHEETS = FOLDER / "sheets"
SIZES = ((80, 24), (120, 40), (200, 60))
THEMES = ("ink", "paper", "contrast", "clear", "terminal")
IN_256 = ("ink", "paper")
COLUMNS = 4
TILE = 520
"""Pixels of a sheet that one picture is wide; what is said has to be seen, the words not all read."""

SHADES = 160
"""Colours of a sheet, the most frequent ones as they are, so that it is small and its grounds are true."""

Play = Callable[[Any], Awaitable[None]]


SETTINGS = """temperature = 0.7
max_tokens = 2000

[deadlines]
quiet = 45
"""


class Sight(NamedTuple):
    """One screen: its name, how it is come to, and what the endpoint says there."""

    name: str
    play: Play
    scripts: list[list[Any]]


def weather() -> Tool:
    """A program of the settings."""
    argv = ("weather", "--city={location}", "--unit={unit}")
    return command_tool(CommandTool("get_weather", "The weather now", argv, WEATHER), Roots(()))


async def empty(screen: Any) -> None:
    """Nothing was said."""


def waits(gate: Gate) -> Play:
    async def play(screen: Any) -> None:
        await screen.say("Why is the sky blue, and the evening red?")
        await gate.reached.wait()
        screen.program.clock.now += 4.2
        await screen.pilot.pause(0.3)
        screen.chat.stage.status._tick()

    return play


async def talk(screen: Any) -> None:
    """A conversation of several turns, one of them asked twice."""
    await screen.say("Explain Server-Sent Events with a small Python example.")
    await screen.settled()
    await screen.say("Why is the sky blue, and the evening red?")
    await screen.settled()
    await screen.press("alt+r")
    await screen.settled()


async def saved(screen: Any) -> None:
    """Sessions of three days."""
    asked = (
        "Why is the sky blue?",
        "Rename the columns of a CSV",
        "Explain Server-Sent Events",
        "Packing list for Lisbon",
    )
    for prompt in asked:
        await screen.press("ctrl+n")
        await screen.say(prompt)
        await screen.settled()
    database = screen.program.database
    for session in database.sessions.summaries():
        age = len(asked) - 1 - asked.index(session.title)
        database._connection.run(
            "UPDATE session SET updated_at = ? WHERE id = ?", time.time() - age * 86400, session.id
        )
    await screen.press("ctrl+r", "down")
    await screen.pilot.pause(0.2)


def pressed(*keys: str) -> Play:
    async def play(screen: Any) -> None:
        await screen.press(*keys)
        await screen.pilot.pause(0.2)

    return play


def after_talk(*keys: str) -> Play:
    async def play(screen: Any) -> None:
        await talk(screen)
        await screen.press(*keys)
        await screen.pilot.pause(0.2)

    return play


async def asks(screen: Any) -> None:
    """A call waits for a decision."""
    await screen.give_tools(weather())
    await screen.say("What is the weather in Paris and in Tokyo?")
    await screen.until(lambda: "May this run" in screen.text())
    await screen.pilot.pause(0.3)


def sights() -> list[Sight]:
    """Every screen there is a picture of."""
    code = tape((0.3, chunk({"role": "assistant", "content": ""})), *words(CODE, 0.31), *ending(4.6))
    blue = tape((0.3, chunk({"role": "assistant", "content": ""})), *words(BLUE, 0.31), *ending(3.2))
    two = tape(
        (0.3, chunk({"role": "assistant", "content": ""})),
        *words("I look up both cities.", 0.31),
        *call(0.6, 0, "call_91", "get_weather", '{"location":', ' "Paris",', ' "unit": "c"}'),
        *call(0.9, 1, "call_92", "get_weather", '{"location"', ': "Tokyo"}'),
        *ending(1.4, "tool_calls"),
    )
    spoken = [[Played(code)], [Played(blue)], [Played(blue)]]
    gate = Gate()
    return [
        Sight("empty", empty, []),
        Sight("waiting", waits(gate), [[gate]]),
        Sight("full", talk, spoken),
        Sight("sessions", saved, [[Played(blue)], reply("Done."), [Played(code)], reply("Passport, charger.")]),
        Sight("models", pressed("ctrl+o", "down"), []),
        Sight("settings", pressed("f9", "down", "down"), []),
        Sight("approval", asks, [[Played(two)]]),
        Sight("help", after_talk("f1"), spoken),
        Sight("sheet", after_talk("f2"), spoken),
        Sight("commands", after_talk("ctrl+p"), spoken),
        Sight("wire", after_talk("ctrl+e"), [[Played(code)], [Played(slow_reply())], [Played(slow_reply())]]),
        Sight("frame", look_at_a_frame, [[Played(slow_reply())]]),
        Sight("oddities", look_at_oddities, [[Played(odd_reply())]]),
        Sight("playing", play_again, [[Played(slow_reply())]]),
        Sight("turns", look_at_the_turns, [[Played(slow_reply())], [Played(quick_reply())]]),
        Sight("compare", compare, [[Played(quick_reply())], [Played(slow_reply())]]),
        Sight("race", race, [[Played(made)] for made in (quick_reply(), *columns_of())]),
        Sight("request", look_at_the_next_request, [[Played(slow_reply())], [Played(quick_reply())]]),
    ]


@asynccontextmanager
async def opened(sight: Sight, size: tuple[int, int]) -> AsyncIterator[tuple[Any, Any]]:
    """The screen at a size, come to."""
    from tests.ui.conftest import Screen
    from tui.chat.conversation import Conversation
    from tui.ui.app import RilletApp

    path = Path(os.environ["XDG_CONFIG_HOME"]) / "config.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    program = FakeProgram(*sight.scripts, settings=read_settings(path))
    program.settings_file = SettingsFile(path)
    program.registry = Registry([weather()])
    conversation = Conversation(program, "xai", "grok-4", clock=program.clock)
    app = RilletApp(program, conversation, theme=THEMES[0], theme_dirs=[FOLDER.parent / "themes"])
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await sight.play(Screen(app, pilot, program))
        yield app, pilot


async def pictures(sight: Sight, size: tuple[int, int]) -> dict[str, str]:
    """The screen in each theme, as SVG."""
    taken = {}
    async with opened(sight, size) as (app, pilot):
        for theme in THEMES:
            app.following.choose(theme)
            await pilot.pause(0.1)
            taken[theme] = app.export_screenshot(title=" ")
    return taken


async def stuck(size: tuple[int, int]) -> dict[str, str]:
    """The screen that waits for settings that can be used."""
    from tui.ui.start.waiting import WaitingApp

    error = SettingsError(
        "~/.config/rillet/config.toml, line 3: the key “modle” is not used here", hint="Did you mean “model”?"
    )
    taken = {}
    with patch.dict(os.environ, COLORTERM="truecolor"):
        for theme in THEMES:
            async with WaitingApp(error, theme).run_test(size=size) as pilot:
                await pilot.pause()
                taken[theme] = pilot.app.export_screenshot(title=" ")
    return taken


def in_256(svg: str) -> str:
    """A picture in the colours that a terminal of 256 shows, those of xterm's palette."""

    def nearest(match: re.Match[str]) -> str:
        colour = match[0].lower()
        number = BY_HAND.get(colour) or of_256(*bytes.fromhex(colour[1:]))
        if number >= 232:
            return "#" + f"{8 + 10 * (number - 232):02x}" * 3
        steps = (0, 95, 135, 175, 215, 255)
        number -= 16
        return "#" + "".join(f"{steps[part]:02x}" for part in (number // 36, number // 6 % 6, number % 6))

    return re.sub(r"#[0-9a-fA-F]{6}\b", nearest, svg)


def rendered(svg: str, width: int) -> Image.Image:
    """A picture as pixels."""
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    png = resvg_py.svg_to_bytes(svg_string=for_resvg(svg), width=width, **FONTS)
    return Image.open(io.BytesIO(bytes(png))).convert("RGB")


def sheet_of(svgs: list[str]) -> Image.Image:
    """Pictures of one size, side by side."""
    tiles = [rendered(svg, TILE) for svg in svgs]
    width, height = tiles[0].size
    rows = -(-len(tiles) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * width, rows * height), "#808080")
    for number, tile in enumerate(tiles):
        sheet.paste(tile, (number % COLUMNS * width, number // COLUMNS * height))
    counted: list[Any] = sorted(sheet.getcolors(1 << 24) or [], reverse=True)[:SHADES]
    shades = Image.new("P", (1, 1))
    shades.putpalette([part for _, colour in counted if isinstance(colour, tuple) for part in colour])
    return sheet.quantize(palette=shades, dither=Image.Dither.NONE)


async def main(wanted: list[str]) -> None:
    """Make the sheets."""
    SHEETS.mkdir(exist_ok=True)
    whole = os.environ.get("RILLET_SHEETS", "")
    for size in SIZES:
        names = [f"{size[0]}x{size[1]}-{theme}" for theme in (*THEMES, *(f"{theme}-256" for theme in IN_256))]
        names = [name for name in names if not wanted or any(word in name for word in wanted)]
        if not names:
            continue
        taken = {sight.name: await pictures(sight, size) for sight in sights()}
        taken["settings that cannot be used"] = await stuck(size)
        for name in names:
            theme = name.split("-")[1]
            svgs = {sight: in_256(by[theme]) if name.endswith("-256") else by[theme] for sight, by in taken.items()}
            sheet_of(list(svgs.values())).save(SHEETS / f"{name}.png", optimize=True)
            for sight, svg in svgs.items() if whole else ():
                rendered(svg, 10 * size[0]).save(Path(whole) / f"{name}-{sight}.png")
            print(SHEETS / f"{name}.png", flush=True)


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    home = Path(tempfile.gettempdir(), f"rillet-{os.getpid()}", "rillet")
    home.mkdir(parents=True)
    with patch.dict(os.environ):
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = str(home)
        try:
            asyncio.run(main(sys.argv[1:]))
        finally:
            shutil.rmtree(home.parent)
