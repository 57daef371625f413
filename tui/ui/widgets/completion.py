"""The completion: what begins like the word at the cursor, just above the composer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from msgspec import Struct

from tui.page.line import Line, cut, pad
from tui.ui.action.action import Action
from tui.ui.action.hint import GAP
from tui.ui.action.slash import commands_that_begin, commands_that_say
from tui.ui.widgets.list_view import ListView
from tui.ui.widgets.token import Token

MOST = 8
"""Rows it takes at most."""
_COLUMN = 30
_WIDTH = 88

OfferKind = Literal["command", "template", "prompt", "folder", "file", "resource", "path", "value"]


class Offer(Struct, frozen=True):
    """One thing that could be meant: `text` is what it is called, `argument` and `label` say more. Foreign text is clean.

    `takes_more` says whether something must be written behind it; `server` is whose it is, for what a server has.
    """

    kind: OfferKind
    text: str
    argument: str = ""
    label: str = ""
    takes_more: bool = False
    server: str = ""

    @property
    def shown(self) -> str:
        """How it is written."""
        sign = "/" if self.kind in ("command", "template", "prompt") else "" if self.kind in ("path", "value") else "@"
        return f"{sign}{self.text}"


def command_offers(name: str) -> list[Offer]:
    """The slash commands of rillet's own that begin so."""
    return list(map(_offer_of, commands_that_begin(name)))


def offers_that_say(word: str) -> list[Offer]:
    """The slash commands of rillet's own that do what a word says."""
    return list(map(_offer_of, commands_that_say(word)))


def _offer_of(action: Action) -> Offer:
    return Offer("command", action.slash, action.argument, action.label, takes_more=bool(action.argument))


class Completion(ListView):
    """A short list over the page; the composer moves through it.

    Attributes:
        token: What the list was made for.
        keys: What keys do while it is shown.
    """

    DEFAULT_CSS = """
    Completion { layer: over; dock: bottom; display: none; height: auto; max-width: 100%;
        background: $surface; scrollbar-background: $surface; padding: 0 0 0 1; margin: 0 1; }
    """

    keys: ClassVar[Line] = [
        ("Tab", "key"),
        (" take it", "muted"),
        GAP,
        ("↑ ↓", "key"),
        (" choose", "muted"),
        GAP,
        ("Esc", "key"),
        (" close", "muted"),
    ]

    def __init__(self, on_change: Callable[[], object]) -> None:
        super().__init__(self._paint, id="completion")
        self._on_change = on_change
        self.can_focus = False
        self.display = False
        self.token: Token | None = None
        self._column = 12

    def offer(self, token: Token, offers: Sequence[Offer], room_below: int) -> None:
        """Show what fits the token; nothing where nothing does."""
        self.token = token
        self.open(is_open=bool(offers))
        if offers:
            longest = max(len(offer.shown) for offer in offers) + 2
            self._column = min(max(12, longest), _COLUMN if token.kind == "command" else 60)
            self.styles.height = min(MOST, len(offers))
            self.styles.margin = (0, 1, room_below, 1)
            self.styles.width = (
                "100%" if self.app.size.width < _WIDTH + 2 * _COLUMN else _WIDTH
            )  # no torn rests beside it
            self.show(offers, cursor=0)

    def open(self, *, is_open: bool) -> None:
        """Show it, or show it no longer; other keys count then."""
        if is_open != self.display:
            self.display = is_open
            self._on_change()

    def _paint(self, offer: Offer, width: int) -> Line:
        column = min(self._column, max(12, width - 12))
        name = cut(offer.shown, column - 1)
        return [
            (pad(name, column), "accent"),
            *(
                [(pad(offer.argument, max(12, len(offer.argument) + 1)), "muted")]
                if offer.argument or offer.kind == "command"
                else []
            ),
            (offer.label, ""),
        ]
