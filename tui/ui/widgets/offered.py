"""What keys do in the composer while something is offered for the word at the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from textual.message import Message

from tui.ui.wish import TakeOffered

if TYPE_CHECKING:
    from tui.ui.widgets.completion import Completion, Offer
    from tui.ui.widgets.token import Token

_KEYS = ("up", "down", "escape", "tab", "enter")
Place = tuple[int, int]
"""A row and a column of what is written."""


class Writer(Protocol):
    """The composer, as far as completing needs it."""

    completion: Completion | None

    @property
    def token(self) -> Token | None:
        """The word at the cursor, where it is one that can be completed."""

    @property
    def cursor_location(self) -> Place:
        """Where the cursor is."""

    def write(self, text: str, /) -> object:
        """Write this instead of what is written."""

    def send(self) -> None:
        """Send what is written."""

    def replace(self, insert: str, start: Place, end: Place, /) -> object:
        """Put something in the place of what stands between two places."""

    def delete(self, start: Place, end: Place, /) -> object:
        """Delete what stands between two places."""

    def post_message(self, message: Message, /) -> bool:
        """Post a wish."""


def take_key(composer: Writer, key: str) -> bool:
    """Move in the list, take what it offers, or close it; whether the key was for it."""
    rows, token = composer.completion, composer.token
    if rows is None or not rows.display or token is None:
        return False
    # It may have been typed faster than the list could follow.
    if rows.token != token and (key not in _KEYS or not _follow(rows, token)):
        return False
    offer = rows.item
    if key in {"up", "down"}:
        rows.action_move(-1 if key == "up" else 1)
    elif key == "escape":
        rows.open(is_open=False)
    elif offer is None or key not in _KEYS:
        return False
    elif token.kind == "value" and key == "enter":  # it sends what is written, and one that an arrow went to
        if rows.cursor:
            _take_place(composer, token, offer)
        composer.send()
    elif token.kind != "command":
        _take_place(composer, token, offer)
    elif key == "tab" or token.text != offer.text:
        composer.write(f"/{offer.text} ")
        if key == "enter" and not offer.takes_more and offer.text.startswith(token.text):
            composer.send()
    else:
        return False
    return True


def _follow(rows: Completion, token: Token) -> bool:
    """Leave in the list what still fits, before the disk or a server has said what else does; whether anything is."""
    from tui.ui.widgets.completion import command_offers

    if token.kind == "command":
        fitting = [offer for offer in rows.items if offer.text.startswith(token.text)] or command_offers(token.text)
    else:
        word, is_named = token.text.lower(), token.kind != "file"  # what is written already needs no offer
        fitting = [
            offer for offer in rows.items if word in offer.text.lower() and not (is_named and offer.text == token.text)
        ]
    rows.offer(token, fitting, 0)
    return bool(fitting)


def _take_place(composer: Writer, token: Token, offer: Offer) -> None:
    """Put a file, a folder, a word or a resource in the place of the word at the cursor."""
    row, column = composer.cursor_location
    start = (row, token.start)
    if offer.kind in ("path", "value"):
        composer.replace(offer.text, start, (row, column))
    elif offer.kind == "folder":
        quote = '"' if " " in offer.text else ""  # what is written behind it goes on with the path
        composer.replace(f"@{quote}{offer.text}", start, (row, column))
    else:
        composer.delete(start, (row, column))
        composer.post_message(TakeOffered(offer))
