"""Makes `screenshots/` anew, from tapes written by hand: `python -m tests.pictures [NAME ...]`.

Needs the extra `picture`, and for the PNG files the font Fira Code. `tests/ui/test_pictures.py` holds what the screen
shows now against the pictures that were taken.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import force_setattr

from tests.ui.fake import FakeProgram, Gate, Played
from tests.ui.script import chunk, ending, tape, words
from tui.domain.request import ReplySchema
from tui.domain.tape import Head, Read, Tape
from tui.tools.definition import Output, Tool
from tui.tools.registry import Registry

FOLDER = Path(__file__).parents[1] / "screenshots"
FONTS = {"font_family": "Fira Code", "monospace_family": "Fira Code"}
CELL = 12.2  # of Textual's pictures
_SIGN_FIRST = re.compile(
    r'(<text class="[^"]*" x=")([\d.]+)(" y="[\d.]+" textLength=")([\d.]+)("[^>]*>)([▸▾☐☑✓✗⚠])([^<]+)</text>'
)
WEATHER = {
    "type": "object",
    "properties": {"location": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
    "required": ["location"],
}
CODE = """A server sends **events** as plain text over one HTTP response that stays open:

| field | says |
|---|---|
| `data:` | the text of the event |
| `event:` | its kind, `message` if it is left out |
| `id:` | where to go on after a break |

Read them line by line; a blank line ends an event.

```python
async def frames(response):
    data = []
    async for line in response.aiter_lines():
        if line.startswith("data:"):
            data.append(line[5:].lstrip())
        elif not line and data:  # a blank line
            yield "\\n".join(data)
            data.clear()
```

Two things are easy to get wrong:

- [x] a line may end in `\\r\\n`, `\\n` **or** `\\r`
- [ ] a character may be cut in two by the network
"""
BLUE = """Sunlight looks white and holds **every colour**. Air scatters short waves far more than long ones, about as `1 / wavelength ** 4`, so blue light comes to your eyes from every part of the sky, and red light goes nearly straight on.

In the evening the light has come a long way through the air:

- the blue was scattered out of it *before* it reached you;
- what is left is **orange and red**, and dust or smoke makes it stronger.

That is also why the sun itself looks yellow at noon, and why a clear evening after rain is paler than a dusty one.
"""
PEOPLE = '{"people": [{"name": "Ada Lovelace", "born": 1815, "field": "mathematics"}, {"name": "Grace Hopper", "born": 1906, "field": "compilers"}, {"name": "Barbara Liskov", "born": 1939, "fie'


def call(at: float, index: int, call_id: str, name: str, *pieces: str) -> list[tuple[float, Any]]:
    first = {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}
    steps = [(at, chunk({"tool_calls": [first]}))]
    for number, piece in enumerate(pieces, 1):
        more = {"index": index, "function": {"arguments": piece}}
        steps.append((round(at + number * 0.04, 3), chunk({"tool_calls": [more]})))
    return steps


async def weather(arguments: Any) -> Output:
    return Output('{"temperature": 18, "sky": "cloudy"}')


def tools() -> Registry:
    argv = ["weather", "--city", "{location}", "--unit", "{unit}"]
    return Registry([Tool("get_weather", "The weather now", WEATHER, "command", weather, deciding={"argv": argv})])


@dataclass(frozen=True)
class Scene:
    """A picture: its name, its size in cells, what is done on the screen, and what the endpoint says, also when it is asked more."""

    name: str
    size: tuple[int, int]
    play: Callable[[Any], Awaitable[None]]
    steps: list[Any] = field(default_factory=list)
    theme: str = "ink"
    more: list[list[Any]] = field(default_factory=list)


LATEST = 10.0
"""So many seconds after a scene was played its picture is waited for, on a machine that has much else to do."""


async def picture_of(scene: Scene, wanted: str = "") -> str:
    """Play a scene and return the screen as SVG; where a picture is wanted, the screen has time to come to it."""
    from tests.ui.conftest import Screen
    from tui.chat.conversation import Conversation
    from tui.ui.app import RilletApp

    program = FakeProgram(scene.steps, *scene.more)
    program.registry = tools()
    conversation = Conversation(program, "xai", "grok-4", clock=program.clock)
    themes = [FOLDER.parent / "themes"]
    app = RilletApp(program, conversation, theme=scene.theme, theme_dirs=themes)
    async with app.run_test(size=scene.size) as pilot:
        await pilot.pause()
        await scene.play(Screen(app, pilot, program))
        await pilot.pause()
        svg = _picture(app)
        until = time.monotonic() + LATEST
        while wanted and svg != wanted and time.monotonic() < until:
            await pilot.pause(0.2)
            svg = _picture(app)
    return svg


def _picture(app: Any) -> str:
    svg: str = app.export_screenshot(title="rillet")
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+-", "t-", svg)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def for_resvg(svg: str) -> str:
    """The same where Fira Code lacks a sign, or is not asked for: resvg would draw all that stands beside it in another font."""

    def apart(match: re.Match[str]) -> str:
        lead, x, between, length, more, sign, rest = match.groups()
        first = f"{lead}{x}{between}{CELL}{more}{sign}</text>"
        return f"{first}{lead}{float(x) + CELL:g}{between}{float(length) - CELL:g}{more}{rest}</text>"

    return _SIGN_FIRST.sub(apart, svg.replace("font-family: arial", "font-family: Fira Code"))


def save(name: str, svg: str) -> None:
    """Write a picture, as SVG and where that can be done as PNG."""
    (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
    try:
        import resvg_py
    except ImportError:
        print(f"{name}: no PNG, resvg-py is not installed", file=sys.stderr)
        return
    (FOLDER / f"{name}.png").write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=for_resvg(svg), **FONTS)))


async def welcome(screen: Any) -> None:
    """Nothing was said yet."""


async def ask_for_code(screen: Any) -> None:
    await screen.say("Explain Server-Sent Events with a small Python example.")
    await screen.settled()
    screen.chat.page.scroll_home(animate=False)


async def ask_for_weather(screen: Any) -> None:
    await screen.give_tools(*screen.program.registry.tools)
    gate = screen.chat.runner.tools.gate
    await screen.say("What is the weather in Paris and in Tokyo?")
    await screen.until(lambda: "May this run" in screen.text())
    turn = screen.turns[0]
    views = gate.views(turn)
    gate.approve(turn, views[0])
    await screen.until(lambda: views[0].state == "done")
    await screen.press("tab")
    await screen.until(lambda: screen.chat.panes.docked("calls")._question.is_armed)
    force_setattr(views[0].result, "duration", 0.012)  # the one time that is not the script's
    screen.chat.panes.docked("calls").show(turn)
    await screen.pilot.pause(0.6)


def until_gate(gate: Gate, prompt: str, *keys: str) -> Callable[[Any], Awaitable[None]]:
    async def play(screen: Any) -> None:
        for key in keys:
            await screen.press(key)
        screen.chat.composer.focus()
        await screen.say(prompt)
        await gate.reached.wait()
        await screen.pilot.pause(0.7)
        screen.chat.stage.status._tick()

    return play


async def pick_a_model(screen: Any) -> None:
    await screen.press("ctrl+o", "down")


async def look_at_the_wire(screen: Any) -> None:
    await screen.press("ctrl+e")
    screen.chat.composer.focus()
    await screen.say("What is the capital of France?")
    await screen.settled()
    await screen.press("ctrl+e")
    await screen.press("end")


def slow_reply() -> Tape:
    """A reply that keeps one waiting: for its first token, while it thinks, and in the middle."""
    thought = "The person wants to know why the sky is blue. Sunlight holds every colour; air scatters the short waves more. I say that in three sentences."
    first, second = BLUE.split("\n\n", 1)
    made = tape(
        (1.84, chunk({"role": "assistant", "content": ""})),
        *[
            (at, chunk({"reasoning_content": piece["choices"][0]["delta"]["content"]}))
            for at, piece in words(thought, 1.9, 34)
        ],
        *words(first + "\n\n", 3.1, 52),
        *words(second, 7.3, 47),
        *ending(9.2, completion_tokens=171),
        prompt="Why is the sky blue, and the evening red?",
    )
    phases = {"connected": 0.031, "secured": 0.078, "sent": 0.079}
    made.response = Head(200, {"content-type": "text/event-stream"}, 0.42, phases)
    alive = [Read(at, b": keep-alive\n\n") for at in (0.9, 1.4, 5.2, 6.2)]
    made.reads = sorted([*made.reads, *alive], key=lambda read: read.at)
    return made


async def look_at_time(screen: Any) -> None:
    await screen.say("Why is the sky blue, and the evening red?")
    await screen.settled()
    await screen.press("ctrl+e")
    await screen.press("end", "up", "up", "up", "up")
    for _ in range(9):
        await screen.press("left")


async def look_at_a_frame(screen: Any) -> None:
    await look_at_time(screen)
    await screen.press("down", "down", "down", "down", "enter")


def odd_reply() -> Tape:
    """A gateway that answers with another model, repeats a frame, and forgets how a stream ends."""
    told = words("The sky is blue because air scatters the short waves of sunlight most.", 0.4, 40)
    other = [
        (at, {**piece, "model": "grok-4-mini"} if number > 3 else piece) for number, (at, piece) in enumerate(told)
    ]
    late = round(told[-1][0] + 0.03, 3)
    return tape(
        (0.3, chunk({"role": "assistant", "content": ""})),
        *other[:6],
        (round(other[5][0] + 0.01, 3), other[5][1]),
        *other[6:],
        (late, {"id": "c1", "model": "grok-4-mini", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
        (round(late + 0.1, 3), {**chunk({"content": " (cached)"}), "x_gateway": {"node": 7}}),
    )


async def look_at_oddities(screen: Any) -> None:
    await screen.say("Why is the sky blue?")
    await screen.settled()
    for key in ("ctrl+e", "home", "exclamation_mark", "exclamation_mark"):
        await screen.press(key)  # the list has another height from the first one on


async def play_again(screen: Any) -> None:
    await screen.say("Why is the sky blue, and the evening red?")
    await screen.settled()
    await screen.press("ctrl+e", "space", "space")
    playing = screen.chat.panes.docked("wire")._playback.playing
    for at in (0, 7.9):
        playing.seek(at)
        await screen.until(lambda: playing._goal is None)
    await screen.press("right")


async def compare(screen: Any) -> None:
    await screen.say("Why is the sky blue, and the evening red?")
    await screen.settled()
    await screen.press("alt+r")
    await screen.settled()
    await screen.say("/compare")
    await screen.until(lambda: screen.text().count("■") == 2)


def quick_reply() -> Tape:
    """The same question, answered at once by a small model."""
    told = BLUE.split("\n\n", 1)[0] + "\n\nAt dusk the path is longer: what arrives is **red**.\n"
    return tape(
        (0.24, chunk({"role": "assistant", "content": ""})),
        *words(told, 0.27, 140),
        *ending(0.95, completion_tokens=74),
    )


def buffered_reply() -> Tape:
    """The same question through a proxy that holds everything back, and lets it go in lumps."""
    told = BLUE.replace("\n- ", "\n* ")
    pieces = words(told, 0.0, 1000)
    lumps = [
        (2.2 + 0.9 * (number * 6 // len(pieces)) + number * 1e-5, piece) for number, (_, piece) in enumerate(pieces)
    ]
    return tape((2.2, chunk({"role": "assistant", "content": ""})), *lumps, *ending(7.1, completion_tokens=160))


def columns_of() -> list[Tape]:
    columns = {"grok-4": slow_reply(), "grok-4-fast": quick_reply(), "grok-3": buffered_reply()}
    for model, made in columns.items():
        named = f'"model": "{model}"'.encode()
        made.reads = [Read(read.at, read.data.replace(b'"model": "grok-4"', named)) for read in made.reads]
    return list(columns.values())


def racing(*models: str) -> Callable[[Any], Awaitable[None]]:
    async def play(screen: Any) -> None:
        await screen.say("Why is the sky blue, and the evening red?")
        await screen.settled()
        await screen.say(f"/race {' '.join(models)}")
        await screen.until(lambda: screen.chat.panes.over is not None)
        pane = screen.chat.panes.over
        await screen.until(lambda: len(pane.views) == len(models))
        await screen.until(lambda: all(view.turn.state.is_over for view in pane.views))
        await screen.until(lambda: all(view.wire.timeline.end_kind for view in pane.views))
        pane._look()
        await screen.press("right")

    return play


race = racing("grok-4", "grok-4-fast", "grok-3")
race_of_four = racing("grok-4", "grok-4-fast", "grok-3", "grok-2")


async def look_at_the_next_request(screen: Any) -> None:
    for prompt in ("Why is the sky blue, and the evening red?", "And at sea?"):
        await screen.say(prompt)
        await screen.settled()
    await screen.type("And on Mars?")
    await screen.press("alt+n")
    await screen.until(lambda: "estimated" in screen.text())


async def look_at_the_turns(screen: Any) -> None:
    for prompt in ("Why is the sky blue, and the evening red?", "And at sea?"):
        await screen.say(prompt)
        await screen.settled()
    await screen.say("/turns")
    await screen.until(lambda: screen.text().count("■") == 2)


async def cut_short(screen: Any) -> None:
    await screen.say("Tell me a long story about a river.")
    await screen.settled()


def structured(gate: Gate) -> Callable[[Any], Awaitable[None]]:
    async def play(screen: Any) -> None:
        person = {
            "type": "object",
            "properties": {"name": {"type": "string"}, "born": {"type": "integer"}, "field": {"type": "string"}},
            "required": ["name", "born", "field"],
        }
        people = {
            "type": "object",
            "properties": {"people": {"type": "array", "items": person}},
            "required": ["people"],
        }
        screen.chat.conversation.sheet.schema = ReplySchema("people", people)
        await until_gate(gate, "Three pioneers of computing, please.")(screen)

    return play


def scenes() -> list[Scene]:
    """Every picture there is."""
    asked = "Explain Server-Sent Events with a small Python example."
    whole = tape((0.3, chunk({"role": "assistant", "content": ""})), *words(CODE, 0.31), *ending(4.6), prompt=asked)
    two = tape(
        (0.3, chunk({"role": "assistant", "content": ""})),
        *words("I look up both cities.", 0.31),
        *call(0.6, 0, "call_91", "get_weather", '{"location":', ' "Paris",', ' "unit": "c"}'),
        *call(0.9, 1, "call_92", "get_weather", '{"location"', ': "Tokyo"}'),
        *ending(1.4, "tool_calls"),
    )
    short = tape(
        (0.3, chunk({"role": "assistant", "content": ""})),
        *words("The capital of France is Paris.", 0.31),
        *ending(0.6, completion_tokens=9),
    )
    story = "The river began as a drip under a stone. It did not know that it was a river. By noon it had found a slope, and by evening a"
    cut = tape(*words(story, 0.42), *ending(1.2, "length", completion_tokens=32))
    people = tape(
        *[
            (0.3 + number * 0.02, chunk({"content": PEOPLE[at : at + 6]}))
            for number, at in enumerate(range(0, len(PEOPLE), 6))
        ]
    )
    gate, shaping = Gate(), Gate()
    return [
        Scene("conversation", (120, 40), ask_for_weather, [Played(two)]),
        Scene("welcome", (100, 30), welcome),
        Scene("reading", (100, 40), ask_for_code, [Played(whole)]),
        Scene("streaming", (120, 36), until_gate(gate, asked, "ctrl+e"), [Played(whole, 2.3), gate]),
        Scene("models", (120, 30), pick_a_model),
        Scene("wire", (140, 36), look_at_the_wire, [Played(short)]),
        Scene("structure", (130, 34), structured(shaping), [Played(people, people.reads[-1].at), shaping]),
        Scene("cut", (80, 24), cut_short, [Played(cut)]),
        *(
            Scene(f"time-{columns}-{theme}", (columns, rows), look_at_time, [Played(slow_reply())], theme)
            for columns, rows in ((80, 24), (120, 40), (200, 60))
            for theme in ("ink", "paper")
        ),
        *(
            Scene(name, size, race, [Played(quick_reply())], theme, [[Played(made)] for made in columns_of()])
            for name, size, theme in (("race", (150, 36), "ink"), ("race-80-paper", (80, 24), "paper"))
        ),
        Scene(
            "race-of-four",
            (80, 24),
            race_of_four,
            [Played(quick_reply())],
            more=[[Played(made)] for made in (*columns_of(), cut)],
        ),
        Scene("request", (120, 30), look_at_the_next_request, [Played(slow_reply())], more=[[Played(quick_reply())]]),
        Scene("frame", (120, 36), look_at_a_frame, [Played(slow_reply())]),
        Scene("oddities", (120, 36), look_at_oddities, [Played(odd_reply())]),
        Scene("playing", (120, 36), play_again, [Played(slow_reply())], "paper"),
        Scene("compare", (120, 36), compare, [Played(quick_reply())], more=[[Played(slow_reply())]]),
        Scene("turns", (120, 30), look_at_the_turns, [Played(slow_reply())], more=[[Played(quick_reply())]]),
        *(
            Scene(f"theme-{theme}", (90, 40), ask_for_code, [Played(whole)], theme)
            for theme in ("ink", "paper", "contrast", "clear")
        ),
    ]


async def main(names: list[str]) -> None:
    """Take the pictures named, or all."""
    taken = [scene for scene in scenes() if not names or scene.name in names]
    for scene in taken:
        save(scene.name, await picture_of(scene))
    print(f"{len(taken)} pictures in {FOLDER}")


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = home
        asyncio.run(main(sys.argv[1:]))
