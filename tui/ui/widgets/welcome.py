"""The empty conversation: what this is, what to try, who would answer."""

from __future__ import annotations

from tui.page.line import Line, cut, width_of
from tui.ui.action.hint import Hint, hint_line, keymap_of
from tui.ui.line import Lines
from tui.ui.theme.recede import BEHIND

TRIES = (
    ("What is the capital of France?", "a short answer"),
    ("Write a haiku about a terminal at night.", "text that streams"),
    ("Explain Server-Sent Events with a small Python example.", "code, as it is written"),
    ("List three fruits with colour and price as a Markdown table.", "a table that grows"),
)


def try_named(text: str) -> str:
    """The prompt to try whose number is all that was written; empty for any other text."""
    return next((prompt for number, (prompt, _) in enumerate(TRIES, 1) if text.strip() == str(number)), "")


class Welcome(Lines):
    """A calm page in the middle of the screen."""

    DEFAULT_CSS = "Welcome { height: 1fr; padding: 0 2; background: $background; }"

    def __init__(self) -> None:
        super().__init__(id="welcome")
        self._model = ""
        self._place = ""
        self._is_local = False
        self._system = ""

    def tell(self, *, model: str, place: str, is_local: bool, system: str) -> None:
        """Say who would answer, and what would be told first."""
        new = (model, place, is_local, system)
        if new != (self._model, self._place, self._is_local, self._system):
            self._model, self._place, self._is_local, self._system = new
            self.refresh()

    def lines(self, width: int) -> list[Line]:
        """The page at a width, set in the middle."""
        if self.screen.has_class(BEHIND):  # shreds of it beside a drawer would say nothing
            return []
        height = self.content_size.height
        block = self._block(width, height)
        left = max(0, (width - max(map(width_of, block), default=0)) // 2)
        above = max(0, (height - len(block)) * 2 // 5)
        return [[] for _ in range(above)] + [[(" " * left, ""), *line] for line in block]

    def _told_first(self, width: int) -> list[Line]:
        if not self._system:
            return []
        return [[("system   ", "muted"), (cut(self._system, min(60, width - 12)), "@chat.system")]]

    def _block(self, width: int, height: int) -> list[Line]:
        is_wide = width >= 84
        where: Line = [(self._model or "no model", "accent@chat.models"), (f"  {self._place}", "muted@chat.models")]
        if self._is_local:
            where.append((": small, offline, for trying the program", "muted"))
        lines: list[Line] = [
            [("rillet", "title")],
            [("A chat in which you can see the stream.", "muted")],
            [],
        ]
        for number, (prompt, what) in enumerate(TRIES, 1):
            line: Line = [
                (f"{number}  ", f"key@offer.try_{number}"),
                (prompt, f"@offer.try_{number}"),
            ]
            if is_wide:
                line += [(" " * max(2, 64 - len(prompt)), ""), (what, "muted")]
            lines.append(line)
        lines += [
            [],
            [("answers  ", "muted"), *where],
            *self._told_first(width),
            hint_line((Hint(("chat.models",), "another model"),), keymap_of(self)),
            [
                ("/", "key"),
                (" commands   ", "muted"),
                ("@", "key"),
                (" a file goes along   ", "muted"),
                *hint_line((Hint(("chat.sheet",), "effort, system prompt, budget"),), keymap_of(self)),
            ],
        ]
        return lines if height >= len(lines) else [line for line in lines if line]
