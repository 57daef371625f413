"""What the page asks its ancestors for, and what it tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from tui.domain.turn import Turn
from tui.ui.notice import Notice
from tui.ui.wish import Wish

if TYPE_CHECKING:
    from tui.page.origin import Strand


class CopyText(Wish):
    """Wish: put text on the clipboard; `what` says in a word or two what it is ("the code")."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what


class OpenLink(Wish):
    """Wish: open an address; only http, https and mailto ever come."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url


class LinkPointed(Notice):
    """Notice: the mouse is over a link with this real target; empty when it has left it."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url


class OpenBlock(Wish):
    """Wish: show a block elsewhere, in the pager or the editor, or save it to a file.

    `language` is what a code block names as its language, empty elsewhere.
    """

    def __init__(self, text: str, language: str, how: Literal["pager", "editor", "save"]) -> None:
        super().__init__()
        self.text = text
        self.language = language
        self.how = how


class ShowToolCall(Wish):
    """Wish: show a tool call of a turn in full."""

    def __init__(self, turn: Turn, index: int) -> None:
        super().__init__()
        self.turn = turn
        self.index = index


class Choice(Struct, frozen=True):
    """One thing that can be done with a block: the id of the action that does it, and what it does to this block."""

    id: str
    words: str


class AboutTurn(Wish):
    """Wish: do something with a turn of the page; `what` is the name that the table of actions gives it."""

    def __init__(self, turn: Turn, what: str) -> None:
        super().__init__()
        self.turn = turn
        self.what = what


class RunAction(Wish):
    """Wish: run an action of the table."""

    def __init__(self, action_id: str) -> None:
        super().__init__()
        self.action_id = action_id


class BlockMenu(Wish):
    """Wish: offer what can be done with the block under the cursor."""

    def __init__(self, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self.choices = choices


class ShowOrigin(Wish):
    """Wish: show the frame that brought a character of a reply; `source` is `None` for what no frame brought.

    With `opens` the wire is opened for it, where it is not open.
    """

    def __init__(self, turn: Turn, source: tuple[Strand, int, int] | None, *, opens: bool) -> None:
        super().__init__()
        self.turn = turn
        self.source = source
        self.opens = opens


class AskFind(Wish):
    """Wish: ask what to find, then call the page's `find`."""


class Found(Notice):
    """Notice: what was looked for is found so many times, and the reader is at this one (from 1; 0 for none).

    As long as it is not whole, it is looked for further.
    """

    def __init__(self, text: str, position: int, count: int, *, is_whole: bool = True) -> None:
        super().__init__()
        self.text = text
        self.position = position
        self.count = count
        self.is_whole = is_whole


class NewBelow(Notice):
    """Notice: so many new lines stand below what is shown; 0 when the reader has seen them."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
