"""An action: one thing a person can do, with its name, its words, its keys and what it needs."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

UNBOUND = "nokey"
"""A key that no terminal sends: what an action without keys is bound to, so that the keymap can give it one."""


class Need(Enum):
    """What must be so for an action to make sense; the value says why it makes none where it is not so."""

    IDLE = "a reply is still streaming: {chat.back} stops it"
    RUNNING = "no reply is streaming"
    TURN = "nothing has been asked yet"
    PROMPT = "there is no prompt yet: ask something first"
    REPLY = "there is no reply to copy"
    BRANCHES = "No other branch here: nothing was asked twice"


class Action(Struct, frozen=True):
    """One row of the table.

    Attributes:
        id: The scope it belongs to, a dot, its name: `chat.models`. The keymap of the settings names it by this.
        label: What it does, in words that follow "to": for the help and the palette.
        short: One or two words, for the key bar.
        keys: The keys that run it unless the keymap says otherwise, as Textual names them, with commas between.
        run: The action of the widget that owns the scope; empty where a controller of the screen does it, by `id`.
        slash: Its name as a slash command; empty where it is none.
        argument: What stands behind the slash command, `[IN BRACKETS]` where it may be left out; empty for nothing.
        takes_lines: Whether that may be several lines.
        needs: What must be so for it to make sense.
        is_priority: Whether its keys count before the widget in focus sees them.
        is_about_row: Whether it does something with the row under the cursor of a list, and belongs into its menu.
    """

    id: str
    label: str
    short: str = ""
    keys: str = ""
    run: str = ""
    slash: str = ""
    argument: str = ""
    takes_lines: bool = False
    needs: tuple[Need, ...] = ()
    is_priority: bool = False
    is_about_row: bool = False

    @property
    def scope(self) -> str:
        """Where it applies: the part of the id before the dot."""
        return self.id.partition(".")[0]

    @property
    def textual(self) -> str:
        """The action that Textual runs on the owner of the scope."""
        return self.run or f"do('{self.id}')"

    @property
    def must_have_argument(self) -> bool:
        """Whether its slash command says nothing without what stands behind it."""
        return bool(self.argument) and not self.argument.startswith("[")

    def takes(self, text: str) -> bool:
        """Whether its slash command, written with this text behind it, hands the text over."""
        return bool(self.argument) and (bool(text) or self.must_have_argument)
