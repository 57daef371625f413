"""A page in an app of its own, and turns to show on it."""

from contextlib import asynccontextmanager

from textual.app import App
from textual.message import Message
from textual.widgets import Input

from tui.domain.delta import Delta, FinishDelta, TextDelta
from tui.domain.turn import Prompt, Turn, TurnState
from tui.ui.transcript import Transcript


class PageApp(App[None]):
    """Shows a page above an input, and keeps every message that comes up from the page."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Message] = []

    def compose(self):
        yield Transcript()
        yield Input()

    def heard_of(self, kind):
        return [message for message in self.heard if isinstance(message, kind)]


def _hear(name):
    def hear(self, message) -> None:
        self.heard.append(message)

    hear.__name__ = name
    return hear


for _name in (
    "copy_text",
    "open_link",
    "link_pointed",
    "open_block",
    "show_tool_call",
    "block_menu",
    "ask_find",
    "found",
    "new_below",
):
    setattr(PageApp, f"on_{_name}", _hear(f"on_{_name}"))


@asynccontextmanager
async def showing(width=80, height=25):
    """An app with an empty page of `height - 3` rows: pilot and page."""
    app = PageApp()
    async with app.run_test(size=(width, height)) as pilot:
        yield pilot, app.query_one(Transcript)


def rows(page) -> list[str]:
    """The text that stands on the screen, row by row."""
    return [page.render_line(y).text.rstrip() for y in range(page.viewport.rows)]


def asked(text="What?", **options) -> Turn:
    """A turn that waits for its reply."""
    return Turn(Prompt(text), model="grok-4", **options)


def replied(text: str, prompt="What?", **options) -> Turn:
    """A turn that is complete."""
    turn = asked(prompt, **options)
    turn.apply(TextDelta(text))
    turn.apply(FinishDelta("stop"))
    turn.end(TurnState.COMPLETE)
    return turn


def come(page, turn: Turn, *deltas: Delta) -> None:
    """What the screen does when deltas arrive: they are folded, then painted."""
    for delta in deltas:
        turn.apply(delta)
    page.feed(turn, list(deltas))


def paragraphs(count: int, word="word", start=0) -> str:
    """Numbered paragraphs of one line each."""
    return "\n\n".join(f"{word} {number}" for number in range(start, start + count))
