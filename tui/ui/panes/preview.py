"""The next request beside the sheet that shapes it: what goes out, what it takes, and the fields that ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from tui.chat.account import is_price_unknown
from tui.chat.next_request import SHOWN, Outline, outline_next
from tui.domain.error import RilletError
from tui.net.body import make_body
from tui.page.json_lines import changed_paths, json_lines
from tui.page.line import Line, cut, width_of
from tui.page.request_lines import part_line, total_words
from tui.ui.action.hint import Hint, hint_line
from tui.ui.host import Chat
from tui.ui.line import Lines
from tui.wire.dialect import dialect_named

FOLDED = ("messages", "input", "system", "instructions", "tools", "response_format", "text")
"""Fields of a body that the parts tell of, or that are long."""

LAST_PARTS = 4
"""So many of the turns are shown, the newest; those above are told by their number."""


class Preview(Lines):
    """What would be sent now; a mark stands before what the sheet has changed since it was opened.

    It is worked out when the sheet changes, and not while it is painted.
    """

    DEFAULT_CSS = "Preview { width: 1fr; height: 1fr; margin: 0 0 0 2; border-left: solid $rule; padding: 0 0 0 2; }"

    def __init__(self, chat: Chat) -> None:
        super().__init__()
        self._chat = chat
        self._outline = Outline()
        self._body: Mapping[str, Any] = {}
        self._before: Mapping[str, Any] | None = None

    def follow(self) -> None:
        """Work out what would be sent now."""
        chat = self._chat
        talk, program, draft = chat.conversation, chat.program, chat.composer.draft
        endpoint = talk.sheet.asked
        about = program.about(talk.sheet.endpoint, talk.sheet.model)
        with suppress(RilletError):  # what cannot be sent is told when it is to be
            self._outline = outline_next(talk, draft, program.choices.token_factors, about)
            self._body = make_body(dialect_named(endpoint.dialect), endpoint, talk.requests.of_prompt(draft, SHOWN))
            self._outline.is_unpriced = is_price_unknown(program, talk)
        if self._before is None:
            self._before = self._body
        self.refresh()

    @property
    def total(self) -> str:
        """All of it in a few words."""
        return total_words(self._outline)

    def lines(self, width: int) -> list[Line]:
        """The parts, then the fields."""
        parts = self._outline.parts
        turns = [part for part in parts if part.turn is not None]
        above = turns[: -LAST_PARTS or None] if len(turns) > LAST_PARTS else []
        shown: list[Line] = [[("The next request", "title")], [(cut(self.total, width), "muted")], []]
        for part in parts:
            if above and part is above[-1]:
                tokens = sum(each.tokens for each in above if each.is_sent)
                shown.append([(cut(f"{len(above):,} earlier turns, ~{tokens:,.0f} tokens", width), "muted")])
            elif part not in above:
                shown.append(part_line(part, self._outline, width))
        if not parts:
            shown.append([("nothing is written, and nothing was said", "muted")])
        folded = [(name,) for name in FOLDED if self._body.get(name)]
        changed = changed_paths(self._body, self._before or {})
        fields = json_lines(self._body, width, folded, changed)
        if before := sum(part.turns for part in parts):  # they are in no body that is made for this
            for each in fields:
                if each.path in (("messages",), ("input",)):
                    each.line.insert(-2, (f" {before:,} turns,", "muted"))
        return [*shown, [], *(each.line for each in fields)]


class PreviewLine(Lines):
    """The same in a line, where there is no room beside the sheet, with the key that shows the rest."""

    DEFAULT_CSS = "PreviewLine { height: 1; }"

    def __init__(self, chat: Chat, preview: Preview) -> None:
        super().__init__()
        self._chat = chat
        self._preview = preview

    def lines(self, width: int) -> list[Line]:
        """The line at a width."""
        keys = hint_line((Hint(("chat.request",), "see it"),), self._chat.rillet.keys)
        room = width - width_of(keys) - 3
        return [[(cut(f"the next request: {self._preview.total}", room), "muted"), ("   ", ""), *keys]]
