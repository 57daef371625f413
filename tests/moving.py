"""Makes the moving picture that opens the README, from a tape written by hand: `python -m tests.moving`.

The screen is played to so many instants of the tape; a row of the picture is written once for each thing it shows, and is
visible as long as it shows that.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from html import escape
from typing import Any

from rich.style import Style

from tests.pictures import FOLDER, slow_reply
from tests.ui.fake import FakeProgram, Gate, Played

COLUMNS, ROWS = 108, 26
CELL, LINE = 8.4, 18
REST = 3.0
"""Seconds that the whole reply stands still before it begins anew."""
INSTANTS = [
    0.1,
    1.0,
    *(1.9 + number * 0.3 for number in range(9)),
    5.0,
    6.0,
    *(7.32 + number * 0.3 for number in range(7)),
]
FONT = 'font-family="Fira Code,Menlo,Consolas,DejaVu Sans Mono,monospace"'
BLOCKS = "▁▂▃▄▅▆▇█"
BARS = "▏▎▍▌▋▊▉█"

Row = tuple[tuple[str, str, str, bool], ...]
"""Runs of a row: text, colour, ground, bold."""


def rows_of(screen: Any) -> list[Row]:
    """What the screen shows, row by row."""
    rows: list[Row] = []
    for strip in screen.chat._compositor.render_strips():
        runs: list[tuple[str, str, str, bool]] = []
        for segment in strip:
            style = segment.style or Style.null()
            look = (_hex(style.color), _hex(style.bgcolor), bool(style.bold))
            if runs and runs[-1][1:] == look:
                runs[-1] = (runs[-1][0] + segment.text, *look)
            else:
                runs.append((segment.text, *look))
        rows.append(tuple(runs))
    return rows


def _hex(color: Any) -> str:
    return "" if color is None or color.triplet is None else color.triplet.hex


async def play() -> list[tuple[float, list[Row]]]:
    """The screen at every instant."""
    from tests.ui.conftest import Screen
    from tui.chat.conversation import Conversation
    from tui.ui.app import RilletApp

    made = slow_reply()
    gates = [Gate() for _ in INSTANTS]
    steps: list[Any] = []
    before = -1.0
    for at, gate in zip(INSTANTS, gates, strict=True):
        steps += [Played(made, at, begin=before), gate]
        before = at
    steps.append(Played(made, begin=before))
    program = FakeProgram(steps)
    conversation = Conversation(program, "xai", "grok-4", clock=program.clock)
    app = RilletApp(program, conversation, theme="ink", theme_dirs=[FOLDER.parent / "themes"])
    shown: list[tuple[float, list[Row]]] = []
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        screen = Screen(app, pilot, program)
        await screen.press("ctrl+e")
        screen.chat.composer.focus()
        await screen.say("Why is the sky blue, and the evening red?")
        pane = screen.chat.panes.docked("wire")
        for at, gate in zip(INSTANTS, gates, strict=True):
            await gate.reached.wait()
            turn = screen.turns[0]
            program.clock.now = (turn.timing.sent_at or 1000.0) + at
            for _ in range(3):
                await pilot.pause()
            pane._look()
            screen.chat.stage.status._tick()
            await pilot.pause()
            await pilot.pause()
            shown.append((at, rows_of(screen)))
            gate.open()
        await screen.settled()
        await pilot.pause()
        shown.append((made.reads[-1].at, rows_of(screen)))
    return shown


def picture(shown: list[tuple[float, list[Row]]]) -> str:
    """The moving picture as SVG."""
    whole = shown[-1][0] + REST
    ends = [at for at, _ in shown[1:]] + [whole]
    width, height = COLUMNS * CELL + 24, ROWS * LINE + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-size="14" {FONT}>',
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#15171c"/><g transform="translate(12 12)">',
    ]
    for y in range(ROWS):
        begin = 0
        while begin < len(shown):
            row = shown[begin][1][y]
            stop = begin
            while stop + 1 < len(shown) and shown[stop + 1][1][y] == row:
                stop += 1
            if drawn := _drawn(row, y):
                parts.append(_timed(drawn, shown[begin][0] if begin else 0.0, ends[stop], whole))
            begin = stop + 1
    return "\n".join([*parts, "</g></svg>"]) + "\n"


def _timed(drawn: str, begin: float, end: float, whole: float) -> str:
    if begin <= 0 and end >= whole:
        return drawn
    times, values = ["0"], ["visible" if begin <= 0 else "hidden"]
    if begin > 0:
        times.append(f"{begin / whole:.4f}".rstrip("0"))
        values.append("visible")
    if end < whole:
        times.append(f"{end / whole:.4f}".rstrip("0"))
        values.append("hidden")
    return (
        f'<g visibility="{values[0]}"><animate attributeName="visibility" calcMode="discrete" dur="{whole:g}s" '
        f'repeatCount="indefinite" keyTimes="{";".join(times)}" values="{";".join(values)}"/>{drawn}</g>'
    )


def _drawn(row: Row, y: int) -> str:
    parts = []
    x = 0
    for text, colour, ground, bold in row:
        if ground and ground != "#15171c":
            parts.append(
                f'<rect x="{x * CELL:g}" y="{y * LINE}" width="{len(text) * CELL:g}" height="{LINE}" fill="{ground}"/>'
            )
        fill = f' fill="{colour or "#d9dce3"}"'
        start = 0
        for at in range(len(text) + 1):
            if at == len(text) or text[at] in BLOCKS or text[at] in BARS:
                parts += _words(text[start:at], x + start, y, fill, bold=bold)
                if at < len(text):
                    parts.append(_block(text[at], x + at, y, fill))
                start = at + 1
        x += len(text)
    return "".join(parts)


def _words(text: str, x: int, y: int, fill: str, *, bold: bool) -> list[str]:
    """Each stretch without two blanks at its place: viewers make one of several, whatever `xml:space` says."""
    weight = ' font-weight="bold"' if bold else ""
    parts = []
    for match in re.finditer(r"\S+(?: \S+)*", text):
        words = match[0]
        length = f' textLength="{len(words) * CELL:g}"' if len(words) > 1 else ""
        place = f'x="{(x + match.start()) * CELL:g}" y="{y * LINE + 13.5:g}"'
        parts.append(f"<text {place}{length}{fill}{weight}>{escape(words)}</text>")
    return parts


def _block(sign: str, x: int, y: int, fill: str) -> str:
    if sign in BLOCKS:
        high = LINE * (BLOCKS.index(sign) + 1) / 8
        return f'<rect x="{x * CELL:g}" y="{(y + 1) * LINE - high:g}" width="{CELL + 0.2:g}" height="{high:g}"{fill}/>'
    return (
        f'<rect x="{x * CELL:g}" y="{y * LINE}" width="{CELL * (BARS.index(sign) + 1) / 8:g}" height="{LINE}"{fill}/>'
    )


async def main() -> None:
    """Make it."""
    svg = picture(await play())
    (FOLDER / "stream.svg").write_text(svg, encoding="utf-8")
    print(f"stream.svg, {len(svg.encode()) / 1000:.0f} KB")


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = home
        asyncio.run(main())
